//! Namespaces of teams and allowed registries: the catalog that the engines are asked about, as files.

use super::*;
use bailiwick_config::Config;

fn trees() -> BTreeMap<String, OutputTree> {
    built(&Disk::open(&root("compiler/tests/engines")).unwrap())
}

/// Every object of a tree but the kustomizations.
fn all_objects(tree: &OutputTree) -> Vec<Value> {
    let files = tree
        .files()
        .filter(|(path, _)| path.starts_with("cluster/") || path.starts_with("namespace/"))
        .filter(|(path, _)| !path.ends_with("kustomization.yaml"));
    files
        .flat_map(|(_, bytes)| {
            serde_saphyr::from_multiple::<Value>(std::str::from_utf8(bytes).unwrap()).unwrap()
        })
        .collect()
}

fn object(tree: &OutputTree, kind: &str, namespace: &str, name: &str) -> Value {
    let is_it = |object: &Value| {
        object["kind"] == kind
            && object["metadata"]["name"] == name
            && (namespace.is_empty() || object["metadata"]["namespace"] == namespace)
    };
    all_objects(tree).into_iter().find(is_it).unwrap()
}

#[test]
fn each_object_is_in_the_namespace_of_its_team() {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let objects = all_objects(&trees()["apart"]).into_iter();
    let places = objects.filter_map(|object| {
        let namespace = object["metadata"].get("namespace")?;
        let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
        Some(format!("{} {kind} {name}", text(namespace)))
    });
    let mut places: Vec<String> = places.collect();
    places.sort();
    assert_eq!(
        places,
        [
            "mcp-apart Certificate bailiwick-dispatch",
            "mcp-apart NetworkPolicy bailiwick-dispatch",
            "mcp-apart NetworkPolicy default-deny",
            "mcp-apart Service bailiwick-dispatch",
            "mcp-apart ServiceAccount bailiwick-dispatch",
            "mcp-apart StatefulSet bailiwick-dispatch",
            "mcp-apart-data Deployment mcp-warehouse",
            "mcp-apart-data NetworkPolicy default-deny",
            "mcp-apart-data NetworkPolicy mcp-warehouse",
            "mcp-apart-data Service mcp-warehouse",
            "mcp-apart-data ServiceAccount mcp-warehouse",
            "mcp-apart-support Deployment mcp-notes",
            "mcp-apart-support Deployment mcp-tickets",
            "mcp-apart-support NetworkPolicy default-deny",
            "mcp-apart-support NetworkPolicy mcp-notes",
            "mcp-apart-support NetworkPolicy mcp-tickets",
            "mcp-apart-support PersistentVolumeClaim mcp-notes-data",
            "mcp-apart-support Service mcp-notes",
            "mcp-apart-support Service mcp-tickets",
            "mcp-apart-support ServiceAccount mcp-notes",
            "mcp-apart-support ServiceAccount mcp-tickets",
        ]
    );
}

#[test]
fn every_namespace_has_restricted_pods_and_its_team() {
    let trees = trees();
    let tree = &trees["apart"];
    for (name, team) in [
        ("mcp-apart", None),
        ("mcp-apart-data", Some("data")),
        ("mcp-apart-support", Some("support")),
    ] {
        let labels = &object(tree, "Namespace", "", name)["metadata"]["labels"];
        assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
        assert_eq!(labels["bailiwick.dev/environment"], "apart");
        assert_eq!(
            labels.get("bailiwick.dev/team"),
            team.map(Value::from).as_ref()
        );
    }
    let kustomization =
        std::str::from_utf8(tree.get("cluster/kustomization.yaml").unwrap()).unwrap();
    for file in [
        "namespace.yaml",
        "namespace-data.yaml",
        "namespace-support.yaml",
    ] {
        assert!(kustomization.contains(&format!("- {file}\n")), "{file}");
    }
}

#[test]
fn network_rules_reach_across_the_namespaces() {
    let trees = trees();
    let tree = &trees["apart"];
    let dispatch = object(tree, "NetworkPolicy", "mcp-apart", "bailiwick-dispatch");
    let to = json!([{
        "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "mcp-apart-data" } },
        "podSelector": { "matchLabels": { "bailiwick.dev/workload": "mcp-warehouse" } },
    }]);
    let egress = dispatch["spec"]["egress"].as_array().unwrap();
    assert!(egress.iter().any(|rule| rule["to"] == to), "{egress:?}");
    let warehouse = object(tree, "NetworkPolicy", "mcp-apart-data", "mcp-warehouse");
    let from = json!([{
        "from": [{
            "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "mcp-apart" } },
            "podSelector": { "matchLabels": { "bailiwick.dev/workload": "bailiwick-dispatch" } },
        }],
        "ports": [{ "port": 8080, "protocol": "TCP" }],
    }]);
    assert_eq!(warehouse["spec"]["ingress"], from);

    let tree = &trees["apart-cilium"];
    let warehouse = object(
        tree,
        "CiliumNetworkPolicy",
        "mcp-apart-cilium-data",
        "mcp-warehouse",
    );
    let from = json!([{ "matchLabels": {
        "bailiwick.dev/workload": "bailiwick-dispatch",
        "k8s:io.kubernetes.pod.namespace": "mcp-apart-cilium",
    } }]);
    assert_eq!(warehouse["spec"]["ingress"][0]["fromEndpoints"], from);
    let dispatch = object(
        tree,
        "CiliumNetworkPolicy",
        "mcp-apart-cilium",
        "bailiwick-dispatch",
    );
    let names = dispatch["spec"]["egress"][0]["toPorts"][0]["rules"]["dns"]
        .as_array()
        .unwrap();
    for namespace in [
        "mcp-apart-cilium",
        "mcp-apart-cilium-data",
        "mcp-apart-cilium-support",
    ] {
        let name = json!({ "matchPattern": format!("*.{namespace}.svc") });
        assert!(names.contains(&name), "{namespace}");
    }
}

#[test]
fn dispatch_finds_the_servers_where_they_are() {
    let config: Config =
        serde_json::from_slice(trees()["apart"].get("runtime/config.json").unwrap()).unwrap();
    let urls: BTreeMap<&str, &str> = config
        .servers
        .iter()
        .map(|(name, server)| (name.as_str(), server.url.as_str()))
        .collect();
    assert_eq!(
        urls,
        BTreeMap::from([
            ("notes", "http://mcp-notes.mcp-apart-support.svc:8080/mcp"),
            ("partner", "https://mcp.partner.example/mcp"),
            (
                "tickets",
                "http://mcp-tickets.mcp-apart-support.svc:8080/mcp"
            ),
            (
                "warehouse",
                "http://mcp-warehouse.mcp-apart-data.svc:8080/mcp"
            ),
        ])
    );
}
