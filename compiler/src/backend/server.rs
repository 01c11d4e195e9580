//! A server's objects: service account, volume claims, Deployment, Service.

mod container;

use serde_json::{Value, json};

use container::PORT_NAME;

use super::labels::{object, selector, workload};
use super::manifest::{Expected, Manifest, Pin};
use super::pod::{self, Pod};
use crate::bundle::{BRIDGE_CONTAINER, Cluster, Program, ServerWorkload};
use crate::model::origin::BRIDGE_FOLDER;

/// The bridge's volume.
const BRIDGE_VOLUME: &str = "bridge";

/// What the bridge takes of a node's memory at most.
const BRIDGE_SIZE: &str = "64Mi";

/// The file of one server.
pub(super) fn manifest(cluster: &Cluster, server: &ServerWorkload) -> Manifest {
    let labels = workload(cluster, &server.name, Some(&server.team));
    let pod = pod(cluster, server);
    let single = matches!(server.program, Program::Bridged(_)) || !server.volumes.is_empty();
    let service = json!({
        "ports": [{ "name": PORT_NAME, "port": server.port, "protocol": "TCP", "targetPort": PORT_NAME }],
        "selector": selector(&server.name),
        "type": "ClusterIP",
    });

    let namespace = &server.namespace;
    let mut values = pod::common_values(cluster, namespace);
    values.extend(pod.values());
    values.insert("name".to_owned(), json!(server.name));
    values.insert("server".to_owned(), json!(server.server));
    values.insert("labels".to_owned(), labels.clone());
    values.insert("selector".to_owned(), selector(&server.name));
    values.insert("replicas".to_owned(), json!(server.replicas));
    values.insert("single".to_owned(), json!(single));
    values.extend(container::values(server));
    values.insert("service".to_owned(), service.clone());
    let claims: Vec<Value> = server
        .volumes
        .iter()
        .map(|claim| json!({ "name": claim.name, "size": claim.size }))
        .collect();
    values.insert("claims".to_owned(), json!(claims));

    let mut objects = vec![object(
        namespace,
        ("v1", "ServiceAccount"),
        &server.name,
        &labels,
        pod::account_pins(),
    )];
    objects.extend(claim_objects(server, &labels));
    objects.push(object(
        namespace,
        ("apps/v1", "Deployment"),
        &server.name,
        &labels,
        deployment_pins(server, &pod, &labels, single),
    ));
    objects.push(object(
        namespace,
        ("v1", "Service"),
        &server.name,
        &labels,
        pod::whole_spec(service),
    ));
    Manifest {
        path: format!("namespace/{}.yaml", server.name),
        template: "namespace/server.yaml",
        values: Value::Object(values),
        objects,
    }
}

fn claim_objects<'a>(
    server: &'a ServerWorkload,
    labels: &'a Value,
) -> impl Iterator<Item = Expected> + 'a {
    server.volumes.iter().map(|claim| {
        let spec = json!({
            "accessModes": ["ReadWriteOnce"],
            "resources": { "requests": { "storage": claim.size } },
        });
        let pin = Pin::except("/spec", spec, &["storageClassName"]);
        let kind = ("v1", "PersistentVolumeClaim");
        object(&server.namespace, kind, &claim.name, labels, [pin])
    })
}

fn deployment_pins(server: &ServerWorkload, pod: &Pod, labels: &Value, single: bool) -> Vec<Pin> {
    let mut spec = json!({
        "replicas": server.replicas,
        "selector": { "matchLabels": selector(&server.name) },
    });
    let free = if single {
        if let Some(spec) = spec.as_object_mut() {
            spec.insert("strategy".to_owned(), json!({ "type": "Recreate" }));
        }
        pod::FREE_IN_SINGLE_WORKLOAD
    } else {
        pod::FREE_IN_WORKLOAD
    };
    let mut pins = vec![Pin::except("/spec", spec, free)];
    pins.extend(pod.pins(labels));
    pins.extend(container::pins(server));
    pins
}

fn pod(cluster: &Cluster, server: &ServerWorkload) -> Pod {
    let mut volumes = Vec::new();
    let mut mounts = Vec::new();
    let mut init_containers = Vec::new();
    if let Program::Bridged(_) = server.program {
        volumes.push(json!({ "name": BRIDGE_VOLUME, "emptyDir": { "sizeLimit": BRIDGE_SIZE } }));
        mounts.push(json!({ "name": BRIDGE_VOLUME, "mountPath": BRIDGE_FOLDER, "readOnly": true }));
        init_containers.push(bridge(&cluster.dispatch.image));
    }
    for (number, scratch) in server.scratch.iter().enumerate() {
        let name = format!("scratch-{number}");
        volumes.push(json!({ "name": name, "emptyDir": { "sizeLimit": scratch.size } }));
        mounts.push(json!({ "name": name, "mountPath": scratch.path }));
    }
    for (number, claim) in server.volumes.iter().enumerate() {
        let name = format!("volume-{number}");
        volumes.push(json!({ "name": name, "persistentVolumeClaim": { "claimName": claim.name } }));
        mounts.push(json!({ "name": name, "mountPath": claim.path }));
    }
    Pod {
        account: server.name.clone(),
        user: server.user,
        pull_secret: server.pull_secret.clone(),
        volumes,
        containers: vec![container::fixed(server, &mounts)],
        init_containers,
    }
}

/// Copies the bridge, a static binary of the dispatch image, into the pod.
fn bridge(image: &str) -> Value {
    json!({
        "name": BRIDGE_CONTAINER,
        "image": image,
        "command": ["bailiwick-bridge", "install", format!("{BRIDGE_FOLDER}/bailiwick-bridge")],
        "securityContext": pod::container_security(),
        "volumeMounts": [{ "name": BRIDGE_VOLUME, "mountPath": BRIDGE_FOLDER }],
    })
}
