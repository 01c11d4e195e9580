//! Salted commitments: a record proves which arguments a call had without holding them.
//!
//! The shape is that of SD-JWT (RFC 9901). The digest of one argument is
//! `b64url(SHA-256(b64url(JCS([salt, name, value]))))` with a random salt of 128 bits, so that
//! nobody can find a value by trying.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::rand::{GetRandomFlags, getrandom};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Most arguments that get a commitment each; it keeps a record below its size limit.
pub const MAX_COMMITMENTS: usize = 128;
const SALT_LENGTH: usize = 16;

/// Commitments to the arguments of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitments {
    /// What is committed to.
    #[serde(rename = "alg")]
    pub scheme: Scheme,
    /// Size of the arguments, bytes of JSON as the agent sent them.
    #[serde(rename = "n")]
    pub bytes: u64,
    /// The digests, sorted.
    #[serde(rename = "sd")]
    pub digests: Vec<String>,
}

/// What is committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// One digest per top-level argument.
    #[serde(rename = "sd-sha256")]
    EachArgument,
    /// One digest of `[salt, "", arguments]`, for a call with more than [`MAX_COMMITMENTS`].
    #[serde(rename = "sd-sha256-whole")]
    Whole,
}

/// Why arguments could not be committed to.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The system gave no random salt.
    #[error("no random numbers from the system")]
    Random(#[source] std::io::Error),
    /// The arguments have no canonical form.
    #[error("the arguments have no canonical form")]
    Canonical(#[source] serde_json::Error),
}

impl Commitments {
    /// Commits to `arguments`, which were `bytes` long as the agent sent them. The salts are
    /// forgotten: nobody can open these commitments.
    pub fn to(arguments: &Map<String, Value>, bytes: u64) -> Result<Self, CommitError> {
        if arguments.len() > MAX_COMMITMENTS {
            let salts = random(SALT_LENGTH)?;
            let digest = digest(&salts, "", &arguments).map_err(CommitError::Canonical)?;
            return Ok(Self {
                scheme: Scheme::Whole,
                bytes,
                digests: vec![digest],
            });
        }
        let salts = random(SALT_LENGTH * arguments.len())?;
        let mut digests = arguments
            .iter()
            .zip(salts.chunks_exact(SALT_LENGTH))
            .map(|((name, value), salt)| digest(salt, name, value))
            .collect::<Result<Vec<_>, _>>()
            .map_err(CommitError::Canonical)?;
        digests.sort_unstable();
        Ok(Self {
            scheme: Scheme::EachArgument,
            bytes,
            digests,
        })
    }
}

/// The commitment to one argument.
fn digest<V: Serialize>(salt: &[u8], name: &str, value: &V) -> Result<String, serde_json::Error> {
    let disclosure = (URL_SAFE_NO_PAD.encode(salt), name, value);
    let canonical = serde_json_canonicalizer::to_vec(&disclosure)?;
    let encoded = URL_SAFE_NO_PAD.encode(canonical);
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(encoded)))
}

/// `length` random bytes.
pub(crate) fn random(length: usize) -> Result<Vec<u8>, CommitError> {
    let mut bytes = vec![0; length];
    let mut rest = bytes.as_mut_slice();
    while !rest.is_empty() {
        let filled = getrandom(&mut *rest, GetRandomFlags::empty())
            .map_err(|errno| CommitError::Random(errno.into()))?;
        rest = rest.split_at_mut_checked(filled).unwrap_or_default().1;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_commitment_has_the_shape_of_sd_jwt() {
        // The expected digest was taken with Python's json, base64 and hashlib.
        let salt: Vec<u8> = (0..16).collect();
        let found = digest(&salt, "family_name", &json!("Möbius")).unwrap();
        assert_eq!(found, "l3Z7dVjCwDSjsunsfHv4kiVDoxyYiNjsfmWbRI_6mBo");
    }

    #[test]
    fn equal_arguments_have_different_commitments() {
        let arguments = arguments(json!({"pin": 1, "to": "bob"}));
        let (first, second) = (
            Commitments::to(&arguments, 20).unwrap(),
            Commitments::to(&arguments, 20).unwrap(),
        );
        assert_eq!(first.digests.len(), 2);
        assert!(first.digests.is_sorted());
        assert!(
            first
                .digests
                .iter()
                .all(|digest| !second.digests.contains(digest))
        );
    }

    #[test]
    fn very_many_arguments_get_one_commitment() {
        let many = (0..=MAX_COMMITMENTS).map(|n| (n.to_string(), json!(n)));
        let commitments = Commitments::to(&many.collect(), 900).unwrap();
        assert_eq!(commitments.scheme, Scheme::Whole);
        assert_eq!(commitments.digests.len(), 1);
    }
}
