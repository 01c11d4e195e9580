//! File descriptors: each connection needs one, and so do the audit log's next segment, the config
//! and the servers.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that one connection can need: its own, and one to a server. A third is left for
/// everything else.
const OF_A_CONNECTION: u64 = 3;

/// Lets the process have as many descriptors as the system allows it. Gives how many these are;
/// none stands for no limit.
pub(crate) fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the number of file descriptors stays what it is");
            limit.current
        }
    }
}

/// How many connections `descriptors` are enough for, at most `wanted`.
pub(crate) fn connections(descriptors: Option<u64>, wanted: usize) -> usize {
    let enough = descriptors.map_or(u64::MAX, |all| all / OF_A_CONNECTION);
    usize::try_from(enough).map_or(wanted, |enough| enough.clamp(1, wanted))
}

#[cfg(test)]
mod tests {
    use super::{connections, raise};

    #[test]
    fn connections_leave_descriptors_for_the_rest() {
        for (descriptors, expected) in [
            (None, 4096),
            (Some(1_048_576), 4096),
            (Some(1024), 341),
            (Some(0), 1),
        ] {
            assert_eq!(connections(descriptors, 4096), expected);
        }
    }

    #[test]
    fn there_are_no_more_descriptors_to_have() {
        let limit = raise();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max open files"));
        let soft = line.unwrap().split_whitespace().nth(3).unwrap();
        assert_eq!(
            soft,
            limit.map_or("unlimited".to_owned(), |limit| limit.to_string())
        );
    }
}
