//! Questions about the permissions of one environment, and their answers as data: for people as text, for
//! programs as JSON.

mod flows;
mod missing;
mod place;
mod step;
mod terms;
mod text;
mod what;
mod who;
mod why;

use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

pub use flows::{FlowAnswer, FlowsAnswer};
pub use missing::{MissingAnswer, RelatedLine};
pub use place::{Place, Places};
pub use step::Step;
pub use terms::{Counter, NarrowedArgument, OtherCaller, Rate, Terms, Waiting};
pub(crate) use what::word as effect_word;
pub use what::{CallableTool, ChangedTool, Difference, WhatCanAnswer};
pub use who::{CallingAgent, WhoCanAnswer};
pub use why::{WayAnswer, WhyAnswer};

use crate::checks::Resolved;
use crate::diagnostic::json::escape_invisible;
use crate::diagnostic::suggestion::did_you_mean;
use crate::environment::Environment;
use crate::graph::Graph;
use crate::model::{FlowSource, Name};
use crate::source::Sources;

/// Version of the format of all answers. It grows when a program that reads the old one would be wrong.
pub const VERSION: u32 = 1;

/// An environment that is asked about.
#[derive(Debug)]
pub struct Inquiry<'c> {
    resolved: &'c Resolved,
    environment: &'c Environment,
    graph: &'c Graph,
    places: Places<'c>,
}

/// A name in a question that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Unknown {
    /// What there is none of, as "agent".
    pub kind: &'static str,
    /// The name.
    pub name: String,
    /// What may be meant, in a sentence.
    pub help: Option<String>,
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no {} `{}`", self.kind, self.name)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl<'c> Inquiry<'c> {
    /// Asks about the environment of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(
        sources: &'c Sources,
        resolved: &'c Resolved,
        environment: &str,
    ) -> Result<Self, Unknown> {
        let environments = &resolved.environments;
        let (environment, graph) = environments
            .get(environment)
            .zip(resolved.graphs.get(environment))
            .ok_or_else(|| unknown("environment", environment, environments.keys()))?;
        Ok(Self {
            graph,
            places: Places::new(sources),
            resolved,
            environment,
        })
    }

    /// Its permission graph.
    pub fn graph(&self) -> &Graph {
        self.graph
    }

    /// The environment.
    pub fn environment(&self) -> &Environment {
        self.environment
    }

    /// Finds the lines of places.
    pub fn places(&self) -> &Places<'c> {
        &self.places
    }

    fn agent(&self, name: &str) -> Result<&'c Name, Unknown> {
        let agents = &self.resolved.catalog.agents;
        let known = agents.get_key_value(name).map(|(name, _)| name);
        known.ok_or_else(|| unknown("agent", name, agents.keys()))
    }

    /// Server and name of a tool that is written as `server:tool`.
    fn tool<'t>(&self, text: &'t str) -> Result<(&'t str, &'t str), Unknown> {
        let servers = &self.resolved.catalog.servers;
        let Some((name, tool)) = text.split_once(':') else {
            return Err(Unknown {
                kind: "tool",
                name: text.to_owned(),
                help: Some(self.tools_called(text)),
            });
        };
        let server = servers
            .get(name)
            .ok_or_else(|| unknown("server", name, servers.keys()))?;
        let deployed = self.environment.servers.get(name);
        let is_locked = deployed.is_some_and(|deployed| deployed.lock.tools.contains_key(tool));
        if is_locked || server.tools.contains_key(tool) {
            return Ok((name, tool));
        }
        let known = server.tools.keys().map(|known| format!("{name}:{known}"));
        let known: Vec<String> = known.collect();
        Err(Unknown {
            kind: "tool",
            name: text.to_owned(),
            help: did_you_mean(text, known.iter().map(String::as_str)),
        })
    }

    /// How to write a tool that was written without its server.
    fn tools_called(&self, tool: &str) -> String {
        let servers = self.resolved.catalog.servers.iter();
        let having = servers.filter(|(_, server)| server.tools.contains_key(tool));
        let names: Vec<String> = having
            .map(|(name, _)| format!("`{name}:{tool}`"))
            .take(3)
            .collect();
        if names.is_empty() {
            "write it as `server:tool`".to_owned()
        } else {
            format!("did you mean {}?", names.join(" or "))
        }
    }

    /// Where a flow begins: a data class, or `untrusted`.
    ///
    /// # Errors
    /// When there is no such class.
    pub fn source(&self, text: &str) -> Result<FlowSource, Unknown> {
        if text == "untrusted" {
            return Ok(FlowSource::Untrusted);
        }
        let classes = self.graph.classes().names();
        let known = classes.iter().find(|class| ***class == *text);
        match known {
            Some(class) => Ok(FlowSource::Class(class.clone())),
            None => Err(unknown("data class", text, classes.iter())),
        }
    }
}

fn unknown<'n>(
    kind: &'static str,
    name: &str,
    known: impl IntoIterator<Item = &'n Name, IntoIter: Clone>,
) -> Unknown {
    let known = known.into_iter();
    let few = || {
        let names: Vec<String> = known
            .clone()
            .take(9)
            .map(|name| format!("`{name}`"))
            .collect();
        let is_few = !names.is_empty() && names.len() <= 8;
        is_few.then(|| format!("there are: {}", names.join(", ")))
    };
    Unknown {
        kind,
        name: name.to_owned(),
        help: did_you_mean(name, known.clone().map(|name| &**name)).or_else(few),
    }
}

/// An answer as JSON in one line, with a line break at the end. Characters that act on a terminal or are
/// invisible are escaped, as JSON allows.
///
/// # Errors
/// When the answer cannot be written as JSON.
pub fn to_json(answer: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(escape_invisible(&serde_json::to_string(answer)?) + "\n")
}

/// Any answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "question", rename_all = "kebab-case")]
pub enum Answer {
    /// To `why AGENT TOOL`.
    Why(WhyAnswer),
    /// To `who-can TOOL`.
    WhoCan(WhoCanAnswer),
    /// To `what-can AGENT`.
    WhatCan(WhatCanAnswer),
    /// To `graph flows`.
    Flows(FlowsAnswer),
}

impl Answer {
    /// Whether the answer is the one that a gate waits for: there is a way, somebody can, the agent can
    /// something (compared: nothing differs), no flow goes without an approval.
    pub fn is_good(&self) -> bool {
        match self {
            Self::Why(answer) => !answer.ways.is_empty(),
            Self::WhoCan(answer) => !answer.agents.is_empty(),
            Self::WhatCan(answer) => match &answer.difference {
                Some(difference) => difference.is_empty(),
                None => !answer.tools.is_empty(),
            },
            Self::Flows(answer) => answer.unguarded == 0,
        }
    }

    /// The answer for people.
    pub fn to_text(&self) -> String {
        match self {
            Self::Why(answer) => text::why(answer),
            Self::WhoCan(answer) => text::who_can(answer),
            Self::WhatCan(answer) => text::what_can(answer),
            Self::Flows(answer) => text::flows(answer),
        }
    }
}

/// The JSON Schema of an answer.
pub fn schema() -> Schema {
    schema_for!(Answer)
}
