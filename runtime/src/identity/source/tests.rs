//! Time is paused in these tests: it passes only while everybody waits for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, advance};

use super::super::fetch::FetchError;
use super::super::keys::KeySet;
use super::super::testing::{EC, ED, RSA, time_passes};
use super::{Fetch, KeySource, Unauthenticated};

/// What the issuer answers, one after the other; when nothing is left it is down.
type Answers = Arc<Mutex<VecDeque<Fetch>>>;

/// When the issuer was asked, since the start.
type Log = Arc<Mutex<Vec<Duration>>>;

fn issuer(answers: Vec<Fetch>) -> (KeySource, Log, Answers) {
    let answers: Answers = Arc::new(Mutex::new(answers.into()));
    let (log, start) = (Log::default(), Instant::now());
    let (asked, left) = (Arc::clone(&log), Arc::clone(&answers));
    let source = KeySource::fetched("https://login.acme.com".into(), move || {
        asked.lock().unwrap().push(start.elapsed());
        let answer = left.lock().unwrap().pop_front();
        async move { answer.ok_or(FetchError::Deadline) }
    });
    (source, log, answers)
}

fn keys(keys: &[serde_json::Value]) -> KeySet {
    KeySet::read(&serde_json::json!({ "keys": keys }).to_string()).unwrap()
}

async fn has(source: &KeySource, id: &str) -> Result<bool, Unauthenticated> {
    source
        .with(id)
        .await
        .map(|(keys, _)| keys.get(id).is_some())
}

#[tokio::test(start_paused = true)]
async fn the_first_request_waits_for_the_first_keys() {
    let (source, log, _) = issuer(vec![(keys(&[RSA.jwk()]), None)]);
    assert_eq!(source.generation(), None);
    assert_eq!(has(&source, "rsa").await, Ok(true));
    assert_eq!(source.generation(), Some(1));
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_key_starts_one_fetch_however_many_ask() {
    let (source, log, answers) = issuer(vec![(keys(&[RSA.jwk()]), None)]);
    assert_eq!(has(&source, "rsa").await, Ok(true));
    advance(Duration::from_secs(11)).await;
    answers
        .lock()
        .unwrap()
        .push_back((keys(&[RSA.jwk(), EC.jwk()]), None));
    let source = Arc::new(source);
    let asking = (0..100).map(|_| {
        let source = Arc::clone(&source);
        tokio::spawn(async move { has(&source, "ec").await })
    });
    for asked in asking.collect::<Vec<_>>() {
        assert_eq!(asked.await.unwrap(), Ok(true));
    }
    assert_eq!(log.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_unknown_keys_is_one_fetch_in_ten_seconds() {
    let (source, log, answers) = issuer(vec![]);
    for _ in 0..10 {
        answers
            .lock()
            .unwrap()
            .push_back((keys(&[RSA.jwk()]), None));
    }
    for number in 0..600 {
        assert_eq!(has(&source, &format!("made-up-{number}")).await, Ok(false));
        advance(Duration::from_millis(100)).await;
    }
    let fetches = log.lock().unwrap().len();
    assert!((5..=7).contains(&fetches), "{fetches} fetches in a minute");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_taken_away_is_gone_and_so_is_its_generation() {
    let (source, _, answers) = issuer(vec![(keys(&[RSA.jwk(), ED.jwk()]), None)]);
    assert_eq!(has(&source, "ed").await, Ok(true));
    answers
        .lock()
        .unwrap()
        .push_back((keys(&[RSA.jwk()]), None));
    time_passes(Duration::from_mins(6)).await;
    assert_eq!(source.generation(), Some(2));
    assert_eq!(has(&source, "ed").await, Ok(false));
}

#[tokio::test(start_paused = true)]
async fn keys_outlive_the_issuer_for_a_day_and_no_longer() {
    let (source, _, _) = issuer(vec![(keys(&[RSA.jwk()]), None)]);
    assert_eq!(has(&source, "rsa").await, Ok(true));
    time_passes(Duration::from_hours(24) - Duration::from_secs(1)).await;
    assert_eq!(has(&source, "rsa").await, Ok(true));
    time_passes(Duration::from_secs(2)).await;
    assert_eq!(source.generation(), None);
    assert_eq!(
        has(&source, "rsa").await,
        Err(Unauthenticated::KeysUnavailable)
    );
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_comes_back_is_noticed() {
    let (source, _, answers) = issuer(vec![]);
    assert_eq!(
        has(&source, "rsa").await,
        Err(Unauthenticated::KeysUnavailable)
    );
    answers
        .lock()
        .unwrap()
        .push_back((keys(&[RSA.jwk()]), None));
    time_passes(Duration::from_secs(30)).await;
    assert_eq!(has(&source, "rsa").await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn fresh_keys_are_fetched_again_at_half_their_age_between_five_minutes_and_an_hour() {
    for (max_age, from, to) in [
        (None, 300, 331),
        (Some(60), 300, 331),
        (Some(1_200), 600, 661),
        (Some(86_400), 3_600, 3_961),
    ] {
        let answer = || (keys(&[RSA.jwk()]), max_age.map(Duration::from_secs));
        let (_source, log, _) = issuer(vec![answer(), answer()]);
        time_passes(Duration::from_secs(4_000)).await;
        let second = log.lock().unwrap()[1].as_secs();
        assert!((from..=to).contains(&second), "{max_age:?}: {second}");
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_source_ends_the_fetching() {
    let (source, log, _) = issuer(vec![]);
    assert!(has(&source, "rsa").await.is_err());
    drop(source);
    time_passes(Duration::from_hours(1)).await;
    assert_eq!(log.lock().unwrap().len(), 1);
}
