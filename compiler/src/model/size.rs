//! How large a catalog becomes when every role, pattern and deploy is written out. Short lists
//! multiply, so this has limits of its own.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::grammar::value::thousands;
use crate::source::Loc;
use crate::syntax::problems::INPUT_TOO_LARGE;

use super::{Assertion, Catalog, Granted, Name, Pattern, Server};

/// Most settings and tools that all deploys and grants bring, each counted for every line that brings it.
const GIVEN: usize = 1_000_000;

/// Most pairs of an agent and a tool that all tests ask for.
const TESTED: usize = 5_000_000;

/// Most comparisons of what is granted with what is denied.
const DENIED: usize = 200_000_000;

/// How large a catalog, or a part of one, becomes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    given: usize,
    tested: usize,
    denied: usize,
}

impl Size {
    /// That of two parts.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            given: self.given.saturating_add(other.given),
            tested: self.tested.saturating_add(other.tested),
            denied: self.denied.saturating_add(other.denied),
        }
    }

    /// Whether parts that are small enough by themselves are too large together.
    pub(crate) fn is_too_large(self) -> bool {
        self.given > GIVEN || self.tested > TESTED || self.denied > DENIED
    }
}

/// Refuses a catalog that becomes too large, and takes out what would make it so.
pub(super) fn check(catalog: &mut Catalog, found: &mut Vec<Diagnostic>) -> Size {
    let size = given(catalog).and_then(|(given, denied)| {
        Ok(Size {
            given,
            denied,
            tested: tested(catalog)?,
        })
    });
    size.unwrap_or_else(|too_large| {
        found.push(*too_large);
        for overlay in &mut catalog.overlays {
            overlay.deploys.clear();
            overlay.grants.clear();
        }
        catalog.tests.clear();
        // With the other parts it is too large too, which tells the place that the order of all lines gives.
        Size {
            given: usize::MAX,
            ..Size::default()
        }
    })
}

/// Something that grows up to a limit.
struct Count {
    so_far: usize,
    limit: usize,
    what: &'static str,
}

impl Count {
    fn add(&mut self, more: usize, loc: Loc) -> Result<(), Box<Diagnostic>> {
        self.so_far = self.so_far.saturating_add(more);
        if self.so_far <= self.limit {
            return Ok(());
        }
        let (what, limit) = (self.what, thousands(self.limit as u64));
        let message = format!("{what} up to here come to more than {limit}");
        Err(Box::new(INPUT_TOO_LARGE.at(loc, message).help(
            "say it once instead of in many lines, or divide the catalog",
        )))
    }
}

/// What deploys and grants bring, and how often it is held against what is denied.
fn given(catalog: &Catalog) -> Result<(usize, usize), Box<Diagnostic>> {
    let mut given = Count {
        so_far: 0,
        limit: GIVEN,
        what: "what deploys and grants bring, settings and tools,",
    };
    let mut granted: BTreeMap<&Name, usize> = BTreeMap::new();
    for overlay in &catalog.overlays {
        for server in overlay.deploys.iter().flat_map(|deploy| &deploy.servers) {
            let defined = catalog.servers.get(&server.value);
            given.add(1 + defined.map_or(0, |server| settings(server)), server.loc)?;
        }
        let before = given.so_far;
        let grants = overlay.grants.iter();
        for (grant, what) in
            grants.flat_map(|grant| grant.what.iter().map(move |what| (grant, what)))
        {
            // Each tool that is given has every condition of the lines that give it.
            let own = 1 + grant.approvals.len() + grant.narrowings.len();
            let mut add = |pattern: &Pattern, conditions: usize| {
                let tools = 1 + matched(catalog, pattern);
                given.add(tools.saturating_mul(conditions), what.loc)
            };
            match &what.value {
                Granted::Tools(pattern) => add(pattern, own)?,
                Granted::Role(role) => {
                    let role = catalog.roles.get(role).into_iter();
                    for role in role {
                        let conditions = own + role.approvals.len() + role.narrowings.len();
                        for pattern in &role.allow {
                            add(&pattern.value, conditions)?;
                        }
                    }
                }
            }
        }
        *granted.entry(&overlay.environment.value).or_default() += given.so_far - before;
    }
    let mut denied = Count {
        so_far: 0,
        limit: DENIED,
        what: "comparisons of what is granted with what is denied",
    };
    for environment in catalog.environments.values() {
        let granted = granted.get(&environment.name.value).copied().unwrap_or(0);
        for deny in &environment.deny {
            denied.add(granted.saturating_mul(deny.patterns.len()), deny.loc)?;
        }
    }
    Ok((given.so_far, denied.so_far))
}

/// The pairs that tests ask for.
fn tested(catalog: &Catalog) -> Result<usize, Box<Diagnostic>> {
    let mut tested = Count {
        so_far: 0,
        limit: TESTED,
        what: "pairs of an agent and a tool that tests ask for",
    };
    let agents = |assertion: &Assertion| match assertion.agent {
        Some(_) => 1,
        None => catalog.agents.len().max(1),
    };
    for assertion in catalog.tests.iter().flat_map(|test| &test.assertions) {
        for pattern in assertion.patterns() {
            let tools = 1 + matched(catalog, &pattern.value);
            tested.add(tools.saturating_mul(agents(assertion)), pattern.loc)?;
        }
    }
    Ok(tested.so_far)
}

/// How much a server is that every environment which deploys it has of its own.
fn settings(server: &Server) -> usize {
    let settings = &server.settings;
    server.tools.len() + settings.env.len() + settings.secrets.len() + settings.egress.len()
}

/// Servers and tools that a pattern is held against.
fn matched(catalog: &Catalog, pattern: &Pattern) -> usize {
    let tools = |server: &Server| server.matching(&pattern.tool).count();
    match &pattern.server {
        Some(server) => catalog
            .servers
            .get(server)
            .map_or(0, |server| tools(server)),
        None => catalog
            .servers
            .values()
            .map(|server| 1 + tools(server))
            .sum(),
    }
}
