//! Private keys in texts, which no message and no excerpt may show.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// How a block of PEM or PGP begins.
const BEGIN: &str = "-----BEGIN ";

/// What the first line of a block says that has a private key.
const PRIVATE: &str = "PRIVATE KEY";

/// How a block begins in base64.
const ENCODED_BEGIN: &str = "LS0tLS1CRUdJTi";

/// Longest first line of a block, bytes.
const LONGEST_LINE: usize = 64;

/// Longest key that is looked for to its end, bytes.
const LONGEST_KEY: usize = 32 * 1_024;

/// Whether a text has a private key in it.
pub(crate) fn has_private_key(text: &str) -> bool {
    private_keys(text).next().is_some()
}

/// Where private keys stand in a text, each to its end; sorted.
pub(crate) fn private_keys(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut found: Vec<Range<usize>> = plain(text).chain(encoded(text)).collect();
    found.sort_unstable_by_key(|key| key.start);
    found.into_iter()
}

fn plain(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices(BEGIN).filter_map(|(at, begin)| {
        let rest = text.get(at + begin.len()..)?;
        let (line, _) = rest.split_once("-----")?;
        (line.len() <= LONGEST_LINE && line.contains(PRIVATE)).then_some(())?;
        let last = format!("-----END {line}-----");
        let end = match rest.find(&last) {
            Some(end) if end <= LONGEST_KEY => end + last.len(),
            // A key that was cut off is hidden to the end of the text that it stands in.
            Some(_) | None => rest.find('"').unwrap_or(rest.len()),
        };
        Some(at..at + begin.len() + end)
    })
}

fn encoded(text: &str) -> impl Iterator<Item = Range<usize>> {
    let in_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    text.match_indices(ENCODED_BEGIN)
        .filter_map(move |(at, _)| {
            let rest = text.get(at..)?;
            let end = rest.find(|c| !in_base64(c)).unwrap_or(rest.len());
            // Whole groups of four characters, enough for the first line of a block.
            let start = rest.get(..end.min(LONGEST_LINE) / 4 * 4)?;
            let decoded = STANDARD_NO_PAD.decode(start.trim_end_matches('=')).ok()?;
            let is_private = String::from_utf8_lossy(&decoded).contains(PRIVATE);
            is_private.then_some(at..at + end)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys in a text, and what is around them.
    fn parts(text: &str) -> Vec<(&str, &str, &str)> {
        let part = |range: Range<usize>| text.get(range).unwrap();
        private_keys(text)
            .map(|key| {
                (
                    part(0..key.start),
                    part(key.clone()),
                    part(key.end..text.len()),
                )
            })
            .collect()
    }

    #[test]
    fn blocks_are_found_to_their_end() {
        let block = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
        assert_eq!(parts(&format!("a {block} b")), [("a ", block, " b")]);
        let cut = "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3Bl";
        let text = format!("env K \"{cut}\" x");
        assert_eq!(parts(&text), [("env K \"", cut, "\" x")]);
    }

    #[test]
    fn encoded_blocks_are_found() {
        use base64::engine::general_purpose::STANDARD;
        for kind in ["", "RSA ", "EC ", "ENCRYPTED "] {
            let block = format!("-----BEGIN {kind}PRIVATE KEY-----\nMIIEvQIBADANBg\n");
            let encoded = STANDARD.encode(block);
            let text = format!("--key={encoded} --x");
            assert_eq!(parts(&text), [("--key=", &*encoded, " --x")], "{kind}");
        }
    }

    #[test]
    fn public_things_are_none() {
        use base64::engine::general_purpose::STANDARD;
        let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
        for text in [
            certificate,
            &STANDARD.encode(certificate),
            "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
            "keeps the PRIVATE KEY in a vault",
        ] {
            assert!(!has_private_key(text), "{text}");
        }
    }
}
