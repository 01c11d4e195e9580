//! What `lock` shows, refuses and writes.

use crate::project::{ORG, Project, recording};

const LOCK: &str = "catalogs/lock/git@2026.10.19.json";

const SERVER: &str = "
server git team=docs version=\"2026.10.19\" {
    command \"mcp-server-git\" \"--repository\" \".\"
    tool git_log effect=read reads=internal content=untrusted
    tool git_commit effect=write reads=internal content=trusted
}

overlay dev {
    deploy git
    grant bot git:git_log
}
";

/// A hand-written catalog, locked from a recording.
fn locked() -> Project {
    let project = Project::new();
    project.write("catalogs/org.kdl", &format!("{ORG}{SERVER}"));
    project
        .run(&["lock", "--from", &recording("git.json")])
        .good();
    project
}

#[test]
fn the_first_lock_of_a_catalog_has_nothing_to_accept() {
    let project = Project::new();
    project.write("catalogs/org.kdl", &format!("{ORG}{SERVER}"));
    let text = project.run(&["check"]).bad(1);
    assert!(text.contains("LCK001"), "{text}");
    let out = project
        .run(&["lock", "--from", &recording("git.json")])
        .good();
    // Then comes what `check` says of a catalog in which not every tool is granted.
    let (out, checked) = out.split_once("note[").unwrap();
    assert!(checked.starts_with("GRA002"), "{checked}");
    assert_eq!(
        out,
        "\
git@2026.10.19: 12 tools, not locked before
  ! `git:git_add` at `/inputSchema/properties/repo_path`: accepts text of any length, on a tool that can write (TOL009 unbounded-input)
  ! `git:git_branch` at `/inputSchema/properties/repo_path`: accepts text of any length, on a tool that can write (TOL009 unbounded-input)
  ! `git:git_checkout` at `/inputSchema/properties/repo_path`: accepts text of any length, on a tool that can write (TOL009 unbounded-input)
    and of 8 more tools (TOL009)
  ! `git:git_add` at `/inputSchema`: accepts undeclared properties (TOL010 open-object)
  ! `git:git_branch` at `/inputSchema`: accepts undeclared properties (TOL010 open-object)
  ! `git:git_checkout` at `/inputSchema`: accepts undeclared properties (TOL010 open-object)
    and of 9 more tools (TOL010)
wrote catalogs/lock/git@2026.10.19.json
"
    );
    let again = project
        .run(&["lock", "--from", &recording("git.json")])
        .good();
    assert!(
        again.starts_with("git@2026.10.19: 12 tools\nnote[GRA002"),
        "{again}"
    );
}

#[test]
fn a_change_is_shown_and_written_only_when_it_is_accepted() {
    let project = locked();
    let before = project.files();
    let old = recording("drift/git@2025.9.25.json");
    let refused = project.run(&["lock", "git", "--from", &old]).bad(1);
    assert!(
        refused.contains("error[LCK002 tool-changed]: `git:git_log` changed since it was reviewed"),
        "{refused}"
    );
    assert!(refused.contains("--accept git:git_log`"), "{refused}");
    assert!(refused.contains("nothing was written\n"), "{refused}");
    assert_eq!(project.files(), before);
    let partly = ["lock", "git", "--from", &old, "--accept", "git:git_log"];
    let refused = project.run(&partly).bad(1);
    assert!(
        refused.contains("~ git:git_log changed, accepted"),
        "{refused}"
    );
    assert!(
        refused.contains("`git:git_commit` changed since"),
        "{refused}"
    );
    assert_eq!(project.files(), before);
    let out = project
        .run(&["lock", "git", "--from", &old, "--accept-all"])
        .good();
    assert!(
        out.contains("wrote catalogs/lock/git@2026.10.19.json\n"),
        "{out}"
    );
    assert_ne!(project.files(), before);
}

#[test]
fn a_new_revision_is_held_against_the_nearest_one() {
    let project = locked();
    project.edit("catalogs/org.kdl", "2026.10.19", "2026.11.1");
    let text = project.run(&["check"]).bad(1);
    assert!(text.contains("LCK001"), "{text}");
    let out = project
        .run(&["lock", "--from", &recording("git.json"), "--prune"])
        .good();
    assert!(
        out.contains("git@2026.11.1: 12 tools, compared with revision 2026.10.19\n"),
        "{out}"
    );
    assert!(
        out.contains("wrote catalogs/lock/git@2026.11.1.json\n"),
        "{out}"
    );
    assert!(out.contains(&format!("removed {LOCK}\n")), "{out}");
    assert!(!project.path().join(LOCK).exists());
}

#[test]
fn a_new_tool_needs_accepting_only_where_it_has_a_line() {
    let project = locked();
    let without = project.read(LOCK);
    let mut live: serde_json::Value = serde_json::from_str(&without).unwrap();
    let new = |name: &str| serde_json::json!({"name": name, "inputSchema": {"type": "object"}});
    live["tools"].as_array_mut().unwrap().push(new("git_push"));
    project.write("live.json", &live.to_string());
    let out = project.run(&["lock", "--from", "live.json"]).good();
    assert!(
        out.contains("  + git:git_push is new; it has no line and is reachable by nobody\n"),
        "{out}"
    );
    live["tools"].as_array_mut().unwrap().push(new("git_tag"));
    project.write("live.json", &live.to_string());
    project.edit(
        "catalogs/org.kdl",
        "    tool git_commit",
        "    tool git_tag\n    tool git_commit",
    );
    let text = project.run(&["lock", "--from", "live.json"]).bad(1);
    assert!(
        text.contains("`git:git_tag` changed since it was reviewed: the tool is new"),
        "{text}"
    );
    project
        .run(&["lock", "--from", "live.json", "--accept", "git:git_tag"])
        .good();
}

#[test]
fn a_lock_that_was_edited_is_seen() {
    let project = locked();
    project.run(&["build"]).good();
    project.run(&["build", "--check"]).good();
    project.edit(LOCK, "Shows the commit logs", "Shows all the commit logs");
    let text = project.run(&["build", "--check"]).bad(1);
    assert!(text.contains("LCK009"), "{text}");
    let text = project
        .run(&["lock", "--from", &recording("git.json")])
        .bad(1);
    assert!(
        text.contains(
            "only the words of `git:git_log` changed since they were reviewed: description changed"
        ),
        "{text}"
    );
    assert!(!text.contains("Shows all"), "{text}");
}

#[test]
fn a_lock_that_does_not_fit_is_no_lock() {
    for (from, to, says) in [
        (
            "\"revision\"",
            "\"extra\": 1, \"revision\"",
            "the file is not valid: unknown field `extra`",
        ),
        (
            "\"protocol\"",
            "\"protocol\": \"x\", \"protocol\"",
            "is there twice",
        ),
        (
            "{\n  \"command\"",
            "{{\n  \"command\"",
            "the file is not valid",
        ),
        ("\"--repository\"", "\"--elsewhere\"", "`command` differs"),
        (
            "\"2026.10.19\",\n  \"server\"",
            "\"2026.10.18\",\n  \"server\"",
            "the file is of `git@2026.10.18`",
        ),
        ("\"git\"", "\"got\"", "the file is of `got@2026.10.19`"),
    ] {
        let project = locked();
        project.edit(LOCK, from, to);
        let text = project.run(&["check"]).bad(1);
        let code = if says == "is there twice" {
            "error[TOL023 duplicate-json-key]"
        } else {
            "error[LCK001 not-locked]"
        };
        assert!(text.contains(code) && text.contains(says), "{from}: {text}");
        // A failing catalog builds nothing.
        project.run(&["build"]).bad(1);
    }
}

#[test]
fn a_damaged_lock_is_replaced_only_when_all_is_accepted() {
    let project = locked();
    project.write(LOCK, "{");
    let before = project.files();
    let text = project
        .run(&["lock", "--from", &recording("git.json")])
        .bad(1);
    assert!(
        text.contains("cannot be read, so nothing says what was accepted"),
        "{text}"
    );
    assert_eq!(project.files(), before);
    project
        .run(&["lock", "--from", &recording("git.json"), "--accept-all"])
        .good();
    project.run(&["check"]).good();
}

#[test]
fn a_lock_that_was_removed_is_missed() {
    let project = locked();
    std::fs::remove_file(project.path().join(LOCK)).unwrap();
    let text = project.run(&["check"]).bad(1);
    assert!(
        text.contains("LCK001") && text.contains("the file does not exist"),
        "{text}"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let project = locked();
    for (arguments, says) in [
        (
            &["lock", "nothing"][..],
            "no server `nothing` in the catalog",
        ),
        (
            &["lock", "git", "--accept", "git_log"],
            "--accept takes SERVER:TOOL",
        ),
        (
            &["lock", "git", "--from", "/nowhere.json"],
            "cannot read `/nowhere.json`",
        ),
        (
            &["lock", "git", "--from", LOCK, "--revision", "9"],
            "has the revision `9`",
        ),
    ] {
        let text = project.run(arguments).bad(2);
        assert!(text.contains(says), "{arguments:?}: {text}");
    }
}
