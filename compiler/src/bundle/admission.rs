//! What admission holds: which images, accounts and Secrets a pod may have, and who may change what
//! is generated.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{self, Deployer};

use super::names::Names;
use super::workload::{Dispatch, Program, ServerWorkload};

/// Name of the container that a workload is about.
pub(crate) const DISPATCH_CONTAINER: &str = "dispatch";
/// Name of a server's container.
pub(crate) const SERVER_CONTAINER: &str = "server";
/// Name of the init container that brings the bridge.
pub(crate) const BRIDGE_CONTAINER: &str = "bridge";

/// The concerns that have a policy. None is the end of another behind a dash, so the policies of
/// two environments never share a name.
const CONCERNS: [&str; 5] = [
    "deployers",
    "images",
    "policies",
    "secrets",
    "service-accounts",
];

/// What admission holds in one environment. Keys are names of workloads.
#[derive(Debug)]
pub(crate) struct Admission {
    /// Names of the policies, by their concern.
    pub(crate) policies: BTreeMap<&'static str, String>,
    /// Image of each container.
    pub(crate) images: BTreeMap<String, BTreeMap<String, String>>,
    /// Service account.
    pub(crate) accounts: BTreeMap<String, String>,
    /// Secrets that it may read.
    pub(crate) secrets: BTreeMap<String, SecretUse>,
    /// Users that may change what is generated.
    pub(crate) users: BTreeSet<String>,
    /// Groups that may change what is generated.
    pub(crate) groups: BTreeSet<String>,
}

/// The Secrets of one workload.
#[derive(Debug, Default)]
pub(crate) struct SecretUse {
    /// Secret and key of each variable.
    pub(crate) variables: BTreeSet<(String, String)>,
    /// Secrets that are mounted.
    pub(crate) mounts: BTreeSet<String>,
}

impl Admission {
    /// The name of the policy for a concern.
    pub(crate) fn policy_name(&self, concern: &str) -> &str {
        self.policies.get(concern).map_or("", String::as_str)
    }
}

pub(super) fn of(
    environment: &str,
    declared: &model::Dispatch,
    dispatch: &Dispatch,
    servers: &[ServerWorkload],
    names: &mut Names,
) -> Admission {
    let container = |name: &str, image: &str| (name.to_owned(), image.to_owned());
    let policies =
        CONCERNS.map(|concern| (concern, names.derive(&["bailiwick", environment, concern])));
    let mut admission = Admission {
        policies: BTreeMap::from(policies),
        images: BTreeMap::from([(
            dispatch.name.clone(),
            BTreeMap::from([container(DISPATCH_CONTAINER, &dispatch.image)]),
        )]),
        accounts: BTreeMap::from([(dispatch.name.clone(), dispatch.name.clone())]),
        secrets: BTreeMap::from([(
            dispatch.name.clone(),
            SecretUse {
                variables: BTreeSet::new(),
                mounts: mounted(dispatch),
            },
        )]),
        users: BTreeSet::new(),
        groups: BTreeSet::new(),
    };
    for server in servers {
        let mut images = BTreeMap::from([container(SERVER_CONTAINER, &server.image)]);
        if matches!(server.program, Program::Bridged(_)) {
            images.extend([container(BRIDGE_CONTAINER, &dispatch.image)]);
        }
        let variables = server
            .secrets
            .values()
            .map(|from| (from.secret.to_string(), from.key.clone()))
            .collect();
        let name = &server.name;
        admission.images.insert(name.clone(), images);
        admission.accounts.insert(name.clone(), name.clone());
        admission.secrets.insert(
            name.clone(),
            SecretUse {
                variables,
                mounts: BTreeSet::new(),
            },
        );
    }
    for deployer in &declared.deployers {
        match &deployer.value {
            Deployer::User(name) => admission.users.insert(name.clone()),
            Deployer::Group(name) => admission.groups.insert(name.clone()),
        };
    }
    admission
}

/// Secrets with the certificate and the bearer tokens.
fn mounted(dispatch: &Dispatch) -> BTreeSet<String> {
    let tls = dispatch.tls.iter().map(|tls| tls.secret.clone());
    let tokens = dispatch.tokens.values();
    tls.chain(tokens.map(|from| from.secret.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::CONCERNS;

    #[test]
    fn no_concern_ends_another() {
        for one in CONCERNS {
            for other in CONCERNS {
                assert!(!one.ends_with(&format!("-{other}")), "{one}, {other}");
            }
        }
    }
}
