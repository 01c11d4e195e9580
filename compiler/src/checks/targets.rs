//! Environments as declared: their order, and how dispatch serves them.

use std::collections::{BTreeMap, BTreeSet};

use super::environments::{ENVIRONMENT_CYCLE, PLAINTEXT_DISPATCH};
use super::understood::Live;
use super::{Resolved, note};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::model::{Catalog, Name, Target, Tier, TlsSource};

pub(crate) const UNSIGNED_CONFIG: Check = note(
    "SIG001",
    "unsigned-config",
    "dispatch takes up any configuration that gets into the cluster of a prod environment",
);

/// Environments come after each other in a line.
pub(crate) fn environment_cycle(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    // Each environment is walked over once, whatever leads to it.
    let mut walked: BTreeSet<&Name> = BTreeSet::new();
    for start in catalog.environments.values() {
        let mut line: Vec<&Target> = Vec::new();
        let mut places: BTreeMap<&Name, usize> = BTreeMap::new();
        let mut next = Some(start);
        while let Some(target) = next.filter(|target| !walked.contains(&target.name.value)) {
            if let Some(&from) = places.get(&target.name.value) {
                found.extend(circle(line.get(from..).unwrap_or_default()));
                break;
            }
            places.insert(&target.name.value, line.len());
            line.push(target);
            let after = target.after.as_ref();
            next = after.and_then(|after| catalog.environments.get(&after.value));
        }
        walked.extend(places.into_keys());
    }
}

/// A finding about environments in a circle, told from the first by name.
fn circle(targets: &[&Target]) -> Option<Diagnostic> {
    let first =
        (0..targets.len()).min_by_key(|&at| targets.get(at).map(|target| &target.name.value))?;
    let (before, from) = targets.split_at_checked(first)?;
    let start = from.first()?;
    let around = from.iter().chain(before).chain([start]);
    let names: Vec<&str> = around.map(|target| &*target.name.value).collect();
    let finding = ENVIRONMENT_CYCLE.at(start.after.as_ref()?.loc, names.join(" after "));
    Some(finding.help("one of them comes first, without `after=`"))
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

/// A configuration of prod is signed by who approved it.
pub(super) fn unsigned_config(resolved: &Resolved, _: Live, found: &mut Vec<Diagnostic>) {
    for target in resolved.catalog.environments.values() {
        let unsigned = target
            .dispatch
            .as_ref()
            .is_some_and(|dispatch| dispatch.settings.verify_keys.is_empty());
        if target.tier != Tier::Prod || !unsigned {
            continue;
        }
        let name = &target.name.value;
        found.push(
            UNSIGNED_CONFIG
                .at(
                    target.name.loc,
                    format!("{name} has no `verify-key`: only admission protects the configuration of its dispatch server"),
                )
                .help("write `verify-key` in its `dispatch`, and sign what is built")
                .in_tier(name, true),
        );
    }
}
