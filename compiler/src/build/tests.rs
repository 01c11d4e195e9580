//! The examples, compiled.

mod size;
mod suspension;
mod teams;
mod variety;
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;
use crate::source::{Disk, Loader, Memory};
use crate::{Date, check};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The catalog that a folder holds.
fn checked(loader: &dyn Loader) -> Checked {
    let report = check(loader, &Date::parse("2026-12-01").unwrap()).unwrap();
    report
        .checked
        .unwrap_or_else(|| panic!("{:?}", report.findings))
}

fn example(name: &str) -> Disk {
    Disk::open(&root("examples").join(name)).unwrap()
}

/// The digest of the images of catalogs that are written in these tests, where it is called `DIGEST`.
const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A catalog of one file, with definition files of its servers.
fn written(text: &str, locks: impl IntoIterator<Item = (String, String)>) -> Memory {
    let mut files: Memory = locks.into_iter().collect();
    files.insert("catalogs/org.kdl", text.replace("DIGEST", DIGEST));
    files
}

/// The definition file of a server with one tool, and with members that say where it is from.
fn lock(server: &str, revision: &str, origin: &Value) -> (String, String) {
    let mut lock = json!({
        "protocol": "2025-11-25",
        "revision": revision,
        "server": server,
        "tools": [{ "name": "read", "inputSchema": { "type": "object" } }],
    });
    let members = lock.as_object_mut().unwrap();
    members.extend(origin.as_object().unwrap().clone());
    let path = format!("catalogs/lock/{server}@{revision}.json");
    (path, lock.to_string())
}

/// The definition file of a server that is an image.
fn image_lock(server: &str, revision: &str) -> (String, String) {
    lock(
        server,
        revision,
        &json!({ "image": image(server, revision) }),
    )
}

fn image(server: &str, revision: &str) -> Value {
    json!({ "digest": DIGEST, "reference": format!("registry.example/{server}:{revision}") })
}

/// The objects in a file, by kind.
fn objects(tree: &OutputTree, path: &str) -> BTreeMap<String, Value> {
    let text = std::str::from_utf8(tree.get(path).unwrap()).unwrap();
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    let by_kind = |object: Value| (object["kind"].as_str().unwrap().to_owned(), object);
    documents.into_iter().map(by_kind).collect()
}

/// Every environment of a catalog with its files.
fn built(loader: &dyn Loader) -> BTreeMap<String, OutputTree> {
    let checked = checked(loader);
    let names = checked.environments().keys();
    names
        .map(|name| {
            let built = build(&checked, name, &Templates::shipped()).unwrap();
            (name.to_string(), built.tree)
        })
        .collect()
}

/// `make generated` writes them.
#[test]
fn the_examples_are_as_committed() {
    for example_name in ["environments", "quickstart"] {
        for (name, tree) in built(&example(example_name)) {
            let folder = root("snapshots/examples").join(example_name).join(&name);
            assert_eq!(tree.verify(&folder).unwrap(), [], "{example_name} {name}");
        }
    }
}

/// The example's files by path, each with its bytes.
fn files(loader: &dyn Loader) -> Vec<(String, Vec<u8>)> {
    let paths = loader.list("catalogs").unwrap();
    paths
        .into_iter()
        .map(|path| {
            let bytes = loader.read(&path, 1 << 20).unwrap();
            (path, bytes)
        })
        .collect()
}

/// A loader that lists files in another order than by name.
struct Shuffled(Memory, Vec<String>);

impl Loader for Shuffled {
    fn list(&self, _: &str) -> Result<Vec<String>, crate::source::LoadError> {
        Ok(self.1.clone())
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, crate::source::LoadError> {
        self.0.read(path, limit)
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    let files = files(&example("environments"));
    let expected = built(&example("environments"));
    let mut paths: Vec<String> = files.iter().map(|(path, _)| path.clone()).collect();
    for step in 0..paths.len() {
        paths.rotate_left(1);
        let middle = paths.len() / 2;
        paths.swap(step % middle, middle);
        let memory: Memory = files.iter().cloned().collect();
        let shuffled = Shuffled(memory, paths.clone());
        assert_eq!(built(&shuffled), expected);
    }
}

/// Text that tries to leave its string, as the value of a variable and an argument.
const HOSTILE: [&str; 12] = [
    "x\\nkind: Secret",
    "---",
    "no",
    "012",
    "1e3",
    "12:30",
    "2026-11-25",
    "*anchor",
    "!!binary aGk=",
    "{{ namespace }}",
    "{% for x in y %}",
    "$(HOME) $$ ${x}",
];

#[test]
fn hostile_values_arrive_as_they_are_written() {
    let mut files = files(&example("environments"));
    let (_, catalog) = files
        .iter_mut()
        .find(|(path, _)| path.ends_with("support/catalog.kdl"))
        .unwrap();
    let lines = HOSTILE.iter().enumerate();
    let lines: Vec<String> = lines
        .map(|(number, text)| format!("    env HOSTILE_{number:02} \"{text}\"\n"))
        .collect();
    let lines = lines.concat();
    let text = String::from_utf8(std::mem::take(catalog)).unwrap();
    let mark = "    secret CONTEXT7_API_KEY";
    *catalog = text.replace(mark, &format!("{lines}{mark}")).into_bytes();
    let memory: Memory = files.into_iter().collect();
    let trees = built(&memory);
    let text = trees["prod"].get("namespace/mcp-context7.yaml").unwrap();
    let text = std::str::from_utf8(text).unwrap();
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    let deployment = documents
        .iter()
        .find(|one| one["kind"] == "Deployment")
        .unwrap();
    let env = &deployment["spec"]["template"]["spec"]["containers"][0]["env"];
    let found: Vec<&str> = env
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["name"].as_str().unwrap().starts_with("HOSTILE_"))
        .map(|one| one["value"].as_str().unwrap())
        .collect();
    // Kubernetes reads `$$` as a dollar sign.
    let expected = HOSTILE.map(|text| text.replace("\\n", "\n").replace('$', "$$"));
    assert_eq!(found, expected);
}
