//! The page of the permission graph in a real browser, a headless Chromium that `.ci/cache` installs.

#![cfg(test)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bailiwick_compiler::answer::Place;
use bailiwick_compiler::picture::{Line, Shape, Sketch, page};
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
#[ignore = "needs the browser that .ci/cache installs"]
fn a_person_finds_filters_and_follows_paths_by_mouse_and_keyboard() {
    let made = run(bailiwick()
        .arg("-C")
        .arg(example("environments"))
        .args(["graph", "--format", "html"]));
    assert_eq!(made.code, Some(0), "{}", made.err);
    visit("use.mjs", &made.out);
}

/// Ends elements, strings and comments, and would say so.
const HOSTILE: &str = "</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=2\">\"'`${1} <!-- \u{2028}";

fn shape(kind: &str, name: &str, team: &str) -> Shape {
    Shape {
        id: format!("{kind}:{name}"),
        kind: kind.into(),
        name: name.into(),
        team: Some(team.into()),
        describe: Some(HOSTILE.into()),
        effect: (kind == "tool").then(|| "read".into()),
        suspended: false,
        place: Some(Place {
            file: HOSTILE.into(),
            line: 1,
        }),
    }
}

fn line(from: usize, to: usize) -> Line {
    Line {
        from,
        relation: "allows".into(),
        to,
        gated: false,
        place: Some(Place {
            file: HOSTILE.into(),
            line: 2,
        }),
    }
}

fn sketch(nodes: Vec<Shape>, edges: Vec<Line>) -> Sketch {
    Sketch {
        version: 1,
        environment: "prod".into(),
        nodes,
        edges,
    }
}

#[test]
#[ignore = "needs the browser that .ci/cache installs"]
fn text_of_the_catalog_is_shown_and_never_run() {
    let nodes = vec![
        shape("agent", HOSTILE, HOSTILE),
        shape("tool", HOSTILE, HOSTILE),
    ];
    let mut hostile = sketch(nodes, vec![line(0, 1)]);
    hostile.environment = HOSTILE.into();
    visit("hostile.mjs", &page(HOSTILE, &[hostile]).unwrap());
}

#[test]
#[ignore = "needs the browser that .ci/cache installs"]
fn a_large_organisation_is_folded_and_quick() {
    let team = |number: usize| format!("team{}", number % 25);
    let mut nodes: Vec<Shape> = (0..500)
        .map(|number| shape("agent", &format!("bot{number}"), &team(number)))
        .collect();
    let mut edges = Vec::new();
    for tool in 0..5000 {
        let name = format!("srv{}:tool{tool}", tool % 250);
        nodes.push(shape("tool", &name, &team(tool)));
        edges.extend([tool / 10, (tool * 7) % 500].map(|agent| line(agent, 500 + tool)));
    }
    visit("large.mjs", &page("acme", &[sketch(nodes, edges)]).unwrap());
}
