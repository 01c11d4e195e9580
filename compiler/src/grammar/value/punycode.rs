//! Labels of host names in their ASCII form, `xn--...`, read back (RFC 3492).

use std::borrow::Cow;

/// A host name as people would be shown it. A label that is no valid form of another stays as it is.
pub(super) fn unicode(host: &str) -> Cow<'_, str> {
    if !host.split('.').any(|label| encoded(label).is_some()) {
        return Cow::Borrowed(host);
    }
    let labels = host.split('.').map(|label| {
        let decoded = encoded(label).and_then(decode);
        decoded.map_or(Cow::Borrowed(label), Cow::Owned)
    });
    Cow::Owned(labels.collect::<Vec<_>>().join("."))
}

fn encoded(label: &str) -> Option<&str> {
    let (start, rest) = label.split_at_checked(4)?;
    let is_encoded = start.eq_ignore_ascii_case("xn--") && !rest.is_empty();
    is_encoded.then_some(rest)
}

const BASE: u32 = 36;
const LOWEST: u32 = 1;
const HIGHEST: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const FIRST_BIAS: u32 = 72;
const FIRST_CODE: u32 = 128;

/// The letters are in the order of the text, then digits say which others go where.
fn decode(label: &str) -> Option<String> {
    let (plain, digits) = label.rsplit_once('-').unwrap_or(("", label));
    let mut text: Vec<char> = plain.chars().collect();
    let (mut code, mut place, mut bias) = (FIRST_CODE, 0_u32, FIRST_BIAS);
    let mut digits = digits.chars().map(|digit| digit.to_digit(BASE));
    while let Some(digit) = digits.next() {
        let before = place;
        let (mut weight, mut step, mut next) = (1_u32, BASE, digit);
        loop {
            let digit = value(next?);
            place = place.checked_add(digit.checked_mul(weight)?)?;
            let threshold = step.saturating_sub(bias).clamp(LOWEST, HIGHEST);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            step += BASE;
            next = digits.next()?;
        }
        let length = u32::try_from(text.len()).ok()? + 1;
        bias = adapted(place - before, length, before == 0);
        code = code.checked_add(place / length)?;
        place %= length;
        text.insert(usize::try_from(place).ok()?, char::from_u32(code)?);
        place += 1;
    }
    Some(text.into_iter().collect())
}

/// Letters are 0 to 25 and figures 26 to 35, the other way round than in other numbers.
fn value(digit: u32) -> u32 {
    if digit < 10 { digit + 26 } else { digit - 10 }
}

fn adapted(distance: u32, length: u32, is_first: bool) -> u32 {
    let mut distance = distance / if is_first { DAMP } else { 2 };
    distance += distance / length;
    let mut bias = 0;
    while distance > (BASE - LOWEST) * HIGHEST / 2 {
        distance /= BASE - LOWEST;
        bias += BASE;
    }
    bias + (BASE - LOWEST + 1) * distance / (distance + SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_back() {
        for (ascii, shown) in [
            ("xn--bcher-kva.example", "b\u{fc}cher.example"),
            ("XN--MNCHEN-3YA.de", "M\u{fc}NCHEN.de"),
            (
                "xn--80ak6aa92e.com",
                "\u{430}\u{440}\u{440}\u{4cf}\u{435}.com",
            ),
            ("a.xn--fiqs8s", "a.\u{4e2d}\u{56fd}"),
        ] {
            assert_eq!(unicode(ascii), shown);
        }
    }

    #[test]
    fn what_is_no_such_label_stays() {
        for host in [
            "api.github.com",
            "xn--.com",
            "xn--99999999.com",
            "xn--a_b.com",
        ] {
            assert_eq!(unicode(host), host);
        }
    }
}
