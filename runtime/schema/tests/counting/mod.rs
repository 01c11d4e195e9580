//! A validator that counts the schemas which it enters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jsonschema::{Keyword, PatternOptions, ValidationError, Validator};
use serde_json::Value;

/// Fewest nanoseconds that the bound counts for a schema that is entered.
pub(crate) const ENTERED: u64 = 4;

/// A validator as dispatch has it, with a counter.
pub(crate) struct Counting {
    validator: Validator,
    entered: Arc<AtomicU64>,
}

impl Counting {
    /// None for what the validator does not take as a schema.
    pub(crate) fn new(schema: &Value) -> Option<Self> {
        let entered = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&entered);
        let mut counted = schema.clone();
        count(&mut counted);
        let validator = jsonschema::options()
            .offline()
            .with_pattern_options(PatternOptions::regex())
            .with_keyword("x-entered", move |_, _, _| {
                Ok(Box::new(Counter(Arc::clone(&counter))))
            })
            .build(&counted)
            .ok()?;
        Some(Self { validator, entered })
    }

    /// How many schemas are entered to hold `value` against all of it.
    pub(crate) fn entered(&self, value: &Value) -> u64 {
        self.entered.store(0, Ordering::Relaxed);
        // Only what it took is asked.
        std::hint::black_box(self.validator.is_valid(value));
        self.entered.load(Ordering::Relaxed)
    }
}

struct Counter(Arc<AtomicU64>);

impl<'i> Keyword<'i> for Counter {
    fn validate(&self, _: &'i Value) -> Result<(), ValidationError<'i>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn is_valid(&self, _: &'i Value) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        true
    }
}

/// Puts the counter into each schema, and into each object that holds schemas by name, where it is a name that no
/// value has.
fn count(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (name, inside) in members.iter_mut() {
                if !["enum", "const", "required", "dependentRequired"].contains(&name.as_str()) {
                    count(inside);
                }
            }
            members.insert("x-entered".into(), true.into());
        }
        Value::Array(items) => items.iter_mut().for_each(count),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
