//! What runs: the dispatch server, and the servers that have a container.

use std::collections::BTreeMap;

use crate::environment::{DeployedServer, Environment, Origin};
use crate::grammar::value::url;
use crate::model::{self, ImageReference, Name, Probe, Resources, SecretKey, TlsSource, Volume};
use crate::source::{At, Loc};

use super::names::Names;

/// Name of every object of the dispatch server.
pub(crate) const DISPATCH: &str = "bailiwick-dispatch";

/// `ConfigMap` with the dispatch server's `config.json`.
const CONFIG: &str = "bailiwick-config";

/// Port of a server that does not say another.
const SERVER_PORT: u16 = 8080;

/// Path of a server that does not say another.
const SERVER_PATH: &str = "/mcp";

/// User and group of a process where nothing says another.
pub(crate) const USER: u32 = 65532;

/// Where the bridge says whether its server is ready for calls.
const BRIDGE_READY: &str = "/healthz";

/// The dispatch server.
#[derive(Debug)]
pub(crate) struct Dispatch {
    /// Name of its objects.
    pub(crate) name: String,
    /// Image, by digest where one is known; also holds the bridge.
    pub(crate) image: String,
    /// Host of its public URL.
    pub(crate) host: String,
    /// Replicas, each with an audit volume of its own.
    pub(crate) replicas: u32,
    /// Size of the audit volume, Kubernetes quantity.
    pub(crate) audit: String,
    /// Certificate and key; none: plain HTTP.
    pub(crate) tls: Option<TlsFiles>,
    /// `ConfigMap`s with the certificate authorities of issuers, by the issuer.
    pub(crate) authorities: BTreeMap<String, String>,
    /// `ConfigMap`s with its configuration, and the file that each holds.
    pub(crate) configs: BTreeMap<String, String>,
    /// Bearer tokens for servers, by the server's name.
    pub(crate) tokens: BTreeMap<String, SecretKey>,
}

/// Where the dispatch server's certificate comes from.
#[derive(Debug)]
pub(crate) struct TlsFiles {
    /// Secret of type `kubernetes.io/tls`.
    pub(crate) secret: String,
    /// The cert-manager issuer that fills the Secret; none: the operator does.
    pub(crate) issuer: Option<TlsIssuer>,
}

/// A cert-manager issuer.
#[derive(Debug)]
pub(crate) struct TlsIssuer {
    /// Its name.
    pub(crate) name: String,
    /// `ClusterIssuer` or `Issuer`.
    pub(crate) kind: &'static str,
}

/// A server that runs in a container.
#[derive(Debug)]
pub(crate) struct ServerWorkload {
    /// Name of its objects.
    pub(crate) name: String,
    /// Name of the server in the catalog.
    pub(crate) server: String,
    /// The team that owns it.
    pub(crate) team: String,
    /// Namespace of its objects.
    pub(crate) namespace: String,
    /// Image, by digest where one is known.
    pub(crate) image: String,
    /// What the container runs.
    pub(crate) program: Program,
    /// TCP port on which it speaks HTTP.
    pub(crate) port: u16,
    /// Plain environment variables.
    pub(crate) env: BTreeMap<String, String>,
    /// Environment variables from Secrets.
    pub(crate) secrets: BTreeMap<String, SecretKey>,
    /// Persistent volumes, sorted by path.
    pub(crate) volumes: Vec<Claim>,
    /// Writable folders that end with the pod, sorted by path.
    pub(crate) scratch: Vec<Scratch>,
    /// Replicas.
    pub(crate) replicas: u32,
    /// What its container asks for, which is its limit too.
    pub(crate) resources: Resources,
    /// User and group of its processes.
    pub(crate) user: u32,
    /// How the cluster asks whether it is ready for calls.
    pub(crate) readiness: Probe,
    /// How the cluster asks whether it is alive.
    pub(crate) liveness: Probe,
    /// Secret that its images are pulled with.
    pub(crate) pull_secret: Option<String>,
}

/// What a container runs.
#[derive(Debug)]
pub(crate) enum Program {
    /// What its image says, with these arguments.
    Image(Vec<String>),
    /// This stdio program and its arguments, behind the bridge.
    Bridged(Vec<String>),
}

/// A persistent volume.
#[derive(Debug)]
pub(crate) struct Claim {
    /// Name of the claim.
    pub(crate) name: String,
    /// Path in the container.
    pub(crate) path: String,
    /// Kubernetes quantity.
    pub(crate) size: String,
}

/// A writable folder that ends with the pod.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// Path in the container.
    pub(crate) path: String,
    /// Kubernetes quantity.
    pub(crate) size: String,
}

/// Name of every object of a server's workload.
pub(crate) fn workload_name(server: &str, names: &mut Names) -> String {
    names.derive(&["mcp", server])
}

/// A persistent volume of an environment, as declared.
#[derive(Debug)]
pub(crate) struct DeclaredClaim<'e> {
    /// Name of the claim.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// The server.
    pub(crate) server: &'e Name,
    /// Path in its container.
    pub(crate) path: &'e str,
    /// Where the path is written.
    pub(crate) loc: Loc,
}

/// The persistent volumes of an environment.
pub(crate) fn claims(environment: &Environment) -> impl Iterator<Item = DeclaredClaim<'_>> {
    environment
        .servers
        .iter()
        .flat_map(move |(server, deployed)| {
            deployed
                .server
                .volumes
                .iter()
                .map(move |volume| DeclaredClaim {
                    name: claim_name(server, &volume.path.value, &mut Names::default()),
                    namespace: environment.target.namespace_of(&deployed.server.team.value),
                    server,
                    path: &volume.path.value,
                    loc: volume.path.loc,
                })
        })
}

/// Name of the claim for a path of a server.
fn claim_name(server: &str, path: &str, names: &mut Names) -> String {
    let slug: Vec<String> = path
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    names.derive(&["mcp", server, &slug.join("-")])
}

/// Name of the `ConfigMap` with a server's definitions.
pub(crate) fn tools_name(server: &str, names: &mut Names) -> String {
    names.derive(&["bailiwick-tools", server])
}

/// Port and path on which a server speaks HTTP.
pub(super) fn endpoint(deployed: &DeployedServer) -> (u16, &str) {
    match &deployed.server.settings.transport {
        Some(transport) if !transport.value.stdio => {
            (transport.value.port, transport.value.path.as_str())
        }
        _ => (SERVER_PORT, SERVER_PATH),
    }
}

pub(super) fn dispatch(
    environment: &Environment,
    declared: &model::Dispatch,
    names: &mut Names,
) -> Dispatch {
    let mut configs =
        BTreeMap::from([(CONFIG.to_owned(), bailiwick_config::CONFIG_FILE.to_owned())]);
    let mut tokens = BTreeMap::new();
    for (_, server, _) in environment.permissions.keys() {
        configs.insert(tools_name(server, names), format!("{server}.json"));
        let deployed = environment.servers.get(server);
        let bearer = deployed.and_then(|deployed| deployed.server.settings.bearer());
        if let Some((secret, _)) = bearer {
            tokens.insert(server.to_string(), secret.clone());
        }
    }
    let tls = match &declared.tls.value {
        TlsSource::None => None,
        TlsSource::Secret(secret) => Some(TlsFiles {
            secret: secret.to_string(),
            issuer: None,
        }),
        TlsSource::Issuer { name, cluster } => Some(TlsFiles {
            secret: format!("{DISPATCH}-tls"),
            issuer: Some(TlsIssuer {
                name: name.to_string(),
                kind: if *cluster { "ClusterIssuer" } else { "Issuer" },
            }),
        }),
    };
    let authorities = environment.target.issuers.values();
    Dispatch {
        name: DISPATCH.to_owned(),
        image: pinned(&declared.image.value, None),
        host: url::parts(&declared.url.value)
            .map(|url| url.host.to_ascii_lowercase())
            .unwrap_or_default(),
        replicas: declared.replicas.value,
        audit: declared.audit_volume.clone(),
        tls,
        authorities: authorities
            .filter_map(|issuer| {
                let ca = issuer.ca.as_ref()?;
                Some((issuer.name.value.to_string(), ca.value.to_string()))
            })
            .collect(),
        configs,
        tokens,
    }
}

pub(super) fn servers(environment: &Environment, names: &mut Names) -> Vec<ServerWorkload> {
    environment
        .servers
        .iter()
        .filter_map(|(name, deployed)| server(environment, name, deployed, names))
        .collect()
}

/// The workload of a server; none when it runs elsewhere.
fn server(
    environment: &Environment,
    name: &str,
    deployed: &DeployedServer,
    names: &mut Names,
) -> Option<ServerWorkload> {
    let settings = &deployed.server.settings;
    let listed = |list: &Option<At<Vec<String>>>| {
        list.as_ref()
            .map(|list| list.value.clone())
            .unwrap_or_default()
    };
    let program = match deployed.origin {
        Origin::Image => Program::Image(listed(&settings.args)),
        Origin::ImageCommand => Program::Bridged(listed(&settings.command)),
        Origin::Command | Origin::Url(_) | Origin::Service(..) => return None,
    };
    let image = &settings.image.as_ref()?.value;
    let (readiness, liveness) = probes(&deployed.server, &program);
    let mut volumes: Vec<Claim> = deployed
        .server
        .volumes
        .iter()
        .map(|volume| Claim {
            name: claim_name(name, &volume.path.value, names),
            path: volume.path.value.clone(),
            size: volume.size.clone(),
        })
        .collect();
    volumes.sort_by(|one, other| one.path.cmp(&other.path));
    let mut scratch: Vec<Scratch> = deployed.server.scratch.iter().map(folder).collect();
    scratch.sort_by(|one, other| one.path.cmp(&other.path));
    Some(ServerWorkload {
        name: workload_name(name, names),
        server: name.to_owned(),
        team: deployed.server.team.value.to_string(),
        namespace: environment.target.namespace_of(&deployed.server.team.value),
        image: pinned(image, deployed.lock.image_digest.as_deref()),
        program,
        port: endpoint(deployed).0,
        env: values(&settings.env),
        secrets: values(&settings.secrets),
        volumes,
        scratch,
        replicas: deployed.replicas,
        resources: settings
            .resources
            .as_ref()
            .map_or_else(Resources::default, |written| written.value.clone()),
        user: deployed.server.run_as.as_ref().map_or(USER, |id| id.value),
        readiness,
        liveness,
        pull_secret: deployed
            .server
            .pull_secret
            .as_ref()
            .map(|secret| secret.value.to_string()),
    })
}

/// Readiness and liveness. The bridge listens before its program answers, and says when it does.
fn probes(server: &model::Server, program: &Program) -> (Probe, Probe) {
    match program {
        Program::Bridged(_) => (Probe::Http(BRIDGE_READY.to_owned()), Probe::Tcp),
        Program::Image(_) => {
            let written = server.probe.as_ref();
            let probe = written.map_or_else(Probe::default, |probe| probe.value.clone());
            (probe.clone(), probe)
        }
    }
}

fn folder(volume: &Volume) -> Scratch {
    Scratch {
        path: volume.path.value.clone(),
        size: volume.size.clone(),
    }
}

fn values<T: Clone>(written: &BTreeMap<String, At<T>>) -> BTreeMap<String, T> {
    written
        .iter()
        .map(|(name, value)| (name.clone(), value.value.clone()))
        .collect()
}

/// The reference with its digest: the written one, else the locked one. Without either it stays as
/// written (reported as K8S005).
fn pinned(image: &ImageReference, locked: Option<&str>) -> String {
    match (&image.digest, locked) {
        (None, Some(digest)) => format!("{}@{digest}", image.text),
        _ => image.text.clone(),
    }
}
