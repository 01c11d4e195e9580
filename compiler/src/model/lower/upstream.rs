//! How dispatch speaks to a server.

use std::collections::BTreeSet;

use crate::checks::language::{CONFLICTING_NODES, MISSING_PART};
use crate::diagnostic::Diagnostic;
use crate::grammar::Item;
use crate::model::{Auth, Name, Propagation, Relayed, SecretKey, TokenRequest};
use crate::source::At;

use super::read;

/// Key of the Secret of a bearer token where none is written.
const TOKEN_KEY: &str = "token";

/// Kinds that write each property, and what a message calls them.
const OF_BEARER: (&[&str], &str) = (&["bearer"], "`auth bearer` alone");
const OF_ISSUER: (&[&str], &str) = (
    &["token-exchange", "client-credentials"],
    "`auth token-exchange` and `auth client-credentials` alone",
);
const PROPERTIES: [(&str, (&[&str], &str)); 5] = [
    ("secret", OF_BEARER),
    ("key", OF_BEARER),
    ("issuer", OF_ISSUER),
    ("audience", OF_ISSUER),
    ("scope", OF_ISSUER),
];

/// The `auth` of a server or a patch.
pub(super) fn auth(parent: &Item, found: &mut Vec<Diagnostic>) -> Option<At<Auth>> {
    let item = parent.child("auth")?;
    let written = item.argument("kind")?;
    let kind = read::word(written)?;
    for (property, (kinds, of)) in PROPERTIES {
        if let Some(at) = item.property(property).filter(|_| !kinds.contains(&kind)) {
            found.push(
                CONFLICTING_NODES
                    .at(at.loc, format!("`{property}` is for {of}"))
                    .and(written.loc, "the kind is here"),
            );
        }
    }
    let text = |property: &str| Some(item.property(property).and_then(read::text)?.value);
    let mut needed = |property: &str| {
        let value = text(property);
        if value.is_none() && !item.broken {
            let missing = format!("`auth {kind}` needs `{property}=`");
            found.push(MISSING_PART.at(item.head, missing));
        }
        value
    };
    let value = match kind {
        "bearer" => Auth::Bearer(SecretKey {
            secret: Name::trusted(&needed("secret")?),
            key: text("key").unwrap_or_else(|| TOKEN_KEY.to_owned()),
        }),
        "token-exchange" | "client-credentials" => {
            let request = TokenRequest {
                issuer: needed("issuer")?,
                audience: text("audience"),
                scope: text("scope"),
            };
            if kind == "token-exchange" {
                Auth::TokenExchange(request)
            } else {
                Auth::ClientCredentials(request)
            }
        }
        _ => Auth::None,
    };
    Some(At {
        value,
        loc: item.loc,
    })
}

/// The requests of a `relay`.
pub(super) fn relay(server: &Item) -> Option<At<BTreeSet<Relayed>>> {
    let item = server.child("relay")?;
    let requests = item.arguments("request").iter();
    let requests = requests.filter_map(|at| match read::word(at)? {
        "elicitation" => Some(Relayed::Elicitation),
        "sampling" => Some(Relayed::Sampling),
        _ => Some(Relayed::Roots),
    });
    Some(At {
        value: requests.collect(),
        loc: item.loc,
    })
}

/// The `propagate` of a server.
pub(super) fn propagate(server: &Item) -> Option<At<Propagation>> {
    let item = server.child("propagate")?;
    let value = match read::word(item.argument("caller")?)? {
        "assertion" => Propagation::Assertion,
        "headers" => Propagation::Headers,
        _ => Propagation::None,
    };
    Some(At {
        value,
        loc: item.loc,
    })
}
