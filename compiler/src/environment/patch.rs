//! Patches: whole settings of one thing replaced in one environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::model::{
    Agent, AgentSettings, Catalog, Change, Name, Server, ServerSettings, ToolSettings, origin,
};
use crate::source::Loc;

/// All patches of one environment, by what they change.
#[derive(Debug, Default)]
pub(super) struct Patches<'c> {
    servers: BTreeMap<&'c str, Vec<&'c ServerSettings>>,
    agents: BTreeMap<&'c str, Vec<&'c AgentSettings>>,
    tools: BTreeMap<&'c str, Vec<ToolPatch<'c>>>,
}

type ToolPatch<'c> = (&'c Name, &'c ToolSettings);

impl<'c> Patches<'c> {
    /// The patches of `environment`. No two set the same thing (ENV008), so their order is no
    /// matter.
    pub(super) fn of(catalog: &'c Catalog, environment: &str) -> Self {
        let mut patches = Self::default();
        let here = catalog.overlays_of(environment);
        for patch in here.iter().flat_map(|overlay| &overlay.patches) {
            match &patch.change {
                Change::Server(name, settings) => {
                    patches
                        .servers
                        .entry(&name.value)
                        .or_default()
                        .push(settings);
                }
                Change::Agent(name, settings) => {
                    patches
                        .agents
                        .entry(&name.value)
                        .or_default()
                        .push(settings);
                }
                Change::Tool(name, settings) => {
                    let (server, tool) = &name.value;
                    patches
                        .tools
                        .entry(server)
                        .or_default()
                        .push((tool, settings));
                }
            }
        }
        patches
    }

    /// The server and its tools as they are here: the defined one, when nothing changes it.
    pub(super) fn server(&self, defined: &Arc<Server>) -> Arc<Server> {
        let name: &str = &defined.name.value;
        if !self.servers.contains_key(name) && !self.tools.contains_key(name) {
            return Arc::clone(defined);
        }
        let mut server = Server::clone(defined);
        let patches = self.servers.get(name).map_or(&[][..], Vec::as_slice);
        // All drops come before all replacements, so that what one patch sets no other drops.
        for patch in patches {
            drop_replaced_origin(&mut server, patch);
        }
        for patch in patches {
            replace_settings(&mut server.settings, patch);
        }
        for (tool, patch) in self.tools.get(name).into_iter().flatten() {
            if let Some(tool) = server.tools.get_mut(*tool) {
                replace_of_tool(&mut tool.settings, patch);
            }
        }
        Arc::new(server)
    }

    /// What is wrong with a server only because of its patches; `at` is what to blame for
    /// something missing.
    pub(super) fn misfits(&self, defined: &Server, patched: &Server, at: Loc) -> Vec<Diagnostic> {
        if !self.servers.contains_key(&*defined.name.value) {
            return Vec::new();
        }
        let (mut known, mut misfits) = (Vec::new(), Vec::new());
        // What the definition already has is reported there.
        origin::check(defined, at, &mut known);
        origin::check(patched, at, &mut misfits);
        misfits.retain(|misfit| !known.contains(misfit));
        misfits
    }

    /// The agent as it is here.
    pub(super) fn agent(&self, defined: &Agent) -> Agent {
        let mut agent = defined.clone();
        for patch in self.agents.get(&*defined.name.value).into_iter().flatten() {
            replace(&mut agent.identity, patch.identity.as_ref());
            replace(&mut agent.limit, patch.limit.as_ref());
        }
        agent
    }
}

/// `url` or `service` drops the workload and what shapes it; `image` or `command` drops `url` and
/// `service` with their `auth`; `command` has its arguments and is asked by the bridge, so `args` and `probe` go; a tag takes the place of
/// `version`.
fn drop_replaced_origin(server: &mut Server, patch: &ServerSettings) {
    let settings = &mut server.settings;
    if patch.url.is_some() || patch.service.is_some() {
        if settings.image.is_some() || settings.command.is_some() || patch.url.is_some() {
            settings.transport = None;
        }
        settings.image = None;
        settings.args = None;
        settings.command = None;
        settings.url = None;
        settings.service = None;
        settings.env.clear();
        settings.secrets.clear();
        settings.egress.clear();
        settings.resources = None;
        server.volumes.clear();
        server.scratch.clear();
        server.run_as = None;
        server.probe = None;
        server.pull_secret = None;
    }
    if patch.command.is_some() {
        settings.args = None;
        server.probe = None;
    }
    if patch.image.is_some() || patch.command.is_some() {
        settings.url = None;
        settings.service = None;
        settings.auth = None;
    }
    if patch
        .image
        .as_ref()
        .is_some_and(|image| image.value.tag.is_some())
    {
        settings.version = None;
    }
}

fn replace_settings(settings: &mut ServerSettings, patch: &ServerSettings) {
    replace(&mut settings.version, patch.version.as_ref());
    replace(&mut settings.image, patch.image.as_ref());
    replace(&mut settings.args, patch.args.as_ref());
    replace(&mut settings.command, patch.command.as_ref());
    replace(&mut settings.url, patch.url.as_ref());
    replace(&mut settings.service, patch.service.as_ref());
    replace(&mut settings.transport, patch.transport.as_ref());
    settings.env.extend(patch.env.clone());
    settings.secrets.extend(patch.secrets.clone());
    if !patch.egress.is_empty() {
        settings.egress.clone_from(&patch.egress);
    }
    replace(&mut settings.resources, patch.resources.as_ref());
    replace(&mut settings.auth, patch.auth.as_ref());
    replace(&mut settings.limit, patch.limit.as_ref());
    replace(&mut settings.timeout, patch.timeout.as_ref());
    replace(&mut settings.retry, patch.retry.as_ref());
}

/// An approval is replaced by its group, a narrowing by its argument.
fn replace_of_tool(settings: &mut ToolSettings, patch: &ToolSettings) {
    replace(&mut settings.limit, patch.limit.as_ref());
    replace(&mut settings.timeout, patch.timeout.as_ref());
    replace(&mut settings.retry, patch.retry.as_ref());
    settings.approvals.retain(|approval| {
        let mut replacing = patch.approvals.iter();
        !replacing.any(|patch| patch.by.value == approval.by.value)
    });
    settings.approvals.extend(patch.approvals.clone());
    settings.narrowings.retain(|narrowing| {
        let mut replacing = patch.narrowings.iter();
        !replacing.any(|patch| patch.path.value == narrowing.path.value)
    });
    settings.narrowings.extend(patch.narrowings.clone());
}

fn replace<T: Clone>(setting: &mut Option<T>, patch: Option<&T>) {
    if let Some(patch) = patch {
        *setting = Some(patch.clone());
    }
}
