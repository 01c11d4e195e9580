//! What the checks look at: a catalog, or a part of one, with its environments.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::environment::Environment;
use crate::graph::Graph;
use crate::model::{Catalog, Name};

/// A catalog and its environments, right or wrong.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// What is declared.
    pub catalog: Catalog,
    /// Each environment, resolved.
    pub environments: BTreeMap<Name, Environment>,
    /// The permission graph of each environment.
    pub graphs: BTreeMap<Name, Graph>,
}

impl Resolved {
    /// The parts of a catalog together.
    pub(crate) fn join(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().unwrap_or_default();
        for part in parts {
            whole.catalog.join(part.catalog);
            whole.environments.extend(part.environments);
            whole.graphs.extend(part.graphs);
        }
        whole.catalog.sort();
        whole
    }

    /// Each environment with its graph, the highest tier first: what several share is said once, for the
    /// first of them.
    pub(super) fn by_tier(&self) -> Vec<(&Environment, &Graph)> {
        let environments = self.environments.iter();
        let mut ordered: Vec<(&Environment, &Graph)> = environments
            .filter_map(|(name, environment)| Some((environment, self.graphs.get(name)?)))
            .collect();
        ordered.sort_by_key(|(environment, _)| Reverse(environment.target.tier));
        ordered
    }
}
