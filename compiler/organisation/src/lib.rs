//! A generated organisation, for tests and benchmarks: teams with servers of every origin, roles, agents,
//! delegations, narrowings, overlays, patches and tests, of the size that is asked for. Everything that the
//! compiler could find is in order, so that whatever it does find was planted.
//!
//! It is text and knows nothing of the compiler: a mistake of the compiler cannot hide here.

#![expect(
    clippy::format_push_string,
    reason = "`write!` would ask what to do when a string cannot be written to"
)]

mod agents;
mod assertions;
mod definitions;
mod dice;
mod environments;
mod names;
mod overlays;
mod servers;
mod teams;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

pub use dice::Dice;
use teams::Team;

/// The day on which the organisation is in order.
pub const TODAY: &str = "2026-12-01";

/// Teams that share three environments. What dispatch reads of one environment fits into a ConfigMap, so
/// a larger organisation has more environments, not larger ones.
const DIVISION: usize = 20;

/// Servers of a team, one of each origin.
const SERVERS: usize = 5;

/// The catalogs of an organisation.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its files, by their path from the folder that has `catalogs/`.
    pub files: BTreeMap<String, String>,
    /// Its environments, in the order of promotion within each division.
    pub environments: Vec<String>,
    /// How many tools are declared.
    pub tools: usize,
    /// How many agents there are.
    pub agents: usize,
}

impl Organisation {
    /// An organisation of about so many tools, in whole teams: of 25 tools each below 1,000, and of 100
    /// from there on. The same size and seed give the same text.
    pub fn new(tools: usize, seed: u64) -> Self {
        let per_server = if tools < 1_000 { 5 } else { 20 };
        let count = (tools / (SERVERS * per_server)).max(1);
        let teams: Vec<Team> = (0..count)
            .map(|index| Team::new(index, count, per_server))
            .collect();
        let divisions = count.div_ceil(DIVISION);
        let mut files = BTreeMap::new();
        let top = environments::top(&teams, divisions);
        files.insert("catalogs/org.kdl".to_owned(), top);
        for team in &teams {
            // Each team has dice of its own, so that it is the same in a larger organisation.
            team.write(&teams, &mut Dice::stream(seed, team.index), &mut files);
        }
        Self {
            files,
            environments: environments::names(divisions),
            tools: count * SERVERS * per_server,
            agents: count * agents::COUNT,
        }
    }

    /// How much it has, and of what.
    pub fn size(&self) -> String {
        let (tools, agents) = (self.tools, self.agents);
        format!(
            "{tools} tools, {agents} agents, {} environments",
            self.environments.len()
        )
    }

    /// Writes the files below `folder`.
    ///
    /// # Errors
    /// When a folder or a file cannot be written.
    #[expect(
        clippy::disallowed_methods,
        reason = "this writes what tests compile; the compiler writes through its output alone"
    )]
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for (path, text) in &self.files {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }
}
