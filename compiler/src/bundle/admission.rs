//! What admission holds: which images, accounts and Secrets a pod may have, and who may change what
//! is generated.

use std::collections::{BTreeMap, BTreeSet};

use crate::environment::Environment;
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
const CONCERNS: [&str; 6] = [
    "deployers",
    "images",
    "policies",
    REGISTRIES,
    "secrets",
    "service-accounts",
];

/// The concern that has a policy only where the catalog says which images may run.
pub(crate) const REGISTRIES: &str = "registries";

/// What admission holds in one environment. Keys are names of workloads.
#[derive(Debug)]
pub(crate) struct Admission {
    /// Names of the policies, by their concern.
    pub(crate) policies: BTreeMap<&'static str, String>,
    /// Workloads, by their namespace.
    pub(crate) workloads: BTreeMap<String, BTreeSet<String>>,
    /// Regular expressions of the images that may run; none: any.
    pub(crate) registries: BTreeSet<String>,
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
    environment: &Environment,
    declared: &model::Dispatch,
    dispatch: &Dispatch,
    servers: &[ServerWorkload],
    names: &mut Names,
) -> Admission {
    let container = |name: &str, image: &str| (name.to_owned(), image.to_owned());
    let registries = environment.target.registries.iter();
    let registries: BTreeSet<String> = registries
        .map(|pattern| pattern.value.expression())
        .collect();
    let policies = CONCERNS
        .into_iter()
        .filter(|concern| *concern != REGISTRIES || !registries.is_empty())
        .map(|concern| {
            let name = names.derive(&["bailiwick", environment.name(), concern]);
            (concern, name)
        });
    let mut admission = Admission {
        policies: policies.collect(),
        workloads: BTreeMap::from([(
            environment.target.namespace.value.to_string(),
            BTreeSet::from([dispatch.name.clone()]),
        )]),
        registries,
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
        let of_namespace = admission.workloads.entry(server.namespace.clone());
        of_namespace.or_default().insert(name.clone());
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
