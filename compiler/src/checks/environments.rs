//! ENV: environments and promotion.

use std::collections::BTreeMap;

use super::{error, error_in_prod};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Constraint, Environment, Setting};
use crate::model::{Catalog, Name};

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
pub(crate) const NOT_ENFORCED: Check = error(
    "ENV017",
    "not-enforced",
    "a setting is not held yet by what would hold it here",
);

/// What is counted is counted in one place.
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
                .help("write `replicas 1`, or no `limit` that counts calls");
            if counted.len() > 1 {
                diagnostic =
                    diagnostic.note(format!("{} further values count calls", counted.len() - 1));
            }
            found.push(diagnostic);
        }
    }
}

fn counts(constraint: &Constraint) -> bool {
    match constraint.setting {
        Setting::Rate(..) | Setting::Burst(_) | Setting::Concurrent(_) => true,
        Setting::MaxArgs(_) | Setting::MaxResult(_) | Setting::Timeout(_) => false,
    }
}
