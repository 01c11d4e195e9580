use proptest::prelude::*;

use super::{Bounds, JsonError, check};

const BOUNDS: Bounds = Bounds {
    depth: 4,
    values: 8,
};

fn refusal(text: &str) -> Option<JsonError> {
    check(text.as_bytes(), BOUNDS).err()
}

#[test]
fn what_every_reader_reads_alike_passes() {
    for text in [
        "0",
        "-0.5e+10",
        " [ ] ",
        "{}",
        r#""""#,
        r#"{"a":{"a":{"a":{"a":1}}},"b":null}"#,
        r#"["\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t", true, false, null]"#,
        "9007199254740993",
        "\"\u{7f}\u{e9}\"",
    ] {
        assert_eq!(refusal(text), None, "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "",
        " ",
        "[",
        "]",
        "{",
        "}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "[1}",
        "{\"a\":1]",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "1e+",
        "tru",
        "nul",
        "True",
        "NaN",
        "1 2",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u00zz\"",
        "\"\\u+123\"",
        "\"\u{1}\"",
        "\"\n\"",
        "'a'",
        "/**/1",
        "\u{feff}1",
        "[\"é",
    ] {
        assert_eq!(refusal(text), Some(JsonError::Grammar), "{text:?}");
    }
}

#[test]
fn a_key_twice_is_refused_however_it_is_written() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":2,"\u0061":3}"#,
        r#"[{"x":{"b":0,"c":0,"b":0}}]"#,
        r#"{"":1,"":2}"#,
    ] {
        assert_eq!(refusal(text), Some(JsonError::DuplicateKey), "{text}");
    }
}

#[test]
fn the_same_key_in_different_objects_passes() {
    assert_eq!(refusal(r#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#), None);
}

#[test]
fn half_a_surrogate_pair_is_refused() {
    for text in [
        r#""\ud800""#,
        r#""\ud800x""#,
        r#""\ud800\u0041""#,
        r#""\udc00""#,
        r#""\ud800\ud800""#,
    ] {
        assert_eq!(refusal(text), Some(JsonError::Surrogate), "{text}");
    }
}

#[test]
fn a_number_that_no_double_holds_is_refused() {
    let long = "1".repeat(2000);
    for text in ["1e400", "-1e400", &long] {
        assert_eq!(refusal(text), Some(JsonError::Number), "{text}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_refused() {
    for bytes in [
        &b"\"\xff\""[..],
        b"\"\xc0\x80\"",
        b"\"\xed\xa0\x80\"",
        b"\xff\xfe1\0",
    ] {
        assert_eq!(check(bytes, BOUNDS).err(), Some(JsonError::Encoding));
    }
}

#[test]
fn depth_is_bounded_without_recursion() {
    assert_eq!(refusal("[[[[]]]]"), None);
    assert_eq!(refusal("[[[[[]]]]]"), Some(JsonError::Depth));
    let bomb = "[".repeat(1_000_000);
    assert_eq!(refusal(&bomb), Some(JsonError::Depth));
    let wide = Bounds {
        depth: usize::MAX,
        values: usize::MAX,
    };
    assert_eq!(check(bomb.as_bytes(), wide).err(), Some(JsonError::Grammar));
}

#[test]
fn the_number_of_values_is_bounded() {
    assert_eq!(refusal("[1,2,3,4,5,6,7]"), None);
    assert_eq!(refusal("[1,2,3,4,5,6,7,8]"), Some(JsonError::Values));
    assert_eq!(
        refusal(r#"[{"a":1},{"a":1},{"a":1},{"a":1}]"#),
        Some(JsonError::Values)
    );
}

proptest! {
    /// The scanner and `serde_json` agree on what JSON is, but for what the scanner is there to refuse.
    #[test]
    fn the_scanner_agrees_with_another_reader(text in r#"[\[\]{}:,"\\a0-9.eE+\- \ntruefalsn]{0,24}"#) {
        let wide = Bounds { depth: 100, values: 1000 };
        let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        match check(text.as_bytes(), wide) {
            Ok(_) => prop_assert!(theirs),
            Err(JsonError::Grammar) => prop_assert!(!theirs),
            Err(_) => {}
        }
    }

    #[test]
    fn any_written_value_passes(keys in proptest::collection::btree_set(any::<String>(), 0..20), number in any::<f64>()) {
        let value: serde_json::Map<_, _> = keys.into_iter().map(|key| (key, serde_json::json!([number, "\u{10ffff}"]))).collect();
        let text = serde_json::to_vec(&value).unwrap();
        let passes = check(&text, Bounds { depth: 2, values: 1000 }).is_ok();
        prop_assert!(passes);
    }

    /// Changing one byte never makes the scanner panic, and what passes is what serde reads.
    #[test]
    fn a_changed_byte_is_refused_or_still_json(at in 0usize..60, byte in any::<u8>()) {
        let mut text = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#.to_vec();
        if let Some(slot) = text.get_mut(at) { *slot = byte; }
        if check(&text, BOUNDS).is_ok() {
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&text).is_ok());
        }
    }
}
