use proptest::prelude::*;
use regex::Regex;
use serde_json::json;

use super::*;

/// Text that tries to be something else than one string.
const HOSTILE: [&str; 34] = [
    "x\nkind: Secret",
    "x\r\nkind: Secret",
    "x\n---\nkind: Secret",
    "---",
    "...",
    "- item",
    "&anchor",
    "*anchor",
    "!!binary aGk=",
    "!tag x",
    "key: value",
    "key:",
    ": value",
    "# comment",
    "x # comment",
    "{flow: map}",
    "[flow, list]",
    "| literal",
    "> folded",
    "%YAML 1.1",
    "@at",
    "`tick`",
    "\"quoted\"",
    "'quoted'",
    "\\n",
    " leading",
    "trailing ",
    "\ttab",
    "line\u{2028}separator\u{2029}",
    "next\u{85}line",
    "\u{feff}mark",
    "\u{202e}bidi\u{2066}",
    "tag\u{e0041}",
    "nul\u{0}and\u{7f}",
];

/// Text that YAML 1.1 or 1.2 reads as something else than text.
const AMBIGUOUS_TEXT: [&str; 70] = [
    "",
    "~",
    "null",
    "Null",
    "NULL",
    "true",
    "True",
    "TRUE",
    "false",
    "False",
    "FALSE",
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "0",
    "1",
    "-1",
    "+1",
    "012",
    "0o14",
    "0x1F",
    "0b11",
    "1_000",
    "1.0",
    "1.",
    ".5",
    "-.5",
    "1e3",
    "1.5e+3",
    "1E3",
    "12e03",
    ".inf",
    "-.inf",
    "+.Inf",
    ".nan",
    ".NaN",
    "12:30",
    "12:30:45",
    "190:20:30.15",
    "2026-11-25",
    "2026-11-25T02:30:00Z",
    "2026-11-25 02:30:00",
    "=",
    "<<",
    "?",
    "-",
    ":",
    ",",
    "]",
    "}",
    "@",
    "`",
    "%",
    "!",
    "&",
    "*",
    "1.19.1",
];

fn emitted(value: &Value) -> String {
    documents(std::slice::from_ref(value))
}

fn read(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

#[test]
fn hostile_text_stays_one_string() {
    for text in HOSTILE {
        for value in [
            json!({ "key": text }),
            json!({ text: "value" }),
            json!({ "list": [text, { text: text }] }),
        ] {
            let emitted = emitted(&value);
            assert_eq!(read(&emitted), value, "{emitted}");
            assert!(round_trips(&value));
        }
    }
}

#[test]
fn text_that_a_reader_could_take_for_something_else_is_quoted() {
    for text in AMBIGUOUS_TEXT {
        let mut scalar_text = String::new();
        scalar(&mut scalar_text, text);
        assert_eq!(scalar_text, format!("\"{text}\""));
    }
}

/// What YAML 1.1 reads as null, truth, number, time, merge or default.
fn yaml_1_1() -> Regex {
    Regex::new(
        r"(?x)^(?:
            ~|null|Null|NULL|
            y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|
            [-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|
            [-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+|
            [-+]?(?:[0-9][0-9_]*)?\.[0-9_]*(?:[eE][-+]?[0-9]+)?|
            [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|
            [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|<<|=
        )$",
    )
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_is_read_back(text in ".{0,40}", name in "\\PC{0,20}") {
        let value = json!({ "a": { &*name: text } });
        prop_assert_eq!(read(&emitted(&value)), value);
    }

    #[test]
    fn lines_of_text_are_read_back(text in "[ -~\n]{0,60}", name in "[ -~]{0,20}") {
        let value = json!({ "a": [{ &*name: text }, text] });
        prop_assert!(is_carried(&value));
        prop_assert_eq!(read(&emitted(&value)), value);
    }

    #[test]
    fn plain_text_is_text_in_yaml_1_1_too(text in "[a-zA-Z0-9./:@$()=+*, _~<&!?%-]{0,12}") {
        if is_plain(&text) {
            prop_assert!(!yaml_1_1().is_match(&text));
        }
    }
}

#[test]
fn members_are_sorted_but_for_those_that_name_the_object() {
    let object = json!({
        "spec": { "b": [1, [2, []], {}], "a": { "name": "x", "image": "im" } },
        "metadata": { "labels": {}, "namespace": "ns", "name": "m" },
        "kind": "K",
        "apiVersion": "v1",
    });
    let expected = "\
apiVersion: v1
kind: K
metadata:
  name: m
  namespace: ns
  labels: {}
spec:
  a:
    name: x
    image: im
  b:
  - 1
  - - 2
    - []
  - {}
";
    assert_eq!(emitted(&object), format!("{HEADER}{expected}"));
}

#[test]
fn lines_that_read_well_are_literal() {
    let object = json!({ "a": "one\n  two", "b": ["three\nfour"], "c": "ends\n" });
    let expected = "\
a: |-
  one
    two
b:
- |-
  three
  four
c: \"ends\\n\"
";
    assert_eq!(emitted(&object), format!("{HEADER}{expected}"));
}
