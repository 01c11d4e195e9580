//! Runs all checks, part by part, and gives evidence when a catalog passes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::date::Date;
use crate::diagnostic::report::sort;
use crate::diagnostic::{Diagnostic, Severity};
use crate::environment::Environment;
use crate::model::{Catalog, Name, Server};
use crate::parallel;
use crate::source::{Loc, Sources};

use super::definitions::KnownDefinitions;
use super::look_alikes::Looks;
use super::{
    Resolved, addresses, arguments, assertions, budget, calls, definitions, delegation,
    destinations, duties, effects, enforcement, environments, floating, flows, grants, kubernetes,
    labels, limits, lock, look_alikes, names, namespaces, network, overlays, owners, patches,
    permissions, promotion, secrets, suppression, targets, trifecta,
};

/// Evidence that a catalog has no errors. Only the checks make one.
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
    names::exposed_name,
    names::not_deployed,
    namespaces::long_namespace,
    namespaces::reserved_namespace,
    network::confusable_host,
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
    destinations::ip_literal,
    destinations::wildcard_egress,
    duties::separation_of_duties,
    effects::broad_grant,
    effects::no_expiry,
    effects::unapproved_effect,
    floating::floating_tag,
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

/// What the checks need that hold parts of a catalog against each other.
#[derive(Debug)]
pub(super) struct Whole<'p> {
    /// All servers.
    pub(super) servers: BTreeMap<&'p Name, &'p Arc<Server>>,
    /// All environments, resolved.
    pub(super) environments: BTreeMap<&'p Name, &'p Environment>,
    /// The names of all tools.
    pub(super) looks: Vec<&'p Looks>,
}

type WholeFunction = fn(&Whole<'_>, &mut Vec<Diagnostic>);

/// The checks that hold parts of a catalog against each other.
const OF_THE_WHOLE: &[WholeFunction] = &[
    look_alikes::look_alike,
    namespaces::cross_environment_host,
    namespaces::identity_namespace,
    namespaces::shared_namespace,
];

/// What the checks make out of one part of a catalog by itself.
#[derive(Debug)]
pub(crate) struct OfPart {
    /// What is wrong in it.
    pub(crate) found: Vec<Diagnostic>,
    /// What is held against other parts.
    looks: Looks,
}

/// Checks one part of a catalog. What is not `known` of definitions is added.
pub(crate) fn of_part(part: &Resolved, known: &KnownDefinitions) -> OfPart {
    let (catalog, environments) = (&part.catalog, &part.environments);
    let mut found = Vec::new();
    definitions::definitions(environments, known, &mut found);
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
            function(part, &mut own);
            own
        })
        .into_iter()
        .flatten(),
    );
    OfPart {
        found,
        looks: Looks::of(catalog),
    }
}

/// What all parts of a catalog come to.
#[derive(Debug)]
pub(crate) struct Verdict {
    findings: Vec<Diagnostic>,
}

/// Adds to what was `found` of the parts what they are together and on this day, and takes away what people
/// accepted. The errors of earlier phases count too, since a file that could not be read gives a catalog in
/// which nothing is wrong. `private_keys` are those of all files, also of such that could not be read.
pub(crate) fn conclude<'p>(
    parts: &[&'p Resolved],
    checked: impl Iterator<Item = &'p OfPart>,
    sources: &Sources,
    private_keys: &[Loc],
    today: &Date,
    mut found: Vec<Diagnostic>,
) -> Verdict {
    let catalogs = || parts.iter().map(|part| &part.catalog);
    let whole = Whole {
        servers: catalogs().flat_map(|catalog| &catalog.servers).collect(),
        environments: parts.iter().flat_map(|part| &part.environments).collect(),
        looks: checked.map(|part| &part.looks).collect(),
    };
    for function in OF_THE_WHOLE {
        function(&whole, &mut found);
    }
    for part in parts {
        let day = today.as_str();
        permissions::expired_grant(&part.catalog, &part.environments, day, &mut found);
    }
    secrets::private_key(private_keys, &mut found);
    let suppressions = catalogs().flat_map(|catalog| &catalog.suppressions);
    let accepted = definitions::accepted(parts);
    let mut findings = suppression::apply(suppressions, today, found, accepted);
    sort(&mut findings, sources);
    Verdict { findings }
}

impl Verdict {
    /// What is wrong, errors first, then by place.
    pub(crate) fn findings(self) -> Vec<Diagnostic> {
        self.findings
    }

    /// Evidence that nothing is an error in `whole`, which is all parts together.
    pub(crate) fn evidence(&self, whole: &Arc<Resolved>) -> Option<Checked> {
        let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
        let passed = !self.findings.iter().any(is_error);
        passed.then(|| Checked(Arc::clone(whole)))
    }
}
