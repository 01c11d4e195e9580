//! How often and how many at a time: the counters of the pair, of the agent and of the server.

mod bucket;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bailiwick_config::Limit;
use serde_json::{Map, Value};

use crate::arguments::Valid;
use crate::refusal::{Reason, Refusal};
use bucket::Bucket;

/// How long to wait before asking again when all places are taken: nobody knows when one is free.
const BUSY_WAIT: Duration = Duration::from_secs(1);

/// One limit, and what counts against it now. Lives on over a reload that does not change it.
#[derive(Debug)]
pub struct Counter {
    limit: Limit,
    count: Mutex<Count>,
}

#[derive(Debug)]
struct Count {
    bucket: Option<Bucket>,
    in_flight: u32,
}

/// Evidence that a call may go now: all three counters counted it. Only `admit` makes one;
/// dropping it gives its places back.
///
/// ```compile_fail,E0451
/// # use bailiwick_runtime::limits::Admitted;
/// fn forge(admitted: Admitted) -> Admitted {
///     Admitted { ..admitted }
/// }
/// ```
/// The same without the private fields compiles:
/// ```
/// # use bailiwick_runtime::limits::Admitted;
/// fn pass(admitted: Admitted) -> Admitted {
///     admitted
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Admitted {
    valid: Valid,
    #[expect(dead_code, reason = "only held: dropping it gives the places back")]
    places: Places,
}

/// Places in flight, one of each counter; dropping it gives them back.
#[derive(Debug)]
struct Places([Arc<Counter>; 3]);

/// Which limit refused, and how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded {
    pub(crate) reason: Reason,
    pub(crate) wait: Duration,
}

/// Lets a valid call through when all its counters have room; otherwise none of them counts it.
pub(crate) fn admit(valid: Valid, now: Instant) -> Result<Admitted, Refusal> {
    let entry = valid.permit().entry();
    match Places::take(&entry.counters, now) {
        Ok(places) => Ok(Admitted { valid, places }),
        Err(exceeded) => Err(Refusal::limit(Arc::clone(entry), exceeded)),
    }
}

impl Admitted {
    /// What was admitted.
    pub(crate) fn valid(&self) -> &Valid {
        &self.valid
    }

    /// Takes the arguments by name.
    pub(crate) fn take_read(&mut self) -> Map<String, Value> {
        self.valid.take_read()
    }
}

impl Counter {
    /// A counter that nothing counts against yet.
    pub(crate) fn new(limit: Limit) -> Self {
        let bucket = limit.rate.map(|rate| Bucket::new(rate, Instant::now()));
        Self {
            limit,
            count: Mutex::new(Count {
                bucket,
                in_flight: 0,
            }),
        }
    }

    /// What it allows.
    pub(crate) fn limit(&self) -> &Limit {
        &self.limit
    }

    /// Counts one event against the rate alone.
    pub(crate) fn take_one(&self, now: Instant) -> Result<(), Exceeded> {
        let mut count = self.lock();
        count.check(&self.limit, now)?;
        count.pay();
        Ok(())
    }

    /// Calls in flight.
    #[cfg(test)]
    pub(crate) fn in_flight(&self) -> u32 {
        self.lock().in_flight
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Count {
    fn check(&mut self, limit: &Limit, now: Instant) -> Result<(), Exceeded> {
        if limit.concurrent.is_some_and(|most| self.in_flight >= most) {
            return Err(Exceeded {
                reason: Reason::Concurrency,
                wait: BUSY_WAIT,
            });
        }
        let wait = self
            .bucket
            .as_mut()
            .map_or(Duration::ZERO, |bucket| bucket.wait(now));
        if wait.is_zero() {
            Ok(())
        } else {
            Err(Exceeded {
                reason: Reason::RateLimit,
                wait,
            })
        }
    }

    fn pay(&mut self) {
        if let Some(bucket) = &mut self.bucket {
            bucket.take();
        }
    }
}

impl Places {
    /// Counts a call on all `counters`, or on none. Refused is the longest wait.
    fn take(counters: &[Arc<Counter>; 3], now: Instant) -> Result<Self, Exceeded> {
        // Always pair, agent, server: two calls never wait for each other's lock.
        let mut locked = counters.each_ref().map(|counter| counter.lock());
        let refused = locked
            .iter_mut()
            .zip(counters)
            .filter_map(|(count, counter)| count.check(&counter.limit, now).err())
            .max_by_key(|exceeded| exceeded.wait);
        if let Some(exceeded) = refused {
            return Err(exceeded);
        }
        for count in &mut locked {
            count.pay();
            count.in_flight += 1;
        }
        drop(locked);
        Ok(Self(counters.clone()))
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        for counter in &self.0 {
            let mut count = counter.lock();
            count.in_flight = count.in_flight.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests;
