//! Which images may run in an environment.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::ImageReference;

/// Names that begin with a registry, as a regular expression: its host has a dot, a port or an upper-case letter, or is
/// `localhost`. Others are pulled from [`DEFAULT_REGISTRY`].
pub(crate) const HAS_REGISTRY: &str = "^([^/]*[.:A-Z][^/]*|localhost)/";

static REGISTRY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(HAS_REGISTRY).ok());

/// The registry of a name that says none.
pub(crate) const DEFAULT_REGISTRY: &str = "docker.io";

/// What is before the name of an image that is one word.
pub(crate) const DEFAULT_FOLDER: &str = "library";

/// A pattern of whole image names; `*` is any text, but one in the host ends with the host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImagePattern(String);

impl ImagePattern {
    /// The text as a pattern; none when it has characters that no reference has, or matches nothing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/*@-".contains(&byte);
        // A whole name has a registry and a slash; a star alone would begin hosts of others too.
        let matches_something = text == "*" || text.contains('/');
        (text.len() <= LONGEST && text.bytes().all(fits) && matches_something)
            .then(|| Self(text.to_owned()))
    }

    /// The regular expression that the whole names of allowed images match. A tag or digest may follow what is written.
    /// Both the check and the cluster go by it, and it means the same to both.
    pub(crate) fn expression(&self) -> String {
        // Of the characters that a pattern may have, these two alone mean something.
        let any_of = |text: &str, any| text.replace('.', r"\.").replace('*', any);
        let text = match self.0.split_once('/') {
            Some((host, path)) => format!("{}/{}", any_of(host, "[^/]*"), any_of(path, ".*")),
            None => any_of(&self.0, ".*"),
        };
        format!("^{text}(:[^/@]+)?(@[^/]+)?$")
    }

    /// Which images may run, to be asked about many.
    pub(crate) fn matcher(&self) -> impl Fn(&ImageReference) -> bool {
        let expression = Regex::new(&self.expression()).ok();
        move |image| {
            let expression = expression.as_ref();
            expression.is_some_and(|expression| expression.is_match(&whole(image)))
        }
    }
}

impl fmt::Display for ImagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Longest pattern, bytes.
const LONGEST: usize = 255;

/// The name of an image with the registry that it is pulled from.
fn whole(image: &ImageReference) -> String {
    let text = &image.text;
    let registry = REGISTRY.as_ref();
    if registry.is_some_and(|expression| expression.is_match(text)) {
        text.clone()
    } else if text.contains('/') {
        format!("{DEFAULT_REGISTRY}/{text}")
    } else {
        format!("{DEFAULT_REGISTRY}/{DEFAULT_FOLDER}/{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::value::image;

    fn allows(pattern: &str, reference: &str) -> bool {
        let pattern = ImagePattern::parse(pattern).unwrap();
        pattern.matcher()(&image::parse(reference).unwrap())
    }

    #[test]
    fn a_star_is_any_text_and_the_rest_stands_for_itself() {
        let digest = format!("@sha256:{}", "0".repeat(64));
        for (pattern, reference) in [
            ("registry.example/*", "registry.example/mcp/git:1"),
            ("registry.example/mcp/git", "registry.example/mcp/git:1"),
            (
                "registry.example/mcp/git:1.*",
                "registry.example/mcp/git:1.2",
            ),
            ("registry.example:5000/*", "registry.example:5000/git"),
            ("*.example/mcp/*", "registry.example/mcp/git"),
            ("docker.io/library/*", "git:1"),
            ("docker.io/mcp/*", "mcp/git"),
            ("localhost/*", "localhost/git"),
            ("*", "git"),
        ] {
            assert!(allows(pattern, reference), "{pattern} {reference}");
            let pinned = format!("{reference}{digest}");
            assert!(allows(pattern, &pinned), "{pattern} {pinned}");
        }
        for (pattern, reference) in [
            ("registry.example/*", "registry-example/git"),
            ("registry.example/*", "registry.example.net/git"),
            ("registry.example/*", "other.example/registry.example/git"),
            ("registry.example/*", "registry.example:5000/git"),
            (
                "registry.example/mcp/git",
                "registry.example/mcp/git-more:1",
            ),
            ("registry.example/mcp/git", "registry.example/mcp/git/more"),
            ("registry.example/mcp/git:1", "registry.example/mcp/git:12"),
            ("mcp/*", "mcp/git"),
            ("*.example/mcp/*", "evil.net/x.example/mcp/git"),
            ("docker.io/*", "EVIL/git"),
        ] {
            assert!(!allows(pattern, reference), "{pattern} {reference}");
        }
    }

    #[test]
    fn what_matches_no_image_is_no_pattern() {
        for text in [
            "",
            "registry.example",
            "registry.example*",
            "a b/*",
            "a/$",
            "a/\n",
        ] {
            assert_eq!(ImagePattern::parse(text), None, "{text}");
        }
    }
}
