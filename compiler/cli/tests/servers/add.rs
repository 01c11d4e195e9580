//! What `add` writes, and what it leaves alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{ORG, Project, recording, recordings};

const LOCK: &str = "catalogs/lock/git@2026.10.19.json";

#[test]
fn the_commands_of_the_readme_work() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let block = readme
        .split("```sh\n")
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.starts_with("mkdir -p my-tools"))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_bailiwick")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-euc", block])
        .current_dir(folder.path())
        .env("PATH", path)
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{out}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        out.contains("writer git:git_log concurrent=16 timeout=30s until=2099-12-31\n"),
        "{out}"
    );
    // Tools that nobody is granted yet are noted.
    assert!(
        !out.contains("error[") && !out.contains("warning["),
        "{out}"
    );
}

#[test]
fn every_recording_becomes_a_catalog_that_check_accepts() {
    let names: Vec<String> = fs::read_dir(recordings())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .collect();
    assert_eq!(names.len(), 34);
    for name in &names {
        let project = Project::new();
        let file = recording(&format!("{name}.json"));
        // Its recorded command line has a token.
        let command: &[&str] = if name == "sentry" {
            &["--", "sentry-mcp"]
        } else {
            &[]
        };
        let out = project
            .run(&[&["add", name, "--from", &file], command].concat())
            .good();
        assert!(out.contains("nothing is deployed or granted"), "{out}");
        assert!(project.read("catalogs/org.kdl").starts_with(ORG), "{name}");
        let overlay =
            format!("overlay dev {{\n    deploy {name}\n    grant bot \"{name}:*\"\n}}\n");
        project.write("catalogs/dev.kdl", &overlay);
        // The grant of everything is warned of, and no error is found.
        let out = project.run(&["check"]).good();
        assert!(!out.contains("error["), "{out}");
        for (path, text) in project.files() {
            for secret in [
                "glpat-dummy",
                "ghp_dummy",
                "xoxb-dummy",
                "sntryu_dummy",
                "EXAMPLEKEY",
            ] {
                assert!(!text.contains(secret), "{path} has {secret}");
            }
        }
    }
}

#[test]
fn a_secret_is_never_written_or_shown() {
    let project = Project::new();
    let file = recording("git.json");
    let run = project.run(&[
        "add",
        "git",
        "--from",
        &file,
        "--env",
        "GIT_TOKEN=hunter2",
        "--env",
        "HOST=ghp_0123456789abcdef0123",
    ]);
    assert!(
        !run.out.contains("hunter2") && !run.out.contains("ghp_"),
        "{run:?}"
    );
    run.good();
    let text = project.read("catalogs/org.kdl");
    assert!(
        text.contains("    secret GIT_TOKEN from=git-secrets key=GIT_TOKEN // review"),
        "{text}"
    );
    assert!(
        text.contains("    secret HOST from=git-secrets key=HOST // review"),
        "{text}"
    );
    for (path, text) in project.files() {
        assert!(
            !text.contains("hunter2") && !text.contains("ghp_"),
            "{path}"
        );
    }
}

#[test]
fn the_team_s_own_file_takes_it_where_there_is_one() {
    let project = Project::new();
    project.write("catalogs/docs/dev.kdl", "overlay dev {}\n");
    let out = project.run(&["add", "git"]).good();
    assert!(out.contains("wrote catalogs/docs/catalog.kdl\n"), "{out}");
    assert!(
        project
            .read("catalogs/docs/catalog.kdl")
            .contains("\nserver git version=")
    );
    assert!(
        project
            .path()
            .join("catalogs/docs/lock/git@2026.10.19.json")
            .is_file()
    );
    assert_eq!(project.read("catalogs/org.kdl"), ORG);
}

#[test]
fn an_image_gives_the_revision_and_its_digest_the_lock() {
    let project = Project::new();
    let digest = format!("sha256:{}", "a".repeat(64));
    let image = format!("registry.example/git:7@{digest}");
    project
        .run(&[
            "add",
            "git",
            "--from",
            &recording("git.json"),
            "--image",
            &image,
        ])
        .good();
    let text = project.read("catalogs/org.kdl");
    assert!(
        text.contains(&format!("server git team=docs {{\n    image \"{image}\"\n")),
        "{text}"
    );
    let lock = project.read("catalogs/lock/git@7.json");
    assert!(
        lock.contains(&format!("    \"digest\": \"{digest}\",\n")),
        "{lock}"
    );
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let project = Project::new();
    project.run(&["add", "git"]).good();
    let before = project.files();
    let file = recording("git.json");
    for (arguments, code, says) in [
        (&["add", "git"][..], 2, "there is a server `git` already"),
        (
            &["add", "nothing"],
            2,
            "no server `nothing` comes with this program (there are: git)",
        ),
        (
            &["add", "x", "--team", "nobody", "--from", &file],
            2,
            "no team `nobody`; there are: docs",
        ),
        (
            &["add", "Bad_Name", "--from", &file],
            2,
            "`Bad_Name` is no name",
        ),
        (
            &["add", "x", "--from", &file, "--revision", "a/b"],
            2,
            "the revision is not",
        ),
        (
            &["add", "x", "--from", "/nowhere.json"],
            2,
            "cannot read `/nowhere.json`",
        ),
        (
            &["add", "x", "--from", &recording("sentry.json")],
            2,
            "looks like a secret (not shown)",
        ),
        (
            &["add", "x", "--from", &file, "--url", "http://x.example/mcp"],
            1,
            "NET001",
        ),
        (
            &["add", "x", "--from", &file, "--env", "hunter2"],
            2,
            "--env takes NAME=VALUE",
        ),
        (
            &["add", "x", "--", "/nowhere/program"],
            2,
            "cannot start `/nowhere/program`",
        ),
    ] {
        let text = project.run(arguments).bad(code);
        assert!(text.contains(says), "{arguments:?}: {text}");
        assert!(
            !text.contains("hunter2") && !text.contains("sntryu"),
            "{text}"
        );
        assert_eq!(project.files(), before, "{arguments:?}");
    }
}

#[test]
fn a_file_with_mistakes_is_left_alone() {
    let project = Project::new();
    project.write("catalogs/org.kdl", &format!("{ORG}server broken {{\n"));
    let before = project.files();
    let text = project.run(&["add", "git", "--team", "docs"]).bad(2);
    assert!(
        text.contains("cannot add to `catalogs/org.kdl`: the file has mistakes"),
        "{text}"
    );
    assert_eq!(project.files(), before);
}

#[test]
fn a_secret_that_is_there_already_stays_as_it_is() {
    let project = Project::new();
    let secret = "server kb team=docs version=\"1\" {\n    command \"kb\"\n    env X \"ghp_0123456789abcdef0123\"\n}\n";
    project.write("catalogs/org.kdl", &format!("{ORG}{secret}"));
    // SEC001 was there before, so it does not keep another server out.
    project.run(&["add", "git"]).bad(1);
    assert!(project.read("catalogs/org.kdl").contains(secret));
    assert!(project.path().join(LOCK).is_file());
}
