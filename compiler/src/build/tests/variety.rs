//! A catalog with every kind of server, way and counter, on both kinds of network.

use super::*;
use crate::{Laptop, LaptopServer, for_laptop};
use bailiwick_config::{Auth, Config, Definitions, Identity, Jwks};

const LONG: &str = "an-environment-with-forty-letters-in-all";

const CATALOG: &str = r#"
catalog acme language=1
team tools { owner people; }
group people idp="acme-people"

environment plain {
    dispatch {
        image "registry.example/dispatch:1.0.0@DIGEST"
        url "https://mcp.example/mcp"
        tls secret=own-tls
        deployers "group:platform" "system:serviceaccount:argocd:argocd"
    }
    issuer corp kind=oidc url="https://login.example:8443/realm" audience="mcp" max-age="2h"
    issuer cluster kind=kubernetes url="https://oidc.example" jwks="https://keys.example/jwks" ca=keys-ca
}
environment an-environment-with-forty-letters-in-all namespace=mcp-long {
    network cilium
    dispatch {
        image "registry.example/dispatch:1.0.0@DIGEST"
        url "https://203.0.113.7/mcp"
        replicas 2
        tls issuer=internal-ca kind=Issuer
        audit volume="20Gi"
        deployers "group:platform"
    }
    issuer corp kind=oidc url="https://login.example"
}

server web team=tools {
    image "registry.example/web:1.0.0"
    transport streamable-http port=3000 path="/"
    egress "api.example:443" "*.cdn.example:443" "192.0.2.0/24:5432"
    egress service="data/db" port=5432
    tool read effect=read
}
server any team=tools {
    image "registry.example/any:1.0.0"
    egress "*:443"
    tool read effect=read
}
server remote team=tools version="1" {
    url "https://remote.example/mcp"
    auth bearer secret=partner
    tool read effect=read
}
server inside team=tools version="1" {
    service "other/inside"
    transport streamable-http port=9000
    tool read effect=read
}

agent bot team=tools {
    identity oidc issuer=corp subject="bot" client="bots"
    limit 30 per="1m" burst=5
}
agent human team=tools {
    identity oidc issuer=corp group=people
}

overlay plain {
    deploy web any remote inside
    grant bot web:* any:* remote:* inside:*
    grant human web:*
    patch server remote { limit 50 per="1h" concurrent=4; }
}
overlay an-environment-with-forty-letters-in-all {
    deploy web any remote inside
    grant human web:* any:* remote:* inside:*
}
"#;

fn catalog() -> Memory {
    catalog_of(CATALOG)
}

fn catalog_of(text: &str) -> Memory {
    let locks = [
        image_lock("web", "1.0.0"),
        image_lock("any", "1.0.0"),
        lock(
            "remote",
            "1",
            &json!({ "url": "https://remote.example/mcp" }),
        ),
        lock("inside", "1", &json!({ "service": "other/inside" })),
    ];
    written(text, locks)
}

fn config(tree: &OutputTree) -> Config {
    serde_json::from_slice(tree.get("runtime/config.json").unwrap()).unwrap()
}

#[test]
fn dispatch_reaches_servers_and_issuers_alone() {
    let trees = built(&catalog());
    let policy =
        &objects(&trees[LONG], "namespace/network-bailiwick-dispatch.yaml")["CiliumNetworkPolicy"];
    let ways: Vec<(Value, Value)> = policy["spec"]["egress"]
        .as_array()
        .unwrap()
        .iter()
        .skip(1)
        .map(|rule| {
            let peers = rule
                .as_object()
                .unwrap()
                .iter()
                .find(|(name, _)| *name != "toPorts");
            (
                peers.unwrap().1.clone(),
                rule["toPorts"][0]["ports"][0]["port"].clone(),
            )
        })
        .collect();
    let workload = |name: &str| json!([{ "matchLabels": { "bailiwick.dev/workload": name } }]);
    let pods = json!([{ "matchLabels": {
        "k8s:app.kubernetes.io/name": "inside",
        "k8s:io.kubernetes.pod.namespace": "other",
    } }]);
    let host = |name: &str| json!([{ "matchName": name }]);
    let expected = [
        (workload("mcp-any"), json!("8080")),
        (workload("mcp-web"), json!("3000")),
        (pods, json!("9000")),
        (host("remote.example"), json!("443")),
        (host("login.example"), json!("443")),
    ];
    assert_eq!(ways, expected);
}

#[test]
fn names_are_asked_for_only_where_they_are_reached() {
    let trees = built(&catalog());
    let policy = &objects(&trees[LONG], "namespace/network-mcp-web.yaml")["CiliumNetworkPolicy"];
    let dns = &policy["spec"]["egress"][0]["toPorts"][0]["rules"]["dns"];
    let rules: Vec<&str> = dns
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|rule| rule.as_object()?.values().next()?.as_str())
        .filter(|name| !name.contains("svc"))
        .collect();
    assert_eq!(rules, ["*.cdn.example", "api.example"]);
    let any = &objects(&trees[LONG], "namespace/network-mcp-any.yaml")["CiliumNetworkPolicy"];
    let dns = &any["spec"]["egress"][0]["toPorts"][0]["rules"]["dns"];
    assert_eq!(*dns, json!([{ "matchPattern": "*" }]));
}

#[test]
fn a_host_is_every_public_address_on_a_plain_network() {
    let trees = built(&catalog());
    let policy = &objects(&trees["plain"], "namespace/network-mcp-web.yaml")["NetworkPolicy"];
    let rules = policy["spec"]["egress"].as_array().unwrap();
    // Names, public addresses once for both hosts, the range, the pods.
    assert_eq!(rules.len(), 4);
    let blocks = |rule: &Value| rule["to"].as_array().unwrap().clone();
    let public = rules.iter().find(|rule| blocks(rule).len() == 2).unwrap();
    let except = public["to"][0]["ipBlock"]["except"].as_array().unwrap();
    for never in [
        "10.0.0.0/8",
        "169.254.0.0/16",
        "168.63.129.16/32",
        "127.0.0.0/8",
    ] {
        assert!(except.contains(&json!(never)), "{never}");
    }
    assert_eq!(public["ports"], json!([{ "port": 443, "protocol": "TCP" }]));
    let wider = &policy["metadata"]["annotations"]["bailiwick.dev/wider-than-declared"];
    assert!(
        wider
            .as_str()
            .unwrap()
            .ends_with("ports of *.cdn.example, api.example")
    );
}

#[test]
fn two_replicas_have_a_disruption_budget_and_one_has_none() {
    let trees = built(&catalog());
    let two = objects(&trees[LONG], "namespace/bailiwick-dispatch.yaml");
    assert_eq!(two["PodDisruptionBudget"]["spec"]["maxUnavailable"], 1);
    let one = objects(&trees["plain"], "namespace/bailiwick-dispatch.yaml");
    assert!(!one.contains_key("PodDisruptionBudget"));
}

#[test]
fn a_certificate_is_asked_for_where_an_issuer_is_named() {
    let trees = built(&catalog());
    let issued = objects(&trees[LONG], "namespace/bailiwick-dispatch.yaml");
    let spec = &issued["Certificate"]["spec"];
    assert_eq!(spec["issuerRef"]["kind"], "Issuer");
    assert_eq!(spec["ipAddresses"], json!(["203.0.113.7"]));
    let brought = objects(&trees["plain"], "namespace/bailiwick-dispatch.yaml");
    assert!(!brought.contains_key("Certificate"));
    let volumes = &brought["StatefulSet"]["spec"]["template"]["spec"]["volumes"];
    assert_eq!(volumes[1]["secret"]["secretName"], "own-tls");
}

/// The file that the configuration names is the one that is mounted.
#[test]
fn authorities_of_an_issuer_are_mounted_where_the_configuration_says() {
    let trees = built(&catalog());
    let dispatch = objects(&trees["plain"], "namespace/bailiwick-dispatch.yaml");
    let pod = &dispatch["StatefulSet"]["spec"]["template"]["spec"];
    let volume = json!({
        "name": "ca-cluster",
        "configMap": {
            "name": "keys-ca",
            "items": [{ "key": "ca.crt", "path": "ca.crt" }],
            "optional": true,
        },
    });
    assert!(pod["volumes"].as_array().unwrap().contains(&volume));
    let mount = json!({
        "name": "ca-cluster",
        "mountPath": "/etc/bailiwick/issuers/cluster",
        "readOnly": true,
    });
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
    assert!(mounts.contains(&mount));
    let issuers = config(&trees["plain"]).issuers;
    let file = "/etc/bailiwick/issuers/cluster/ca.crt";
    assert_eq!(issuers["cluster"].ca.as_deref(), Some(file));
    assert_eq!(issuers["corp"].ca, None);
}

#[test]
fn names_that_are_too_long_are_shortened_and_told() {
    let built = build(&checked(&catalog()), LONG, &Templates::shipped()).unwrap();
    let derived = format!("bailiwick-{LONG}-service-accounts");
    let told: Vec<&str> = built
        .shortened
        .iter()
        .map(|(derived, _)| derived.as_str())
        .collect();
    assert_eq!(told, [derived.as_str()]);
    let used = &built.shortened[0].1;
    assert_eq!(used.len(), 63);
    let policy = objects(&built.tree, "cluster/service-accounts.yaml");
    assert_eq!(
        policy["ValidatingPolicy"]["metadata"]["name"],
        used.as_str()
    );
}

#[test]
fn the_configuration_says_where_servers_are_and_who_agents_are() {
    let config = config(&built(&catalog())["plain"]);
    assert_eq!(config.digest, config.computed_digest().unwrap());
    let urls: Vec<&str> = config
        .servers
        .values()
        .map(|server| server.url.as_str())
        .collect();
    let expected = [
        "http://mcp-any.mcp-plain.svc:8080/mcp",
        "http://inside.other.svc:9000/mcp",
        "https://remote.example/mcp",
        "http://mcp-web.mcp-plain.svc:3000/",
    ];
    assert_eq!(urls, expected);
    let subject = Identity::Subject {
        issuer: "corp".to_owned(),
        subject: "bot".to_owned(),
        client: Some("bots".to_owned()),
    };
    assert_eq!(config.agents["bot"].identity, subject);
    assert_eq!(config.agents["bot"].owners, ["people"]);
    let group = Identity::Group {
        issuer: "corp".to_owned(),
        group: "acme-people".to_owned(),
        client: None,
    };
    assert_eq!(config.agents["human"].identity, group);
    assert_eq!(config.issuers["corp"].audience, "mcp");
    assert_eq!(config.issuers["corp"].max_age, 7200);
    assert_eq!(
        config.issuers["cluster"].audience,
        "https://mcp.example/mcp"
    );
    let keys = "https://keys.example/jwks".to_owned();
    assert_eq!(config.issuers["cluster"].jwks, Jwks::Url { url: keys });
}

#[test]
fn a_bearer_token_is_read_from_its_secret() {
    let trees = built(&catalog());
    let token_file = "/etc/bailiwick/tokens/remote".to_owned();
    let servers = config(&trees["plain"]).servers;
    assert_eq!(servers["remote"].auth, Auth::Bearer { token_file });
    assert_eq!(servers["inside"].auth, Auth::None);
    let dispatch = objects(&trees["plain"], "namespace/bailiwick-dispatch.yaml");
    let pod = &dispatch["StatefulSet"]["spec"]["template"]["spec"];
    let named = |list: &Value| {
        let mut list = list.as_array().unwrap().iter();
        list.find(|one| one["name"] == "tokens").unwrap().clone()
    };
    let items = json!([{ "key": "token", "path": "remote" }]);
    let source = json!({ "secret": { "items": items, "name": "partner", "optional": true } });
    assert_eq!(
        named(&pod["volumes"])["projected"]["sources"],
        json!([source])
    );
    let mount = named(&pod["containers"][0]["volumeMounts"]);
    assert_eq!(mount["mountPath"], "/etc/bailiwick/tokens");
    let policy = objects(&trees["plain"], "cluster/secrets.yaml");
    let text = policy["ValidatingPolicy"].to_string();
    assert!(text.contains("partner"), "{text}");
}

/// Nobody is granted a tool of it there, so dispatch never calls it.
#[test]
fn a_server_that_nobody_may_call_gets_no_token() {
    let text = CATALOG.replace("grant bot web:* any:* remote:* inside:*", "grant bot web:*");
    let dispatch = objects(
        &built(&catalog_of(&text))["plain"],
        "namespace/bailiwick-dispatch.yaml",
    );
    let pod = &dispatch["StatefulSet"]["spec"]["template"]["spec"];
    let volumes = pod["volumes"].as_array().unwrap();
    assert!(volumes.iter().all(|volume| volume["name"] != "tokens"));
}

#[test]
fn counters_of_agents_and_servers_follow() {
    let trees = built(&catalog());
    let text = trees["plain"].get("permissions.txt").unwrap();
    let text = std::str::from_utf8(text).unwrap();
    assert_eq!(
        text.lines()
            .filter(|line| line.contains("remote"))
            .collect::<Vec<_>>(),
        [
            "bot remote:read concurrent=16 timeout=30s agent-limit=30/1m agent-burst=5 server-limit=50/1h server-burst=50 server-concurrent=4"
        ]
    );
}

#[test]
fn a_laptop_has_the_permissions_with_its_own_addresses_and_issuer() {
    let checked = checked(&catalog());
    let reached = LaptopServer {
        url: "http://127.0.0.1:9001/mcp".to_owned(),
        token_file: Some("/tmp/token".to_owned()),
    };
    let laptop = Laptop {
        endpoint: "http://127.0.0.1:8443/mcp".to_owned(),
        issuer: "http://127.0.0.1:8444".to_owned(),
        audience: "dev".to_owned(),
        max_age: 86_400,
        jwks: json!({ "keys": [] }),
        servers: BTreeMap::from([("web".to_owned(), reached)]),
    };
    let files = for_laptop(&checked.environments()["plain"], &laptop).unwrap();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["config.json", "web.json"]);
    let config: Config = serde_json::from_slice(&files["config.json"]).unwrap();
    assert_eq!(config.digest, config.computed_digest().unwrap());
    assert_eq!(config.endpoint.url, laptop.endpoint);
    let token_file = "/tmp/token".to_owned();
    assert_eq!(config.servers["web"].auth, Auth::Bearer { token_file });
    let identity = Identity::Subject {
        issuer: "dev".to_owned(),
        subject: "bot".to_owned(),
        client: None,
    };
    assert_eq!(config.agents["bot"].identity, identity);
    let tools: Vec<&str> = config.agents["bot"]
        .tools
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(tools, ["web_read"]);
    let definitions: Definitions = serde_json::from_slice(&files["web.json"]).unwrap();
    assert_eq!(definitions.tools.keys().collect::<Vec<_>>(), ["read"]);
}
