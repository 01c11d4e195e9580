//! LNG: grammar of the language, and exceptions from checks.

use super::{error, note, warning};
use crate::diagnostic::Check;

pub(crate) const UNKNOWN_NODE: Check =
    error("LNG001", "unknown-node", "there is no such node here");
pub(crate) const UNKNOWN_PROPERTY: Check = error(
    "LNG002",
    "unknown-property",
    "the node has no such property",
);
pub(crate) const MISSING_PART: Check = error(
    "LNG003",
    "missing-part",
    "an argument, a property or a node that is needed is missing",
);
pub(crate) const TOO_MANY_ARGUMENTS: Check = error(
    "LNG004",
    "too-many-arguments",
    "the node takes fewer arguments",
);
pub(crate) const WRONG_TYPE: Check = error(
    "LNG005",
    "wrong-type",
    "the value is not of the type needed here",
);
pub(crate) const UNKNOWN_WORD: Check = error(
    "LNG006",
    "unknown-word",
    "the word is none of those possible here",
);
pub(crate) const BAD_UNIT: Check = error(
    "LNG007",
    "bad-unit",
    "a duration or size without a unit that is known",
);
pub(crate) const REPEATED_NODE: Check = error(
    "LNG008",
    "repeated-node",
    "the node may stand only once here",
);
pub(crate) const MISPLACED_NODE: Check =
    error("LNG009", "misplaced-node", "the node belongs elsewhere");
pub(crate) const CONFLICTING_NODES: Check = error(
    "LNG010",
    "conflicting-nodes",
    "two settings exclude each other",
);
pub(crate) const UNSUPPORTED_LANGUAGE: Check = error(
    "LNG011",
    "unsupported-language",
    "the version of the language needs a newer compiler",
);
pub(crate) const MISSING_REASON: Check = error(
    "LNG013",
    "missing-reason",
    "an exception needs a reason and an end date",
);
pub(crate) const UNUSED_SUPPRESSION: Check = warning(
    "LNG014",
    "unused-suppression",
    "an exception accepts nothing any more",
);
pub(crate) const EXPIRED_SUPPRESSION: Check =
    warning("LNG015", "expired-suppression", "an exception has ended");
pub(crate) const UNKNOWN_CODE: Check =
    error("LNG016", "unknown-code", "there is no check of this code");
pub(crate) const TYPE_ANNOTATION: Check = warning(
    "LNG017",
    "type-annotation-ignored",
    "type annotations have no meaning in the language",
);
pub(crate) const COMMENTED_OUT_GRANT: Check = note(
    "LNG018",
    "commented-out-grant",
    "a grant of production is commented out and not removed",
);
pub(crate) const CODE_NOT_SUPPRESSIBLE: Check = error(
    "LNG019",
    "code-not-suppressible",
    "errors cannot be suppressed",
);
