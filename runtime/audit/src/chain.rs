//! The hashes that tie lines together: the leaf hash of a line, and the seal at its end.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The leaf hash of one line, as RFC 6962 defines it: SHA-256 over a zero byte and the line
/// without its line feed. Written as 43 characters of unpadded base64url.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leaf([u8; 32]);

impl Leaf {
    /// The leaf hash of `line`, which has no line feed.
    pub fn of(line: &[u8]) -> Self {
        let mut hasher = leaf_hasher();
        hasher.update(line);
        Self(hasher.finalize().into())
    }

    /// The raw hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text that is not a leaf hash.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a leaf hash: expected 43 characters of base64url")]
pub struct LeafError;

impl FromStr for Leaf {
    type Err = LeafError;

    fn from_str(text: &str) -> Result<Self, LeafError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| LeafError)?;
        bytes.try_into().map(Self).map_err(|_| LeafError)
    }
}

fn leaf_hasher() -> Sha256 {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher
}

const SEAL_START: &[u8] = br#","z":""#;
const SEAL_END: &[u8] = br#""}"#;
/// Bytes of `,"z":"` + hash + `"}`.
const SEAL_LENGTH: usize = 6 + 43 + 2;

/// Turns the JSON object that `line` holds from byte `start` on into a sealed line: its last
/// member becomes `z`, the leaf hash of everything before that member.
pub(crate) fn seal(line: &mut Vec<u8>, start: usize) -> Leaf {
    line.pop(); // the closing brace, which comes back with the seal
    let mut hasher = leaf_hasher();
    hasher.update(line.get(start..).unwrap_or_default());
    let sealed = line.len();
    line.extend_from_slice(SEAL_START);
    line.extend_from_slice(
        Leaf(hasher.clone().finalize().into())
            .to_string()
            .as_bytes(),
    );
    line.extend_from_slice(SEAL_END);
    hasher.update(line.get(sealed..).unwrap_or_default());
    Leaf(hasher.finalize().into())
}

/// The leaf hash of `line` (without line feed) if its seal is right.
pub(crate) fn check_seal(line: &[u8]) -> Option<Leaf> {
    let (body, seal) = line.split_at_checked(line.len().checked_sub(SEAL_LENGTH)?)?;
    let written = seal.strip_prefix(SEAL_START)?.strip_suffix(SEAL_END)?;
    let mut hasher = leaf_hasher();
    hasher.update(body);
    let expected = Leaf(hasher.clone().finalize().into()).to_string();
    if expected.as_bytes() != written {
        return None;
    }
    hasher.update(seal);
    Some(Leaf(hasher.finalize().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_line_has_the_leaf_hash_of_its_bytes() {
        let mut line = br#"{"i":1}"#.to_vec();
        let leaf = seal(&mut line, 0);
        assert_eq!(leaf, Leaf::of(&line));
        assert_eq!(check_seal(&line), Some(leaf));
    }

    #[test]
    fn any_changed_byte_breaks_the_seal() {
        let mut line = br#"{"i":1}"#.to_vec();
        seal(&mut line, 0);
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut flipped = line.clone();
                flipped[at] ^= 1 << bit;
                assert_eq!(check_seal(&flipped), None, "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_leaf_hash_is_read_back_from_its_text() {
        let leaf = Leaf::of(b"{}");
        assert_eq!(leaf.to_string().parse(), Ok(leaf));
        assert_eq!("short".parse::<Leaf>(), Err(LeafError));
    }
}
