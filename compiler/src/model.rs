//! The catalog as declared: every definition with the place it was written, nothing resolved yet.

mod access;
mod argument;
mod assertion;
mod authority;
mod class;
mod dispatch;
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

use crate::diagnostic::Diagnostic;
use crate::source::{At, Loader, Loc};

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
    pub groups: BTreeMap<Name, Group>,
    /// Teams.
    pub teams: BTreeMap<Name, Team>,
    /// Deployment targets.
    pub environments: BTreeMap<Name, Target>,
    /// MCP servers.
    pub servers: BTreeMap<Name, Server>,
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

/// The declared catalog of all files. Mistakes go to `found`.
pub(crate) fn declare(
    files: &files::Files,
    loader: &dyn Loader,
    found: &mut Vec<Diagnostic>,
) -> Catalog {
    let mut catalog = lower::lower(&files.files, loader, found);
    size::check(&mut catalog, found);
    authority::check(&catalog, &files.files, found);
    visibility::check(&catalog, found);
    // What nothing seems to declare may be declared in what could not be read.
    if !files.is_partial {
        let folders = authority::unknown_folders(&catalog, &files.files, found);
        references::check(&catalog, &folders, found);
    }
    catalog
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
