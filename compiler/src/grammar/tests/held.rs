//! Nothing of the language is dropped silently: each row, with each of its properties, is carried by a
//! named module of the compiler, or refused by ENV017.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::grammar::row::Row;
use crate::grammar::rows;
use crate::source::{Disk, Loader as _};

/// What becomes of a part of a row.
enum Fate {
    /// This module, below `src`, decides by it or writes it into an output, under this identifier.
    Carried(&'static str, &'static str),
    /// ENV017 names it so.
    Refused(&'static str),
    /// Promises nothing that could be dropped: a name for people to find each other by.
    ForPeople,
}
use Fate::{Carried, ForPeople, Refused};

/// The node in the parents of its row, its properties that share the fate (with an empty name for the
/// node itself and its arguments), and the fate.
type Line = (&'static str, &'static [&'static str], Fate);

const ALL: &[Line] = &[
    (
        "/catalog",
        &["", "language"],
        Carried("backend/runtime_config.rs", "catalog"),
    ),
    (
        "catalog/data-classes",
        &["", "private"],
        Carried("graph/flows.rs", "private"),
    ),
    ("/group", &["", "idp"], Carried("bundle/runtime.rs", "idp")),
    ("/group", &["codeowners"], ForPeople),
    ("/team", &[""], Carried("model/visibility.rs", "team")),
    (
        "team/owner",
        &[""],
        Carried("backend/runtime_config.rs", "owners"),
    ),
    (
        "/environment",
        &["", "tier"],
        Carried("checks/targets.rs", "tier"),
    ),
    (
        "/environment",
        &["after"],
        Carried("checks/promotion.rs", "after"),
    ),
    (
        "/environment",
        &["namespace"],
        Carried("backend/manifest.rs", "namespace"),
    ),
    (
        "/server",
        &["", "team"],
        Carried("model/visibility.rs", "team"),
    ),
    (
        "/server",
        &["version"],
        Carried("environment/deployed.rs", "version"),
    ),
    (
        "/role",
        &["", "team"],
        Carried("model/visibility.rs", "role"),
    ),
    (
        "/agent",
        &["", "team"],
        Carried("model/visibility.rs", "agent"),
    ),
    (
        "/exclusive",
        &["", "reason"],
        Carried("checks/duties.rs", "reason"),
    ),
    (
        "/overlay",
        &[""],
        Carried("environment/reach.rs", "overlays_of"),
    ),
    (
        "/test",
        &["", "env"],
        Carried("assertion.rs", "environment"),
    ),
    (
        "environment/network",
        &[""],
        Carried("checks/network.rs", "Network"),
    ),
    (
        "environment/deny",
        &["", "reason"],
        Carried("checks/permissions.rs", "deny"),
    ),
    (
        "environment/issuer",
        &["", "kind", "url", "audience"],
        Carried("bundle/runtime.rs", "audience"),
    ),
    (
        "environment/issuer",
        &["jwks"],
        Carried("bundle/runtime.rs", "jwks"),
    ),
    (
        "environment/issuer",
        &["max-age"],
        Carried("bundle/runtime.rs", "max_age"),
    ),
    (
        "environment/dispatch",
        &[""],
        Carried("bundle/workload.rs", "dispatch"),
    ),
    (
        "dispatch/image",
        &[""],
        Carried("bundle/workload.rs", "image"),
    ),
    ("dispatch/url", &[""], Carried("bundle/runtime.rs", "url")),
    (
        "dispatch/replicas",
        &[""],
        Carried("backend/dispatch.rs", "replicas"),
    ),
    (
        "dispatch/tls",
        &["", "secret", "issuer", "kind"],
        Carried("bundle/workload.rs", "tls"),
    ),
    (
        "dispatch/audit",
        &["", "volume"],
        Carried("bundle/workload.rs", "audit_volume"),
    ),
    ("dispatch/audit", &["retain"], Refused("retain")),
    ("dispatch/audit", &["anchor"], Refused("anchor")),
    (
        "dispatch/deployers",
        &[""],
        Carried("backend/kyverno/deployers.rs", "deployers"),
    ),
    ("dispatch/store", &["", "kind", "secret"], Refused("store")),
    (
        "dispatch/on-store-failure",
        &[""],
        Refused("on-store-failure"),
    ),
    ("dispatch/telemetry", &["", "otlp"], Refused("telemetry")),
    (
        "dispatch/approvers",
        &["", "issuer", "client"],
        Refused("approvers"),
    ),
    ("dispatch/verify-key", &[""], Refused("verify-key")),
    (
        "server,patch/image",
        &[""],
        Carried("bundle/workload.rs", "image"),
    ),
    (
        "server,patch/args",
        &[""],
        Carried("bundle/workload.rs", "args"),
    ),
    (
        "server,patch/command",
        &[""],
        Carried("bundle/workload.rs", "command"),
    ),
    (
        "server,patch/url",
        &[""],
        Carried("bundle/runtime.rs", "url"),
    ),
    (
        "server,patch/service",
        &[""],
        Carried("bundle/access.rs", "service"),
    ),
    (
        "server,patch/transport",
        &["", "port", "path"],
        Carried("bundle/workload.rs", "transport"),
    ),
    (
        "server,patch/env",
        &[""],
        Carried("bundle/workload.rs", "env"),
    ),
    (
        "server,patch/secret",
        &["", "from", "key"],
        Carried("bundle/workload.rs", "secrets"),
    ),
    (
        "server,patch/egress",
        &["", "service", "port", "pods"],
        Carried("bundle/access.rs", "egress"),
    ),
    (
        "server/volume",
        &["", "size"],
        Carried("bundle/workload.rs", "volumes"),
    ),
    (
        "server/scratch",
        &["", "size"],
        Carried("bundle/workload.rs", "scratch"),
    ),
    (
        "server/visible-to",
        &[""],
        Carried("model/visibility.rs", "Visibility"),
    ),
    (
        "server/tool-defaults",
        &["", "effect", "reads", "content", "sends"],
        Carried("graph/facts.rs", "tool_defaults"),
    ),
    (
        "server/tool-defaults",
        &["repeat"],
        Carried("environment/conditions.rs", "repeat_safe"),
    ),
    (
        "server/tool",
        &["", "effect", "reads", "content", "sends"],
        Carried("graph/facts.rs", "facts"),
    ),
    (
        "server/tool",
        &["repeat"],
        Carried("environment/conditions.rs", "repeat_safe"),
    ),
    (
        "server/tool",
        &["as"],
        Carried("environment/exposed.rs", "exposed"),
    ),
    ("tool/sensitive", &[""], Refused("sensitive")),
    (
        "environment,server,tool/record",
        &["", "arguments", "result", "sync"],
        Refused("record"),
    ),
    (
        "role/allow",
        &[""],
        Carried("environment/reach.rs", "allow"),
    ),
    (
        "agent,patch/identity",
        &[
            "",
            "issuer",
            "namespace",
            "service-account",
            "subject",
            "group",
            "client",
        ],
        Carried("bundle/runtime.rs", "identity"),
    ),
    (
        "agent/delegate",
        &[""],
        Carried("graph/build.rs", "delegate"),
    ),
    (
        "overlay/deploy",
        &["", "replicas"],
        Carried("environment/deployed.rs", "replicas"),
    ),
    (
        "overlay/grant",
        &["", "until"],
        Carried("environment/reach.rs", "until"),
    ),
    ("overlay/grant", &["mode"], Refused("mode=shadow")),
    (
        "overlay/patch",
        &["", "version"],
        Carried("environment/patch.rs", "version"),
    ),
    (
        "overlay/suspend",
        &["", "reason"],
        Carried("environment/suspended.rs", "Suspension"),
    ),
    ("test/can", &[""], Carried("assertion.rs", "Can")),
    ("test/cannot", &[""], Carried("assertion.rs", "Cannot")),
    (
        "test/needs-approval",
        &[""],
        Carried("assertion.rs", "NeedsApproval"),
    ),
    (
        "test/no-flow",
        &["", "from", "to"],
        Carried("assertion.rs", "NoFlow"),
    ),
    (
        "server,role,agent/describe",
        &[""],
        Carried("answer/what.rs", "describe"),
    ),
    (
        "environment,server,tool-defaults,tool,role,agent,grant,patch/limit",
        &["", "per", "burst", "concurrent", "max-args", "max-result"],
        Carried("backend/runtime_config.rs", "limit"),
    ),
    (
        "environment,server,tool,role,grant,patch/timeout",
        &[""],
        Carried("backend/runtime_config.rs", "timeout"),
    ),
    (
        "server,tool,patch/retry",
        &["", "backoff", "max-backoff"],
        Refused("retry"),
    ),
    (
        "environment/approval",
        &["", "by", "for", "quorum", "ttl"],
        Refused("approval"),
    ),
    (
        "tool,role,grant,patch/approval",
        &["", "by", "quorum", "ttl"],
        Refused("approval"),
    ),
    (
        "tool,role,grant,patch/arg",
        &["", "fix", "pattern", "min", "max", "max-length"],
        Carried("backend/runtime_config.rs", "narrowings"),
    ),
    (
        "environment,server,tool,role,agent,overlay,deploy,grant/suppress",
        &["", "reason", "until"],
        Carried("checks/suppression.rs", "suppress"),
    ),
];

fn place(row: &Row) -> String {
    format!("{}/{}", row.under.join(","), row.name)
}

#[test]
fn every_part_of_every_row_has_one_fate() {
    let mut told: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for (node, parts, _) in ALL {
        for part in *parts {
            *told.entry(((*node).to_owned(), part)).or_default() += 1;
        }
    }
    let rows = rows().flat_map(|row| {
        let properties = row.properties.iter().map(|property| property.name);
        std::iter::once("")
            .chain(properties)
            .map(|part| (place(row), part))
    });
    let declared: BTreeMap<(String, &str), usize> = rows.map(|part| (part, 1)).collect();
    let untold: Vec<_> = declared
        .keys()
        .filter(|part| !told.contains_key(part))
        .collect();
    assert!(untold.is_empty(), "who holds {untold:?}?");
    assert_eq!(told, declared);
}

#[test]
fn what_is_carried_is_known_to_its_module() {
    let disk = Disk::open(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut wrong = Vec::new();
    for (node, parts, fate) in ALL {
        let Carried(module, identifier) = fate else {
            continue;
        };
        let text = disk.read(&format!("src/{module}"), 1 << 20).unwrap();
        let text = String::from_utf8(text).unwrap();
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        if !words.any(|word| word == *identifier) {
            wrong.push(format!("{node} {parts:?}: no `{identifier}` in {module}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The snapshot is what the compiler says of a catalog that has them all.
#[test]
fn what_is_refused_is_refused_by_env017_and_nothing_else_is() {
    let refused = ALL.iter().filter_map(|(_, _, fate)| match fate {
        Refused(word) => Some((*word).to_owned()),
        Carried(..) | ForPeople => None,
    });
    let disk = Disk::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    let shown = disk.read("snapshots/checks/ENV017.snap", 1 << 20).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    let said = shown.lines().filter_map(|line| {
        let message = line.strip_prefix("error[ENV017 not-enforced]: `")?;
        Some(message.split_once('`')?.0.to_owned())
    });
    assert_eq!(refused.collect::<BTreeSet<_>>(), said.collect());
}
