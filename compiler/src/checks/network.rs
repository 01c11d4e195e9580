//! NET: network.

use std::collections::BTreeMap;

use super::{error, error_in_prod};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, Origin};
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
pub(crate) const MISSING_PORT: Check =
    error("NET005", "missing-port", "a destination without a port");
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
