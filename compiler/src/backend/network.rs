//! Network rules as `NetworkPolicy`, which knows addresses and pods but no host names.

use serde_json::{Map, Value, json};

use super::labels::{file_ending, object, owned, selector, workload};
use super::manifest::Manifest;
use super::pod;
use crate::bundle::{Access, Cluster, Peer, Way};

/// Annotation of an object that allows more than the catalog says.
const WIDER: &str = "bailiwick.dev/wider-than-declared";

/// Never reached by a host name: this host, link-local with the metadata services, multicast, reserved,
/// and the metadata addresses that some clouds have elsewhere.
const NEVER: [&str; 9] = [
    "0.0.0.0/8",
    "100.100.100.200/32",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// Private networks.
const PRIVATE: [&str; 4] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.168.0.0/16",
];

/// As [`NEVER`], IPv6.
const NEVER6: [&str; 6] = [
    "::/127",
    "64:ff9b::/96",
    "fd00:ec2::/32",
    "fd20:ce::/32",
    "fe80::/10",
    "ff00::/8",
];

/// Private networks, IPv6.
const PRIVATE6: [&str; 1] = ["fc00::/7"];

/// Refuses every connection that no other rule allows, in each namespace.
pub(super) fn default_deny(cluster: &Cluster) -> Vec<Manifest> {
    let spec = json!({ "podSelector": {}, "policyTypes": ["Egress", "Ingress"] });
    let of = |(namespace, team): (&str, Option<&str>)| {
        let rules = Rules {
            namespace,
            name: "default-deny",
            labels: owned(cluster, team),
            spec: spec.clone(),
            wider: None,
        };
        file(
            cluster,
            &format!("default-deny{}", file_ending(team)),
            rules,
        )
    };
    cluster.namespaces().map(of).collect()
}

/// The file with the rules of one workload.
pub(super) fn manifest(cluster: &Cluster, access: &Access) -> Manifest {
    let labels = workload(cluster, &access.workload, None);
    let names: Vec<&str> = access
        .outgoing
        .iter()
        .filter_map(|way| match &way.peer {
            Peer::Host(host) | Peer::Issuer(host) => Some(host.as_str()),
            Peer::AnyHost
            | Peer::Anyone
            | Peer::Pods { .. }
            | Peer::Range(_)
            | Peer::Workload { .. } => None,
        })
        .collect();
    let wider = (!names.is_empty()).then(|| {
        format!(
            "NetworkPolicy cannot match host names: every public address is allowed on the ports of {}",
            names.join(", ")
        )
    });
    let mut egress = vec![dns()];
    for way in &access.outgoing {
        let rule =
            json!({ "to": peers(access, way), "ports": [{ "port": way.port, "protocol": "TCP" }] });
        // Two host names on one port are the same addresses.
        if !egress.contains(&rule) {
            egress.push(rule);
        }
    }
    let ingress: Vec<Value> = access
        .incoming
        .iter()
        .map(|way| {
            let mut rule = Map::new();
            if way.peer != Peer::Anyone {
                rule.insert("from".to_owned(), json!(peers(access, way)));
            }
            let ports = json!([{ "port": way.port, "protocol": "TCP" }]);
            rule.insert("ports".to_owned(), ports);
            Value::Object(rule)
        })
        .collect();
    let spec = json!({
        "egress": egress,
        "ingress": ingress,
        "podSelector": { "matchLabels": selector(&access.workload) },
        "policyTypes": ["Egress", "Ingress"],
    });
    let rules = Rules {
        namespace: &access.namespace,
        name: &access.workload,
        labels,
        spec,
        wider,
    };
    file(cluster, &access.workload, rules)
}

/// A `NetworkPolicy` in the making.
struct Rules<'a> {
    namespace: &'a str,
    name: &'a str,
    labels: Value,
    spec: Value,
    /// In what it allows more than the catalog says.
    wider: Option<String>,
}

fn file(cluster: &Cluster, file: &str, rules: Rules<'_>) -> Manifest {
    let Rules {
        namespace,
        name,
        labels,
        spec,
        wider,
    } = rules;
    let annotations = wider.map(|wider| json!({ WIDER: wider }));
    let mut values = pod::common_values(cluster, namespace);
    values.insert("name".to_owned(), json!(name));
    values.insert("labels".to_owned(), labels.clone());
    values.insert("annotations".to_owned(), json!(annotations));
    values.insert("spec".to_owned(), spec.clone());
    let mut pins = pod::whole_spec(spec);
    pins.extend(annotations.map(|wanted| super::Pin::has("/metadata/annotations", wanted)));
    let kind = ("networking.k8s.io/v1", "NetworkPolicy");
    Manifest {
        path: format!("namespace/network-{file}.yaml"),
        template: "namespace/network-policy.yaml",
        values: Value::Object(values),
        objects: vec![object(namespace, kind, name, &labels, pins)],
    }
}

/// Every pod may ask the cluster's name servers.
fn dns() -> Value {
    json!({
        "to": [{
            "namespaceSelector": of_namespace("kube-system"),
            "podSelector": { "matchLabels": { "k8s-app": "kube-dns" } },
        }],
        "ports": [{ "port": 53, "protocol": "TCP" }, { "port": 53, "protocol": "UDP" }],
    })
}

fn peers(access: &Access, way: &Way) -> Vec<Value> {
    match &way.peer {
        Peer::Anyone => Vec::new(),
        Peer::Workload { namespace, name } => {
            let mut peer = json!({ "podSelector": { "matchLabels": selector(name) } });
            // Without a namespace, a rule is about the one that it is in.
            if let Some(peer) = peer.as_object_mut()
                && *namespace != access.namespace
            {
                peer.insert("namespaceSelector".to_owned(), of_namespace(namespace));
            }
            vec![peer]
        }
        Peer::Pods {
            namespace,
            label: (key, value),
        } => vec![json!({
            "namespaceSelector": of_namespace(namespace),
            "podSelector": { "matchLabels": { key: value } },
        })],
        Peer::Host(_) | Peer::AnyHost => public_addresses(),
        Peer::Issuer(_) => vec![block("0.0.0.0/0", &NEVER), block("::/0", &NEVER6)],
        Peer::Range(range) => vec![json!({ "ipBlock": { "cidr": range } })],
    }
}

/// Selects one namespace, by the label that the API server gives it.
fn of_namespace(name: &str) -> Value {
    json!({ "matchLabels": { "kubernetes.io/metadata.name": name } })
}

/// Every address of the internet, as blocks of a rule.
fn public_addresses() -> Vec<Value> {
    let [four, six] = public_ranges();
    vec![block(four.0, &four.1), block(six.0, &six.1)]
}

/// Every address of the internet: a range and what is not in it, sorted.
pub(super) fn public_ranges() -> [(&'static str, Vec<&'static str>); 2] {
    let sorted = |never: &[&'static str], private: &[&'static str]| {
        let mut all: Vec<_> = never.iter().chain(private).copied().collect();
        all.sort_unstable();
        all
    };
    [
        ("0.0.0.0/0", sorted(&NEVER, &PRIVATE)),
        ("::/0", sorted(&NEVER6, &PRIVATE6)),
    ]
}

fn block(range: &str, except: &[&str]) -> Value {
    json!({ "ipBlock": { "cidr": range, "except": except } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{METADATA, contains};

    #[test]
    fn no_name_leads_to_a_metadata_address() {
        for address in METADATA {
            let never = NEVER.iter().chain(&NEVER6);
            assert!(
                never.into_iter().any(|range| contains(range, address)),
                "{address}"
            );
        }
    }
}
