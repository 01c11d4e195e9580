//! Mistakes planted into an organisation in which nothing is wrong: each is found, with its code, at its
//! place, and nothing else is.
//!
//! `cargo test --release -p bailiwick-compiler --test planted -- --ignored --nocapture` plants thousands
//! and prints a table.

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
    run(2).expect_all_exact();
}

#[test]
#[ignore = "thousands: see above"]
fn thousands_of_planted_mistakes_are_found_where_they_are() {
    let outcome = run(40);
    outcome.print();
    let planted: usize = outcome.0.iter().map(|(_, planted, _)| planted).sum();
    assert!(planted >= 5_000, "only {planted} could be planted");
    outcome.expect_all_exact();
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
    let other_code = Kind {
        code: Some("LNG006"),
        ..WRONG_PORT
    };
    assert!(!verdict(&other_code, None));
    let other_place = Kind {
        put: "«port=98765»",
        ..WRONG_PORT
    };
    assert!(!verdict(&other_place, None));
    let no_mistake = Kind {
        code: None,
        ..WRONG_PORT
    };
    assert!(!verdict(&no_mistake, None));
    let not_there = Kind {
        put: "port=«8083»",
        ..WRONG_PORT
    };
    assert!(!verdict(&not_there, None));
    // A second mistake is something else, unless it was named.
    let second = Some(("content=trusted", "content=trustedd"));
    assert!(!verdict(&WRONG_PORT, second));
    let named = WRONG_PORT.implies(&[("LNG006", "this is a control")]);
    assert!(verdict(&named, second));
}

/// What came of all plants, by kind.
struct Outcome(Vec<(&'static Kind, usize, Vec<String>)>);

impl Outcome {
    fn print(&self) {
        for (kind, planted, wrong) in &self.0 {
            let exact = planted - wrong.len();
            println!(
                "{:<8}{:<60}{exact:>5} of {planted}",
                kind.code.unwrap_or("-"),
                kind.what
            );
        }
        let planted: usize = self.0.iter().map(|(_, planted, _)| planted).sum();
        let wrong: usize = self.0.iter().map(|(.., wrong)| wrong.len()).sum();
        let codes: BTreeSet<_> = self.0.iter().filter_map(|(kind, ..)| kind.code).collect();
        println!(
            "{} of {planted} exact, {} kinds, {} codes",
            planted - wrong,
            self.0.len(),
            codes.len()
        );
    }

    fn expect_all_exact(&self) {
        let wrong = self.0.iter().filter(|(.., wrong)| !wrong.is_empty());
        let wrong = wrong.map(|(kind, planted, wrong)| {
            format!(
                "{} {}: {} of {planted} wrong, the first:\n{}",
                kind.code.unwrap_or("-"),
                kind.what,
                wrong.len(),
                wrong[0]
            )
        });
        let wrong: Vec<String> = wrong.collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let unplanted = self.0.iter().filter(|(_, planted, _)| *planted == 0);
        let unplanted: Vec<&str> = unplanted.map(|(kind, ..)| kind.what).collect();
        assert_eq!(unplanted, [""; 0], "could not be planted");
    }
}

/// Plants each kind so many times, each time elsewhere.
fn run(times: usize) -> Outcome {
    let organisations: Vec<Files> = (1..=SEEDS)
        .map(|seed| Organisation::new(TOOLS, seed).files)
        .collect();
    let kinds: Vec<&'static Kind> = kinds::ALL.iter().copied().flatten().collect();
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(BTreeMap::new());
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(kind) = kinds.get(index) else {
                break;
            };
            let (planted, wrong) = run_kind(&organisations, kind, times, index);
            outcomes
                .lock()
                .unwrap()
                .insert(index, (*kind, planted, wrong));
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    Outcome(outcomes.into_inner().unwrap().into_values().collect())
}

/// How many were planted, and what was wrong.
fn run_kind(
    organisations: &[Files],
    kind: &Kind,
    times: usize,
    stream: usize,
) -> (usize, Vec<String>) {
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
    (planted, wrong)
}
