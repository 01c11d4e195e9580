//! ENV: environments and promotion.

use std::collections::{BTreeMap, BTreeSet};

use super::understood::Live;
use super::{Resolved, error, error_in_prod};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Constraint, Environment, Setting};
use crate::model::{Catalog, Dispatch, Name, StoreUse};
use crate::source::Loc;

pub(crate) const ENVIRONMENT_CYCLE: Check = error(
    "ENV003",
    "environment-cycle",
    "environments come after each other in a circle",
);
pub(crate) const NOT_PATCHABLE: Check = error(
    "ENV006",
    "not-patchable",
    "what a thing is cannot differ between environments",
);
pub(crate) const PATCH_CONFLICT: Check = error(
    "ENV008",
    "patch-conflict",
    "two patches set the same thing, or two lines deploy one server",
);
pub(crate) const PLAINTEXT_DISPATCH: Check = error_in_prod(
    "ENV014",
    "plaintext-dispatch",
    "agents would send tokens in clear text",
);
pub(crate) const UNSHARED_STORE: Check = error(
    "ENV015",
    "unshared-store",
    "several replicas of dispatch would each count on their own",
);
pub(crate) const NO_APPROVERS: Check = error(
    "ENV016",
    "no-approvers",
    "calls wait for approval, but nobody can log in to approve",
);
pub(crate) const NOT_ENFORCED: Check = error(
    "ENV017",
    "not-enforced",
    "a setting is not held yet by what would hold it here",
);

/// What replicas count or wait for, they count and wait for in one place.
pub(crate) fn unshared_store(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        let dispatch = environment.target.dispatch.as_ref();
        let Some(dispatch) = dispatch.filter(|dispatch| dispatch.replicas.value > 1) else {
            continue;
        };
        approved_apart(environment, dispatch, found);
        if dispatch.settings.shares(StoreUse::Limits) {
            continue;
        }
        let counted: Vec<&Constraint> = environment
            .constraints
            .iter()
            .filter(|constraint| counts(constraint))
            .collect();
        if let Some(first) = counted.first() {
            let replicas = dispatch.replicas.value;
            let mut diagnostic = environment
                .finding(
                    &UNSHARED_STORE,
                    dispatch.replicas.loc,
                    format!("{replicas} replicas would each count on their own"),
                )
                .labelled(format!(
                    "an agent could call {replicas} times as often as written"
                ))
                .and(first.loc, "counted")
                .help(
                    "write `replicas 1`, a shared `store limits`, or no `limit` that counts calls",
                );
            if counted.len() > 1 {
                diagnostic =
                    diagnostic.note(format!("{} further values count calls", counted.len() - 1));
            }
            found.push(diagnostic);
        }
    }
}

/// A call that waits in one replica is not there for who approves it in another.
fn approved_apart(environment: &Environment, dispatch: &Dispatch, found: &mut Vec<Diagnostic>) {
    if dispatch.settings.shares(StoreUse::Approvals) {
        return;
    }
    let permissions = environment.permissions.iter();
    let mut approvals = permissions.flat_map(|(_, permission)| &permission.approvals);
    let Some(place) = approvals.find_map(|approval| approval.places.iter().next()) else {
        return;
    };
    let replicas = dispatch.replicas.value;
    found.push(
        environment
            .finding(
                &UNSHARED_STORE,
                dispatch.replicas.loc,
                format!("{replicas} replicas would each approve on their own"),
            )
            .labelled("a person would see the waiting calls of one replica alone")
            .and(*place, "approval is asked for here")
            .help("write `replicas 1`, or `store approvals kind=postgres`"),
    );
}

/// Somebody can log in where calls wait for a person.
pub(super) fn no_approvers(resolved: &Resolved, _: Live, found: &mut Vec<Diagnostic>) {
    for environment in resolved.environments.values() {
        let dispatch = environment.target.dispatch.as_ref();
        if dispatch.is_none_or(|dispatch| dispatch.settings.approvers.is_some()) {
            continue;
        }
        let permissions = environment.permissions.values();
        let approvals = permissions.flat_map(|permission| &permission.approvals);
        let places: BTreeSet<Loc> = approvals.flat_map(|one| &one.places).copied().collect();
        let Some(first) = places.first() else {
            continue;
        };
        let name = environment.name();
        let mut finding = environment
            .finding(
                &NO_APPROVERS,
                environment.target.name.loc,
                format!("calls wait for approval in {name}, but nobody can log in to approve"),
            )
            .labelled("its `dispatch` has no `approvers`")
            .and(*first, "approval is asked for here")
            .help("write `approvers issuer=\"https://...\" client=\"...\"` in its `dispatch`: the login of the people who approve");
        if let more @ 1.. = places.len() - 1 {
            finding = finding.note(format!("and by {more} more of them"));
        }
        found.push(finding);
    }
}

fn counts(constraint: &Constraint) -> bool {
    match constraint.setting {
        Setting::Rate(..) | Setting::Burst(_) | Setting::Concurrent(_) => true,
        Setting::MaxArgs(_) | Setting::MaxResult(_) | Setting::Timeout(_) => false,
    }
}
