//! Reading with holes gives what reading the whole text gives, or nothing.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::super::render::Engine;
use super::super::{SHIPPED, Templates};
use super::*;
use crate::source::{Disk, Memory};
use crate::{Date, check};

const SERVER: &str = "namespace/server.yaml";

/// The engine with the server's template replaced.
fn with_template<R>(text: &str, look: impl FnOnce(&Engine<'_>) -> R) -> R {
    let path = format!("templates/{SERVER}.j2");
    let loader: Memory = [(path.as_str(), text)].into_iter().collect();
    let templates = Templates::load(&loader, "templates").unwrap();
    look(&Engine::new(&templates).unwrap())
}

fn manifest(values: Value) -> Manifest {
    Manifest {
        path: "namespace/server.yaml".to_owned(),
        template: SERVER,
        values,
        objects: Vec::new(),
    }
}

/// What reading with holes gives beside reading the whole text.
fn both(engine: &Engine<'_>, values: Value) -> (Option<Vec<Value>>, Result<Vec<Value>, String>) {
    let manifest = manifest(values);
    let whole = engine.read_whole(&manifest);
    let whole = whole.map_err(|found| found[0].message.clone());
    (engine.read_with_holes(&manifest), whole)
}

/// Text that YAML or a template could take for something else.
const HOSTILE: [&str; 30] = [
    "",
    " ",
    "~",
    "no",
    "null",
    "012",
    "1e3",
    "-",
    "---",
    "...",
    "# x",
    "a: b",
    "a #b",
    "*a",
    "&a",
    "!!binary aGk=",
    "<<",
    "{{ name }}",
    "{% for x in y %}",
    "'",
    "\"",
    "\\",
    "x\nkind: Secret",
    "\t",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{fdd0}0",
    "\u{fdd0}{\"kind\":\"Secret\"}",
    "é<b>&",
];

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        select(&HOSTILE[..]).prop_map(str::to_owned),
        "[ -~]{0,20}",
        any::<String>(),
    ]
}

fn subtrees() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(texts(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The manifests of an example, which are made of shipped templates.
fn manifests() -> Vec<Manifest> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/environments");
    let today = Date::parse("2026-12-01").unwrap();
    let report = check(&Disk::open(&example).unwrap(), &today).unwrap();
    let environments = report.resolved.environments.values();
    let manifests = environments.flat_map(|environment| {
        let bundle = crate::bundle::build(&report.resolved.catalog.groups, environment);
        crate::backend::manifests(&bundle, &["config.json".to_owned()])
    });
    manifests.collect()
}

/// Replaces texts in `value` by those of `others` that are there.
fn replace(value: &mut Value, others: &mut impl Iterator<Item = Option<String>>) {
    match value {
        Value::String(text) => {
            if let Some(other) = others.next().flatten() {
                *text = other;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, others)),
        Value::Object(members) => {
            let members = members.values_mut();
            members.for_each(|member| replace(member, others));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn both_ways_agree_about_manifests_with_hostile_texts() {
    let manifests = manifests();
    let templates = Templates::shipped();
    let engine = Engine::new(&templates).unwrap();
    let others = prop::collection::vec(prop::option::weighted(0.2, texts()), 1..40);
    let mut with_holes = 0;
    let mut runner = TestRunner::deterministic();
    let strategy = (0..manifests.len(), others);
    for _ in 0..2_000 {
        let (number, others) = strategy.new_tree(&mut runner).unwrap().current();
        let mut values = manifests[number].values.clone();
        replace(&mut values, &mut others.into_iter().cycle());
        let manifest = Manifest {
            path: manifests[number].path.clone(),
            template: manifests[number].template,
            values,
            objects: Vec::new(),
        };
        if let Some(documents) = engine.read_with_holes(&manifest) {
            with_holes += 1;
            let values = &manifest.values;
            assert_eq!(Ok(documents), engine.read_whole(&manifest), "{values:#}");
        }
    }
    assert!(with_holes > 200, "{with_holes}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_ways_agree_about_pieces_in_any_order(
        pieces in prop::collection::vec(select(&PIECES[..]), 1..6),
        text in texts(),
        tree in subtrees(),
    ) {
        let values = json!({ "text": text, "tree": tree, "list": [text, tree], "number": 7 });
        with_template(&pieces.concat(), |engine| {
            // The second time, the shape is known.
            for _ in 0..2 {
                let (with_holes, whole) = both(engine, values.clone());
                if let Some(documents) = with_holes {
                    prop_assert_eq!(Ok(documents), whole);
                }
            }
            Ok(())
        })?;
    }
}

/// Pieces of templates, in each of which a value stands where it is more or less than a value.
const PIECES: [&str; 36] = [
    "a: {{ text }}\n",
    "b: {{ tree }}\n",
    "c: [{{ text }}, {{ tree }}, {{ number }}]\n",
    "{{ text }}: d\n",
    "{{ tree }}: e\n",
    "? {{ text }}\n: f\n",
    "g: x{{ text }}\n",
    "h: {{ text }}{{ text }}\n",
    "i: '{{ text }}'\n",
    "j: \"{{ text }}\"\n",
    "k: |\n  {{ text }}\n  {{ tree }}\n",
    "l: >-\n  {{ text }}\n",
    "# {{ text }}\n",
    "m: 1 # {{ tree }}\n",
    "n: !!str {{ text }}\n",
    "o: !!int {{ text }}\n",
    "p: !!binary {{ text }}\n",
    "q: &q {{ text }}\nqq: *q\n",
    "r: &r {s: {{ text }}}\nrr:\n  <<: *r\n",
    "<<: {{ tree }}\n",
    "---\n",
    "s: \"\\uFDD00\"\n",
    "t: \"\u{fdd0}0\"\n",
    "u: \"\u{fdd0}[1]\"\n",
    "v: {{ text | upper }}\n",
    "w: {{ text | length }}\n",
    "x: {{ text | safe }}\n",
    "y: {{ tree | tojson }}\n",
    "{% if text == 'no' %}z: {{ text }}\n{% endif %}",
    "{% for one in list %}- {{ one }}\n{% endfor %}",
    "{% set aa %}{{ text }}{% endset %}aa: {{ aa | length }}\n",
    "{% filter upper %}bb: {{ text }}\n{% endfilter %}",
    "{% for cc in [list] recursive %}{% if loop.depth < 2 and loop([1]) %}cc: {{ cc }}\n{% endif %}{% endfor %}",
    "dd: {{ text }}\ndd: {{ tree }}\n",
    "ee: {{ text ~ text }}\n",
    "{% autoescape false %}ff: {{ text }}\n{% endautoescape %}",
];

#[test]
fn the_shipped_templates_are_read_with_holes() {
    for (name, text) in SHIPPED {
        assert!(is_straight(text), "{name}");
    }
    let templates = Templates::shipped();
    let engine = Engine::new(&templates).unwrap();
    for manifest in manifests() {
        let whole = engine.read_whole(&manifest).unwrap();
        assert_eq!(engine.read_with_holes(&manifest), Some(whole));
    }
}

/// One template for each reason to read the whole text.
#[test]
fn what_is_out_of_the_ordinary_is_read_whole() {
    let cases = [
        "{{ text }}: key",
        "a: x{{ text }}",
        "a: '{{ text }}'",
        "a: |\n  {{ text }}",
        "a: 1 # {{ text }}",
        "a: !!binary {{ text }}",
        "a: &a {{ text }}\nb: *a",
        "a: {{ text }}\nb: \"\\uFDD00\"",
        "# {{ text }}\nb: \"\u{fdd0}0\"",
        "a: {{ text | safe }}",
        "{% set a %}{{ text }}{% endset %}a: {{ a | length }}",
        "{% for a in [[1], []] recursive %}{% if loop(a) %}a: {{ text }}{% endif %}{% endfor %}",
    ];
    let values = json!({ "text": "aGk=" });
    for template in cases {
        let (with_holes, _) = with_template(template, |engine| both(engine, values.clone()));
        assert_eq!(with_holes, None, "{template}");
    }
    let unusual = json!({ "text": "\u{7f}" });
    let (with_holes, _) = with_template("a: {{ text }}", |engine| both(engine, unusual));
    assert_eq!(with_holes, None);
}
