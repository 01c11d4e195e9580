//! ENV: overlays that change nothing, are not tested, or are hard to review.

use std::collections::{BTreeMap, BTreeSet};

use super::addresses::remote_host;
use super::language::COMMENTED_OUT_GRANT;
use super::{error_in_prod, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Bounds, Environment};
use crate::model::{Catalog, Change, Claim, Egress, Name, Server, ServerSettings, Tier};
use crate::source::{At, FileId, Loc};

pub(crate) const PATCH_WITHOUT_EFFECT: Check = warning(
    "ENV007",
    "patch-without-effect",
    "a patch writes the value that is there already",
);
pub(crate) const UNTESTED_PROD: Check = warning(
    "ENV011",
    "untested-prod",
    "no test says what a team's agents cannot do in production",
);
pub(crate) const DEV_ENDPOINT_IN_PROD: Check = error_in_prod(
    "ENV012",
    "dev-endpoint-in-prod",
    "production connects to a host of a sandbox",
);
pub(crate) const OVERLAY_NOT_SEPARATE: Check = warning(
    "ENV013",
    "overlay-not-separate",
    "the overlay of production shares a file with other nodes",
);

/// Parts of host names that say that nothing there is real.
const SANDBOXES: [&str; 5] = ["dev", "sandbox", "staging", "stage", "test"];

/// A patch that writes what is written already only looks like a difference.
pub(crate) fn patch_without_effect(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for overlay in catalog.overlays() {
        for patch in &overlay.patches {
            for (setting, loc) in same(catalog, &patch.change) {
                let environment = &overlay.environment.value;
                let message = format!("`{setting}` is the same without the patch of {environment}");
                found.push(
                    PATCH_WITHOUT_EFFECT
                        .at(loc, message)
                        .help("leave it out, or write what differs"),
                );
            }
        }
    }
}

/// The settings of a patch that are the definition's, with their places.
fn same(catalog: &Catalog, change: &Change) -> Vec<(String, Loc)> {
    match change {
        Change::Server(name, settings) => {
            let server = catalog.servers.get(&name.value);
            server.map_or(Vec::new(), |server| {
                same_of_server(&server.settings, settings)
            })
        }
        Change::Agent(name, settings) => {
            let agent = catalog.agents.get(&name.value).into_iter();
            agent
                .filter_map(|agent| {
                    equal(
                        "identity",
                        agent.identity.as_ref(),
                        settings.identity.as_ref(),
                    )
                })
                .collect()
        }
        Change::Tool(name, settings) => {
            let (server, tool) = &name.value;
            let server = catalog.servers.get(server);
            let tool = server.and_then(|server| server.tools.get(tool));
            let Some(tool) = tool else {
                return Vec::new();
            };
            let timeout = equal(
                "timeout",
                tool.settings.timeout.as_ref(),
                settings.timeout.as_ref(),
            );
            let limit = settings.limit.as_ref().filter(|limit| {
                let bounds = Bounds::of(Some(limit), None);
                tool.settings.limit.is_some()
                    && bounds == Bounds::of(tool.settings.limit.as_ref(), None)
            });
            timeout
                .into_iter()
                .chain(limit.map(|limit| ("limit".to_owned(), limit.loc)))
                .collect()
        }
    }
}

fn same_of_server(own: &ServerSettings, patch: &ServerSettings) -> Vec<(String, Loc)> {
    let mut same: Vec<(String, Loc)> = [
        equal("version", own.version.as_ref(), patch.version.as_ref()),
        equal("image", own.image.as_ref(), patch.image.as_ref()),
        equal("args", own.args.as_ref(), patch.args.as_ref()),
        equal("command", own.command.as_ref(), patch.command.as_ref()),
        equal("url", own.url.as_ref(), patch.url.as_ref()),
        equal("service", own.service.as_ref(), patch.service.as_ref()),
        equal(
            "transport",
            own.transport.as_ref(),
            patch.transport.as_ref(),
        ),
        equal(
            "resources",
            own.resources.as_ref(),
            patch.resources.as_ref(),
        ),
        equal("auth", own.auth.as_ref(), patch.auth.as_ref()),
        equal("timeout", own.timeout.as_ref(), patch.timeout.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let variables = patch.env.iter();
    let variables = variables.filter(|(name, value)| own.env.get(*name) == Some(value));
    same.extend(variables.map(|(name, value)| (format!("env {name}"), value.loc)));
    let secrets = patch.secrets.iter();
    let secrets = secrets.filter(|(name, value)| own.secrets.get(*name) == Some(value));
    same.extend(secrets.map(|(name, value)| (format!("secret {name}"), value.loc)));
    let reached = |settings: &ServerSettings| -> BTreeSet<Egress> {
        let all = settings.egress.iter();
        all.map(|egress| egress.value.clone()).collect()
    };
    let egress = patch.egress.first();
    let egress = egress.filter(|_| reached(own) == reached(patch));
    same.extend(egress.map(|egress| ("egress".to_owned(), egress.loc)));
    same
}

fn equal<T: PartialEq>(
    setting: &str,
    own: Option<&At<T>>,
    patch: Option<&At<T>>,
) -> Option<(String, Loc)> {
    let patch = patch?;
    (own == Some(patch)).then(|| (setting.to_owned(), patch.loc))
}

/// What the agents of a team cannot do in production is said by a test.
pub(crate) fn untested_prod(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in prod(environments) {
        let mut teams: BTreeMap<&Name, Loc> = BTreeMap::new();
        let overlays = catalog.overlays_of(environment.name()).iter();
        for grant in overlays.flat_map(|overlay| &overlay.grants) {
            if let Some(agent) = catalog.agents.get(&grant.agent.value) {
                let first = teams.entry(&agent.team.value).or_insert(grant.agent.loc);
                *first = grant.agent.loc.min(*first);
            }
        }
        for (team, loc) in teams {
            if is_tested(catalog, environment.name(), team) {
                continue;
            }
            let name = environment.name();
            found.push(
                environment
                    .finding(
                        &UNTESTED_PROD,
                        loc,
                        format!("no test says what agents of `{team}` cannot do in {name}"),
                    )
                    .help(format!(
                        "write a `test` with `env={name}` and a `cannot` for what must never be"
                    )),
            );
        }
    }
}

/// Whether a `cannot` of this environment is about the team's agents or servers, or about all agents.
fn is_tested(catalog: &Catalog, environment: &Name, team: &Name) -> bool {
    let tests = catalog.tests.iter();
    let tests = tests.filter(|test| test.environment.value == *environment);
    tests.flat_map(|test| &test.assertions).any(|assertion| {
        let agent = match &assertion.agent {
            None => true,
            Some(agent) => {
                let agent = catalog.agents.get(&agent.value);
                agent.is_some_and(|agent| agent.team.value == *team)
            }
        };
        matches!(assertion.claim, Claim::Cannot(_)) && agent
    })
}

/// Production connects to nothing that is there to be tried out.
pub(crate) fn dev_endpoint_in_prod(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in prod(environments) {
        for deployed in environment.servers.values() {
            for (host, loc) in hosts(&deployed.server) {
                let Some(part) = sandbox(&host) else {
                    continue;
                };
                let (server, name) = (&deployed.server.name.value, environment.name());
                found.push(
                    environment
                        .finding(
                            &DEV_ENDPOINT_IN_PROD,
                            loc,
                            format!("`{server}` connects to `{host}` in {name}"),
                        )
                        .labelled(format!(
                            "`{part}` in a host name says that it is not for production"
                        ))
                        .help(format!(
                            "patch it for {name}, or suppress this if the host is what it should be"
                        )),
                );
            }
        }
    }
}

/// The hosts that a server is at or connects to.
fn hosts(server: &Server) -> Vec<(String, Loc)> {
    let remote = remote_host(&server.settings).into_iter();
    let remote = remote.map(|(host, loc)| (host.to_owned(), loc));
    let egress = server.settings.egress.iter();
    let egress = egress.filter_map(|egress| match &egress.value {
        Egress::Host(host, _) => Some((host.clone(), egress.loc)),
        Egress::Cidr(..) | Egress::Service { .. } => None,
    });
    remote.chain(egress).collect()
}

fn sandbox(host: &str) -> Option<&'static str> {
    let host = host.to_ascii_lowercase();
    // The last part is a top-level domain, and `dev` is one.
    let (labels, _) = host.rsplit_once('.')?;
    let parts: BTreeSet<&str> = labels.split(['.', '-']).collect();
    SANDBOXES.into_iter().find(|part| parts.contains(part))
}

/// What is live in production is one file to review.
pub(crate) fn overlay_not_separate(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let definitions = definitions(catalog);
    for environment in prod(environments) {
        for overlay in catalog.overlays_of(environment.name()) {
            let others = catalog.overlays().iter();
            let mut others = others.filter(|other| {
                other.loc.file == overlay.loc.file
                    && other.environment.value != overlay.environment.value
            });
            let other = definitions.get(&overlay.loc.file).copied();
            let other = other.or_else(|| Some(others.next()?.environment.loc));
            if let Some(other) = other {
                let name = environment.name();
                found.push(
                    environment
                        .finding(
                            &OVERLAY_NOT_SEPARATE,
                            overlay.environment.loc,
                            format!("the overlay of {name} shares a file with other nodes"),
                        )
                        .and(other, "this is in the same file")
                        .help(format!(
                            "give it a file of its own, such as `{name}.kdl`, which other people can own"
                        )),
                );
            }
        }
    }
}

/// A grant that is only commented out comes back with two characters.
pub(crate) fn commented_out_grant(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in prod(environments) {
        let overlays = catalog.overlays_of(environment.name());
        let is_inside = |grant: &&Loc| {
            let mut overlays = overlays.iter();
            overlays.any(|overlay| {
                overlay.loc.file == grant.file
                    && overlay.loc.span.start <= grant.span.start
                    && grant.span.end <= overlay.loc.span.end
            })
        };
        for grant in catalog.commented_grants.iter().filter(is_inside) {
            let name = environment.name();
            found.push(
                environment
                    .finding(
                        &COMMENTED_OUT_GRANT,
                        *grant,
                        format!("a grant that is commented out is still in an overlay of {name}"),
                    )
                    .help("remove it: the history of the file keeps it"),
            );
        }
    }
}

/// The first definition of each file.
fn definitions(catalog: &Catalog) -> BTreeMap<FileId, Loc> {
    let name = catalog.name.iter().map(|name| name.loc);
    let groups = catalog.groups.values().map(|group| group.name.loc);
    let teams = catalog.teams.values().map(|team| team.name.loc);
    let environments = catalog.environments.values();
    let environments = environments.map(|environment| environment.name.loc);
    let servers = catalog.servers.values().map(|server| server.name.loc);
    let roles = catalog.roles.values().map(|role| role.name.loc);
    let agents = catalog.agents.values().map(|agent| agent.name.loc);
    let mut first: BTreeMap<FileId, Loc> = BTreeMap::new();
    for loc in name
        .chain(groups)
        .chain(teams)
        .chain(environments)
        .chain(servers)
        .chain(roles)
        .chain(agents)
    {
        let known = first.entry(loc.file).or_insert(loc);
        *known = loc.min(*known);
    }
    first
}

fn prod(environments: &BTreeMap<Name, Environment>) -> impl Iterator<Item = &Environment> {
    let all = environments.values();
    all.filter(|environment| environment.target.tier == Tier::Prod)
}
