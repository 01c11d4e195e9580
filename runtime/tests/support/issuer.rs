//! An issuer of tokens with a key of its own.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

/// Its `iss`.
pub(crate) const URL: &str = "https://login.acme.com";

/// The `sub` of the agent.
pub(crate) const SUBJECT: &str = "agent";

/// An issuer.
#[derive(Debug)]
pub(crate) struct Issuer {
    key: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

impl Issuer {
    /// One with a fresh key.
    pub(crate) fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let pkcs8 = key.to_pkcs8v1().unwrap().as_ref().to_vec();
        Self { key, pkcs8 }
    }

    /// Its public key as a JWK set.
    pub(crate) fn jwks(&self) -> serde_json::Value {
        let point = &self.key.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k",
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        }] })
    }

    /// A token of the agent for an hour.
    pub(crate) fn token(&self, audience: &str) -> String {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let claims = json!({
            "iss": URL, "sub": SUBJECT, "aud": audience, "iat": now, "exp": now + 3600, "jti": "j",
        });
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("k".to_owned());
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(&self.pkcs8)).unwrap()
    }
}
