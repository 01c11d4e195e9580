//! The laptop's own issuer: one key, and one token per agent, kept while they hold.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::state::{read_private, write_private};
use crate::failure::Failure;

/// Value of the `iss` claim: a name that resolves nowhere, since nothing is fetched from it.
pub(crate) const URL: &str = "https://dev.bailiwick.invalid";

/// Lifetime of a token.
pub(crate) const LIFETIME: Duration = Duration::from_hours(24);

/// A kept token is used again while it holds for at least this long.
const SPARE: Duration = Duration::from_hours(1);

const KEY_ID: &str = "dev";

/// The issuer of one laptop.
#[derive(Debug)]
pub(crate) struct Issuer {
    key: EcdsaKeyPair,
    pkcs8: Vec<u8>,
    tokens: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    iat: u64,
    exp: u64,
    jti: String,
}

impl Issuer {
    /// Opens the issuer kept in `folder`, or makes one there. A key file that is broken is
    /// replaced: every token of it has ended then, and nothing else hangs on it.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join("issuer.key");
        let kept = read_private(&path)?.and_then(|pkcs8| Some((parse(&pkcs8)?, pkcs8)));
        let (key, pkcs8) = match kept {
            Some(kept) => kept,
            None => generate(&path)?,
        };
        Ok(Self {
            key,
            pkcs8,
            tokens: folder.join("tokens"),
        })
    }

    /// The public key as a JWK set.
    pub(crate) fn jwks(&self) -> serde_json::Value {
        let point = self.key.public_key().as_ref();
        let coordinates = point.get(1..).unwrap_or_default();
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": KEY_ID,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        }] })
    }

    /// A token with which `agent` may call `audience`: the kept one while it holds, else a new one.
    ///
    /// # Errors
    /// When the token file cannot be read or written.
    pub(crate) fn token(&self, agent: &str, audience: &str) -> Result<String, Failure> {
        let now = seconds(SystemTime::now());
        let path = self.token_file(agent);
        if let Some(kept) = read_private(&path)?.and_then(|bytes| String::from_utf8(bytes).ok())
            && self.holds(kept.trim(), agent, audience, now)
        {
            return Ok(kept.trim().to_owned());
        }
        let token = self.sign(agent, audience, now)?;
        write_private(&path, format!("{token}\n").as_bytes())?;
        Ok(token)
    }

    /// Where the token of `agent` is kept.
    pub(crate) fn token_file(&self, agent: &str) -> PathBuf {
        self.tokens.join(format!("{agent}.jwt"))
    }

    fn sign(&self, agent: &str, audience: &str, now: u64) -> Result<String, Failure> {
        let claims = Claims {
            iss: URL.to_owned(),
            sub: agent.to_owned(),
            aud: audience.to_owned(),
            iat: now,
            exp: now + LIFETIME.as_secs(),
            jti: random_text()?,
        };
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(KEY_ID.to_owned());
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(&self.pkcs8))
            .map_err(|error| Failure::doing("sign a token")(std::io::Error::other(error)))
    }

    fn holds(&self, token: &str, agent: &str, audience: &str, now: u64) -> bool {
        let mut rules = jsonwebtoken::Validation::new(Algorithm::ES256);
        rules.set_audience(&[audience]);
        rules.set_issuer(&[URL]);
        let point = self.key.public_key().as_ref();
        let key = jsonwebtoken::DecodingKey::from_ec_der(point);
        jsonwebtoken::decode::<Claims>(token, &key, &rules).is_ok_and(|token| {
            token.claims.sub == agent && token.claims.exp > now + SPARE.as_secs()
        })
    }
}

fn parse(pkcs8: &[u8]) -> Option<EcdsaKeyPair> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()
}

fn generate(path: &Path) -> Result<(EcdsaKeyPair, Vec<u8>), Failure> {
    let unspecified = |_| Failure::doing("make a key")(std::io::Error::other("no random bytes"));
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(unspecified)?;
    let pkcs8 = key.to_pkcs8v1().map_err(unspecified)?.as_ref().to_vec();
    write_private(path, &pkcs8)?;
    Ok((key, pkcs8))
}

/// 128 random bits as text, for identifiers and passwords between local processes.
///
/// # Errors
/// When the system has no random bytes.
pub(crate) fn random_text() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| {
        Failure::doing("make a random token")(std::io::Error::other("no random bytes"))
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |passed| passed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_gives_the_same_token() {
        let folder = tempfile::tempdir().unwrap();
        let first = Issuer::open(folder.path())
            .unwrap()
            .token("a", "u")
            .unwrap();
        let again = Issuer::open(folder.path())
            .unwrap()
            .token("a", "u")
            .unwrap();
        assert_eq!(first, again);
    }

    #[test]
    fn another_endpoint_or_agent_gives_another_token() {
        let folder = tempfile::tempdir().unwrap();
        let issuer = Issuer::open(folder.path()).unwrap();
        let token = issuer.token("a", "u").unwrap();
        assert_ne!(token, issuer.token("a", "v").unwrap());
        assert_ne!(token, issuer.token("b", "u").unwrap());
    }

    #[test]
    fn a_token_about_to_end_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let issuer = Issuer::open(folder.path()).unwrap();
        let now = seconds(SystemTime::now());
        let old = issuer.sign("a", "u", now - 23 * 3600 - 60).unwrap();
        assert!(!issuer.holds(&old, "a", "u", now));
        let young = issuer.sign("a", "u", now - 22 * 3600).unwrap();
        assert!(issuer.holds(&young, "a", "u", now));
    }

    #[test]
    fn a_broken_key_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("issuer.key"), b"garbage").unwrap();
        let issuer = Issuer::open(folder.path()).unwrap();
        assert!(!issuer.token("a", "u").unwrap().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn key_and_tokens_are_for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let issuer = Issuer::open(folder.path()).unwrap();
        issuer.token("a", "u").unwrap();
        for path in [folder.path().join("issuer.key"), issuer.token_file("a")] {
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        }
    }
}
