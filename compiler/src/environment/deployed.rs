//! Deployed servers: patched, with their origin, revision and definition file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::limits::Bounds;
use super::patch::Patches;
use super::{DeployedServer, Origin};
use crate::checks::kubernetes::COMMAND_WITHOUT_IMAGE;
use crate::checks::language::CONFLICTING_NODES;
use crate::checks::lock::NOT_LOCKED;
use crate::checks::schemas::DUPLICATE_JSON_KEY;
use crate::diagnostic::Diagnostic;
use crate::lock::{self, FileError, LockError, Locks, Wanted};
use crate::model::{Catalog, Deploy, Kind, Name, Server, ServerSettings, Target, Tier, Transport};
use crate::source::{Loc, Sources};

/// The servers of one environment: those that resolve, and the names of those that do not.
pub(super) type Deployed = (BTreeMap<Name, DeployedServer>, BTreeSet<Name>);

/// The definition files of all servers that are deployed somewhere. A patch may want another.
pub(super) fn wanted(catalog: &Catalog, sources: &Sources) -> Vec<Wanted> {
    let deploys = catalog.overlays().iter().flat_map(|one| &one.deploys);
    let names: BTreeSet<&Name> = deploys
        .flat_map(|deploy| deploy.servers.iter().map(|server| &server.value))
        .collect();
    let servers = names
        .into_iter()
        .filter_map(|name| catalog.servers.get(name));
    servers
        .filter_map(|server| {
            let revision = revision(&server.settings)?;
            let server_name = &server.name.value;
            Some(Wanted {
                path: lock::path_of(&sources.get(server.file)?.path, server_name, &revision),
                server: server_name.clone(),
                revision,
            })
        })
        .collect()
}

/// Resolves the servers of one environment.
pub(super) struct Deployment<'a, 'l> {
    /// The environment.
    pub(super) target: &'a Target,
    /// Its patches.
    pub(super) patches: &'a Patches<'a>,
    /// Names of the files that define servers.
    pub(super) sources: &'a Sources,
    /// Definition files.
    pub(super) locks: &'a Locks<'l>,
    /// What is wrong.
    pub(super) found: &'a mut Vec<Diagnostic>,
}

impl Deployment<'_, '_> {
    /// Finds every server that an overlay deploys, and its definition file.
    pub(super) fn resolve(mut self, catalog: &Catalog) -> Deployed {
        let mut servers = BTreeMap::new();
        let mut unresolved = BTreeSet::new();
        for (name, (deploy, loc)) in deploys(catalog, &self.target.name.value) {
            let defined = catalog.servers.get(name);
            let before = self.found.len();
            if let Some(server) = defined.and_then(|defined| self.resolve_one(defined, deploy, loc))
            {
                servers.insert(name.clone(), server);
                continue;
            }
            unresolved.insert(name.clone());
            // What is wrong with the definition is reported there.
            if catalog.is_poisoned(Kind::Server, name) {
                self.found.truncate(before);
            }
        }
        (servers, unresolved)
    }

    fn resolve_one(
        &mut self,
        defined: &Arc<Server>,
        deploy: &Deploy,
        loc: Loc,
    ) -> Option<DeployedServer> {
        let server = self.patches.server(defined);
        let misfits = self.patches.misfits(defined, &server, loc);
        if !misfits.is_empty() {
            let misfits = misfits.into_iter();
            let misfits = misfits.map(|misfit| {
                misfit.note(format!(
                    "so it is with the patches of {}",
                    self.target.name.value
                ))
            });
            let here: Vec<_> = misfits.map(|misfit| self.here(misfit)).collect();
            self.found.extend(here);
            return None;
        }
        let origin = Origin::of(&server.settings)?;
        let revision = revision(&server.settings)?;
        let path = lock::path_of(
            &self.sources.get(server.file)?.path,
            &defined.name.value,
            &revision,
        );
        if let (Origin::Url(_) | Origin::Service(..), Some(replicas)) = (&origin, &deploy.replicas)
        {
            let misfit = self.here(nothing_to_replicate(&server, replicas.loc));
            self.found.push(misfit);
        }
        let declared = lock::Origin::of(&server.settings);
        match self
            .locks
            .find(&path, &defined.name.value, &revision, &declared)
        {
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
                let command = server.settings.command.as_ref();
                let program = command.filter(|_| origin == Origin::Command);
                self.found.push(match program {
                    // No definition file would help.
                    Some(program) if self.target.dispatch.is_some() => self.here(
                        command_without_image(self.target, &server, loc, program.loc),
                    ),
                    _ => self.not_locked(&server, &revision, &path, &error, loc),
                });
                None
            }
        }
    }

    fn here(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.in_tier(&self.target.name.value, self.target.tier == Tier::Prod)
    }

    fn not_locked(
        &self,
        server: &Server,
        revision: &str,
        path: &str,
        error: &LockError,
        loc: Loc,
    ) -> Diagnostic {
        let (name, environment) = (&server.name.value, &self.target.name.value);
        let (place, what) = match error {
            LockError::Origin { part, .. } => {
                (place_of(&server.settings, part), "the catalog has this")
            }
            LockError::Missing
            | LockError::Unreadable(_)
            | LockError::Invalid(_)
            | LockError::Other { .. } => (revision_place(&server.settings), "the revision"),
        };
        let (check, message) = match error {
            LockError::Invalid(FileError::Twice(_)) => (
                &DUPLICATE_JSON_KEY,
                format!("`{path}`, which {environment} deploys, has a member twice"),
            ),
            LockError::Missing
            | LockError::Unreadable(_)
            | LockError::Invalid(_)
            | LockError::Origin { .. }
            | LockError::Other { .. } => (
                &NOT_LOCKED,
                format!("{environment} deploys `{name}@{revision}`; no matching file `{path}`"),
            ),
        };
        let mut diagnostic = check
            .at(loc, message)
            .labelled("deployed here")
            .note(error.to_string())
            .help(format!(
                "run `bailiwick lock {name}` and review what it writes"
            ));
        if let Some(place) = place {
            diagnostic = diagnostic.and(place, what);
        }
        self.here(diagnostic)
    }
}

/// A cluster runs programs from images alone.
pub(crate) fn command_without_image(
    target: &Target,
    server: &Server,
    deployed: Loc,
    program: Loc,
) -> Diagnostic {
    let (target, name) = (&target.name.value, &server.name.value);
    COMMAND_WITHOUT_IMAGE
        .at(
            deployed,
            format!("{target} is a cluster; `{name}` needs an `image` to run its `command` in"),
        )
        .labelled("deployed here")
        .and(program, "no image has this program")
        .help(format!(
            "write `image` in the server, or in a `patch server {name}` of {target}"
        ))
}

fn nothing_to_replicate(server: &Server, replicas: Loc) -> Diagnostic {
    let settings = &server.settings;
    let url = settings.url.as_ref().map(|url| ("url", url.loc));
    let service = || {
        settings
            .service
            .as_ref()
            .map(|service| ("service", service.loc))
    };
    let message = format!(
        "`{}` does not run here, so it has no replicas",
        server.name.value
    );
    let diagnostic = CONFLICTING_NODES
        .at(replicas, message)
        .help("leave `replicas` out");
    match url.or_else(service) {
        Some((node, place)) => diagnostic.and(place, format!("`{node}` says where it is")),
        None => diagnostic,
    }
}

/// What is deployed in an environment, by the server's name. Twice is ENV008; then the first
/// place counts.
pub(super) fn deploys<'c>(
    catalog: &'c Catalog,
    environment: &str,
) -> BTreeMap<&'c Name, (&'c Deploy, Loc)> {
    let mut deploys: BTreeMap<_, (&Deploy, Loc)> = BTreeMap::new();
    let here = catalog.overlays_of(environment);
    for deploy in here.iter().flat_map(|overlay| &overlay.deploys) {
        for server in &deploy.servers {
            let first = deploys.entry(&server.value).or_insert((deploy, server.loc));
            if server.loc < first.1 {
                *first = (deploy, server.loc);
            }
        }
    }
    deploys
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
