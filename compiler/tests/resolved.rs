//! Edges of the checks that look at resolved environments: what they let pass and what they do not.
//! The plain cases are in `checks/`.

#![cfg(test)]
#![expect(clippy::string_slice, reason = "findings point at whole characters")]

use bailiwick_compiler::assertion::{self, Outcome};
use bailiwick_compiler::diagnostic::Severity;
use bailiwick_compiler::source::Memory;
use bailiwick_compiler::{Date, Report, check};

const SERVERS: &str = r#"
catalog acme language=1
team support
group engineers
group oncall

server kb team=support version="1" {
    url "https://kb.example/mcp"
    tool search effect=read
    tool drop effect=destructive
    tool gone effect=read
}
server wiki team=support version="1" {
    url "https://wiki.example/mcp"
    tool read effect=read
}
"#;

const AGENTS: &str = "agent one team=support\nagent two team=support\n";

fn lock(server: &str, tools: &[&str]) -> (String, String) {
    let tools: Vec<String> = tools
        .iter()
        .map(|tool| format!(r#"{{"inputSchema":{{"type":"object"}},"name":"{tool}"}}"#))
        .collect();
    let text = format!(
        r#"{{"protocol":"1","revision":"1","server":"{server}","tools":[{}],"url":"https://{server}.example/mcp"}}"#,
        tools.join(",")
    );
    (format!("catalogs/lock/{server}@1.json"), text)
}

/// Checks `SERVERS` and this, with definition files; `kb` has no tool `gone` any more.
fn report(kdl: &str) -> Report {
    let files = [
        ("catalogs/org.kdl".to_owned(), format!("{SERVERS}{kdl}")),
        lock("kb", &["drop", "search"]),
        lock("wiki", &["read"]),
    ];
    let loader: Memory = files.into_iter().collect();
    check(&loader, &Date::parse("2026-12-01").unwrap()).unwrap()
}

/// Code and message of each error. What else is advised of these small catalogs is no matter here.
fn findings(kdl: &str) -> Vec<String> {
    let findings = report(kdl).findings.into_iter();
    findings
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{} {}", finding.check.code, finding.message))
        .collect()
}

#[test]
fn a_pattern_of_a_grant_leaves_a_vanished_tool_out() {
    let overlay = |tools: &str| {
        format!(
            "{AGENTS}environment dev\noverlay dev {{\n    deploy kb\n    grant one {tools}\n}}\n"
        )
    };
    assert_eq!(findings(&overlay("kb:*")), [""; 0]);
    assert_eq!(
        findings(&overlay("kb:gone")),
        ["LCK004 `kb:gone` is not in `kb@1`, which dev deploys"]
    );
}

#[test]
fn a_test_that_asserts_nothing_did_not_pass() {
    let report = report(&format!(
        "{AGENTS}environment dev\noverlay dev {{ deploy kb; }}\ntest \"later\" env=dev\n"
    ));
    let resolved = &report.resolved;
    let results = assertion::run(&resolved.catalog, &resolved.environments, &resolved.graphs);
    let passed: Vec<bool> = results.iter().map(assertion::TestResult::passed).collect();
    assert_eq!(passed, [false]);
}

#[test]
fn every_test_is_evaluated_with_each_pair_against_it() {
    let report = report(&format!(
        "{AGENTS}environment dev
role every {{ allow kb:*; }}
overlay dev {{
    deploy kb
    grant one every
    grant two kb:search
}}
test \"a\" env=dev {{
    can one kb:search kb:drop
    cannot two kb:drop
    cannot * kb:*
    can two kb:*
    cannot one wiki:*
}}
"
    ));
    let results = assertion::run(
        &report.resolved.catalog,
        &report.resolved.environments,
        &report.resolved.graphs,
    );
    let [result] = results.as_slice() else {
        panic!("{results:?}")
    };
    assert_eq!((result.title.as_str(), &*result.environment), ("a", "dev"));
    assert!(!result.passed());
    let outcomes: Vec<Vec<String>> = result
        .assertions
        .iter()
        .map(|assertion| match &assertion.outcome {
            Outcome::Held => vec!["held".to_owned()],
            Outcome::Vacuous => vec!["vacuous".to_owned()],
            Outcome::NotDeployed => vec!["not deployed".to_owned()],
            Outcome::Broken(against) => against
                .iter()
                .map(|pair| {
                    let hops = pair.way.iter().flat_map(|way| &way.hops);
                    let hops: Vec<String> = hops
                        .map(|hop| {
                            let file = report.sources.get(hop.loc.file).unwrap();
                            let line = file.position(hop.loc.span.start).line;
                            format!(" -> {} {}:{line}", hop.to, file.path)
                        })
                        .collect();
                    format!(
                        "{} {}:{}{}",
                        pair.agent,
                        pair.server,
                        pair.tool,
                        hops.concat()
                    )
                })
                .collect(),
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            vec!["held"],
            vec!["held"],
            vec!["held"],
            vec![
                "one kb:drop -> every catalogs/org.kdl:23 -> kb:drop catalogs/org.kdl:20",
                "one kb:search -> every catalogs/org.kdl:23 -> kb:search catalogs/org.kdl:20",
                "two kb:search -> kb:search catalogs/org.kdl:24",
            ],
            vec!["two kb:drop", "two kb:gone"],
            vec!["not deployed"],
        ]
    );
}

const CLUSTER: &str = r#"
environment dev {
    dispatch {
        image "r.example/dispatch:1@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
        url "https://mcp.example/mcp"
        tls secret=mcp-tls
        deployers "group:platform"
        REPLICAS
    }
    issuer corp kind=oidc url="https://login.example"
    issuer same kind=oidc url="https://login.example" audience="other"
    issuer other kind=oidc url="https://other.example"
    issuer cluster kind=kubernetes url="https://oidc.example"
    issuer people kind=oidc url="https://oidc.example"
    LIMIT
}
overlay dev {
    deploy kb
    grant one kb:search
    grant two kb:search
}
"#;

fn cluster(replicas: &str, limit: &str) -> String {
    CLUSTER
        .replace("REPLICAS", replicas)
        .replace("LIMIT", limit)
}

#[test]
fn an_agent_of_a_cluster_needs_an_identity() {
    let two = "agent two team=support { identity oidc issuer=corp subject=b; }\n";
    let missing = format!("agent one team=support\n{two}{}", cluster("", ""));
    assert_eq!(findings(&missing), Vec::<String>::new());
    let in_prod = missing.replace("environment dev {", "environment dev tier=prod {");
    let identity = "GRA014 no identity declared for `one`, which is granted something in dev";
    assert!(findings(&in_prod).contains(&identity.to_owned()));
    let wrong = format!(
        "agent one team=support {{ identity oidc issuer=corp; }}\n{two}{}",
        cluster("", "")
    );
    assert_eq!(
        findings(&wrong),
        ["LNG003 an identity of kind oidc needs `subject=` or `group=`"]
    );
}

#[test]
fn identities_that_one_token_could_have_are_shared() {
    let codes = |one: &str, two: &str| {
        let agents = format!(
            "agent one team=support {{ identity {one}; }}\nagent two team=support {{ identity {two}; }}\n"
        );
        let found = findings(&(agents + &cluster("", "")));
        let codes: Vec<&str> = found.iter().map(|finding| &finding[..6]).collect();
        codes.join(" ")
    };
    let shared = [
        ("oidc issuer=corp subject=a", "oidc issuer=corp subject=a"),
        // A client that is not written is any client.
        (
            "oidc issuer=corp subject=a client=x",
            "oidc issuer=corp subject=a",
        ),
        // Another name for the same tokens.
        ("oidc issuer=corp subject=a", "oidc issuer=same subject=a"),
        (
            "kubernetes namespace=n service-account=a",
            "oidc issuer=people subject=\"system:serviceaccount:n:a\"",
        ),
        // One person can be in both groups.
        (
            "oidc issuer=corp group=engineers client=x",
            "oidc issuer=corp group=oncall client=x",
        ),
        (
            "oidc issuer=corp group=engineers",
            "oidc issuer=corp group=oncall client=x",
        ),
    ];
    for (one, two) in shared {
        assert_eq!(codes(one, two), "GRA013", "{one} | {two}");
    }
    let apart = [
        ("oidc issuer=corp subject=a", "oidc issuer=corp subject=b"),
        (
            "oidc issuer=corp subject=a client=x",
            "oidc issuer=corp subject=a client=y",
        ),
        ("oidc issuer=corp subject=a", "oidc issuer=other subject=a"),
        // A subject goes before a group.
        (
            "oidc issuer=corp subject=a",
            "oidc issuer=corp group=oncall",
        ),
        (
            "oidc issuer=corp group=engineers client=x",
            "oidc issuer=corp group=oncall client=y",
        ),
        (
            "kubernetes namespace=n service-account=a",
            "kubernetes namespace=m service-account=a",
        ),
    ];
    for (one, two) in apart {
        assert_eq!(codes(one, two), "", "{one} | {two}");
    }
}

#[test]
fn counters_of_servers_and_agents_have_no_ceiling_but_their_sizes_have() {
    let kdl = |agent: &str| {
        format!(
            "agent one team=support {{ limit {agent}; }}\nagent two team=support\n\
             environment dev {{ limit 10 per=\"1m\" concurrent=2 max-args=\"1KiB\"; }}\n\
             overlay dev {{ deploy kb; grant one kb:search; }}\n"
        )
    };
    assert_eq!(findings(&kdl("600 concurrent=50")), [""; 0]);
    assert_eq!(
        findings(&kdl("600 max-args=\"2KiB\"")),
        ["LIM001 `max-args` of 2KiB is above the dev ceiling of 1KiB"]
    );
}

#[test]
fn a_ceiling_is_for_what_takes_part() {
    let kdl = |grant: &str| {
        format!(
            "{AGENTS}role slow {{ allow wiki:*; timeout \"1h\"; }}
environment dev {{ limit 60 per=\"1m\"; timeout \"10s\"; }}
overlay dev {{
    deploy kb wiki
    grant one {grant}
}}
"
        )
    };
    assert_eq!(findings(&kdl("kb:search")), [""; 0]);
    // Less per time, though more calls; its burst is held to that of the environment.
    assert_eq!(
        findings(&kdl("kb:search { limit 600 per=\"1h\"; }")),
        [""; 0]
    );
    assert_eq!(
        findings(&kdl("kb:search { limit 600 per=\"1h\" burst=61; }")),
        ["LIM001 `burst=61` is above the dev ceiling of 60"]
    );
    assert_eq!(
        findings(&kdl("slow")),
        ["LIM001 a timeout of 1h is above the dev ceiling of 10s"]
    );
}

#[test]
fn replicas_need_a_catalog_without_counters() {
    let findings = |replicas: &str, limit: &str| {
        let agents = "agent one team=support { identity oidc issuer=corp subject=a; }\n\
                      agent two team=support { identity oidc issuer=corp subject=b; }\n";
        findings(&format!("{agents}{}", cluster(replicas, limit)))
    };
    let counts = "ENV015 3 replicas would each count on their own";
    assert_eq!(findings("replicas 3", "limit 60"), [counts]);
    assert_eq!(findings("replicas 3", "limit concurrent=2"), [counts]);
    assert_eq!(findings("replicas 3", "limit max-args=\"1KiB\""), [""; 0]);
    assert_eq!(findings("replicas 3", ""), [""; 0]);
    assert_eq!(findings("", "limit 60"), [""; 0]);
}

#[test]
fn a_test_of_a_server_without_its_lock_file_says_nothing() {
    let kdl = format!(
        "{AGENTS}environment dev
server new team=support version=\"1\" {{ url \"https://new.example/mcp\"; tool look effect=read; }}
overlay dev {{ deploy new; grant one new:look; }}
test \"a\" env=dev {{ can one new:look; cannot two new:*; }}
"
    );
    assert_eq!(
        findings(&kdl),
        ["LCK001 dev deploys `new@1`; no matching file `catalogs/lock/new@1.json`"]
    );
}

#[test]
fn a_mistake_in_a_role_is_reported_once() {
    let kdl = format!(
        "{AGENTS}environment dev
role reader {{ allow kb:search; timeout \"soon\"; }}
overlay dev {{ deploy kb; grant one reader; }}
test \"a\" env=dev {{ can one kb:search; cannot two kb:search; }}
"
    );
    let codes: Vec<String> = findings(&kdl)
        .iter()
        .map(|finding| finding[..6].to_owned())
        .collect();
    assert_eq!(codes, ["LNG007"]);
}

#[test]
fn a_grant_holds_through_its_last_day() {
    let on = |today: &str| {
        let kdl = format!(
            "{AGENTS}environment dev\noverlay dev {{ deploy kb; grant one kb:search until=\"2026-12-31\"; }}\n"
        );
        let files = [
            ("catalogs/org.kdl".to_owned(), format!("{SERVERS}{kdl}")),
            lock("kb", &["search"]),
        ];
        let loader: Memory = files.into_iter().collect();
        let today = Date::parse(today).unwrap();
        let found = check(&loader, &today).unwrap().findings;
        let ended = found.iter().filter(|one| one.check.code == "GRA012");
        ended.count()
    };
    assert_eq!((on("2026-12-31"), on("2027-01-01")), (0, 1));
}
