//! Deployed servers: patched, with their origin, revision and definition file.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::Bounds;
use super::patch::Patches;
use super::{DeployedServer, Origin};
use crate::checks::lock::NOT_LOCKED;
use crate::diagnostic::Diagnostic;
use crate::lock::{self, LockError, Locks};
use crate::model::{Catalog, Deploy, Name, Server, ServerSettings, Target, Tier, Transport};
use crate::source::{Loc, Sources};

/// The servers of one environment: those that resolve, and the names of those that do not.
pub(super) type Deployed = (BTreeMap<Name, DeployedServer>, BTreeSet<Name>);

/// Finds every server that an overlay deploys in `target`, and its definition file.
pub(super) fn deployed(
    catalog: &Catalog,
    target: &Target,
    patches: &Patches<'_>,
    sources: &Sources,
    locks: &mut Locks<'_>,
    found: &mut Vec<Diagnostic>,
) -> Deployed {
    let mut servers = BTreeMap::new();
    let mut unresolved = BTreeSet::new();
    for (name, (deploy, loc)) in deploys(catalog, &target.name.value) {
        let resolved = catalog.servers.get(name).and_then(|defined| {
            let server = patches.server(defined);
            resolve(server, deploy, loc, target, sources, locks, found)
        });
        match resolved {
            Some(server) => {
                servers.insert(name.clone(), server);
            }
            None => {
                unresolved.insert(name.clone());
            }
        }
    }
    (servers, unresolved)
}

/// What is deployed in an environment, by the server's name. Twice is ENV008; then the first
/// place counts.
fn deploys<'c>(catalog: &'c Catalog, environment: &str) -> BTreeMap<&'c Name, (&'c Deploy, Loc)> {
    let mut deploys: BTreeMap<_, (&Deploy, Loc)> = BTreeMap::new();
    let overlays = catalog.overlays.iter();
    let here = overlays.filter(|overlay| &*overlay.environment.value == environment);
    for deploy in here.flat_map(|overlay| &overlay.deploys) {
        for server in &deploy.servers {
            let first = deploys.entry(&server.value).or_insert((deploy, server.loc));
            if server.loc < first.1 {
                *first = (deploy, server.loc);
            }
        }
    }
    deploys
}

fn resolve(
    server: Server,
    deploy: &Deploy,
    loc: Loc,
    target: &Target,
    sources: &Sources,
    locks: &mut Locks<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<DeployedServer> {
    let origin = Origin::of(&server.settings)?;
    let revision = revision(&server.settings)?;
    let kdl = &sources.get(server.file)?.path;
    let name = &server.name.value;
    let path = lock::path_of(kdl, name, &revision);
    let declared = lock::Origin::of(&server.settings);
    match locks.find(&path, name, &revision, &declared) {
        Ok(lock) => Some(DeployedServer {
            origin,
            revision,
            lock,
            limit: Bounds::of(server.settings.limit.as_ref(), None).counter(),
            replicas: deploy
                .replicas
                .as_ref()
                .map_or(1, |replicas| replicas.value),
            loc,
            server,
        }),
        Err(error) => {
            found.push(not_locked(&server, &revision, &path, &error, target, loc));
            None
        }
    }
}

fn not_locked(
    server: &Server,
    revision: &str,
    path: &str,
    error: &LockError,
    target: &Target,
    loc: Loc,
) -> Diagnostic {
    let (name, environment) = (&server.name.value, &target.name.value);
    let place = match error {
        LockError::Origin { part, .. } => place_of(&server.settings, part),
        LockError::Missing
        | LockError::Unreadable(_)
        | LockError::Invalid(_)
        | LockError::Other { .. } => None,
    };
    let place = place.or_else(|| revision_place(&server.settings));
    let mut diagnostic = NOT_LOCKED
        .at(
            loc,
            format!("{environment} deploys `{name}@{revision}`; no matching file `{path}`"),
        )
        .labelled("deployed here")
        .note(error.to_string())
        .help(format!(
            "run `bailiwick lock {name}` and review what it writes"
        ))
        .in_tier(environment, target.tier == Tier::Prod);
    if let Some(place) = place {
        diagnostic = diagnostic.and(place, format!("makes it `{name}@{revision}`"));
    }
    diagnostic
}

fn place_of(settings: &ServerSettings, part: &str) -> Option<Loc> {
    match part {
        "image" => settings.image.as_ref().map(|at| at.loc),
        "url" => settings.url.as_ref().map(|at| at.loc),
        "service" => settings.service.as_ref().map(|at| at.loc),
        "command" => settings.command.as_ref().map(|at| at.loc),
        "args" => settings.args.as_ref().map(|at| at.loc),
        _ => None,
    }
}

fn revision_place(settings: &ServerSettings) -> Option<Loc> {
    let version = settings.version.as_ref().map(|version| version.loc);
    version.or_else(|| settings.image.as_ref().map(|image| image.loc))
}

/// The tag of the image, else the version.
pub(super) fn revision(settings: &ServerSettings) -> Option<String> {
    let tag = settings
        .image
        .as_ref()
        .and_then(|image| image.value.tag.clone());
    tag.or_else(|| {
        settings
            .version
            .as_ref()
            .map(|version| version.value.clone())
    })
}

impl Origin {
    /// Where a server with these settings runs or is; none when nothing says so.
    fn of(settings: &ServerSettings) -> Option<Self> {
        Some(
            match (
                &settings.image,
                &settings.command,
                &settings.url,
                &settings.service,
            ) {
                (Some(_), Some(_), ..) => Self::ImageCommand,
                (Some(_), None, ..) => Self::Image,
                (None, Some(_), ..) => Self::Command,
                (None, None, Some(url), _) => Self::Url(url.value.clone()),
                (None, None, None, Some(service)) => {
                    Self::Service(service.value.0.clone(), service.value.1.clone())
                }
                (None, None, None, None) => return None,
            },
        )
    }
}

impl DeployedServer {
    /// How it speaks, as written or by default.
    pub fn transport(&self) -> Transport {
        let written = self.server.settings.transport.as_ref();
        written.map_or_else(
            || Transport {
                stdio: matches!(self.origin, Origin::Command | Origin::ImageCommand),
                port: 8080,
                path: "/mcp".to_owned(),
            },
            |transport| transport.value.clone(),
        )
    }
}
