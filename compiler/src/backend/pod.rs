//! Parts that every pod has: security contexts, how it asks for names, its objects' pins.

use serde_json::{Map, Value, json};

use super::manifest::Pin;
use crate::bundle::Cluster;

/// Place of the pod in a workload.
pub(super) const POD: &str = "/spec/template/spec";

/// Members of a pod that a template may set: where it runs, not what it may do.
const FREE_IN_POD: &[&str] = &[
    "affinity",
    "containers",
    "imagePullSecrets",
    "initContainers",
    "nodeSelector",
    "priorityClassName",
    "runtimeClassName",
    "schedulerName",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
];

/// Members of a container that a template may set.
const FREE_IN_CONTAINER: &[&str] = &[
    "imagePullPolicy",
    "livenessProbe",
    "readinessProbe",
    "resources",
    "startupProbe",
    "terminationMessagePath",
    "terminationMessagePolicy",
];

/// Members of a Deployment's or `StatefulSet`'s spec that a template may set.
pub(super) const FREE_IN_WORKLOAD: &[&str] = &[
    "minReadySeconds",
    "podManagementPolicy",
    "progressDeadlineSeconds",
    "revisionHistoryLimit",
    "strategy",
    "template",
    "updateStrategy",
    "volumeClaimTemplates",
];

/// The same for one that must end before its successor starts.
pub(super) const FREE_IN_SINGLE_WORKLOAD: &[&str] = &[
    "minReadySeconds",
    "progressDeadlineSeconds",
    "revisionHistoryLimit",
    "template",
];

/// A pod in the making: what is fixed in it.
#[derive(Debug)]
pub(super) struct Pod {
    /// Service account, which also is the workload's name.
    pub(super) account: String,
    /// User and group of its processes.
    pub(super) user: u32,
    /// Secret that its images are pulled with, where the catalog says so; else a template may name some.
    pub(super) pull_secret: Option<String>,
    /// Volumes of the pod.
    pub(super) volumes: Vec<Value>,
    /// The fixed members of its containers.
    pub(super) containers: Vec<Value>,
    /// The fixed members of its init containers.
    pub(super) init_containers: Vec<Value>,
}

impl Pod {
    /// Values for a template, by the names that all pod templates use.
    pub(super) fn values(&self) -> Map<String, Value> {
        let mut values = Map::new();
        values.insert("pod_security".to_owned(), pod_security(self.user));
        values.insert("pull_secrets".to_owned(), json!(self.pull_secrets()));
        values.insert("dns_config".to_owned(), dns_config());
        values.insert("volumes".to_owned(), json!(self.volumes));
        values.insert("containers".to_owned(), json!(self.containers));
        values.insert("init_containers".to_owned(), json!(self.init_containers));
        values
    }

    /// What a template may not change in the pod and its labels.
    pub(super) fn pins(&self, labels: &Value) -> Vec<Pin> {
        let mut fixed = json!({
            "automountServiceAccountToken": false,
            "dnsConfig": dns_config(),
            "enableServiceLinks": false,
            "securityContext": pod_security(self.user),
            "serviceAccountName": self.account,
        });
        if let (Some(fixed), false) = (fixed.as_object_mut(), self.volumes.is_empty()) {
            fixed.insert("volumes".to_owned(), json!(self.volumes));
        }
        let mut pins = vec![
            Pin::has("/spec/template/metadata/labels", labels.clone()),
            Pin::except(
                "/spec/template/metadata",
                json!({}),
                &["annotations", "labels"],
            ),
            Pin::except(POD, fixed, FREE_IN_POD),
        ];
        if self.pull_secret.is_some() {
            let at = format!("{POD}/imagePullSecrets");
            pins.push(Pin::exactly(&at, json!(self.pull_secrets())));
        }
        for (member, containers) in [
            ("containers", &self.containers),
            ("initContainers", &self.init_containers),
        ] {
            pins.push(Pin::counts(&format!("{POD}/{member}"), containers.len()));
            pins.extend(containers.iter().enumerate().map(|(number, container)| {
                let at = format!("{POD}/{member}/{number}");
                Pin::except(&at, container.clone(), FREE_IN_CONTAINER)
            }));
        }
        pins
    }

    fn pull_secrets(&self) -> Vec<Value> {
        let secrets = self.pull_secret.iter();
        secrets.map(|secret| json!({ "name": secret })).collect()
    }
}

/// Security context of a pod.
fn pod_security(user: u32) -> Value {
    json!({
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "runAsGroup": user,
        "runAsNonRoot": true,
        "runAsUser": user,
        "seccompProfile": { "type": "RuntimeDefault" },
    })
}

/// Security context of every container.
pub(super) fn container_security() -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "capabilities": { "drop": ["ALL"] },
        "privileged": false,
        "readOnlyRootFilesystem": true,
    })
}

/// A name with a dot is asked for as it is first: the names that a pod may ask for are a list, and
/// guesses made from the search list would be refused.
fn dns_config() -> Value {
    json!({ "options": [{ "name": "ndots", "value": "1" }] })
}

/// `ServiceAccount` of a workload, as a template's values and pins.
pub(super) fn account_pins() -> Vec<Pin> {
    vec![Pin::except(
        "",
        json!({ "automountServiceAccountToken": false }),
        &["apiVersion", "imagePullSecrets", "kind", "metadata"],
    )]
}

/// Pins of an object whose spec is decided as a whole.
pub(super) fn whole_spec(spec: Value) -> Vec<Pin> {
    vec![
        Pin::exactly("/spec", spec),
        Pin::except("", json!({}), &["apiVersion", "kind", "metadata", "spec"]),
    ]
}

/// Values that every template of an object of `namespace` gets.
pub(super) fn common_values(cluster: &Cluster, namespace: &str) -> Map<String, Value> {
    let mut values = Map::new();
    values.insert("environment".to_owned(), json!(cluster.environment));
    values.insert("namespace".to_owned(), json!(namespace));
    values
}
