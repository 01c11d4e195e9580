//! Settings that several nodes take.

use crate::grammar::row::Holder::{Build, Runtime};
use crate::grammar::row::{Row, node, one, optional, property};
use crate::grammar::types::Type;

use super::{DAY, HOUR, KIB, MIB, SECOND};

pub(super) const ROWS: &[Row] = &[
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
