//! NET: network.

use super::error;
use crate::diagnostic::Check;

pub(crate) const PLAINTEXT_HTTP: Check = error("NET001", "plaintext-http", "a URL without TLS");
pub(crate) const METADATA_ADDRESS: Check = error(
    "NET002",
    "metadata-address",
    "the address of a cloud's metadata service",
);
pub(crate) const PRIVATE_REMOTE: Check = error(
    "NET003",
    "private-remote",
    "a remote server at an address that is not public",
);
pub(crate) const MISSING_PORT: Check =
    error("NET005", "missing-port", "a destination without a port");
