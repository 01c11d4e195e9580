//! LCK: the lock.

use std::collections::{BTreeMap, BTreeSet};

use super::{error, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, granted_patterns};
use crate::model::{Catalog, Name, ToolPattern};

pub(crate) const NOT_LOCKED: Check = error(
    "LCK001",
    "not-locked",
    "a deployed server has no definition file of its revision and origin",
);

/// Made by [`crate::review::review`], for `lock` alone.
pub(crate) const TOOL_CHANGED: Check = error(
    "LCK002",
    "tool-changed",
    "a server gives another definition than the one that was accepted",
);

pub(crate) const TOOL_VANISHED: Check = error(
    "LCK004",
    "tool-vanished",
    "a tool is declared and granted by name, but not in the definition file",
);

/// Made by [`crate::review::review`], for `lock` alone.
pub(crate) const DIGEST_CHANGED: Check = error(
    "LCK005",
    "digest-changed",
    "the tag of an image names another digest than the one that was accepted",
);

/// Made by [`crate::output::Difference::finding`], for `build --check` alone.
pub(crate) const OUTPUT_OUT_OF_DATE: Check = error(
    "LCK009",
    "output-out-of-date",
    "the generated files differ from a fresh build",
);

/// Made by [`crate::review::review`], for `lock` alone.
pub(crate) const DESCRIPTION_CHANGED: Check = warning(
    "LCK010",
    "description-changed",
    "a server describes a tool in other words than those that were accepted",
);

/// A tool that is granted by its name is in the definition file. (A pattern leaves it out.)
pub(crate) fn tool_vanished(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for (name, environment) in environments {
        let mut reported = BTreeSet::new();
        for granted in granted_patterns(catalog, name) {
            let (Some(server), ToolPattern::Exact(tool)) =
                (&granted.pattern.server, &granted.pattern.tool)
            else {
                continue;
            };
            let (Some(deployed), Some(declared)) = (
                environment.servers.get(server),
                environment.tool(server, tool),
            ) else {
                continue;
            };
            if deployed.lock.tools.contains_key(tool) || !reported.insert(granted.written()) {
                continue;
            }
            let revision = &deployed.revision;
            let mut diagnostic = environment
                .finding(
                    &TOOL_VANISHED,
                    granted.written(),
                    format!(
                        "`{server}:{tool}` is not in `{server}@{revision}`, which {name} deploys"
                    ),
                )
                .labelled("granted by name here");
            if granted.role.is_some() {
                let agent = &granted.grant.agent.value;
                diagnostic = diagnostic.and(granted.given, format!("and so to `{agent}`"));
            }
            found.push(
                diagnostic
                    .and(declared.loc, "declared here")
                    .note(format!("the definition file is `{}`", deployed.lock.path))
                    .help("remove the tool, or deploy a revision that has it"),
            );
        }
    }
}
