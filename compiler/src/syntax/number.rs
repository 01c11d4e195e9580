//! Numbers.

use std::borrow::Cow;

use super::Value;

/// Whether a word may be nothing but a number: a digit, also behind a sign or dot.
pub(super) fn starts_like_one(word: &str) -> bool {
    let mut bytes = word.bytes().peekable();
    bytes.next_if(|byte| matches!(byte, b'+' | b'-'));
    bytes.next_if_eq(&b'.');
    bytes.next().is_some_and(|byte| byte.is_ascii_digit())
}

/// The number that the whole word is.
pub(super) fn parse(word: &str) -> Option<Value<'_>> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, digits.get(2..)?),
        Some("0o") => (8, digits.get(2..)?),
        Some("0b") => (2, digits.get(2..)?),
        _ if is_integer(digits, 10) => (10, digits),
        _ => return is_decimal(digits).then_some(Value::Float(Cow::Borrowed(word))),
    };
    if !is_integer(digits, radix) {
        return None;
    }
    // A whole number that does not fit is kept as it is written.
    Some(integer(digits, radix, negative).map_or(Value::Float(Cow::Borrowed(word)), Value::Integer))
}

/// Digits, and after the first of them also `_`.
fn is_integer(text: &str, radix: u32) -> bool {
    text.starts_with(|c: char| c.is_digit(radix))
        && text.chars().all(|c| c == '_' || c.is_digit(radix))
}

fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        ),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    is_integer(whole, 10)
        && fraction.is_none_or(|fraction| is_integer(fraction, 10))
        && exponent.is_none_or(|exponent| is_integer(exponent, 10))
}

fn integer(digits: &str, radix: u32, negative: bool) -> Option<i128> {
    let mut number = 0_i128;
    for digit in digits.chars().filter_map(|c| c.to_digit(radix)) {
        number = number.checked_mul(i128::from(radix))?;
        number = if negative {
            number.checked_sub(i128::from(digit))?
        } else {
            number.checked_add(i128::from(digit))?
        };
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::{Value, parse, starts_like_one};

    #[test]
    fn whole_numbers_of_each_radix_are_read() {
        for (word, number) in [
            ("0", 0),
            ("-12", -12),
            ("+1_000", 1000),
            ("0xFf", 255),
            ("-0x10", -16),
            ("0o17", 15),
            ("0b1_01", 5),
            ("007", 7),
            ("-170141183460469231731687303715884105728", i128::MIN),
        ] {
            assert_eq!(parse(word), Some(Value::Integer(number)), "{word}");
        }
    }

    #[test]
    fn what_is_not_whole_or_does_not_fit_is_kept_as_written() {
        for word in [
            "1.5",
            "1e3",
            "-1.0E-1_0",
            "170141183460469231731687303715884105728",
        ] {
            assert_eq!(parse(word), Some(Value::Float(word.into())), "{word}");
        }
    }

    #[test]
    fn what_only_starts_like_a_number_is_none() {
        for word in [
            "10s", "1.", "1._0", "0x", "0x_1", "0b2", "1e", "1e_1", ".5", "-.5", "1.2.3", "0xg",
        ] {
            assert!(starts_like_one(word), "{word}");
            assert_eq!(parse(word), None, "{word}");
        }
    }

    #[test]
    fn words_with_a_sign_or_dot_are_no_numbers() {
        for word in ["-", "+", ".", "-a", "--1", "-.", ".a", "a1", ""] {
            assert!(!starts_like_one(word), "{word}");
        }
    }
}
