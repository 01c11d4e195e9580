//! The kustomizations that tie the files together.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::labels::common;
use super::manifest::{Expected, Manifest, Pin};

use crate::bundle::Cluster;

/// `cluster/`, which needs other rights than the rest.
pub(super) fn cluster(manifests: &[Manifest]) -> Manifest {
    file("cluster", json!({ "resources": resources(manifests, &[]) }))
}

/// `namespace/`, with the `ConfigMap`s of `runtime/`.
pub(super) fn namespace(manifests: &[Manifest]) -> Manifest {
    file(
        "namespace",
        json!({ "resources": resources(manifests, &["../runtime"]) }),
    )
}

/// `runtime/`: a `ConfigMap` for each file. The names are fixed, since the dispatch server notices
/// a changed file and loads it.
pub(super) fn runtime(cluster: &Cluster, files: &[String]) -> Manifest {
    let by_file: BTreeMap<&str, &str> = cluster
        .dispatch
        .configs
        .iter()
        .map(|(name, file)| (file.as_str(), name.as_str()))
        .collect();
    let generators: Vec<Value> = files
        .iter()
        .filter_map(|file| Some((file, by_file.get(file.as_str())?)))
        .map(
            |(file, name)| json!({ "files": [file], "name": name, "namespace": cluster.namespace }),
        )
        .collect();
    file(
        "runtime",
        json!({
            "configMapGenerator": generators,
            "generatorOptions": { "disableNameSuffixHash": true, "labels": common(cluster) },
        }),
    )
}

/// The files of `manifests` as their kustomization names them, and `more`.
fn resources(manifests: &[Manifest], more: &[&str]) -> Vec<String> {
    let own = manifests
        .iter()
        .filter_map(|manifest| Some(manifest.path.split_once('/')?.1.to_owned()));
    let mut all: Vec<String> = own
        .chain(more.iter().map(|&more| more.to_owned()))
        .collect();
    all.sort();
    all
}

fn file(folder: &str, content: Value) -> Manifest {
    const FREE: &[&str] = &["apiVersion", "commonAnnotations", "kind", "sortOptions"];
    let mut values = Map::new();
    for (value, member) in [
        ("resources", "resources"),
        ("generators", "configMapGenerator"),
        ("generator_options", "generatorOptions"),
    ] {
        let own = content.get(member).cloned().unwrap_or_default();
        values.insert(value.to_owned(), own);
    }
    Manifest {
        path: format!("{folder}/kustomization.yaml"),
        template: "kustomization.yaml",
        values: Value::Object(values),
        objects: vec![Expected {
            api_version: "kustomize.config.k8s.io/v1beta1",
            kind: "Kustomization",
            name: None,
            namespace: None,
            pins: vec![Pin::except("", content, FREE)],
        }],
    }
}
