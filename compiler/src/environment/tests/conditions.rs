//! Approvals, narrowings, tries, records, suspension and shadow grants, case by case.

use super::*;
use crate::model::Kept;

const TOP: &str = "catalog acme language=1\nteam support\ngroup leads\ngroup oncall\n";

/// A server with a tool of each effect, and what the environment `e` and its overlay write.
fn kb(environment: &str, server: &str, tools: &str, overlay: &str) -> Environment {
    let kdl = format!(
        r#"{TOP}
environment e {{
{environment}
}}
server kb team=support {{
    image "r.example/kb:1"
{server}
    tool get effect=read
    tool put effect=write
    tool drop
{tools}
}}
role editor {{
    allow kb:put kb:drop
    approval by=leads quorum=2 ttl="20m"
    arg size min=1 max=10
}}
agent bot team=support
agent other team=support
overlay e {{
    deploy kb
{overlay}
}}
"#
    );
    let image = r#""image":{"reference":"r.example/kb:1"}"#;
    let tools = ["get", "put", "drop", "more"];
    only(&Files::with_locks(&kdl, &[("kb", "1", image, &tools)]))
}

fn permission<'e>(environment: &'e Environment, agent: &str, tool: &str) -> &'e Permission {
    let pair = [agent, "kb", tool].map(Name::trusted);
    let [agent, server, tool] = pair;
    &environment.permissions[&(agent, server, tool)]
}

/// `group*quorum/ttl` in milliseconds, and how many lines ask for it.
fn approvals(permission: &Permission) -> Vec<String> {
    let approvals = permission.approvals.iter();
    approvals
        .map(|one| {
            let places = one.places.len();
            format!("{}*{}/{} by {places}", one.group, one.quorum, one.ttl)
        })
        .collect()
}

#[test]
fn of_one_group_the_larger_quorum_and_the_shorter_time_hold() {
    let environment = kb(
        r#"approval by=leads ttl="5m""#,
        "",
        "",
        r#"grant bot editor { approval by=leads quorum=3 ttl="1h"; }"#,
    );
    let drop = permission(&environment, "bot", "drop");
    assert_eq!(approvals(drop), ["leads*3/300000 by 3"]);
    // What the environment asks for destructive tools is not for this one.
    let put = permission(&environment, "bot", "put");
    assert_eq!(approvals(put), ["leads*3/1200000 by 2"]);
}

#[test]
fn different_groups_each_approve() {
    let environment = kb(
        "approval by=oncall for=write",
        "",
        "",
        "grant bot editor kb:get",
    );
    let put = permission(&environment, "bot", "put");
    assert_eq!(
        approvals(put),
        ["leads*2/1200000 by 1", "oncall*1/900000 by 1"]
    );
    assert!(permission(&environment, "bot", "get").approvals.is_empty());
}

#[test]
fn conditions_of_a_role_hold_also_where_another_grant_gives_the_tool() {
    let environment = kb(
        "",
        "",
        "",
        "grant bot editor until=\"2026-01-31\"\ngrant bot kb:put\ngrant other kb:put",
    );
    let put = permission(&environment, "bot", "put");
    assert_eq!(approvals(put), ["leads*2/1200000 by 1"]);
    assert_eq!(put.narrowings.len(), 1);
    let without = permission(&environment, "other", "put");
    assert!(without.approvals.is_empty() && without.narrowings.is_empty());
}

#[test]
fn narrowings_of_the_tool_the_role_and_the_grant_are_all_kept() {
    let environment = kb(
        "",
        "",
        "tool more { arg size max=5; arg kind a b; }",
        "grant bot kb:more editor { arg size min=2; }",
    );
    let paths = |tool: &str| -> Vec<String> {
        let narrowings = &permission(&environment, "bot", tool).narrowings;
        let paths = narrowings.iter().map(|one| one.path.value.to_string());
        paths.collect()
    };
    assert_eq!(paths("more"), ["size", "kind", "size"]);
    assert_eq!(paths("put"), ["size", "size"]);
}

#[test]
fn a_patch_replaces_an_approval_by_group_and_a_narrowing_by_argument() {
    let environment = kb(
        "",
        "",
        "tool more {
            approval by=leads quorum=2
            approval by=oncall
            arg size max=5
            arg kind a b
        }",
        r#"grant bot kb:more
    patch tool kb:more {
        approval by=leads quorum=1 ttl="1m"
        arg size max=50
    }"#,
    );
    let more = permission(&environment, "bot", "more");
    assert_eq!(
        approvals(more),
        ["leads*1/60000 by 1", "oncall*1/900000 by 1"]
    );
    let most: Vec<Option<String>> = more
        .narrowings
        .iter()
        .map(|one| one.max.as_ref().map(|max| max.value.to_string()))
        .collect();
    assert_eq!(most, [None, Some("50".to_owned())]);
}

#[test]
fn a_servers_retry_reaches_tools_that_a_second_call_does_no_harm() {
    let environment = kb(
        "",
        r#"retry 3 backoff="1s""#,
        "tool more effect=write repeat=safe { retry 1; }",
        "grant bot kb:*",
    );
    let tries = |tool: &str| {
        let retry = permission(&environment, "bot", tool).retry;
        retry.map(|retry| (retry.tries, retry.backoff, retry.max_backoff))
    };
    assert_eq!(tries("get"), Some((3, 1_000, 5_000)));
    assert_eq!(tries("put"), None);
    assert_eq!(tries("more"), Some((1, 200, 5_000)));
}

#[test]
fn each_property_of_record_is_inherited_by_itself() {
    let environment = kb(
        "record result=none sync=intent",
        "record arguments=full",
        "tool more effect=read { record result=full; }",
        "grant bot kb:*",
    );
    let kept = |tool: &str| {
        let record = &permission(&environment, "bot", tool).record;
        (record.arguments, record.result, record.sync_outcome)
    };
    assert_eq!(kept("get"), (Kept::Full, Kept::Nothing, false));
    assert_eq!(kept("more"), (Kept::Full, Kept::Full, false));
    // Only what reads may answer before its outcome is recorded.
    assert_eq!(kept("put"), (Kept::Full, Kept::Nothing, true));
}

#[test]
fn what_is_suspended_cannot_be_called_and_is_kept_aside() {
    let pairs = |suspend: &str| -> (Vec<String>, Vec<String>) {
        let overlay = format!("grant bot kb:get kb:put\ngrant other kb:get\n{suspend}");
        let environment = kb("", "", "", &overlay);
        let text = |(agent, _, tool): &(Name, Name, Name)| format!("{agent} {tool}");
        (
            environment.permissions.keys().map(text).collect(),
            environment.suspended.keys().map(text).collect(),
        )
    };
    let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let all = owned(&["bot get", "bot put", "other get"]);
    assert_eq!(pairs(""), (all.clone(), Vec::new()));
    assert_eq!(
        pairs("suspend tool kb:get reason=x"),
        (owned(&["bot put"]), owned(&["bot get", "other get"]))
    );
    assert_eq!(
        pairs("suspend agent bot reason=x"),
        (owned(&["other get"]), owned(&["bot get", "bot put"]))
    );
    assert_eq!(pairs("suspend server kb reason=x"), (Vec::new(), all));
}

#[test]
fn a_shadow_grant_gives_neither_reach_nor_constraints() {
    let environment = kb(
        "",
        "",
        "",
        "grant bot kb:put\ngrant bot kb:drop editor mode=shadow { limit 1; approval by=oncall; }",
    );
    let callable: Vec<String> = lines(&environment);
    assert_eq!(callable, ["bot kb:put - - 16 30000 -"]);
    assert!(permission(&environment, "bot", "put").approvals.is_empty());
    assert!(environment.constraints.is_empty());
    let shadows: Vec<String> = environment
        .shadows
        .iter()
        .map(|((agent, _, tool), paths)| format!("{agent} {tool} by {}", paths.len()))
        .collect();
    assert_eq!(shadows, ["bot drop by 2", "bot put by 1"]);
}
