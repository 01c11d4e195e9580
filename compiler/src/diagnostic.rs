//! What is wrong with a user's catalog: data only; the renderers are beside it.

use std::borrow::Cow;

use crate::source::Loc;
use visible::visible;

mod excerpt;
pub mod json;
pub mod report;
pub(crate) mod suggestion;
pub mod terminal;
pub(crate) mod visible;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The catalog does not compile.
    Error,
    /// Somebody should look.
    Warning,
    /// Good to know.
    Note,
}

/// How severe a check is, before the tier of an environment is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// E: an error everywhere, never suppressible.
    Error,
    /// P: an error in an environment of tier prod, a warning elsewhere.
    ErrorInProd,
    /// W: a warning.
    Warning,
    /// N: a note.
    Note,
}

/// A kind of finding. Each has a page, `bailiwick explain CODE`.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// Stable code, three letters and three digits.
    pub code: &'static str,
    /// Name of the problem in kebab case, reads well after "allow".
    pub name: &'static str,
    /// One line for lists.
    pub summary: &'static str,
    /// How severe it is.
    pub level: Level,
}

/// A place with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub loc: Loc,
    /// The words; may be empty for the primary place.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind.
    pub check: &'static Check,
    /// How much it matters here.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, the user's words in backticks, one line.
    pub message: String,
    /// The place to change; none when the finding is about no source, such as a stale output.
    pub primary: Option<Label>,
    /// Other places, also in other files.
    pub secondary: Vec<Label>,
    /// Further facts, such as the path of a permission.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// Environment that the finding is about.
    pub environment: Option<String>,
}

impl Check {
    /// A finding of this kind at `loc`. A prod-only error starts as a warning; see
    /// [`Diagnostic::in_tier`].
    pub fn at(&'static self, loc: Loc, message: impl Into<String>) -> Diagnostic {
        let mut found = self.nowhere(message);
        found.primary = Some(Label {
            loc,
            text: String::new(),
        });
        found
    }

    /// A finding of this kind that is about no source.
    pub fn nowhere(&'static self, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            check: self,
            severity: match self.level {
                Level::Error => Severity::Error,
                Level::ErrorInProd | Level::Warning => Severity::Warning,
                Level::Note => Severity::Note,
            },
            message: one_line(message),
            primary: None,
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
            environment: None,
        }
    }
}

/// The words of a user may have line breaks, and what hides from the eye; what is said of them has not.
fn one_line(text: impl Into<String>) -> String {
    let text = text.into();
    let shown = match visible(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(shown) => Some(shown),
    };
    shown.unwrap_or(text)
}

impl Diagnostic {
    /// Sets the words at the primary place.
    #[must_use]
    pub fn labelled(mut self, text: impl Into<String>) -> Self {
        if let Some(label) = &mut self.primary {
            label.text = one_line(text);
        }
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn and(mut self, loc: Loc, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            loc,
            text: one_line(text),
        });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(one_line(text));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(one_line(text));
        self
    }

    /// Says which environment the finding is about; a prod-only error is one if `prod`.
    #[must_use]
    pub fn in_tier(mut self, environment: &str, prod: bool) -> Self {
        self.environment = Some(environment.to_owned());
        if prod && self.check.level == Level::ErrorInProd {
            self.severity = Severity::Error;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Check, Level};
    use crate::source::{FileId, Loc, Span};

    #[test]
    fn what_is_said_has_one_line_and_hides_nothing() {
        static UNKNOWN_REFERENCE: Check = Check {
            code: "NAM003",
            name: "unknown-reference",
            summary: "nothing of this kind has this name",
            level: Level::Error,
        };
        let loc = Loc {
            file: FileId(0),
            span: Span::default(),
        };
        let found = UNKNOWN_REFERENCE
            .at(loc, "no team `a\nb`")
            .labelled("`a\rb`")
            .and(loc, "`a\u{202e}b`")
            .note("`a\u{1b}b`")
            .help("did you mean `a\nc`?");
        assert_eq!(found.message, "no team `a\\u{A}b`");
        assert_eq!(found.primary.unwrap().text, "`a\\u{D}b`");
        assert_eq!(found.secondary[0].text, "`a\\u{202E}b`");
        assert_eq!(found.notes, ["`a\\u{1B}b`"]);
        assert_eq!(found.help.as_deref(), Some("did you mean `a\\u{A}c`?"));
    }
}
