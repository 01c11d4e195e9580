//! Typed values as the fields that they become.

use crate::grammar::Value;
use crate::model::{ImageReference, Name, Pattern};
use crate::source::At;

/// A name.
pub(super) fn name(at: &At<Value>) -> Option<At<Name>> {
    match &at.value {
        Value::Name(name) => Some(with(at, name.clone())),
        _ => None,
    }
}

/// Text.
pub(super) fn text(at: &At<Value>) -> Option<At<String>> {
    match &at.value {
        Value::Text(text) => Some(with(at, text.clone())),
        _ => None,
    }
}

/// A word.
pub(super) fn word(at: &At<Value>) -> Option<&'static str> {
    match at.value {
        Value::Word(word) => Some(word),
        _ => None,
    }
}

/// A whole number, milliseconds or bytes.
pub(super) fn number(at: &At<Value>) -> Option<At<u64>> {
    match at.value {
        Value::Number(number) => Some(with(at, number)),
        _ => None,
    }
}

/// A small whole number.
pub(super) fn small(at: &At<Value>) -> Option<At<u32>> {
    number(at).and_then(|number| Some(with(at, u32::try_from(number.value).ok()?)))
}

/// A TCP port.
pub(super) fn port(at: &At<Value>) -> Option<u16> {
    number(at).and_then(|number| u16::try_from(number.value).ok())
}

/// Two texts.
pub(super) fn pair(at: &At<Value>) -> Option<At<(String, String)>> {
    match &at.value {
        Value::Pair(first, second) => Some(with(at, (first.clone(), second.clone()))),
        _ => None,
    }
}

/// An image.
pub(super) fn image(at: &At<Value>) -> Option<At<ImageReference>> {
    match &at.value {
        Value::Image(image) => Some(with(at, image.clone())),
        _ => None,
    }
}

/// Tools.
pub(super) fn pattern(at: &At<Value>) -> Option<At<Pattern>> {
    match &at.value {
        Value::Pattern(pattern) => Some(with(at, pattern.clone())),
        _ => None,
    }
}

/// Another value at the same place.
pub(super) fn with<T>(at: &At<Value>, value: T) -> At<T> {
    At { value, loc: at.loc }
}
