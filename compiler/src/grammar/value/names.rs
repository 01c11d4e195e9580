//! Names of the catalog, of MCP and of Kubernetes, and the texts with rules like theirs.

use crate::checks::kubernetes::{BAD_LABEL, NAME_TOO_LONG};
use crate::checks::names::{BAD_NAME, RESERVED_NAME};
use crate::checks::tools::BAD_TOOL_NAME;
use crate::model::Name;

use super::{Misfit, Value, quote};

/// Longest name in the catalog.
const LONGEST_NAME: usize = 40;

/// Names that would be taken for something else: for all things, for none, for what is built in, or
/// for the folder of definition files.
const RESERVED: [&str; 4] = ["all", "none", "default", "lock"];

/// Longest DNS label.
pub(crate) const LONGEST_LABEL: usize = 63;

/// A name given in the catalog.
pub(super) fn new_name(text: &str) -> Result<Value, Misfit> {
    if RESERVED.contains(&text) {
        let message = format!("`{text}` is reserved and names nothing");
        return Err(Misfit::new(&RESERVED_NAME, message).help("choose another name"));
    }
    if is_name(text) {
        return Ok(Value::Name(Name::trusted(text)));
    }
    let misfit = Misfit::new(
        &BAD_NAME,
        format!(
            "{} is no name: lower-case letters, digits and single dashes, at most {LONGEST_NAME}",
            quote(text)
        ),
    );
    let better = near_name(text);
    Err(if is_name(&better) {
        misfit.help(format!("write `{better}`"))
    } else {
        misfit
    })
}

/// Whether the text is a name: `[a-z][a-z0-9-]{0,39}`, no `--`, no trailing `-`.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.contains("--")
        && !text.ends_with('-')
}

/// What the user may have meant.
fn near_name(text: &str) -> String {
    let dashed: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

/// The name of a tool.
pub(super) fn tool(text: &str) -> Result<Value, Misfit> {
    if is_tool(text) {
        Ok(Value::Name(Name::trusted(text)))
    } else {
        Err(Misfit::new(
            &BAD_TOOL_NAME,
            format!(
                "{} is no tool name: 1 to 128 of A-Z a-z 0-9 _ - .",
                quote(text)
            ),
        ))
    }
}

/// Whether the text is the name of a tool by the rule of MCP.
pub(crate) fn is_tool(text: &str) -> bool {
    of_length(text, 128) && text.bytes().all(|b| is_word(b) || b == b'-' || b == b'.')
}

pub(crate) fn is_exposed(text: &str) -> bool {
    of_length(text, 64) && text.bytes().all(|b| is_word(b) || b == b'-')
}

/// Whether the text can be a tag of an image: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
pub(crate) fn is_tag(text: &str) -> bool {
    is_tool(text) && !text.starts_with(['-', '.'])
}

pub(crate) fn is_variable(text: &str) -> bool {
    of_length(text, 256)
        && text.bytes().all(is_word)
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// The name of a namespace; none when it could be none even if it were shorter.
pub(super) fn dns_label(text: &str) -> Option<Result<Value, Misfit>> {
    is_dns_part(text).then(|| {
        if text.len() <= LONGEST_LABEL {
            Ok(Value::Text(text.to_owned()))
        } else {
            Err(Misfit::new(
                &NAME_TOO_LONG,
                format!(
                    "the name has {} characters, at most {LONGEST_LABEL}",
                    text.len()
                ),
            ))
        }
    })
}

/// Whether the text is a DNS label, as names of namespaces and Services are.
pub(crate) fn is_dns_label(text: &str) -> bool {
    text.len() <= LONGEST_LABEL && is_dns_part(text)
}

/// Whether the text is a DNS subdomain, as names of most objects are.
pub(crate) fn is_dns_name(text: &str) -> bool {
    of_length(text, 253) && text.split('.').all(is_dns_part)
}

fn is_dns_part(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

pub(super) fn is_secret_key(text: &str) -> bool {
    of_length(text, 253)
        && text.bytes().all(|b| is_word(b) || b == b'-' || b == b'.')
        && text != "."
        && !text.starts_with("..")
}

/// Key and value of a label; none without a `=` between them.
pub(super) fn label(text: &str) -> Option<Result<Value, Misfit>> {
    let (key, value) = text.split_once('=')?;
    let misfit = |message: String| Some(Err(Misfit::new(&BAD_LABEL, message)));
    if !is_label_key(key) {
        return misfit(format!(
            "{} is no key of a label: {LABEL_TEXT}, after `prefix/` where there is one",
            quote(key)
        ));
    }
    if !is_label_value(value) {
        return misfit(format!(
            "{} is no value of a label: {LABEL_TEXT}",
            quote(value)
        ));
    }
    Some(Ok(Value::Pair(key.to_owned(), value.to_owned())))
}

/// What a label is made of.
const LABEL_TEXT: &str =
    "1 to 63 letters, digits, `-`, `_` and `.`, starting and ending with a letter or digit";

fn is_label_value(text: &str) -> bool {
    of_length(text, 63)
        && text.bytes().all(|b| is_word(b) || b == b'-' || b == b'.')
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_label_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_dns_name(prefix) && is_label_value(name),
        None => is_label_value(text),
    }
}

/// Two texts with one separator between them.
pub(super) fn pair(
    text: &str,
    separator: char,
    first: fn(&str) -> bool,
    second: fn(&str) -> bool,
) -> Option<Value> {
    let (left, right) = text.split_once(separator)?;
    (first(left) && second(right)).then(|| Value::Pair(left.to_owned(), right.to_owned()))
}

pub(super) fn is_absolute_path(text: &str) -> bool {
    text.len() <= 4_096
        && text.strip_prefix('/').is_some_and(|rest| {
            rest.split('/')
                .all(|part| !part.is_empty() && part != "." && part != "..")
        })
        && !text.chars().any(|c| c.is_control() || c == ':')
}

pub(super) fn is_url_path(text: &str) -> bool {
    of_length(text, 1_024)
        && text.starts_with('/')
        && !text.contains("//")
        && text.bytes().all(|b| {
            b.is_ascii_graphic()
                && !matches!(
                    b,
                    b'?' | b'#' | b'"' | b'\\' | b'<' | b'>' | b'`' | b'{' | b'}'
                )
        })
        && !text.split('/').any(|part| part == "." || part == "..")
}

/// Whether the text is a path inside the folder of the file that names it.
pub(super) fn is_relative_file(text: &str) -> bool {
    of_length(text, 1_024)
        && !text.chars().any(char::is_control)
        && !text.contains('\\')
        && text
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

pub(super) fn is_subject(text: &str) -> bool {
    of_length(text, 512) && text.chars().all(|c| !c.is_control() && !c.is_whitespace())
}

/// Whether the text is the SPIFFE ID of a workload: a trust domain and a path, at most 2,048 bytes.
pub(super) fn is_spiffe_id(text: &str) -> bool {
    let domain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    let segment = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|b| is_word(b) || b == b'-' || b == b'.')
    };
    let parts = text.strip_prefix("spiffe://");
    parts
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(trust_domain, path)| {
            text.len() <= 2_048
                && of_length(trust_domain, 255)
                && trust_domain.bytes().all(domain)
                && path.split('/').all(segment)
        })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn of_length(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len())
}

/// `ed25519:` and 32 bytes in canonical base64.
pub(crate) fn is_verify_key(text: &str) -> bool {
    // 32 bytes are 42 digits of six bits, one whose last two bits are zero, and one `=`.
    const BEFORE_PADDING: &str = "AEIMQUYcgkosw048";
    let digits = text
        .strip_prefix("ed25519:")
        .and_then(|key| key.strip_suffix('='));
    digits.is_some_and(|digits| {
        digits.len() == 43
            && digits
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
            && digits.ends_with(|last| BEFORE_PADDING.contains(last))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "triage-bot", "a1-2", &"a".repeat(40)] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "1a",
            "-a",
            "a-",
            "a--b",
            "A",
            "a_b",
            "ä",
            &"a".repeat(41),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
        assert_eq!(near_name("GitHub_1"), "github-1");
    }

    #[test]
    fn tools_and_tags() {
        assert!(is_tool("admin.tools.list"));
        assert!(is_tool("API-post-search"));
        assert!(!is_tool("get issue"));
        assert!(!is_tool(&"a".repeat(129)));
        assert!(is_tag("2026.10.19"));
        assert!(!is_tag(".hidden"));
        assert!(!is_tag("a/b"));
    }

    #[test]
    fn kubernetes_names() {
        assert!(is_dns_label("mcp-prod"));
        assert!(!is_dns_label(&"a".repeat(64)));
        assert!(!is_dns_label("a.b"));
        assert!(is_dns_name("a.b"));
        assert!(!is_dns_name("a..b"));
        assert!(is_label_key("app.kubernetes.io/name"));
        assert!(!is_label_key("/name"));
    }

    #[test]
    fn spiffe_ids_have_a_trust_domain_and_a_path() {
        for good in [
            "spiffe://example.org/helper",
            "spiffe://a_b-c.example/ns/support/sa/Help.er-1",
            &format!("spiffe://{}/a", "a".repeat(255)),
            &format!("spiffe://a/{}", "a".repeat(2_037)),
        ] {
            assert!(is_spiffe_id(good), "{good}");
        }
        for bad in [
            "",
            "https://example.org/helper",
            "SPIFFE://example.org/helper",
            "spiffe://example.org",
            "spiffe://example.org/",
            "spiffe:///helper",
            "spiffe://Example.org/helper",
            "spiffe://example.org:8443/helper",
            "spiffe://user@example.org/helper",
            "spiffe://example.org/a//b",
            "spiffe://example.org/a/",
            "spiffe://example.org/a/../b",
            "spiffe://example.org/./a",
            "spiffe://example.org/a?b",
            "spiffe://example.org/a%20b",
            &format!("spiffe://{}/a", "a".repeat(256)),
            &format!("spiffe://a/{}", "a".repeat(2_038)),
        ] {
            assert!(!is_spiffe_id(bad), "{bad}");
        }
    }

    #[test]
    fn paths_stay_where_they_are() {
        assert!(is_absolute_path("/data"));
        for bad in ["/", "data", "/data/", "/a/../b", "//a", "/a:b"] {
            assert!(!is_absolute_path(bad), "{bad}");
        }
        assert!(is_relative_file("keys/prod.json"));
        assert!(!is_relative_file("../keys.json"));
        assert!(is_url_path("/"));
        assert!(!is_url_path("mcp"));
        assert!(!is_url_path("/a?b"));
    }
}
