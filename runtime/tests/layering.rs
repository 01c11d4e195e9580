//! What the dispatch server must never be able to do, held against its sources and its dependencies.

#![cfg(test)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of the later steps the earlier ones may not name: what comes before identity knows nothing
/// of permissions, and what decides knows nothing of sending.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "edge",
        &[
            "identity",
            "view",
            "policy",
            "arguments",
            "limits",
            "audit",
            "dispatch",
            "walk",
        ],
    ),
    (
        "identity",
        &[
            "view",
            "policy",
            "arguments",
            "limits",
            "audit",
            "dispatch",
            "walk",
        ],
    ),
    (
        "json",
        &[
            "edge",
            "identity",
            "view",
            "policy",
            "arguments",
            "limits",
            "audit",
            "dispatch",
            "walk",
        ],
    ),
    (
        "policy",
        &["arguments", "limits", "audit", "dispatch", "walk"],
    ),
    ("limits", &["audit", "dispatch", "walk"]),
    (
        "listener",
        &[
            "identity",
            "view",
            "policy",
            "arguments",
            "limits",
            "audit",
            "dispatch",
        ],
    ),
    ("dispatch", &["policy", "arguments", "limits", "walk"]),
];

#[test]
fn earlier_steps_do_not_name_later_ones() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let own = file.iter().next().unwrap().to_str().unwrap();
        let own = own.strip_suffix(".rs").unwrap_or(own);
        let later = FORBIDDEN.iter().find(|(module, _)| *module == own);
        for module in later.into_iter().flat_map(|(_, modules)| *modules) {
            if text.contains(&format!("crate::{module}::")) {
                wrong.push(format!("{} names {module}", file.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_steps_that_may_not_be_named_are_there() {
    let sources = sources();
    for module in FORBIDDEN
        .iter()
        .flat_map(|(own, later)| std::iter::once(own).chain(*later))
    {
        let is_there =
            |file: &Path| file.starts_with(module) || file == Path::new(&format!("{module}.rs"));
        assert!(
            sources.iter().any(|(file, _)| is_there(file)),
            "no module {module}"
        );
    }
}

#[test]
fn no_source_starts_a_process() {
    for (file, text) in sources() {
        for word in [
            "process::Command",
            "tokio::process",
            "rustix::runtime",
            "fork(",
        ] {
            assert!(!text.contains(word), "{} has {word}", file.display());
        }
    }
}

#[test]
fn no_dependency_brings_child_processes_along() {
    let tree = tree("bailiwick-runtime");
    assert!(
        tree.contains("tokio feature \"net\""),
        "the control: {tree}"
    );
    for part in [
        "tokio feature \"process\"",
        "rmcp feature \"transport-child-process\"",
        "rmcp feature \"client\"",
        "bailiwick-bridge",
        "bailiwick-compiler",
        "kdl v",
        "minijinja v",
    ] {
        assert!(!tree.contains(part), "dispatch depends on {part}");
    }
}

#[test]
fn the_bridge_does_have_child_processes() {
    // Otherwise the test above would prove nothing.
    assert!(tree("bailiwick-bridge").contains("tokio feature \"process\""));
}

/// What a package is built of, with features.
fn tree(package: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--edges",
            "normal,features",
            "--prefix",
            "none",
        ])
        .args(["--package", package])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Every source file but tests, by its path below `src`.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let inside = path.strip_prefix(&root).unwrap().to_owned();
            let name = inside.file_name().unwrap().to_string_lossy().into_owned();
            if name == "tests" || name == "tests.rs" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                found.push((inside, code.to_owned()));
            }
        }
    }
    found.sort();
    found
}
