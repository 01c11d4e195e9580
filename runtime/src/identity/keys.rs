//! An issuer's public keys, as a JWK set (RFC 7517) writes them.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// Most keys of one set.
const MAX_KEYS: usize = 32;

/// Smallest RSA modulus, bytes.
const RSA_LENGTH: usize = 2048 / 8;

/// Keys by their id.
#[derive(Debug)]
pub(super) struct KeySet(BTreeMap<String, Key>);

/// A public key and the only algorithm that it is for.
pub(super) struct Key {
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Why a text is not a key set that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeysError {
    #[error("not a JWK set")]
    Malformed,
    #[error("more than {MAX_KEYS} keys")]
    TooMany,
    #[error("two keys with the same `kid`")]
    Duplicate,
    #[error("no RS256, ES256 or EdDSA key with a `kid` in it")]
    Empty,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

/// The members of a JWK that matter; what is private in it is not read.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a set; keys for other purposes are left out.
    pub(super) fn read(json: &str) -> Result<Self, KeysError> {
        let Set { keys } = serde_json::from_str(json).map_err(|_| KeysError::Malformed)?;
        if keys.len() > MAX_KEYS {
            return Err(KeysError::TooMany);
        }
        let mut by_id = BTreeMap::new();
        for jwk in &keys {
            if let Some((id, key)) = jwk.kid.clone().zip(jwk.to_key())
                && by_id.insert(id, key).is_some()
            {
                return Err(KeysError::Duplicate);
            }
        }
        if by_id.is_empty() {
            Err(KeysError::Empty)
        } else {
            Ok(Self(by_id))
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Key> {
        self.0.get(id)
    }
}

impl Key {
    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` (base64url) is this key's over `signed`.
    pub(super) fn verifies(&self, signed: &str, signature: &str) -> bool {
        let verified =
            jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &self.key, self.algorithm);
        verified.unwrap_or(false)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Jwk {
    /// The key, where it is one for signatures that we verify.
    fn to_key(&self) -> Option<Key> {
        let is_for_signatures = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self
                .key_ops
                .as_ref()
                .is_none_or(|operations| operations.iter().any(|one| one == "verify"));
        let (name, algorithm, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", None) => ("RS256", Algorithm::RS256, self.rsa()?),
            ("EC", Some("P-256")) => (
                "ES256",
                Algorithm::ES256,
                DecodingKey::from_ec_components(self.x.as_deref()?, self.y.as_deref()?).ok()?,
            ),
            ("OKP", Some("Ed25519")) => (
                "EdDSA",
                Algorithm::EdDSA,
                DecodingKey::from_ed_components(self.x.as_deref()?).ok()?,
            ),
            _ => return None,
        };
        let is_for_algorithm = self.alg.as_deref().is_none_or(|alg| alg == name);
        (is_for_signatures && is_for_algorithm).then_some(Key { algorithm, key })
    }

    fn rsa(&self) -> Option<DecodingKey> {
        let (modulus, exponent) = (self.n.as_deref()?, self.e.as_deref()?);
        let length = URL_SAFE_NO_PAD
            .decode(modulus)
            .ok()?
            .iter()
            .skip_while(|byte| **byte == 0)
            .count();
        if length < RSA_LENGTH {
            return None;
        }
        DecodingKey::from_rsa_components(modulus, exponent).ok()
    }
}
