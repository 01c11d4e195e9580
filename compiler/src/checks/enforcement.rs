//! ENV017: what takes part in an environment and is not held yet by what would hold it.

use std::collections::{BTreeMap, BTreeSet};

use super::environments::NOT_ENFORCED;
use crate::diagnostic::Diagnostic;
use crate::environment::{Environment, Permission};
use crate::model::{
    Auth, Catalog, DispatchSettings, Issuer, IssuerKind, JwksSource, Name, Propagation, Server,
    Store, Tool,
};
use crate::source::Loc;

/// Refuses every setting that would be dropped.
pub(crate) fn not_enforced(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let mut dropped: BTreeMap<(Loc, &str), Vec<&Environment>> = BTreeMap::new();
    for environment in environments.values() {
        for refused in of_the_runtime(catalog, environment) {
            dropped.entry(refused).or_default().push(environment);
        }
    }
    for ((loc, node), environments) in dropped {
        let names: Vec<&str> = environments.iter().map(|one| &**one.name()).collect();
        let Some((first, others)) = names.split_first() else {
            continue;
        };
        let message = format!("`{node}` is not enforced in `{first}` yet");
        let mut finding = NOT_ENFORCED.at(loc, message).help(instead(node));
        if !others.is_empty() {
            finding = finding.note(format!("nor in {}", others.join(", ")));
        }
        found.push(finding);
    }
}

fn instead(node: &str) -> &'static str {
    match node {
        "auth" => {
            "patch it with `auth none` there: calls would go out without the credential anyway"
        }
        _ => "leave it out until dispatch holds it: now it would be dropped",
    }
}

type Dropped = BTreeSet<(Loc, &'static str)>;

/// What the dispatch server would hold of the calls of one environment.
fn of_the_runtime(catalog: &Catalog, environment: &Environment) -> Dropped {
    let mut dropped = Dropped::new();
    for ((_, server, tool), permission) in &environment.permissions {
        dropped.extend(of_permission(permission));
        let tool = environment.tool(server, tool).into_iter();
        let sensitive = tool.flat_map(|tool: &Tool| &tool.sensitive);
        dropped.extend(sensitive.map(|path| (path.loc, "sensitive")));
    }
    let on_laptop = environment.target.dispatch.is_none();
    let servers = environment.servers.values();
    dropped.extend(servers.flat_map(|deployed| of_server(&deployed.server, on_laptop)));
    let overlays = catalog.overlays_of(environment.name()).iter();
    let grants = overlays.flat_map(|overlay| &overlay.grants);
    dropped.extend(grants.filter_map(|grant| Some((grant.shadow?, "mode=shadow"))));
    if environment.is_cluster() {
        let issuers = environment.target.issuers.values();
        dropped.extend(issuers.flat_map(of_issuer));
    }
    let dispatch = environment.target.dispatch.iter();
    dropped.extend(dispatch.flat_map(|dispatch| of_dispatch(&dispatch.settings)));
    dropped
}

/// What the dispatch server of a cluster would do beside the calls themselves. Limits in memory
/// are held already.
fn of_dispatch(settings: &DispatchSettings) -> Vec<(Loc, &'static str)> {
    let stores = settings
        .stores
        .values()
        .filter_map(|store| match store.value {
            Store::Valkey(_) | Store::Postgres(_) | Store::Sqlite => Some((store.loc, "store")),
            Store::Memory => None,
        });
    let keys = settings
        .verify_keys
        .iter()
        .map(|key| (key.loc, "verify-key"));
    let place = |loc: Option<Loc>, node: &'static str| Some((loc?, node));
    let others = [
        place(
            settings.on_store_failure.as_ref().map(|at| at.loc),
            "on-store-failure",
        ),
        place(settings.telemetry.as_ref().map(|at| at.loc), "telemetry"),
        place(settings.approvers.as_ref().map(|at| at.loc), "approvers"),
        place(settings.retain.as_ref().map(|at| at.loc), "retain"),
        place(settings.anchor.as_ref().map(|at| at.loc), "anchor"),
    ];
    stores
        .chain(keys)
        .chain(others.into_iter().flatten())
        .collect()
}

/// How the dispatch server would speak to a server. In a cluster it reads bearer tokens.
fn of_server(server: &Server, on_laptop: bool) -> impl Iterator<Item = (Loc, &'static str)> {
    let auth = server.settings.auth.as_ref();
    let auth = auth.filter(|auth| match auth.value {
        Auth::None => false,
        Auth::Bearer(_) => on_laptop,
        Auth::TokenExchange(_) | Auth::ClientCredentials(_) => true,
    });
    let propagate = server.propagate.as_ref();
    let propagate = propagate.filter(|caller| caller.value != Propagation::None);
    [
        auth.map(|auth| (auth.loc, "auth")),
        propagate.map(|caller| (caller.loc, "propagate")),
        server.relay.as_ref().map(|relay| (relay.loc, "relay")),
    ]
    .into_iter()
    .flatten()
}

/// What the dispatch server of a cluster would know of an issuer; a laptop is an issuer itself.
fn of_issuer(issuer: &Issuer) -> impl Iterator<Item = (Loc, &'static str)> {
    let kind = issuer.kind.value == IssuerKind::Spiffe;
    let keys = match &issuer.jwks {
        JwksSource::Cluster(loc) => Some((*loc, "jwks=cluster")),
        JwksSource::Discovery | JwksSource::Url(_) | JwksSource::File(..) => None,
    };
    [
        kind.then_some((issuer.kind.loc, "kind=spiffe")),
        keys,
        issuer.token_review.map(|loc| (loc, "token-review")),
    ]
    .into_iter()
    .flatten()
}

fn of_permission(permission: &Permission) -> impl Iterator<Item = (Loc, &'static str)> {
    let approvals = permission.approvals.iter();
    let approvals = approvals.flat_map(|approval| &approval.places);
    let retry = permission.retry.filter(|retry| retry.tries > 0);
    approvals
        .map(|loc| (*loc, "approval"))
        .chain(retry.map(|retry| (retry.loc, "retry")))
        .chain(permission.record.places.iter().map(|loc| (*loc, "record")))
}
