//! Top-level nodes.

use crate::grammar::row::Holder::{Build, Cluster, Runtime};
use crate::grammar::row::{Row, TOP, node, one, property, several};
use crate::grammar::types::Type;
use crate::model::Kind;

use super::MANY;

pub(super) const ROWS: &[Row] = &[
    node("catalog", &[TOP], "The organisation and the language version; exactly one.")
        .takes(&[one("name", Type::NewName)])
        .with(&[property("language", Type::Language, "Version of the language; this compiler knows 1.").required()])
        .held_by(&[Build]),
    node(
        "data-classes",
        &["catalog"],
        "Classes of data, least to most sensitive; without the node `public`, `internal`, `confidential` and `restricted`, private from `confidential`.",
    )
    .takes(&[several("class", Type::NewName, 2, 16)])
    .with(&[property("private", Type::Name(Kind::DataClass), "The first class that counts as private data.").or("the last")])
    .held_by(&[Build]),
    node(
        "group",
        &[TOP],
        "A group of people at the identity provider, as it appears in a token's `groups` claim.",
    )
    .takes(&[one("name", Type::NewName)])
    .with(&[
        property("idp", Type::Text, "Its name at the identity provider.").or("the name"),
        property("codeowners", Type::Text, "Its handle where the owners of files are listed.").held_by(&[Build]),
    ])
    .repeats()
    .held_by(&[Build, Runtime]),
    node("team", &[TOP], "Who owns things; a team's folder has the same name.")
        .takes(&[one("name", Type::NewName)])
        .repeats()
        .held_by(&[Build]),
    node("owner", &["team"], "Groups of people that answer for the team; a refusal names them.")
        .takes(&[several("group", Type::Name(Kind::Group), 1, 5)])
        .held_by(&[Runtime]),
    node("environment", &[TOP], "A deployment target: one cluster, namespaces of its own.")
        .takes(&[one("name", Type::NewName)])
        .with(&[
            property("tier", Type::Word(&["dev", "stage", "prod"]), "How much it matters; in prod some warnings are errors.")
                .or("dev").held_by(&[Build]),
            property("after", Type::Name(Kind::Environment), "The environment before it in the order of promotion.").held_by(&[Build]),
            property("namespace", Type::DnsLabel, "Kubernetes namespace.").or("mcp-<name>").held_by(&[Cluster]),
        ])
        .repeats()
        .held_by(&[Build, Cluster]),
    node(
        "server",
        &[TOP],
        "An MCP server and its tools, with one origin: `image` (with or without `command`), `command` alone, `url`, or `service`.",
    )
    .takes(&[one("name", Type::NewName)])
    .with(&[
        property("team", Type::Name(Kind::Team), "The team that owns it; implied in a team's folder."),
        property("version", Type::Tag, "Its revision, where no tag of an image says it."),
    ])
    .repeats()
    .held_by(&[Build]),
    node("role", &[TOP], "A named set of tools.")
        .takes(&[one("name", Type::NewName)])
        .with(&[property(
            "team",
            Type::Name(Kind::Team),
            "The team that owns it; implied in a team's folder, else the organisation's.",
        )])
        .repeats()
        .held_by(&[Build]),
    node(
        "agent",
        &[TOP],
        "A caller that is not a person, with an identity of its own, or a program that people use.",
    )
    .takes(&[one("name", Type::NewName)])
    .with(&[property("team", Type::Name(Kind::Team), "The team that owns it; implied in a team's folder.")])
    .repeats()
    .held_by(&[Runtime]),
    node(
        "exclusive",
        &[TOP],
        "Separation of duties: no agent may hold, directly or by delegation, more than one of these roles in one environment.",
    )
    .takes(&[several("role", Type::Name(Kind::Role), 2, MANY)])
    .with(&[property("reason", Type::Text, "Why.").required()])
    .repeats()
    .held_by(&[Build]),
    node(
        "overlay",
        &[TOP],
        "What is live in one environment: the only place where things are deployed or granted. Blocks for one environment add up.",
    )
    .takes(&[one("environment", Type::Name(Kind::Environment))])
    .repeats()
    .held_by(&[Build]),
    node("test", &[TOP], "Assertions about the resolved permissions of one environment.")
        .takes(&[one("title", Type::Text)])
        .with(&[property("env", Type::Name(Kind::Environment), "The environment.").required()])
        .repeats()
        .held_by(&[Build]),
];
