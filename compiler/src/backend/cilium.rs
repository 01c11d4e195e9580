//! Network rules as `CiliumNetworkPolicy`, which matches host names by watching the answers to DNS
//! questions. A pod may ask for the names that it may reach and those of its namespace, no others.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::labels::{object, selector, workload};
use super::manifest::Manifest;
use super::network::public_ranges;
use super::pod;
use crate::bundle::{Access, Cluster, Peer, Way};

/// Label of a pod that has the name of its namespace.
const NAMESPACE: &str = "k8s:io.kubernetes.pod.namespace";

/// The file with the rules of one workload.
pub(super) fn manifest(cluster: &Cluster, access: &Access) -> Manifest {
    let name = &access.workload;
    let labels = workload(cluster, name, None);
    let mut egress = vec![dns(access)];
    egress.extend(
        access
            .outgoing
            .iter()
            .map(|way| rule(access, way, Direction::To)),
    );
    let ingress: Vec<Value> = access
        .incoming
        .iter()
        .map(|way| rule(access, way, Direction::From))
        .collect();
    let spec = json!({
        "egress": egress,
        "endpointSelector": { "matchLabels": selector(name) },
        "ingress": ingress,
    });
    let mut values = pod::common_values(cluster, &access.namespace);
    values.insert("name".to_owned(), json!(name));
    values.insert("labels".to_owned(), labels.clone());
    values.insert("spec".to_owned(), spec.clone());
    let kind = ("cilium.io/v2", "CiliumNetworkPolicy");
    let pins = pod::whole_spec(spec);
    Manifest {
        path: format!("namespace/network-{name}.yaml"),
        template: "namespace/cilium-network-policy.yaml",
        values: Value::Object(values),
        objects: vec![object(&access.namespace, kind, name, &labels, pins)],
    }
}

#[derive(Clone, Copy)]
enum Direction {
    From,
    To,
}

fn rule(access: &Access, way: &Way, direction: Direction) -> Value {
    let (endpoints, entities) = match direction {
        Direction::From => ("fromEndpoints", "fromEntities"),
        Direction::To => ("toEndpoints", "toEntities"),
    };
    let mut rule = Map::new();
    let (member, peers) = match &way.peer {
        Peer::Anyone => (entities, json!(["all"])),
        Peer::Workload { namespace, name } => {
            let mut labels = selector(name);
            // Without a namespace, a rule is about the one that it is in.
            if let Some(labels) = labels.as_object_mut()
                && *namespace != access.namespace
            {
                labels.insert(NAMESPACE.to_owned(), json!(namespace));
            }
            (endpoints, json!([{ "matchLabels": labels }]))
        }
        Peer::Pods {
            namespace,
            label: (key, value),
        } => (
            endpoints,
            json!([{ "matchLabels": {
                NAMESPACE: namespace,
                format!("k8s:{key}"): value,
            } }]),
        ),
        Peer::Host(host) | Peer::Issuer(host) => ("toFQDNs", json!([name_rule(host)])),
        Peer::AnyHost => {
            let ranges =
                public_ranges().map(|(range, except)| json!({ "cidr": range, "except": except }));
            ("toCIDRSet", json!(ranges))
        }
        Peer::Range(range) => ("toCIDR", json!([range])),
    };
    rule.insert(member.to_owned(), peers);
    let ports = json!([{ "ports": [{ "port": way.port.to_string(), "protocol": "TCP" }] }]);
    rule.insert("toPorts".to_owned(), ports);
    Value::Object(rule)
}

/// The names that a workload may ask for, through the proxy that watches the answers.
fn dns(access: &Access) -> Value {
    let mut names = BTreeSet::new();
    let mut namespaces = BTreeSet::from([access.namespace.as_str()]);
    let mut any = false;
    for way in &access.outgoing {
        match &way.peer {
            Peer::Host(host) | Peer::Issuer(host) => {
                names.insert(host.as_str());
            }
            Peer::AnyHost => any = true,
            Peer::Pods { namespace, .. } | Peer::Workload { namespace, .. } => {
                namespaces.insert(namespace.as_str());
            }
            Peer::Anyone | Peer::Range(_) => {}
        }
    }
    let mut rules: Vec<Value> = names.into_iter().map(name_rule).collect();
    // The resolver completes `service.namespace.svc` from its search list.
    let own = &access.namespace;
    for namespace in namespaces {
        for end in ["", ".cluster.local", ".svc.cluster.local"] {
            rules.push(json!({ "matchPattern": format!("*.{namespace}.svc{end}") }));
        }
        rules.push(json!({ "matchPattern": format!("*.{namespace}.svc.{own}.svc.cluster.local") }));
    }
    if any {
        rules = vec![json!({ "matchPattern": "*" })];
    }
    json!({
        "toEndpoints": [{ "matchLabels": {
            NAMESPACE: "kube-system",
            "k8s:k8s-app": "kube-dns",
        } }],
        "toPorts": [{ "ports": [{ "port": "53", "protocol": "ANY" }], "rules": { "dns": rules } }],
    })
}

fn name_rule(host: &str) -> Value {
    if host.contains('*') {
        json!({ "matchPattern": host })
    } else {
        json!({ "matchName": host })
    }
}
