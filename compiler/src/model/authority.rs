//! The authority of folders: a team's file touches only what is the team's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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

/// Reports what a team's file has although it is of the whole organisation.
pub(crate) fn root_only<'f>(files: impl Iterator<Item = &'f File>, found: &mut Vec<Diagnostic>) {
    for file in files {
        if let Folder::Team(team) = &file.folder {
            let root_only = |item: &&Arc<Item>| ROOT_ONLY.contains(&item.row.name);
            for item in file.items.iter().filter(root_only) {
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

/// Holds every team's files against the team's authority.
pub(crate) fn check(catalog: &Catalog, files: &[File], found: &mut Vec<Diagnostic>) {
    let mut teams: BTreeMap<FileId, Authority<'_>> = BTreeMap::new();
    for file in files {
        if let Folder::Team(team) = &file.folder {
            teams.insert(file.id, Authority { team, catalog });
        }
    }
    for overlay in catalog.overlays() {
        if let Some(authority) = teams.get(&overlay.loc.file) {
            authority.overlay(overlay, found);
        }
    }
    for test in &catalog.tests {
        if let Some(authority) = teams.get(&test.loc.file) {
            for assertion in &test.assertions {
                authority.assertion(assertion, found);
            }
        }
    }
}

/// What one team may touch.
struct Authority<'c> {
    team: &'c Name,
    catalog: &'c Catalog,
}

impl Authority<'_> {
    fn overlay(&self, overlay: &Overlay, found: &mut Vec<Diagnostic>) {
        for server in overlay.deploys.iter().flat_map(|deploy| &deploy.servers) {
            self.touches("deploy", Kind::Server, &server.value, server.loc, found);
        }
        for grant in &overlay.grants {
            self.touches(
                "grant anything to",
                Kind::Agent,
                &grant.agent.value,
                grant.agent.loc,
                found,
            );
        }
        for Suspension { subject, .. } in &overlay.suspensions {
            let (verb, kind, name) = match &subject.value {
                Subject::Agent(name) => ("suspend", Kind::Agent, name),
                Subject::Server(name) => ("suspend", Kind::Server, name),
                Subject::Tool(server, _) => ("suspend tools of", Kind::Server, server),
            };
            self.touches(verb, kind, name, subject.loc, found);
        }
        for patch in &overlay.patches {
            match &patch.change {
                Change::Server(At { value, loc }, _) => {
                    self.touches("patch", Kind::Server, value, *loc, found);
                }
                Change::Agent(At { value, loc }, ..) => {
                    self.touches("patch", Kind::Agent, value, *loc, found);
                }
                Change::Tool(
                    At {
                        value: (server, _),
                        loc,
                    },
                    ..,
                ) => {
                    self.touches("patch tools of", Kind::Server, server, *loc, found);
                }
            }
        }
    }

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

    fn touches(&self, verb: &str, kind: Kind, name: &Name, loc: Loc, found: &mut Vec<Diagnostic>) {
        let Some(owner) = self
            .owner(kind, name)
            .filter(|owner| owner.value != *self.team)
        else {
            return;
        };
        found.push(
            OUTSIDE_AUTHORITY
                .at(
                    loc,
                    format!(
                        "files of `{}` may not {verb} `{name}`, which belongs to `{}`",
                        self.team, owner.value
                    ),
                )
                .and(owner.loc, format!("belongs to `{}`", owner.value)),
        );
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
