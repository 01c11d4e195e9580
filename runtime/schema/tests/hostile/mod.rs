//! Makes schemas and values that are as much work as they can be; from a seed, so that a run can be repeated.

use serde_json::{Map, Value, json};

/// Numbers that look random and are not.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(sides.max(1)).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", ""];
const PATTERNS: [&str; 8] = [
    "^a",
    "b$",
    "^[ab]*$",
    "(a|b)*a(a|b){3}",
    "^(a|b)*a(a|b){12}$",
    "[a-f0-9]{8}",
    "^(ab|ba|aa)*b?$",
    "\\d+",
];
const DEFINITIONS: usize = 5;

/// A schema of any shape, of the families that are known to be dear among others.
pub(crate) fn schema(dice: &mut Dice) -> Value {
    let mut definitions = Map::new();
    for index in 0..DEFINITIONS {
        let depth = dice.roll(3);
        definitions.insert(format!("d{index}"), inner(dice, depth));
    }
    let depth = 1 + dice.roll(3);
    let mut schema = inner(dice, depth);
    if let Some(members) = schema.as_object_mut() {
        members.insert("type".into(), json!("object"));
        members.insert("$defs".into(), definitions.into());
        if dice.roll(3) == 0 {
            let draft = "http://json-schema.org/draft-07/schema#";
            members.insert("$schema".into(), draft.into());
        }
    }
    schema
}

fn inner(dice: &mut Dice, depth: usize) -> Value {
    if depth == 0 {
        return leaf(dice);
    }
    let mut members = Map::new();
    for _ in 0..=dice.roll(2) {
        keyword(dice, depth - 1, &mut members);
    }
    members.into()
}

fn leaf(dice: &mut Dice) -> Value {
    match dice.roll(9) {
        0 => json!({"type": "string"}),
        1 => json!({"type": ["integer", "null"]}),
        2 => json!({"enum": (0..=dice.roll(60)).map(|i| json!(i)).collect::<Vec<_>>()}),
        3 => json!({"enum": (0..=dice.roll(30)).map(|i| json!([i, {"a": i}])).collect::<Vec<_>>()}),
        4 => json!({"pattern": dice.pick(&PATTERNS)}),
        5 => json!({"multipleOf": 0.01}),
        6 => json!({"maxLength": 100_000, "minLength": 1}),
        7 => json!({"required": NAMES, "minProperties": 1}),
        _ => json!({"$ref": format!("#/$defs/d{}", dice.roll(DEFINITIONS))}),
    }
}

fn keyword(dice: &mut Dice, depth: usize, members: &mut Map<String, Value>) {
    let list = |dice: &mut Dice| -> Value {
        (0..=dice.roll(5))
            .map(|_| inner(dice, depth))
            .collect::<Vec<_>>()
            .into()
    };
    let (member, value): (&str, Value) = match dice.roll(20) {
        0 => ("allOf", list(dice)),
        1 | 2 => ("anyOf", list(dice)),
        3 => ("oneOf", list(dice)),
        4 => ("not", inner(dice, depth)),
        5 => {
            members.insert("then".into(), inner(dice, depth));
            members.insert("else".into(), inner(dice, depth));
            ("if", inner(dice, depth))
        }
        6 | 7 => {
            let name = dice.pick(&NAMES).to_owned();
            (
                "properties",
                json!({name: inner(dice, depth), "b": inner(dice, depth)}),
            )
        }
        8 => ("additionalProperties", inner(dice, depth)),
        9 => {
            let pattern = dice.pick(&PATTERNS).to_owned();
            (
                "patternProperties",
                json!({pattern: inner(dice, depth), "^": inner(dice, depth)}),
            )
        }
        10 => ("propertyNames", inner(dice, depth)),
        11 => ("unevaluatedProperties", inner(dice, depth)),
        12 => ("unevaluatedItems", inner(dice, depth)),
        13..=15 => ("items", inner(dice, depth)),
        16 => ("contains", inner(dice, depth)),
        17 => ("uniqueItems", json!(true)),
        18 => ("dependentSchemas", json!({"a": inner(dice, depth)})),
        _ => (
            "$ref",
            json!(format!("#/$defs/d{}", dice.roll(DEFINITIONS))),
        ),
    };
    members.insert(member.to_owned(), value);
}

/// A value of about `bytes` that goes where `schema` leads: many times the same small thing, deep or wide.
pub(crate) fn value(dice: &mut Dice, bytes: usize) -> Value {
    let mut seed = seed(dice);
    let mut around = dice.roll(5);
    loop {
        let unit = seed.to_string().len() + 1;
        if around == 0 {
            return fill(dice, &seed, bytes.saturating_sub(40) / unit);
        }
        around -= 1;
        seed = match dice.roll(4) {
            0 => json!([seed]),
            1 => json!([seed, seed]),
            _ => json!({dice.pick(&NAMES): seed}),
        };
    }
}

fn seed(dice: &mut Dice) -> Value {
    match dice.roll(9) {
        0 | 1 => json!(1),
        2 | 3 => json!({}),
        4 => json!([]),
        5 => json!("b"),
        6 => json!(0.5),
        7 => json!({"a": 1, "b": "a"}),
        _ => json!(null),
    }
}

/// `times` the same thing, in one of the ways that a value can have many things.
fn fill(dice: &mut Dice, seed: &Value, times: usize) -> Value {
    let name = dice.pick(&NAMES);
    match dice.roll(6) {
        0 | 1 => json!({name: vec![seed; times]}),
        2 => json!({name: {"b": vec![seed; times]}}),
        3 => {
            let many = (0..times / 2).map(|index| (format!("{index:x}"), seed.clone()));
            many.collect::<Map<_, _>>().into()
        }
        4 => {
            let many = (0..times / 2).map(|index| (format!("{index:x}"), seed.clone()));
            json!({name: many.collect::<Map<_, _>>()})
        }
        _ => {
            let text: String = (0..times)
                .map(|_| if dice.roll(2) == 0 { 'a' } else { 'b' })
                .collect();
            json!({name: text})
        }
    }
}
