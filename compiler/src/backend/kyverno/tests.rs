//! Policies evaluated on what we generate, which they must accept, and on the same with one change,
//! which exactly one of them must refuse. The fast loop; a real Kyverno is in `tests/engines`.

mod admission;
mod pods;
mod who;

use std::path::Path;

use serde_json::{Value, json};

use admission::{Request, refusing};

use crate::source::Disk;
use crate::{Date, Templates, build, check};

/// Everything that is generated for an environment of the example.
fn objects(environment: &str) -> Vec<Value> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/environments");
    let today = Date::parse("2026-12-01").unwrap();
    let report = check(&Disk::open(&example).unwrap(), &today).unwrap();
    let built = build(&report.checked.unwrap(), environment, &Templates::shipped()).unwrap();
    built
        .tree
        .files()
        .filter(|(path, _)| !path.starts_with("runtime/") && path.contains('/'))
        .filter(|(path, _)| !path.ends_with("kustomization.yaml"))
        .flat_map(|(_, bytes)| {
            let text = std::str::from_utf8(bytes).unwrap();
            serde_saphyr::from_multiple::<Value>(text).unwrap()
        })
        .collect()
}

fn policies(objects: &[Value]) -> Vec<&Value> {
    let policies = objects
        .iter()
        .filter(|one| one["kind"] == "ValidatingPolicy");
    policies.collect()
}

fn workloads(objects: &[Value]) -> impl Iterator<Item = &Value> {
    objects
        .iter()
        .filter(|one| matches!(one["kind"].as_str(), Some("Deployment" | "StatefulSet")))
}

/// The pod that a workload's controller makes.
fn pod_of(workload: &Value) -> Value {
    let mut pod = workload["spec"]["template"].clone();
    pod["apiVersion"] = json!("v1");
    pod["kind"] = json!("Pod");
    pod["metadata"]["name"] = json!(format!(
        "{}-0",
        workload["metadata"]["name"].as_str().unwrap()
    ));
    pod["metadata"]["namespace"] = workload["metadata"]["namespace"].clone();
    pod
}

/// The cluster's own controller.
fn controller() -> Value {
    json!({
        "username": "system:serviceaccount:kube-system:replicaset-controller",
        "groups": ["system:serviceaccounts", "system:authenticated"],
    })
}

/// The deployer of an environment of the example.
fn deployer(environment: &str) -> Value {
    match environment {
        "dev" => json!({ "username": "dana", "groups": ["platform", "system:authenticated"] }),
        _ => json!({
            "username": "system:serviceaccount:argocd:argocd",
            "groups": ["system:authenticated"],
        }),
    }
}

#[test]
fn every_environment_accepts_what_is_generated_for_it() {
    for environment in ["dev", "stage", "prod"] {
        let objects = objects(environment);
        let policies = policies(&objects);
        assert_eq!(policies.len(), 5);
        for object in &objects {
            for operation in ["CREATE", "UPDATE", "DELETE"] {
                let request = Request::new(operation, object, deployer(environment));
                assert_eq!(refusing(&policies, &request), [""; 0], "{object}");
            }
        }
        for workload in workloads(&objects) {
            let pod = pod_of(workload);
            let request = Request::new("CREATE", &pod, controller());
            assert_eq!(refusing(&policies, &request), [""; 0], "{pod}");
        }
    }
}
