//! K8S: Kubernetes output.

use super::error;
use crate::diagnostic::Check;

pub(crate) const NAME_TOO_LONG: Check = error(
    "K8S001",
    "name-too-long",
    "a name is longer than Kubernetes allows",
);
pub(crate) const SHARED_NAMESPACE: Check = error(
    "K8S013",
    "shared-namespace",
    "two environments use the same namespace",
);
