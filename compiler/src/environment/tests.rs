//! The rules of the language on resolution, case by case. An evaluator that shares no code is held
//! against all of it in `runtime/src/tests/agreement.rs`.

mod conditions;
mod fixture;

use super::*;
use fixture::Files;

const TOP: &str = "catalog acme language=1\nteam support\n";

const ZENDESK: &str = r#"
server zendesk team=support {
    image "r.example/zendesk:2.3.0"
    timeout "10s"
    tool get_ticket effect=read
    tool search_tickets { timeout "20s"; }
    tool new_upstream
}
role reader { allow zendesk:*; }
agent triage-bot team=support
agent reply-bot team=support
"#;

fn zendesk(environment: &str, overlay: &str) -> Files {
    let kdl =
        format!("{TOP}{environment}\n{ZENDESK}\noverlay e {{\n    deploy zendesk\n{overlay}\n}}");
    let image = r#""image":{"reference":"r.example/zendesk:2.3.0"}"#;
    let tools = ["get_ticket", "search_tickets", "undeclared"];
    Files::with_locks(&kdl, &[("zendesk", "2.3.0", image, &tools)])
}

fn only(files: &Files) -> Environment {
    let (_, mut environments, found) = files.resolved();
    assert_eq!(found, []);
    environments.remove("e").unwrap()
}

/// Each permission in one line.
fn lines(environment: &Environment) -> Vec<String> {
    let permissions = environment.permissions.iter();
    permissions
        .map(|((agent, server, tool), permission)| {
            let ResolvedLimit {
                rate,
                burst,
                concurrent,
            } = &permission.limit;
            let rate = rate.map_or("-".to_owned(), |(calls, per)| format!("{calls}/{per}"));
            let burst = burst.map_or("-".to_owned(), |burst| burst.to_string());
            let concurrent = concurrent.map_or("-".to_owned(), |most| most.to_string());
            let until = permission.until.as_deref().unwrap_or("-");
            let timeout = permission.timeout;
            format!("{agent} {server}:{tool} {rate} {burst} {concurrent} {timeout} {until}")
        })
        .collect()
}

#[test]
fn a_pair_has_the_smallest_of_all_values() {
    let files = zendesk(
        r#"environment e { limit 120 per="1m" burst=20 concurrent=8; }"#,
        r#"    grant triage-bot reader { limit 30 per="1m" concurrent=2; }
    grant reply-bot reader until="2027-03-31""#,
    );
    assert_eq!(
        lines(&only(&files)),
        [
            "reply-bot zendesk:get_ticket 120/60000 20 8 10000 2027-03-31",
            "reply-bot zendesk:search_tickets 120/60000 20 8 20000 2027-03-31",
            "triage-bot zendesk:get_ticket 30/60000 20 2 10000 -",
            "triage-bot zendesk:search_tickets 30/60000 20 2 20000 -",
        ]
    );
}

#[test]
fn an_expiry_never_loosens_and_a_pair_lives_while_one_grant_does() {
    let files = zendesk(
        "environment e",
        r#"    grant triage-bot zendesk:get_ticket until="2026-01-31" { timeout "1s"; }
    grant triage-bot zendesk:get_* until="2027-01-31" { limit 7; }
    grant reply-bot zendesk:get_ticket
    grant reply-bot reader until="2026-01-31" { limit 5; }"#,
    );
    assert_eq!(
        lines(&only(&files)),
        [
            "reply-bot zendesk:get_ticket 5/60000 5 16 10000 -",
            "reply-bot zendesk:search_tickets 5/60000 5 16 20000 2026-01-31",
            "triage-bot zendesk:get_ticket 7/60000 7 16 1000 2027-01-31",
        ]
    );
}

#[test]
fn rates_compare_as_calls_in_time_and_an_unwritten_burst_keeps_the_ceiling() {
    let files = zendesk(
        r#"environment e { limit 10 per="1s"; }"#,
        r#"    grant triage-bot zendesk:get_ticket { limit 600 per="1h"; }
    grant reply-bot zendesk:get_ticket"#,
    );
    assert_eq!(
        lines(&only(&files)),
        [
            "reply-bot zendesk:get_ticket 10/1000 10 16 10000 -",
            "triage-bot zendesk:get_ticket 600/3600000 10 16 10000 -",
        ]
    );
}

#[test]
fn a_patch_replaces_whole_settings_here_and_nowhere_else() {
    let files = zendesk(
        "environment e\nenvironment f",
        r#"    patch server zendesk { timeout "5s"; }
    patch tool zendesk:search_tickets { limit 3; }
    grant triage-bot reader
}
overlay f {
    deploy zendesk
    grant triage-bot reader"#,
    );
    let (_, environments, found) = files.resolved();
    assert_eq!(found, []);
    assert_eq!(
        lines(&environments["e"]),
        [
            "triage-bot zendesk:get_ticket - - 16 5000 -",
            "triage-bot zendesk:search_tickets 3/60000 3 16 20000 -",
        ]
    );
    assert_eq!(
        lines(&environments["f"]),
        [
            "triage-bot zendesk:get_ticket - - 16 10000 -",
            "triage-bot zendesk:search_tickets - - 16 20000 -",
        ]
    );
}

#[test]
fn a_patched_url_drops_the_workload_and_needs_its_own_revision() {
    let url = r#"    patch server zendesk version="3" { url "https://z.example/mcp"; }"#;
    let mut files = zendesk(
        "environment e",
        &format!("{url}\n    grant triage-bot reader"),
    );
    let lock = r#"{"url":"https://z.example/mcp","protocol":"1","revision":"3","server":"zendesk","tools":[]}"#;
    files
        .0
        .insert("catalogs/lock/zendesk@3.json".to_owned(), lock.to_owned());
    let environment = only(&files);
    let deployed = &environment.servers["zendesk"];
    assert_eq!(
        deployed.origin,
        Origin::Url("https://z.example/mcp".to_owned())
    );
    assert!(deployed.server.settings.image.is_none());

    let (_, environments, found) =
        zendesk("environment e", &url.replace(" version=\"3\"", "")).resolved();
    let codes: Vec<&str> = found.iter().map(|finding| finding.check.code).collect();
    assert_eq!(codes, ["LNG003"]);
    assert_eq!(environments["e"].servers.len(), 0);
}

/// A server as it is after one patch.
fn patched(server: &str, patch: &str, lock: (&str, &str)) -> Arc<Server> {
    let kdl = format!(
        "{TOP}environment e\nserver s team=support {{ {server}; tool t effect=read; }}\n\
         overlay e {{ deploy s; patch server s {patch} }}"
    );
    let (revision, origin) = lock;
    let environment = only(&Files::with_locks(&kdl, &[("s", revision, origin, &["t"])]));
    Arc::clone(&environment.servers["s"].server)
}

#[test]
fn a_patched_url_drops_all_that_shapes_a_workload() {
    let server = patched(
        r#"image "r.example/s:1"; resources cpu="1"; run-as 1000; probe http "/up"; pull-secret registry"#,
        r#"version="2" { url "https://s.example/mcp"; auth bearer secret=s; }"#,
        ("2", r#""url":"https://s.example/mcp""#),
    );
    assert_eq!(server.settings.resources, None);
    assert_eq!(server.run_as, None);
    assert_eq!(server.probe, None);
    assert_eq!(server.pull_secret, None);
    assert!(server.settings.bearer().is_some());
}

#[test]
fn a_patched_image_drops_how_dispatch_authenticates_to_the_url() {
    let kdl = r#"server s team=support version="1" { url "https://s.example/mcp"; auth bearer secret=s; tool t effect=read; }"#;
    let kdl = format!(
        "{TOP}environment e\n{kdl}\noverlay e {{ deploy s; patch server s {{ image \"r.example/s:2\"; }} }}"
    );
    let image = r#""image":{"reference":"r.example/s:2"}"#;
    let environment = only(&Files::with_locks(&kdl, &[("s", "2", image, &["t"])]));
    assert_eq!(environment.servers["s"].server.settings.auth, None);
}

#[test]
fn a_patched_command_drops_the_probe_and_nothing_else() {
    let server = patched(
        r#"image "r.example/s:1"; run-as 1000; probe http "/up""#,
        r#"{ image "r.example/s:2"; command "s-mcp"; }"#,
        (
            "2",
            r#""image":{"reference":"r.example/s:2"},"command":["s-mcp"]"#,
        ),
    );
    assert_eq!(server.probe, None);
    assert_eq!(server.run_as.as_ref().map(|id| id.value), Some(1000));
}

#[test]
fn a_server_without_a_matching_lock_file_gives_nothing() {
    let whole = zendesk("environment e", "    grant triage-bot reader");
    let path = "catalogs/lock/zendesk@2.3.0.json";
    let text = &whole.0[path];
    for (change, note) in [
        (None, "the file does not exist".to_owned()),
        (
            Some(text.replace("zendesk:2.3.0", "zendesk:2.2.0")),
            "`image` differs: `r.example/zendesk:2.2.0` is locked, the catalog has `r.example/zendesk:2.3.0`".to_owned(),
        ),
        (
            Some(text.replace("\"2.3.0\"", "\"2.2.0\"")),
            "the file is of `zendesk@2.2.0`".to_owned(),
        ),
        (
            Some(text.replace("{\"name\":\"undeclared\"}", "{\"name\":\"get_ticket\"}")),
            "the file is not valid: tool `get_ticket` is there twice".to_owned(),
        ),
        (
            Some(" ".repeat(1 << 20) + text),
            "the file cannot be read: it has more than 1048576 bytes".to_owned(),
        ),
    ] {
        let mut files = zendesk("environment e", "    grant triage-bot reader");
        match change {
            Some(text) => files.0.insert(path.to_owned(), text),
            None => files.0.remove(path),
        };
        let (_, environments, found) = files.resolved();
        let [finding] = found.as_slice() else { panic!("{note}: {found:?}") };
        assert_eq!((finding.check.code, &finding.notes), ("LCK001", &vec![note]));
        assert_eq!(environments["e"].permissions, BTreeMap::new());
        assert_eq!(environments["e"].unresolved.iter().map(|name| &**name).collect::<Vec<_>>(), ["zendesk"]);
    }
}

const DISPATCH: &str = r#"
    dispatch {
        image "r.example/dispatch:1"
        url "https://mcp.example/mcp"
        tls none
        deployers "group:platform"
    }
"#;

/// Codes and messages for an agent with this identity in a cluster with these issuers.
fn issuers(identity: &str, issuers: &str) -> Vec<String> {
    let kdl = format!(
        "{TOP}environment e {{{DISPATCH}{issuers}\n}}\n{ZENDESK}\nagent bot team=support {{ {identity}; }}\n\
         overlay e {{ grant bot zendesk:get_ticket; }}"
    );
    let (_, environments, found) = Files::with_locks(&kdl, &[]).resolved();
    let identity = &environments["e"].agents["bot"].identity;
    assert_eq!(identity.is_none(), !found.is_empty());
    let issuer = identity.iter().map(|(issuer, _)| issuer.to_string());
    let messages = found
        .iter()
        .map(|finding| format!("{} {}", finding.check.code, finding.message));
    issuer.chain(messages).collect()
}

#[test]
fn an_issuer_is_filled_in_when_it_is_the_only_one_of_its_kind() {
    const BOT: &str = "identity kubernetes namespace=n service-account=s";
    const ONE: &str = "issuer one kind=kubernetes url=\"https://one.example\"\n";
    const TWO: &str = "issuer two kind=kubernetes url=\"https://two.example\"\n";
    const CORP: &str = "issuer corp kind=oidc url=\"https://corp.example\"\n";
    let named = |name: &str| format!("{BOT} issuer={name}");
    assert_eq!(issuers(BOT, &format!("{ONE}{CORP}")), ["one"]);
    assert_eq!(issuers(&named("two"), &format!("{ONE}{TWO}")), ["two"]);
    assert_eq!(
        issuers(BOT, CORP),
        ["NAM003 no issuer of kind kubernetes in e"]
    );
    assert_eq!(
        issuers(BOT, &format!("{ONE}{TWO}")),
        ["NAM003 e has several issuers of kind kubernetes"]
    );
    assert_eq!(
        issuers(&named("corp"), CORP),
        ["NAM003 no issuer `corp` of kind kubernetes in e"]
    );
}
