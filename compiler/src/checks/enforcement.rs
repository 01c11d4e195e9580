//! ENV017: what is written but not held yet by what would hold it.

use std::collections::{BTreeMap, BTreeSet};

use super::environments::NOT_ENFORCED;
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::model::{
    Approval, Catalog, Change, Claim, Name, Narrowing, Record, Retry, ToolSettings,
};
use crate::source::Loc;

/// Refuses every setting that would be dropped.
pub(crate) fn not_enforced(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let mut written = Written::default();
    written.definitions(catalog);
    written.overlays(catalog);
    for (loc, node) in written.0 {
        found.push(
            NOT_ENFORCED
                .at(loc, format!("`{node}` is not enforced yet"))
                .help("leave it out: nothing would hold it"),
        );
    }
}

/// What is not held, by place.
#[derive(Default)]
struct Written(BTreeSet<(Loc, &'static str)>);

impl Written {
    fn definitions(&mut self, catalog: &Catalog) {
        for exclusive in &catalog.exclusive {
            self.add("exclusive", exclusive.loc);
        }
        for owner in catalog.teams.values().flat_map(|team| &team.owners) {
            self.add("owner", owner.loc);
        }
        for environment in catalog.environments.values() {
            self.approvals(&environment.approvals);
            self.record(environment.record.as_ref());
        }
        for server in catalog.servers.values() {
            self.retry(server.settings.retry.as_ref());
            self.record(server.record.as_ref());
            for tool in server.tools.values() {
                self.tool(&tool.settings);
                self.record(tool.record.as_ref());
                for path in &tool.sensitive {
                    self.add("sensitive", path.loc);
                }
            }
        }
        for role in catalog.roles.values() {
            self.approvals(&role.approvals);
            self.narrowings(&role.narrowings);
        }
        for delegate in catalog.agents.values().flat_map(|agent| &agent.delegates) {
            self.add("delegate", delegate.loc);
        }
        let assertions = catalog.tests.iter().flat_map(|test| &test.assertions);
        for assertion in assertions {
            match assertion.claim {
                Claim::NeedsApproval(_) => self.add("needs-approval", assertion.loc),
                Claim::NoFlow { .. } => self.add("no-flow", assertion.loc),
                Claim::Can(_) | Claim::Cannot(_) => {}
            }
        }
    }

    fn overlays(&mut self, catalog: &Catalog) {
        for overlay in catalog.overlays() {
            for suspension in &overlay.suspensions {
                self.add("suspend", suspension.loc);
            }
            for grant in &overlay.grants {
                self.approvals(&grant.approvals);
                self.narrowings(&grant.narrowings);
                if let Some(shadow) = grant.shadow {
                    self.add("mode=shadow", shadow);
                }
            }
            for patch in &overlay.patches {
                match &patch.change {
                    Change::Server(_, settings) => self.retry(settings.retry.as_ref()),
                    Change::Agent(..) => {}
                    Change::Tool(_, settings) => self.tool(settings),
                }
            }
        }
    }

    fn tool(&mut self, settings: &ToolSettings) {
        self.retry(settings.retry.as_ref());
        self.approvals(&settings.approvals);
        self.narrowings(&settings.narrowings);
    }

    fn approvals(&mut self, approvals: &[Approval]) {
        for approval in approvals {
            self.add("approval", approval.loc);
        }
    }

    fn narrowings(&mut self, narrowings: &[Narrowing]) {
        for narrowing in narrowings {
            self.add("arg", narrowing.loc);
        }
    }

    fn retry(&mut self, retry: Option<&Retry>) {
        if let Some(retry) = retry {
            self.add("retry", retry.loc);
        }
    }

    fn record(&mut self, record: Option<&Record>) {
        if let Some(record) = record {
            self.add("record", record.loc);
        }
    }

    fn add(&mut self, node: &'static str, loc: Loc) {
        self.0.insert((loc, node));
    }
}
