//! What tests of the command line share: the program, copies of the examples, whole folders.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test uses a part of it"
)]

pub(crate) mod dev;
pub(crate) mod trace;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program.
pub(crate) fn bailiwick() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bailiwick"))
}

/// What a run said and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(command: &mut Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Ran {
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// Where an example is.
pub(crate) fn example(name: &str) -> PathBuf {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    examples.join(name).canonicalize().unwrap()
}

/// The files below a folder, by path.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Writes files below a folder, in the order given.
pub(crate) fn write<'f>(
    folder: &Path,
    files: impl IntoIterator<Item = (&'f PathBuf, &'f Vec<u8>)>,
) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// A catalog with one agent, one server and one environment without a cluster. The server is a
/// program of ours, so that `dev` can serve it; `more` is added to the catalog.
pub(crate) fn small_catalog(folder: &Path, more: &str) {
    let catalogs = folder.join("catalogs");
    fs::create_dir_all(catalogs.join("lock")).unwrap();
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/server.py");
    let text = format!(
        r#"catalog acme language=1
team support

environment dev

server kb team=support version="1" {{
    command "python3" "{}"
    tool get_article effect=read reads=internal content=trusted
    tool drop_article effect=write reads=internal content=trusted
}}

agent helper team=support {{
    identity kubernetes namespace=agents service-account=helper
}}

overlay dev {{
    deploy kb
    grant helper kb:get_article {{
        limit 600 per="1m"
    }}
{more}}}
"#,
        server.display()
    );
    fs::write(catalogs.join("org.kdl"), text).unwrap();
    let schema = serde_json::json!({
        "type": "object",
        "properties": { "shelf": { "type": "string" } },
    });
    let lock = serde_json::json!({
        "command": ["python3", server],
        "protocol": "2025-11-25",
        "revision": "1",
        "server": "kb",
        "tools": [
            { "inputSchema": schema, "name": "drop_article" },
            { "inputSchema": schema, "name": "get_article" },
        ],
    });
    let text = serde_json::to_string_pretty(&lock).unwrap() + "\n";
    fs::write(catalogs.join("lock/kb@1.json"), text).unwrap();
}
