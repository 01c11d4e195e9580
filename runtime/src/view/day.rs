//! Days in UTC, as `until` counts them.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

const SECONDS: u64 = 86_400;

/// A day in UTC, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(u64);

impl Day {
    /// The day that `time` is in; the first one for times before 1970.
    pub fn of(time: SystemTime) -> Self {
        let since = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Self(since.as_secs() / SECONDS)
    }

    /// Seconds from 1970 to its beginning.
    #[cfg(test)]
    pub(crate) fn start(self) -> u64 {
        self.0 * SECONDS
    }

    /// The day that it is now.
    pub fn today() -> Self {
        Self::of(SystemTime::now())
    }
}

/// Text that is not a date.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a date: expected `YYYY-MM-DD` from 1970-01-01 on")]
pub struct DayError;

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let mut parts = text.split('-');
        let (Some(year), Some(month), Some(day), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(DayError);
        };
        let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
        if year < 1970 || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
            return Err(DayError);
        }
        let years: u64 = (1970..year)
            .map(|year| 365 + u64::from(is_leap(year)))
            .sum();
        let months: u64 = (1..month).map(|month| days_in(year, month)).sum();
        Ok(Self(years + months + day - 1))
    }
}

fn number(text: &str, digits: usize) -> Result<u64, DayError> {
    if text.len() != digits || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DayError);
    }
    text.parse().map_err(|_| DayError)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Day, DayError};

    #[test]
    fn dates_count_from_1970() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1970-12-31", 364),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-11-25", 20_782),
            ("2100-03-01", 47_541),
        ] {
            assert_eq!(text.parse(), Ok(Day(days)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2026",
            "2026-1-1",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "2100-02-29",
            "2026-04-31",
            "1969-12-31",
            "+026-01-01",
            "2026-01-01-01",
            "2026-01-01T00",
        ] {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
    }

    #[test]
    fn a_day_ends_at_midnight() {
        let midnight = SystemTime::UNIX_EPOCH + Duration::from_hours(20_783 * 24);
        assert_eq!(Day::of(midnight), Day(20_783));
        assert_eq!(Day::of(midnight - Duration::from_nanos(1)), Day(20_782));
    }
}
