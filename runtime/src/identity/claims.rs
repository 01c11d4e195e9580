//! The claims that every issuer's tokens have, and the rules that all of them keep.

use bailiwick_config::{Issuer, IssuerKind};
use serde::Deserialize;

use super::Unauthenticated;

/// How far clocks may differ, seconds.
const LEEWAY: u64 = 10;

/// Longest `sub` and `jti`, bytes.
const TEXT_LENGTH: usize = 255;

/// Host of the audiences that an API server takes by default.
const API_SERVER: &str = "https://kubernetes.default.svc";

#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    pub(super) exp: u64,
    pub(super) jti: Option<String>,
    aud: Audience,
    iat: u64,
    nbf: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn contains(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(one) => is_meant(one),
            Self::Many(many) => many.iter().any(|one| is_meant(one)),
        }
    }
}

impl Claims {
    /// Holds the claims against the issuer's rules; `now` in seconds since 1970.
    pub(super) fn check(&self, issuer: &Issuer, now: u64) -> Result<(), Unauthenticated> {
        if !self.aud.contains(|one| one == issuer.audience) || self.is_for_api_server(issuer) {
            return Err(Unauthenticated::Audience);
        }
        let latest_start = now.saturating_add(LEEWAY);
        if self.iat > latest_start || self.nbf.is_some_and(|nbf| nbf > latest_start) {
            return Err(Unauthenticated::NotYet);
        }
        if self.exp.saturating_add(LEEWAY) <= now {
            return Err(Unauthenticated::Expired);
        }
        match self.exp.checked_sub(self.iat) {
            Some(lifetime) if lifetime > 0 && lifetime <= issuer.max_age => {}
            _ => return Err(Unauthenticated::Lifetime),
        }
        let texts = std::iter::once(&self.sub).chain(&self.jti);
        if texts
            .into_iter()
            .any(|text| text.is_empty() || text.len() > TEXT_LENGTH)
        {
            return Err(Unauthenticated::Claims);
        }
        Ok(())
    }

    /// A token that an API server takes as well can do more harm than one for us alone.
    fn is_for_api_server(&self, issuer: &Issuer) -> bool {
        let is_api_server = |one: &str| {
            one == issuer.url
                || one
                    .strip_prefix(API_SERVER)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':', '/']))
        };
        issuer.kind == IssuerKind::Kubernetes && self.aud.contains(is_api_server)
    }
}
