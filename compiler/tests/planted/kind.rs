//! What a planted mistake looks like.

/// A kind of mistake: where it can be planted, what is written there, and what has to be found.
#[derive(Debug)]
pub(crate) struct Kind {
    /// What is wrong, in words.
    pub(crate) what: &'static str,
    /// The code that has to be found; none for a change that does no harm.
    pub(crate) code: Option<&'static str>,
    /// How the path of the file ends.
    pub(crate) file: &'static str,
    /// A regular expression for what is replaced.
    pub(crate) find: &'static str,
    /// What is written instead: `$1` is what the first group matched, `~1` the same with a slip of the pen.
    /// What has to be found stands between `«` and `»`.
    pub(crate) put: &'static str,
    /// Where it has to be found.
    pub(crate) place: Place,
    /// What follows from it, and is rightly found too: the code, and why.
    pub(crate) implied: &'static [(&'static str, &'static str)],
}

/// Where a mistake has to be found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// Where it was planted.
    Here,
    /// At the line of the tool in whose definition it was planted.
    Tool,
    /// Elsewhere: how the path of the file ends, and a regular expression whose group `at` is the place;
    /// `$1` is what the first group matched where the mistake was planted.
    At(&'static str, &'static str),
}

impl Kind {
    /// A mistake of this code.
    pub(crate) const fn new(
        code: &'static str,
        what: &'static str,
        file: &'static str,
        find: &'static str,
        put: &'static str,
    ) -> Self {
        Self {
            what,
            code: Some(code),
            file,
            find,
            put,
            place: Place::Here,
            implied: &[],
        }
    }

    /// A change that does no harm.
    pub(crate) const fn harmless(
        what: &'static str,
        file: &'static str,
        find: &'static str,
        put: &'static str,
    ) -> Self {
        Self {
            code: None,
            ..Self::new("", what, file, find, put)
        }
    }

    /// It has to be found elsewhere.
    pub(crate) const fn at(self, file: &'static str, find: &'static str) -> Self {
        Self {
            place: Place::At(file, find),
            ..self
        }
    }

    /// It has to be found at the line of the tool in whose definition it was planted.
    pub(crate) const fn at_tool(self) -> Self {
        Self {
            place: Place::Tool,
            ..self
        }
    }

    /// Something else follows from it.
    pub(crate) const fn implies(self, implied: &'static [(&'static str, &'static str)]) -> Self {
        Self { implied, ..self }
    }
}
