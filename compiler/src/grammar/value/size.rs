//! Sizes: a whole number and one unit.

use crate::checks::language::BAD_UNIT;

use super::{Misfit, quote};

const UNITS: [(&str, u64); 3] = [("MiB", 1_048_576), ("KiB", 1_024), ("B", 1)];

/// Bytes, when the text is a size.
pub(crate) fn parse(text: &str) -> Option<u64> {
    with_unit(text, &UNITS)
}

/// Bytes in the largest unit that leaves a whole number.
pub(crate) fn show(bytes: u64) -> String {
    in_largest_unit(bytes, &UNITS)
}

/// The text is no size.
pub(crate) fn misfit(text: &str) -> Misfit {
    let misfit = Misfit::new(
        &BAD_UNIT,
        format!(
            "sizes are a whole number and one of B KiB MiB, found {}",
            quote(text)
        ),
    );
    let near = |rest: &str| match rest.trim_start().chars().next() {
        Some('m' | 'M') => "MiB",
        Some('b' | 'B') => "B",
        _ => "KiB",
    };
    match digits_of(text) {
        Some(digits) => misfit.help(format!(
            "such as \"{digits}{}\"",
            near(text.get(digits.len()..).unwrap_or_default())
        )),
        None => misfit.help("such as \"64KiB\" or \"1MiB\""),
    }
}

/// A whole number times its unit.
pub(super) fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = digits_of(text)?;
    let unit = text.strip_prefix(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

/// The number in the largest unit that leaves a whole one; `units` are sorted, the largest first.
pub(super) fn in_largest_unit(number: u64, units: &[(&str, u64)]) -> String {
    units
        .iter()
        .filter(|(_, factor)| number > 0 && number.is_multiple_of(*factor))
        .map(|(name, factor)| format!("{}{name}", number / factor))
        .next()
        .unwrap_or_else(|| format!("{number}{}", units.last().map_or("", |(name, _)| name)))
}

/// The digits at the start, when there are some.
pub(super) fn digits_of(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end).filter(|digits| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unit_and_a_whole_number() {
        assert_eq!(parse("64KiB"), Some(65_536));
        assert_eq!(parse("1MiB"), Some(1_048_576));
        assert_eq!(parse("0B"), Some(0));
        for bad in ["64", "64KB", "64 KiB", "1GiB", "KiB", "1.5MiB"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn shown_as_people_write() {
        assert_eq!(show(65_536), "64KiB");
        assert_eq!(show(1), "1B");
        assert_eq!(show(0), "0B");
    }
}
