//! Suspension: what a kill switch takes out of the callable table.

use std::collections::BTreeSet;

use super::reach::Pairs;
use super::{Permission, SuspendedPermission};
use crate::model::{Catalog, Name, Subject, Suspension};
use crate::source::Loc;

/// Divides permissions into those that can be called and those that are suspended.
pub(super) fn divide(
    catalog: &Catalog,
    environment: &str,
    permissions: Pairs<Permission>,
) -> (Pairs<Permission>, Pairs<SuspendedPermission>) {
    let overlays = catalog.overlays_of(environment).iter();
    let suspensions: Vec<&Suspension> = overlays.flat_map(|overlay| &overlay.suspensions).collect();
    let (mut callable, mut suspended) = (Pairs::new(), Pairs::new());
    for (pair, permission) in permissions {
        let places = places(&suspensions, &pair);
        if places.is_empty() {
            callable.insert(pair, permission);
        } else {
            suspended.insert(pair, SuspendedPermission { permission, places });
        }
    }
    (callable, suspended)
}

fn places(suspensions: &[&Suspension], pair: &(Name, Name, Name)) -> BTreeSet<Loc> {
    let (agent, server, tool) = pair;
    let is_meant = |suspension: &&&Suspension| match &suspension.subject.value {
        Subject::Agent(name) => name == agent,
        Subject::Server(name) => name == server,
        Subject::Tool(of, name) => of == server && name == tool,
    };
    let meant = suspensions.iter().filter(is_meant);
    meant.map(|suspension| suspension.loc).collect()
}
