//! Takes a compact JWT apart. Nothing in it is believed yet.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Unauthenticated;
use crate::json::{self, Bounds};

/// Longest header, bytes before decoding.
const HEADER_LENGTH: usize = 1024;
/// Longest key id, bytes.
const KEY_ID_LENGTH: usize = 128;
/// Bounds of the claims' JSON: some issuers list every group of a person.
const CLAIMS: Bounds = Bounds {
    depth: 16,
    values: 4_000,
};
/// Bounds of the header's JSON: a flat object.
const HEADER: Bounds = Bounds {
    depth: 1,
    values: 8,
};

/// A token that was read, but not verified. It has no `Debug`, so that it cannot be logged.
pub(super) struct Token<'a> {
    /// What the signature is over.
    pub(super) signed: &'a str,
    /// The signature in base64url.
    pub(super) signature: &'a str,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: String,
    /// The `iss` claim.
    pub(super) issuer: String,
    claims: Vec<u8>,
}

/// Any other member could make a verifier take a key from the token or skip a check. `x5t` is a
/// mere hint that some issuers add; it is not looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: Option<String>,
    #[serde(rename = "x5t")]
    _thumbprint: Option<String>,
}

#[derive(Deserialize)]
struct Issued {
    iss: String,
}

impl<'a> Token<'a> {
    pub(super) fn read(token: &'a str) -> Result<Self, Unauthenticated> {
        let malformed = Unauthenticated::Malformed;
        let (signed, signature) = token.rsplit_once('.').ok_or(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(malformed)?;
        // A fourth part would leave a dot in the claims, which base64 refuses.
        if header.len() > HEADER_LENGTH {
            return Err(Unauthenticated::TooLong);
        }
        let header = decode(header, HEADER)?;
        let header: Header =
            serde_json::from_slice(&header).map_err(|_| Unauthenticated::Header)?;
        let is_jwt = header.typ.is_none_or(|typ| {
            typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("at+jwt")
        });
        let is_key_id = !header.kid.is_empty() && header.kid.len() <= KEY_ID_LENGTH;
        if !is_jwt || !is_key_id {
            return Err(Unauthenticated::Header);
        }
        let claims = decode(claims, CLAIMS)?;
        let Issued { iss } =
            serde_json::from_slice(&claims).map_err(|_| Unauthenticated::Claims)?;
        Ok(Self {
            signed,
            signature,
            algorithm: algorithm(&header.alg)?,
            key_id: header.kid,
            issuer: iss,
            claims,
        })
    }

    /// The claims as one type or another.
    pub(super) fn claims<T: DeserializeOwned>(&self) -> Result<T, Unauthenticated> {
        serde_json::from_slice(&self.claims).map_err(|_| Unauthenticated::Claims)
    }
}

fn algorithm(name: &str) -> Result<Algorithm, Unauthenticated> {
    match name {
        "RS256" => Ok(Algorithm::RS256),
        "ES256" => Ok(Algorithm::ES256),
        "EdDSA" => Ok(Algorithm::EdDSA),
        _ => Err(Unauthenticated::Header),
    }
}

/// One part: base64url without padding, holding a strict JSON object.
fn decode(part: &str, bounds: Bounds) -> Result<Vec<u8>, Unauthenticated> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| Unauthenticated::Malformed)?;
    let text = json::check(&bytes, bounds).map_err(|_| Unauthenticated::Malformed)?;
    if !text.trim_start().starts_with('{') {
        return Err(Unauthenticated::Malformed);
    }
    Ok(bytes)
}
