//! Counters, and their Prometheus text.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The counters of one process.
#[derive(Debug, Default)]
pub struct Metrics {
    /// By agent.
    calls: Mutex<BTreeMap<Box<str>, Tools>>,
    config_refused: AtomicBool,
}

/// Calls of one agent, by tool. Names come from the config, so their number is bounded by it.
type Tools = BTreeMap<Box<str>, Counts>;

/// Calls of one agent to one tool, by decision and reason.
type Counts = BTreeMap<(&'static str, &'static str), u64>;

impl Metrics {
    /// Counts one request. `agent` is empty before identity; `tool` must be a granted tool's
    /// exposed name or empty, so that a caller cannot make up new series; `reason` is a reason
    /// word or empty.
    pub fn count(&self, agent: &str, tool: &str, decision: &'static str, reason: &'static str) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let known = calls.get_mut(agent).and_then(|tools| tools.get_mut(tool));
        // Only the first call of a kind copies its names.
        let counts = if let Some(counts) = known {
            counts
        } else {
            let tools = calls.entry(agent.into()).or_default();
            tools.entry(tool.into()).or_default()
        };
        *counts.entry((decision, reason)).or_default() += 1;
    }

    /// Notes whether the newest config was refused, so that an older one is in force, or none.
    pub(crate) fn set_config_refused(&self, refused: bool) {
        self.config_refused.store(refused, Ordering::Relaxed);
    }

    /// The counters as Prometheus text, sorted.
    pub fn render(&self) -> String {
        let mut text = String::from(
            "# HELP bailiwick_requests_total Requests by agent, tool, decision and reason.\n\
             # TYPE bailiwick_requests_total counter\n",
        );
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = calls.iter().flat_map(|(agent, tools)| {
            let counts = tools.iter().flat_map(|(tool, counts)| {
                counts
                    .iter()
                    .map(move |(words, count)| (tool, words, count))
            });
            counts.map(move |(tool, words, count)| (agent, tool, words, count))
        });
        for (agent, tool, (decision, reason), count) in rows {
            // Writing to a string does not fail.
            let _infallible = writeln!(
                text,
                "bailiwick_requests_total{{agent={},tool={},decision={},reason={}}} {count}",
                quoted(agent),
                quoted(tool),
                quoted(decision),
                quoted(reason),
            );
        }
        drop(calls);
        let refused = u8::from(self.config_refused.load(Ordering::Relaxed));
        let _infallible = write!(
            text,
            "# HELP bailiwick_config_refused Whether the newest config cannot be used.\n\
             # TYPE bailiwick_config_refused gauge\n\
             bailiwick_config_refused {refused}\n"
        );
        text
    }
}

/// A label value in quotes, escaped as the text format wants it.
fn quoted(value: &str) -> String {
    format!(
        "\"{}\"",
        value
            .replace('\\', r"\\")
            .replace('"', "\\\"")
            .replace('\n', r"\n")
    )
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    #[test]
    fn counters_are_sorted_and_escaped() {
        let metrics = Metrics::default();
        metrics.count("triage", "read_issue", "allow", "");
        metrics.count("triage", "read_issue", "allow", "");
        metrics.count("", "", "deny", "a\"b\\c\nd");
        assert_eq!(
            metrics.render(),
            "# HELP bailiwick_requests_total Requests by agent, tool, decision and reason.\n\
             # TYPE bailiwick_requests_total counter\n\
             bailiwick_requests_total{agent=\"\",tool=\"\",decision=\"deny\",reason=\"a\\\"b\\\\c\\nd\"} 1\n\
             bailiwick_requests_total{agent=\"triage\",tool=\"read_issue\",decision=\"allow\",reason=\"\"} 2\n\
             # HELP bailiwick_config_refused Whether the newest config cannot be used.\n\
             # TYPE bailiwick_config_refused gauge\n\
             bailiwick_config_refused 0\n"
        );
    }
}
