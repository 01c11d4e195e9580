//! Policies about who may change what is generated.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::cel;
use super::{API_VERSION, Policy, in_namespaces, rule, spec, validation};
use crate::bundle::{Admission, Cluster};

/// Deployers, and the controllers of the cluster itself: they make pods of Deployments, and remove
/// what belongs to something removed.
fn who(admission: &Admission) -> Vec<(String, String)> {
    let variable = |name: &str, names: &BTreeSet<String>| (name.to_owned(), cel::list(names));
    vec![
        variable("users", &admission.users),
        variable("groups", &admission.groups),
    ]
}

/// Whether the request comes from one of them.
const MAY_CHANGE: &str = "request.userInfo.username in variables.users ||\n\
     request.userInfo.groups.exists(g, g in variables.groups) ||\n\
     request.userInfo.username.startsWith(\"system:serviceaccount:kube-system:\") ||\n\
     request.userInfo.username == \"system:kube-controller-manager\"";

/// Only deployers change what is inside the namespaces.
pub(super) fn inside(cluster: &Cluster) -> Policy {
    let all = ["CREATE", "UPDATE", "DELETE"];
    let rules = json!([
        rule(
            "",
            "v1",
            &all,
            &[
                "configmaps",
                // With `endpointslices`: where the traffic of a Service goes.
                "endpoints",
                "replicationcontrollers",
                "replicationcontrollers/scale",
                "serviceaccounts",
                "services",
            ],
        ),
        // A pod may be deleted by whoever may evict it: its controller makes it anew, as generated.
        rule("", "v1", &["CREATE", "UPDATE"], &["pods"]),
        // Storage drivers annotate claims, from namespaces of their own.
        rule("", "v1", &["CREATE", "DELETE"], &["persistentvolumeclaims"]),
        rule(
            "apps",
            "v1",
            &all,
            &[
                "daemonsets",
                "deployments",
                "deployments/scale",
                "replicasets",
                "replicasets/scale",
                "statefulsets",
                "statefulsets/scale",
            ],
        ),
        rule("batch", "v1", &all, &["cronjobs", "jobs"]),
        rule("cert-manager.io", "v1", &all, &["certificates"]),
        rule("cilium.io", "v2", &all, &["ciliumnetworkpolicies"]),
        rule("discovery.k8s.io", "v1", &all, &["endpointslices"]),
        rule("networking.k8s.io", "v1", &all, &["networkpolicies"]),
        rule("policy", "v1", &all, &["poddisruptionbudgets"]),
        rule(
            "rbac.authorization.k8s.io",
            "v1",
            &all,
            &["rolebindings", "roles"]
        ),
    ]);
    let validations = vec![validation(
        MAY_CHANGE,
        "\"'\" + request.userInfo.username + \"' is no deployer of this environment: change the catalog instead\"",
    )];
    Policy {
        concern: "deployers",
        title: "Only deployers change what is generated",
        description: "Objects of the environment's namespaces are created, changed, scaled and deleted by the deployers that the catalog names and by the cluster's own controllers.",
        spec: spec(
            &in_namespaces(cluster, &rules),
            &[],
            who(&cluster.admission),
            &validations,
        ),
    }
}

/// Only deployers change the policies, their exceptions and the namespaces themselves.
pub(super) fn policies(cluster: &Cluster) -> Policy {
    let all = ["CREATE", "UPDATE", "DELETE"];
    let (group, _) = API_VERSION.split_once('/').unwrap_or((API_VERSION, ""));
    let rules = json!([
        rule("", "v1", &all, &["namespaces"]),
        rule(
            group,
            "*",
            &all,
            &["policyexceptions", "validatingpolicies"]
        ),
    ]);
    let names: BTreeSet<String> = cluster.admission.policies.values().cloned().collect();
    let mut guarded = names.clone();
    guarded.extend(cluster.namespaces().map(|(name, _)| name.to_owned()));
    let excepted = format!(
        "request.operation != \"DELETE\" && object.kind == \"PolicyException\" &&\n\
         object.spec.policyRefs.exists(r, r.name in {})",
        cel::list(&names)
    );
    let ours = format!("request.name in {} ||\n({excepted})", cel::list(&guarded));
    let validations = vec![validation(
        MAY_CHANGE,
        "\"'\" + request.userInfo.username + \"' is no deployer: '\" + request.name + \"' is generated, change the catalog instead\"",
    )];
    let matched = json!({ "resourceRules": rules });
    Policy {
        concern: "policies",
        title: "Only deployers change the policies",
        description: "The environment's policies, exceptions from them and its namespaces are created, changed and deleted by the deployers that the catalog names.",
        spec: spec(
            &matched,
            &[("generated", ours)],
            who(&cluster.admission),
            &validations,
        ),
    }
}
