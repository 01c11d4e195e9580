//! A suspension is held by what is built: the configuration and the definitions lack the tool, and the
//! review keeps its line.

use super::*;

const CATALOG: &str = r#"
catalog acme language=1
team support
environment dev {
    dispatch {
        image "registry.example/dispatch:1.0.0"
        url "https://mcp.example/mcp"
        tls issuer=ca
        deployers "group:platform"
    }
    issuer cluster kind=kubernetes url="https://oidc.example"
}
server kb team=support version="1" {
    url "https://kb.example/mcp"
    tool get_article effect=read
    tool purge
}
agent helper team=support {
    identity kubernetes namespace=agents service-account=helper
}
overlay dev {
    deploy kb
    grant helper kb:*
    SUSPEND
}
"#;

const LOCK: &str = r#"{"protocol":"1","revision":"1","server":"kb","tools":[{"inputSchema":{"type":"object"},"name":"get_article"},{"inputSchema":{"type":"object"},"name":"purge"}],"url":"https://kb.example/mcp"}"#;

/// The review, what agents may call, and what is told of the server's tools.
fn handed_over(suspend: &str) -> (String, Vec<String>, Vec<String>) {
    let mut files = Memory::default();
    files.insert("catalogs/org.kdl", CATALOG.replace("SUSPEND", suspend));
    files.insert("catalogs/lock/kb@1.json", LOCK);
    let trees = built(&files);
    let tree = &trees["dev"];
    let text = |path: &str| String::from_utf8(tree.get(path).unwrap().to_vec()).unwrap();
    let json = |path: &str| -> Value { serde_json::from_str(&text(path)).unwrap() };
    let names = |value: &Value| -> Vec<String> {
        let members = value.as_object().into_iter().flatten();
        members.map(|(name, _)| name.clone()).collect()
    };
    let definitions = tree.get("runtime/kb.json");
    (
        text("permissions.txt"),
        names(&json("runtime/config.json")["agents"]["helper"]["tools"]),
        definitions.map_or(Vec::new(), |_| names(&json("runtime/kb.json")["tools"])),
    )
}

#[test]
fn a_suspended_tool_leaves_the_table_and_stays_in_the_review() {
    let (review, callable, defined) = handed_over("");
    assert_eq!(callable, ["kb_get_article", "kb_purge"]);
    assert_eq!(defined, ["get_article", "purge"]);
    assert!(!review.contains("suspended"));

    let (review, callable, defined) = handed_over("suspend tool kb:purge reason=\"INC-7\"");
    assert_eq!(callable, ["kb_get_article"]);
    assert_eq!(defined, ["get_article"]);
    assert_eq!(
        review,
        "helper kb:get_article concurrent=16 timeout=30s\n\
         helper kb:purge concurrent=16 timeout=30s suspended\n"
    );
}

#[test]
fn a_suspended_agent_or_server_has_nothing_to_call() {
    for suspend in [
        "suspend agent helper reason=x",
        "suspend server kb reason=x",
    ] {
        let (review, callable, defined) = handed_over(suspend);
        assert_eq!((callable, defined), (Vec::new(), Vec::new()), "{suspend}");
        assert_eq!(review.matches(" suspended\n").count(), 2, "{suspend}");
    }
}
