//! Durations: a whole number and one unit.

use crate::checks::language::BAD_UNIT;

use super::{Misfit, quote};

const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Milliseconds, when the text is a duration.
pub(crate) fn parse(text: &str) -> Option<u64> {
    super::size::with_unit(text, &UNITS)
}

/// Milliseconds in the largest unit that leaves a whole number.
pub(crate) fn show(milliseconds: u64) -> String {
    super::size::in_largest_unit(milliseconds, &UNITS)
}

/// The text is no duration.
pub(crate) fn misfit(text: &str) -> Misfit {
    let misfit = Misfit::new(
        &BAD_UNIT,
        format!(
            "durations are a whole number and one of ms s m h d, found {}",
            quote(text)
        ),
    );
    let near = |rest: &str| {
        let word = rest.trim_start().to_ascii_lowercase();
        let starts = [
            ("ms", "ms"),
            ("milli", "ms"),
            ("m", "m"),
            ("h", "h"),
            ("d", "d"),
        ];
        starts
            .into_iter()
            .find(|(start, _)| word.starts_with(start))
            .map_or("s", |(_, unit)| unit)
    };
    match super::size::digits_of(text) {
        Some(digits) => misfit.help(format!(
            "such as \"{digits}{}\"",
            near(text.get(digits.len()..).unwrap_or_default())
        )),
        None => misfit.help("such as \"30s\" or \"15m\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unit_and_a_whole_number() {
        assert_eq!(parse("10s"), Some(10_000));
        assert_eq!(parse("1d"), Some(86_400_000));
        assert_eq!(parse("100ms"), Some(100));
        for bad in [
            "",
            "s",
            "10",
            "10 s",
            "1m30s",
            "1.5s",
            "-1s",
            "10S",
            "99999999999999999999d",
            "18446744073709551615d",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn shown_as_people_write() {
        assert_eq!(show(90_000), "90s");
        assert_eq!(show(3_600_000), "1h");
        assert_eq!(show(0), "0ms");
    }
}
