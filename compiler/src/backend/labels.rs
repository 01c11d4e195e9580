//! Labels and metadata of what we generate.

use serde_json::{Value, json};

use super::manifest::{Expected, Pin};
use crate::bundle::Cluster;

/// Label that says to which workload a pod belongs. Policies and network rules select by it.
pub(super) const WORKLOAD: &str = "bailiwick.dev/workload";

/// Labels of an object of the environment.
pub(super) fn common(cluster: &Cluster) -> Value {
    json!({
        "app.kubernetes.io/managed-by": "bailiwick",
        "app.kubernetes.io/part-of": "bailiwick",
        "bailiwick.dev/environment": cluster.environment,
    })
}

/// Labels of an object that `team` owns; the platform's has none.
pub(super) fn owned(cluster: &Cluster, team: Option<&str>) -> Value {
    let mut labels = common(cluster);
    if let (Some(labels), Some(team)) = (labels.as_object_mut(), team) {
        labels.insert("bailiwick.dev/team".to_owned(), json!(team));
    }
    labels
}

/// How the name of a file ends that there is for each namespace.
pub(super) fn file_ending(team: Option<&str>) -> String {
    team.map(|team| format!("-{team}")).unwrap_or_default()
}

/// Labels of an object of one workload.
pub(super) fn workload(cluster: &Cluster, name: &str, team: Option<&str>) -> Value {
    let mut labels = owned(cluster, team);
    if let Some(labels) = labels.as_object_mut() {
        labels.insert("app.kubernetes.io/name".to_owned(), json!(name));
        labels.insert(WORKLOAD.to_owned(), json!(name));
    }
    labels
}

/// Labels that select the pods of a workload.
pub(super) fn selector(name: &str) -> Value {
    json!({ WORKLOAD: name })
}

/// An object of a namespace with these labels; `pins` come on top.
pub(super) fn object(
    namespace: &str,
    (api_version, kind): (&'static str, &'static str),
    name: &str,
    labels: &Value,
    pins: impl IntoIterator<Item = Pin>,
) -> Expected {
    let namespace = Some(namespace.to_owned());
    expected((api_version, kind), name, namespace, labels, pins)
}

/// An object with these labels; `pins` come on top.
pub(super) fn expected(
    (api_version, kind): (&'static str, &'static str),
    name: &str,
    namespace: Option<String>,
    labels: &Value,
    pins: impl IntoIterator<Item = Pin>,
) -> Expected {
    let mut metadata = json!({ "name": name });
    if let (Some(namespace), Some(members)) = (&namespace, metadata.as_object_mut()) {
        members.insert("namespace".to_owned(), json!(namespace));
    }
    let mut all = vec![
        Pin::except("/metadata", metadata, &["annotations", "labels"]),
        Pin::has("/metadata/labels", labels.clone()),
    ];
    all.extend(pins);
    Expected {
        api_version,
        kind,
        name: Some(name.to_owned()),
        namespace,
        pins: all,
    }
}
