//! NAM: names, references, authority.

use std::collections::{BTreeMap, BTreeSet};

use super::error;
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, MAX_EXPOSED, granted_patterns};
use crate::model::{Catalog, Name, Tool};
use crate::source::Loc;

pub(crate) const DUPLICATE_NAME: Check = error(
    "NAM001",
    "duplicate-name",
    "two things of one kind have one name",
);
pub(crate) const BAD_NAME: Check = error(
    "NAM002",
    "bad-name",
    "names are lower-case letters, digits and single dashes",
);
pub(crate) const UNKNOWN_REFERENCE: Check = error(
    "NAM003",
    "unknown-reference",
    "nothing of this kind has this name",
);
pub(crate) const UNKNOWN_TOOL: Check =
    error("NAM004", "unknown-tool", "the server declares no such tool");
pub(crate) const EMPTY_PATTERN: Check = error(
    "NAM005",
    "empty-pattern",
    "a pattern matches no declared tool",
);
pub(crate) const NOT_VISIBLE: Check = error(
    "NAM006",
    "not-visible",
    "a grant gives what its agent's team may not use",
);
pub(crate) const RESERVED_NAME: Check = error(
    "NAM012",
    "reserved-name",
    "the name is a word of the language, of a folder or of a cluster",
);
pub(crate) const OUTSIDE_AUTHORITY: Check = error(
    "NAM013",
    "outside-authority",
    "a team's file touches what is not the team's",
);
pub(crate) const EXPOSED_NAME: Check = error(
    "NAM007",
    "exposed-name",
    "the name under which agents see a tool is too long, or not the tool's alone",
);

pub(crate) const NOT_DEPLOYED: Check = error(
    "NAM009",
    "not-deployed",
    "a tool is granted, but no overlay deploys its server there",
);

/// Exposed names fit, and each is one tool's in the list of each agent. What is wrong in several
/// environments is reported for the first.
pub(crate) fn exposed_name(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let (mut long, mut clashing) = (BTreeSet::new(), BTreeSet::new());
    for environment in environments.values() {
        let mut taken: BTreeMap<(&Name, &str), &Tool> = BTreeMap::new();
        for ((agent, server, tool), permission) in &environment.permissions {
            let Some(tool) = environment.tool(server, tool) else {
                continue;
            };
            let exposed = permission.exposed.as_str();
            let length = exposed.chars().count();
            if length > MAX_EXPOSED && long.insert(tool.loc) {
                found.push(too_long(environment, tool, exposed, length));
            }
            match taken.get(&(agent, exposed)) {
                Some(first) if clashing.insert((first.loc, tool.loc)) => {
                    found.push(twice(environment, first, tool, exposed, agent));
                }
                Some(_) => {}
                None => {
                    taken.insert((agent, exposed), tool);
                }
            }
        }
    }
}

fn too_long(environment: &Environment, tool: &Tool, exposed: &str, length: usize) -> Diagnostic {
    environment
        .finding(
            &EXPOSED_NAME,
            tool.name.loc,
            format!("`{exposed}` has {length} characters, at most {MAX_EXPOSED}"),
        )
        .labelled("agents would see it under this name")
        .help("write a shorter name with `as=`")
}

fn twice(
    environment: &Environment,
    first: &Tool,
    second: &Tool,
    exposed: &str,
    agent: &Name,
) -> Diagnostic {
    let place = |tool: &Tool| {
        tool.exposed
            .as_ref()
            .map_or(tool.name.loc, |exposed| exposed.loc)
    };
    environment
        .finding(
            &EXPOSED_NAME,
            place(second),
            format!("two tools would both appear as `{exposed}` to `{agent}`"),
        )
        .labelled("this one")
        .and(place(first), "and this one")
        .help("give one of them another name with `as=`")
}

/// What is granted is also deployed, else the grant would come to life with a `deploy` elsewhere.
pub(crate) fn not_deployed(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for (name, environment) in environments {
        let mut reported: BTreeSet<(Loc, &Name)> = BTreeSet::new();
        for granted in granted_patterns(catalog, name) {
            let Some(server) = &granted.pattern.server else {
                continue;
            };
            let declared = catalog.servers.get(server);
            let missing = !environment.servers.contains_key(server)
                && !environment.unresolved.contains(server);
            let (Some(declared), true) = (declared, missing) else {
                continue;
            };
            if !reported.insert((granted.given, server)) {
                continue;
            }
            let agent = &granted.grant.agent.value;
            let mut diagnostic = environment
                .finding(
                    &NOT_DEPLOYED,
                    granted.given,
                    format!(
                        "`{agent}` is granted `{}`, but no overlay deploys `{server}` in {name}",
                        granted.pattern
                    ),
                )
                .labelled("granted here")
                .help(format!(
                    "write `deploy {server}` in an `overlay {name}`, or grant less"
                ));
            if let Some((role, allow)) = granted.role {
                diagnostic = diagnostic.and(allow, format!("through role `{}`", role.name.value));
            }
            found.push(diagnostic.and(declared.name.loc, "the server"));
        }
    }
}
