//! Settings that several nodes take.

use crate::grammar::row::Holder::{Build, Runtime};
use crate::grammar::row::{Property, Row, node, one, optional, property, several};
use crate::grammar::types::Type;

use crate::model::Kind;

use super::{DAY, HOUR, KIB, MANY, MIB, MINUTE, SECOND};

/// More characters than the largest arguments of one call can have.
const LONGEST_ARGUMENT: u64 = 192 * KIB;

const BY: Property = property("by", Type::Name(Kind::Group), "The group.").required();
const QUORUM: Property = property("quorum", Type::Integer(1, 5), "Persons.").or("1");
const TTL: Property = property(
    "ttl",
    Type::Duration(MINUTE, HOUR),
    "How long a call waits.",
)
.or("15m");

pub(super) const ROWS: &[Row] = &[
    node("describe", &["server", "role", "agent"], "One line of prose for people: what this is.")
        .takes(&[one("text", Type::Text)])
        .held_by(&[Build]),
    node(
        "limit",
        &["environment", "server", "tool-defaults", "tool", "role", "agent", "grant", "patch"],
        "How much may be called: a bucket of `burst` calls, refilled at calls per `per`, calls at the same time, and sizes of one call. It counts what it is written on.",
    )
    .takes(&[optional("calls", Type::Count(1_000_000))])
    .with(&[
        property("per", Type::Duration(SECOND, DAY), "The time in which the calls are refilled.").or("1m"),
        property("burst", Type::Count(1_000_000), "Calls that may come at once.").or("the calls"),
        property("concurrent", Type::Count(1_000), "Calls at the same time.")
            .or("16 for each agent and tool, none on server and agent"),
        property("max-args", Type::Size(1, 192 * KIB), "Largest arguments of one call.").or("64KiB"),
        property("max-result", Type::Size(1, 8 * MIB), "Largest result of one call.").or("1MiB"),
    ])
    .held_by(&[Runtime]),
    node(
        "timeout",
        &["environment", "server", "tool", "role", "grant", "patch"],
        "Deadline of one call; 30s where nothing is written.",
    )
    .takes(&[one("duration", Type::Duration(100, HOUR))])
    .held_by(&[Runtime]),
    node(
        "retry",
        &["server", "tool", "patch"],
        "Further tries of a call that failed, inside its deadline, after a pause of random length; 0 where nothing is written. On a server it reaches `repeat=safe` tools alone.",
    )
    .takes(&[one("tries", Type::Integer(0, 5))])
    .with(&[
        property("backoff", Type::Duration(10, 10 * SECOND), "Longest first pause.").or("200ms"),
        property("max-backoff", Type::Duration(10, MINUTE), "Longest pause of all.").or("5s"),
    ])
    .held_by(&[Runtime]),
    node(
        "approval",
        &["environment"],
        "Different persons of a group, none of them the caller, must approve each call of a tool of this effect. All approvals count: of one group the larger quorum and the shorter time, and every group.",
    )
    .with(&[
        BY,
        property("for", Type::Word(&["write", "destructive"]), "The tools that need it; `write` means both.").or("destructive"),
        QUORUM,
        TTL,
    ])
    .repeats()
    .held_by(&[Runtime]),
    node(
        "approval",
        &["tool", "role", "grant", "patch"],
        "Different persons of a group, none of them the caller, must approve each call.",
    )
    .with(&[BY, QUORUM, TTL])
    .repeats()
    .held_by(&[Runtime]),
    node(
        "arg",
        &["tool", "role", "grant", "patch"],
        "Narrows one argument: to the values listed, or as the properties say. All that narrow it hold at once, and it must be sent: what is left out, the server would choose.",
    )
    .takes(&[one("path", Type::ArgumentPath), several("value", Type::Scalar, 0, MANY)])
    .with(&[
        property("fix", Type::Scalar, "The value; agents neither see nor choose it."),
        property("pattern", Type::Regex, "What a text must match as a whole."),
        property("min", Type::Number, "The smallest number."),
        property("max", Type::Number, "The largest number."),
        property("max-length", Type::Integer(0, LONGEST_ARGUMENT), "The longest text, characters."),
    ])
    .repeats()
    .held_by(&[Runtime]),
    node(
        "suppress",
        &["environment", "server", "tool", "role", "agent", "overlay", "deploy", "grant"],
        "Accepts the findings of one code whose subject is this node or one inside it. After its last day it still holds, with a warning.",
    )
    .takes(&[one("code", Type::Code)])
    .with(&[
        property("reason", Type::Text, "Why.").required(),
        property("until", Type::Date, "The last day.").required(),
    ])
    .repeats()
    .held_by(&[Build]),
];
