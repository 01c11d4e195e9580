//! Recorded lists of tools of real servers become catalogs that `check` accepts and `build` compiles, and
//! what changed between two of them is shown field by field.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bailiwick_compiler::environment::{Lockable, lockable};
use bailiwick_compiler::lock::{DefinitionFile, Origin, Recording, definition_digest, path_of};
use bailiwick_compiler::proposal::{Proposal, append};
use bailiwick_compiler::review::review;
use bailiwick_compiler::source::Memory;
use bailiwick_compiler::{Date, Report, Templates, build, check};

/// What `check` has to say of real servers when every tool is granted. All else is a surprise.
const FINDINGS: &[(&str, &str, &str)] = &[
    (
        "gitlab",
        "TOL025",
        "`bot` sees 201 tools, about 88494 tokens of definitions, in dev",
    ),
    (
        "gitlab",
        "SEC005",
        "`gitlab:approve_merge_request` at `/inputSchema/properties/approval_password`: asks the model for a secret, which then stands in its context",
    ),
    (
        "gitlab",
        "SEC005",
        "`gitlab:download_attachment` at `/inputSchema/properties/secret`: asks the model for a secret, which then stands in its context",
    ),
    (
        "mongodb",
        "TOL025",
        "`bot` sees 49 tools, about 60225 tokens of definitions, in dev",
    ),
    (
        "mongodb",
        "SEC005",
        "`mongodb:atlas-create-db-user` at `/inputSchema/properties/password`: asks the model for a secret, which then stands in its context",
    ),
    (
        "mongodb",
        "SEC005",
        "`mongodb:atlas-streams-build` at `/inputSchema/properties/connectionConfig/properties/authentication/properties/password`: asks the model for a secret, which then stands in its context",
    ),
    (
        "mongodb",
        "SEC005",
        "`mongodb:atlas-streams-manage` at `/inputSchema/properties/connectionConfig/properties/authentication/properties/password`: asks the model for a secret, which then stands in its context",
    ),
    (
        "notion",
        "TOL025",
        "`bot` sees 24 tools, about 44798 tokens of definitions, in dev",
    ),
];

const HEAD: &str = "\
catalog acme language=1
team docs
environment dev

agent bot team=docs {
    identity kubernetes namespace=docs service-account=bot
}
";

/// One recording in a catalog that grants all of it.
struct Recorded {
    files: Memory,
    definitions: DefinitionFile,
    recording: Recording,
}

impl Recorded {
    fn new(name: &str, recording: Recording) -> Self {
        let definitions = locked(name, &recording, &recording.revision.clone().unwrap());
        let tools = definitions.tools_by_name().unwrap();
        let block = Proposal {
            server: name,
            team: Some("docs"),
            revision: &definitions.revision,
            origin: &definitions.origin(),
            variables: &recording.variables,
            tools: &tools,
        }
        .to_kdl()
        .unwrap();
        let org = append(HEAD, &block).unwrap();
        let overlay =
            format!("overlay dev {{\n    deploy {name}\n    grant bot \"{name}:*\"\n}}\n");
        let mut files = Memory::default();
        files.insert("catalogs/org.kdl", org);
        files.insert("catalogs/dev.kdl", overlay);
        let path = path_of("catalogs/org.kdl", name, &definitions.revision);
        files.insert(path, definitions.to_text().unwrap());
        Self {
            files,
            definitions,
            recording,
        }
    }

    fn check(&self) -> Report {
        check(&self.files, &Date::parse("2026-12-01").unwrap()).unwrap()
    }

    fn lockable(&self) -> (Lockable, Report) {
        let report = self.check();
        let mut all = lockable(&report.resolved.catalog, &report.sources);
        (all.remove(0), report)
    }
}

/// The definition file of a recording. A secret on its command line is left out, as a user must do.
fn locked(name: &str, recording: &Recording, revision: &str) -> DefinitionFile {
    let words = recording.origin.command.iter().flatten();
    let origin = Origin {
        command: Some(
            words
                .filter(|word| !word.contains("token="))
                .cloned()
                .collect(),
        ),
        ..Origin::default()
    };
    recording.listing.locked(name, revision, &origin, None)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

fn read(path: &Path) -> Recording {
    Recording::parse(&fs::read(path).unwrap()).unwrap()
}

/// Recordings in a folder by the name of their file.
fn recordings(folder: &Path) -> BTreeMap<String, Recording> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|end| end == "json"));
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, read(&path))
        })
        .collect()
}

#[test]
fn every_recording_becomes_a_catalog_that_grants_all_of_it() {
    let all = recordings(&folder());
    assert_eq!(all.len(), 34);
    let templates = Templates::shipped();
    let mut found = Vec::new();
    for (name, recording) in all {
        let recorded = Recorded::new(&name, recording);
        let report = recorded.check();
        // That one agent may do everything that a server can is noted as what it is: by the checks of grants and flows.
        let of_servers = report.findings.iter();
        for finding in of_servers.filter(|finding| {
            !["GRA", "FLO", "LIM"].contains(&finding.check.code.get(..3).unwrap_or_default())
        }) {
            found.push((name.clone(), finding.check.code, finding.message.clone()));
        }
        let Some(checked) = &report.checked else {
            continue;
        };
        let built = build(checked, "dev", &templates).unwrap();
        let permissions = built.tree.get("permissions.txt").unwrap().to_owned();
        let lines = String::from_utf8(permissions).unwrap().lines().count();
        assert_eq!(lines, recorded.definitions.tools.len(), "{name}");
        // What was recorded is what is locked, and nothing is lost on the way through the file.
        let text = recorded.definitions.to_text().unwrap();
        let file = DefinitionFile::parse(text.as_bytes()).unwrap();
        let mut was: Vec<_> = digests(&recorded.recording.listing.tools);
        let mut is: Vec<_> = digests(&file.tools);
        was.sort();
        is.sort();
        assert_eq!(was, is, "{name}");
    }
    let expected: Vec<_> = FINDINGS
        .iter()
        .map(|(name, code, message)| ((*name).to_owned(), *code, (*message).to_owned()))
        .collect();
    assert_eq!(found, expected);
}

fn digests(tools: &[Box<serde_json::value::RawValue>]) -> Vec<String> {
    tools
        .iter()
        .map(|tool| definition_digest(tool).unwrap().to_string())
        .collect()
}

#[test]
fn what_changed_from_revision_to_revision_is_shown_field_by_field() {
    for (file, old) in recordings(&folder().join("drift")) {
        let (name, _) = file.split_once('@').unwrap();
        let new = read(&folder().join(name).with_extension("json"));
        snapshot(&format!("drift-{file}"), &shown(name, old, &new));
    }
}

#[test]
fn what_an_option_of_the_server_changes_is_shown_field_by_field() {
    for (file, varied) in recordings(&folder().join("variants")) {
        let (name, _) = file.split_once("--").unwrap();
        let base = read(&folder().join(name).with_extension("json"));
        snapshot(&format!("variant-{file}"), &shown(name, base, &varied));
    }
}

#[test]
fn a_server_that_is_as_it_was_has_nothing_to_accept() {
    for (name, recording) in recordings(&folder()) {
        let again = recording.clone();
        assert_eq!(shown(&name, recording, &again), "", "{name}");
    }
}

/// What `lock` says when a server that is locked as `old`, with a line for each tool, gives `new`.
fn shown(name: &str, old: Recording, new: &Recording) -> String {
    let recorded = Recorded::new(name, old);
    let (one, report) = recorded.lockable();
    let given = locked(name, new, &one.revision);
    let review = review(
        &report.resolved.catalog,
        &one,
        Some(&recorded.definitions),
        &given,
    )
    .unwrap();
    let mut text = String::new();
    for tool in &review.added {
        text.extend(["+ ", tool, "\n"]);
    }
    for tool in &review.removed {
        text.extend(["- ", tool, "\n"]);
    }
    for (tool, finding) in &review.changed {
        text.extend(["~ ", tool, "\n"]);
        if finding.notes.is_empty() {
            let (_, change) = finding.message.split_once(": ").unwrap();
            text.extend(["    ", change, "\n"]);
        }
        for note in &finding.notes {
            text.extend(["    ", note, "\n"]);
        }
    }
    text
}

fn snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/lock");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}
