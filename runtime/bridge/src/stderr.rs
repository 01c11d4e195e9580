//! The child's error output goes to our log, with a bound on how much.

use std::mem;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};

/// Longest piece that is logged at once, bytes; longer lines come in pieces.
const PIECE: u64 = 2 * 1024;
/// Most bytes that are logged in one [`WINDOW`]; what is above is counted.
const MOST: usize = 64 * 1024;
const WINDOW: Duration = Duration::from_secs(10);

/// Reads `errors` to its end. Never stops reading: a child that waits to write its errors would
/// not answer either.
pub(crate) async fn log<R: AsyncRead + Unpin>(errors: R) {
    let mut reader = BufReader::new(errors);
    let mut piece = Vec::new();
    let mut budget = Budget::new(Instant::now());
    loop {
        piece.clear();
        let read = (&mut reader)
            .take(PIECE)
            .read_until(b'\n', &mut piece)
            .await;
        let Ok(1..) = read else {
            budget.report();
            return;
        };
        let text = String::from_utf8_lossy(&piece);
        let text = text.trim_end();
        if budget.allows(piece.len(), Instant::now()) {
            tracing::info!(target: "server", "{}", text.escape_debug());
        }
    }
}

/// How much may still be logged.
struct Budget {
    since: Instant,
    logged: usize,
    dropped: usize,
}

impl Budget {
    fn new(now: Instant) -> Self {
        Self {
            since: now,
            logged: 0,
            dropped: 0,
        }
    }

    fn allows(&mut self, bytes: usize, now: Instant) -> bool {
        if now.duration_since(self.since) >= WINDOW {
            self.report();
            *self = Self::new(now);
        }
        let is_allowed = self.logged + bytes <= MOST;
        *(if is_allowed {
            &mut self.logged
        } else {
            &mut self.dropped
        }) += bytes;
        is_allowed
    }

    fn report(&mut self) {
        let bytes = mem::take(&mut self.dropped);
        if bytes > 0 {
            tracing::warn!(target: "server", bytes, "error output was not logged: too much");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_logged_up_to_the_bound_of_each_window() {
        let now = Instant::now();
        let mut budget = Budget::new(now);
        let allowed = (0..1_000).filter(|_| budget.allows(1_024, now)).count();
        assert_eq!(allowed, MOST / 1_024);
        assert_eq!(budget.dropped, 1_000 * 1_024 - MOST);
        assert!(budget.allows(1_024, now + WINDOW));
        assert_eq!(budget.dropped, 0);
    }
}
