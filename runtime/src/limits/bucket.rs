//! A token bucket in whole numbers: it never drifts, and knows to the nanosecond when to retry.

use std::time::{Duration, Instant};

use bailiwick_config::Rate;

/// Credit for calls. One call costs as many units as the window has nanoseconds, and each
/// nanosecond earns as many units as the window allows calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    cost: u128,
    earn: u128,
    full: u128,
    credit: u128,
    at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        let cost = u128::from(rate.per) * 1_000_000;
        let full = cost * u128::from(rate.burst);
        Self {
            cost,
            earn: u128::from(rate.calls),
            full,
            credit: full,
            at: now,
        }
    }

    /// Earns what the time since the last look brought, and says how long to wait for the next
    /// call; zero when it may go now.
    pub(super) fn wait(&mut self, now: Instant) -> Duration {
        let nanos = now.saturating_duration_since(self.at).as_nanos();
        self.at = self.at.max(now);
        self.credit = self
            .credit
            .saturating_add(nanos.saturating_mul(self.earn))
            .min(self.full);
        let missing = self.cost.saturating_sub(self.credit);
        let nanos = missing.checked_div(self.earn).unwrap_or(u128::MAX)
            + u128::from(!missing.is_multiple_of(self.earn.max(1)));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Pays for one call. Only after [`Self::wait`] said that it may go.
    pub(super) fn take(&mut self) {
        self.credit = self.credit.saturating_sub(self.cost);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bailiwick_config::Rate;

    use super::Bucket;

    /// Takes as many calls as may go at `now`.
    fn drain(bucket: &mut Bucket, now: Instant) -> u32 {
        let mut taken = 0;
        while bucket.wait(now).is_zero() {
            bucket.take();
            taken += 1;
        }
        taken
    }

    #[test]
    fn a_bucket_is_full_at_first_and_never_fuller() {
        let start = Instant::now();
        let rate = Rate {
            calls: 60,
            per: 60_000,
            burst: 5,
        };
        let mut bucket = Bucket::new(rate, start);
        assert_eq!(drain(&mut bucket, start), 5);
        assert_eq!(drain(&mut bucket, start + Duration::from_hours(1)), 5);
    }

    #[test]
    fn the_wait_is_exact() {
        let start = Instant::now();
        let rate = Rate {
            calls: 3,
            per: 1_000,
            burst: 1,
        };
        let mut bucket = Bucket::new(rate, start);
        assert_eq!(drain(&mut bucket, start), 1);
        let wait = bucket.wait(start);
        assert_eq!(wait, Duration::from_nanos(333_333_334));
        let too_early = start + Duration::from_nanos(333_333_333);
        assert!(!bucket.wait(too_early).is_zero());
        assert!(bucket.wait(start + wait).is_zero());
    }

    #[test]
    fn thirds_of_a_second_do_not_drift() {
        let start = Instant::now();
        let rate = Rate {
            calls: 3,
            per: 1_000,
            burst: 3,
        };
        let mut bucket = Bucket::new(rate, start);
        let taken: u32 = (0..=30_000)
            .map(|milli| drain(&mut bucket, start + Duration::from_millis(milli)))
            .sum();
        assert_eq!(taken, 3 + 90);
    }
}
