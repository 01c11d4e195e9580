//! Settings of a dispatch server.

use std::collections::BTreeMap;

use crate::checks::language::{CONFLICTING_NODES, MISSING_PART, REPEATED_NODE};
use crate::diagnostic::Diagnostic;
use crate::grammar::Item;
use crate::model::{Anchor, Approvers, DispatchSettings, Name, Store, StoreFailure, StoreUse};
use crate::source::{At, Loc};

use super::{duplicate, read};

/// Most keys that may sign configurations: the present one and the next.
const MOST_VERIFY_KEYS: usize = 2;

pub(super) fn settings(item: &Item, found: &mut Vec<Diagnostic>) -> DispatchSettings {
    let audit = |property: &str| item.child("audit")?.property(property);
    DispatchSettings {
        stores: stores(item, found),
        on_store_failure: item.child("on-store-failure").and_then(|node| {
            let local = node.argument("calls").and_then(read::word)? == "local";
            let failure = if local {
                StoreFailure::Local
            } else {
                StoreFailure::Closed
            };
            Some(at(failure, node.loc))
        }),
        telemetry: item.child("telemetry").and_then(|node| {
            let otlp = node.property("otlp").and_then(read::text)?;
            Some(at(otlp.value, node.loc))
        }),
        approvers: item.child("approvers").and_then(|node| {
            let text = |property: &str| node.property(property).and_then(read::text);
            let approvers = Approvers {
                issuer: text("issuer")?.value,
                client: text("client")?.value,
            };
            Some(at(approvers, node.loc))
        }),
        verify_keys: verify_keys(item, found),
        retain: audit("retain").and_then(read::number),
        anchor: audit("anchor").and_then(read::text).map(|text| {
            let anchor = if text.value.starts_with("https://") {
                Anchor::Url(text.value)
            } else {
                Anchor::ConfigMap(Name::trusted(&text.value))
            };
            at(anchor, text.loc)
        }),
    }
}

fn at<T>(value: T, loc: Loc) -> At<T> {
    At { value, loc }
}

fn stores(item: &Item, found: &mut Vec<Diagnostic>) -> BTreeMap<StoreUse, At<Store>> {
    let mut stores: BTreeMap<StoreUse, At<Store>> = BTreeMap::new();
    for node in item.all("store") {
        let (keeps, word) = match node.argument("keeps").and_then(read::word) {
            Some("approvals") => (StoreUse::Approvals, "approvals"),
            Some(word) => (StoreUse::Limits, word),
            None => continue,
        };
        let Some(store) = store(node, keeps, word, found) else {
            continue;
        };
        if let Some(first) = stores.get(&keeps) {
            found.push(duplicate("store", word, node.loc, first.loc));
        } else {
            stores.insert(keeps, at(store, node.loc));
        }
    }
    stores
}

/// The store of a kind that can keep this, with a Secret where it is shared.
fn store(node: &Item, keeps: StoreUse, word: &str, found: &mut Vec<Diagnostic>) -> Option<Store> {
    let kind = node.property("kind");
    let secret = node.property("secret");
    let default = match keeps {
        StoreUse::Limits => "memory",
        StoreUse::Approvals => "sqlite",
    };
    let named = kind.and_then(read::word).unwrap_or(default);
    let fits = match keeps {
        StoreUse::Limits => matches!(named, "memory" | "valkey"),
        StoreUse::Approvals => matches!(named, "sqlite" | "postgres"),
    };
    if let (Some(kind), false) = (kind, fits) {
        let kinds = match keeps {
            StoreUse::Limits => "`memory` or `valkey`",
            StoreUse::Approvals => "`sqlite` or `postgres`",
        };
        let message = format!("the store of {word} is {kinds}, not `{named}`");
        found.push(CONFLICTING_NODES.at(kind.loc, message));
        return None;
    }
    let shared = matches!(named, "valkey" | "postgres");
    let name = secret
        .and_then(read::text)
        .map(|text| Name::trusted(&text.value));
    match (shared, secret, name) {
        (true, _, Some(secret)) if named == "valkey" => Some(Store::Valkey(secret)),
        (true, _, Some(secret)) => Some(Store::Postgres(secret)),
        (true, _, None) => {
            if !node.broken {
                found.push(
                    MISSING_PART
                        .at(node.head, format!("`kind={named}` needs `secret=`"))
                        .help("name the Secret whose key `url` says where the store is"),
                );
            }
            None
        }
        (false, Some(secret), _) => {
            let message = format!("the store of {word} is `{named}`, which has no `secret=`");
            found.push(CONFLICTING_NODES.at(secret.loc, message));
            None
        }
        (false, None, _) if named == "memory" => Some(Store::Memory),
        (false, None, _) => Some(Store::Sqlite),
    }
}

fn verify_keys(item: &Item, found: &mut Vec<Diagnostic>) -> Vec<At<String>> {
    let keys = item.all("verify-key").filter_map(|node| {
        let key = node.argument("key").and_then(read::text)?;
        Some(at(key.value, node.loc))
    });
    let mut keys: Vec<At<String>> = keys.collect();
    if let (Some(first), Some(more)) = (keys.first(), keys.get(MOST_VERIFY_KEYS)) {
        found.push(
            REPEATED_NODE
                .at(more.loc, "at most two `verify-key` allowed")
                .and(first.loc, "first is here"),
        );
    }
    keys.truncate(MOST_VERIFY_KEYS);
    keys
}
