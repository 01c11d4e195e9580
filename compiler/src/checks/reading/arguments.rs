//! TOL: what a tool accepts, as its input schema says.

use bailiwick_schema::Sub;
use serde_json::Value;

use super::{Context, FREE_FORM_COMMAND, OPEN_OBJECT, UNBOUNDED_INPUT, URL_PARAMETER};
use crate::checks::definitions::Problem;
use crate::checks::schemas::subschemas;
use crate::checks::verbs::words;
use crate::model::{Effect, Egress};

/// Words in names of properties that are run as they are.
const COMMANDS: &[&str] = &[
    "bash",
    "cmd",
    "code",
    "command",
    "commands",
    "cypher",
    "eval",
    "exec",
    "javascript",
    "powershell",
    "python",
    "script",
    "shell",
    "sql",
    "statement",
];

/// Last words of names of properties that are URLs.
const URLS: &[&str] = &["endpoint", "uri", "url", "urls", "webhook"];

/// What an input schema lets through.
pub(super) fn arguments(definition: &Value, context: &Context<'_>, found: &mut Vec<Problem>) {
    let Some(schema) = definition.get("inputSchema") else {
        return;
    };
    let is_write = context.effect() > Effect::Read;
    let goes_anywhere = context
        .server
        .settings
        .egress
        .iter()
        .any(|egress| is_any_host(&egress.value));
    for sub in subschemas(schema) {
        if is_open(&sub) {
            found.push(Problem::new(
                &OPEN_OBJECT,
                &sub.pointer,
                "accepts undeclared properties",
            ));
        }
        let free = is_free_text(sub.schema);
        let name = property_name(&sub.pointer);
        let named = |list: &[&str]| {
            let words = name.map(words).unwrap_or_default();
            words
                .last()
                .is_some_and(|word| list.contains(&word.as_str()))
        };
        if free && is_write {
            if named(COMMANDS) {
                let message = "is unrestricted text that is run, on a tool that can write";
                found.push(Problem::new(&FREE_FORM_COMMAND, &sub.pointer, message));
            }
            if sub.schema.get("maxLength").is_none() && format(sub.schema).is_none() {
                let message = "accepts text of any length, on a tool that can write";
                found.push(Problem::new(&UNBOUNDED_INPUT, &sub.pointer, message));
            }
        }
        let is_url = matches!(
            format(sub.schema),
            Some("uri" | "uri-reference" | "iri" | "url")
        );
        if goes_anywhere && is_text(sub.schema) && (is_url || free && named(URLS)) {
            let message = "takes a URL, and the server's egress reaches any host";
            found.push(Problem::new(&URL_PARAMETER, &sub.pointer, message));
        }
    }
}

fn is_any_host(egress: &Egress) -> bool {
    match egress {
        Egress::Host(host, _) => host == "*",
        Egress::Cidr(range, _) => range.ends_with("/0"),
        Egress::Service { .. } => false,
    }
}

/// Whether an object has declared properties and takes others too. A map has none and is meant to.
fn is_open(sub: &Sub<'_>) -> bool {
    let is_root = sub.pointer == "/inputSchema";
    let declares = sub.schema.get("properties").is_some_and(Value::is_object);
    let is_closed = ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|word| {
            sub.schema
                .get(word)
                .is_some_and(|value| *value != Value::Bool(true))
        });
    (declares || is_root && has_type(sub.schema, "object")) && !is_closed
}

fn is_text(schema: &Value) -> bool {
    has_type(schema, "string")
}

/// Text that nothing limits to some values or a form.
fn is_free_text(schema: &Value) -> bool {
    is_text(schema)
        && ["enum", "const", "pattern"]
            .iter()
            .all(|word| schema.get(word).is_none())
}

fn has_type(schema: &Value, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == wanted,
        Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
        _ => false,
    }
}

fn format(schema: &Value) -> Option<&str> {
    schema.get("format").and_then(Value::as_str)
}

/// The name of the property that a subschema is of; items are of the property of their list.
fn property_name(pointer: &str) -> Option<&str> {
    let mut steps = pointer.rsplit('/').peekable();
    while let Some(step) = steps.next() {
        if steps.peek() == Some(&"properties") {
            return Some(step);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::property_name;

    #[test]
    fn a_subschema_is_of_the_property_around_it() {
        assert_eq!(property_name("/inputSchema"), None);
        assert_eq!(property_name("/inputSchema/properties/sql"), Some("sql"));
        assert_eq!(
            property_name("/inputSchema/properties/urls/items"),
            Some("urls")
        );
        assert_eq!(
            property_name("/inputSchema/properties/a/properties/b/anyOf/0"),
            Some("b")
        );
    }
}
