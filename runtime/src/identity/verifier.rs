//! Puts the rules in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bailiwick_config::{Config, Issuer};
use http::HeaderMap;

use super::agents::Agents;
use super::cache::{self, Cache};
use super::claims::Claims;
use super::fetch::Fetcher;
use super::source::KeySource;
use super::token::Token;
use super::{Caller, Unauthenticated, bearer};

/// Verifies tokens of the issuers of one config.
#[derive(Debug)]
pub struct Verifier {
    issuers: Vec<Trusted>,
    agents: Agents,
    cache: Cache,
}

/// An issuer and its keys.
#[derive(Debug)]
struct Trusted {
    name: String,
    issuer: Issuer,
    keys: Arc<KeySource>,
}

impl Verifier {
    /// Takes over the fetched keys of `previous` for issuers that stayed the same. Fetches in the
    /// background, so it must be called within a Tokio runtime.
    pub(crate) fn new(config: &Config, fetcher: &Fetcher, previous: Option<&Self>) -> Self {
        let known: BTreeMap<_, _> = previous
            .into_iter()
            .flat_map(|verifier| &verifier.issuers)
            .map(|trusted| (&trusted.issuer.url, (&trusted.issuer, &trusted.keys)))
            .collect();
        let issuers = config.issuers.iter().map(|(name, issuer)| {
            let keys = match known.get(&issuer.url) {
                Some((known, keys)) if known.jwks == issuer.jwks && known.ca == issuer.ca => {
                    Arc::clone(keys)
                }
                _ => Arc::new(KeySource::new(issuer, fetcher)),
            };
            Trusted {
                name: name.clone(),
                issuer: issuer.clone(),
                keys,
            }
        });
        Self {
            issuers: issuers.collect(),
            agents: Agents::new(config),
            cache: Cache::default(),
        }
    }

    /// The agent whose token a request carries.
    pub async fn verify(&self, headers: &HeaderMap) -> Result<Caller, Unauthenticated> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        self.verify_at(headers, now).await
    }

    /// `now` in seconds since 1970.
    async fn verify_at(&self, headers: &HeaderMap, now: u64) -> Result<Caller, Unauthenticated> {
        let text = bearer::token(headers)?;
        let fingerprint = cache::fingerprint(text);
        if let Some(caller) = self.remembered(&fingerprint, now) {
            return Ok(caller);
        }
        let token = Token::read(text)?;
        // Exactly equal: two spellings of a URL are two issuers.
        let trusted = self
            .issuers
            .iter()
            .find(|trusted| trusted.issuer.url == token.issuer);
        let trusted = trusted.ok_or(Unauthenticated::UnknownIssuer)?;
        let (keys, generation) = trusted.keys.with(&token.key_id).await?;
        let key = keys.get(&token.key_id).ok_or(Unauthenticated::UnknownKey)?;
        if key.algorithm() != token.algorithm {
            return Err(Unauthenticated::Algorithm);
        }
        if !key.verifies(token.signed, token.signature) {
            return Err(Unauthenticated::Signature);
        }
        let claims: Claims = token.claims()?;
        claims.check(&trusted.issuer, now)?;
        let found = self
            .agents
            .find(&trusted.name, trusted.issuer.kind, &claims, &token)?;
        let caller = Caller::new(&trusted.name, claims, found);
        self.cache
            .insert(fingerprint, caller.clone(), generation, now);
        Ok(caller)
    }

    /// The caller of a token that was verified with the keys that its issuer still has.
    fn remembered(&self, token: &cache::Fingerprint, now: u64) -> Option<Caller> {
        let entry = self.cache.get(token, now)?;
        let trusted = self
            .issuers
            .iter()
            .find(|trusted| *trusted.name == **entry.caller.issuer())?;
        (trusted.keys.generation() == Some(entry.generation)).then_some(entry.caller)
    }

    /// Issuers whose tokens cannot be verified now, one line each.
    pub(crate) fn unready(&self) -> Vec<String> {
        let without = self
            .issuers
            .iter()
            .filter(|trusted| trusted.keys.generation().is_none());
        without
            .map(|trusted| format!("no keys of issuer {}", trusted.name))
            .collect()
    }
}

#[cfg(test)]
mod tests;
