//! Every name in the catalog names something that is declared.

use std::collections::BTreeSet;

use crate::checks::names::{EMPTY_PATTERN, UNKNOWN_REFERENCE, UNKNOWN_TOOL};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::suggestion::{did_you_mean, similar};
use crate::grammar::value::names::is_name;
use crate::grammar::value::quote;
use crate::grammar::with_help;
use crate::source::{At, Loc};

use super::{
    Approval, Assertion, Catalog, Change, Claim, FlowSource, Granted, Identity, Kind, Name,
    OidcWho, Overlay, Pattern, Subject, ToolPattern, Visibility,
};

/// Above this number of dangling names nobody reads suggestions, and finding them would take long.
const MOST_SUGGESTIONS: usize = 200;

/// A name that names nothing where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dangling {
    loc: Loc,
    kind: Kind,
    name: Name,
}

/// What names nothing in what all parts have in common.
pub(crate) fn of_common(catalog: &Catalog) -> Vec<Dangling> {
    let mut references = References::of(catalog);
    references.names(Kind::DataClass, &catalog.classes.written);
    for team in catalog.teams.values() {
        references.names(Kind::Group, &team.owners);
    }
    references.dangling()
}

/// What names nothing in a part. Tools that a server does not declare are reported. `folders` are those of
/// unknown teams, which are reported already.
pub(crate) fn of_part(
    catalog: &Catalog,
    folders: &BTreeSet<Name>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Dangling> {
    let mut references = References::of(catalog);
    references.definitions(folders);
    for overlay in catalog.overlays() {
        references.overlay(overlay);
    }
    for test in &catalog.tests {
        references.name(Kind::Environment, &test.environment);
        for assertion in &test.assertions {
            references.assertion(assertion);
        }
    }
    references.report_tools(found);
    references.dangling()
}

/// Reports names that name nothing in any part, and what may be meant.
pub(crate) fn report_dangling(
    mut dangling: Vec<Dangling>,
    lost: &BTreeSet<Name>,
    catalogs: &[&Catalog],
    found: &mut Vec<Diagnostic>,
) {
    // What a definition calls a thing may be no name, and this one close to it: that is reported there.
    let bad: Vec<&(Kind, Name)> = catalogs
        .iter()
        .flat_map(|catalog| &catalog.poisoned)
        .filter(|(_, label)| !is_name(label))
        .collect();
    let is_near_bad = |one: &Dangling| {
        let of_kind = bad.iter().filter(|(kind, _)| *kind == one.kind);
        !similar(&one.name, of_kind.map(|(_, label)| &**label)).is_empty()
    };
    dangling.retain(|one| !lost.contains(&one.name) && !is_near_bad(one));
    dangling.sort_unstable();
    dangling.dedup();
    let helpful = dangling.len() <= MOST_SUGGESTIONS;
    for Dangling { loc, kind, name } in dangling {
        let unknown = UNKNOWN_REFERENCE.at(loc, format!("no {} {}", kind.word(), quote(&name)));
        let near = helpful.then(|| {
            // A name that all parts have is one name.
            let known: BTreeSet<&str> = catalogs.iter().flat_map(|one| one.names(kind)).collect();
            did_you_mean(&name, known.into_iter())
        });
        found.push(with_help(unknown, near.flatten()));
    }
}

/// Which tools of a server are meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted<'c> {
    Tool(&'c Name),
    Prefix(&'c str),
}

/// What names nothing, as far as it is looked at.
struct References<'c> {
    catalog: &'c Catalog,
    names: BTreeSet<(Loc, Kind, &'c Name)>,
    tools: BTreeSet<(Loc, &'c Name, Wanted<'c>)>,
}

impl<'c> References<'c> {
    fn of(catalog: &'c Catalog) -> Self {
        Self {
            catalog,
            names: BTreeSet::new(),
            tools: BTreeSet::new(),
        }
    }

    fn dangling(self) -> Vec<Dangling> {
        let names = self.names.into_iter();
        names
            .map(|(loc, kind, name)| Dangling {
                loc,
                kind,
                name: name.clone(),
            })
            .collect()
    }

    fn definitions(&mut self, folders: &BTreeSet<Name>) {
        let catalog = self.catalog;
        for exclusive in &catalog.exclusive {
            self.names(Kind::Role, &exclusive.roles);
        }
        for environment in catalog.environments.values() {
            self.names(Kind::Environment, &environment.after);
            self.approvals(&environment.approvals);
            for pattern in environment.deny.iter().flat_map(|deny| &deny.patterns) {
                // A ceiling may match no tool yet, but not a server that nobody knows.
                if let Some(server) = &pattern.value.server {
                    self.named(Kind::Server, server, pattern.loc);
                }
            }
        }
        let owners = catalog.servers.values().map(|server| &server.team);
        let owners = owners.chain(catalog.agents.values().map(|agent| &agent.team));
        let owners = owners.chain(catalog.roles.values().filter_map(|role| role.team.as_ref()));
        for team in owners.filter(|team| !folders.contains(&team.value)) {
            self.name(Kind::Team, team);
        }
        for server in catalog.servers.values() {
            if let Visibility::Teams(teams) = &server.visible_to {
                self.names(Kind::Team, teams);
            }
            self.names(Kind::DataClass, &server.tool_defaults.facts.reads);
            for tool in server.tools.values() {
                self.names(Kind::DataClass, &tool.facts.reads);
                self.approvals(&tool.settings.approvals);
            }
        }
        for agent in catalog.agents.values() {
            self.identity(agent.identity.as_ref());
            self.names(Kind::Agent, &agent.delegates);
        }
        for role in catalog.roles.values() {
            self.approvals(&role.approvals);
            for pattern in &role.allow {
                self.pattern(&pattern.value, pattern.loc);
            }
        }
    }

    fn overlay(&mut self, overlay: &'c Overlay) {
        self.name(Kind::Environment, &overlay.environment);
        for deploy in &overlay.deploys {
            self.names(Kind::Server, &deploy.servers);
        }
        for grant in &overlay.grants {
            self.name(Kind::Agent, &grant.agent);
            self.approvals(&grant.approvals);
            for what in &grant.what {
                match &what.value {
                    Granted::Role(role) => self.named(Kind::Role, role, what.loc),
                    Granted::Tools(pattern) => self.pattern(pattern, what.loc),
                }
            }
        }
        for patch in &overlay.patches {
            match &patch.change {
                Change::Server(name, _) => self.name(Kind::Server, name),
                Change::Agent(name, settings) => {
                    self.name(Kind::Agent, name);
                    self.identity(settings.identity.as_ref());
                }
                Change::Tool(subject, settings) => {
                    let (server, tool) = &subject.value;
                    self.tool(server, tool, subject.loc);
                    self.approvals(&settings.approvals);
                }
            }
        }
        for suspension in &overlay.suspensions {
            let loc = suspension.subject.loc;
            match &suspension.subject.value {
                Subject::Agent(agent) => self.named(Kind::Agent, agent, loc),
                Subject::Server(server) => self.named(Kind::Server, server, loc),
                Subject::Tool(server, tool) => self.tool(server, tool, loc),
            }
        }
    }

    fn assertion(&mut self, assertion: &'c Assertion) {
        self.names(Kind::Agent, &assertion.agent);
        if let Claim::NoFlow { from, .. } = &assertion.claim
            && let FlowSource::Class(class) = &from.value
        {
            self.named(Kind::DataClass, class, from.loc);
        }
    }

    fn approvals(&mut self, approvals: &'c [Approval]) {
        self.names(Kind::Group, approvals.iter().map(|approval| &approval.by));
    }

    fn identity(&mut self, identity: Option<&'c At<Identity>>) {
        if let Some(Identity::Oidc {
            who: OidcWho::Group(group),
            ..
        }) = identity.map(|identity| &identity.value)
        {
            self.name(Kind::Group, group);
        }
    }

    fn names(&mut self, kind: Kind, names: impl IntoIterator<Item = &'c At<Name>>) {
        for name in names {
            self.name(kind, name);
        }
    }

    fn name(&mut self, kind: Kind, name: &'c At<Name>) {
        self.named(kind, &name.value, name.loc);
    }

    fn named(&mut self, kind: Kind, name: &'c Name, loc: Loc) {
        if !self.catalog.knows(kind, name) {
            self.names.insert((loc, kind, name));
        }
    }

    /// A pattern of one server matches at least one declared tool.
    fn pattern(&mut self, pattern: &'c Pattern, loc: Loc) {
        let Some(name) = &pattern.server else {
            return;
        };
        self.named(Kind::Server, name, loc);
        let Some(server) = self.catalog.servers.get(name) else {
            return;
        };
        let matched = server.matching(&pattern.tool).next().is_some();
        if !matched && !self.catalog.is_poisoned(Kind::Server, name) {
            let wanted = match &pattern.tool {
                ToolPattern::Exact(tool) => Wanted::Tool(tool),
                ToolPattern::Prefix(prefix) => Wanted::Prefix(prefix),
            };
            self.tools.insert((loc, name, wanted));
        }
    }

    /// The tool that a patch or a suspension names.
    fn tool(&mut self, server: &'c Name, tool: &'c Name, loc: Loc) {
        self.named(Kind::Server, server, loc);
        let Some(defined) = self.catalog.servers.get(server) else {
            return;
        };
        if !defined.tools.contains_key(tool) && !self.catalog.is_poisoned(Kind::Server, server) {
            self.tools.insert((loc, server, Wanted::Tool(tool)));
        }
    }

    fn report_tools(&self, found: &mut Vec<Diagnostic>) {
        let helpful = self.tools.len() <= MOST_SUGGESTIONS;
        for &(loc, name, wanted) in &self.tools {
            let server = self.catalog.servers.get(name);
            let declared = || {
                server
                    .into_iter()
                    .flat_map(|server| server.tools.keys())
                    .map(|tool| &**tool)
            };
            let unknown = match wanted {
                Wanted::Tool(tool) => {
                    let near = helpful.then(|| did_you_mean(tool, declared())).flatten();
                    let unknown = UNKNOWN_TOOL.at(
                        loc,
                        format!("server `{name}` declares no tool {}", quote(tool)),
                    );
                    with_help(
                        unknown,
                        near.or_else(|| Some(format!("add a `tool` line to server `{name}`"))),
                    )
                }
                Wanted::Prefix(prefix) => EMPTY_PATTERN
                    .at(
                        loc,
                        format!(
                            "{} matches no declared tool",
                            quote(&format!("{name}:{prefix}*"))
                        ),
                    )
                    .help("a pattern reaches only tools that have a `tool` line"),
            };
            found.push(match server {
                Some(server) => unknown.and(server.name.loc, "the server is here"),
                None => unknown,
            });
        }
    }
}

impl Catalog {
    /// Whether a name names something, or would but for a mistake that is reported.
    pub(crate) fn knows(&self, kind: Kind, name: &Name) -> bool {
        let known = match kind {
            Kind::Group => self.groups.contains_key(name),
            Kind::Team => self.teams.contains_key(name),
            Kind::Environment => self.environments.contains_key(name),
            Kind::Issuer => self
                .environments
                .values()
                .any(|environment| environment.issuers.contains_key(name)),
            Kind::Server => self.servers.contains_key(name),
            Kind::Role => self.roles.contains_key(name),
            Kind::Agent => self.agents.contains_key(name),
            Kind::DataClass => self.classes.broken || self.classes.rank(name).is_some(),
        };
        known || self.is_poisoned(kind, name)
    }

    /// Whether the definition of a name had a mistake.
    pub(crate) fn is_poisoned(&self, kind: Kind, name: &Name) -> bool {
        self.poisoned.contains(&(kind, name.clone()))
    }

    /// All names of a kind.
    fn names(&self, kind: Kind) -> Box<dyn Iterator<Item = &str> + '_> {
        match kind {
            Kind::Group => Box::new(self.groups.keys().map(|name| &**name)),
            Kind::Team => Box::new(self.teams.keys().map(|name| &**name)),
            Kind::Environment => Box::new(self.environments.keys().map(|name| &**name)),
            Kind::Issuer => {
                let issuers = self
                    .environments
                    .values()
                    .flat_map(|environment| environment.issuers.keys());
                Box::new(issuers.map(|name| &**name))
            }
            Kind::Server => Box::new(self.servers.keys().map(|name| &**name)),
            Kind::Role => Box::new(self.roles.keys().map(|name| &**name)),
            Kind::Agent => Box::new(self.agents.keys().map(|name| &**name)),
            Kind::DataClass => Box::new(self.classes.names().iter().map(|name| &**name)),
        }
    }
}
