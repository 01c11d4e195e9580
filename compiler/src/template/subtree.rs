//! Whole subtrees on their way through the text of a template: each is one YAML string with a mark
//! before its JSON, since YAML takes ten times as long to read as many small pieces.

use minijinja::value::{Value as TemplateValue, ValueKind};
use minijinja::{Error, ErrorKind, Output, State, escape_formatter};
use serde_json::Value;

/// Begins the text of a subtree. No text of a catalog may begin so: it is no character.
pub(super) const MARK: char = '\u{fdd0}';

/// Writes a value into the text of a template: subtrees marked, all else as JSON.
pub(super) fn write(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &TemplateValue,
) -> Result<(), Error> {
    if matches!(value.kind(), ValueKind::Map | ValueKind::Seq) {
        let failed = |error| {
            Error::new(ErrorKind::BadSerialization, "a value has no JSON form").with_source(error)
        };
        let json = serde_json::to_string(value).map_err(failed)?;
        let marked = serde_json::to_string(&format!("{MARK}{json}")).map_err(failed)?;
        return out.write_str(&marked).map_err(Error::from);
    }
    if value.as_str().is_some_and(|text| text.starts_with(MARK)) {
        let message = "a text begins with U+FDD0, which is no character";
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    escape_formatter(out, state, value)
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

#[cfg(test)]
mod tests {
    use minijinja::{AutoEscape, Environment, context};
    use serde_json::json;

    use super::*;

    fn rendered(template: &str, value: &Value) -> Result<Value, String> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Json);
        environment.set_formatter(write);
        let value = minijinja::value::Serde(value);
        let text = environment
            .render_str(template, context! { value })
            .map_err(|error| error.to_string())?;
        let mut read = serde_saphyr::from_str(&text).map_err(|error| error.to_string())?;
        unfold(&mut read);
        Ok(read)
    }

    #[test]
    fn a_subtree_arrives_as_it_was() {
        let value = json!({
            "a": [1, -2, true, null, "no", "x\ny: z", "\u{fdd0}[1]", {}],
            "é\u{2028}": { "b": [[], "---"] },
        });
        assert_eq!(
            rendered("top: {{ value }}", &value),
            Ok(json!({ "top": value }))
        );
        assert_eq!(
            rendered("list: [{{ value }}, {{ value.a }}]", &value),
            Ok(json!({ "list": [value, value["a"]] }))
        );
    }

    #[test]
    fn a_text_that_begins_like_a_subtree_is_refused() {
        let value = json!("\u{fdd0}{\"kind\": \"Secret\"}");
        let error = rendered("top: {{ value }}", &value).unwrap_err();
        assert!(error.contains("U+FDD0"), "{error}");
    }
}
