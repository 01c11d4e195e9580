//! Modules are the pipeline, and arrows point down: a module uses those before it, never those after.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    clippy::string_slice,
    reason = "it reads the sources themselves, and cuts them where it found ASCII"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The pipeline, first to last.
const LAYERS: &[&str] = &[
    "parallel",
    "xml",
    "script",
    "source",
    "date",
    "diagnostic",
    "syntax",
    "grammar",
    "model",
    "lock",
    "narrowing",
    "environment",
    "graph",
    "assertion",
    "checks",
    "review",
    "proposal",
    "bundle",
    "backend",
    "answer",
    "picture",
    "template",
    "output",
    "build",
    "workspace",
];

/// Arrows that point up, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "grammar",
    "model",
    "typed values are the model's words: names, patterns, durations",
)];

#[test]
fn the_map_has_every_module_in_this_order() {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md");
    let map = std::fs::read_to_string(map).unwrap();
    let (_, table) = map.split_once("\n## Modules of the compiler\n").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let modules: Vec<&str> = rows.map(|row| row.split_once('`').unwrap().0).collect();
    assert_eq!(modules, LAYERS);
}

#[test]
fn arrows_point_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for file in rust_files(&src) {
        let inside = file.strip_prefix(&src).unwrap();
        let own = inside.iter().next().unwrap().to_str().unwrap();
        let own = own.strip_suffix(".rs").unwrap_or(own);
        let is_test = inside
            .iter()
            .any(|part| part == "tests" || part == "tests.rs");
        if own == "lib" || is_test {
            continue;
        }
        let layer = position(own).unwrap_or_else(|| panic!("`{own}` is missing in LAYERS"));
        let text = std::fs::read_to_string(&file).unwrap();
        for other in modules_used(&text) {
            let Some(target) = position(&other) else {
                continue;
            };
            if target > layer {
                let excepted = EXCEPTIONS
                    .iter()
                    .find(|(from, to, _)| *from == own && *to == other);
                match excepted {
                    Some(exception) => drop(used.insert(exception)),
                    None => wrong.push(format!("{} uses {other}", inside.display())),
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "arrows that point up");
    assert_eq!(
        used.len(),
        EXCEPTIONS.len(),
        "an exception is not needed any more"
    );
}

#[test]
fn an_arrow_that_points_up_is_seen() {
    let text = "use crate::output::OutputTree;\nfn f() { crate::backend::g() }\n";
    let found: Vec<String> = modules_used(text).into_iter().collect();
    assert_eq!(found, ["backend", "output"]);
    let text = "use crate::{model::{self, Name}, checks};\n";
    let found: Vec<String> = modules_used(text).into_iter().collect();
    assert_eq!(found, ["checks", "model"]);
}

#[test]
fn naming_a_problem_is_no_arrow_but_calling_a_check_is() {
    let found = |text: &str| modules_used(text).into_iter().collect::<Vec<_>>();
    let none = Vec::<String>::new();
    assert_eq!(
        found("use crate::checks::names::{BAD_NAME, NOT_VISIBLE};"),
        none
    );
    let text = "use crate::checks::{language, limits};\nf(&language::BAD_UNIT);";
    assert_eq!(found(text), none);
    assert_eq!(found("use crate::checks::names::bad_name;"), ["checks"]);
    assert_eq!(
        found("use crate::checks::{names};\nnames::check();"),
        ["checks"]
    );
    assert_eq!(found("use crate::checks::Checked;"), ["checks"]);
}

fn position(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| *layer == module)
}

/// Modules of the crate root that a file names, tests at its end left out. The constants of `checks`
/// are names of problems that every phase may say; only its functions are a phase of their own.
fn modules_used(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if names_a_problem(rest, &code) {
            continue;
        }
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(first_words(group));
        } else {
            found.insert(word(rest).to_owned());
        }
    }
    found
}

/// Whether a path only names problems: `checks::<group>::<CONSTANT>`, or groups of which the file then
/// uses nothing but constants.
fn names_a_problem(path: &str, code: &str) -> bool {
    let Some(rest) = path.strip_prefix("checks::") else {
        return false;
    };
    let Some(groups) = rest.strip_prefix('{') else {
        let (group, items) = rest.split_once("::").unwrap_or((rest, ""));
        return group.chars().all(|letter| letter.is_ascii_lowercase())
            && match items.strip_prefix('{') {
                Some(items) => first_words(items).iter().all(|item| is_constant(item)),
                None => is_constant(word(items)),
            };
    };
    first_words(groups).iter().all(|group| {
        let inside = format!("{group}::");
        let uses = code.match_indices(&inside);
        uses.map(|(at, _)| word(&code[at + inside.len()..]))
            .all(is_constant)
    })
}

fn is_constant(word: &str) -> bool {
    let mut letters = word.chars();
    !word.is_empty()
        && letters
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// First words of the items of a `use` group, up to its closing brace.
fn first_words(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut words = Vec::new();
    let mut fresh = true;
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            _ if letter.is_whitespace() => {}
            _ if fresh => {
                words.push(word(&group[at..]).to_owned());
                fresh = false;
            }
            _ => {}
        }
    }
    words
}

fn word(text: &str) -> &str {
    let end = text
        .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .unwrap_or(text.len());
    &text[..end]
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
