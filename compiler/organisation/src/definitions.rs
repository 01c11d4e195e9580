//! The definitions that servers give of their tools.

use serde_json::{Value, json};

use crate::servers::{Deed, Origin, Tool};

/// The definition of a tool, as its server says it.
pub(crate) fn definition(tool: &Tool, origin: Origin) -> Value {
    let Tool { name, about, deed } = tool;
    let (description, properties, required) = match deed {
        Deed::Read => (
            format!("Gives one {about} as it is now."),
            read(about),
            json!(["id"]),
        ),
        Deed::Search | Deed::Send => (
            format!("Finds what there is about a {about}, newest first."),
            search(about),
            json!(["query"]),
        ),
        Deed::Write => (
            format!("Writes what is new about a {about}."),
            write(about),
            json!(["id", "reason"]),
        ),
        Deed::Destroy => (
            format!("Removes a {about} for good."),
            destroy(about),
            json!(["id", "reason"]),
        ),
    };
    let mut schema = json!({
        "additionalProperties": false,
        "properties": properties,
        "required": required,
        "type": "object",
    });
    let dialect = match origin {
        Origin::Image => Some("http://json-schema.org/draft-07/schema#"),
        Origin::Url => Some("https://json-schema.org/draft/2020-12/schema"),
        Origin::Bridged | Origin::Command | Origin::Service => None,
    };
    if let (Some(dialect), Some(schema)) = (dialect, schema.as_object_mut()) {
        schema.insert("$schema".to_owned(), json!(dialect));
    }
    let is_read = matches!(deed, Deed::Read | Deed::Search | Deed::Send);
    let mut definition = json!({
        "annotations": {
            "destructiveHint": *deed == Deed::Destroy,
            "openWorldHint": origin == Origin::Url,
            "readOnlyHint": is_read,
        },
        "description": description,
        "inputSchema": schema,
        "name": name,
    });
    if *deed == Deed::Read
        && let Some(definition) = definition.as_object_mut()
    {
        definition.insert("outputSchema".to_owned(), output());
    }
    definition
}

fn id(about: &str) -> Value {
    json!({
        "description": format!("Number of the {about}"),
        "maxLength": 12,
        "pattern": "^[A-Z]{2}-[0-9]{1,9}$",
        "type": "string",
    })
}

fn reason() -> Value {
    json!({ "description": "Why this is done", "maxLength": 400, "type": "string" })
}

fn read(about: &str) -> Value {
    json!({
        "id": id(about),
        "fields": {
            "items": { "enum": ["amount", "date", "owner", "state"], "type": "string" },
            "maxItems": 4,
            "type": "array",
        },
    })
}

fn search(about: &str) -> Value {
    json!({
        "limit": { "default": 20, "maximum": 100, "minimum": 1, "type": "integer" },
        "query": {
            "description": format!("Words that stand in the {about}"),
            "maxLength": 200,
            "type": "string",
        },
        "since": { "format": "date", "maxLength": 10, "type": "string" },
    })
}

fn write(about: &str) -> Value {
    json!({
        "channel": { "enum": ["email", "phone", "portal"], "type": "string" },
        "change": {
            "additionalProperties": false,
            "properties": {
                "amount": { "maximum": 1_000_000, "minimum": 0, "type": "number" },
                "text": { "maxLength": 2_000, "type": "string" },
            },
            "type": "object",
        },
        "id": id(about),
        "priority": { "maximum": 5, "minimum": 1, "type": "integer" },
        "reason": reason(),
    })
}

fn destroy(about: &str) -> Value {
    json!({ "id": id(about), "reason": reason() })
}

fn output() -> Value {
    json!({
        "properties": {
            "id": { "type": "string" },
            "state": { "enum": ["open", "closed"], "type": "string" },
        },
        "required": ["id"],
        "type": "object",
    })
}
