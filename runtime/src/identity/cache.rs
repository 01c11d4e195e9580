//! Remembers verified tokens for a short time, so that a busy agent's signature is not verified
//! for each call.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::Caller;

/// Longest time that a verified token is remembered, seconds.
const LIFETIME: u64 = 60;

/// Half of the tokens that are remembered at most.
const HALF: usize = 5_000;

/// The SHA-256 of a token: the token itself is not kept.
pub(super) type Fingerprint = [u8; 32];

pub(super) fn fingerprint(token: &str) -> Fingerprint {
    Sha256::digest(token).into()
}

/// What was found out about a token.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) caller: Caller,
    /// Which of the issuer's key sets verified it.
    pub(super) generation: u64,
    /// Seconds since 1970.
    until: u64,
}

/// Two halves: a full young one becomes the old one, and the old one is forgotten.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Halves>);

#[derive(Debug, Default)]
struct Halves {
    young: BTreeMap<Fingerprint, Entry>,
    old: BTreeMap<Fingerprint, Entry>,
}

impl Cache {
    /// What is remembered of a token at `now`, seconds since 1970.
    pub(super) fn get(&self, token: &Fingerprint, now: u64) -> Option<Entry> {
        let halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = halves.young.get(token).or_else(|| halves.old.get(token))?;
        (now < entry.until).then(|| entry.clone())
    }

    /// Remembers a token that was verified at `now`.
    pub(super) fn insert(&self, token: Fingerprint, caller: Caller, generation: u64, now: u64) {
        let until = caller.expires().min(now.saturating_add(LIFETIME));
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if halves.young.len() >= HALF {
            halves.old = std::mem::take(&mut halves.young);
        }
        halves.young.insert(
            token,
            Entry {
                caller,
                generation,
                until,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::Caller;
    use super::{Cache, HALF, fingerprint};

    #[test]
    fn a_token_is_remembered_for_a_minute() {
        let cache = Cache::default();
        let token = fingerprint("a.b.c");
        cache.insert(token, Caller::for_test("triage"), 1, 1_000);
        assert_eq!(
            cache.get(&token, 1_059).map(|entry| entry.caller),
            Some(Caller::for_test("triage"))
        );
        assert!(cache.get(&token, 1_060).is_none());
        assert!(cache.get(&fingerprint("a.b.d"), 1_000).is_none());
    }

    #[test]
    fn the_number_of_tokens_is_bounded() {
        let cache = Cache::default();
        for number in 0..3 * HALF {
            cache.insert(
                fingerprint(&number.to_string()),
                Caller::for_test("a"),
                1,
                0,
            );
        }
        let remembered = (0..3 * HALF)
            .filter(|number| cache.get(&fingerprint(&number.to_string()), 0).is_some());
        assert_eq!(remembered.count(), 2 * HALF);
    }
}
