//! `permissions.txt`: one sorted line for each agent and tool, the first thing a reviewer reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::environment::{
    DEFAULT_MAX_ARGS, DEFAULT_MAX_RESULT, Environment, Permission, RequiredApproval, ResolvedLimit,
    ResolvedRetry,
};
use crate::model::Narrowing;
use crate::source::At;

/// The lines, each with its line feed.
pub(crate) fn permissions(environment: &Environment) -> String {
    let callable = environment.permissions.iter();
    let callable = callable.map(|(pair, permission)| (pair, permission, false));
    let suspended = environment.suspended.iter();
    let suspended = suspended.map(|(pair, suspended)| (pair, &suspended.permission, true));
    let all: BTreeMap<_, _> = callable
        .chain(suspended)
        .map(|(pair, permission, suspended)| (pair, (permission, suspended)))
        .collect();
    let mut text = String::new();
    for ((agent, server, tool), (permission, suspended)) in all {
        let terms = terms(environment, agent, server, permission);
        let mut words = vec![format!("{agent} {server}:{tool}"), terms];
        words.extend(suspended.then(|| "suspended".to_owned()));
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
}

/// What holds for the calls of one agent to one tool, in the words of a line.
pub(crate) fn terms(
    environment: &Environment,
    agent: &str,
    server: &str,
    permission: &Permission,
) -> String {
    let mut words = limit("", &permission.limit);
    words.extend(own(permission));
    if let Some(agent) = environment.agents.get(agent) {
        words.extend(limit("agent-", &agent.limit));
    }
    if let Some(server) = environment.servers.get(server) {
        words.extend(limit("server-", &server.limit));
    }
    words.extend(narrowed(&permission.narrowings));
    words.join(" ")
}

fn own(permission: &Permission) -> Vec<String> {
    let mut words = Vec::new();
    if permission.max_args != DEFAULT_MAX_ARGS {
        words.push(format!("max-args={}", size(permission.max_args)));
    }
    if permission.max_result != DEFAULT_MAX_RESULT {
        words.push(format!("max-result={}", size(permission.max_result)));
    }
    words.push(format!("timeout={}", duration(permission.timeout)));
    words.extend(permission.retry.filter(|retry| retry.tries > 0).map(retry));
    words.extend(permission.approvals.iter().map(|approval| {
        let RequiredApproval {
            group, quorum, ttl, ..
        } = approval;
        format!("approval={group}*{quorum}/{}", duration(*ttl))
    }));
    words.extend(permission.until.iter().map(|day| format!("until={day}")));
    words
}

fn retry(retry: ResolvedRetry) -> String {
    let (first, longest) = (duration(retry.backoff), duration(retry.max_backoff));
    format!("retry={}/{first}/{longest}", retry.tries)
}

/// One word for each argument that is narrowed, with everything that narrows it.
fn narrowed(narrowings: &[Arc<Narrowing>]) -> Vec<String> {
    let mut by_path: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for narrowing in narrowings {
        let path = narrowing.path.value.to_string();
        by_path.entry(path).or_default().extend(narrows(narrowing));
    }
    let words = by_path.into_iter().map(|(path, narrows)| {
        let narrows: Vec<String> = narrows.into_iter().collect();
        one_word(&format!("arg.{path}={}", narrows.join(",")))
    });
    words.collect()
}

/// What one `arg` narrows, each in a word.
pub(crate) fn narrows(narrowing: &Narrowing) -> Vec<String> {
    let pattern = narrowing.pattern.as_ref();
    let words = [
        word("fix", narrowing.fix.as_ref()),
        word("min", narrowing.min.as_ref()),
        word("max", narrowing.max.as_ref()),
        word("max-length", narrowing.max_length.as_ref()),
        pattern.map(|pattern| format!("pattern:{}", json(&pattern.value))),
    ];
    let mut all: Vec<String> = words.into_iter().flatten().collect();
    let values: BTreeSet<String> = narrowing
        .one_of
        .iter()
        .map(|at| at.value.to_string())
        .collect();
    if !values.is_empty() {
        let values: Vec<String> = values.into_iter().collect();
        all.push(format!("one-of:[{}]", values.join(",")));
    }
    all
}

fn word<T: fmt::Display>(name: &str, at: Option<&At<T>>) -> Option<String> {
    at.map(|at| format!("{name}:{}", at.value))
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// White space as JSON escapes, so that a word stays one word of one line.
fn one_word(text: &str) -> String {
    let mut word = String::new();
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            // All of them are of one UTF-16 unit.
            let code = format!("\\u{:04x}", u32::from(c));
            word.push_str(&code);
        } else {
            word.push(c);
        }
    }
    word
}

/// The words of a counter; `of` goes before each name.
fn limit(of: &str, limit: &ResolvedLimit) -> Vec<String> {
    let mut words = Vec::new();
    if let Some((calls, per)) = limit.rate {
        words.push(format!("{of}limit={calls}/{}", duration(per)));
        words.extend(limit.burst.map(|burst| format!("{of}burst={burst}")));
    }
    words.extend(
        limit
            .concurrent
            .map(|calls| format!("{of}concurrent={calls}")),
    );
    words
}

/// Milliseconds in the largest unit that leaves a whole number.
fn duration(milliseconds: u64) -> String {
    in_unit(
        milliseconds,
        &[
            (86_400_000, "d"),
            (3_600_000, "h"),
            (60_000, "m"),
            (1_000, "s"),
            (1, "ms"),
        ],
    )
}

/// Bytes in the largest unit that leaves a whole number.
fn size(bytes: u64) -> String {
    in_unit(bytes, &[(1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")])
}

fn in_unit(value: u64, units: &[(u64, &str)]) -> String {
    units
        .iter()
        .find(|(unit, _)| value.is_multiple_of(*unit))
        .map_or_else(
            || value.to_string(),
            |(unit, name)| format!("{}{name}", value / unit),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArgumentPath;
    use crate::source::{FileId, Loc, Span};

    const LOC: Loc = Loc {
        file: FileId(0),
        span: Span { start: 0, end: 0 },
    };

    fn at<T>(value: T) -> At<T> {
        At { value, loc: LOC }
    }

    fn narrowing(path: &str) -> Narrowing {
        Narrowing {
            path: at(ArgumentPath::parse(path).unwrap()),
            one_of: Vec::new(),
            fix: None,
            pattern: None,
            min: None,
            max: None,
            max_length: None,
            loc: LOC,
        }
    }

    #[test]
    fn all_that_narrows_an_argument_is_one_word() {
        let narrowings = [
            Narrowing {
                min: Some(at(1.into())),
                max: Some(at(500.into())),
                ..narrowing("amount")
            },
            Narrowing {
                max: Some(at(20.into())),
                ..narrowing("amount")
            },
            Narrowing {
                one_of: vec![at("USD".into()), at("EUR".into())],
                ..narrowing("currency")
            },
            Narrowing {
                fix: Some(at("a b\nagent server:tool".into())),
                ..narrowing("/with space")
            },
        ];
        assert_eq!(
            narrowed(&narrowings.map(Arc::new)),
            [
                "arg.amount=max:20,max:500,min:1",
                r#"arg.currency=one-of:["EUR","USD"]"#,
                r#"arg.with\u0020space=fix:"a\u0020b\nagent\u0020server:tool""#,
            ]
        );
    }

    #[test]
    fn durations_and_sizes_use_the_largest_whole_unit() {
        let durations = [
            (100, "100ms"),
            (60_000, "1m"),
            (90_000, "90s"),
            (3_600_000, "1h"),
            (86_400_000, "1d"),
        ];
        for (milliseconds, expected) in durations {
            assert_eq!(duration(milliseconds), expected);
        }
        let sizes = [
            (1, "1B"),
            (65_536, "64KiB"),
            (1_048_576, "1MiB"),
            (1_025, "1025B"),
        ];
        for (bytes, expected) in sizes {
            assert_eq!(size(bytes), expected);
        }
    }
}
