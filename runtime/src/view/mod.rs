//! From a caller to all that it may do: a table made when the config was loaded.

mod day;
mod definition;
mod list;
mod narrowed;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

pub use day::{Day, DayError};
pub use definition::{Definition, DefinitionError};

use bailiwick_schema::Fixed;

use crate::arguments::Schema;
use crate::dispatch::Upstream;
use crate::edge::Era;
use crate::limits::Counter;
use list::Lists;
pub(crate) use narrowed::{Narrowed, Schemas};

/// What one agent sees and may do.
#[derive(Debug)]
pub struct View {
    tools: BTreeMap<Box<str>, Arc<Entry>>,
    lists: Lists,
    refusals: Counter,
}

/// One tool that one agent may call, with all that a call needs.
#[derive(Debug)]
pub struct Entry {
    /// The name that the agent knows.
    pub(crate) exposed: Box<str>,
    /// Who answers for the agent: the groups of its team, or the team.
    pub(crate) owner: Arc<str>,
    /// Where calls go.
    pub(crate) upstream: Arc<Upstream>,
    /// The name that the server knows.
    pub(crate) tool: Box<str>,
    /// The locked definition.
    pub(crate) definition: Arc<Definition>,
    /// What is left of its arguments.
    pub(crate) narrowed: Option<Narrowed>,
    /// What a call must pass: the counters of the pair, of the agent and of the server.
    pub(crate) counters: [Arc<Counter>; 3],
    /// Largest arguments, bytes.
    pub(crate) max_args: usize,
    /// Largest result, bytes.
    pub(crate) max_result: usize,
    /// Deadline of one call.
    pub(crate) timeout: Duration,
    /// Last day on which the permission holds.
    pub(crate) until: Option<Day>,
}

impl View {
    /// The view of an agent with `tools`. `refusals` bounds how many refusals are recorded one
    /// by one.
    pub(crate) fn new(
        tools: BTreeMap<Box<str>, Arc<Entry>>,
        refusals: Counter,
        today: Day,
    ) -> Self {
        Self {
            lists: Lists::new(&tools, today),
            tools,
            refusals,
        }
    }

    /// The tool that the agent calls `exposed`, when its permission holds on `today`.
    pub(crate) fn find(&self, exposed: &str, today: Day) -> Option<&Arc<Entry>> {
        self.tools
            .get(exposed)
            .filter(|entry| entry.holds_on(today))
    }

    /// The result of `tools/list` on `today`.
    pub(crate) fn list(&self, era: Era, today: Day) -> Option<&RawValue> {
        self.lists.on(today, era, &self.tools)
    }

    /// Counts the refusals that are recorded one by one.
    pub(crate) fn refusals(&self) -> &Counter {
        &self.refusals
    }
}

impl Entry {
    /// What arguments must be.
    pub(crate) fn schema(&self) -> &Schema {
        let narrowed = self.narrowed.as_ref().map(Narrowed::schema);
        narrowed.unwrap_or_else(|| self.definition.schema())
    }

    /// The arguments that are put into each call.
    pub(crate) fn fixed(&self) -> &[Fixed] {
        self.narrowed
            .as_ref()
            .map(Narrowed::fixed)
            .unwrap_or_default()
    }

    /// Whether the permission holds on `today`.
    pub(crate) fn holds_on(&self, today: Day) -> bool {
        self.until.is_none_or(|until| today <= until)
    }
}
