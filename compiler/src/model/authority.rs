//! The authority of folders: a team's file touches only what is the team's.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::names::{OUTSIDE_AUTHORITY, UNKNOWN_REFERENCE};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::suggestion::did_you_mean;
use crate::grammar::{Item, with_help};
use crate::source::{At, FileId, Loc, Span};

use super::files::{File, Folder};
use super::{Assertion, Catalog, Change, Kind, Name, Overlay, Subject, Suspension};

/// Nodes of which the whole organisation depends.
const ROOT_ONLY: [&str; 5] = ["catalog", "group", "team", "environment", "exclusive"];

/// Folders whose name is no team's, reported here once each.
pub(crate) fn unknown_folders<'f>(
    catalog: &Catalog,
    lost: &BTreeSet<Name>,
    files: impl Iterator<Item = &'f File>,
    found: &mut Vec<Diagnostic>,
) -> BTreeSet<Name> {
    let mut unknown = BTreeSet::new();
    for file in files {
        let Folder::Team(team) = &file.folder else {
            continue;
        };
        let is_known = catalog.knows(Kind::Team, team) || lost.contains(team);
        if is_known || !unknown.insert(team.clone()) {
            continue;
        }
        let start = Loc {
            file: file.id,
            span: Span::default(),
        };
        let missing = UNKNOWN_REFERENCE.at(
            start,
            format!("folder `catalogs/{team}/` is of no team: no team `{team}`"),
        );
        let near = did_you_mean(team, catalog.teams.keys().map(|name| &**name));
        found.push(with_help(
            missing,
            near.or_else(|| Some(format!("declare `team {team}` in `catalogs/org.kdl`"))),
        ));
    }
    unknown
}

/// Whether a node is of the whole organisation, and stands in the file of a team.
pub(crate) fn is_root_only(item: &Item, file: &File) -> bool {
    file.folder != Folder::Root && ROOT_ONLY.contains(&item.row.name)
}

/// Reports what a team's file has although it is of the whole organisation.
pub(crate) fn root_only<'f>(files: impl Iterator<Item = &'f File>, found: &mut Vec<Diagnostic>) {
    for file in files {
        if let Folder::Team(team) = &file.folder {
            for item in file.items.iter().filter(|item| is_root_only(item, file)) {
                found.push(
                    OUTSIDE_AUTHORITY
                        .at(
                            item.head,
                            format!(
                                "files of `{team}` may not have the node `{}`",
                                item.row.name
                            ),
                        )
                        .help("it belongs in a file directly in `catalogs/`"),
                );
            }
        }
    }
}

/// Holds every team's files against the team's authority, and gives the places of what a grant, `deploy`,
/// `suspend` or patch may not touch.
pub(crate) fn check(
    catalog: &Catalog,
    files: &[File],
    found: &mut Vec<Diagnostic>,
) -> BTreeSet<Loc> {
    let mut refused = BTreeSet::new();
    let mut teams: BTreeMap<FileId, Authority<'_>> = BTreeMap::new();
    for file in files {
        if let Folder::Team(team) = &file.folder {
            teams.insert(file.id, Authority { team, catalog });
        }
    }
    for overlay in catalog.overlays() {
        if let Some(authority) = teams.get(&overlay.loc.file) {
            for touched in touched(overlay) {
                if let Some(outside) = authority.outside(&touched) {
                    refused.insert(touched.loc);
                    found.push(outside);
                }
            }
        }
    }
    for test in &catalog.tests {
        if let Some(authority) = teams.get(&test.loc.file) {
            for assertion in &test.assertions {
                authority.assertion(assertion, found);
            }
        }
    }
    refused
}

/// Takes out of the overlays what was refused at these places, so that it does nothing that is reported too.
pub(crate) fn take_out(refused: &BTreeSet<Loc>, catalog: &mut Catalog) {
    if refused.is_empty() {
        return;
    }
    let is_kept = |loc: Loc| !refused.contains(&loc);
    for overlay in &mut catalog.overlays {
        for deploy in &mut overlay.deploys {
            deploy.servers.retain(|server| is_kept(server.loc));
        }
        overlay.deploys.retain(|deploy| !deploy.servers.is_empty());
        for grant in &mut overlay.grants {
            grant.what.retain(|what| is_kept(what.loc));
        }
        overlay
            .grants
            .retain(|grant| is_kept(grant.agent.loc) && !grant.what.is_empty());
        let suspensions = &mut overlay.suspensions;
        suspensions.retain(|suspension| is_kept(suspension.subject.loc));
        overlay
            .patches
            .retain(|patch| is_kept(patched(&patch.change).2));
    }
}

/// A thing that a line of an overlay is about.
struct Touched<'o> {
    verb: &'static str,
    kind: Kind,
    name: &'o Name,
    loc: Loc,
}

/// What the lines of an overlay are about.
fn touched(overlay: &Overlay) -> impl Iterator<Item = Touched<'_>> {
    let of = |verb, kind, name, loc| Touched {
        verb,
        kind,
        name,
        loc,
    };
    let servers = overlay.deploys.iter().flat_map(|deploy| &deploy.servers);
    let deployed = servers.map(move |server| of("deploy", Kind::Server, &server.value, server.loc));
    let agents = overlay.grants.iter().map(|grant| &grant.agent);
    let granted =
        agents.map(move |agent| of("grant anything to", Kind::Agent, &agent.value, agent.loc));
    let suspended = overlay.suspensions.iter().map(move |suspension| {
        let Suspension { subject, .. } = suspension;
        let (verb, kind, name) = match &subject.value {
            Subject::Agent(name) => ("suspend", Kind::Agent, name),
            Subject::Server(name) => ("suspend", Kind::Server, name),
            Subject::Tool(server, _) => ("suspend tools of", Kind::Server, server),
        };
        of(verb, kind, name, subject.loc)
    });
    let patched = overlay.patches.iter().map(move |patch| {
        let (kind, name, loc) = patched(&patch.change);
        let verb = match &patch.change {
            Change::Server(..) | Change::Agent(..) => "patch",
            Change::Tool(..) => "patch tools of",
        };
        of(verb, kind, name, loc)
    });
    deployed.chain(granted).chain(suspended).chain(patched)
}

/// Whose settings a patch replaces: the kind and the name of the server or agent, and where it is named.
fn patched(change: &Change) -> (Kind, &Name, Loc) {
    match change {
        Change::Server(server, _) => (Kind::Server, &server.value, server.loc),
        Change::Agent(agent, _) => (Kind::Agent, &agent.value, agent.loc),
        Change::Tool(tool, _) => (Kind::Server, &tool.value.0, tool.loc),
    }
}

/// What one team may touch.
struct Authority<'c> {
    team: &'c Name,
    catalog: &'c Catalog,
}

impl Authority<'_> {
    /// An assertion names an own agent, or tools of own servers.
    fn assertion(&self, assertion: &Assertion, found: &mut Vec<Diagnostic>) {
        let own_agent = assertion
            .agent
            .as_ref()
            .is_some_and(|agent| self.owns(Kind::Agent, &agent.value));
        let patterns = assertion.patterns();
        let own_tools = !patterns.is_empty()
            && patterns.iter().all(|pattern| {
                let server = pattern.value.server.as_ref();
                server.is_some_and(|server| self.owns(Kind::Server, server))
            });
        if !own_agent && !own_tools {
            found.push(
                OUTSIDE_AUTHORITY
                    .at(
                        assertion.loc,
                        format!(
                            "files of `{}` may only test own agents, or tools of own servers",
                            self.team
                        ),
                    )
                    .help("a file directly in `catalogs/` may test everything"),
            );
        }
    }

    /// What is wrong where a line is about a thing of another team.
    fn outside(&self, touched: &Touched<'_>) -> Option<Diagnostic> {
        let Touched {
            verb,
            kind,
            name,
            loc,
        } = touched;
        let owner = self.owner(*kind, name)?;
        let (own, other) = (self.team, &owner.value);
        (other != own).then(|| {
            OUTSIDE_AUTHORITY
                .at(
                    *loc,
                    format!("files of `{own}` may not {verb} `{name}`, which belongs to `{other}`"),
                )
                .and(owner.loc, format!("belongs to `{other}`"))
        })
    }

    /// Whether a thing is the team's. What is unknown is reported elsewhere.
    fn owns(&self, kind: Kind, name: &Name) -> bool {
        self.owner(kind, name)
            .is_none_or(|owner| owner.value == *self.team)
    }

    fn owner(&self, kind: Kind, name: &Name) -> Option<&At<Name>> {
        match kind {
            Kind::Server => Some(&self.catalog.servers.get(name)?.team),
            Kind::Agent => Some(&self.catalog.agents.get(name)?.team),
            Kind::Group
            | Kind::Team
            | Kind::Environment
            | Kind::Issuer
            | Kind::Role
            | Kind::DataClass => None,
        }
    }
}
