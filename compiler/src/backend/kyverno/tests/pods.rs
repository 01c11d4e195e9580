//! Pods with one change.

use super::*;

/// A change of a pod's spec.
type Change = fn(&mut Value);

/// What must refuse each change of the context7 pod, which takes a Secret.
const CHANGES: &[(&str, Change)] = &[
    ("images", |pod| {
        pod["containers"][0]["image"] = json!("registry.example/other:1");
    }),
    ("images", |pod| {
        let image = pod["containers"][0]["image"].as_str().unwrap();
        pod["containers"][0]["image"] = json!(image.split('@').next().unwrap());
    }),
    ("images", |pod| {
        add(
            &mut pod["containers"],
            json!({ "name": "more", "image": "x" }),
        );
    }),
    ("images", |pod| {
        add(
            &mut pod["initContainers"],
            json!({ "name": "more", "image": "x" }),
        );
    }),
    ("images", |pod| {
        add(
            &mut pod["ephemeralContainers"],
            json!({ "name": "more", "image": "x" }),
        );
    }),
    ("service-accounts", |pod| {
        pod["serviceAccountName"] = json!("default");
    }),
    ("service-accounts", |pod| {
        pod["serviceAccountName"] = json!("bailiwick-dispatch");
    }),
    ("service-accounts", |pod| remove(pod, "serviceAccountName")),
    ("service-accounts", |pod| {
        pod["automountServiceAccountToken"] = json!(true);
    }),
    ("service-accounts", |pod| {
        remove(pod, "automountServiceAccountToken");
    }),
    ("service-accounts", |pod| {
        let source = json!({ "serviceAccountToken": { "path": "token" } });
        let volume = json!({ "name": "token", "projected": { "sources": [source] } });
        add(&mut pod["volumes"], volume);
    }),
    ("secrets", |pod| {
        let key = json!({ "name": "context7", "key": "other" });
        let variable = json!({ "name": "A", "valueFrom": { "secretKeyRef": key } });
        add(&mut pod["containers"][0]["env"], variable);
    }),
    ("secrets", |pod| {
        pod["containers"][0]["envFrom"] = json!([{ "secretRef": { "name": "context7" } }]);
    }),
    ("secrets", |pod| {
        let volume = json!({ "name": "all", "secret": { "secretName": "context7" } });
        add(&mut pod["volumes"], volume);
    }),
    ("secrets", |pod| {
        let source = json!({ "secret": { "name": "context7" } });
        let volume = json!({ "name": "all", "projected": { "sources": [source] } });
        add(&mut pod["volumes"], volume);
    }),
    ("secrets", |pod| {
        let volume = json!({ "name": "store", "csi": { "driver": "secrets-store.csi.k8s.io" } });
        add(&mut pod["volumes"], volume);
    }),
];

fn add(list: &mut Value, item: Value) {
    match list.as_array_mut() {
        Some(items) => items.push(item),
        None => *list = json!([item]),
    }
}

fn remove(object: &mut Value, member: &str) {
    object.as_object_mut().unwrap().remove(member);
}

fn context7(objects: &[Value]) -> &Value {
    workloads(objects)
        .find(|one| one["metadata"]["name"] == "mcp-context7")
        .unwrap()
}

#[test]
fn each_change_of_a_pod_is_refused_by_the_policy_for_it() {
    let objects = objects("prod");
    let policies = policies(&objects);
    for (number, (concern, change)) in CHANGES.iter().enumerate() {
        let mut pod = pod_of(context7(&objects));
        change(&mut pod["spec"]);
        let request = Request::new("CREATE", &pod, controller());
        assert_eq!(refusing(&policies, &request), [*concern], "change {number}");
    }
}

/// The same changes where pods come from.
#[test]
fn each_change_of_a_workload_is_refused_by_the_policy_for_it() {
    let objects = objects("prod");
    let policies = policies(&objects);
    for (number, (concern, change)) in CHANGES.iter().enumerate() {
        let mut deployment = context7(&objects).clone();
        change(&mut deployment["spec"]["template"]["spec"]);
        let request = Request::new("UPDATE", &deployment, deployer("prod"));
        assert_eq!(refusing(&policies, &request), [*concern], "change {number}");
        let job = json!({
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": deployment["metadata"],
            "spec": { "jobTemplate": { "spec": { "template": deployment["spec"]["template"] } } },
        });
        let request = Request::new("CREATE", &job, deployer("prod"));
        assert_eq!(
            refusing(&policies, &request),
            [*concern],
            "change {number} of a job"
        );
    }
}

#[test]
fn a_container_added_to_a_running_pod_is_refused() {
    let objects = objects("prod");
    let mut pod = pod_of(context7(&objects));
    add(
        &mut pod["spec"]["ephemeralContainers"],
        json!({ "name": "debugger", "image": "x" }),
    );
    let request = Request::new("UPDATE", &pod, deployer("prod")).of("ephemeralcontainers");
    assert_eq!(refusing(&policies(&objects), &request), ["images"]);
}

#[test]
fn a_pod_of_no_workload_is_refused_by_all() {
    let objects = objects("prod");
    for labels in [json!({}), json!({ "bailiwick.dev/workload": "mcp-other" })] {
        let mut pod = pod_of(context7(&objects));
        pod["metadata"]["labels"] = labels;
        let request = Request::new("CREATE", &pod, controller());
        let refusing = refusing(&policies(&objects), &request);
        assert_eq!(refusing, ["images", "secrets", "service-accounts"]);
    }
}

/// A pod with the label of another workload has none of its own things.
#[test]
fn a_pod_under_another_label_is_refused() {
    let objects = objects("prod");
    let mut pod = pod_of(context7(&objects));
    pod["metadata"]["labels"]["bailiwick.dev/workload"] = json!("mcp-time");
    let request = Request::new("CREATE", &pod, controller());
    let refusing = refusing(&policies(&objects), &request);
    assert_eq!(refusing, ["images", "secrets", "service-accounts"]);
}

#[test]
fn a_refusal_says_what_was_wrong() {
    let objects = objects("prod");
    let mut pod = pod_of(context7(&objects));
    pod["spec"]["containers"][0]["image"] = json!("registry.example/other:1");
    let policies = policies(&objects);
    let images = policies
        .iter()
        .find(|one| one["metadata"]["name"] == "bailiwick-prod-images");
    let request = Request::new("CREATE", &pod, controller());
    assert_eq!(
        admission::refusal(images.unwrap(), &request).unwrap(),
        "not the image that the catalog locks for 'mcp-context7': server=registry.example/other:1"
    );
}

#[test]
fn other_namespaces_are_left_alone() {
    let objects = objects("prod");
    let mut pod = pod_of(context7(&objects));
    pod["metadata"]["namespace"] = json!("elsewhere");
    pod["spec"]["containers"][0]["image"] = json!("registry.example/other:1");
    let request = Request::new(
        "CREATE",
        &pod,
        json!({ "username": "mallory", "groups": [] }),
    );
    assert_eq!(refusing(&policies(&objects), &request), [""; 0]);
}
