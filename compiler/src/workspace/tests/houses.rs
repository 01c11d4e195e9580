//! A small catalog of two houses that know nothing of each other, with everything that ties files together.

use std::collections::BTreeMap;

/// Files by path.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// The files of the catalog.
pub(super) fn houses() -> Files {
    let mut org = "catalog acme language=1\ngroup leads\ngroup staff\n".to_owned();
    let teams = ["desk", "bank", "labs", "tool-shop"];
    org.extend(teams.map(|team| format!("team {team} {{ owner leads; }}\n")));
    for (name, tier, after) in [
        ("dev", "dev", ""),
        ("prod", "prod", " after=dev"),
        ("lab", "dev", ""),
        ("live", "prod", " after=lab"),
    ] {
        org += &environment(name, tier, after);
    }
    org += "exclusive bank-payer desk-auditor reason=\"who pays does not look\"\n";
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    files.insert("catalogs/org.kdl".to_owned(), org);
    files.insert("catalogs/keys.json".to_owned(), r#"{"keys":[]}"#.to_owned());
    let houses = [
        ("dev", "prod", "desk", "bank"),
        ("lab", "live", "labs", "tool-shop"),
    ];
    for (before, last, one, other) in houses {
        team(&mut files, one, other, [before, last]);
        team(&mut files, other, one, [before, last]);
    }
    files
        .into_iter()
        .map(|(path, text)| (path, text.into_bytes()))
        .collect()
}

fn environment(name: &str, tier: &str, after: &str) -> String {
    let digest = "0".repeat(64);
    format!(
        r#"environment {name} tier={tier}{after} {{
    network cilium
    dispatch {{
        image "r.example/dispatch:1.0.0@sha256:{digest}"
        url "https://mcp.{name}.example/mcp"
        tls issuer=internal-ca
        deployers "group:platform"
    }}
    issuer cluster kind=kubernetes url="https://oidc.{name}.example" jwks="keys.json"
    limit 300 per="1m" concurrent=16
    deny *:drop* reason="never"
}}
"#
    )
}

/// A team with a server and two agents; it lends a tool to the other team of its house.
fn team(files: &mut BTreeMap<String, String>, name: &str, other: &str, environments: [&str; 2]) {
    let folder = format!("catalogs/{name}");
    let digest = "1".repeat(64);
    files.insert(
        format!("{folder}/catalog.kdl"),
        format!(
            r#"server {name} {{
    image "r.example/{name}:1.0.0@sha256:{digest}"
    visible-to {other}
    tool get effect=read reads=confidential content=trusted
    tool find effect=read reads=internal content=untrusted
    tool send effect=write reads=internal content=trusted sends=internal {{ suppress TOL009 reason="r" until="2027-01-01"; }}
    tool drop
}}
role {name}-payer {{ allow {name}:get {name}:s*; }}
role {name}-auditor {{ allow {name}:find; }}
agent {name}-bot {{
    identity kubernetes namespace={name} service-account=bot
    delegate {name}-clerk
}}
agent {name}-clerk {{ identity kubernetes namespace={name} service-account=clerk; }}
"#
        ),
    );
    for environment in environments {
        files.insert(
            format!("{folder}/{environment}.kdl"),
            format!(
                r#"overlay {environment} {{
    deploy {name}
    grant {name}-bot {name}-payer until="2027-03-31"
    grant {name}-clerk {name}-auditor {other}:get
    patch tool {name}:get {{ limit 5 per="1m"; }}
    suspend tool {name}:find reason="under review"
}}
test "{name} in {environment}" env={environment} {{
    can {name}-bot {name}:get
    cannot {name}-bot {name}:find {name}:drop
    cannot * {name}:drop
}}
"#
            ),
        );
    }
    let tools = ["drop", "find", "get", "send"].map(|tool| {
        format!(
            "{{\"description\":\"Does it for {name}\",\"inputSchema\":{{\"type\":\"object\",\"properties\":{{\"id\":{{\"type\":\"string\"}}}}}},\"name\":\"{tool}\"}}"
        )
    });
    files.insert(
        format!("{folder}/lock/{name}@1.0.0.json"),
        format!(
            "{{\n\"image\":{{\"reference\":\"r.example/{name}:1.0.0@sha256:{digest}\"}},\n\"protocol\":\"2025-11-25\",\n\"revision\":\"1.0.0\",\n\"server\":\"{name}\",\n\"tools\":[\n{}\n]}}\n",
            tools.join(",\n")
        ),
    );
}
