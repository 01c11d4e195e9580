//! What the checks say about new and changed definitions, in few lines.

use std::collections::BTreeMap;

use bailiwick_compiler::diagnostic::{Diagnostic, Severity};
use bailiwick_compiler::review::Review;

/// Most tools that one check is shown for.
const SHOWN: usize = 3;

/// A line for each finding but those that are `shown` whole, errors first; of one check for many tools
/// only the first few.
pub(super) fn lines(review: &Review, shown: &[Diagnostic]) -> String {
    let mut of_check: BTreeMap<(Severity, &str), Vec<&Diagnostic>> = BTreeMap::new();
    for finding in review.findings.values().flatten() {
        let is_shown =
            |other: &Diagnostic| other.check == finding.check && other.message == finding.message;
        if !shown.iter().any(is_shown) {
            let key = (finding.severity, finding.check.code);
            of_check.entry(key).or_default().push(finding);
        }
    }
    of_check.values().map(|found| of_one_check(found)).collect()
}

fn of_one_check(found: &[&Diagnostic]) -> String {
    let shown = found.iter().take(SHOWN).map(|finding| {
        let (code, name) = (finding.check.code, finding.check.name);
        format!("  ! {} ({code} {name})\n", finding.message)
    });
    let more = found.len().saturating_sub(SHOWN);
    let rest = found.first().filter(|_| more > 0).map(|first| {
        let plural = if more == 1 { "" } else { "s" };
        format!(
            "    and of {more} more tool{plural} ({})\n",
            first.check.code
        )
    });
    shown.chain(rest).collect::<Vec<_>>().concat()
}
