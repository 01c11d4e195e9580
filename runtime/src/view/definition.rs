//! One locked tool definition: its text, its schema, where its name stands.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use bailiwick_config::Digest;
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::arguments::{Schema, SchemaError};

/// A tool definition of the lock, compiled.
#[derive(Debug)]
pub struct Definition {
    text: Box<str>,
    name: Range<usize>,
    input_schema: Range<usize>,
    digest: Digest,
    schema: Schema,
}

/// Why a definition cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// It is not a JSON object with each member once.
    #[error("not an object with each member once")]
    Object(#[source] serde_json::Error),
    /// It is not the tool that it is filed under.
    #[error("its name is not the one it is filed under")]
    Name,
    /// It has no `inputSchema`.
    #[error("it has no `inputSchema`")]
    NoSchema,
    /// Its `inputSchema` does not compile.
    #[error("its `inputSchema` cannot be used")]
    Schema(#[source] SchemaError),
}

impl Definition {
    /// Compiles the definition `raw` of the tool that its server calls `tool`.
    pub(crate) fn compile(tool: &str, raw: &RawValue) -> Result<Self, DefinitionError> {
        let text = raw.get();
        let Members { name, schema } = serde_json::Deserializer::from_str(text)
            .deserialize_map(MembersVisitor)
            .map_err(DefinitionError::Object)?;
        let name = name.ok_or(DefinitionError::Name)?;
        let written: String =
            serde_json::from_str(name.get()).map_err(|_| DefinitionError::Name)?;
        if written != tool {
            return Err(DefinitionError::Name);
        }
        let schema = schema.ok_or(DefinitionError::NoSchema)?;
        // They are slices of `text`, so the difference of their addresses is an offset in it.
        let place = |part: &RawValue| {
            let start = part.get().as_ptr().addr() - text.as_ptr().addr();
            start..start + part.get().len()
        };
        Ok(Self {
            name: place(name),
            input_schema: place(schema),
            digest: Digest::of(text.as_bytes()),
            schema: Schema::compile(schema.get()).map_err(DefinitionError::Schema)?,
            text: text.into(),
        })
    }

    /// SHA-256 of the definition as it was locked.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What arguments must be.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Appends the definition to `list`, byte for byte but for its name and, where one is given, the schema of its
    /// arguments.
    pub(crate) fn write_as(&self, exposed: &str, narrowed: Option<&str>, list: &mut String) {
        let name = serde_json::Value::from(exposed).to_string();
        let mut parts = vec![(&self.name, name.as_str())];
        parts.extend(narrowed.map(|schema| (&self.input_schema, schema)));
        parts.sort_unstable_by_key(|(place, _)| place.start);
        let mut written = 0;
        for (place, text) in parts {
            list.push_str(self.text.get(written..place.start).unwrap_or_default());
            list.push_str(text);
            written = place.end;
        }
        list.push_str(self.text.get(written..).unwrap_or_default());
    }
}

#[derive(Default)]
struct Members<'a> {
    name: Option<&'a RawValue>,
    schema: Option<&'a RawValue>,
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a tool definition")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members::default();
        let mut seen = std::collections::BTreeSet::new();
        while let Some((key, value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            match key.0.as_ref() {
                "name" => members.name = Some(value),
                "inputSchema" => members.schema = Some(value),
                _ => {}
            }
            if !seen.insert(key.0) {
                return Err(serde::de::Error::custom("a member is there twice"));
            }
        }
        Ok(members)
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Definition, DefinitionError};

    fn compile(tool: &str, text: &str) -> Result<Definition, DefinitionError> {
        Definition::compile(tool, &RawValue::from_string(text.into()).unwrap())
    }

    #[test]
    fn only_the_name_is_replaced() {
        let text = r#"{ "x-a": 1.50, "name" : "a\u0062" , "inputSchema":{"properties":{"name":{}}},"z":"ab" }"#;
        let mut list = String::new();
        compile("ab", text)
            .unwrap()
            .write_as("s_ab", None, &mut list);
        let renamed = text.replacen(r#""a\u0062""#, r#""s_ab""#, 1);
        assert_eq!(list, renamed);
        list.clear();
        compile("ab", text)
            .unwrap()
            .write_as("s_ab", Some("{}"), &mut list);
        assert_eq!(
            list,
            renamed.replacen(r#"{"properties":{"name":{}}}"#, "{}", 1)
        );
    }

    #[test]
    fn a_definition_that_is_not_one_is_refused() {
        use DefinitionError::{Name, NoSchema, Object, Schema};
        assert!(matches!(compile("a", "[]"), Err(Object(_))));
        assert!(matches!(
            compile("a", r#"{"name":"a","name":"a","inputSchema":{}}"#),
            Err(Object(_))
        ));
        assert!(matches!(compile("a", r#"{"inputSchema":{}}"#), Err(Name)));
        assert!(matches!(
            compile("a", r#"{"name":"b","inputSchema":{}}"#),
            Err(Name)
        ));
        assert!(matches!(compile("a", r#"{"name":"a"}"#), Err(NoSchema)));
        assert!(matches!(
            compile("a", r#"{"name":"a","inputSchema":{"type":"nothing"}}"#),
            Err(Schema(_))
        ));
    }
}
