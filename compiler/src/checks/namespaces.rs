//! Namespaces of environments: whose they are, and who reaches into another's.

use std::collections::BTreeMap;

use super::kubernetes::{IDENTITY_NAMESPACE, NAME_TOO_LONG, SHARED_NAMESPACE};
use super::names::RESERVED_NAME;
use super::network::CROSS_ENVIRONMENT_HOST;
use super::run::Whole;
use crate::diagnostic::Diagnostic;
use crate::environment::{Environment, Origin};
use crate::grammar::value::names::LONGEST_LABEL;
use crate::grammar::value::url;
use crate::model::{Catalog, Egress, Identity, Name, Namespaces};
use crate::source::Loc;

/// A namespace of an environment.
struct Namespace<'e> {
    name: String,
    environment: &'e Environment,
    /// Whose servers are in it; none: the dispatch server is.
    team: Option<&'e Name>,
    /// What says so.
    loc: Loc,
}

impl Namespace<'_> {
    fn why(&self) -> String {
        match self.team {
            Some(team) => format!("derived for team `{team}` here"),
            None => "first is here".to_owned(),
        }
    }
}

/// The namespaces of an environment, the dispatch server's first.
fn namespaces(environment: &Environment) -> Vec<Namespace<'_>> {
    let target = &environment.target;
    let mut all = BTreeMap::new();
    if let Namespaces::Team(loc) = target.namespaces {
        for deployed in environment.servers.values() {
            let team = &deployed.server.team.value;
            if matches!(deployed.origin, Origin::Image | Origin::ImageCommand) {
                all.insert(target.namespace_of(team), (Some(team), loc));
            }
        }
    }
    let own = target.namespace.value.to_string();
    let own = (own, (None, target.namespace.loc));
    std::iter::once(own)
        .chain(all)
        .map(|(name, (team, loc))| Namespace {
            name,
            environment,
            team,
            loc,
        })
        .collect()
}

/// The namespaces that exist in clusters, by name; the first of two that are shared.
fn in_clusters<'p>(whole: &Whole<'p>) -> BTreeMap<String, Namespace<'p>> {
    let clusters = whole
        .environments
        .values()
        .copied()
        .filter(|environment| environment.is_cluster());
    let mut all = BTreeMap::new();
    for namespace in clusters.flat_map(namespaces) {
        all.entry(namespace.name.clone()).or_insert(namespace);
    }
    all
}

/// Every environment has namespaces of its own.
pub(super) fn shared_namespace(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<String, Namespace<'_>> = BTreeMap::new();
    for namespace in whole.environments.values().copied().flat_map(namespaces) {
        let Some(first) = taken.get(&namespace.name) else {
            taken.insert(namespace.name.clone(), namespace);
            continue;
        };
        let message = format!(
            "{} and {} both use namespace `{}`",
            first.environment.name(),
            namespace.environment.name(),
            namespace.name
        );
        let finding = SHARED_NAMESPACE.at(namespace.loc, message);
        let finding = match namespace.team {
            Some(_) => finding.labelled(namespace.why()),
            None => finding,
        };
        found.push(
            finding
                .and(first.loc, first.why())
                .help("give each environment a namespace of its own with `namespace=`"),
        );
    }
}

/// A namespace that a cluster comes with, or whose name Kubernetes keeps for itself, is no environment's.
pub(super) fn reserved_namespace(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        let mut all = namespaces(environment).into_iter();
        // Those of all teams begin as the environment's own: one of them says it.
        let Some(reserved) = all.find(|one| is_reserved(&one.name)) else {
            continue;
        };
        let name = environment.name();
        let message = format!(
            "`{}` cannot be a namespace of {name}: `default` and `kube-*` are the cluster's own",
            reserved.name
        );
        let finding = environment.finding(&RESERVED_NAME, reserved.loc, message);
        let own = environment.target.namespace.loc;
        let finding = match reserved.team {
            Some(_) => finding
                .labelled(reserved.why())
                .and(own, "what it begins with"),
            None => finding,
        };
        found.push(finding.help(format!(
            "write another `namespace=` in `environment {name}`, such as `mcp-{name}`"
        )));
    }
}

fn is_reserved(namespace: &str) -> bool {
    namespace == "default" || namespace.starts_with("kube-")
}

/// A namespace with the name of a team in it is short enough.
pub(crate) fn long_namespace(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for namespace in environments.values().flat_map(namespaces) {
        let length = namespace.name.len();
        let Some(team) = namespace.team.filter(|_| length > LONGEST_LABEL) else {
            continue;
        };
        let name = namespace.environment.name();
        let message = format!(
            "the namespace of team `{team}` has {length} characters, at most {LONGEST_LABEL}"
        );
        found.push(
            namespace
                .environment
                .finding(&NAME_TOO_LONG, namespace.loc, message)
                .labelled(format!("it is `{}`", namespace.name))
                .help(format!(
                    "write a shorter `namespace=` in `environment {name}`"
                )),
        );
    }
}

/// No server reaches into another environment.
pub(super) fn cross_environment_host(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    let owners = in_clusters(whole);
    for environment in whole.environments.values() {
        for (name, deployed) in &environment.servers {
            let settings = &deployed.server.settings;
            let ways = settings.egress.iter().filter_map(|egress| {
                let namespace = match &egress.value {
                    Egress::Service { namespace, .. } => namespace,
                    Egress::Host(host, _) => namespace_of(host)?,
                    Egress::Cidr(..) => return None,
                };
                Some((namespace.to_owned(), egress.loc))
            });
            let origin = match &deployed.origin {
                Origin::Service(namespace, _) => settings
                    .service
                    .as_ref()
                    .map(|service| (namespace.clone(), service.loc)),
                Origin::Url(url) => settings.url.as_ref().and_then(|at| {
                    let host = url::parts(url)?.host.to_ascii_lowercase();
                    Some((namespace_of(&host)?.to_owned(), at.loc))
                }),
                Origin::Image | Origin::ImageCommand | Origin::Command => None,
            };
            for (namespace, loc) in ways.chain(origin) {
                let Some(owner) = owners
                    .get(&namespace)
                    .filter(|owner| owner.environment.name() != environment.name())
                else {
                    continue;
                };
                let (own, other) = (environment.name(), owner.environment.name());
                let message =
                    format!("`{name}` in {own} reaches namespace `{namespace}` of {other}");
                found.push(
                    environment
                        .finding(&CROSS_ENVIRONMENT_HOST, loc, message)
                        .and(deployed.loc, format!("deployed in {own} here"))
                        .and(owner.loc, format!("the namespace of {other}"))
                        .help(format!(
                            "reach what belongs to {own}, with `patch server {name}` where environments differ"
                        )),
                );
            }
        }
    }
}

/// The namespace in the name that a cluster gives a Service: `name.namespace.svc`.
fn namespace_of(host: &str) -> Option<&str> {
    let name = host.strip_suffix('.').unwrap_or(host);
    let name = name.strip_suffix(".cluster.local").unwrap_or(name);
    name.strip_suffix(".svc")?.rsplit('.').next()
}

/// The service account of an agent is not in a namespace of another environment.
pub(super) fn identity_namespace(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    let owners = in_clusters(whole);
    let clusters = whole
        .environments
        .values()
        .filter(|environment| environment.is_cluster());
    for environment in clusters {
        for (name, granted) in &environment.agents {
            let Some(identity) = &granted.agent.identity else {
                continue;
            };
            let Identity::Kubernetes {
                namespace,
                service_account,
                ..
            } = &identity.value
            else {
                continue;
            };
            let Some(owner) = owners
                .get(namespace)
                .filter(|owner| owner.environment.name() != environment.name())
            else {
                continue;
            };
            let (own, other) = (environment.name(), owner.environment.name());
            let message = format!(
                "service account `{service_account}` is in namespace `{namespace}` of {other}, and is `{name}` in {own}"
            );
            found.push(
                environment
                    .finding(&IDENTITY_NAMESPACE, identity.loc, message)
                    .labelled(format!("what runs in {other} could call in {own}"))
                    .and(owner.loc, format!("the namespace of {other}"))
                    .help(format!(
                        "give it a service account of {own}, with `patch agent {name}` where environments differ"
                    )),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::namespace_of;

    #[test]
    fn the_namespace_is_before_svc() {
        for (host, namespace) in [
            ("x.mcp-dev.svc", Some("mcp-dev")),
            ("x.mcp-dev.svc.cluster.local", Some("mcp-dev")),
            ("0.x.mcp-dev.svc.cluster.local.", Some("mcp-dev")),
            ("*.mcp-dev.svc", Some("mcp-dev")),
            ("svc", None),
            ("api.example.com", None),
            ("mcp-dev.svc.example.com", None),
        ] {
            assert_eq!(namespace_of(host), namespace, "{host}");
        }
    }
}
