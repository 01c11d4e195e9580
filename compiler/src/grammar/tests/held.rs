//! Nothing of the language is dropped silently: each row, with each of its properties, is carried by a
//! named module of the compiler, or refused by ENV017. `held.txt` says which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::grammar::row::Row;
use crate::grammar::rows;
use crate::source::{Disk, Loader as _};

/// A line of the table: the parts of a row that share a fate.
struct Line {
    node: &'static str,
    parts: Vec<&'static str>,
    fate: Fate,
}

enum Fate {
    Carried {
        module: &'static str,
        identifier: &'static str,
    },
    Refused {
        word: &'static str,
    },
    ForPeople,
}

fn lines() -> Vec<Line> {
    let told = include_str!("held.txt").lines();
    told.filter(|line| !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let [node, parts, fate] = columns[..] else {
                panic!("not three columns: {line}")
            };
            let fate = match fate.split(' ').collect::<Vec<_>>()[..] {
                ["carried", module, identifier] => Fate::Carried { module, identifier },
                ["refused", word] => Fate::Refused { word },
                ["for", "people"] => Fate::ForPeople,
                _ => panic!("no such fate: {line}"),
            };
            let parts = parts.split(' ').collect();
            Line { node, parts, fate }
        })
        .collect()
}

fn place(row: &Row) -> String {
    format!("{}/{}", row.under.join(","), row.name)
}

#[test]
fn every_part_of_every_row_has_one_fate() {
    let mut told: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut values = Vec::new();
    for line in lines() {
        for part in line.parts {
            match part.split_once('=') {
                Some((property, _)) => values.push((line.node.to_owned(), property)),
                None => *told.entry((line.node.to_owned(), part)).or_default() += 1,
            }
        }
    }
    assert!(values.iter().all(|value| told.contains_key(value)));
    let rows = rows().flat_map(|row| {
        let properties = row.properties.iter().map(|property| property.name);
        let parts = std::iter::once("itself").chain(properties);
        parts.map(|part| ((place(row), part), 1))
    });
    assert_eq!(told, rows.collect());
}

#[test]
fn what_is_carried_is_known_to_its_module() {
    let disk = Disk::open(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut wrong = Vec::new();
    for line in lines() {
        let Fate::Carried { module, identifier } = line.fate else {
            continue;
        };
        let text = disk.read(&format!("src/{module}"), 1 << 20).unwrap();
        let text = String::from_utf8(text).unwrap();
        let text = without_comments_and_tests(&text);
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        if !words.any(|word| word == identifier) {
            wrong.push(format!("{}: no `{identifier}` in {module}", line.node));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a module does; its comments and tests carry nothing.
fn without_comments_and_tests(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let lines = code.lines().map(|line| {
        let mut marks = line
            .match_indices("//")
            .filter_map(|(at, _)| line.get(..at));
        // What follows a colon is a URL.
        marks.find(|code| !code.ends_with(':')).unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_only_a_comment_or_a_test_says_is_not_carried() {
    let module = "//! Owners.\nlet url = \"https://a/b\"; // codeowners\n    /// Teams.\n#[cfg(test)]\nmod tests {\n    idp\n}\n";
    let code = without_comments_and_tests(module);
    assert_eq!(code, "\nlet url = \"https://a/b\"; \n    ");
}

/// The snapshot is what the compiler says of a catalog that has them all.
#[test]
fn what_is_refused_is_refused_by_env017_and_nothing_else_is() {
    let refused = lines().into_iter().filter_map(|line| match line.fate {
        Fate::Refused { word } => Some(word.to_owned()),
        Fate::Carried { .. } | Fate::ForPeople => None,
    });
    let disk = Disk::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    let shown = disk.read("snapshots/checks/ENV017.snap", 1 << 20).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    let said = shown.lines().filter_map(|line| {
        let message = line.strip_prefix("error[ENV017 not-enforced]: `")?;
        Some(message.split_once('`')?.0.to_owned())
    });
    assert_eq!(refused.collect::<BTreeSet<_>>(), said.collect());
}
