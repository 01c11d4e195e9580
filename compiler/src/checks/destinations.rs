//! NET: how much a destination covers, and whether people can read what it is.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Resolved;
use super::addresses::{is_inside, is_metadata, is_private, remote_host};
use super::network::{IP_LITERAL, WILDCARD_EGRESS};
use crate::diagnostic::Diagnostic;
use crate::environment::{DeployedServer, Environment, Origin};
use crate::model::{Egress, Network};
use crate::source::{At, Loc};

/// Shortest prefix of a public IPv4 range that somebody can mean; what is shorter is most of the internet.
const SHORTEST_V4: u32 = 8;

/// The same of IPv6.
const SHORTEST_V6: u32 = 20;

/// A server connects to hosts that somebody chose. A line is said once, for the environment of the highest
/// tier that deploys it.
pub(super) fn wildcard_egress(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<Loc> = BTreeSet::new();
    for (environment, deployed) in deployed(resolved) {
        for egress in egress(deployed) {
            let Some(any) = any(&egress.value).filter(|_| seen.insert(egress.loc)) else {
                continue;
            };
            let (server, name) = (&deployed.server.name.value, environment.name());
            found.push(
                environment
                    .finding(
                        &WILDCARD_EGRESS,
                        egress.loc,
                        format!("`{server}` may connect to {any} in {name}"),
                    )
                    .labelled("a way out for whatever it reads")
                    .and(deployed.loc, format!("deployed in {name} here"))
                    .help("write the hosts that it needs, such as \"api.example.com:443\""),
            );
        }
    }
}

/// Whom a destination covers, in words, where that is nobody in particular.
fn any(egress: &Egress) -> Option<String> {
    match egress {
        Egress::Host(host, port) if host == "*" => Some(format!("any host on {port}")),
        Egress::Host(host, port) => {
            let suffix = host.strip_prefix("*.")?;
            let is_wide = !suffix.contains('.') && !is_inside(host);
            is_wide.then(|| format!("any host below `.{suffix}` on {port}"))
        }
        Egress::Cidr(range, port) => {
            let (address, length) = parts(range)?;
            let shortest = if address.is_ipv4() {
                SHORTEST_V4
            } else {
                SHORTEST_V6
            };
            let is_wide = length < shortest && !is_inside(range);
            is_wide.then(|| match length {
                0 => format!("any address on {port}"),
                _ => format!("all of `{range}` on {port}"),
            })
        }
        Egress::Service { .. } => None,
    }
}

fn parts(range: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = range.split_once('/')?;
    Some((address.parse().ok()?, length.parse().ok()?))
}

/// Names say whom a server talks to. A range has no name, and where the cluster cannot hold names an address
/// is all that it can hold, so neither is reported.
pub(super) fn ip_literal(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<Loc> = BTreeSet::new();
    for (environment, deployed) in deployed(resolved) {
        for (address, loc) in literals(environment, deployed) {
            if !seen.insert(loc) {
                continue;
            }
            let server = &deployed.server.name.value;
            found.push(
                environment
                    .finding(
                        &IP_LITERAL,
                        loc,
                        format!("`{server}` is given the address `{address}` instead of a name"),
                    )
                    .labelled("nobody can read who this is, and it may be somebody else tomorrow")
                    .help("write the host name"),
            );
        }
    }
}

fn literals(environment: &Environment, deployed: &DeployedServer) -> Vec<(IpAddr, Loc)> {
    let remote = remote_host(&deployed.server.settings);
    let remote = remote.filter(|_| matches!(deployed.origin, Origin::Url(_)));
    let remote = remote.and_then(|(host, loc)| Some((host.parse().ok()?, loc)));
    // What must not be reached at all is another problem.
    let remote = remote.filter(|(address, _)| !is_private(*address));
    let holds_names = environment.target.network == Network::Cilium;
    let lines = egress(deployed).iter().filter(|_| holds_names);
    let addresses = lines.filter_map(|egress| match &egress.value {
        Egress::Cidr(range, _) => {
            let (address, length) = parts(range)?;
            let is_one = length == if address.is_ipv4() { 32 } else { 128 };
            is_one.then_some((address, egress.loc))
        }
        Egress::Host(..) | Egress::Service { .. } => None,
    });
    let all = remote.into_iter().chain(addresses);
    all.filter(|(address, _)| !is_metadata(&address.to_string()))
        .collect()
}

fn deployed(resolved: &Resolved) -> impl Iterator<Item = (&Environment, &DeployedServer)> {
    let environments = resolved.by_tier().into_iter();
    environments.flat_map(|(environment, _)| {
        let servers = environment.servers.values();
        servers.map(move |deployed| (environment, deployed))
    })
}

/// Where the pod of a server may connect.
fn egress(deployed: &DeployedServer) -> &[At<Egress>] {
    match deployed.origin {
        Origin::Image | Origin::ImageCommand => &deployed.server.settings.egress,
        Origin::Command | Origin::Url(_) | Origin::Service(..) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_nobody_in_particular() {
        let host = |host: &str| any(&Egress::Host(host.to_owned(), 443));
        let range = |range: &str| any(&Egress::Cidr(range.to_owned(), 443));
        assert_eq!(host("*").unwrap(), "any host on 443");
        assert_eq!(host("*.com").unwrap(), "any host below `.com` on 443");
        assert_eq!(range("0.0.0.0/0").unwrap(), "any address on 443");
        assert_eq!(range("::/0").unwrap(), "any address on 443");
        assert!(range("128.0.0.0/1").is_some());
        assert!(range("2000::/3").is_some());
        for fine in ["*.example.com", "example.com", "*.internal", "*.local"] {
            assert_eq!(host(fine), None, "{fine}");
        }
        for fine in ["10.0.0.0/8", "34.0.0.0/8", "fd00::/8", "2600:1f00::/24"] {
            assert_eq!(range(fine), None, "{fine}");
        }
    }
}
