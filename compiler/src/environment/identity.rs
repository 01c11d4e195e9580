//! Identities: the issuer that vouches for an agent in one environment.

use crate::checks::names::UNKNOWN_REFERENCE;
use crate::checks::owners::NO_IDENTITY;
use crate::diagnostic::Diagnostic;
use crate::model::{Agent, Catalog, Identity, Issuer, IssuerKind, Kind, Name, Target, Tier};
use crate::source::{At, Loc};

/// Issuers that a finding names.
const SHOWN: usize = 5;

/// The agent's identity with its issuer's name filled in. A cluster target must have that issuer;
/// a laptop ignores identities, so there a missing one is no mistake.
pub(super) fn identity(
    catalog: &Catalog,
    agent: &Agent,
    target: &Target,
    granted: Loc,
    found: &mut Vec<Diagnostic>,
) -> Option<(Name, Identity)> {
    let Some(identity) = agent.identity.as_ref() else {
        let is_poisoned = catalog.is_poisoned(Kind::Agent, &agent.name.value);
        if target.dispatch.is_some() && !is_poisoned {
            found.push(without_identity(agent, target, granted));
        }
        return None;
    };
    let (kind, named) = match &identity.value {
        Identity::Kubernetes { issuer, .. } => (IssuerKind::Kubernetes, issuer),
        Identity::Oidc { issuer, .. } => (IssuerKind::Oidc, issuer),
        Identity::Spiffe { issuer, .. } => (IssuerKind::Spiffe, issuer),
    };
    match issuer(target, kind, named.as_ref()) {
        Ok(issuer) => {
            let place = named.as_ref().map_or(identity.loc, |named| named.loc);
            let issuer = At {
                value: issuer,
                loc: place,
            };
            Some((issuer.value.clone(), with_issuer(&identity.value, issuer)))
        }
        Err(message) => {
            // An issuer with a mistake of its own is reported there.
            let from = (Kind::Issuer, Name::trusted(""));
            let poisoned = catalog.poisoned.range(from..).next();
            let is_poisoned = poisoned.is_some_and(|(kind, _)| *kind == Kind::Issuer);
            if target.dispatch.is_some() && !is_poisoned {
                found.push(unknown_issuer(
                    agent,
                    target,
                    identity.loc,
                    named.as_ref(),
                    message,
                    granted,
                ));
            }
            None
        }
    }
}

/// The issuer of this name, or the only one of this kind; else what is wrong, and what to do.
fn issuer(
    target: &Target,
    kind: IssuerKind,
    named: Option<&At<Name>>,
) -> Result<Name, (String, String)> {
    let environment = &target.name.value;
    let word = kind.word();
    let is_of_kind = |issuer: &&Issuer| issuer.kind.value == kind;
    if let Some(named) = named
        && target
            .issuers
            .get(&named.value)
            .as_ref()
            .is_some_and(is_of_kind)
    {
        return Ok(named.value.clone());
    }
    // More of them nobody reads.
    let of_kind = target.issuers.values().filter(is_of_kind).take(SHOWN + 1);
    let of_kind: Vec<&Name> = of_kind.map(|issuer| &issuer.name.value).collect();
    if let Some(named) = named {
        return Err((
            format!(
                "no issuer `{}` of kind {word} in {environment}",
                named.value
            ),
            match of_kind.as_slice() {
                [] => format!("declare one in `environment {environment}`"),
                names => format!("{environment} has {}", listed(names)),
            },
        ));
    }
    match of_kind.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err((
            format!("no issuer of kind {word} in {environment}"),
            format!("declare one in `environment {environment}`"),
        )),
        several => Err((
            format!("{environment} has several issuers of kind {word}"),
            format!("write `issuer=` with one of {}", listed(several)),
        )),
    }
}

fn listed(names: &[&Name]) -> String {
    let shown = names.iter().take(SHOWN);
    let mut quoted: Vec<String> = shown.map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        quoted.push("...".to_owned());
    }
    quoted.join(", ")
}

fn with_issuer(identity: &Identity, issuer: At<Name>) -> Identity {
    let issuer = Some(issuer);
    match identity.clone() {
        Identity::Kubernetes {
            namespace,
            service_account,
            ..
        } => Identity::Kubernetes {
            issuer,
            namespace,
            service_account,
        },
        Identity::Oidc { who, client, .. } => Identity::Oidc {
            issuer,
            who,
            client,
        },
        Identity::Spiffe { id, .. } => Identity::Spiffe { issuer, id },
    }
}

/// Nobody could call as this agent, whatever it is granted.
fn without_identity(agent: &Agent, target: &Target, granted: Loc) -> Diagnostic {
    let (name, environment) = (&agent.name.value, &target.name.value);
    let message =
        format!("no identity declared for `{name}`, which is granted something in {environment}");
    NO_IDENTITY
        .at(agent.name.loc, message)
        .labelled("no token is this agent's, so it can call nothing")
        .and(granted, "it is granted something here")
        .help("write `identity kubernetes` or `identity oidc`; only `bailiwick dev` does without")
        .in_tier(environment, target.tier == Tier::Prod)
}

fn unknown_issuer(
    agent: &Agent,
    target: &Target,
    identity: Loc,
    named: Option<&At<Name>>,
    (message, help): (String, String),
    granted: Loc,
) -> Diagnostic {
    UNKNOWN_REFERENCE
        .at(named.map_or(identity, |named| named.loc), message)
        .and(
            granted,
            format!("`{}` is granted something here", agent.name.value),
        )
        .and(target.name.loc, "the environment")
        .help(help)
        .in_tier(&target.name.value, target.tier == Tier::Prod)
}
