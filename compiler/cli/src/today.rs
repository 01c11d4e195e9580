//! Today's date: what the user says, else the clock's, UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use bailiwick_compiler::Date;

use crate::failure::Failure;

/// The date that `given` says, else today's.
///
/// # Errors
/// When `given` is no date.
pub(crate) fn today(given: Option<&str>) -> Result<Date, Failure> {
    let text = match given {
        Some(text) => text.to_owned(),
        None => of_day(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |passed| passed.as_secs() / 86_400),
        ),
    };
    Date::parse(&text)
        .ok_or_else(|| Failure::Usage(format!("`{text}` is not a date; write it as 2027-03-31")))
}

/// The civil date of a day since 1970-01-01, by the 400-year cycle of the calendar.
fn of_day(day: u64) -> String {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        for (day, date) in [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_782, "2026-11-25"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(of_day(day), date);
        }
    }
}
