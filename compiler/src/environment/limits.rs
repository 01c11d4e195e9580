//! Limits and timeouts: the definition's value, and what narrows it.
//!
//! Defaults go inward, field by field: the innermost written value is the definition's. From there
//! on everything only narrows: the server's and the agent's sizes, every role and every grant that
//! gives the pair, and what the environment writes, which is a ceiling.

use std::cmp::Ordering;

use super::ResolvedLimit;
use crate::model::{Limit, Server, Target, Tool};
use crate::source::At;

/// Calls in flight of one agent at one tool where nothing is written.
pub const DEFAULT_CONCURRENT: u32 = 16;
/// Largest arguments where nothing is written, bytes.
pub const DEFAULT_MAX_ARGS: u64 = 64 * 1024;
/// Largest result where nothing is written, bytes.
pub const DEFAULT_MAX_RESULT: u64 = 1024 * 1024;
/// Deadline where nothing is written, milliseconds.
pub const DEFAULT_TIMEOUT: u64 = 30_000;

/// Values of a limit and a timeout, field by field; absent is unwritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) rate: Option<Rate>,
    pub(crate) burst: Option<u32>,
    pub(crate) concurrent: Option<u32>,
    pub(crate) max_args: Option<u64>,
    pub(crate) max_result: Option<u64>,
    pub(crate) timeout: Option<u64>,
}

/// Calls in a window of milliseconds. Rates compare as the fraction; of equal ones the shorter
/// window is the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate(pub(crate) u32, pub(crate) u64);

impl Ord for Rate {
    fn cmp(&self, other: &Self) -> Ordering {
        let own = u128::from(self.0) * u128::from(other.1);
        let others = u128::from(other.0) * u128::from(self.1);
        own.cmp(&others).then(self.1.cmp(&other.1))
    }
}

impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Rate {
    /// Whether more calls fit into the same time.
    pub(crate) fn exceeds(self, other: Self) -> bool {
        u128::from(self.0) * u128::from(other.1) > u128::from(other.0) * u128::from(self.1)
    }
}

/// What holds where nothing is written.
const BUILT_IN: Bounds = Bounds {
    rate: None,
    burst: None,
    concurrent: Some(DEFAULT_CONCURRENT),
    max_args: Some(DEFAULT_MAX_ARGS),
    max_result: Some(DEFAULT_MAX_RESULT),
    timeout: Some(DEFAULT_TIMEOUT),
};

impl Bounds {
    /// What one thing writes. A burst that is not written is the calls of the same node.
    pub(crate) fn of(limit: Option<&Limit>, timeout: Option<&At<u64>>) -> Self {
        let rate = limit.and_then(|limit| limit.rate.as_ref());
        let burst = limit.and_then(|limit| limit.burst.as_ref());
        Self {
            rate: rate.map(|rate| Rate(rate.value.0, rate.value.1)),
            burst: burst
                .map(|burst| burst.value)
                .or_else(|| rate.map(|rate| rate.value.0)),
            concurrent: limit
                .and_then(|limit| limit.concurrent.as_ref())
                .map(|at| at.value),
            max_args: limit
                .and_then(|limit| limit.max_args.as_ref())
                .map(|at| at.value),
            max_result: limit
                .and_then(|limit| limit.max_result.as_ref())
                .map(|at| at.value),
            timeout: timeout.map(|at| at.value),
        }
    }

    /// Own values, and `outer`'s where nothing is written.
    fn or(self, outer: Self) -> Self {
        Self {
            rate: self.rate.or(outer.rate),
            burst: self.burst.or(outer.burst),
            concurrent: self.concurrent.or(outer.concurrent),
            max_args: self.max_args.or(outer.max_args),
            max_result: self.max_result.or(outer.max_result),
            timeout: self.timeout.or(outer.timeout),
        }
    }

    /// The smaller of both, field by field.
    pub(super) fn narrowed(self, by: Self) -> Self {
        Self {
            rate: smaller(self.rate, by.rate),
            burst: smaller(self.burst, by.burst),
            concurrent: smaller(self.concurrent, by.concurrent),
            max_args: smaller(self.max_args, by.max_args),
            max_result: smaller(self.max_result, by.max_result),
            timeout: smaller(self.timeout, by.timeout),
        }
    }

    /// Of a server or an agent: only its sizes reach a pair, the rest counts something else.
    pub(super) fn sizes(limit: Option<&Limit>) -> Self {
        let all = Self::of(limit, None);
        Self {
            max_args: all.max_args,
            max_result: all.max_result,
            ..Self::default()
        }
    }

    /// The counter among the values. Without a rate there is no bucket.
    pub(super) fn counter(self) -> ResolvedLimit {
        ResolvedLimit {
            rate: self.rate.map(|Rate(calls, per)| (calls, per)),
            burst: self.rate.and(self.burst),
            concurrent: self.concurrent,
        }
    }
}

fn smaller<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The definition's value for one tool: `limit` along tool, tool-defaults, environment; `timeout`
/// along tool, server, environment; then what is built in, which is used nowhere else.
pub(super) fn definition(target: &Target, server: &Server, tool: &Tool) -> Bounds {
    let environment = Bounds::of(target.limit.as_ref(), target.timeout.as_ref());
    Bounds::of(tool.settings.limit.as_ref(), tool.settings.timeout.as_ref())
        .or(Bounds::of(
            server.tool_defaults.limit.as_ref(),
            server.settings.timeout.as_ref(),
        ))
        .or(environment)
        .or(BUILT_IN)
        // A tool's own burst that nobody wrote is held to the environment's bucket.
        .narrowed(environment)
}
