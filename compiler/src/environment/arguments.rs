//! What is left of the arguments of each callable tool for each agent.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::{Environment, Permission};
use crate::model::{Name, Narrowing};
use crate::narrowing::{Arguments, KnownNarrowings};
use crate::parallel;
use crate::source::Loc;

/// The path of a definition file, a tool in it, and the places of what narrows its arguments.
type Place<'e> = (&'e str, &'e Name, Vec<Loc>);

/// A tool and what narrows it, for all who share it.
struct Combination<'e> {
    path: &'e str,
    tool: &'e Name,
    definition: &'e RawValue,
    narrowings: Vec<Arc<Narrowing>>,
}

/// Holds what narrows arguments against the definitions, and notes what is left of them. A role brings the same
/// to many agents, and environments share most of it: each combination is worked out once.
pub(crate) fn narrow(environments: &mut BTreeMap<Name, Environment>, known: &KnownNarrowings) {
    let mut places: BTreeMap<Place<'_>, usize> = BTreeMap::new();
    let mut combinations: Vec<Combination<'_>> = Vec::new();
    let mut narrowed: Vec<(usize, &mut Permission)> = Vec::new();
    for environment in environments.values_mut() {
        let servers = &environment.servers;
        for ((_, server, tool), permission) in &mut environment.permissions {
            if permission.narrowings.is_empty() {
                continue;
            }
            let Some(deployed) = servers.get(server) else {
                continue;
            };
            let Some(definition) = deployed.lock.tools.get(tool) else {
                continue;
            };
            let path = deployed.lock.path.as_str();
            let locs = permission.narrowings.iter().map(|one| one.loc).collect();
            let number = *places.entry((path, tool, locs)).or_insert_with(|| {
                combinations.push(Combination {
                    path,
                    tool,
                    definition,
                    narrowings: permission.narrowings.clone(),
                });
                combinations.len() - 1
            });
            narrowed.push((number, permission));
        }
    }
    let made = parallel::map(&combinations, |one| {
        match known.narrowed(one.path, one.tool, one.definition, &one.narrowings) {
            Ok(left) => Arguments::Narrowed(left),
            Err(misfits) => Arguments::Nothing(misfits.into()),
        }
    });
    for (number, permission) in narrowed {
        if let Some(arguments) = made.get(number) {
            permission.arguments = arguments.clone();
        }
    }
}
