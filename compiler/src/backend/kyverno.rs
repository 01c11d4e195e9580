//! What admission holds, as Kyverno `ValidatingPolicy` objects, and the namespaces they hold it in.
//!
//! One policy for each concern, so that a refusal says what was wrong. The rules name pods and
//! controllers themselves (no autogen): what is reviewed is what is enforced. A table of the catalog's
//! values is a variable of its own, so a change of a grant is one line of a diff.

use serde_json::{Value, json};

use super::labels::{common, expected, file_ending, owned};
use super::manifest::{Manifest, Pin};
use super::pod;
use crate::bundle::Cluster;

mod deployers;
mod pods;

/// The version that every policy is written in.
const API_VERSION: &str = "policies.kyverno.io/v1";

/// Oldest Kyverno without known holes in what these policies rely on.
const MINIMUM: &str = "1.19.1";

/// A policy before it is an object.
struct Policy {
    /// Its concern; the name's last part.
    concern: &'static str,
    /// One line for lists.
    title: &'static str,
    /// What it holds, in a sentence.
    description: &'static str,
    /// Its `spec`.
    spec: Value,
}

/// The namespaces of an environment.
pub(super) fn namespaces(cluster: &Cluster) -> Vec<Manifest> {
    cluster
        .namespaces()
        .map(|(name, team)| namespace(cluster, name, team))
        .collect()
}

fn namespace(cluster: &Cluster, name: &str, team: Option<&str>) -> Manifest {
    let mut labels = owned(cluster, team);
    if let Some(labels) = labels.as_object_mut() {
        for mode in ["enforce", "audit", "warn"] {
            labels.insert(
                format!("pod-security.kubernetes.io/{mode}"),
                json!("restricted"),
            );
        }
    }
    let mut values = pod::common_values(cluster, name);
    values.insert("labels".to_owned(), labels.clone());
    let pin = Pin::except("", json!({}), &["apiVersion", "kind", "metadata"]);
    Manifest {
        path: format!("cluster/namespace{}.yaml", file_ending(team)),
        template: "cluster/namespace.yaml",
        values: Value::Object(values),
        objects: vec![expected(("v1", "Namespace"), name, None, &labels, [pin])],
    }
}

/// The policies of an environment.
pub(super) fn policies(cluster: &Cluster) -> Vec<Manifest> {
    let always = [
        pods::images(cluster),
        pods::service_accounts(cluster),
        pods::secrets(cluster),
        deployers::inside(cluster),
        deployers::policies(cluster),
    ];
    let all = always.into_iter().chain(pods::registries(cluster));
    all.map(|policy| manifest(cluster, policy)).collect()
}

fn manifest(cluster: &Cluster, policy: Policy) -> Manifest {
    let name = cluster.admission.policy_name(policy.concern).to_owned();
    let labels = common(cluster);
    let annotations = json!({
        "policies.kyverno.io/category": "Bailiwick",
        "policies.kyverno.io/description": policy.description,
        "policies.kyverno.io/minversion": MINIMUM,
        "policies.kyverno.io/severity": "high",
        "policies.kyverno.io/title": policy.title,
    });
    let mut values = pod::common_values(cluster, &cluster.namespace);
    values.insert("name".to_owned(), json!(name));
    values.insert("labels".to_owned(), labels.clone());
    values.insert("annotations".to_owned(), annotations);
    values.insert("spec".to_owned(), policy.spec.clone());
    let pins = pod::whole_spec(policy.spec);
    Manifest {
        path: format!("cluster/{}.yaml", policy.concern),
        template: "cluster/policy.yaml",
        values: Value::Object(values),
        objects: vec![expected(
            (API_VERSION, "ValidatingPolicy"),
            &name,
            None,
            &labels,
            pins,
        )],
    }
}

/// The spec of a policy that refuses, and that refuses everything it matches when it cannot be
/// evaluated.
fn spec(
    matched: &Value,
    conditions: &[(&str, String)],
    variables: Vec<(String, String)>,
    validations: &[Value],
) -> Value {
    let named =
        |(name, expression): (String, String)| json!({ "name": name, "expression": expression });
    let mut spec = json!({
        // The reports controller may not list every resource, and requests have no past.
        "evaluation": { "background": { "enabled": false } },
        "failurePolicy": "Fail",
        "matchConstraints": matched,
        "validationActions": ["Deny"],
        "validations": validations,
    });
    if let Some(members) = spec.as_object_mut() {
        if !conditions.is_empty() {
            let conditions: Vec<Value> = conditions
                .iter()
                .map(|(name, expression)| named(((*name).to_owned(), expression.clone())))
                .collect();
            members.insert("matchConditions".to_owned(), json!(conditions));
        }
        if !variables.is_empty() {
            let variables: Vec<Value> = variables.into_iter().map(named).collect();
            members.insert("variables".to_owned(), json!(variables));
        }
    }
    spec
}

/// Requests about objects of the environment's namespaces.
fn in_namespaces(cluster: &Cluster, rules: &Value) -> Value {
    json!({
        "namespaceSelector": { "matchExpressions": [{
            "key": "kubernetes.io/metadata.name",
            "operator": "In",
            "values": cluster.namespaces().map(|(name, _)| name).collect::<Vec<_>>(),
        }] },
        "resourceRules": rules,
    })
}

fn rule(group: &str, version: &str, operations: &[&str], resources: &[&str]) -> Value {
    json!({
        "apiGroups": [group],
        "apiVersions": [version],
        "operations": operations,
        "resources": resources,
    })
}

/// A validation; `message` is a CEL expression of type string.
fn validation(expression: &str, message: &str) -> Value {
    json!({ "expression": expression, "messageExpression": message })
}

#[cfg(test)]
mod tests;
