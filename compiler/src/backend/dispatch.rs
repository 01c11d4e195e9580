//! The dispatch server's objects: service account, certificate, `StatefulSet`, Service, disruption
//! budget.

use serde_json::{Value, json};

use super::labels::{object, selector, workload};
use super::manifest::{Manifest, Pin};
use super::pod::{self, Pod};
use crate::bundle::{
    AUTHORITIES, Cluster, DISPATCH_CONTAINER, Dispatch, MCP_PORT, TLS_FOLDER, TOKENS_FOLDER, USER,
    authorities_folder,
};

/// Port of probes and metrics; nobody else in the cluster may connect to it.
const ADMIN_PORT: u16 = 9090;

/// The volume with bearer tokens.
const TOKENS: &str = "tokens";

const CONFIG_FOLDER: &str = "/etc/bailiwick/config";
const AUDIT_FOLDER: &str = "/var/lib/bailiwick/audit";

/// The dispatch server's file.
pub(super) fn manifest(cluster: &Cluster) -> Manifest {
    let dispatch = &cluster.dispatch;
    let labels = workload(cluster, &dispatch.name, None);
    let pod = pod(dispatch);
    let service = json!({
        "ports": [{
            "name": "mcp",
            "port": if dispatch.tls.is_some() { 443 } else { 80 },
            "protocol": "TCP",
            "targetPort": "mcp",
        }],
        "selector": selector(&dispatch.name),
        "type": "ClusterIP",
    });
    let budget =
        json!({ "maxUnavailable": 1, "selector": { "matchLabels": selector(&dispatch.name) } });
    let certificate = certificate(cluster);

    let namespace = &cluster.namespace;
    let mut values = pod::common_values(cluster, namespace);
    values.extend(pod.values());
    values.insert("name".to_owned(), json!(dispatch.name));
    values.insert("labels".to_owned(), labels.clone());
    values.insert("selector".to_owned(), selector(&dispatch.name));
    values.insert("replicas".to_owned(), json!(dispatch.replicas));
    values.insert("service".to_owned(), service.clone());
    values.insert("audit_size".to_owned(), json!(dispatch.audit));
    values.insert("certificate".to_owned(), json!(certificate));
    let wants_budget = dispatch.replicas > 1;
    values.insert(
        "budget".to_owned(),
        if wants_budget {
            budget.clone()
        } else {
            Value::Null
        },
    );

    let name = &dispatch.name;
    let mut objects = vec![object(
        namespace,
        ("v1", "ServiceAccount"),
        name,
        &labels,
        pod::account_pins(),
    )];
    if let Some(spec) = certificate {
        let kind = ("cert-manager.io/v1", "Certificate");
        objects.push(object(
            namespace,
            kind,
            name,
            &labels,
            pod::whole_spec(spec),
        ));
    }
    let mut pins = pod.pins(&labels);
    pins.extend(set_pins(dispatch));
    objects.push(object(
        namespace,
        ("apps/v1", "StatefulSet"),
        name,
        &labels,
        pins,
    ));
    objects.push(object(
        namespace,
        ("v1", "Service"),
        name,
        &labels,
        pod::whole_spec(service),
    ));
    if wants_budget {
        let kind = ("policy/v1", "PodDisruptionBudget");
        objects.push(object(
            namespace,
            kind,
            name,
            &labels,
            pod::whole_spec(budget),
        ));
    }
    Manifest {
        path: format!("namespace/{name}.yaml"),
        template: "namespace/dispatch.yaml",
        values: Value::Object(values),
        objects,
    }
}

fn set_pins(dispatch: &Dispatch) -> Vec<Pin> {
    let spec = json!({
        // The audit log outlives what wrote it.
        "persistentVolumeClaimRetentionPolicy": { "whenDeleted": "Retain", "whenScaled": "Retain" },
        "replicas": dispatch.replicas,
        "selector": { "matchLabels": selector(&dispatch.name) },
        "serviceName": dispatch.name,
    });
    let claim = json!({
        "accessModes": ["ReadWriteOnce"],
        "resources": { "requests": { "storage": dispatch.audit } },
    });
    vec![
        Pin::except("/spec", spec, pod::FREE_IN_WORKLOAD),
        Pin::counts("/spec/volumeClaimTemplates", 1),
        Pin::except(
            "/spec/volumeClaimTemplates/0/metadata",
            json!({ "name": "audit" }),
            &["annotations", "labels"],
        ),
        Pin::except(
            "/spec/volumeClaimTemplates/0/spec",
            claim,
            &["storageClassName"],
        ),
    ]
}

fn pod(dispatch: &Dispatch) -> Pod {
    let sources: Vec<Value> = dispatch
        .configs
        .keys()
        .map(|name| json!({ "configMap": { "name": name } }))
        .collect();
    let mut volumes = vec![json!({ "name": "config", "projected": { "sources": sources } })];
    let mut mounts = vec![
        json!({ "name": "config", "mountPath": CONFIG_FOLDER, "readOnly": true }),
        json!({ "name": "audit", "mountPath": AUDIT_FOLDER }),
    ];
    if let Some(tls) = &dispatch.tls {
        volumes.push(json!({ "name": "tls", "secret": { "secretName": tls.secret } }));
        mounts.push(json!({ "name": "tls", "mountPath": TLS_FOLDER, "readOnly": true }));
    }
    if !dispatch.tokens.is_empty() {
        volumes.push(json!({ "name": TOKENS, "projected": { "sources": tokens(dispatch) } }));
        mounts.push(json!({ "name": TOKENS, "mountPath": TOKENS_FOLDER, "readOnly": true }));
    }
    for (issuer, config_map) in &dispatch.authorities {
        let name = format!("ca-{issuer}");
        let items = json!([{ "key": AUTHORITIES, "path": AUTHORITIES }]);
        // Where they are missing, dispatch starts and says so: it has no keys of this issuer, and is not ready.
        let source = json!({ "items": items, "name": config_map, "optional": true });
        volumes.push(json!({ "name": name, "configMap": source }));
        mounts.push(
            json!({ "name": name, "mountPath": authorities_folder(issuer), "readOnly": true }),
        );
    }
    let container = json!({
        "name": DISPATCH_CONTAINER,
        "image": dispatch.image,
        "command": [
            "bailiwick-dispatch",
            "--config", CONFIG_FOLDER,
            "--audit", AUDIT_FOLDER,
            "--listen", format!("0.0.0.0:{MCP_PORT}"),
            "--admin", format!("0.0.0.0:{ADMIN_PORT}"),
            "--replica", "$(POD_NAME)",
        ],
        "env": [{ "name": "POD_NAME", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }],
        "ports": [
            { "containerPort": MCP_PORT, "name": "mcp", "protocol": "TCP" },
            { "containerPort": ADMIN_PORT, "name": "admin", "protocol": "TCP" },
        ],
        "securityContext": pod::container_security(),
        "volumeMounts": mounts,
    });
    Pod {
        account: dispatch.name.clone(),
        user: USER,
        pull_secret: None,
        volumes,
        containers: vec![container],
        init_containers: Vec::new(),
    }
}

/// The Secret of each server that wants a bearer token. One that is missing stops calls to its server,
/// not the dispatch server.
fn tokens(dispatch: &Dispatch) -> Vec<Value> {
    let tokens = dispatch.tokens.iter();
    tokens
        .map(|(server, from)| {
            let items = json!([{ "key": from.key, "path": server }]);
            json!({ "secret": { "items": items, "name": &*from.secret, "optional": true } })
        })
        .collect()
}

/// Spec of the certificate; none when the operator brings one.
fn certificate(cluster: &Cluster) -> Option<Value> {
    let tls = cluster.dispatch.tls.as_ref()?;
    let issuer = tls.issuer.as_ref()?;
    let service = &cluster.dispatch.name;
    let namespace = &cluster.namespace;
    let mut names = vec![
        format!("{service}.{namespace}.svc"),
        format!("{service}.{namespace}.svc.cluster.local"),
    ];
    let mut addresses = Vec::new();
    let host = cluster.dispatch.host.clone();
    if host.parse::<std::net::IpAddr>().is_ok() {
        addresses.push(host);
    } else {
        names.insert(0, host);
    }
    let mut spec = json!({
        "dnsNames": names,
        "issuerRef": { "group": "cert-manager.io", "kind": issuer.kind, "name": issuer.name },
        "privateKey": { "algorithm": "ECDSA", "rotationPolicy": "Always", "size": 256 },
        "secretName": tls.secret,
        "usages": ["digital signature", "server auth"],
    });
    if let (Some(spec), false) = (spec.as_object_mut(), addresses.is_empty()) {
        spec.insert("ipAddresses".to_owned(), json!(addresses));
    }
    Some(spec)
}
