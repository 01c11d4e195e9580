//! The bundle in the languages that read it: Kubernetes, Kyverno, the dispatch server, people.

mod cel;
mod cilium;
mod dispatch;
mod kustomization;
mod kyverno;
mod labels;
mod manifest;
mod network;
pub(crate) mod permissions;
mod pod;
pub(crate) mod runtime_config;
mod server;

use crate::bundle::{Bundle, Cluster};
use crate::model::Network;

pub(crate) use manifest::{Expected, Manifest, Pin};
pub(crate) use permissions::permissions;
use runtime_config::RuntimeFiles;
pub(crate) use runtime_config::{DefinitionFiles, longest};

/// The files that the dispatch server reads, by name. On a laptop, `bailiwick dev` adds the
/// configuration. `definitions` are those of the bundle's environment and of any others.
pub(crate) fn runtime(
    bundle: &Bundle<'_>,
    definitions: &DefinitionFiles<'_>,
) -> Result<RuntimeFiles, serde_json::Error> {
    match &bundle.cluster {
        Some(cluster) => runtime_config::files(bundle.environment, &cluster.serving, definitions),
        None => Ok(runtime_config::definitions(
            bundle.environment,
            definitions,
            |_| true,
        )),
    }
}

/// Every file of `bundle` that a template shapes. `runtime` are the names of the files that the
/// dispatch server reads.
pub(crate) fn manifests(bundle: &Bundle<'_>, runtime: &[String]) -> Vec<Manifest> {
    let Some(cluster) = &bundle.cluster else {
        return Vec::new();
    };
    let mut inside = vec![dispatch::manifest(cluster)];
    inside.extend(
        cluster
            .servers
            .iter()
            .map(|workload| server::manifest(cluster, workload)),
    );
    inside.extend(network::default_deny(cluster));
    inside.extend(
        cluster
            .access
            .iter()
            .map(|access| match bundle.environment.target.network {
                Network::Kubernetes => network::manifest(cluster, access),
                Network::Cilium => cilium::manifest(cluster, access),
            }),
    );
    let around = outside(cluster);
    let mut all = vec![
        kustomization::cluster(&around),
        kustomization::namespace(&inside),
        kustomization::runtime(cluster, runtime),
    ];
    all.extend(around);
    all.extend(inside);
    all
}

/// What is not inside a namespace.
fn outside(cluster: &Cluster) -> Vec<Manifest> {
    let mut all = kyverno::namespaces(cluster);
    all.extend(kyverno::policies(cluster));
    all
}
