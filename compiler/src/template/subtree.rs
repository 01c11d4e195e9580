//! Whole subtrees on their way through the text of a template: each is one YAML string with a mark
//! before its JSON, since YAML takes ten times as long to read as many small pieces.

use minijinja::value::{Value as TemplateValue, ValueKind};
use minijinja::{Error, ErrorKind, Output, State, escape_formatter};
use serde_json::Value;

/// Begins the text of a subtree. No text of a catalog may begin so: it is no character.
const MARK: char = '\u{fdd0}';

/// Writes a value into the text of a template: subtrees marked, all else as JSON.
pub(super) fn write(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &TemplateValue,
) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Map | ValueKind::Seq => {
            let failed = |error| {
                Error::new(ErrorKind::BadSerialization, "a value has no JSON form").with_source(error)
            };
            let json = serde_json::to_string(value).map_err(failed)?;
            let marked = serde_json::to_string(&format!("{MARK}{json}")).map_err(failed)?;
            out.write_str(&marked).map_err(Error::from)
        }
        ValueKind::String if value.as_str().is_some_and(|text| text.starts_with(MARK)) => {
            let message = "a text begins with U+FDD0, which is no character";
            Err(Error::new(ErrorKind::InvalidOperation, message))
        }
        _ => escape_formatter(out, state, value),
    }
}

/// Puts the subtrees back in the place of their text.
pub(super) fn unfold(value: &mut Value) {
    match value {
        Value::String(text) => {
            // What a template marks itself is held like all else that it writes.
            if let Some(json) = text.strip_prefix(MARK)
                && let Ok(subtree) = serde_json::from_str(json)
            {
                *value = subtree;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unfold),
        Value::Object(members) => members.values_mut().for_each(unfold),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
