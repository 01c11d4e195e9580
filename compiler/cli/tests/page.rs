//! The page of the permission graph in a real browser, a headless Chromium that `.ci/cache` installs.

#![cfg(test)]

#[path = "../../src/picture/tests/sketches.rs"]
mod sketches;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bailiwick_compiler::answer::Place;
use bailiwick_compiler::picture::{Line, Shape, Sketch, page};
use sketches::{HOSTILE, hostile, large, line};
use support::{bailiwick, example, run};

/// Where the browser and the client that drives it are.
fn browser() -> PathBuf {
    let cache = std::env::var("BAILIWICK_CACHE").map_or_else(
        |_| Path::new(&std::env::var("HOME").unwrap()).join(".cache/bailiwick"),
        PathBuf::from,
    );
    let found = fs::read_dir(cache).unwrap();
    let mut found = found.map(|entry| entry.unwrap().path()).filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("browser-") && path.join("whole").exists()
    });
    found
        .next()
        .expect("run `make test` once: it installs the browser")
}

/// Runs one script against one page; it fails with what is wrong.
fn visit(script: &str, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("graph.html");
    fs::write(&file, text).unwrap();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page");
    let mut command = Command::new("node");
    command.arg(scripts.join(script)).arg(browser()).arg(&file);
    let ran = run(&mut command);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.ends_with("all held\n"), "{}", ran.out);
}

#[test]
#[ignore = "run by `make test`: needs the browser that .ci/cache installs"]
fn a_person_finds_filters_and_follows_paths_by_mouse_and_keyboard() {
    let made = run(bailiwick()
        .arg("-C")
        .arg(example("environments"))
        .args(["graph", "--format", "html"]));
    assert_eq!(made.code, Some(0), "{}", made.err);
    visit("use.mjs", &made.out);
}

#[test]
#[ignore = "run by `make test`: needs the browser that .ci/cache installs"]
fn text_of_the_catalog_is_shown_and_never_run() {
    let mut hostile = hostile();
    hostile.edges[0].place = Some(Place {
        file: HOSTILE.into(),
        line: 2,
    });
    visit("hostile.mjs", &page(HOSTILE, &[hostile]).unwrap());
}

#[test]
#[ignore = "run by `make test`: needs the browser that .ci/cache installs"]
fn a_large_organisation_is_folded_and_quick() {
    let mut sketch = large(500);
    // Each tool has an agent of another team too.
    let more = (0..5000).map(|tool| line((tool * 7) % 500, "allows", 500 + tool));
    sketch.edges.extend(more);
    visit("large.mjs", &page("acme", &[sketch]).unwrap());
}
