//! What shall exist in an environment, in no output's language: the form between the resolved
//! permissions and the backends.

mod access;
mod admission;
mod names;
mod runtime;
mod workload;

use std::collections::BTreeMap;

use crate::environment::Environment;
use crate::model::{Group, Name, Namespaces};

pub(crate) use access::{Access, MCP_PORT, Peer, Way};
pub(crate) use admission::{
    Admission, BRIDGE_CONTAINER, DISPATCH_CONTAINER, REGISTRIES, SERVER_CONTAINER,
};
pub(crate) use names::{Names, ObjectName};
pub(crate) use runtime::{AUTHORITIES, Serving, TLS_FOLDER, TOKENS_FOLDER, authorities_folder};
pub use runtime::{Laptop, LaptopServer};
pub(crate) use workload::{Dispatch, Program, ServerWorkload, USER, claims};

/// Everything of one environment.
#[derive(Debug)]
pub(crate) struct Bundle<'e> {
    /// The resolved permissions.
    pub(crate) environment: &'e Environment,
    /// What runs in the cluster; none for a laptop.
    pub(crate) cluster: Option<Cluster>,
}

/// What runs in the cluster of an environment, and what the cluster holds.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// Name of the environment.
    pub(crate) environment: String,
    /// Namespace of the dispatch server.
    pub(crate) namespace: String,
    /// Further namespaces of servers, each with the team that it is for.
    pub(crate) team_namespaces: BTreeMap<String, String>,
    /// The dispatch server.
    pub(crate) dispatch: Dispatch,
    /// Servers with a workload, sorted by name.
    pub(crate) servers: Vec<ServerWorkload>,
    /// Who may connect where, one entry for each workload.
    pub(crate) access: Vec<Access>,
    /// What admission holds.
    pub(crate) admission: Admission,
    /// What the dispatch server gets to know.
    pub(crate) serving: Serving,
    /// Derived names that were too long, and what they became.
    pub(crate) shortened: Vec<ObjectName>,
}

impl Cluster {
    /// Every namespace with the team that it is for, that of the dispatch server first: it is for none.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let teams = self.team_namespaces.iter();
        let teams = teams.map(|(namespace, team)| (namespace.as_str(), Some(team.as_str())));
        std::iter::once((self.namespace.as_str(), None)).chain(teams)
    }
}

/// The namespaces of teams that run something apart from the dispatch server.
fn team_namespaces(
    environment: &Environment,
    servers: &[ServerWorkload],
) -> BTreeMap<String, String> {
    match environment.target.namespaces {
        Namespaces::Environment => BTreeMap::new(),
        Namespaces::Team(_) => servers
            .iter()
            .map(|server| (server.namespace.clone(), server.team.clone()))
            .collect(),
    }
}

/// What the dispatch server of a cluster target gets to know beside the permissions, by itself; none for a laptop.
pub(crate) fn serving(
    groups: &BTreeMap<Name, Group>,
    environment: &Environment,
) -> Option<Serving> {
    let declared = environment.target.dispatch.as_ref()?;
    let mut names = Names::default();
    Some(Serving::in_cluster(
        groups,
        environment,
        declared,
        &mut names,
    ))
}

/// Says what shall exist in `environment`.
pub(crate) fn build<'e>(
    groups: &BTreeMap<Name, Group>,
    environment: &'e Environment,
) -> Bundle<'e> {
    let cluster = environment.target.dispatch.as_ref().map(|declared| {
        let mut names = Names::default();
        let dispatch = workload::dispatch(environment, declared, &mut names);
        let servers = workload::servers(environment, &mut names);
        let serving = Serving::in_cluster(groups, environment, declared, &mut names);
        Cluster {
            environment: environment.target.name.value.to_string(),
            namespace: environment.target.namespace.value.to_string(),
            team_namespaces: team_namespaces(environment, &servers),
            access: access::of(environment, &dispatch, &servers, &mut names),
            admission: admission::of(environment, declared, &dispatch, &servers, &mut names),
            dispatch,
            servers,
            serving,
            shortened: names.shortened(),
        }
    });
    Bundle {
        environment,
        cluster,
    }
}
