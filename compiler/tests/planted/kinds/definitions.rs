//! TOL, DSC and SEC: definitions that nobody should accept. What is wrong in one is said at the line of its
//! tool.

use crate::kind::Kind;

/// Where the arguments of a tool begin.
const ARGUMENTS: &str = r#"^(        "additionalProperties": false,\n        "properties": \{)$"#;

/// Where the description of a tool begins.
const DESCRIPTION: &str = r#"^(      "description": ")"#;

pub(crate) const KINDS: &[Kind] = &[
    definition(
        "TOL002",
        "a type that there is none",
        r#"("since": \{[^}]*"type": )"string""#,
        "$1\"strng\"",
    ),
    definition(
        "TOL003",
        "arguments that are a list",
        r#""type": "object"\n      \},\n      "name""#,
        "\"type\": \"array\"\n      },\n      \"name\"",
    ),
    definition("TOL004", "a dialect of long ago", "draft-07", "draft-04"),
    definition(
        "TOL005",
        "a reference to the network",
        ARGUMENTS,
        r#"$1 "more": { "$ref": "https://schemas.example/more.json" },"#,
    ),
    definition(
        "TOL006",
        "a reference to nothing",
        ARGUMENTS,
        r##"$1 "more": { "$ref": "#/$defs/More" },"##,
    ),
    definition(
        "TOL007",
        "a schema of too many parts",
        ARGUMENTS,
        r#"$1 "more": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": { "not": {} } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } },"#,
    ),
    definition(
        "TOL008",
        "a pattern that refers back",
        ARGUMENTS,
        r#"$1 "more": { "maxLength": 9, "pattern": "(a)\\1", "type": "string" },"#,
    )
    .implies(&[("TOL007", "dispatch does not load it")]),
    definition(
        "TOL013",
        "a number in a header",
        ARGUMENTS,
        r#"$1 "more": { "type": "number", "x-mcp-header": "Amount" },"#,
    ),
    definition(
        "TOL015",
        "an output that is no schema",
        r#"("name": "\w+",\n      "outputSchema": \{)"#,
        "$1\n        \"minProperties\": \"few\",",
    ),
    definition(
        "DSC001",
        "text that nobody sees",
        DESCRIPTION,
        "$1\u{E0052}\u{E0045}\u{E0041}\u{E0044}",
    ),
    definition(
        "DSC002",
        "text that writes over a terminal",
        DESCRIPTION,
        "$1\\u001b[2J",
    ),
    definition(
        "SEC005",
        "a tool that asks for a password",
        ARGUMENTS,
        "$1\n          \"password\": { \"maxLength\": 99, \"type\": \"string\" },",
    ),
];

/// A mistake in the definition of a tool of a server whose tools are granted by every team.
const fn definition(
    code: &'static str,
    what: &'static str,
    find: &'static str,
    put: &'static str,
) -> Kind {
    Kind::new(code, what, "-records@2.3.0.json", find, put).at_tool()
}
