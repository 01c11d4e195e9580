//! OCI references: `registry/repository:tag@digest`.

use crate::grammar::types::Type;
use crate::model::{ImagePattern, ImageReference};

use super::Misfit;
use super::names::is_tag;

/// Reads a reference; a registry may be left out, as people write it.
pub(crate) fn parse(text: &str) -> Option<ImageReference> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) if is_digest(digest) => (rest, Some(digest.to_owned())),
        Some(_) => return None,
        None => (text, None),
    };
    // A colon before the last slash belongs to the port of the registry.
    let last = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (repository, tag) = match rest.get(last..)?.split_once(':') {
        Some((name, tag)) if is_tag(tag) => (rest.get(..last + name.len())?, Some(tag.to_owned())),
        Some(_) => return None,
        None => (rest, None),
    };
    is_repository(repository).then(|| ImageReference {
        text: text.to_owned(),
        repository: repository.to_owned(),
        tag,
        digest,
    })
}

/// Reads a pattern of images.
pub(super) fn pattern(text: &str) -> Result<ImagePattern, Misfit> {
    ImagePattern::parse(text).ok_or_else(|| {
        let misfit = Misfit::wrong(Type::ImagePattern, text);
        let host = text.trim_end_matches('*');
        let whole = format!("{host}/*");
        match ImagePattern::parse(&whole) {
            Some(_) if is_registry(host) => {
                misfit.help(format!("write `{whole}` for all images of this registry"))
            }
            _ => misfit,
        }
    })
}

/// The registry in something like a reference, without its port; none where the first part is a repository.
pub(super) fn registry_of(text: &str) -> Option<&str> {
    let (first, _) = text.split_once('/')?;
    let host = first.split(':').next()?;
    host.contains('.').then_some(host)
}

/// Whether the text is `sha256:` and 64 hexadecimal digits.
pub(crate) fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64
            && hex
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

fn is_repository(text: &str) -> bool {
    let mut parts = text.split('/');
    let (Some(first), second) = (parts.next(), parts.next()) else {
        return false;
    };
    let first_fits = match second {
        Some(_) => is_registry(first) || is_component(first),
        None => is_component(first),
    };
    text.len() <= 255 && first_fits && second.is_none_or(is_component) && parts.all(is_component)
}

/// A host, with a port or without.
fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "1"));
    port.parse::<u16>().is_ok_and(|port| port > 0)
        && super::network::is_host(&host.to_ascii_lowercase())
}

/// `[a-z0-9]+` parts with `.`, `_`, `__` or dashes between.
fn is_component(text: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.bytes()
        .all(|b| alphanumeric(b) || matches!(b, b'.' | b'_' | b'-'))
        && text.bytes().next().is_some_and(alphanumeric)
        && text.bytes().last().is_some_and(alphanumeric)
        && !["..", "___", "._", "_.", ".-", "-.", "_-", "-_"]
            .iter()
            .any(|pair| text.contains(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn all_parts() {
        let text = format!("registry.acme.internal:5000/mcp/git__x:1.0@{DIGEST}");
        let image = parse(&text).unwrap();
        assert_eq!(image.repository, "registry.acme.internal:5000/mcp/git__x");
        assert_eq!(image.tag.as_deref(), Some("1.0"));
        assert_eq!(image.digest.as_deref(), Some(DIGEST));
    }

    #[test]
    fn parts_that_may_be_left_out() {
        let image = parse("git").unwrap();
        assert_eq!(
            (image.repository.as_str(), image.tag, image.digest),
            ("git", None, None)
        );
        assert_eq!(parse("localhost:5000/git").unwrap().tag, None);
    }

    #[test]
    fn no_references() {
        for bad in [
            "",
            "Git:1",
            "a/B:1",
            "a b",
            "a:",
            ":1",
            "a//b",
            "/a",
            "a/",
            "a@sha256:12",
            "https://x.io/a:1",
            "a:b:c",
            "a/b@",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
