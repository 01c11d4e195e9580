//! In one environment a setting is replaced once, and a server deployed once.

use std::collections::BTreeMap;

use super::environments::PATCH_CONFLICT;
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::model::{Catalog, Change, Limit, Name, Retry, ServerSettings, ToolSettings};
use crate::source::{At, Loc};

/// Reports what two lines of one environment set.
pub(crate) fn patch_conflict(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let mut first: BTreeMap<(&Name, String), Loc> = BTreeMap::new();
    for overlay in catalog.overlays() {
        let environment = &overlay.environment.value;
        let deployed = overlay.deploys.iter().flat_map(|deploy| &deploy.servers);
        let deployed = deployed.map(|server| (format!("deploy `{}`", server.value), server.loc));
        let patched = overlay
            .patches
            .iter()
            .flat_map(|patch| changed(&patch.change));
        for (what, loc) in deployed.chain(patched) {
            if let Some(first) = first.get(&(environment, what.clone())) {
                found.push(
                    PATCH_CONFLICT
                        .at(loc, format!("two lines {what} in {environment}"))
                        .and(*first, "first is here"),
                );
            } else {
                first.insert((environment, what), loc);
            }
        }
    }
}

/// What a patch sets, in words, and where.
fn changed(change: &Change) -> Vec<(String, Loc)> {
    let (thing, settings) = match change {
        Change::Server(name, settings) => (format!("server `{}`", name.value), of_server(settings)),
        Change::Agent(name, settings) => {
            let identity = ("identity".to_owned(), place(settings.identity.as_ref()));
            (
                format!("agent `{}`", name.value),
                vec![identity, of_limit(settings.limit.as_ref())],
            )
        }
        Change::Tool(name, settings) => {
            let (server, tool) = &name.value;
            (format!("tool `{server}:{tool}`"), of_tool(settings))
        }
    };
    let written = settings
        .into_iter()
        .filter_map(|(setting, loc)| Some((setting, loc?)));
    written
        .map(|(setting, loc)| (format!("set `{setting}` of {thing}"), loc))
        .collect()
}

fn of_server(settings: &ServerSettings) -> Vec<(String, Option<Loc>)> {
    let mut all = vec![
        ("version".to_owned(), place(settings.version.as_ref())),
        ("image".to_owned(), place(settings.image.as_ref())),
        ("args".to_owned(), place(settings.args.as_ref())),
        ("command".to_owned(), place(settings.command.as_ref())),
        ("url".to_owned(), place(settings.url.as_ref())),
        ("service".to_owned(), place(settings.service.as_ref())),
        ("transport".to_owned(), place(settings.transport.as_ref())),
        ("egress".to_owned(), place(settings.egress.first())),
        ("resources".to_owned(), place(settings.resources.as_ref())),
        ("auth".to_owned(), place(settings.auth.as_ref())),
        of_limit(settings.limit.as_ref()),
        ("timeout".to_owned(), place(settings.timeout.as_ref())),
        of_retry(settings.retry.as_ref()),
    ];
    // A variable is one setting, whether its value is plain or from a Secret.
    let variables = settings.env.iter().map(|(name, value)| (name, value.loc));
    let secrets = settings
        .secrets
        .iter()
        .map(|(name, value)| (name, value.loc));
    all.extend(
        variables
            .chain(secrets)
            .map(|(name, loc)| (name.clone(), Some(loc))),
    );
    all
}

/// An approval is a setting by its group, a narrowing by its argument.
fn of_tool(settings: &ToolSettings) -> Vec<(String, Option<Loc>)> {
    let approvals = settings.approvals.iter();
    let approvals = approvals.map(|one| (format!("approval by={}", one.by.value), Some(one.loc)));
    let narrowings = settings.narrowings.iter();
    let narrowings = narrowings.map(|one| (format!("arg {}", one.path.value), Some(one.loc)));
    let mut all = vec![
        of_limit(settings.limit.as_ref()),
        ("timeout".to_owned(), place(settings.timeout.as_ref())),
        of_retry(settings.retry.as_ref()),
    ];
    all.extend(approvals.chain(narrowings));
    all
}

fn of_retry(retry: Option<&Retry>) -> (String, Option<Loc>) {
    ("retry".to_owned(), retry.map(|retry| retry.loc))
}

fn of_limit(limit: Option<&Limit>) -> (String, Option<Loc>) {
    ("limit".to_owned(), limit.map(|limit| limit.loc))
}

fn place<T>(setting: Option<&At<T>>) -> Option<Loc> {
    setting.map(|setting| setting.loc)
}
