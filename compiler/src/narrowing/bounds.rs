//! Whether limits of numbers and lengths leave anything between them, those of the schema among them.
//!
//! Of the schema counts what the argument has itself, not what is behind a reference. What cannot be told
//! leaves something.

use serde_json::Value;

use super::types;
use crate::model::Narrowing;

/// Below this, every whole number is one of `f64` too.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether no number is within all limits.
pub(super) fn leave_no_number(root: &Value, own: &Value, all: &[&Narrowing]) -> bool {
    let limit = |member: &str| own.get(member).and_then(Value::as_f64);
    let (above, below) = (limit("exclusiveMinimum"), limit("exclusiveMaximum"));
    let least = all
        .iter()
        .filter_map(|one| one.min.as_ref()?.value.as_f64());
    let least = least.chain(limit("minimum")).chain(above);
    let most = all
        .iter()
        .filter_map(|one| one.max.as_ref()?.value.as_f64());
    let most = most.chain(limit("maximum")).chain(below);
    let (Some(least), Some(most)) = (least.reduce(f64::max), most.reduce(f64::min)) else {
        return false;
    };
    let is_too_low = |number: f64| above.is_some_and(|above| number <= above);
    let is_too_high = |number: f64| number > most || below.is_some_and(|below| number >= below);
    match step(root, own).filter(|_| least.abs() < EXACT) {
        Some(step) => {
            let first = first_multiple(step, least);
            let first = if is_too_low(first) {
                first + step
            } else {
                first
            };
            is_too_high(first)
        }
        None => least > most || least >= most && (is_too_low(least) || is_too_high(most)),
    }
}

/// Whether no text is as long as the schema demands and as short as all others do. What a pattern says
/// of the length is not known.
pub(super) fn leave_no_text(own: &Value, all: &[&Narrowing]) -> bool {
    let length = |member: &str| own.get(member).and_then(Value::as_u64);
    let most = all
        .iter()
        .filter_map(|one| Some(one.max_length.as_ref()?.value));
    let most = most.chain(length("maxLength")).min();
    length("minLength").is_some_and(|least| most.is_some_and(|most| least > most))
}

/// The whole number of which all numbers that the schema takes are multiples, when there is one.
fn step(root: &Value, own: &Value) -> Option<f64> {
    let written = own.get("multipleOf").and_then(Value::as_f64);
    let written = written.filter(|step| *step >= 1.0 && step.fract() == 0.0);
    let types = types::of(root, own, 0);
    let is_whole =
        types.is_some_and(|types| types.contains("integer") && !types.contains("number"));
    written.or(is_whole.then_some(1.0))
}

/// The smallest multiple of `step` that is not less than `least`.
fn first_multiple(step: f64, least: f64) -> f64 {
    let whole = least.ceil();
    let rest = whole.rem_euclid(step);
    if rest > 0.0 {
        whole + (step - rest)
    } else {
        whole
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Number, Value, json};

    use super::{leave_no_number, leave_no_text};
    use crate::model::{ArgumentPath, Narrowing};
    use crate::source::{At, FileId, Loc, Span};

    fn at<T>(value: T) -> At<T> {
        let (file, span) = (FileId(0), Span::default());
        let loc = Loc { file, span };
        At { value, loc }
    }

    /// What narrows an argument to numbers between two, or texts up to a length.
    fn narrowing(min: Value, max: Value, max_length: Option<u64>) -> Narrowing {
        let number = |value| serde_json::from_value::<Option<Number>>(value).unwrap();
        let path = ArgumentPath::parse("amount").unwrap();
        Narrowing {
            loc: at(()).loc,
            path: at(path),
            one_of: Vec::new(),
            fix: None,
            pattern: None,
            min: number(min).map(at),
            max: number(max).map(at),
            max_length: max_length.map(at),
        }
    }

    #[test]
    fn numbers_are_left_up_to_the_last_one() {
        let none = Value::Null;
        let cases = [
            (json!({}), json!(5), json!(5), json!(4)),
            (json!({ "minimum": 3 }), none.clone(), json!(3), json!(2)),
            (
                json!({ "type": "integer" }),
                json!(0.5),
                json!(1),
                json!(0.9),
            ),
            (
                json!({ "exclusiveMinimum": 3 }),
                none.clone(),
                json!(3.1),
                json!(3),
            ),
            (
                json!({ "exclusiveMinimum": 3, "type": "integer" }),
                none.clone(),
                json!(4),
                json!(3.9),
            ),
            (json!({ "multipleOf": 10 }), json!(1), json!(10), json!(9)),
            (json!({ "multipleOf": 10 }), json!(-9), json!(0), json!(-1)),
            (
                json!({ "exclusiveMinimum": 10, "multipleOf": 10 }),
                none,
                json!(20),
                json!(19),
            ),
        ];
        for (own, min, enough, too_low) in cases {
            let left = |max| !leave_no_number(&own, &own, &[&narrowing(min.clone(), max, None)]);
            assert!(left(enough.clone()), "{own} {min} {enough}");
            assert!(!left(too_low.clone()), "{own} {min} {too_low}");
        }
    }

    #[test]
    fn an_end_that_is_excluded_is_not_left() {
        let own = json!({ "exclusiveMaximum": 1 });
        let left = |min| !leave_no_number(&own, &own, &[&narrowing(min, Value::Null, None)]);
        assert!(left(json!(0.9)));
        assert!(!left(json!(1)));
    }

    #[test]
    fn what_cannot_be_told_leaves_something() {
        // 0.30000000000000004 is what a computer makes of three times 0.1.
        let own = json!({ "multipleOf": 0.1 });
        let all = narrowing(json!(0.3), json!(0.3), None);
        assert!(!leave_no_number(&own, &own, &[&all]));
        // It is a multiple of 5, and the `f64` next to it is not.
        let own = json!({ "multipleOf": 5 });
        let number = json!(9_007_199_254_740_995_u64);
        let all = narrowing(number.clone(), number, None);
        assert!(!leave_no_number(&own, &own, &[&all]));
    }

    #[test]
    fn texts_are_left_up_to_the_longest() {
        let own = json!({ "minLength": 2, "maxLength": 5 });
        let left = |length| !leave_no_text(&own, &[&narrowing(Value::Null, Value::Null, length)]);
        assert!(left(None));
        assert!(left(Some(2)));
        assert!(!left(Some(1)));
        assert!(!leave_no_text(
            &json!({}),
            &[&narrowing(Value::Null, Value::Null, Some(0))]
        ));
    }
}
