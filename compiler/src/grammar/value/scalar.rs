//! Values of arguments: what JSON has of one piece.

use serde_json::{Number, Value as Json};

use crate::checks::language::WRONG_TYPE;
use crate::syntax;

use super::{Misfit, Value, quote};
use crate::grammar::types::Type;

/// Holds a value against [`Type::Scalar`] or [`Type::Number`].
pub(super) fn read(of: Type, value: &syntax::Value<'_>) -> Result<Value, Misfit> {
    let found = |found: &str| {
        Misfit::new(
            &WRONG_TYPE,
            format!("expected {}, found {found}", of.noun()),
        )
    };
    let scalar = match value {
        syntax::Value::Integer(number) => Json::Number(
            integer(*number)
                .ok_or_else(|| found(&format!("`{number}`, which JSON cannot keep")))?,
        ),
        syntax::Value::Float(text) => Json::Number(
            decimal(text)
                .ok_or_else(|| found(&format!("{}, which JSON cannot keep", quote(text))))?,
        ),
        syntax::Value::Text(text) if of == Type::Number => {
            let misfit = found(&format!("text {}", quote(text)));
            return Err(if decimal(text).is_some() {
                misfit.help(format!("write it without quotes: {text}"))
            } else {
                misfit
            });
        }
        syntax::Value::Text(text) if text.contains('\0') => {
            return Err(found("text with a null character"));
        }
        syntax::Value::Text(text) => Json::String(text.clone().into_owned()),
        syntax::Value::Bool(value) if of == Type::Number => {
            return Err(found(&format!("`#{value}`")));
        }
        syntax::Value::Bool(value) => Json::Bool(*value),
        syntax::Value::Null if of == Type::Number => return Err(found("`#null`")),
        syntax::Value::Null => Json::Null,
    };
    Ok(Value::Scalar(scalar))
}

/// A whole number that every reader of JSON keeps as it is.
fn integer(number: i128) -> Option<Number> {
    const EXACT: i128 = 1 << 53;
    let exact = number.abs() <= EXACT;
    i64::try_from(number)
        .ok()
        .filter(|_| exact)
        .map(Number::from)
}

fn decimal(text: &str) -> Option<Number> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    Number::from_f64(plain.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Type, Value, read};
    use crate::syntax;

    fn scalar(of: Type, value: &syntax::Value<'_>) -> Result<serde_json::Value, String> {
        match read(of, value) {
            Ok(Value::Scalar(value)) => Ok(value),
            Ok(other) => panic!("{other:?}"),
            Err(misfit) => Err(misfit.message),
        }
    }

    #[test]
    fn what_json_has_of_one_piece_is_a_value() {
        for (written, read) in [
            (syntax::Value::Text("EUR".into()), json!("EUR")),
            (syntax::Value::Integer(-3), json!(-3)),
            (syntax::Value::Float("1_0.5e1".into()), json!(105.0)),
            (syntax::Value::Bool(true), json!(true)),
            (syntax::Value::Null, json!(null)),
        ] {
            assert_eq!(scalar(Type::Scalar, &written), Ok(read));
        }
    }

    #[test]
    fn a_number_that_json_cannot_keep_is_refused() {
        for written in [
            syntax::Value::Integer((1 << 53) + 1),
            syntax::Value::Float("1e999".into()),
        ] {
            let message = scalar(Type::Number, &written).unwrap_err();
            assert!(message.ends_with("which JSON cannot keep"), "{message}");
        }
    }

    #[test]
    fn only_numbers_are_numbers() {
        for written in [
            syntax::Value::Text("5".into()),
            syntax::Value::Bool(true),
            syntax::Value::Null,
        ] {
            let message = scalar(Type::Number, &written).unwrap_err();
            assert!(message.starts_with("expected a number"), "{message}");
        }
    }
}
