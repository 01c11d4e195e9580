//! The worst that accepted schemas do: prints how long values of 64 KiB take, for the worst schemas that are found.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops when something is wrong"
)]

#[path = "../tests/families/mod.rs"]
mod families;
#[path = "../tests/hostile/mod.rs"]
mod hostile;

use std::time::{Duration, Instant};

use bailiwick_schema::{LONGEST_VALUE, Schema};
use serde_json::Value;

/// Schemas that are made from seeds.
const SEEDS: u64 = 3_000;

/// Values that each of them is held against.
const VALUES: usize = 12;

/// Characters of a schema that are printed.
const SHOWN: usize = 100;

fn main() {
    let mut worst = Worst::default();
    for (name, schema, values) in families::accepted() {
        if let Ok(compiled) = Schema::compile(&schema) {
            for value in values {
                worst.hold(&compiled, &value, name, &schema);
            }
        } else {
            panic!("{name} is not accepted");
        }
    }
    worst.print("the largest accepted schema of each family");
    let mut worst = Worst::default();
    let mut accepted = 0;
    for seed in 0..SEEDS {
        let mut dice = hostile::Dice::new(seed);
        let schema = hostile::schema(&mut dice);
        let Ok(compiled) = Schema::compile(&schema) else {
            continue;
        };
        accepted += 1;
        for _ in 0..VALUES {
            let bytes = usize::try_from(LONGEST_VALUE).unwrap();
            let value = hostile::value(&mut dice, bytes);
            worst.hold(&compiled, &value, "random", &schema);
        }
    }
    println!("{accepted} of {SEEDS} random schemas are accepted");
    worst.print("random schemas");
}

#[derive(Default)]
struct Worst {
    found: Vec<(Duration, Duration, String, String)>,
}

impl Worst {
    /// The best of three: what the schema takes, and not what else the machine does.
    fn hold(&mut self, compiled: &Schema, value: &Value, name: &str, schema: &Value) {
        let best = |work: &dyn Fn() -> bool| {
            let times = (0..3).map(|_| {
                let start = Instant::now();
                std::hint::black_box(work());
                start.elapsed()
            });
            times.min().unwrap_or_default()
        };
        let valid = best(&|| compiled.is_valid(value));
        let whole = best(&|| compiled.mistakes(value).is_none());
        self.found
            .push((whole.max(valid), valid, name.to_owned(), schema.to_string()));
    }

    fn print(&mut self, what: &str) {
        self.found.sort_by(|one, other| other.cmp(one));
        let Some((whole, ..)) = self.found.first() else {
            return;
        };
        println!(
            "{what}: {} values, the worst takes {:.2} ms",
            self.found.len(),
            ms(*whole)
        );
        let mut shown: Vec<&str> = Vec::new();
        for (whole, valid, name, schema) in &self.found {
            if shown.len() == 8 {
                break;
            }
            if shown.contains(&schema.as_str()) {
                continue;
            }
            shown.push(schema);
            let text: String = schema.chars().take(SHOWN).collect();
            println!(
                "  {:.2} ms, of it {:.2} ms to see whether it fits: {name}: {text}",
                ms(*whole),
                ms(*valid)
            );
        }
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
