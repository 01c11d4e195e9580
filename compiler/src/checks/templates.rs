//! TPL: templates. The functions are in [`crate::template`], for `build` alone.

use super::error;
use crate::diagnostic::Check;

pub(crate) const BROKEN_TEMPLATE: Check = error(
    "TPL001",
    "broken-template",
    "a template replaces no shipped one, cannot be rendered, or what it renders is not YAML",
);

pub(crate) const TEMPLATE_OVERREACH: Check = error(
    "TPL002",
    "template-overreach",
    "what a template makes is not what the catalog says shall exist",
);
