//! Mistakes planted into an organisation in which nothing is wrong: each is found, with its code, at its
//! place, and nothing else is but what its kind names. `make proofs` plants thousands, and prints a table.

#![cfg(test)]
#![expect(
    clippy::string_slice,
    reason = "places are bytes, and at borders of characters"
)]

mod judge;
mod kind;
mod kinds;
mod plant;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bailiwick_organisation::{Dice, Organisation};

use judge::{compile, judge};
use kind::Kind;
use plant::{Files, plant, sites};

/// Tools of the organisations that mistakes are planted into.
const TOOLS: usize = 100;

/// Organisations that are planted into.
const SEEDS: u64 = 12;

#[test]
fn planted_mistakes_are_found_where_they_are() {
    expect_all_exact(&run(2));
}

#[test]
#[ignore = "run by `make proofs`: takes minutes"]
fn thousands_of_planted_mistakes_are_found_where_they_are() {
    let all = run(40);
    print(&all);
    let planted = planted(&all);
    assert!(planted >= 5_000, "only {planted} could be planted");
    expect_all_exact(&all);
}

#[test]
fn another_code_another_place_and_anything_else_are_not_exact() {
    const WRONG_PORT: Kind = Kind::new(
        "LNG005",
        "a port that there is none",
        "support/catalog.kdl",
        "port=8082",
        "port=«98765»",
    );
    let files = Organisation::new(TOOLS, 1).files;
    let verdict = |kind: &Kind, other: Option<(&str, &str)>| {
        let [site] = &*sites(&files, kind) else {
            panic!("one place");
        };
        let mut plant = plant(&files, kind, site, &mut Dice::new(1)).unwrap();
        if let Some((right, wrong)) = other {
            let text = plant.changed.get_mut(&plant.path).unwrap();
            assert!(text.contains(right));
            *text = text.replacen(right, wrong, 1);
        }
        judge(kind, &plant, &compile(&files, &plant.changed)).is_ok()
    };
    assert!(verdict(&WRONG_PORT, None));
    let others = [
        ("another code", Some("LNG006"), WRONG_PORT.put),
        ("another place", WRONG_PORT.code, "«port=98765»"),
        ("a mistake where none was planted", None, WRONG_PORT.put),
        ("none where one was", WRONG_PORT.code, "port=«8083»"),
    ];
    for (what, code, put) in others {
        let kind = Kind {
            code,
            put,
            ..WRONG_PORT
        };
        assert!(!verdict(&kind, None), "{what}");
    }
    // A second mistake is something else, unless it was named.
    let second = Some(("content=trusted", "content=trustedd"));
    assert!(!verdict(&WRONG_PORT, second));
    let named = WRONG_PORT.implies(&[("LNG006", "this is a control")]);
    assert!(verdict(&named, second));
}

#[test]
fn the_page_says_how_many_kinds_imply_something_else() {
    let all = kinds::ALL.iter().copied().flatten();
    let implying = all.filter(|kind| !kind.implied.is_empty()).count();
    let said = format!("{implying} kinds name such codes");
    let page = include_str!("../../../docs/planted-mistakes.md");
    assert!(page.contains(&said), "the page does not say `{said}`");
}

/// What came of the plants of one kind.
struct Tried {
    kind: &'static Kind,
    planted: usize,
    /// What was found instead, of each plant that was not found exactly.
    wrong: Vec<String>,
}

fn planted(all: &[Tried]) -> usize {
    all.iter().map(|one| one.planted).sum()
}

fn print(all: &[Tried]) {
    for Tried {
        kind,
        planted,
        wrong,
    } in all
    {
        let exact = planted - wrong.len();
        println!(
            "{:<8}{:<60}{exact:>5} of {planted}",
            kind.code.unwrap_or("-"),
            kind.what
        );
    }
    let planted = planted(all);
    let wrong: usize = all.iter().map(|one| one.wrong.len()).sum();
    let codes: BTreeSet<_> = all.iter().filter_map(|one| one.kind.code).collect();
    println!(
        "{} of {planted} exact, {} kinds, {} codes",
        planted - wrong,
        all.len(),
        codes.len()
    );
}

fn expect_all_exact(all: &[Tried]) {
    let wrong = all.iter().filter_map(|one| {
        let first = one.wrong.first()?;
        Some(format!(
            "{} {}: {} of {} wrong, the first:\n{first}",
            one.kind.code.unwrap_or("-"),
            one.kind.what,
            one.wrong.len(),
            one.planted,
        ))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unplanted = all.iter().filter(|one| one.planted == 0);
    let unplanted: Vec<&str> = unplanted.map(|one| one.kind.what).collect();
    assert_eq!(unplanted, [""; 0], "could not be planted");
}

/// Plants each kind so many times, each time elsewhere.
fn run(times: usize) -> Vec<Tried> {
    let organisations: Vec<Files> = (1..=SEEDS)
        .map(|seed| Organisation::new(TOOLS, seed).files)
        .collect();
    let kinds: Vec<&'static Kind> = kinds::ALL.iter().copied().flatten().collect();
    let next = AtomicUsize::new(0);
    let tried = Mutex::new(BTreeMap::new());
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(kind) = kinds.get(index) else {
                break;
            };
            let of_kind = run_kind(&organisations, kind, times, index);
            tried.lock().unwrap().insert(index, of_kind);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    tried.into_inner().unwrap().into_values().collect()
}

fn run_kind(organisations: &[Files], kind: &'static Kind, times: usize, stream: usize) -> Tried {
    let all = organisations.iter().enumerate();
    let mut all: Vec<(usize, (String, usize))> = all
        .flat_map(|(index, files)| {
            sites(files, kind)
                .into_iter()
                .map(move |site| (index, site))
        })
        .collect();
    let mut dice = Dice::new(stream as u64);
    let (mut planted, mut wrong) = (0, Vec::new());
    while planted < times && !all.is_empty() {
        let (organisation, site) = all.swap_remove(dice.below(all.len()));
        let files = &organisations[organisation];
        let Some(plant) = plant(files, kind, &site, &mut dice) else {
            continue;
        };
        planted += 1;
        let report = compile(files, &plant.changed);
        wrong.extend(judge(kind, &plant, &report).err());
    }
    Tried {
        kind,
        planted,
        wrong,
    }
}
