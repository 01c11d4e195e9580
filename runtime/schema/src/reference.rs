//! Where a `$ref` points to: always into its own schema.

use serde_json::Value;

use crate::subschemas::Sub;

/// Why a reference is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It leaves the schema; nothing is ever fetched.
    #[error("it leaves the schema")]
    Leaves,
    /// It points to nothing, or to more than one thing.
    #[error("it points to nothing")]
    Nothing,
}

/// The schema that `reference` points to in `root`, whose subschemas are `all`. Only the root may have an `$id` that is a URI:
/// below another one the same text would point to something else, and readers differ in what.
pub fn resolve<'s>(
    root: &'s Value,
    all: &[Sub<'s>],
    reference: &str,
) -> Result<&'s Value, ReferenceError> {
    let (document, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let own = root.get("$id").and_then(Value::as_str).unwrap_or_default();
    if !document.is_empty() && document != own.trim_end_matches('#') {
        return Err(ReferenceError::Leaves);
    }
    let target = if fragment.is_empty() {
        Some(root)
    } else if fragment.starts_with('/') {
        plain(fragment).and_then(|pointer| root.pointer(&pointer))
    } else {
        anchored(all, fragment)
    };
    target.ok_or(ReferenceError::Nothing)
}

/// The one subschema with the anchor `name`.
fn anchored<'s>(all: &[Sub<'s>], name: &str) -> Option<&'s Value> {
    let is_named = |sub: &&Sub<'s>| {
        let text = |member: &str| sub.schema.get(member).and_then(Value::as_str);
        text("$anchor") == Some(name)
            || text("$dynamicAnchor") == Some(name)
            || text("$id").and_then(|id| id.strip_prefix('#')) == Some(name)
    };
    let mut found = all.iter().filter(is_named);
    match (found.next(), found.next()) {
        (Some(sub), None) => Some(sub.schema),
        _ => None,
    }
}

/// A fragment without its percent escapes; none when an escape hides a character that pointers give a meaning to, which
/// readers unescape in different orders.
fn plain(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'%' {
            bytes.push(byte);
            rest = after;
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok()?;
        let escaped = u8::from_str_radix(digits, 16).ok()?;
        if matches!(escaped, b'/' | b'~' | b'%' | b'#') {
            return None;
        }
        bytes.push(escaped);
        rest = after.get(2..)?;
    }
    String::from_utf8(bytes).ok()
}
