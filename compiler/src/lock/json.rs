//! JSON as lock files hold it: read strictly, written in one form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Refuses text that is not JSON, or has a member twice at any depth: of two equal members,
/// different readers see different ones.
pub(super) fn check(text: &str) -> Result<(), serde_json::Error> {
    serde_json::from_str::<Strict>(text).map(|Strict| ())
}

/// Whether [`check`] refused a member that is there twice: it takes any other JSON.
pub(super) fn is_twice(error: &serde_json::Error) -> bool {
    error.is_data()
}

/// Any JSON value without duplicate members. Numbers must be finite, nesting is at most 128 deep.
struct Strict;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_str<E>(self, _: &str) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        while items.next_element::<Strict>()?.is_some() {}
        Ok(Strict)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Strict, A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if seen.contains(&name) {
                return Err(de::Error::custom(format_args!(
                    "member `{name}` is there twice"
                )));
            }
            seen.insert(name);
            members.next_value::<Strict>()?;
        }
        Ok(Strict)
    }
}

/// `text` with sorted members and two spaces a level. Numbers stay as they were spelled, since a
/// reader with other number types than ours may follow.
pub(super) fn pretty(text: &str) -> Result<String, serde_json::Error> {
    let mut out = String::with_capacity(text.len() * 2);
    write_value(text, 0, &mut out)?;
    Ok(out)
}

fn write_value(text: &str, depth: usize, out: &mut String) -> Result<(), serde_json::Error> {
    let text = text.trim_start();
    if text.starts_with('{') {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
        let members = members
            .into_iter()
            .map(|(name, value)| Ok((Some(serde_json::to_string(&name)?), value)))
            .collect::<Result<Vec<_>, serde_json::Error>>()?;
        write_block('{', &members, '}', depth, out)
    } else if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text)?;
        let items: Vec<_> = items.into_iter().map(|item| (None, item)).collect();
        write_block('[', &items, ']', depth, out)
    } else if text.starts_with('"') {
        let value: String = serde_json::from_str(text)?;
        out.push_str(&serde_json::to_string(&value)?);
        Ok(())
    } else {
        out.push_str(text.trim_end());
        Ok(())
    }
}

fn write_block(
    open: char,
    items: &[(Option<String>, &RawValue)],
    close: char,
    depth: usize,
    out: &mut String,
) -> Result<(), serde_json::Error> {
    out.push(open);
    for (index, (name, value)) in items.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        indent(depth + 1, out);
        if let Some(name) = name {
            out.push_str(name);
            out.push_str(": ");
        }
        write_value(value.get(), depth + 1, out)?;
    }
    if !items.is_empty() {
        out.push('\n');
        indent(depth, out);
    }
    out.push(close);
    Ok(())
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_twice_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"[{"x":{"a":1,"\u0061":1}}]"#,
            r#"{"":0,"":0}"#,
        ] {
            let error = check(text).unwrap_err().to_string();
            assert!(error.contains("twice"), "{text}: {error}");
        }
        assert!(check(r#"[{"a":1},{"a":{"a":1}}]"#).is_ok());
    }

    #[test]
    fn what_is_not_plain_json_is_refused() {
        for text in [
            "",
            "{",
            "{} {}",
            "NaN",
            "1e999",
            r#""\ud800""#,
            "{'a':1}",
            "[1,]",
            "\u{feff}{}",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
        assert!(check(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn the_written_form_is_sorted_and_keeps_numbers_as_spelled() {
        let text =
            r#" {"b":[1.0,1e2,12345678901234567890123, {}, [] ],"a":{"z":"\u00e9\n","y":null}} "#;
        let expected = "{\n  \"a\": {\n    \"y\": null,\n    \"z\": \"é\\n\"\n  },\n  \"b\": [\n    1.0,\n    1e2,\n    \
                        12345678901234567890123,\n    {},\n    []\n  ]\n}";
        let once = pretty(text).unwrap();
        assert_eq!(once, expected);
        assert_eq!(pretty(&once).unwrap(), once);
    }
}
