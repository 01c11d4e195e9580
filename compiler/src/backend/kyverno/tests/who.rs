//! The same objects, sent by others.

use super::*;

/// People and programs that are no deployer, some of which look like one.
fn strangers() -> Vec<Value> {
    let user = |name: &str, groups: &[&str]| json!({ "username": name, "groups": groups });
    vec![
        user("mallory", &["developers"]),
        user("mallory", &[]),
        user("mallory", &["system:serviceaccounts:kube-system"]),
        user("system:serviceaccount:kube-system-tools:x", &[]),
        user("system:serviceaccount:mcp-prod:bailiwick-dispatch", &[]),
        user("system:serviceaccount:argocd:argocd2", &[]),
        user("platform", &[]),
    ]
}

#[test]
fn strangers_change_nothing_that_is_generated() {
    for environment in ["dev", "prod"] {
        let objects = objects(environment);
        let policies = policies(&objects);
        for object in &objects {
            let concern = match object["metadata"].get("namespace") {
                Some(_) => "deployers",
                None => "policies",
            };
            for stranger in strangers() {
                for operation in ["CREATE", "UPDATE", "DELETE"] {
                    // Storage drivers annotate claims.
                    if operation == "UPDATE" && object["kind"] == "PersistentVolumeClaim" {
                        continue;
                    }
                    let request = Request::new(operation, object, stranger.clone());
                    assert_eq!(
                        refusing(&policies, &request),
                        [concern],
                        "{stranger} {object}"
                    );
                }
            }
        }
    }
}

#[test]
fn strangers_scale_nothing() {
    let objects = objects("prod");
    for workload in workloads(&objects) {
        let stranger = strangers().remove(0);
        let mut scale = workload.clone();
        scale["spec"] = json!({ "replicas": 0 });
        let request = Request::new("UPDATE", &scale, stranger).of("scale");
        assert_eq!(refusing(&policies(&objects), &request), ["deployers"]);
    }
}

#[test]
fn strangers_add_neither_config_nor_rules_nor_pods() {
    let objects = objects("prod");
    let kinds = [
        ("v1", "ConfigMap"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ];
    for (version, kind) in kinds {
        let object = json!({
            "apiVersion": version,
            "kind": kind,
            "metadata": { "name": "more", "namespace": "mcp-prod" },
        });
        let request = Request::new("CREATE", &object, strangers().remove(0));
        assert_eq!(
            refusing(&policies(&objects), &request),
            ["deployers"],
            "{kind}"
        );
    }
    let pod = pod_of(workloads(&objects).next().unwrap());
    let request = Request::new("CREATE", &pod, strangers().remove(0));
    assert_eq!(refusing(&policies(&objects), &request), ["deployers"]);
}

/// An exception would switch a policy off.
#[test]
fn strangers_except_nothing_from_the_policies() {
    let objects = objects("prod");
    let exception = |policy: &str| {
        json!({
            "apiVersion": "policies.kyverno.io/v1",
            "kind": "PolicyException",
            "metadata": { "name": "mine", "namespace": "exceptions" },
            "spec": { "policyRefs": [{ "kind": "ValidatingPolicy", "name": policy }] },
        })
    };
    let stranger = || strangers().remove(0);
    let ours = Request::new("CREATE", &exception("bailiwick-prod-images"), stranger());
    assert_eq!(refusing(&policies(&objects), &ours), ["policies"]);
    let other = Request::new("CREATE", &exception("bailiwick-dev-images"), stranger());
    assert_eq!(refusing(&policies(&objects), &other), [""; 0]);
    let deployer = Request::new(
        "CREATE",
        &exception("bailiwick-prod-images"),
        deployer("prod"),
    );
    assert_eq!(refusing(&policies(&objects), &deployer), [""; 0]);
}

#[test]
fn one_environment_leaves_the_policies_of_another_alone() {
    let prod = objects("prod");
    let dev = objects("dev");
    for object in &dev {
        let request = Request::new("DELETE", object, strangers().remove(0));
        assert_eq!(refusing(&policies(&prod), &request), [""; 0], "{object}");
    }
}
