//! Exceptions that people accepted: `suppress CODE reason= until=`.

use std::collections::{BTreeMap, BTreeSet};

use super::definitions::Accepted;
use super::language::{
    CODE_NOT_SUPPRESSIBLE, EXPIRED_SUPPRESSION, UNKNOWN_CODE, UNUSED_SUPPRESSION,
};
use super::lock::DESCRIPTION_CHANGED;
use super::table;
use super::understood::is_of_absence;
use crate::date::Date;
use crate::diagnostic::suggestion::did_you_mean;
use crate::diagnostic::{Diagnostic, Level, Severity};
use crate::grammar::value::quote;
use crate::grammar::with_help;
use crate::model::Suppression;
use crate::source::{FileId, Loc};

/// Takes away the findings that are accepted, and reports exceptions that are wrong, over or of no use.
/// What `accepted` found is not reported; it only shows which exceptions are of use.
pub(super) fn apply<'c>(
    suppressions: impl IntoIterator<Item = &'c Suppression>,
    today: &Date,
    mut found: Vec<Diagnostic>,
    accepted: Accepted,
) -> Vec<Diagnostic> {
    let mut valid = Vec::new();
    for suppression in suppressions {
        match misuse(suppression) {
            Some(misuse) => found.push(misuse),
            None => valid.push(suppression),
        }
    }
    found.extend(repeated(&mut valid));
    let mut used: BTreeSet<Loc> = BTreeSet::new();
    let mut kept = accept(&valid, found, &mut used);
    accept(&valid, accepted.found, &mut used);
    // What stops the compiler early also hides what would use an exception.
    let is_early = kept
        .iter()
        .any(|finding| finding.check.level == Level::Error);
    let is_wrong = kept
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let is_unused = |suppression: &Suppression, used: &BTreeSet<Loc>| {
        let is_kept_back = is_early || is_wrong && is_of_absence(&suppression.code.value);
        !used.contains(&suppression.loc) && !is_kept_back && can_tell(suppression, &accepted.unread)
    };
    // One that goes needs no later date.
    let needed = valid.iter().filter(|one| !is_unused(one, &used));
    let expired: Vec<Diagnostic> = needed.filter_map(|one| expired(one, today)).collect();
    kept.extend(accept(&valid, expired, &mut used));
    let unused = valid.iter().filter(|one| is_unused(one, &used));
    let unused: Vec<Diagnostic> = unused.map(|suppression| unused_at(suppression)).collect();
    kept.extend(accept(&valid, unused, &mut used));
    kept
}

/// Takes away all but one of the exceptions from one code in one node, and reports them. The one that ends last
/// stays.
fn repeated(valid: &mut Vec<&Suppression>) -> Vec<Diagnostic> {
    let mut stays: BTreeMap<(&str, Loc), &Suppression> = BTreeMap::new();
    for suppression in &*valid {
        let of_one = (&*suppression.code.value, suppression.scope);
        let last = stays.entry(of_one).or_insert(suppression);
        if last.until.value < suppression.until.value {
            *last = suppression;
        }
    }
    let mut found = Vec::new();
    valid.retain(|suppression| {
        let code = &suppression.code.value;
        let stays = stays.get(&(code.as_str(), suppression.scope));
        let Some(other) = stays.filter(|other| other.loc != suppression.loc) else {
            return true;
        };
        // One without an end has a mistake, which is reported.
        if other.until.loc != other.loc {
            found.push(
                UNUSED_SUPPRESSION
                    .at(
                        suppression.loc,
                        format!("another `suppress` here accepts {code} already"),
                    )
                    .and(other.loc, format!("until {}", other.until.value))
                    .help("remove the `suppress` line"),
            );
        }
        false
    });
    found
}

/// Whether `check` can tell if an exception is of use. What a server changes, only `lock` sees.
fn can_tell(suppression: &Suppression, unread: &BTreeSet<Loc>) -> bool {
    suppression.code.value != DESCRIPTION_CHANGED.code && !unread.contains(&suppression.loc)
}

/// The findings that no exception accepts, for commands that make findings of their own.
pub(crate) fn without_accepted(
    suppressions: &[Suppression],
    found: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let valid: Vec<&Suppression> = suppressions
        .iter()
        .filter(|suppression| misuse(suppression).is_none())
        .collect();
    accept(&valid, found, &mut BTreeSet::new())
}

/// The findings that no exception accepts. `used` gets the exceptions that accept one.
fn accept(
    suppressions: &[&Suppression],
    found: Vec<Diagnostic>,
    used: &mut BTreeSet<Loc>,
) -> Vec<Diagnostic> {
    let mut of_code: BTreeMap<(&str, FileId), Vec<&Suppression>> = BTreeMap::new();
    for suppression in suppressions {
        of_code
            .entry((&suppression.code.value, suppression.scope.file))
            .or_default()
            .push(suppression);
    }
    let mut kept = Vec::new();
    for finding in found {
        let mut accepted = false;
        let file = finding.primary.as_ref().map(|label| label.loc.file);
        let possible = file.and_then(|file| of_code.get(&(finding.check.code, file)));
        let possible = possible.into_iter().flatten();
        for suppression in possible.filter(|suppression| accepts(suppression, &finding)) {
            accepted = true;
            used.insert(suppression.loc);
        }
        if !accepted {
            kept.push(finding);
        }
    }
    kept
}

/// Whether the finding's subject is the node with the exception, or one inside it. The code is theirs.
fn accepts(suppression: &Suppression, finding: &Diagnostic) -> bool {
    finding.check.level != Level::Error
        && finding
            .primary
            .as_ref()
            .is_some_and(|label| suppression.scope.contains(&label.loc))
}

fn misuse(suppression: &Suppression) -> Option<Diagnostic> {
    let code = &suppression.code;
    match table::find(&code.value) {
        None => {
            let unknown = UNKNOWN_CODE.at(code.loc, format!("no check {}", quote(&code.value)));
            // The name beside the code is easily taken for it.
            if let Some(named) = table::all().find(|check| check.name == code.value) {
                return Some(unknown.help(format!("write its code, `{}`", named.code)));
            }
            let upper = code.value.to_ascii_uppercase();
            let near = match table::find(&upper) {
                Some(_) => Some(format!("did you mean `{upper}`?")),
                None => did_you_mean(&upper, table::all().map(|check| check.code)),
            };
            Some(with_help(unknown, near))
        }
        Some(check) if check.level == Level::Error => Some(
            CODE_NOT_SUPPRESSIBLE
                .at(
                    code.loc,
                    format!(
                        "`{}` is an error, and errors cannot be suppressed",
                        check.code
                    ),
                )
                .help(format!(
                    "see `bailiwick explain {}` for what to do instead",
                    check.code
                )),
        ),
        Some(_) => None,
    }
}

fn expired(suppression: &Suppression, today: &Date) -> Option<Diagnostic> {
    let until = &suppression.until;
    (until.value.as_str() < today.as_str()).then(|| {
        EXPIRED_SUPPRESSION
            .at(
                until.loc,
                format!(
                    "this exception from {} ended on {}",
                    suppression.code.value, until.value
                ),
            )
            .help("repair what it accepts, or decide again and write a later date")
    })
}

fn unused_at(suppression: &Suppression) -> Diagnostic {
    UNUSED_SUPPRESSION
        .at(
            suppression.loc,
            format!("nothing here raises {} any more", suppression.code.value),
        )
        .help("remove the `suppress` line")
}
