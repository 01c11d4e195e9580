//! Runs all checks, and gives evidence when a catalog passes them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::date::Date;
use crate::diagnostic::report::sort;
use crate::diagnostic::{Diagnostic, Severity};
use crate::environment::Environment;
use crate::graph::Graph;
use crate::model::{Catalog, Name};
use crate::parallel;
use crate::source::Sources;

use super::{
    addresses, arguments, assertions, budget, calls, definitions, delegation, duties, effects,
    enforcement, environments, flows, grants, kubernetes, labels, limits, lock, look_alikes, names,
    namespaces, network, overlays, owners, patches, permissions, promotion, secrets, suppression,
    targets, tools, trifecta, unused,
};

/// A catalog and its environments, right or wrong.
#[derive(Debug)]
pub struct Resolved {
    /// What is declared.
    pub catalog: Catalog,
    /// Each environment, resolved.
    pub environments: BTreeMap<Name, Environment>,
    /// The permission graph of each environment.
    pub graphs: BTreeMap<Name, Graph>,
    /// What the dispatch server of each cluster target reads: its files, by name. Made to see whether
    /// they fit, used by the build.
    pub configurations: BTreeMap<Name, BTreeMap<String, Vec<u8>>>,
}

impl Resolved {
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

/// Evidence that a catalog has no errors. Only [`run`] makes one.
///
/// ```compile_fail,E0423
/// # fn forge(resolved: std::sync::Arc<bailiwick_compiler::checks::Resolved>) {
/// let forged = bailiwick_compiler::checks::Checked(resolved);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Checked(Arc<Resolved>);

impl Checked {
    /// What is declared.
    pub fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// Each environment, resolved.
    pub fn environments(&self) -> &BTreeMap<Name, Environment> {
        &self.0.environments
    }

    /// What the dispatch server of a cluster target reads.
    pub(crate) fn configuration(&self, environment: &str) -> Option<&BTreeMap<String, Vec<u8>>> {
        self.0.configurations.get(environment)
    }
}

type Function = fn(&Catalog, &BTreeMap<Name, Environment>, &mut Vec<Diagnostic>);

/// The checks that need the declared catalog or resolved environments; all others are made on the way.
const FUNCTIONS: &[Function] = &[
    addresses::metadata_address,
    addresses::private_remote,
    arguments::narrowings,
    arguments::unknown_sensitive,
    assertions::duplicate_test,
    assertions::untested_suspend,
    budget::tool_budget,
    calls::deadline_exceeded,
    calls::long_approval,
    calls::no_limit,
    calls::odd_burst,
    calls::unsafe_retry,
    definitions::definitions,
    enforcement::not_enforced,
    environments::unshared_store,
    grants::group_identity,
    grants::redundant_grant,
    grants::stricter_limit_wins,
    grants::wildcard_grant,
    kubernetes::command_without_image,
    kubernetes::no_digest,
    kubernetes::registry_not_allowed,
    kubernetes::single_replica_only,
    limits::over_ceiling,
    lock::tool_vanished,
    look_alikes::look_alike,
    names::exposed_name,
    names::not_deployed,
    namespaces::cross_environment_host,
    namespaces::identity_namespace,
    namespaces::long_namespace,
    namespaces::shared_namespace,
    network::name_egress_unenforced,
    overlays::commented_out_grant,
    overlays::dev_endpoint_in_prod,
    overlays::overlay_not_separate,
    overlays::patch_without_effect,
    overlays::untested_prod,
    patches::patch_conflict,
    permissions::forbidden_by_ceiling,
    permissions::shared_identity,
    promotion::looser_limit,
    promotion::not_promoted,
    promotion::version_ahead,
    promotion::weaker_approval,
    promotion::wider_egress,
    secrets::secrets,
    targets::environment_cycle,
    targets::plaintext_dispatch,
];

type GraphFunction = fn(&Resolved, &mut Vec<Diagnostic>);

/// The checks that need the permission graphs too.
const GRAPH_FUNCTIONS: &[GraphFunction] = &[
    assertions::assertions,
    delegation::deep_delegation,
    delegation::delegation_cycle,
    delegation::delegation_escalation,
    duties::separation_of_duties,
    effects::broad_grant,
    effects::no_expiry,
    effects::unapproved_effect,
    flows::flow_through_delegation,
    flows::private_to_external,
    flows::untrusted_to_destructive,
    flows::untrusted_to_external,
    labels::cross_team_restricted,
    labels::label_contradicts_egress,
    labels::trusted_remote_content,
    owners::unowned,
    trifecta::lethal_trifecta,
    trifecta::one_tool_trifecta,
];

/// The checks that say what nobody wrote or uses. Where something is not understood, it may be that.
const OF_ABSENCE: &[Function] = &[
    tools::unclassified_tool,
    unused::empty_environment,
    unused::idle_agent,
    unused::unused_definition,
];

/// Runs all checks. `found` is what earlier phases reported; their errors count too, since a file that
/// could not be read gives a catalog in which nothing is wrong.
pub fn run(
    resolved: &Arc<Resolved>,
    sources: &Sources,
    today: &Date,
    mut found: Vec<Diagnostic>,
) -> (Option<Checked>, Vec<Diagnostic>) {
    let (catalog, environments) = (&resolved.catalog, &resolved.environments);
    let understood = !found.iter().any(|one| one.severity == Severity::Error);
    // Each has a list of its own; together they are in the order of the table.
    found.extend(
        parallel::map(FUNCTIONS, |function| {
            let mut own = Vec::new();
            function(catalog, environments, &mut own);
            own
        })
        .into_iter()
        .flatten(),
    );
    found.extend(
        parallel::map(GRAPH_FUNCTIONS, |function| {
            let mut own = Vec::new();
            function(resolved, &mut own);
            own
        })
        .into_iter()
        .flatten(),
    );
    if understood {
        for function in OF_ABSENCE {
            function(catalog, environments, &mut found);
        }
        effects::unreachable_tool(resolved, &mut found);
    }
    permissions::expired_grant(catalog, environments, today.as_str(), &mut found);
    let mut found = suppression::apply(
        &catalog.suppressions,
        today,
        found,
        definitions::accepted(catalog, environments),
    );
    sort(&mut found, sources);
    let passed = !found
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    (passed.then(|| Checked(Arc::clone(resolved))), found)
}
