//! SHA-256 digests as the contract writes them, and the canonical JSON they are taken over.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::sorted::sorted;
use crate::{Agent, Config, Endpoint, Issuer, Server, indented};

/// Levels of `config.json` that have lines of their own: what is inside of a permission is on one.
/// So a changed permission is one line of a diff, and twice as many fit into a `ConfigMap`.
const FILE_LEVELS: usize = 4;

/// A SHA-256 digest, written `sha256:` and 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The raw digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Text that is not a digest.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a digest: expected `sha256:` and 64 lower-case hex digits")]
pub struct DigestError;

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let hex = text.strip_prefix("sha256:").ok_or(DigestError)?.as_bytes();
        let (pairs, []) = hex.as_chunks::<2>() else {
            return Err(DigestError);
        };
        let pairs: &[[u8; 2]; 32] = pairs.try_into().map_err(|_| DigestError)?;
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Result<u8, DigestError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(DigestError),
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nibbles = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16));
        let text: String = "sha256:".chars().chain(digits).collect();
        f.write_str(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The RFC 8785 form of `value`.
///
/// # Errors
/// When the value has no JSON form, such as a map whose keys are not text.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    match sorted(&serde_json::to_string(value)?) {
        Some(bytes) => Ok(bytes),
        None => serde_json_canonicalizer::to_vec(&serde_json::to_value(value)?),
    }
}

/// A [`Config`] without its digest.
#[derive(Serialize)]
struct Undigested<'c> {
    version: &'c u32,
    catalog: &'c str,
    environment: &'c str,
    endpoint: &'c Endpoint,
    issuers: &'c BTreeMap<String, Issuer>,
    agents: &'c BTreeMap<String, Agent>,
    servers: &'c BTreeMap<String, Server>,
}

impl Config {
    /// What [`Config::digest`] must be: SHA-256 over the RFC 8785 form without that member.
    ///
    /// # Errors
    /// When the configuration has no JSON form.
    pub fn computed_digest(&self) -> Result<Digest, serde_json::Error> {
        let Self {
            version,
            digest: _,
            catalog,
            environment,
            endpoint,
            issuers,
            agents,
            servers,
        } = self;
        let undigested = Undigested {
            version,
            catalog,
            environment,
            endpoint,
            issuers,
            agents,
            servers,
        };
        Ok(Digest::of(&canonical_json(&undigested)?))
    }

    /// The bytes of `config.json`, the only ones that the dispatch server takes: indented JSON,
    /// each permission on one line, members in the order of the contract, a line feed at the end.
    /// With one form only, every changed byte is seen, also one between the values.
    ///
    /// # Errors
    /// When the configuration has no JSON form.
    pub fn to_file(&self) -> Result<Vec<u8>, serde_json::Error> {
        let json = serde_json::to_string(self)?;
        Ok(indented(&json, FILE_LEVELS).into_bytes())
    }
}
