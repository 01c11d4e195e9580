//! A catalog as plain data: what its text says, and nothing of what follows from it.

use std::collections::BTreeMap;

use serde_json::Value;

/// Milliseconds of a day; all windows of rates divide it.
pub(super) const DAY: u64 = 86_400_000;

/// The tools of each server.
pub(super) const TOOLS: [&str; 3] = ["get_a", "get.b", "put_a"];

/// A whole catalog.
#[derive(Clone, Debug)]
pub(super) struct Universe {
    pub(super) environments: Vec<Environment>,
    pub(super) servers: Vec<Server>,
    pub(super) roles: Vec<Role>,
    /// What each agent writes.
    pub(super) agents: Vec<Settings>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    pub(super) own: Settings,
    pub(super) deny: Vec<Pattern>,
    pub(super) deployed: Vec<usize>,
    pub(super) grants: Vec<Grant>,
    pub(super) suspended: Vec<Subject>,
    pub(super) patches: Vec<(Subject, Settings)>,
}

/// A server; its tools have the names of [`TOOLS`].
#[derive(Clone, Debug, Default)]
pub(super) struct Server {
    pub(super) own: Settings,
    /// Of its `tool-defaults`.
    pub(super) defaults: Settings,
    pub(super) tools: Vec<Tool>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    /// What `as` gives.
    pub(super) alias: Option<&'static str>,
    pub(super) is_locked: bool,
    pub(super) effect: Option<&'static str>,
    pub(super) is_repeat_safe: Option<bool>,
    pub(super) schema: Schema,
    pub(super) own: Settings,
}

impl Tool {
    /// The name that agents see.
    pub(super) fn exposed(&self, server: usize) -> String {
        let derived = || format!("s{server}_{}", self.name.replace('.', "_"));
        self.alias.map_or_else(derived, str::to_owned)
    }
}

/// What a locked schema says of the arguments `word`, a text, and `count`, a whole number.
#[derive(Clone, Debug, Default)]
pub(super) struct Schema {
    pub(super) needs_word: bool,
    pub(super) longest_word: Option<usize>,
    pub(super) least_count: Option<i64>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Role {
    pub(super) allow: Vec<Pattern>,
    pub(super) own: Settings,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Grant {
    pub(super) agent: usize,
    pub(super) roles: Vec<usize>,
    pub(super) tools: Vec<Pattern>,
    pub(super) until: Option<&'static str>,
    pub(super) is_shadow: bool,
    pub(super) own: Settings,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Pattern {
    /// Every server where there is none.
    pub(super) server: Option<usize>,
    /// A name, or the start of one and `*`.
    pub(super) tool: &'static str,
}

/// What is suspended or patched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Agent(usize),
    Server(usize),
    Tool(usize, usize),
}

/// What one node writes about calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) limit: Option<Limit>,
    /// Milliseconds.
    pub(super) timeout: Option<u64>,
    /// Further tries.
    pub(super) retry: Option<u64>,
    pub(super) approvals: Vec<Approval>,
    pub(super) args: Vec<Arg>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Limit {
    /// Calls, and milliseconds.
    pub(super) rate: Option<(u64, u64)>,
    /// Only beside a rate.
    pub(super) burst: Option<u64>,
    pub(super) concurrent: Option<u64>,
    /// Bytes.
    pub(super) max_args: Option<u64>,
    /// Bytes.
    pub(super) max_result: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Approval {
    pub(super) group: usize,
    pub(super) quorum: Option<u64>,
    /// Minutes.
    pub(super) ttl: Option<u64>,
    /// On an environment: also for what writes.
    pub(super) for_write: bool,
}

/// An `arg` node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arg {
    pub(super) name: &'static str,
    pub(super) demand: Demand,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Demand {
    Fix(Value),
    OneOf(Vec<Value>),
    /// One of [`PATTERNS`].
    Pattern(usize),
    MaxLength(usize),
    /// At least, at most; the least and the most of all numbers where it is not written.
    Between(i64, i64),
}

impl Demand {
    /// The only value that there is.
    pub(super) fn fixed(&self) -> Option<Value> {
        if let Self::Fix(value) = self {
            Some(value.clone())
        } else {
            None
        }
    }
}

/// A pattern, and what it matches as a whole.
pub(super) type Regex = (&'static str, fn(&str) -> bool);

/// The patterns of universes.
pub(super) const PATTERNS: [Regex; 2] = [
    ("a+", |text| {
        !text.is_empty() && text.chars().all(|letter| letter == 'a')
    }),
    ("a|bb", |text| text == "a" || text == "bb"),
];

/// Arguments of one call, by name.
pub(super) type Arguments = BTreeMap<&'static str, Value>;

/// Values that calls have for `word` and `count`.
pub(super) fn values() -> [Vec<Option<Value>>; 2] {
    let words = ["a", "aa", "b", "bb", "abb"].map(|word| Some(word.into()));
    let counts = [0, 1, 2, 3].map(|count| Some(count.into()));
    [
        [vec![None, Some(1.into())], words.to_vec()].concat(),
        [vec![None, Some("1".into())], counts.to_vec()].concat(),
    ]
}

/// Arguments with the values of these numbers.
pub(super) fn arguments(word: usize, count: usize) -> Arguments {
    let [words, counts] = values();
    let pairs = [
        ("word", words[word].clone()),
        ("count", counts[count].clone()),
    ];
    pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}
