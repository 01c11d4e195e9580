//! Nodes of roles, agents, overlays and tests.

use crate::grammar::row::Holder::{Build, Cluster, Runtime};
use crate::grammar::row::{Row, node, one, property, several};
use crate::grammar::types::Type;
use crate::model::Kind;

use super::MANY;

pub(super) const ROWS: &[Row] = &[
    node("allow", &["role"], "Tools in the role.")
        .takes(&[several("tools", Type::Tools, 1, MANY)])
        .repeats()
        .held_by(&[Build]),
    node(
        "identity",
        &["agent", "patch"],
        "How the agent proves who it is. `dev` ignores it and issues tokens of its own.",
    )
    .takes(&[one("kind", Type::Word(&["kubernetes", "oidc", "spiffe"]))])
    .with(&[
        property("issuer", Type::Name(Kind::Issuer), "The issuer of its tokens.").or("the environment's only one of that kind"),
        property("namespace", Type::DnsLabel, "Kubernetes: namespace of the service account."),
        property("service-account", Type::DnsName, "Kubernetes: name of the service account."),
        property("subject", Type::Text, "OpenID Connect: the `sub` of its tokens."),
        property("group", Type::Name(Kind::Group), "OpenID Connect: every member of this group is the agent."),
        property("client", Type::Text, "OpenID Connect: what `azp` or `client_id` must be."),
        property("id", Type::SpiffeId, "SPIFFE: the ID of the workload, the `sub` of its tokens."),
    ])
    .held_by(&[Runtime]),
    node("delegate", &["agent"], "Agents that this agent may call on; what they may do counts as reachable from it.")
        .takes(&[several("agent", Type::Name(Kind::Agent), 1, MANY)])
        .held_by(&[Build]),
    node(
        "deploy",
        &["overlay"],
        "Runs servers here, or makes them known (`url`, `service`), at the revision that definition and patch give.",
    )
    .takes(&[several("server", Type::Name(Kind::Server), 1, MANY)])
    .with(&[property("replicas", Type::Integer(1, 50), "Replicas of each.").or("1")])
    .repeats()
    .held_by(&[Cluster]),
    node("grant", &["overlay"], "Gives an agent roles or tools here.")
        .takes(&[one("agent", Type::Name(Kind::Agent)), several("what", Type::RoleOrTools, 1, MANY)])
        .with(&[
            property("until", Type::Date, "The last day on which it holds, UTC.").or("no end"),
            property("mode", Type::Word(&["enforce", "shadow"]), "`shadow`: the grant lets nothing through, and what it would have allowed is recorded.").or("enforce"),
        ])
        .repeats()
        .held_by(&[Runtime]),
    node("patch", &["overlay"], "Replaces whole settings of one server, agent or tool here.")
        .takes(&[one("kind", Type::Word(&["server", "agent", "tool"])), one("subject", Type::Subject)])
        .with(&[property("version", Type::Tag, "Revision of a server, where no tag of an image says it.")])
        .repeats()
        .held_by(&[Build]),
    node(
        "suspend",
        &["overlay"],
        "Kill switch: calls are refused and the tools leave the list; the definition stays.",
    )
    .takes(&[one("kind", Type::Word(&["agent", "server", "tool"])), one("subject", Type::Subject)])
    .with(&[property("reason", Type::Text, "Why.").required()])
    .repeats()
    .held_by(&[Runtime]),
    node("can", &["test"], "Every tool matched is granted to the agent.")
        .takes(&[one("agent", Type::Name(Kind::Agent)), several("tools", Type::AnyTools, 1, MANY)])
        .repeats()
        .held_by(&[Build]),
    node("cannot", &["test"], "No tool matched is granted to the agent, or with `*` to any.")
        .takes(&[one("agent", Type::AgentOrAll), several("tools", Type::AnyTools, 1, MANY)])
        .repeats()
        .held_by(&[Build]),
    node("needs-approval", &["test"], "Every tool matched is granted to the agent, and every call waits for a person.")
        .takes(&[one("agent", Type::Name(Kind::Agent)), several("tools", Type::AnyTools, 1, MANY)])
        .repeats()
        .held_by(&[Build]),
    node(
        "no-flow",
        &["test"],
        "No path leads from the source to the sink through the agent, or with `*` through any, without an approval on it.",
    )
    .takes(&[one("agent", Type::AgentOrAll)])
    .with(&[
        property("from", Type::ClassOrUntrusted, "Data of this class or a more sensitive one, or what strangers can write.").required(),
        property(
            "to",
            Type::Word(&["internal", "external", "write", "destructive"]),
            "Tools that send so far, or have such an effect, or more.",
        )
        .required(),
    ])
    .repeats()
    .held_by(&[Build]),
];
