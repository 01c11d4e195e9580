//! What is said of a catalog, or of an environment, only when all of it is understood: that something is missing
//! in it, or is otherwise than expected. A mistake that is reported may be why.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Resolved, assertions, calls, effects, environments, kubernetes, lock, names, network, overlays,
    promotion, schemas, targets, tools, unused,
};
use crate::diagnostic::{Check, Diagnostic, Severity};
use crate::model::Name;
use crate::source::{Loc, Span};

/// Whether anything is live in any part of a catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Live {
    /// Something is deployed.
    pub(super) is_deploying: bool,
    /// Something is granted.
    pub(super) is_granting: bool,
}

impl Live {
    /// What is live in these parts.
    pub(crate) fn of(parts: &[&Resolved]) -> Self {
        let overlays = || parts.iter().flat_map(|part| part.catalog.overlays());
        Self {
            is_deploying: overlays().any(|overlay| !overlay.deploys.is_empty()),
            is_granting: overlays().any(|overlay| !overlay.grants.is_empty()),
        }
    }
}

type Function = fn(&Resolved, Live, &mut Vec<Diagnostic>);

/// What nobody wrote or uses: not asked of a catalog that has an error anywhere.
const OF_ABSENCE: [(&Check, Function); 7] = [
    (&effects::UNREACHABLE_TOOL, effects::unreachable_tool),
    (&environments::NO_APPROVERS, environments::no_approvers),
    (&targets::UNSIGNED_CONFIG, targets::unsigned_config),
    (&tools::UNCLASSIFIED_TOOL, tools::unclassified_tool),
    (&unused::EMPTY_ENVIRONMENT, unused::empty_environment),
    (&unused::IDLE_AGENT, unused::idle_agent),
    (&unused::UNUSED_DEFINITION, unused::unused_definition),
];

/// What is found in an environment, and taken away where a mistake can have brought it about.
const OF_ENVIRONMENTS: [&Check; 14] = [
    &assertions::ASSERTION_FAILED,
    &assertions::TEST_WRONG_ENVIRONMENT,
    &assertions::UNTESTED_SUSPEND,
    &assertions::VACUOUS_ASSERTION,
    &calls::NO_LIMIT,
    &effects::NO_EXPIRY,
    &names::NOT_DEPLOYED,
    &network::NAME_EGRESS_UNENFORCED,
    &overlays::UNTESTED_PROD,
    &promotion::LOOSER_LIMIT,
    &promotion::NOT_PROMOTED,
    &promotion::VERSION_AHEAD,
    &promotion::WEAKER_APPROVAL,
    &promotion::WIDER_EGRESS,
];

/// The same of how a server is deployed, which a patch says.
const OF_DEPLOYMENT: [&Check; 3] = [
    &kubernetes::COMMAND_WITHOUT_IMAGE,
    &lock::NOT_LOCKED,
    &schemas::DUPLICATE_JSON_KEY,
];

/// Whether a check is of what nobody wrote or uses.
pub(super) fn is_of_absence(code: &str) -> bool {
    OF_ABSENCE.iter().any(|(check, _)| check.code == code)
}

/// What nobody wrote or uses in one part of a catalog that has no error.
pub(crate) fn of_absence(part: &Resolved, live: Live) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, function) in OF_ABSENCE {
        function(part, live, &mut found);
    }
    found
}

/// Takes away what the errors that `found` begins with, so many findings, may have brought about.
pub(crate) fn keep_understood(parts: &[&Resolved], earlier: usize, found: &mut Vec<Diagnostic>) {
    let errors = found.iter().take(earlier);
    // Who holds what, and what a cluster would not take, is understood, and wrong.
    let errors = errors.filter(|finding| {
        let group = finding.check.code.get(..3).unwrap_or_default();
        let is_understood =
            matches!(group, "GRA" | "K8S") && *finding.check != kubernetes::COMMAND_WITHOUT_IMAGE;
        finding.severity == Severity::Error && !is_understood
    });
    let mut errors = errors.peekable();
    if errors.peek().is_none() {
        return;
    }
    let places = Places::of(parts);
    let (mut all, mut own) = (Unclear::default(), Unclear::default());
    for error in errors {
        all.add(&places, error);
        if !OF_DEPLOYMENT.contains(&error.check) {
            own.add(&places, error);
        }
    }
    // What is deployed has its definitions whatever is wrong with what others do; a patch of its own
    // overlay says which.
    own.everything = false;
    found.retain(|finding| {
        let unclear = match finding.check {
            check if OF_DEPLOYMENT.contains(&check) => &own,
            check if OF_ENVIRONMENTS.contains(&check) => &all,
            _ => return true,
        };
        !unclear.has(&places, finding.environment.as_deref())
    });
}

/// Where things are said that are of one environment, and which environments there are, with what comes
/// before each.
struct Places<'p> {
    /// By place; nothing of it is inside another.
    said: BTreeMap<Loc, &'p Name>,
    before: BTreeMap<&'p str, Option<&'p str>>,
}

impl<'p> Places<'p> {
    fn of(parts: &[&'p Resolved]) -> Self {
        let mut places = Self {
            said: BTreeMap::new(),
            before: BTreeMap::new(),
        };
        for catalog in parts.iter().map(|part| &part.catalog) {
            let overlays = catalog.overlays().iter();
            let overlays = overlays.map(|overlay| (overlay.loc, &overlay.environment.value));
            let tests = catalog.tests.iter();
            let tests = tests.map(|test| (test.loc, &test.environment.value));
            places.said.extend(overlays.chain(tests));
            let targets = catalog.environments.iter();
            places.before.extend(targets.map(|(name, target)| {
                let before = target.after.as_ref();
                (&**name, before.map(|before| &*before.value))
            }));
        }
        places
    }

    /// The environment that something at this place is about and no other.
    fn only_of(&self, place: Loc) -> Option<&'p str> {
        // What begins last before it is all that can contain it.
        let span = Span {
            end: u32::MAX,
            ..place.span
        };
        let mut before = self.said.range(..=Loc { span, ..place });
        let (loc, name) = before.next_back()?;
        (loc.contains(&place) && self.before.contains_key(&***name)).then_some(&***name)
    }
}

/// Environments of which something is not understood.
#[derive(Default)]
struct Unclear<'p> {
    environments: BTreeSet<&'p str>,
    /// Whether it may be any of them.
    everything: bool,
}

impl<'p> Unclear<'p> {
    /// An error in an overlay or a test is about its environment, and any other about all of them.
    fn add(&mut self, places: &Places<'p>, error: &Diagnostic) {
        let place = error.primary.as_ref().map(|label| label.loc);
        match place.and_then(|place| places.only_of(place)) {
            Some(name) => drop(self.environments.insert(name)),
            None => self.everything = true,
        }
    }

    /// Whether an environment, or one that comes before it, is not understood.
    fn has(&self, places: &Places<'_>, environment: Option<&str>) -> bool {
        let Some(mut name) = environment else {
            return self.everything || !self.environments.is_empty();
        };
        if self.everything {
            return true;
        }
        // A circle has at most as many steps.
        for _ in 0..=places.before.len() {
            if self.environments.contains(name) {
                return true;
            }
            match places.before.get(name) {
                Some(Some(before)) => name = before,
                Some(None) | None => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::date::Date;
    use crate::source::{Disk, Loader as _, Memory};

    #[test]
    fn each_function_of_absence_finds_what_its_check_says() {
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks");
        for (check, function) in OF_ABSENCE {
            let disk = Disk::open(&corpora.join(check.code)).unwrap();
            let files = disk.list("bad").unwrap().into_iter().map(|path| {
                let bytes = disk.read(&path, 1 << 20).unwrap();
                (path.replacen("bad", "catalogs", 1), bytes)
            });
            let today = Date::parse("2026-11-25").unwrap();
            let report = crate::check(&files.collect::<Memory>(), &today).unwrap();
            let mut found = Vec::new();
            function(&report.resolved, Live::of(&[&report.resolved]), &mut found);
            assert!(!found.is_empty(), "{}", check.code);
            assert!(found.iter().all(|finding| finding.check == check));
        }
    }
}
