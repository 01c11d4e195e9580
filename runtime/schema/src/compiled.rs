//! A schema ready to hold values against.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use crate::cost::{TooCostly, Work, work};
use crate::graph::size;
use crate::subschemas::subschemas;

/// Most mistakes that one answer names.
const MAX_MISTAKES: usize = 5;

/// Longest text about one mistake, characters.
const MAX_MISTAKE: usize = 300;

/// Most schemas that may be entered to find mistakes: each that fails makes a text.
const MOST_ENTERED: u64 = 2_000;

/// The same where a schema has alternatives: all of them make texts, and are entered once more for each that they
/// are in.
const MOST_ENTERED_OF_ALTERNATIVES: u64 = 400;

/// A compiled schema. It reads no file and no URL, and makes no more work than [`work`] says.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
    work: Work,
    has_alternatives: bool,
}

/// Why a schema cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// It makes too much work.
    #[error("it makes too much work")]
    Cost(#[from] TooCostly),
    /// It is not a schema, or refers to something outside itself.
    #[error("not a schema that stands for itself")]
    Compile(#[source] Box<jsonschema::ValidationError<'static>>),
}

impl Schema {
    /// Compiles `schema`, when it makes no more work than it may.
    pub fn compile(schema: &Value) -> Result<Self, SchemaError> {
        let work = work(schema)?;
        let validator = jsonschema::options()
            .offline()
            .with_pattern_options(PatternOptions::regex())
            // It would compile the caller's text as a pattern.
            .with_format("regex", |_: &str| true)
            .build(schema)
            .map_err(|error| SchemaError::Compile(Box::new(error)))?;
        let has_alternatives = subschemas(schema, "").iter().any(|sub| {
            ALTERNATIVES
                .iter()
                .any(|member| sub.schema.get(member).is_some())
        });
        Ok(Self {
            validator,
            work,
            has_alternatives,
        })
    }

    /// Whether `value` fits.
    pub fn is_valid(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }

    /// What is wrong with `value`, one line for each mistake; none when it fits. Values are left out: they may be
    /// secrets, and answers end up in transcripts. A large value that does not fit gets no more than the first mistake,
    /// or none: to find them can take a thousand times as long as to see that there are some.
    pub fn mistakes(&self, value: &Value) -> Option<Vec<String>> {
        if self.is_valid(value) {
            return None;
        }
        let most = if self.has_alternatives {
            MOST_ENTERED_OF_ALTERNATIVES
        } else {
            MOST_ENTERED
        };
        let entered = self.work.together.saturating_mul(size(value));
        let mistakes = if entered <= most {
            let all = self.validator.iter_errors(value);
            all.take(MAX_MISTAKES)
                .map(|mistake| shown(&mistake))
                .collect()
        } else if self.has_alternatives {
            Vec::new()
        } else {
            self.validator
                .validate(value)
                .err()
                .map(|mistake| shown(&mistake))
                .into_iter()
                .collect()
        };
        Some(mistakes)
    }
}

/// Members that take a value in one of several ways.
const ALTERNATIVES: [&str; 12] = [
    "$dynamicRef",
    "$ref",
    "anyOf",
    "contains",
    "dependencies",
    "dependentSchemas",
    "enum",
    "if",
    "not",
    "oneOf",
    "propertyNames",
    "unevaluatedProperties",
];

fn shown(error: &jsonschema::ValidationError<'_>) -> String {
    let place = match error.instance_path().as_str() {
        "" => "the arguments".to_owned(),
        path => format!("`{path}`"),
    };
    let what = error.masked_with("the value").to_string();
    let what: String = what.chars().take(MAX_MISTAKE).collect();
    format!("At {place}: {what}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mistakes(schema: &Value, value: &Value) -> Option<Vec<String>> {
        Schema::compile(schema).unwrap().mistakes(value)
    }

    #[test]
    fn mistakes_name_the_place_and_not_the_value() {
        let schema = json!({
            "type": "object",
            "properties": {"pin": {"type": "integer"}, "mode": {"enum": ["a", "b"]}},
            "required": ["to"],
        });
        let found = mistakes(&schema, &json!({"pin": "hunter2", "mode": "s3cret"})).unwrap();
        assert_eq!(
            found,
            [
                "At the arguments: \"to\" is a required property",
                "At `/mode`: the value is not one of \"a\" or \"b\"",
                "At `/pin`: the value is not of type \"integer\""
            ]
        );
        assert_eq!(mistakes(&schema, &json!({"pin": 1, "to": ""})), None);
    }

    #[test]
    fn of_a_large_value_the_first_mistake_is_enough() {
        let list = |item: Value| json!({"properties": {"a": {"items": item}}});
        let value = json!({"a": vec![1; 20_000]});
        assert_eq!(
            mistakes(&list(json!({"type": "string"})), &value).unwrap(),
            ["At `/a/0`: the value is not of type \"string\""]
        );
        let alternatives = json!({"anyOf": [{"type": "string"}, {"type": "null"}]});
        assert_eq!(mistakes(&list(alternatives), &value), Some(Vec::new()));
    }

    #[test]
    fn a_schema_that_refers_elsewhere_does_not_compile() {
        for reference in [
            "https://example.com/schema.json",
            "file:///etc/hostname",
            "other.json",
        ] {
            assert!(
                Schema::compile(&json!({"$ref": reference})).is_err(),
                "{reference}"
            );
        }
    }

    #[test]
    fn a_schema_that_makes_too_much_work_does_not_compile() {
        let backtracks = json!({"properties": {"a": {"pattern": r"^(?=(a+)+$)(a|aa)+\1b$"}}});
        let doubles = json!({"properties": {"a": {"anyOf": [
            {"allOf": [{"$ref": "#"}, {"required": ["b"]}]},
            {"allOf": [{"$ref": "#"}, {"required": ["c"]}]},
        ]}}});
        for schema in [backtracks, doubles] {
            let compiled = Schema::compile(&schema);
            assert!(matches!(compiled, Err(SchemaError::Cost(_))), "{schema}");
        }
    }
}
