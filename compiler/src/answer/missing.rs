//! The missing line that comes nearest to a way, in words.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Inquiry, Place};
use crate::graph::{AllowingRole, Hidden, Missing};
use crate::model::Name;
use crate::source::Loc;

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MissingAnswer {
    /// What kind of line: agent, server, tool, deployment, definitions, lock, grant.
    pub kind: String,
    /// What is missing, in one line.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Lines that belong to it.
    pub lines: Vec<RelatedLine>,
}

/// A line that belongs to what is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RelatedLine {
    /// What it says.
    pub says: String,
    /// The line.
    pub place: Place,
}

/// What is missing, before it is finished.
struct Draft {
    kind: &'static str,
    message: String,
    help: Option<String>,
    lines: Vec<(String, Loc)>,
}

impl Inquiry<'_> {
    pub(super) fn missing(
        &self,
        missing: &Missing,
        agent: &str,
        (server, tool): (&str, &str),
    ) -> MissingAnswer {
        let here = self.environment.name();
        let draft = match missing {
            Missing::Agent => Draft::new("agent", format!("the catalog has no agent `{agent}`")),
            Missing::Server => Draft::new("server", format!("the catalog has no server `{server}`")),
            Missing::Tool {
                server: place,
                is_locked,
            } => {
                let message = format!("server `{server}` has no `tool {tool}` line");
                let help = is_locked.then(|| {
                    format!("its definition file has the tool: add `tool {tool}` and say what it does")
                });
                Draft::new("tool", message)
                    .help(help)
                    .line(format!("server `{server}`"), *place)
            }
            Missing::Deployment {
                server: place,
                elsewhere,
            } => Draft::new("deployment", format!("nothing deploys `{server}` in {here}"))
                .help(Some(format!("add `deploy {server}` to an overlay of {here}")))
                .line(format!("server `{server}`"), *place)
                .elsewhere("deployed", elsewhere),
            Missing::Definitions { server: place } => Draft::new(
                "definitions",
                format!("`{server}` is deployed in {here}, but cannot be resolved; `bailiwick check` says why"),
            )
            .line(format!("server `{server}`"), *place),
            Missing::Lock { tool: place } => Draft::new(
                "lock",
                format!("the definition file of `{server}` has no tool `{tool}`"),
            )
            .help(Some(format!("run `bailiwick lock {server}` and review what it writes")))
            .line(format!("tool `{tool}`"), *place),
            Missing::Grant {
                roles,
                shadow,
                elsewhere,
                denied,
                hidden,
            } => {
                let mut draft = Draft::new(
                    "grant",
                    format!("no grant in {here} gives `{agent}` the tool `{server}:{tool}`"),
                )
                .help(Some(match hidden {
                    Some(Hidden { owner, team }) if denied.is_none() => format!(
                        "`{owner}` can write `visible-to {team}` in the server; until then it cannot be granted to `{agent}`"
                    ),
                    _ => grant_help(agent, (server, tool), roles, denied.is_some(), !shadow.is_empty()),
                }));
                if let Some(place) = denied {
                    draft = draft.line(format!("{here} denies it"), *place);
                }
                for place in shadow {
                    draft = draft.line("granted with `mode=shadow`, which lets nothing through".to_owned(), *place);
                }
                for role in roles {
                    draft = draft.line(allows(role), role.allow);
                }
                draft.elsewhere("granted", elsewhere)
            }
        };
        let lines = draft.lines.into_iter().filter_map(|(says, loc)| {
            let place = self.places.find(loc)?;
            Some(RelatedLine { says, place })
        });
        MissingAnswer {
            kind: draft.kind.to_owned(),
            message: draft.message,
            help: draft.help,
            lines: lines.collect(),
        }
    }
}

impl Draft {
    fn new(kind: &'static str, message: String) -> Self {
        Self {
            kind,
            message,
            help: None,
            lines: Vec::new(),
        }
    }

    fn help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    fn line(mut self, says: String, loc: Loc) -> Self {
        self.lines.push((says, loc));
        self
    }

    fn elsewhere(mut self, verb: &str, elsewhere: &[(Name, Loc)]) -> Self {
        let lines = elsewhere.iter();
        self.lines
            .extend(lines.map(|(environment, loc)| (format!("{verb} in {environment}"), *loc)));
        self
    }
}

/// What a role would give, or why the agent must not hold it.
fn allows(role: &AllowingRole) -> String {
    let AllowingRole {
        name,
        further,
        apart_from,
        ..
    } = role;
    match (apart_from, further) {
        (Some(other), _) => format!("role `{name}` allows it, but not beside `{other}`"),
        (None, 0) => format!("role `{name}` allows it"),
        (None, more) => format!("role `{name}` allows it and {more} more"),
    }
}

/// The line that gives the tool and the least besides. A ceiling and a separation of duties are not to be worked
/// around, so then nothing is proposed.
fn grant_help(
    agent: &str,
    (server, tool): (&str, &str),
    roles: &[AllowingRole],
    denied: bool,
    shadow: bool,
) -> String {
    if denied {
        return "the environment's `deny` forbids it to every agent".to_owned();
    }
    if shadow {
        return "a grant with `mode=enforce` would give it".to_owned();
    }
    match roles.first() {
        Some(AllowingRole {
            name,
            apart_from: Some(other),
            ..
        }) => {
            format!("grant it to another agent: `exclusive` keeps `{name}` apart from `{other}`")
        }
        Some(AllowingRole {
            name, further: 0, ..
        }) => format!("`grant {agent} {name}` would give it"),
        _ => format!("`grant {agent} {server}:{tool}` would give it alone"),
    }
}
