//! The checks, one group a file: a constant for each check, and its function where it is not part of an
//! earlier phase.

mod addresses;
pub(crate) mod arguments;
pub(crate) mod assertions;
pub(crate) mod budget;
mod calls;
pub(crate) mod claims;
pub(crate) mod definitions;
pub(crate) mod delegation;
mod destinations;
pub(crate) mod duties;
mod effects;
mod enforcement;
pub(crate) mod environments;
mod floating;
pub(crate) mod flows;
mod grants;
pub(crate) mod kubernetes;
mod labels;
pub(crate) mod language;
pub(crate) mod limits;
pub(crate) mod lock;
pub(crate) mod look_alikes;
pub(crate) mod mirrors;
pub(crate) mod names;
mod namespaces;
pub(crate) mod network;
mod overlays;
pub(crate) mod owners;
mod patches;
pub(crate) mod patterns;
pub(crate) mod permissions;
mod promotion;
pub(crate) mod reading;
mod resolved;
mod run;
pub(crate) mod schemas;
pub(crate) mod secrets;
mod suppression;
mod table;
mod targets;
pub(crate) mod templates;
pub(crate) mod texts;
pub(crate) mod tools;
mod trifecta;
mod understood;
mod unused;
pub(crate) mod verbs;

#[cfg(test)]
pub(crate) use addresses::{METADATA, contains};
pub(crate) use definitions::KnownDefinitions;
pub use resolved::Resolved;
pub use run::Checked;
pub(crate) use run::{OfPart, Verdict, conclude, of_part};
pub(crate) use suppression::without_accepted;
pub use table::{all, explain, find};
pub(crate) use understood::{Live, keep_understood, of_absence};

use crate::diagnostic::{Check, Level};

/// A check whose findings are errors everywhere.
pub(crate) const fn error(code: &'static str, name: &'static str, summary: &'static str) -> Check {
    Check {
        code,
        name,
        summary,
        level: Level::Error,
    }
}

/// A check whose findings are errors in prod and warnings elsewhere.
pub(crate) const fn error_in_prod(
    code: &'static str,
    name: &'static str,
    summary: &'static str,
) -> Check {
    Check {
        code,
        name,
        summary,
        level: Level::ErrorInProd,
    }
}

/// A check whose findings are notes.
pub(crate) const fn note(code: &'static str, name: &'static str, summary: &'static str) -> Check {
    Check {
        code,
        name,
        summary,
        level: Level::Note,
    }
}

/// A check whose findings are warnings.
pub(crate) const fn warning(
    code: &'static str,
    name: &'static str,
    summary: &'static str,
) -> Check {
    Check {
        code,
        name,
        summary,
        level: Level::Warning,
    }
}
