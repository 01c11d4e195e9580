//! Typed values as the fields that they become.

use crate::grammar::Value;
use crate::model::{ImagePattern, ImageReference, Name, Pattern};
use crate::source::At;

/// A name.
pub(super) fn name(at: &At<Value>) -> Option<At<Name>> {
    let Value::Name(name) = &at.value else {
        return None;
    };
    Some(with(at, name.clone()))
}

/// Text.
pub(super) fn text(at: &At<Value>) -> Option<At<String>> {
    let Value::Text(text) = &at.value else {
        return None;
    };
    Some(with(at, text.clone()))
}

/// A word.
pub(super) fn word(at: &At<Value>) -> Option<&'static str> {
    let Value::Word(word) = at.value else {
        return None;
    };
    Some(word)
}

/// A whole number, milliseconds or bytes.
pub(super) fn number(at: &At<Value>) -> Option<At<u64>> {
    let Value::Number(number) = at.value else {
        return None;
    };
    Some(with(at, number))
}

/// A small whole number.
pub(super) fn small(at: &At<Value>) -> Option<At<u32>> {
    let number = number(at)?;
    Some(with(at, u32::try_from(number.value).ok()?))
}

/// A TCP port.
pub(super) fn port(at: &At<Value>) -> Option<u16> {
    u16::try_from(number(at)?.value).ok()
}

/// Two texts.
pub(super) fn pair(at: &At<Value>) -> Option<At<(String, String)>> {
    let Value::Pair(first, second) = &at.value else {
        return None;
    };
    Some(with(at, (first.clone(), second.clone())))
}

/// A pattern of images.
pub(super) fn image_pattern(at: &At<Value>) -> Option<At<ImagePattern>> {
    let Value::ImagePattern(pattern) = &at.value else {
        return None;
    };
    Some(with(at, pattern.clone()))
}

/// An image.
pub(super) fn image(at: &At<Value>) -> Option<At<ImageReference>> {
    let Value::Image(image) = &at.value else {
        return None;
    };
    Some(with(at, image.clone()))
}

/// Tools.
pub(super) fn pattern(at: &At<Value>) -> Option<At<Pattern>> {
    let Value::Pattern(pattern) = &at.value else {
        return None;
    };
    Some(with(at, pattern.clone()))
}

/// A value that an argument can have.
pub(super) fn scalar(at: &At<Value>) -> Option<At<serde_json::Value>> {
    let Value::Scalar(scalar) = &at.value else {
        return None;
    };
    Some(with(at, scalar.clone()))
}

/// Any number.
pub(super) fn json_number(at: &At<Value>) -> Option<At<serde_json::Number>> {
    let serde_json::Value::Number(number) = scalar(at)?.value else {
        return None;
    };
    Some(with(at, number))
}

/// Another value at the same place.
pub(super) fn with<T>(at: &At<Value>, value: T) -> At<T> {
    At { value, loc: at.loc }
}
