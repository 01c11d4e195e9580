//! What the dispatch server gets to know beside the permissions: where it is found, whose tokens it
//! accepts, who the agents are and where the servers are. A cluster and a laptop differ only here.

use std::collections::BTreeMap;

use bailiwick_config::{Auth, Endpoint, Identity, Issuer, IssuerKind, Jwks, Tls};

use crate::environment::{Environment, Origin};
use crate::model::{self, Group, JwksSource, Name, OidcWho, TlsSource};

use super::names::Names;
use super::workload::{endpoint, workload_name};

/// Folder of the certificate and key in the dispatch server's container.
pub(crate) const TLS_FOLDER: &str = "/etc/bailiwick/tls";

/// Folder of the bearer tokens in the dispatch server's container: a file for each server.
pub(crate) const TOKENS_FOLDER: &str = "/etc/bailiwick/tokens";

/// Key of a `ConfigMap` that holds certificate authorities, as in the one that each namespace has of its cluster.
pub(crate) const AUTHORITIES: &str = "ca.crt";

/// Folder of the certificate authorities of an issuer in the dispatch server's container.
pub(crate) fn authorities_folder(issuer: &str) -> String {
    format!("/etc/bailiwick/issuers/{issuer}")
}

/// Name of the issuer on a laptop.
const LAPTOP_ISSUER: &str = "dev";

/// What the dispatch server gets to know beside the permissions.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    /// The public endpoint.
    pub(crate) endpoint: Endpoint,
    /// Whose tokens are accepted.
    pub(crate) issuers: BTreeMap<String, Issuer>,
    /// Who the agents are; one that is not here cannot call.
    pub(crate) identities: BTreeMap<Name, Identity>,
    /// Where the servers are; one that is not here is not called.
    pub(crate) upstreams: BTreeMap<Name, Upstream>,
}

/// Where a server is.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    /// URL of its MCP endpoint.
    pub(crate) url: String,
    /// How dispatch authenticates to it.
    pub(crate) auth: Auth,
}

/// What `bailiwick dev` decides about the dispatch server that it runs.
#[derive(Clone, Debug)]
pub struct Laptop {
    /// URL of the MCP endpoint, on loopback.
    pub endpoint: String,
    /// Value of `iss` in the tokens that the laptop issues.
    pub issuer: String,
    /// Value of `aud` in them.
    pub audience: String,
    /// Longest lifetime of them, seconds.
    pub max_age: u64,
    /// Key set (RFC 7517) that verifies them.
    pub jwks: serde_json::Value,
    /// The servers that the laptop reaches; the others are left out.
    pub servers: BTreeMap<String, LaptopServer>,
}

/// A server that a laptop reaches.
#[derive(Clone, Debug)]
pub struct LaptopServer {
    /// URL of its MCP endpoint.
    pub url: String,
    /// File with the bearer token that it wants; none: it wants none.
    pub token_file: Option<String>,
}

impl Serving {
    /// In a cluster: the declared issuers and identities, the derived addresses.
    pub(super) fn in_cluster(
        groups: &BTreeMap<Name, Group>,
        environment: &Environment,
        declared: &model::Dispatch,
        names: &mut Names,
    ) -> Self {
        let tls = (declared.tls.value != TlsSource::None).then(|| Tls {
            certificate: format!("{TLS_FOLDER}/tls.crt"),
            key: format!("{TLS_FOLDER}/tls.key"),
        });
        let issuers = environment.target.issuers.iter();
        let identities = environment.agents.iter().filter_map(|(name, granted)| {
            let (issuer, identity) = granted.identity.as_ref()?;
            Some((name.clone(), declared_identity(groups, issuer, identity)?))
        });
        Self {
            endpoint: Endpoint {
                url: declared.url.value.clone(),
                tls,
            },
            issuers: issuers
                .filter_map(|(name, issuer)| {
                    Some((name.to_string(), declared_issuer(name, issuer, declared)?))
                })
                .collect(),
            identities: identities.collect(),
            upstreams: upstreams(environment, names),
        }
    }

    /// On a laptop: one issuer for all agents, and what the laptop reaches.
    pub(crate) fn on_laptop(environment: &Environment, laptop: &Laptop) -> Self {
        let issuer = Issuer {
            kind: IssuerKind::Oidc,
            url: laptop.issuer.clone(),
            audience: laptop.audience.clone(),
            jwks: Jwks::Inline {
                keys: laptop.jwks.clone(),
            },
            ca: None,
            max_age: laptop.max_age,
        };
        let identity = |agent: &Name| Identity::Subject {
            issuer: LAPTOP_ISSUER.to_owned(),
            subject: agent.to_string(),
            client: None,
        };
        let upstreams = environment.servers.keys().filter_map(|name| {
            let reached = laptop.servers.get(&**name)?;
            let auth = match &reached.token_file {
                Some(file) => Auth::Bearer {
                    token_file: file.clone(),
                },
                None => Auth::None,
            };
            let url = reached.url.clone();
            Some((name.clone(), Upstream { url, auth }))
        });
        Self {
            endpoint: Endpoint {
                url: laptop.endpoint.clone(),
                tls: None,
            },
            issuers: BTreeMap::from([(LAPTOP_ISSUER.to_owned(), issuer)]),
            identities: environment
                .agents
                .keys()
                .map(|agent| (agent.clone(), identity(agent)))
                .collect(),
            upstreams: upstreams.collect(),
        }
    }
}

/// The issuer as the dispatch server takes it; none for a kind, or a source of keys, that it does not know yet
/// (reported).
fn declared_issuer(
    name: &Name,
    issuer: &model::Issuer,
    dispatch: &model::Dispatch,
) -> Option<Issuer> {
    let audience = issuer.audience.as_ref().unwrap_or(&dispatch.url);
    let ca = issuer.ca.as_ref();
    Some(Issuer {
        kind: match issuer.kind.value {
            model::IssuerKind::Kubernetes => IssuerKind::Kubernetes,
            model::IssuerKind::Oidc => IssuerKind::Oidc,
            model::IssuerKind::Spiffe => return None,
        },
        url: issuer.url.value.clone(),
        audience: audience.value.clone(),
        jwks: match &issuer.jwks {
            JwksSource::Discovery => Jwks::Discovery,
            JwksSource::Url(url) => Jwks::Url {
                url: url.value.clone(),
            },
            JwksSource::Cluster(_) => return None,
            JwksSource::File(_, keys) => Jwks::Inline { keys: keys.clone() },
        },
        ca: ca.map(|_| format!("{}/{AUTHORITIES}", authorities_folder(name))),
        max_age: issuer.max_age,
    })
}

/// The identity as a token shows it; none when its group is not declared, or its kind is not known yet to the dispatch
/// server (reported).
fn declared_identity(
    groups: &BTreeMap<Name, Group>,
    issuer: &Name,
    identity: &model::Identity,
) -> Option<Identity> {
    let issuer = issuer.to_string();
    Some(match identity {
        model::Identity::Kubernetes {
            namespace,
            service_account,
            ..
        } => Identity::Kubernetes {
            issuer,
            namespace: namespace.clone(),
            service_account: service_account.clone(),
        },
        model::Identity::Oidc { who, client, .. } => match who {
            OidcWho::Subject(subject) => Identity::Subject {
                issuer,
                subject: subject.clone(),
                client: client.clone(),
            },
            OidcWho::Group(group) => Identity::Group {
                issuer,
                group: groups.get(&group.value)?.idp.clone(),
                client: client.clone(),
            },
        },
        model::Identity::Spiffe { .. } => return None,
    })
}

fn upstreams(environment: &Environment, names: &mut Names) -> BTreeMap<Name, Upstream> {
    let mut upstreams = BTreeMap::new();
    for (name, deployed) in &environment.servers {
        let (port, path) = endpoint(deployed);
        let url = match &deployed.origin {
            Origin::Image | Origin::ImageCommand => {
                let service = workload_name(name, names);
                let team = &deployed.server.team.value;
                let namespace = environment.target.namespace_of(team);
                format!("http://{service}.{namespace}.svc:{port}{path}")
            }
            Origin::Service(namespace, service) => {
                format!("http://{service}.{namespace}.svc:{port}{path}")
            }
            Origin::Url(url) => url.clone(),
            // Runs on a laptop alone (reported).
            Origin::Command => continue,
        };
        // What else an `auth` may want is refused before.
        let auth = match deployed.server.settings.bearer() {
            Some(_) => Auth::Bearer {
                token_file: format!("{TOKENS_FOLDER}/{name}"),
            },
            None => Auth::None,
        };
        upstreams.insert(name.clone(), Upstream { url, auth });
    }
    upstreams
}
