use std::sync::Arc;
use std::time::{Duration, Instant};

use bailiwick_config::{Limit, Rate};

use super::{Counter, Exceeded, Places};
use crate::refusal::Reason;

fn counter(rate: Option<(u32, u64, u32)>, concurrent: Option<u32>) -> Arc<Counter> {
    let rate = rate.map(|(calls, per, burst)| Rate { calls, per, burst });
    Arc::new(Counter::new(Limit { rate, concurrent }))
}

#[test]
fn nothing_written_does_not_limit() {
    let counters = [(); 3].map(|()| counter(None, None));
    let now = Instant::now();
    let places: Vec<_> = (0..1000).map(|_| Places::take(&counters, now)).collect();
    assert!(places.iter().all(Result::is_ok));
}

#[test]
fn a_refusal_of_one_counter_costs_the_others_nothing() {
    let pair = counter(Some((1, 1_000, 2)), Some(8));
    let agent = counter(Some((1, 1_000, 2)), Some(8));
    let server = counter(None, Some(1));
    let counters = [pair, agent, server];
    let now = Instant::now();
    let first = Places::take(&counters, now).unwrap();
    for _ in 0..10 {
        let Err(refused) = Places::take(&counters, now) else {
            panic!("the server has one place");
        };
        assert_eq!(refused.reason, Reason::Concurrency);
    }
    drop(first);
    // Ten refusals took no token of the pair's or the agent's two.
    let second = Places::take(&counters, now).unwrap();
    assert_eq!(
        counters.each_ref().map(|counter| counter.in_flight()),
        [1; 3]
    );
    drop(second);
    assert_eq!(
        counters.each_ref().map(|counter| counter.in_flight()),
        [0; 3]
    );
}

#[test]
fn the_longest_wait_is_told() {
    let counters = [
        counter(Some((1, 1_000, 1)), None),
        counter(Some((1, 60_000, 1)), None),
        counter(None, None),
    ];
    let now = Instant::now();
    drop(Places::take(&counters, now).unwrap());
    let Err(refused) = Places::take(&counters, now) else {
        panic!("the buckets are empty");
    };
    assert_eq!(
        refused,
        Exceeded {
            reason: Reason::RateLimit,
            wait: Duration::from_mins(1)
        }
    );
    assert!(Places::take(&counters, now + refused.wait).is_ok());
}
