//! `permissions.txt`: one sorted line for each agent and tool, the first thing a reviewer reads.

use crate::environment::{
    DEFAULT_MAX_ARGS, DEFAULT_MAX_RESULT, Environment, Permission, ResolvedLimit,
};

/// The lines, each with its line feed.
pub(crate) fn permissions(environment: &Environment) -> String {
    let mut text = String::new();
    for ((agent, server, tool), permission) in &environment.permissions {
        let mut words = vec![format!("{agent} {server}:{tool}")];
        words.extend(limit("", &permission.limit));
        words.extend(own(permission));
        if let Some(agent) = environment.agents.get(agent) {
            words.extend(limit("agent-", &agent.limit));
        }
        if let Some(server) = environment.servers.get(server) {
            words.extend(limit("server-", &server.limit));
        }
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
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
    words.extend(permission.until.iter().map(|day| format!("until={day}")));
    words
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
