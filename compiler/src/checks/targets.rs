//! Environments as declared: their order, their namespaces, and how dispatch serves them.

use std::collections::{BTreeMap, BTreeSet};

use super::environments::{ENVIRONMENT_CYCLE, PLAINTEXT_DISPATCH};
use super::kubernetes::SHARED_NAMESPACE;
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::model::{Catalog, Name, Target, Tier, TlsSource};

/// Environments come after each other in a line.
pub(crate) fn environment_cycle(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let mut reported: BTreeSet<&Name> = BTreeSet::new();
    for start in catalog.environments.values() {
        let Some(circle) = circle(catalog, start) else {
            continue;
        };
        if circle.iter().any(|name| reported.contains(name)) {
            continue;
        }
        let Some(after) = &start.after else {
            continue;
        };
        let shown: Vec<&str> = circle
            .iter()
            .chain(circle.first())
            .map(|name| &***name)
            .collect();
        found.push(
            ENVIRONMENT_CYCLE
                .at(after.loc, shown.join(" after "))
                .help("one of them comes first, without `after=`"),
        );
        reported.extend(circle);
    }
}

/// The environments from `start` back to itself, when `after` leads there.
fn circle<'c>(catalog: &'c Catalog, start: &'c Target) -> Option<Vec<&'c Name>> {
    let mut circle = vec![&start.name.value];
    // Names that have led here, so that a circle further on ends the walk.
    let mut seen: BTreeSet<&Name> = BTreeSet::new();
    let mut current = start;
    loop {
        current = catalog.environments.get(&current.after.as_ref()?.value)?;
        let name = &current.name.value;
        if *name == start.name.value {
            return Some(circle);
        }
        if !seen.insert(name) {
            return None;
        }
        circle.push(name);
    }
}

/// Every cluster target has a namespace of its own.
pub(crate) fn shared_namespace(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let mut taken: BTreeMap<&Name, &Target> = BTreeMap::new();
    for target in catalog.environments.values() {
        let Some(first) = taken.get(&target.namespace.value) else {
            taken.insert(&target.namespace.value, target);
            continue;
        };
        found.push(
            SHARED_NAMESPACE
                .at(
                    target.namespace.loc,
                    format!(
                        "{} and {} both use namespace `{}`",
                        first.name.value, target.name.value, target.namespace.value
                    ),
                )
                .and(first.namespace.loc, "first is here")
                .help("give each environment a namespace of its own with `namespace=`"),
        );
    }
}

/// Agents send tokens over TLS alone.
pub(crate) fn plaintext_dispatch(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for target in catalog.environments.values() {
        let Some(dispatch) = &target.dispatch else {
            continue;
        };
        if dispatch.tls.value == TlsSource::None {
            let name = &target.name.value;
            found.push(
                PLAINTEXT_DISPATCH
                    .at(
                        dispatch.tls.loc,
                        format!("agents would send tokens to {name} in clear text"),
                    )
                    .help("write `tls issuer=` or `tls secret=`")
                    .in_tier(name, target.tier == Tier::Prod),
            );
        }
    }
}
