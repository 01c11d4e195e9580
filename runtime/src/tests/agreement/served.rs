//! What the dispatch server makes of a configuration, in the terms of the evaluator.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use bailiwick_config::Identity;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::answer::{Decision, Field, Numbers};
use super::universe::{Arguments, DAY};
use crate::arguments;
use crate::config::Snapshot;
use crate::dispatch::Connector;
use crate::edge::Era;
use crate::identity::Caller;
use crate::limits::Counter;
use crate::policy;
use crate::refusal::{Reason, Refusal};
use crate::view::{Day, Entry};

/// Reading what the system trusts takes time: once is enough.
static CONNECTOR: LazyLock<Connector> = LazyLock::new(|| Connector::new(None).unwrap());

/// A loaded configuration.
pub(super) struct Served(Snapshot);

/// A tool as it is served to one agent.
#[derive(Debug, PartialEq)]
pub(super) struct Seen {
    /// Whose tokens are the agent's.
    pub(super) service_account: String,
    pub(super) server: String,
    pub(super) tool: String,
    pub(super) numbers: Numbers,
    /// What the agent and the server count by themselves.
    pub(super) others: [Numbers; 2],
}

impl Served {
    pub(super) fn load(files: &BTreeMap<String, Vec<u8>>, today: &str) -> Result<Self, String> {
        let loaded = Snapshot::compile(files, None, &CONNECTOR, today.parse().unwrap());
        loaded
            .map(Self)
            .map_err(|error| format!("does not load: {error:?}"))
    }

    /// What becomes of a call.
    pub(super) fn decide(
        &self,
        agent: &str,
        exposed: &str,
        sent: &Arguments,
        day: &str,
    ) -> Decision {
        let caller = Arc::new(Caller::for_test(agent));
        let permit = match policy::decide(&self.0, &caller, exposed, day.parse().unwrap()) {
            Ok(permit) => permit,
            Err(Refusal::Unknown { tool }) if tool == exposed => return Decision::Unknown,
            Err(refusal) => panic!("not an answer of this step: {refusal:?}"),
        };
        let written = RawValue::from_string(json!(sent).to_string()).unwrap();
        match arguments::check(permit, Some(written), None) {
            Ok(valid) => {
                let whole: BTreeMap<String, Value> =
                    serde_json::from_str(valid.written().unwrap().get()).unwrap();
                let known = |name: String| ["count", "word"].into_iter().find(|one| **one == name);
                let whole = whole.into_iter();
                Decision::Goes(
                    whole
                        .map(|(name, value)| (known(name).unwrap(), value))
                        .collect(),
                )
            }
            Err(Refusal::Tool {
                reason: Reason::ArgumentsTooLarge,
                ..
            }) => Decision::TooLarge,
            Err(Refusal::Tool {
                reason: Reason::InvalidArguments,
                ..
            }) => Decision::Invalid,
            Err(refusal) => panic!("not an answer of this step: {refusal:?}"),
        }
    }

    /// The names that `agent` is shown.
    pub(super) fn listed(&self, agent: &str, day: &str) -> BTreeSet<String> {
        let day: Day = day.parse().unwrap();
        let listed = self
            .0
            .view(agent)
            .and_then(|view| view.list(Era::Modern, day));
        let listed: Value = listed.map_or(Value::Null, |list| {
            serde_json::from_str(list.get()).unwrap()
        });
        let tools = listed["tools"].as_array().into_iter().flatten();
        tools
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The tool that `agent` calls `exposed`.
    pub(super) fn seen(&self, agent: &str, exposed: &str, day: &str) -> Option<Seen> {
        let entry = self.0.view(agent)?.find(exposed, day.parse().unwrap())?;
        let [pair, others @ ..] = entry.counters.each_ref().map(|counter| numbers(counter));
        let mut numbers = pair;
        numbers.extend([
            (Field::MaxArgs, entry.max_args as u64),
            (Field::MaxResult, entry.max_result as u64),
            (Field::Timeout, milliseconds(entry)),
        ]);
        let Identity::Kubernetes {
            service_account, ..
        } = &self.0.config().agents.get(agent)?.identity
        else {
            return None;
        };
        Some(Seen {
            service_account: service_account.clone(),
            server: entry.upstream.name().to_owned(),
            tool: entry.tool.to_string(),
            numbers,
            others,
        })
    }

    /// The counters of a tool: of the pair, the agent and the server.
    pub(super) fn counters(
        &self,
        agent: &str,
        exposed: &str,
        day: &str,
    ) -> Option<[*const Counter; 3]> {
        let entry = self.0.view(agent)?.find(exposed, day.parse().unwrap())?;
        Some(entry.counters.each_ref().map(Arc::as_ptr))
    }
}

fn numbers(counter: &Counter) -> Numbers {
    let limit = counter.limit();
    let calls = |rate: bailiwick_config::Rate| u64::from(rate.calls) * (DAY / rate.per);
    let numbers = [
        (Field::CallsPerDay, limit.rate.map(calls)),
        (Field::Burst, limit.rate.map(|rate| u64::from(rate.burst))),
        (Field::Concurrent, limit.concurrent.map(u64::from)),
    ];
    let written = numbers.into_iter();
    written
        .filter_map(|(field, number)| Some((field, number?)))
        .collect()
}

fn milliseconds(entry: &Entry) -> u64 {
    u64::try_from(entry.timeout.as_millis()).unwrap()
}
