//! NET: network.

use std::collections::BTreeMap;

use super::{error, error_in_prod, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, Origin};
use crate::grammar::value::host::confusable;
use crate::grammar::value::url::host_of;
use crate::model::{Catalog, Egress, Name, Network};

pub(crate) const PLAINTEXT_HTTP: Check = error("NET001", "plaintext-http", "a URL without TLS");
pub(crate) const METADATA_ADDRESS: Check = error(
    "NET002",
    "metadata-address",
    "the address of a cloud's metadata service",
);
pub(crate) const PRIVATE_REMOTE: Check = error(
    "NET003",
    "private-remote",
    "a remote server at an address that is not public",
);
pub(crate) const WILDCARD_EGRESS: Check = error_in_prod(
    "NET004",
    "wildcard-egress",
    "a server may connect to any host",
);
pub(crate) const MISSING_PORT: Check =
    error("NET005", "missing-port", "a destination without a port");
pub(crate) const IP_LITERAL: Check = warning(
    "NET006",
    "ip-literal",
    "a server is reached, or reaches others, by an address instead of a name",
);
pub(crate) const CONFUSABLE_HOST: Check = error(
    "NET007",
    "confusable-host",
    "a host name looks like another one",
);
pub(crate) const NAME_EGRESS_UNENFORCED: Check = error_in_prod(
    "NET008",
    "name-egress-unenforced",
    "`network kubernetes` cannot match host names: all public addresses on the port are allowed",
);

pub(crate) const CROSS_ENVIRONMENT_HOST: Check = error(
    "NET010",
    "cross-environment-host",
    "a server reaches a namespace of another environment",
);

/// Host names that a server is given as a variable or an argument are what they look like. Those that the
/// language itself reads are held against this where they are read.
pub(super) fn confusable_host(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for settings in catalog.server_settings() {
        let env = settings.env.values();
        let env = env.map(|value| (value.value.as_str(), value.loc));
        let lines = settings.args.iter().chain(&settings.command);
        let words = lines.flat_map(|line| line.value.iter().map(|word| (word.as_str(), line.loc)));
        for (text, loc) in env.chain(words) {
            let Some(misfit) = host_in(text).and_then(confusable) else {
                continue;
            };
            let finding = CONFUSABLE_HOST.at(loc, misfit.message);
            found.push(misfit.help.into_iter().fold(finding, Diagnostic::help));
        }
    }
}

/// The host in a URL, or in a word that may be a host with a port or a path.
fn host_in(text: &str) -> Option<&str> {
    let is_bare = text.contains('.') && !text.contains(char::is_whitespace);
    let bare = || text.split([':', '/']).next().filter(|_| is_bare);
    host_of(text).or_else(bare)
}

/// Host names are held by name.
pub(crate) fn name_egress_unenforced(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let by_address = |environment: &&Environment| {
        environment.is_cluster() && environment.target.network == Network::Kubernetes
    };
    for environment in environments.values().filter(by_address) {
        for deployed in environment.servers.values() {
            match deployed.origin {
                Origin::Image | Origin::ImageCommand => {}
                Origin::Command | Origin::Url(_) | Origin::Service(..) => continue,
            }
            for egress in &deployed.server.settings.egress {
                let Egress::Host(host, port) = &egress.value else {
                    continue;
                };
                // Any host is what all public addresses are.
                if host == "*" {
                    continue;
                }
                let name = environment.name();
                found.push(
                    environment
                        .finding(
                            &NAME_EGRESS_UNENFORCED,
                            egress.loc,
                            format!("`network kubernetes` cannot match host names: all public addresses on {port} are allowed in {name}"),
                        )
                        .labelled(format!("`{host}` is not held by name"))
                        .and(deployed.loc, format!("deployed in {name} here"))
                        .help(format!("write `network cilium` in `environment {name}` where the cluster has it")),
                );
            }
        }
    }
}
