//! What a team says of its permissions in an environment.

use crate::overlays::Plan;
use crate::servers::Origin;
use crate::teams::Team;

/// The `test` nodes of one environment.
pub(crate) fn blocks(team: &Team, plan: &Plan, tier: &str, environment: &str) -> String {
    let name = &team.name;
    let server = |origin| {
        let server = team.server(origin);
        server.map_or("", |server| &*server.name)
    };
    let (records, ledger) = (server(Origin::Image), server(Origin::Service));
    let desk = server(Origin::Bridged);
    let mut text = format!(
        "
test \"{name}: who approves does not propose in {environment}\" env={environment} {{
    can {name}-controller {ledger}:approve_* {ledger}:show_*
    can {name}-keeper {ledger}:propose_*
    cannot {name}-keeper {ledger}:approve_*
    cannot {name}-controller {ledger}:propose_*
}}
"
    );
    if tier != "prod" {
        return text;
    }
    text.push_str(&format!(
        "
test \"{name}: what nobody may call in {environment}\" env={environment} {{
    cannot {name}-clerk {}
}}
test \"{name}: records and strangers stay apart in {environment}\" env={environment} {{
    can {name}-clerk {records}:get_* {records}:list_*
    cannot {name}-scout {records}:* {ledger}:* {desk}:*
    cannot {name}-people {records}:* {ledger}:*
    no-flow {name}-clerk from=confidential to=external
    no-flow {name}-scout from=confidential to=external
}}
",
        plan.ungranted.join(" ")
    ));
    if let Some(tool) = &plan.suspended {
        text.push_str(&format!(
            "test \"{name}: updates rest in {environment}\" env={environment} {{ cannot {name}-clerk {tool}; }}\n"
        ));
    }
    text
}
