//! Whether the arguments of a call are what the locked definition wants.

use std::sync::Arc;

use bailiwick_schema::{splice, splice_text};
use http::HeaderMap;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::dispatch::Mirror;
use crate::policy::Permit;
use crate::refusal::{Reason, Refusal};

/// A compiled `inputSchema`. It reads no file and no URL, and makes no more work than the compiler lets it.
#[derive(Debug)]
pub(crate) struct Schema {
    schema: bailiwick_schema::Schema,
    /// Arguments that a modern server wants to see in a header too.
    mirrors: Vec<Mirror>,
}

/// Why an `inputSchema` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// It is not JSON.
    #[error("not JSON")]
    Json(#[from] serde_json::Error),
    /// It is not a schema, refers to something outside itself, or makes too much work.
    #[error("not a schema that may be used")]
    Schema(#[from] bailiwick_schema::SchemaError),
}

/// Evidence that arguments fit the definition. Only `check` makes one.
///
/// ```compile_fail,E0451
/// # use bailiwick_runtime::arguments::Valid;
/// fn forge(valid: Valid) -> Valid {
///     Valid { ..valid }
/// }
/// ```
/// The same without the private fields compiles:
/// ```
/// # use bailiwick_runtime::arguments::Valid;
/// fn pass(valid: Valid) -> Valid {
///     valid
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Valid {
    permit: Permit,
    written: Option<Box<RawValue>>,
    read: Map<String, Value>,
    mirrored: HeaderMap,
}

/// Holds the arguments, as they were sent, against the definition. `repeated` are the headers
/// that must repeat some of them; none where the client's protocol knows no such headers.
pub(crate) fn check(
    permit: Permit,
    written: Option<Box<RawValue>>,
    repeated: Option<&HeaderMap>,
) -> Result<Valid, Refusal> {
    let entry = permit.entry();
    let refuse = |reason, text| Refusal::tool(Arc::clone(entry), reason, text);
    let text = written.as_deref().map_or("{}", RawValue::get);
    if text.len() > entry.max_args {
        let problem = format!(
            "The arguments have {} bytes of JSON; at most {} are allowed.",
            text.len(),
            entry.max_args
        );
        return Err(refuse(Reason::ArgumentsTooLarge, problem));
    }
    let mut value: Value = serde_json::from_str(text).unwrap_or_default();
    if !value.is_object() {
        let problem = "The arguments are not a JSON object.".to_owned();
        return Err(refuse(Reason::InvalidArguments, problem));
    }
    if let Some(mistakes) = entry.schema().mistakes(&value) {
        return Err(refuse(Reason::InvalidArguments, mistakes));
    }
    let mut read = value
        .as_object_mut()
        .map(std::mem::take)
        .unwrap_or_default();
    let agree = |headers| {
        let mut mirrors = entry.schema().mirrors.iter();
        mirrors.all(|mirror| mirror.agrees(headers, &read))
    };
    if !repeated.is_none_or(agree) {
        let problem = "An `Mcp-Param-*` header does not repeat its argument.".to_owned();
        return Err(refuse(Reason::HeaderMismatch, problem));
    }
    let fixed = entry.fixed();
    let mut whole = None;
    if !fixed.is_empty() {
        // The narrowed schema lets nothing through that they do not fit into.
        whole = splice_text(text, fixed).and_then(|text| RawValue::from_string(text).ok());
        if whole.is_none() || !splice(&mut read, fixed) {
            let problem = "An argument that is fixed has no place in these arguments.".to_owned();
            return Err(refuse(Reason::InvalidArguments, problem));
        }
    }
    let mirrors = entry.definition.schema().mirrors.iter();
    let mirrored = mirrors.filter_map(|mirror| mirror.of(&read));
    Ok(Valid {
        mirrored: mirrored.collect(),
        permit,
        written: whole.or(written),
        read,
    })
}

impl Valid {
    /// What allows the call.
    pub(crate) fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The arguments as they were sent, with the fixed ones; none when there are none.
    pub(crate) fn written(&self) -> Option<&RawValue> {
        self.written.as_deref()
    }

    /// The headers that a modern server wants to see arguments in too.
    pub(crate) fn mirrored(&self) -> &HeaderMap {
        &self.mirrored
    }

    /// Takes the arguments by name. They can need a hundred times the memory of their text, so they
    /// must not wait for the server.
    pub(crate) fn take_read(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.read)
    }
}

impl Schema {
    /// Compiles the text of an `inputSchema`.
    pub(crate) fn compile(text: &str) -> Result<Self, SchemaError> {
        let schema: Value = serde_json::from_str(text)?;
        let compiled = bailiwick_schema::Schema::compile(&schema)?;
        Ok(Self {
            schema: compiled,
            mirrors: Mirror::all(&schema),
        })
    }

    /// What is wrong with `arguments`, for the model to read; none when they fit.
    fn mistakes(&self, arguments: &Value) -> Option<String> {
        let mut text = String::from("The arguments do not fit the tool's input schema.");
        for mistake in self.schema.mistakes(arguments)? {
            text.push_str("\n- ");
            text.push_str(&mistake);
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Schema, SchemaError};

    #[test]
    fn each_mistake_has_a_line() {
        let schema = json!({"properties": {"pin": {"type": "integer"}}, "required": ["to"]});
        let schema = Schema::compile(&schema.to_string()).unwrap();
        assert_eq!(
            schema.mistakes(&json!({"pin": "hunter2"})).unwrap(),
            "The arguments do not fit the tool's input schema.\n\
             - At the arguments: \"to\" is a required property\n\
             - At `/pin`: the value is not of type \"integer\""
        );
        assert_eq!(schema.mistakes(&json!({"pin": 1, "to": ""})), None);
    }

    #[test]
    fn a_schema_that_may_not_be_used_does_not_compile() {
        let elsewhere = json!({"$ref": "https://example.com/schema.json"});
        let costly = json!({"properties": {"a": {"pattern": r"^(?=(a+)+$)(a|aa)+\1b$"}}});
        for schema in [elsewhere, costly] {
            assert!(
                matches!(
                    Schema::compile(&schema.to_string()),
                    Err(SchemaError::Schema(_))
                ),
                "{schema}"
            );
        }
    }
}
