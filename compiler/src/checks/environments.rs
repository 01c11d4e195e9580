//! ENV: environments and promotion.

use super::{error, error_in_prod};
use crate::diagnostic::Check;

pub(crate) const ENVIRONMENT_CYCLE: Check = error(
    "ENV003",
    "environment-cycle",
    "environments come after each other in a circle",
);
pub(crate) const NOT_PATCHABLE: Check = error(
    "ENV006",
    "not-patchable",
    "what a thing is cannot differ between environments",
);
pub(crate) const PATCH_CONFLICT: Check = error(
    "ENV008",
    "patch-conflict",
    "two patches set the same thing, or two lines deploy one server",
);
pub(crate) const PLAINTEXT_DISPATCH: Check = error_in_prod(
    "ENV014",
    "plaintext-dispatch",
    "agents would send tokens in clear text",
);
