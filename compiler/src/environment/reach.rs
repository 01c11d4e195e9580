//! Reach: which tools an agent is given, by which grants and roles.

use std::collections::{BTreeMap, BTreeSet};

use super::{DeployedServer, Path};
use crate::model::{Catalog, Grant, Granted, Name, Pattern, Role};
use crate::source::{At, Loc};

/// What gives one agent one tool, mostly one thing.
#[derive(Debug, Default)]
pub(super) struct Reach<'c> {
    /// The grants, each once.
    pub(super) grants: Vec<&'c Grant>,
    /// The roles, each once.
    pub(super) roles: Vec<&'c Role>,
    /// Each way through them, sorted.
    pub(super) paths: Vec<Path>,
}

impl Reach<'_> {
    /// The pair lives while one of its grants lives: the latest end, none if one has none.
    pub(super) fn until(&self) -> Option<String> {
        let ends: Option<Vec<&str>> = self
            .grants
            .iter()
            .map(|grant| grant.until.as_ref().map(|until| until.value.as_str()))
            .collect();
        ends?.into_iter().max().map(ToOwned::to_owned)
    }
}

/// By agent, server and tool.
pub(super) type Pairs<T> = BTreeMap<(Name, Name, Name), T>;

/// Every granted pair of one environment: the union over its grants.
pub(super) fn reach<'c>(
    catalog: &'c Catalog,
    environment: &str,
    servers: &BTreeMap<Name, DeployedServer>,
) -> Pairs<Reach<'c>> {
    reach_of(granted_patterns(catalog, environment), servers)
}

/// What the shadow grants of one environment would give.
pub(super) fn shadows(
    catalog: &Catalog,
    environment: &str,
    servers: &BTreeMap<Name, DeployedServer>,
) -> Pairs<BTreeSet<Path>> {
    let patterns = patterns_of(catalog, environment, |grant| grant.shadow.is_some());
    let reached = reach_of(patterns, servers).into_iter();
    reached
        .map(|(pair, reach)| (pair, reach.paths.into_iter().collect()))
        .collect()
}

fn reach_of<'c>(
    patterns: impl Iterator<Item = GrantedPattern<'c>>,
    servers: &BTreeMap<Name, DeployedServer>,
) -> Pairs<Reach<'c>> {
    let mut reached: Pairs<Reach<'c>> = BTreeMap::new();
    for granted in patterns {
        for (server, tool) in expand(granted.pattern, servers) {
            let pair = (
                granted.grant.agent.value.clone(),
                server.clone(),
                tool.clone(),
            );
            let reach = reached.entry(pair).or_default();
            // A grant is gone through at once, so it can be there only as the last.
            if reach
                .grants
                .last()
                .is_none_or(|last| last.loc != granted.grant.loc)
            {
                reach.grants.push(granted.grant);
            }
            reach.roles.extend(granted.role.map(|(role, _)| role));
            reach.paths.push(granted.path());
        }
    }
    for reach in reached.values_mut() {
        reach.roles.sort_unstable_by_key(|role| &role.name.value);
        reach.roles.dedup_by_key(|role| &role.name.value);
        reach.paths.sort_unstable();
        reach.paths.dedup();
    }
    reached
}

/// The grants of one environment.
pub(super) fn grants<'c>(
    catalog: &'c Catalog,
    environment: &str,
) -> impl Iterator<Item = &'c Grant> {
    catalog
        .overlays_of(environment)
        .iter()
        .flat_map(|overlay| &overlay.grants)
}

/// A pattern that a grant gives, directly or through a role.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GrantedPattern<'c> {
    /// The grant.
    pub(crate) grant: &'c Grant,
    /// The role or pattern in the grant.
    pub(crate) given: Loc,
    /// The role, when it is one, and the pattern in it.
    pub(crate) role: Option<(&'c Role, Loc)>,
    /// The pattern.
    pub(crate) pattern: &'c Pattern,
}

impl GrantedPattern<'_> {
    /// Where the pattern is written: in the role, or in the grant.
    pub(crate) fn written(&self) -> Loc {
        self.role.map_or(self.given, |(_, allow)| allow)
    }

    fn path(&self) -> Path {
        Path {
            grant: self.given,
            role: self
                .role
                .map(|(role, allow)| (role.name.value.clone(), allow)),
        }
    }
}

/// Every pattern that the grants of one environment give to agents that exist. A shadow grant gives
/// nothing.
pub(crate) fn granted_patterns<'c>(
    catalog: &'c Catalog,
    environment: &str,
) -> impl Iterator<Item = GrantedPattern<'c>> {
    patterns_of(catalog, environment, |grant| grant.shadow.is_none())
}

fn patterns_of<'c>(
    catalog: &'c Catalog,
    environment: &str,
    meant: fn(&Grant) -> bool,
) -> impl Iterator<Item = GrantedPattern<'c>> {
    let known = grants(catalog, environment)
        .filter(move |grant| meant(grant))
        .filter(|grant| catalog.agents.contains_key(&grant.agent.value));
    known.flat_map(move |grant| {
        grant
            .what
            .iter()
            .flat_map(move |what| patterns(catalog, grant, what))
    })
}

fn patterns<'c>(
    catalog: &'c Catalog,
    grant: &'c Grant,
    what: &'c At<Granted>,
) -> Vec<GrantedPattern<'c>> {
    let given = what.loc;
    match &what.value {
        Granted::Tools(pattern) => vec![GrantedPattern {
            grant,
            given,
            role: None,
            pattern,
        }],
        Granted::Role(name) => {
            let roles = catalog.roles.get(name).into_iter();
            roles
                .flat_map(|role| role.allow.iter().map(move |allow| (role, allow)))
                .map(|(role, allow)| GrantedPattern {
                    grant,
                    given,
                    role: Some((role, allow.loc)),
                    pattern: &allow.value,
                })
                .collect()
        }
    }
}

/// The tools of a deployed server that a pattern covers: declared and locked, nothing else. A
/// pattern in a grant always names its server.
fn expand<'s>(
    pattern: &'s Pattern,
    servers: &'s BTreeMap<Name, DeployedServer>,
) -> impl Iterator<Item = (&'s Name, &'s Name)> {
    let named = pattern.server.as_ref();
    let deployed = named
        .and_then(|server| servers.get_key_value(server))
        .into_iter();
    deployed.flat_map(|(name, deployed)| {
        let declared = deployed.server.matching(&pattern.tool);
        declared
            .filter(|(tool, _)| deployed.lock.tools.contains_key(*tool))
            .map(move |(tool, _)| (name, tool))
    })
}
