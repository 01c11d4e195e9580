//! A server's objects: service account, volume claims, Deployment, Service.

use serde_json::{Value, json};

use super::labels::{object, selector, workload};
use super::manifest::{Expected, Manifest, Pin};
use super::pod::{self, Pod};
use crate::bundle::{BRIDGE_CONTAINER, Cluster, Program, SERVER_CONTAINER, ServerWorkload};
use crate::model::origin::BRIDGE_FOLDER;

/// Where the bridge says whether its server is ready for calls.
const BRIDGE_READY: &str = "/healthz";

/// The bridge's volume.
const BRIDGE_VOLUME: &str = "bridge";

/// What the bridge takes of a node's memory at most.
const BRIDGE_SIZE: &str = "64Mi";

/// Name of the port on which a server speaks HTTP.
const PORT_NAME: &str = "mcp";

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

    let mut values = pod::common_values(cluster);
    values.extend(pod.values());
    values.insert("name".to_owned(), json!(server.name));
    values.insert("server".to_owned(), json!(server.server));
    values.insert("labels".to_owned(), labels.clone());
    values.insert("selector".to_owned(), selector(&server.name));
    values.insert("replicas".to_owned(), json!(server.replicas));
    values.insert("single".to_owned(), json!(single));
    let bridged = matches!(server.program, Program::Bridged(_));
    values.insert(
        "ready_path".to_owned(),
        json!(bridged.then_some(BRIDGE_READY)),
    );
    values.insert("service".to_owned(), service.clone());
    let claims: Vec<Value> = server
        .volumes
        .iter()
        .map(|claim| json!({ "name": claim.name, "size": claim.size }))
        .collect();
    values.insert("claims".to_owned(), json!(claims));

    let mut objects = vec![object(
        cluster,
        ("v1", "ServiceAccount"),
        &server.name,
        &labels,
        pod::account_pins(),
    )];
    objects.extend(claim_objects(cluster, server, &labels));
    objects.push(object(
        cluster,
        ("apps/v1", "Deployment"),
        &server.name,
        &labels,
        deployment_pins(server, &pod, &labels, single),
    ));
    objects.push(object(
        cluster,
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
    cluster: &'a Cluster,
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
        object(cluster, kind, &claim.name, labels, [pin])
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
        volumes,
        containers: vec![container(server, &mounts)],
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

fn container(server: &ServerWorkload, mounts: &[Value]) -> Value {
    let mut container = serde_json::Map::new();
    let mut set = |member: &str, value: Value| {
        container.insert(member.to_owned(), value);
    };
    set("name", json!(SERVER_CONTAINER));
    set("image", json!(server.image));
    set("securityContext", pod::container_security());
    set(
        "ports",
        json!([{ "containerPort": server.port, "name": PORT_NAME, "protocol": "TCP" }]),
    );
    match &server.program {
        Program::Image(args) if args.is_empty() => {}
        Program::Image(args) => set(
            "args",
            json!(args.iter().map(|arg| literal(arg)).collect::<Vec<_>>()),
        ),
        Program::Bridged(program) => {
            let mut command = vec![
                format!("{BRIDGE_FOLDER}/bailiwick-bridge"),
                "serve".to_owned(),
                "--listen".to_owned(),
                format!("0.0.0.0:{}", server.port),
                "--".to_owned(),
            ];
            command.extend(program.iter().map(|part| literal(part)));
            set("command", json!(command));
        }
    }
    let env = env(server);
    if !env.is_empty() {
        set("env", json!(env));
    }
    if !mounts.is_empty() {
        set("volumeMounts", json!(mounts));
    }
    Value::Object(container)
}

/// Variables from Secrets and plain ones, sorted by name.
fn env(server: &ServerWorkload) -> Vec<Value> {
    let plain = server
        .env
        .iter()
        .map(|(name, value)| (name, json!({ "name": name, "value": literal(value) })));
    let secret = server.secrets.iter().map(|(name, from)| {
        let key = json!({ "key": from.key, "name": &*from.secret });
        (
            name,
            json!({ "name": name, "valueFrom": { "secretKeyRef": key } }),
        )
    });
    let sorted: std::collections::BTreeMap<_, _> = plain.chain(secret).collect();
    sorted.into_values().collect()
}

/// The text as Kubernetes must read it to pass it on unchanged: `$(NAME)` is a reference to a
/// variable in arguments and values, `$$` is a dollar sign.
fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_sign_is_no_reference() {
        assert_eq!(literal("$(PATH) costs $5"), "$$(PATH) costs $$5");
    }
}
