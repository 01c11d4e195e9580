//! The compiler and the dispatch server agree with an evaluator that shares no code with them: on small
//! universes, all there are of a shape, and on random ones. Some of them are asked in each run; all, and
//! a million random ones, by `make proofs`.

mod answer;
mod choices;
mod comparison;
mod compiled;
mod evaluator;
mod random;
mod served;
mod small;
mod text;
mod universe;

use std::collections::BTreeSet;
use std::num::NonZero;
use std::thread;

use bailiwick_compiler::{Date, Templates, build, check, runtime_files};
use choices::Choices;
use comparison::{Counts, compare};
use small::{SHAPES, Shape};
use universe::{Arguments, arguments, values};

#[test]
fn some_random_catalogs_agree() {
    let counts = on_random(2_000);
    for kind in [
        "calls that go",
        "catalogs that compile",
        "impossible arguments",
        "suspended permissions",
        "too large arguments",
        "touched ceilings",
        "unknown tools",
        "wrong arguments",
    ] {
        // Else the agreement would be about nothing.
        assert!(counts[kind] > 100, "{kind}: {counts:?}");
    }
}

#[test]
fn a_build_writes_what_was_compared() {
    let today = Date::parse("2027-01-01").unwrap();
    let mut built = 0;
    for seed in 0..200 {
        let all = random::universe(&mut Choices::of_seed(seed));
        let report = check(&text::files(&all), &today).unwrap();
        let Some(checked) = &report.checked else {
            continue;
        };
        for (name, environment) in &report.resolved.environments {
            let compared = runtime_files(&report.resolved.catalog, environment).unwrap();
            let written = build(checked, name, &Templates::shipped()).unwrap().tree;
            for (file, bytes) in &compared {
                let written = written.get(&format!("runtime/{file}"));
                assert!(written == Some(bytes.as_slice()), "{file} of seed {seed}");
            }
            built += 1;
        }
    }
    assert!(built > 20, "only {built}");
}

#[test]
fn some_small_universes_agree() {
    on_small(|shape| shape.step);
}

#[test]
fn some_small_universes_have_each_choice_of_their_shape() {
    for shape in SHAPES {
        let (mut all, mut some) = (BTreeSet::new(), BTreeSet::new());
        for (number, (choices, _)) in shape.universes().enumerate() {
            all.extend(choices.numbered());
            if number.is_multiple_of(shape.step) {
                some.extend(choices.numbered());
            }
        }
        assert_eq!(some, all, "{}", shape.name);
    }
}

#[test]
#[ignore = "run by `make proofs`: takes minutes"]
fn a_million_random_catalogs_agree() {
    println!("{:#?}", on_random(1_000_000));
}

#[test]
#[ignore = "run by `make proofs`: takes minutes"]
fn all_small_universes_agree() {
    println!("{:#?}", on_small(|_| 1));
}

/// Compares random catalogs, of the seeds from 0 on.
fn on_random(catalogs: u64) -> Counts {
    let hold = |seed: u64| {
        let mut choices = Choices::of_seed(seed);
        let difference = random(&mut choices);
        difference.map_err(|_| {
            let mut plain = choices.shrunk(|mut choices| random(&mut choices).is_err());
            let all = random::universe(&mut plain.clone());
            let difference = random(&mut plain).unwrap_err();
            format!(
                "seed {seed}, made plain:\n{}\n{difference}",
                text::kdl(&all)
            )
        })
    };
    shared_out(|thread, threads| {
        let mut counts = Counts::new();
        for seed in (0..catalogs).skip(thread).step_by(threads) {
            add(
                &mut counts,
                hold(seed).unwrap_or_else(|difference| panic!("{difference}")),
            );
        }
        counts
    })
}

/// Makes a random catalog, and compares it with a few calls.
fn random(choices: &mut Choices) -> Result<Counts, String> {
    let all = random::universe(choices);
    let [words, counts] = values().map(|values| values.len());
    let asked: Vec<Arguments> = (0..4)
        .map(|_| arguments(choices.below(words), choices.below(counts)))
        .collect();
    compare(&all, &asked)
}

/// Compares one of so many universes of each shape.
fn on_small(step: fn(&Shape) -> usize) -> Counts {
    shared_out(|thread, threads| {
        let mut counts = Counts::new();
        for shape in SHAPES {
            let (name, step) = (shape.name, step(&shape));
            let universes = shape.universes().skip(thread * step);
            for (_, all) in universes.step_by(threads * step) {
                let compared = compare(&all, &calls(name));
                let compared = compared.unwrap_or_else(|difference| {
                    panic!("of the shape {name}:\n{}\n{difference}", text::kdl(&all))
                });
                *counts.entry(name).or_default() += 1;
                add(&mut counts, compared);
            }
        }
        counts
    })
}

/// The calls that a shape is asked for: all where it is about arguments.
fn calls(shape: &str) -> Vec<Arguments> {
    let [words, counts] = values().map(|values| values.len());
    if shape != "arguments" {
        return vec![arguments(0, 0), arguments(2, 0), arguments(2, 2)];
    }
    let words = 0..words;
    words
        .flat_map(|word| (0..counts).map(move |count| arguments(word, count)))
        .collect()
}

/// Does a part of the work in each of as many threads as there are processors.
fn shared_out(work: impl Fn(usize, usize) -> Counts + Sync) -> Counts {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let mut counts = Counts::new();
    thread::scope(|scope| {
        let work = &work;
        let parts = (0..threads).map(|thread| scope.spawn(move || work(thread, threads)));
        for part in parts.collect::<Vec<_>>() {
            let part = part
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            add(&mut counts, part);
        }
    });
    counts
}

fn add(counts: &mut Counts, more: Counts) {
    for (what, how_often) in more {
        *counts.entry(what).or_default() += how_often;
    }
}
