//! SEC: secrets in sources.

use super::error;
use crate::diagnostic::Check;

pub(crate) const INLINE_SECRET: Check =
    error("SEC001", "inline-secret", "a value looks like a secret");
pub(crate) const SECRET_AS_ENV: Check = error(
    "SEC002",
    "secret-as-env",
    "a variable with the name of a secret has a plain value",
);
pub(crate) const CREDENTIALS_IN_URL: Check = error(
    "SEC003",
    "credentials-in-url",
    "a URL with a user or a password in it",
);
