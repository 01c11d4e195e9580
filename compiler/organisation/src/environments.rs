//! The root of the catalogs: the organisation, its teams and its environments.

use crate::agents::SHARED_ROLE;
use crate::servers::digest;
use crate::teams::Team;

/// How near to production an environment is, and the name of a team's file for it.
pub(crate) const TIERS: [&str; 3] = ["dev", "stage", "prod"];

/// All environments.
pub(crate) fn names(divisions: usize) -> Vec<String> {
    let all = (0..divisions).flat_map(of);
    all.map(|(_, name)| name).collect()
}

/// The environments of one division, with their tiers.
pub(crate) fn of(division: usize) -> impl Iterator<Item = (&'static str, String)> {
    TIERS
        .into_iter()
        .map(move |tier| (tier, name(tier, division)))
}

fn name(tier: &str, division: usize) -> String {
    match division {
        0 => tier.to_owned(),
        _ => format!("{tier}-{}", division + 1),
    }
}

/// The text of `org.kdl`.
pub(crate) fn top(teams: &[Team], divisions: usize) -> String {
    let mut text = "\
// Owned by the people who run the platform.
catalog acme language=1 {
    data-classes public internal confidential restricted private=confidential
}

group security-leads idp=\"acme-security-leads\" codeowners=\"@acme/security\"
"
    .to_owned();
    for Team { name, .. } in teams {
        text.push_str(&format!(
            "group {name}-leads idp=\"acme-{name}-leads\" codeowners=\"@acme/{name}\"\n\
             group {name}-people idp=\"acme-{name}\"\n\
             team {name} {{ owner {name}-leads; }}\n"
        ));
    }
    for Team { name, .. } in teams {
        text.push_str(&format!(
            "exclusive {name}-proposer {name}-approver reason=\"who proposes does not approve\"\n"
        ));
    }
    if let Some(first) = teams.first().filter(|first| first.next().is_some()) {
        text.push_str(&format!(
            "\n// For everyone who runs beside {0}.\nrole {SHARED_ROLE} {{ allow {0}-desk:find_*; }}\n",
            first.name
        ));
    }
    for division in 0..divisions {
        for tier in TIERS {
            text.push_str(&environment(tier, division));
        }
    }
    text
}

fn environment(tier: &str, division: usize) -> String {
    let own = name(tier, division);
    let after = match tier {
        "dev" => String::new(),
        "stage" => format!(" after={}", name("dev", division)),
        _ => format!(" after={}", name("stage", division)),
    };
    let held = match tier {
        "dev" => "    limit 600 per=\"1m\" concurrent=32\n    timeout \"60s\"\n",
        "stage" => "    limit 300 per=\"1m\" concurrent=16\n    timeout \"60s\"\n",
        _ => {
            "    limit 120 per=\"1m\" burst=40 concurrent=8 max-args=\"64KiB\" max-result=\"1MiB\"\n    \
             timeout \"45s\"\n    \
             suppress SIG001 reason=\"few people may change this cluster, and each change is seen\" until=\"2027-12-31\"\n    \
             deny *:delete_* *:purge_* *:erase_* reason=\"nothing is destroyed by an agent in production\"\n"
        }
    };
    let digest = digest("dispatch", "1.0.0");
    format!(
        "
environment {own} tier={tier}{after} namespace=mcp-{own} {{
    network cilium
    dispatch {{
        image \"registry.acme.internal/bailiwick/dispatch:1.0.0@{digest}\"
        url \"https://mcp.{own}.acme.internal/mcp\"
        tls issuer=internal-ca
        audit volume=\"20Gi\"
        deployers \"system:serviceaccount:argocd:argocd\"
    }}
    issuer cluster kind=kubernetes url=\"https://oidc.{own}.acme.internal\"
    issuer corp kind=oidc url=\"https://login.acme.com\"
{held}}}
"
    )
}
