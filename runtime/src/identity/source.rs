//! Where an issuer's keys come from: written in the config, or fetched and kept fresh.
//!
//! One task per issuer fetches, so a flood of unknown key ids cannot start a second fetch; it can
//! only ask for the next one early, once in [`MIN_PAUSE`].

use std::sync::Arc;
use std::time::Duration;

use bailiwick_config::{Issuer, Jwks};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::Unauthenticated;
use super::fetch::{FetchError, Fetcher};
use super::keys::KeySet;
use crate::causes;

/// Shortest time between two fetches.
const MIN_PAUSE: Duration = Duration::from_secs(10);
/// Shortest and longest time between two fetches that succeed.
const FRESH: (Duration, Duration) = (Duration::from_mins(5), Duration::from_hours(1));
/// How long keys are used that could not be fetched again.
const LAST_GOOD: Duration = Duration::from_hours(24);
/// How long a request waits for a fetch.
const PATIENCE: Duration = Duration::from_secs(6);

/// An issuer's keys. Dropping it ends the fetching.
#[derive(Debug)]
pub(super) struct KeySource {
    newest: watch::Receiver<Fetched>,
    early: Arc<Notify>,
    task: Option<JoinHandle<()>>,
}

/// The state of an issuer's keys.
#[derive(Clone, Debug, Default)]
struct Fetched {
    keys: Option<Arc<KeySet>>,
    /// Grows whenever `keys` change.
    generation: u64,
    /// Until when `keys` may be used; absent where they never age.
    until: Option<Instant>,
    /// When the last fetch ended.
    tried: Option<Instant>,
}

impl Fetched {
    fn usable(&self) -> Option<&Arc<KeySet>> {
        let is_good = self.until.is_none_or(|until| Instant::now() < until);
        self.keys.as_ref().filter(|_| is_good)
    }
}

/// Keys, and how long they are said to be fresh.
pub(super) type Fetch = (KeySet, Option<Duration>);

impl KeySource {
    pub(super) fn new(issuer: &Issuer, fetcher: &Fetcher) -> Self {
        if let Jwks::Inline { keys } = &issuer.jwks {
            return Self::fixed(&issuer.url, keys);
        }
        let (issuer, fetcher) = (issuer.clone(), fetcher.clone());
        Self::fetched(issuer.url.clone(), move || {
            let (issuer, fetcher) = (issuer.clone(), fetcher.clone());
            async move { fetcher.keys(&issuer).await }
        })
    }

    fn fixed(issuer: &str, keys: &serde_json::Value) -> Self {
        let keys = KeySet::read(&keys.to_string());
        if let Err(error) = &keys {
            tracing::error!(issuer, %error, "no keys");
        }
        let keys = keys.ok().map(Arc::new);
        let fixed = Fetched {
            keys,
            tried: Some(Instant::now()),
            ..Fetched::default()
        };
        Self {
            newest: watch::channel(fixed).1,
            early: Arc::default(),
            task: None,
        }
    }

    /// Keys that `fetch` gets.
    pub(super) fn fetched<F, A>(issuer: String, fetch: F) -> Self
    where
        F: Fn() -> A + Send + 'static,
        A: Future<Output = Result<Fetch, FetchError>> + Send + 'static,
    {
        let (sender, newest) = watch::channel(Fetched::default());
        let early = Arc::new(Notify::new());
        let refresh = refresh(issuer, fetch, sender, Arc::clone(&early));
        Self {
            newest,
            early,
            task: Some(tokio::spawn(refresh)),
        }
    }

    /// Which key set is in use; `None` while there is none.
    pub(super) fn generation(&self) -> Option<u64> {
        let newest = self.newest.borrow();
        newest.usable().map(|_| newest.generation)
    }

    /// The newest keys and their generation. Where they lack `key_id`, waits for a fetch if one
    /// is due.
    pub(super) async fn with(&self, key_id: &str) -> Result<(Arc<KeySet>, u64), Unauthenticated> {
        let before = self.newest.borrow().clone();
        let is_known = before
            .usable()
            .is_some_and(|keys| keys.get(key_id).is_some());
        let is_due = before
            .tried
            .is_none_or(|tried| tried.elapsed() >= MIN_PAUSE);
        if !is_known && is_due && self.task.is_some() {
            self.early.notify_one();
            let mut newest = self.newest.clone();
            // Whether it came in time shows in what is there afterwards.
            drop(timeout(PATIENCE, newest.wait_for(|now| now.tried != before.tried)).await);
        }
        let newest = self.newest.borrow();
        let keys = newest.usable().ok_or(Unauthenticated::KeysUnavailable)?;
        Ok((Arc::clone(keys), newest.generation))
    }
}

impl Drop for KeySource {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Fetches again and again until it is aborted.
async fn refresh<F, A>(issuer: String, fetch: F, newest: watch::Sender<Fetched>, early: Arc<Notify>)
where
    F: Fn() -> A,
    A: Future<Output = Result<Fetch, FetchError>>,
{
    let mut failures = 0u32;
    loop {
        let pause = match fetch().await {
            Ok((keys, max_age)) => {
                failures = 0;
                newest.send_modify(|state| {
                    state.keys = Some(Arc::new(keys));
                    state.generation += 1;
                    state.until = Some(Instant::now() + LAST_GOOD);
                    state.tried = Some(Instant::now());
                });
                max_age.map_or(FRESH.0, |age| (age / 2).clamp(FRESH.0, FRESH.1))
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(issuer, error = causes::line(&error), "cannot fetch keys");
                newest.send_modify(|state| state.tried = Some(Instant::now()));
                (MIN_PAUSE * 2u32.saturating_pow(failures - 1)).min(FRESH.0)
            }
        };
        tokio::time::sleep(MIN_PAUSE).await;
        // Somebody may wait for a key already; a fetch that nobody asks for comes a little late,
        // so that replicas do not ask all at once.
        let rest = pause.saturating_sub(MIN_PAUSE);
        drop(timeout(rest + jitter(rest), early.notified()).await);
    }
}

/// Up to a tenth of `pause`.
fn jitter(pause: Duration) -> Duration {
    let mut byte = [0u8];
    // Without randomness the fetch is merely punctual.
    if aws_lc_rs::rand::fill(&mut byte).is_err() {
        return Duration::ZERO;
    }
    pause / 10 * u32::from(byte[0]) / 255
}

#[cfg(test)]
mod tests;
