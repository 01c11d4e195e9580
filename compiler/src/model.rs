//! The catalog as declared: every definition with the place it was written, nothing resolved yet.

mod access;
mod argument;
mod assertion;
mod authority;
mod class;
mod dispatch;
pub(crate) mod division;
mod environment;
pub(crate) mod files;
pub(crate) mod lower;
mod name;
pub(crate) mod origin;
mod overlay;
mod pattern;
mod references;
pub(crate) mod registry;
mod server;
mod setting;
mod size;
mod upstream;
mod visibility;
mod workload;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::{At, Loader, Loc};

pub(crate) use division::Part;
pub(crate) use files::Files;
pub(crate) use references::{Dangling, report_dangling};
pub(crate) use size::Size;
pub(crate) use visibility::is_visible;

pub use access::{Agent, Exclusive, Group, Identity, OidcWho, Role, Team};
pub use argument::{ArgumentPath, Narrowing};
pub use assertion::{Assertion, Claim, FlowSink, FlowSource, Suppression, Test};
pub use class::DataClasses;
pub use dispatch::{Anchor, Approvers, DispatchSettings, Store, StoreFailure, StoreUse};
pub use environment::{
    Deny, Deployer, Dispatch, Issuer, IssuerKind, JwksSource, Namespaces, Network, Target, Tier,
    TlsSource,
};
pub use name::{Kind, Name};
pub use overlay::{
    AgentSettings, Change, Deploy, Grant, Granted, Overlay, Patch, Subject, Suspension,
    ToolSettings,
};
pub use pattern::{Pattern, ToolPattern};
pub use registry::ImagePattern;
pub use server::{
    Effect, Egress, ImageReference, SecretKey, Server, ServerSettings, Tool, ToolDefaults,
    ToolFacts, Transport, Visibility, Volume,
};
pub use setting::{Approval, Kept, Limit, Record, Retry};
pub use upstream::{Auth, Propagation, Relayed, TokenRequest};
pub use workload::{Probe, Resources};

/// All that the sources declare.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// The organisation; none when the `catalog` node is missing or broken (reported).
    pub name: Option<At<Name>>,
    /// Classes of data.
    pub classes: DataClasses,
    /// Groups of people.
    pub groups: Arc<BTreeMap<Name, Group>>,
    /// Teams.
    pub teams: Arc<BTreeMap<Name, Team>>,
    /// Deployment targets.
    pub environments: BTreeMap<Name, Target>,
    /// MCP servers.
    pub servers: BTreeMap<Name, Arc<Server>>,
    /// Named sets of tools.
    pub roles: BTreeMap<Name, Role>,
    /// Callers.
    pub agents: BTreeMap<Name, Agent>,
    /// Roles that no agent may hold together.
    pub exclusive: Vec<Exclusive>,
    /// What is live.
    ///
    /// INVARIANT: sorted by environment, and within one by place.
    overlays: Vec<Overlay>,
    /// Places of grants that are commented out with `/-`.
    pub(crate) commented_grants: Vec<Loc>,
    /// Assertions.
    pub tests: Vec<Test>,
    /// Exceptions that people accepted.
    pub suppressions: Vec<Suppression>,
    /// Names whose definition had a mistake: references to them are not reported.
    pub poisoned: BTreeSet<(Kind, Name)>,
}

/// What all parts of a catalog have in common, and what each of them has to know of the others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Common {
    /// The organisation, its groups and teams, and nothing else.
    pub(crate) catalog: Catalog,
    /// Whether some files could not be read as a whole: what nothing seems to declare may be in them.
    pub(crate) is_partial: bool,
    /// Folders whose name is no team's, which are reported.
    pub(crate) unknown_folders: BTreeSet<Name>,
    /// Names that broken nodes would have given.
    pub(crate) lost: BTreeSet<Name>,
    /// What names nothing.
    pub(crate) dangling: Vec<Dangling>,
}

/// Declares what all parts have in common. Mistakes go to `found`.
pub(crate) fn declare_common(
    files: &Files,
    loader: &dyn Loader,
    found: &mut Vec<Diagnostic>,
) -> Common {
    let all = || files.files.iter().map(|parsed| &parsed.file);
    let nodes = division::common(&files.files);
    let lost: BTreeSet<Name> = all().flat_map(|file| &file.lost).cloned().collect();
    let catalog = lower::lower(Catalog::default(), &nodes, &BTreeSet::new(), loader, found);
    lower::one_catalog(all(), found);
    authority::root_only(all(), found);
    let mut common = Common {
        is_partial: files.is_partial,
        ..Common::default()
    };
    if !files.is_partial {
        common.unknown_folders = authority::unknown_folders(&catalog, &lost, all(), found);
        common.dangling = references::of_common(&catalog);
    }
    Common {
        catalog,
        lost,
        ..common
    }
}

/// A part of a catalog as declared.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// What it declares, with what all parts have in common.
    pub(crate) catalog: Catalog,
    /// How large it becomes.
    pub(crate) size: Size,
    /// What names nothing in it.
    pub(crate) dangling: Vec<Dangling>,
}

/// Declares one part. Mistakes go to `found`.
pub(crate) fn declare(
    part: &Part,
    common: &Common,
    loader: &dyn Loader,
    found: &mut Vec<Diagnostic>,
) -> Declared {
    let lost = part.named_of(&common.lost);
    let mut catalog = lower::lower(common.catalog.clone(), &part.files, &lost, loader, found);
    let size = size::check(&mut catalog, found);
    let mut refused = authority::check(&catalog, &part.files, found);
    visibility::check(&catalog, &mut refused, found);
    let dangling = if common.is_partial {
        Vec::new()
    } else {
        references::of_part(&catalog, &common.unknown_folders, found)
    };
    authority::take_out(&refused, &mut catalog);
    Declared {
        catalog,
        size,
        dangling,
    }
}

impl Catalog {
    /// What is live, by environment and place.
    pub fn overlays(&self) -> &[Overlay] {
        &self.overlays
    }

    /// What is live in one environment, by place.
    pub(crate) fn overlays_of(&self, environment: &str) -> &[Overlay] {
        let place = |overlay: &Overlay| (*overlay.environment.value).cmp(environment);
        let start = self.overlays.partition_point(|one| place(one).is_lt());
        let end = self.overlays.partition_point(|one| place(one).is_le());
        self.overlays.get(start..end).unwrap_or_default()
    }

    /// Adds another part of the same catalog, which has nothing but what is common twice.
    pub(crate) fn join(&mut self, other: Self) {
        self.environments.extend(other.environments);
        self.servers.extend(other.servers);
        self.roles.extend(other.roles);
        self.agents.extend(other.agents);
        self.exclusive.extend(other.exclusive);
        self.overlays.extend(other.overlays);
        self.commented_grants.extend(other.commented_grants);
        self.tests.extend(other.tests);
        self.suppressions.extend(other.suppressions);
        self.poisoned.extend(other.poisoned);
    }

    /// Brings what was joined into the order in which it is written.
    pub(crate) fn sort(&mut self) {
        self.exclusive.sort_by_key(|one| one.loc);
        let overlays = &mut self.overlays;
        overlays.sort_by(|one, other| one.environment.value.cmp(&other.environment.value));
        self.commented_grants.sort_unstable();
        self.commented_grants.dedup();
        self.tests.sort_by_key(|test| test.loc);
        self.suppressions.sort_by_key(|one| one.loc);
    }

    /// The settings of every server, as defined and as patches write them.
    pub(crate) fn server_settings(&self) -> impl Iterator<Item = &ServerSettings> {
        let patches = self.overlays.iter().flat_map(|overlay| &overlay.patches);
        let patched = patches.filter_map(|patch| match &patch.change {
            Change::Server(_, settings) => Some(&**settings),
            Change::Agent(..) | Change::Tool(..) => None,
        });
        self.servers
            .values()
            .map(|server| &server.settings)
            .chain(patched)
    }
}
