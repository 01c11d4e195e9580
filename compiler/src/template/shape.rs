//! Reads what templates write once for each shape of it. Objects of one kind differ mostly in their values, so
//! values are left out of the text that is read, and put into the tree that it gives.
//!
//! What comes out is what reading the whole text would give: whatever is out of the ordinary gives no tree here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Serde, Value as TemplateValue, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, escape_formatter};
use serde_json::Value;

use super::emit::is_simple;
use super::subtree::MARK;
use crate::backend::Manifest;

/// The statements of a template whose text goes nowhere but into the output.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// The shapes that were read so far, by their text; none for a text that is out of the ordinary.
#[derive(Debug, Default)]
pub(super) struct Shapes(Mutex<BTreeMap<String, Option<Arc<Shape>>>>);

/// The documents of a text, a marked number in the place of each value.
type Shape = Vec<Value>;

/// The values that a template writes, in their order.
#[derive(Debug, Default)]
struct Holes(Vec<Value>);

/// Whether a template writes all its text into its output: nothing in it looks at text with holes.
pub(super) fn is_straight(template: &str) -> bool {
    // A loop may give its own text to itself.
    if template.contains("recursive") {
        return false;
    }
    template.split("{%").skip(1).all(|statement| {
        let words = statement.trim_start_matches(['-', '+']).trim_start();
        let word = words.split(|character: char| !character.is_ascii_alphanumeric());
        word.take(1).all(|word| STATEMENTS.contains(&word))
    })
}

/// Writes a value into the text of a template: text and subtrees leave a hole with their number.
pub(super) fn leave_hole(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &TemplateValue,
) -> Result<(), Error> {
    // Anything written as it is could look like a hole.
    let is_raw = value.is_safe();
    if !is_raw
        && !matches!(
            value.kind(),
            ValueKind::Map | ValueKind::Seq | ValueKind::String
        )
    {
        return escape_formatter(out, state, value);
    }
    let value = serde_json::to_value(value)
        .ok()
        .filter(|value| !is_raw && is_simple(value));
    let Some(value) = value else {
        let message = "a value is out of the ordinary";
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    };
    let Holes(holes) = state.get_or_insert_extension(Holes::default());
    let number = holes.len();
    holes.push(value);
    write!(out, "\"{MARK}{number}\"").map_err(Error::from)
}

impl Shapes {
    /// The documents that a straight template of `environment`, which leaves holes, makes of `manifest`; none
    /// when something is out of the ordinary.
    pub(super) fn documents(
        &self,
        environment: &Environment<'_>,
        manifest: &Manifest,
    ) -> Option<Vec<Value>> {
        let template = environment.get_template(manifest.template).ok()?;
        let mut rendered = template.render_captured(Serde(&manifest.values)).ok()?;
        let holes = rendered.with_state_mut(|state| {
            let holes = state.get_extension_mut::<Holes>();
            holes.map(std::mem::take).unwrap_or_default()
        });
        let Holes(mut holes) = holes;
        let shape = self.shape(rendered.into_output(), holes.len())?;
        let documents = shape.iter().map(|document| filled(document, &mut holes));
        Some(documents.collect())
    }

    fn shape(&self, text: String, holes: usize) -> Option<Arc<Shape>> {
        // A mark in the template's own text is no hole, and must not be taken for another template's.
        if text.matches(MARK).count() != holes {
            return None;
        }
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shape) = known().get(&text) {
            return shape.clone();
        }
        let shape = read(&text, holes).map(Arc::new);
        known().insert(text, shape.clone());
        shape
    }
}

/// The shape of a text in which each hole is a value of its own.
fn read(text: &str, holes: usize) -> Option<Shape> {
    // A tag would be about the hole in the place of its value, and an escape could write a hole.
    if text.contains(['!', '\\']) {
        return None;
    }
    let documents: Shape = serde_saphyr::from_multiple(text).ok()?;
    let mut seen = vec![false; holes];
    let all = documents
        .iter()
        .all(|document| are_values(document, &mut seen));
    (all && seen.into_iter().all(|seen| seen)).then_some(documents)
}

/// Whether every mark in `value` is a hole as a whole, not seen before.
fn are_values(value: &Value, seen: &mut [bool]) -> bool {
    match value {
        Value::String(text) if text.contains(MARK) => hole(text)
            .and_then(|number| seen.get_mut(number))
            .is_some_and(|seen| !std::mem::replace(seen, true)),
        Value::Array(items) => items.iter().all(|item| are_values(item, seen)),
        Value::Object(members) => members
            .iter()
            .all(|(name, value)| !name.contains(MARK) && are_values(value, seen)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// A copy of `shape` with the values in their places.
fn filled(shape: &Value, holes: &mut [Value]) -> Value {
    match shape {
        Value::String(text) => match hole(text).and_then(|number| holes.get_mut(number)) {
            Some(value) => value.take(),
            None => shape.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, holes)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(name, value)| (name.clone(), filled(value, holes)))
                .collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => shape.clone(),
    }
}

/// The number of the hole that a text is.
fn hole(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(MARK)?;
    // No sign, no zero in front.
    let number: usize = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

#[cfg(test)]
mod tests;
