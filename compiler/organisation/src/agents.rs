//! Roles and agents of a team.

use crate::dice::Dice;
use crate::servers::Origin;
use crate::teams::Team;

/// Agents of a team.
pub(crate) const COUNT: usize = 5;

/// The role of the organisation, which people of several teams have.
pub(crate) const SHARED_ROLE: &str = "desk-reader";

/// The `role` and `agent` nodes of a team.
pub(crate) fn blocks(team: &Team, dice: &mut Dice) -> String {
    let name = &team.name;
    let server = |origin| {
        let server = team.server(origin);
        server.map_or(String::new(), |server| server.name.clone())
    };
    let (records, ledger) = (server(Origin::Image), server(Origin::Service));
    format!(
        "
role {name}-reader {{
    describe \"Reads the records of {name}\"
    allow {records}:get_* {records}:list_*
}}
role {name}-writer {{
    allow {records}:update_*
    limit {writes} per=\"1m\"
    arg channel email portal
    arg reason max-length=200
    arg priority min=1 max=3
}}
role {name}-proposer {{
    allow {ledger}:propose_*
    timeout \"10s\"
    arg change.amount min=0 max={most}
}}
role {name}-approver {{ allow {ledger}:approve_*; }}
role {name}-auditor {{ allow {ledger}:show_* {ledger}:audit_*; }}

agent {name}-clerk {{
    describe \"Keeps the records of {name}\"
    identity kubernetes namespace={name}-agents service-account=clerk
    delegate {name}-keeper
    limit {calls} per=\"1m\" concurrent=8
}}
agent {name}-keeper {{
    identity kubernetes namespace={name}-agents service-account=keeper
}}
agent {name}-controller {{
    identity kubernetes namespace={name}-agents service-account=controller
}}
// Reads what strangers write, so it sees nothing of the company.
agent {name}-scout {{
    identity oidc issuer=corp subject=\"agent:{name}-scout\"
}}
// People: every member of the group, through this client only.
agent {name}-people {{
    identity oidc issuer=corp group={name}-people client=\"{name}-desktop\"
}}
",
        writes = 10 + 5 * dice.below(3),
        most = 500 * (1 + dice.below(4)),
        calls = 200 + 100 * dice.below(4),
    )
}
