//! Policies about pods and what makes pods.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::cel;
use super::super::labels::WORKLOAD;
use super::{Policy, in_namespaces, rule, spec, validation};
use crate::bundle::{Admission, Cluster, REGISTRIES};
use crate::model::registry::{DEFAULT_FOLDER, DEFAULT_REGISTRY, HAS_REGISTRY};

/// The pod, its metadata and the workload that it belongs to.
fn pod_variables() -> Vec<(String, String)> {
    let part = |member: &str| {
        format!(
            "object.kind == \"Pod\" ? object.{member} :\n\
             object.kind == \"CronJob\" ? object.spec.jobTemplate.spec.template.{member} :\n\
             object.spec.template.{member}"
        )
    };
    let workload = format!("variables.metadata.?labels[?\"{WORKLOAD}\"].orValue(\"\")");
    vec![
        ("pod".to_owned(), part("spec")),
        ("metadata".to_owned(), part("metadata")),
        ("workload".to_owned(), workload),
    ]
}

/// All containers of the pod.
fn containers() -> (String, String) {
    let all = "variables.pod.containers +\n\
               variables.pod.?initContainers.orValue([]) +\n\
               variables.pod.?ephemeralContainers.orValue([])";
    ("containers".to_owned(), all.to_owned())
}

/// Pods, containers added to running ones, and everything that makes pods.
fn matched(cluster: &Cluster) -> Value {
    let written = ["CREATE", "UPDATE"];
    let rules = json!([
        rule(
            "",
            "v1",
            &written,
            &["pods", "pods/ephemeralcontainers", "replicationcontrollers"],
        ),
        rule(
            "apps",
            "v1",
            &written,
            &["daemonsets", "deployments", "replicasets", "statefulsets"],
        ),
        rule("batch", "v1", &written, &["cronjobs", "jobs"]),
    ]);
    in_namespaces(cluster, &rules)
}

/// Refuses pods of no workload of their namespace; the variables say which those are.
fn known_workload(admission: &Admission) -> (Vec<(String, String)>, Value) {
    let rows = admission.workloads.iter();
    let rows = rows.map(|(namespace, names)| (namespace.clone(), cel::list(names)));
    let table = cel::table("workloads", "Namespace", "request.namespace", "[]", rows);
    let refused = validation(
        "variables.workload in variables.workloads",
        &format!(
            "\"label {WORKLOAD} is '\" + variables.workload + \"', no workload of this namespace\""
        ),
    );
    (table.variables, refused)
}

/// Containers run the images of the catalog.
pub(super) fn images(cluster: &Cluster) -> Policy {
    let (known, unknown_workload) = known_workload(&cluster.admission);
    let mut variables = pod_variables();
    variables.push(containers());
    variables.extend(known);
    let rows = cluster.admission.images.iter();
    variables.extend(
        cel::table(
            "images",
            "Workload",
            "variables.workload",
            "{\"\": \"\"}",
            rows.map(|(workload, images)| (workload.clone(), cel::map(images))),
        )
        .variables,
    );
    let declared = "c.name in variables.images && c.image == variables.images[c.name]";
    let validations = vec![
        unknown_workload,
        validation(
            &format!("variables.containers.all(c, {declared})"),
            &format!(
                "\"not the image that the catalog locks for '\" + variables.workload + \"': \" +\n\
                 variables.containers.filter(c, !({declared})).map(c, c.name + \"=\" + c.image).join(\", \")"
            ),
        ),
    ];
    Policy {
        concern: "images",
        title: "Pods run the images that the catalog locks",
        description: "Every container of a pod is one that the catalog declares for its workload, with exactly the image reference that was locked.",
        spec: spec(&matched(cluster), &[], variables, &validations),
    }
}

/// Containers run images that the environment allows, whatever the catalog locks; none where it allows any.
pub(super) fn registries(cluster: &Cluster) -> Option<Policy> {
    let allowed = &cluster.admission.registries;
    if allowed.is_empty() {
        return None;
    }
    let mut variables = pod_variables();
    variables.push(containers());
    // As the name of an image is read: what says no registry is of the default one.
    let whole = format!(
        "variables.containers.map(c,\n\
         c.image.matches({}) ? c.image :\n\
         c.image.contains(\"/\") ? {} + c.image : {} + c.image)",
        cel::text(HAS_REGISTRY),
        cel::text(&format!("{DEFAULT_REGISTRY}/")),
        cel::text(&format!("{DEFAULT_REGISTRY}/{DEFAULT_FOLDER}/")),
    );
    variables.push(("names".to_owned(), whole));
    variables.push(("allowed".to_owned(), cel::list(allowed)));
    let is_allowed = "variables.allowed.exists(a, n.matches(a))";
    let validations = vec![validation(
        &format!("variables.names.all(n, {is_allowed})"),
        &format!(
            "\"not an image that this environment allows: \" +\n\
             variables.names.filter(n, !({is_allowed})).join(\", \")"
        ),
    )];
    Some(Policy {
        concern: REGISTRIES,
        title: "Pods run images of allowed registries",
        description: "The image of every container of a pod matches a pattern that the environment allows.",
        spec: spec(&matched(cluster), &[], variables, &validations),
    })
}

/// Pods run as the generated service account and get no token of it.
pub(super) fn service_accounts(cluster: &Cluster) -> Policy {
    let (known, unknown_workload) = known_workload(&cluster.admission);
    let mut variables = pod_variables();
    variables.extend(known);
    let rows = cluster.admission.accounts.iter();
    variables.extend(
        cel::table(
            "account",
            "Workload",
            "variables.workload",
            "\"\"",
            rows.map(|(workload, account)| (workload.clone(), cel::text(account))),
        )
        .variables,
    );
    let validations = vec![
        unknown_workload,
        validation(
            "variables.pod.?serviceAccountName.orValue(\"default\") == variables.account",
            "\"'\" + variables.workload + \"' runs as service account '\" + variables.account + \"'\"",
        ),
        validation(
            "variables.pod.?automountServiceAccountToken.orValue(true) == false",
            "\"automountServiceAccountToken must be false for '\" + variables.workload + \"'\"",
        ),
        validation(
            "variables.pod.?volumes.orValue([]).all(v, !has(v.projected) ||\n\
             v.projected.?sources.orValue([]).all(s, !has(s.serviceAccountToken)))",
            "\"'\" + variables.workload + \"' may not mount a service account token\"",
        ),
    ];
    Policy {
        concern: "service-accounts",
        title: "Pods run as the service account that was generated for them",
        description: "A pod runs as the service account of its workload. No token of it is mounted, neither by default nor in a projected volume.",
        spec: spec(&matched(cluster), &[], variables, &validations),
    }
}

/// Pods see the Secrets that the catalog declares.
pub(super) fn secrets(cluster: &Cluster) -> Policy {
    let (known, unknown_workload) = known_workload(&cluster.admission);
    let mut variables = pod_variables();
    variables.push(containers());
    variables.extend(known);
    let uses = || cluster.admission.secrets.iter();
    let keys = uses().map(|(workload, secrets)| {
        let keys: BTreeSet<String> = secrets
            .variables
            .iter()
            .map(|(secret, key)| format!("{secret}/{key}"))
            .collect();
        (workload.clone(), cel::list(&keys))
    });
    variables.extend(cel::table("keys", "Workload", "variables.workload", "[]", keys).variables);
    let mounts = uses().map(|(workload, secrets)| (workload.clone(), cel::list(&secrets.mounts)));
    variables
        .extend(cel::table("mounts", "Workload", "variables.workload", "[]", mounts).variables);
    let validations = vec![
        unknown_workload,
        validation(
            "variables.containers.all(c, c.?envFrom.orValue([]).all(f, !has(f.secretRef)))",
            "\"'\" + variables.workload + \"' may not take all keys of a Secret as variables\"",
        ),
        validation(
            "variables.containers.all(c, c.?env.orValue([]).all(e,\n\
             !has(e.valueFrom) || !has(e.valueFrom.secretKeyRef) ||\n\
             (e.valueFrom.secretKeyRef.name + \"/\" + e.valueFrom.secretKeyRef.key) in variables.keys))",
            "\"the catalog declares these Secret keys for '\" + variables.workload + \"': \" + variables.keys.join(\", \")",
        ),
        // A list of what is allowed: a kind of volume that is new tomorrow is refused.
        validation(
            "variables.pod.?volumes.orValue([]).all(v,\n\
             has(v.emptyDir) || has(v.configMap) || has(v.persistentVolumeClaim) || has(v.downwardAPI) ||\n\
             (has(v.secret) && v.secret.secretName in variables.mounts) ||\n\
             (has(v.projected) && v.projected.?sources.orValue([]).all(s, has(s.configMap) || has(s.downwardAPI) ||\n\
             has(s.serviceAccountToken) || (has(s.secret) && s.secret.name in variables.mounts))))",
            "\"'\" + variables.workload + \"' has a volume that the catalog does not declare\"",
        ),
    ];
    Policy {
        concern: "secrets",
        title: "Pods see the Secrets that the catalog declares",
        description: "Variables come from the Secret keys that the catalog declares for the workload, volumes from its declared Secrets, ConfigMaps, claims and scratch folders.",
        spec: spec(&matched(cluster), &[], variables, &validations),
    }
}
