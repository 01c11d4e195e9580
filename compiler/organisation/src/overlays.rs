//! What a team has live in an environment.

use std::collections::BTreeSet;

use crate::agents::SHARED_ROLE;
use crate::dice::Dice;
use crate::servers::{Deed, Origin, Server, Tool};
use crate::teams::Team;

/// Days on which what is granted in production ends.
const ENDS: [&str; 4] = ["2027-01-31", "2027-03-31", "2027-06-30", "2027-12-31"];

/// The revision of a server that production still runs where it is behind.
const BEHIND: &str = "2.2.1";

/// What is granted by name, and what production has otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Tools of the desk that the clerk writes with.
    comments: Vec<String>,
    /// Notes that the keeper reads.
    notes: Vec<String>,
    /// Where the keeper adds notes, not in production.
    additions: Vec<String>,
    /// What the scout asks partners.
    partner: Vec<String>,
    /// What people read at the desk.
    desk: Vec<String>,
    /// What people read at the desk of the team before, which shares it.
    shared: Vec<String>,
    /// When grants that write end.
    until: &'static str,
    /// Calls of the keeper in an hour, in production.
    hourly: usize,
    /// Whether production runs an older revision of the desk.
    is_behind: bool,
    /// A tool that is switched off in production.
    pub(crate) suspended: Option<String>,
    /// Tools that no agent is granted.
    pub(crate) ungranted: Vec<String>,
}

impl Plan {
    /// What this team grants.
    pub(crate) fn new(team: &Team, teams: &[Team], dice: &mut Dice) -> Self {
        let mut some = |origin, deeds: &[Deed]| -> Vec<String> {
            let Some(server) = team.server(origin) else {
                return Vec::new();
            };
            let tools: Vec<&Tool> = server.doing(deeds).collect();
            let count = 1 + dice.below(tools.len());
            let chosen = dice.some(&tools, count).into_iter();
            chosen.map(|tool| server.path(tool)).collect()
        };
        let comments = some(Origin::Bridged, &[Deed::Write]);
        let notes = some(Origin::Command, &[Deed::Read, Deed::Search]);
        let additions = some(Origin::Command, &[Deed::Write]);
        let partner = some(Origin::Url, &[Deed::Read, Deed::Search, Deed::Send]);
        let desk = some(Origin::Bridged, &[Deed::Read, Deed::Search]);
        let before = team.before().and_then(|before| teams.get(before));
        let shared = before.and_then(|before| before.server(Origin::Bridged)?.first(Deed::Read));
        let records = team.server(Origin::Image);
        let suspended = records.and_then(|server| server.first(Deed::Write));
        let lines = [&comments, &notes, &additions, &partner, &desk];
        let granted: BTreeSet<&String> = lines.into_iter().flatten().collect();
        let by_name = [Origin::Bridged, Origin::Command, Origin::Url];
        let ungranted = team.servers.iter().flat_map(|server| {
            let is_by_name = by_name.contains(&server.origin);
            let tools = server
                .tools
                .iter()
                .filter(move |tool| is_by_name || tool.deed == Deed::Destroy);
            tools.map(|tool| server.path(tool))
        });
        let ungranted = ungranted.filter(|tool| !granted.contains(tool)).collect();
        Self {
            shared: shared.into_iter().collect(),
            until: dice.pick(&ENDS),
            hourly: 20 + 10 * dice.below(5),
            is_behind: dice.once_in(3),
            suspended: suspended.filter(|_| dice.once_in(4)),
            comments,
            notes,
            additions,
            partner,
            desk,
            ungranted,
        }
    }

    /// The servers of the team with each revision that some environment runs.
    pub(crate) fn revisions<'t>(&self, team: &'t Team) -> Vec<(&'t Server, String)> {
        let own = team.servers.iter();
        let own = own.map(|server| (server, server.revision().to_owned()));
        let behind = team.server(Origin::Bridged).filter(|_| self.is_behind);
        own.chain(behind.map(|server| (server, BEHIND.to_owned())))
            .collect()
    }

    /// The `overlay` node of one environment.
    pub(crate) fn overlay(&self, team: &Team, tier: &str, environment: &str) -> String {
        let name = &team.name;
        let is_prod = tier == "prod";
        let mut text = format!(
            "// The whole answer to what {name} runs in {environment}.\noverlay {environment} {{\n"
        );
        let mut line = |words: &str| {
            text.push_str("    ");
            text.push_str(words);
            text.push('\n');
        };
        for server in &team.servers {
            let replicas = match server.origin {
                Origin::Image if is_prod => " replicas=2",
                Origin::Image
                | Origin::Bridged
                | Origin::Command
                | Origin::Url
                | Origin::Service => "",
            };
            line(&format!("deploy {}{replicas}", server.name));
        }
        let until = if is_prod {
            format!(" until=\"{}\"", self.until)
        } else {
            String::new()
        };
        line(&format!(
            "grant {name}-clerk {name}-reader {name}-writer {}{until}",
            self.comments.join(" ")
        ));
        let notes = self.notes.join(" ");
        let keeper = format!("grant {name}-keeper {name}-proposer {notes}");
        line(&if is_prod {
            let limit = format!("limit {} per=\"1h\" concurrent=1", self.hourly);
            block(&format!("{keeper}{until}"), &[&limit, "timeout \"8s\""])
        } else {
            format!("{keeper} {}", self.additions.join(" "))
        });
        line(&format!(
            "grant {name}-controller {name}-auditor {name}-approver{until}"
        ));
        let scout = format!("grant {name}-scout {}", self.partner.join(" "));
        let sends = self.partner.iter().any(|tool| tool.contains(":ask_about_"));
        line(&if is_prod && sends {
            let accepted = "suppress FLO004 reason=\"questions are names of public things\" until=\"2027-03-31\"";
            block(&scout, &[accepted])
        } else {
            scout
        });
        let role = if team.has_shared_role() {
            format!("{SHARED_ROLE} ")
        } else {
            String::new()
        };
        let people: Vec<&str> = [&self.desk, &self.shared]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        line(&format!("grant {name}-people {role}{}", people.join(" ")));
        self.patch(team, tier, &mut line);
        text.push_str("}\n");
        text
    }

    /// What is otherwise in one environment than in the definitions.
    fn patch(&self, team: &Team, tier: &str, line: &mut impl FnMut(&str)) {
        let name = &team.name;
        let server = |origin| team.server(origin);
        if let Some(notes) = server(Origin::Command) {
            let image = notes.image(notes.revision());
            line(&format!(
                "patch server {} {{ image \"{image}\"; }}",
                notes.name
            ));
        }
        match tier {
            "dev" => {
                line(&block(
                    &format!("patch server {name}-records"),
                    &[
                        &format!("env BASE_URL \"https://records.{name}.dev.acme.internal\""),
                        &format!("egress \"records.{name}.dev.acme.internal:443\""),
                    ],
                ));
                let identity =
                    format!("identity kubernetes namespace={name}-dev service-account=clerk");
                line(&block(&format!("patch agent {name}-clerk"), &[&identity]));
            }
            "prod" => {
                if let Some(desk) = server(Origin::Bridged).filter(|_| self.is_behind) {
                    let image = desk.image(BEHIND);
                    line(&format!(
                        "patch server {} {{ image \"{image}\"; }}",
                        desk.name
                    ));
                }
                let records = server(Origin::Image);
                if let Some(tool) = records.and_then(|server| server.first(Deed::Search)) {
                    line(&block(
                        &format!("patch tool {tool}"),
                        &[
                            "limit 15 per=\"1m\" max-result=\"128KiB\"",
                            "timeout \"4s\"",
                            "arg limit min=1 max=50",
                        ],
                    ));
                }
                line(&format!(
                    "patch agent {name}-scout {{ limit 100 per=\"1m\"; }}"
                ));
                if let Some(tool) = &self.suspended {
                    line(&format!(
                        "suspend tool {tool} reason=\"wrong updates are under review\""
                    ));
                }
            }
            _ => {}
        }
    }
}

/// A node in an overlay, with its children.
fn block(head: &str, children: &[&str]) -> String {
    let children = children.iter().map(|child| format!("        {child}\n"));
    format!("{head} {{\n{}    }}", children.collect::<String>())
}
