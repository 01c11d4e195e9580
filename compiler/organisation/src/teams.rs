//! A team: its servers and agents, and the files that they are written in.

use std::collections::BTreeMap;

use crate::dice::Dice;
use crate::servers::{Origin, Server};
use crate::{DIVISION, agents, assertions, environments, names, overlays};

/// A team.
#[derive(Clone, Debug)]
pub(crate) struct Team {
    /// Its number, from 0.
    pub(crate) index: usize,
    /// Its name, also that of its folder.
    pub(crate) name: String,
    /// The number of the division whose environments it uses, from 0.
    pub(crate) division: usize,
    /// How many teams the organisation has.
    pub(crate) of: usize,
    /// One server of each origin.
    pub(crate) servers: Vec<Server>,
}

impl Team {
    /// The team with this number, of so many.
    pub(crate) fn new(index: usize, of: usize, tools: usize) -> Self {
        let (name, nouns) = names::team(index);
        let servers = Origin::ALL.map(|origin| Server::new(&name, origin, &nouns, tools));
        Self {
            index,
            name,
            division: index / DIVISION,
            of,
            servers: servers.to_vec(),
        }
    }

    /// Its server of this origin; every team has one.
    pub(crate) fn server(&self, origin: Origin) -> Option<&Server> {
        self.servers.iter().find(|server| server.origin == origin)
    }

    /// The number of the team after it in its division, in a circle; none when it is alone.
    pub(crate) fn next(&self) -> Option<usize> {
        let first = self.division * DIVISION;
        let end = (first + DIVISION).min(self.of);
        (end - first > 1).then(|| {
            if self.index + 1 < end {
                self.index + 1
            } else {
                first
            }
        })
    }

    /// The number of the team before it in its division.
    pub(crate) fn before(&self) -> Option<usize> {
        let first = self.division * DIVISION;
        let end = (first + DIVISION).min(self.of);
        (end - first > 1).then(|| {
            if self.index > first {
                self.index - 1
            } else {
                end - 1
            }
        })
    }

    /// Whether its people have the role of the organisation: the first team shares its desk with those
    /// that run in the same environments.
    pub(crate) fn has_shared_role(&self) -> bool {
        self.division == 0 && self.index > 0
    }

    /// Writes its files: what is, what is live in each environment, what is tested, and the definitions.
    pub(crate) fn write(
        &self,
        teams: &[Self],
        dice: &mut Dice,
        files: &mut BTreeMap<String, String>,
    ) {
        let folder = format!("catalogs/{}", self.name);
        let visible_to = self.next().and_then(|next| teams.get(next));
        let visible_to = visible_to.map(|team| match self.index {
            0 => "*",
            _ => &*team.name,
        });
        let mut catalog = format!(
            "// Owned by {}. Nothing here is live until an overlay says so.\n",
            self.name
        );
        for server in &self.servers {
            catalog.push_str(&server.block(visible_to, dice));
        }
        catalog.push_str(&agents::blocks(self, dice));
        files.insert(format!("{folder}/catalog.kdl"), catalog);

        let plan = overlays::Plan::new(self, teams, dice);
        for (tier, name) in environments::of(self.division) {
            let mut text = plan.overlay(self, tier, &name);
            text.push_str(&assertions::blocks(self, &plan, tier, &name));
            files.insert(format!("{folder}/{tier}.kdl"), text);
        }
        for (server, revision) in plan.revisions(self) {
            let path = format!("{folder}/lock/{}@{revision}.json", server.name);
            files.insert(path, server.definitions(&revision));
        }
    }
}
