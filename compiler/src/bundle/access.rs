//! Who may connect where: derived from the servers, their `egress` and the issuers. Whatever is not
//! here is refused.

use std::collections::BTreeSet;

use crate::environment::{Environment, Origin};
use crate::grammar::value::url;
use crate::model::{Egress, JwksSource};

use super::names::Names;
use super::workload::{Dispatch, ServerWorkload, endpoint, workload_name};

/// Port on which the dispatch server serves MCP.
pub(crate) const MCP_PORT: u16 = 8443;

/// What one workload may do on the network, besides asking for names.
#[derive(Debug)]
pub(crate) struct Access {
    /// Name of the workload.
    pub(crate) workload: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// Who may connect to it.
    pub(crate) incoming: BTreeSet<Way>,
    /// Where it may connect.
    pub(crate) outgoing: BTreeSet<Way>,
}

/// One kind of connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    /// The other end.
    pub(crate) peer: Peer,
    /// TCP port of the end that accepts.
    pub(crate) port: u16,
}

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// Whoever reaches the port.
    Anyone,
    /// A workload of the same environment.
    Workload {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// Pods of another namespace, by a label.
    Pods {
        /// Namespace.
        namespace: String,
        /// Label key and value.
        label: (String, String),
    },
    /// A public host name; `*.suffix` is each of its subdomains.
    Host(String),
    /// The host of an issuer, which may have a private address.
    Issuer(String),
    /// Any public host.
    AnyHost,
    /// A range of addresses.
    Range(String),
}

/// One entry for each workload, dispatch first.
pub(super) fn of(
    environment: &Environment,
    dispatch: &Dispatch,
    servers: &[ServerWorkload],
    names: &mut Names,
) -> Vec<Access> {
    let mut all = vec![Access {
        workload: dispatch.name.clone(),
        namespace: environment.target.namespace.value.to_string(),
        incoming: BTreeSet::from([Way {
            peer: Peer::Anyone,
            port: MCP_PORT,
        }]),
        outgoing: from_dispatch(environment, names),
    }];
    all.extend(servers.iter().map(|server| {
        Access {
            workload: server.name.clone(),
            namespace: server.namespace.clone(),
            incoming: BTreeSet::from([Way {
                peer: Peer::Workload {
                    namespace: environment.target.namespace.value.to_string(),
                    name: dispatch.name.clone(),
                },
                port: server.port,
            }]),
            outgoing: environment
                .servers
                .get(server.server.as_str())
                .map(|deployed| &deployed.server.settings.egress)
                .into_iter()
                .flatten()
                .map(|egress| way(&egress.value))
                .collect(),
        }
    }));
    all
}

/// Dispatch reaches the servers that somebody may call, and the issuers' keys.
fn from_dispatch(environment: &Environment, names: &mut Names) -> BTreeSet<Way> {
    let called: BTreeSet<&str> = environment
        .permissions
        .keys()
        .map(|(_, server, _)| &**server)
        .collect();
    let mut ways = BTreeSet::new();
    for name in called {
        let Some(deployed) = environment.servers.get(name) else {
            continue;
        };
        let (port, _) = endpoint(deployed);
        match &deployed.origin {
            Origin::Image | Origin::ImageCommand => {
                let peer = Peer::Workload {
                    namespace: environment.target.namespace_of(&deployed.server.team.value),
                    name: workload_name(name, names),
                };
                ways.insert(Way { peer, port });
            }
            Origin::Service(namespace, service) => {
                let label = ("app.kubernetes.io/name".to_owned(), service.clone());
                let namespace = namespace.clone();
                let peer = Peer::Pods { namespace, label };
                ways.insert(Way { peer, port });
            }
            Origin::Url(url) => ways.extend(remote(url, Peer::Host)),
            Origin::Command => {}
        }
    }
    for issuer in environment.target.issuers.values() {
        let url = match &issuer.jwks {
            JwksSource::Discovery => &issuer.url.value,
            JwksSource::Url(url) => &url.value,
            // The one is not held yet (reported), the other is not fetched.
            JwksSource::Cluster(_) | JwksSource::File(..) => continue,
        };
        ways.extend(remote(url, Peer::Issuer));
    }
    ways
}

fn way(egress: &Egress) -> Way {
    match egress {
        Egress::Host(host, port) if host == "*" => Way {
            peer: Peer::AnyHost,
            port: *port,
        },
        Egress::Host(host, port) => Way {
            peer: Peer::Host(host.to_ascii_lowercase()),
            port: *port,
        },
        Egress::Cidr(range, port) => Way {
            peer: Peer::Range(range.clone()),
            port: *port,
        },
        Egress::Service {
            namespace,
            pods,
            port,
        } => Way {
            peer: Peer::Pods {
                namespace: namespace.clone(),
                label: pods.clone(),
            },
            port: *port,
        },
    }
}

/// The way to the host of a URL; `named` says what a host name is.
fn remote(url: &str, named: fn(String) -> Peer) -> Option<Way> {
    let url = url::parts(url)?;
    let peer = match url.host.parse::<std::net::IpAddr>() {
        Ok(address) => Peer::Range(format!(
            "{address}/{}",
            if address.is_ipv4() { 32 } else { 128 }
        )),
        Err(_) => named(url.host.to_ascii_lowercase()),
    };
    Some(Way {
        peer,
        port: url.port,
    })
}
