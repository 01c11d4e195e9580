//! The rules that a server's settings keep together, as defined and after every patch.

use crate::checks::language::{CONFLICTING_NODES, MISSING_PART};
use crate::diagnostic::Diagnostic;
use crate::source::Loc;

use super::{Server, ServerSettings};

/// Where the bridge is in the container of a server with a `command`.
pub(crate) const BRIDGE_FOLDER: &str = "/bailiwick";

/// One setting of a server, by its node.
type Setting = (&'static str, Option<Loc>);

/// Reports a server without an origin or with two, and what does not go with its origin. `at` is what
/// to blame for something missing.
pub(crate) fn check(server: &Server, at: Loc, found: &mut Vec<Diagnostic>) {
    let settings = &server.settings;
    one_origin(server, at, found);
    revision(server, at, found);
    if let (Some(args), Some(command)) = (&settings.args, &settings.command) {
        exclude(("args", args.loc), ("command", command.loc), found);
    } else if let (Some(args), None) = (&settings.args, &settings.image) {
        found.push(CONFLICTING_NODES.at(
            args.loc,
            "`args` are arguments of an `image`, and there is none",
        ));
    }
    transport(settings, found);
    bridged(server, found);
    folders(server, found);
    for (name, secret) in &settings.secrets {
        if let Some(env) = settings.env.get(name) {
            found.push(
                CONFLICTING_NODES
                    .at(secret.loc, format!("`{name}` is an `env` already"))
                    .and(env.loc, "the plain value is here"),
            );
        }
    }
}

/// The bridge that runs a `command` is asked in its own way.
fn bridged(server: &Server, found: &mut Vec<Diagnostic>) {
    let (Some(probe), Some(command)) = (&server.probe, &server.settings.command) else {
        return;
    };
    found.push(
        CONFLICTING_NODES
            .at(
                probe.loc,
                "`probe` is for servers that speak HTTP themselves",
            )
            .and(command.loc, "the command is here")
            .help("leave it out: the bridge that runs the command says whether it is ready"),
    );
}

/// A path of a container is one folder.
fn folders(server: &Server, found: &mut Vec<Diagnostic>) {
    let folders = |path: &str| {
        server
            .volumes
            .iter()
            .find(|volume| volume.path.value == path)
    };
    for scratch in &server.scratch {
        let path = &scratch.path;
        if let Some(volume) = folders(&path.value) {
            found.push(
                CONFLICTING_NODES
                    .at(path.loc, format!("`{}` is a `volume` already", path.value))
                    .and(volume.path.loc, "the volume is here"),
            );
        }
    }
    let Some(command) = &server.settings.command else {
        return;
    };
    let all = server.volumes.iter().chain(&server.scratch);
    for taken in all.filter(|folder| folder.path.value == BRIDGE_FOLDER) {
        found.push(
            CONFLICTING_NODES
                .at(
                    taken.path.loc,
                    format!("`{BRIDGE_FOLDER}` is where the bridge is that runs the `command`"),
                )
                .and(command.loc, "the command is here")
                .help("choose another path"),
        );
    }
}

fn one_origin(server: &Server, at: Loc, found: &mut Vec<Diagnostic>) {
    let settings = &server.settings;
    let workload = [
        ("image", settings.image.as_ref().map(|at| at.loc)),
        ("command", settings.command.as_ref().map(|at| at.loc)),
    ];
    let elsewhere = [
        ("url", settings.url.as_ref().map(|at| at.loc)),
        ("service", settings.service.as_ref().map(|at| at.loc)),
    ];
    let runs = written(&workload);
    match (runs, written(&elsewhere)) {
        (None, None) => found.push(
            MISSING_PART
                .at(
                    at,
                    format!(
                        "server `{}` needs an `image`, `command`, `url` or `service`",
                        server.name.value
                    ),
                )
                .help("say where the server is, or what runs it"),
        ),
        (Some(runs), Some(is)) => exclude(is, runs, found),
        (None, Some(is)) => {
            if let [("url", Some(url)), ("service", Some(service))] = elsewhere {
                exclude(("service", service), ("url", url), found);
            }
            for shape in shapes(server) {
                exclude(shape, is, found);
            }
        }
        (Some((node, runs)), None) => {
            if let Some(auth) = &settings.auth {
                let label = format!("`{node}` is here");
                found.push(
                    CONFLICTING_NODES
                        .at(auth.loc, "`auth` is for `url` and `service` alone")
                        .and(runs, label)
                        .help("leave it out: what runs here is reached by dispatch alone"),
                );
            }
        }
    }
}

/// What shapes a workload: it means nothing where none is generated.
fn shapes(server: &Server) -> Vec<(&'static str, Loc)> {
    let settings = &server.settings;
    let env = settings.env.values().map(|env| ("env", env.loc));
    let secrets = settings
        .secrets
        .values()
        .map(|secret| ("secret", secret.loc));
    let egress = settings.egress.iter().map(|egress| ("egress", egress.loc));
    let volumes = server
        .volumes
        .iter()
        .map(|volume| ("volume", volume.path.loc));
    let scratch = server
        .scratch
        .iter()
        .map(|scratch| ("scratch", scratch.path.loc));
    let once = [
        ("resources", settings.resources.as_ref().map(|at| at.loc)),
        ("run-as", server.run_as.as_ref().map(|at| at.loc)),
        ("probe", server.probe.as_ref().map(|at| at.loc)),
        ("pull-secret", server.pull_secret.as_ref().map(|at| at.loc)),
    ];
    let once = once
        .into_iter()
        .filter_map(|(node, loc)| Some((node, loc?)));
    env.chain(secrets)
        .chain(egress)
        .chain(volumes)
        .chain(scratch)
        .chain(once)
        .collect()
}

/// The tag of the image is the revision; without one `version=` is.
fn revision(server: &Server, at: Loc, found: &mut Vec<Diagnostic>) {
    let settings = &server.settings;
    let tagged = settings
        .image
        .as_ref()
        .filter(|image| image.value.tag.is_some());
    match (&settings.version, tagged) {
        (Some(version), Some(image)) => found.push(
            CONFLICTING_NODES
                .at(version.loc, "the tag of the image is the revision already")
                .and(image.loc, "the tag is here")
                .help("leave `version=` out"),
        ),
        (None, None) if has_origin(settings) => found.push(
            MISSING_PART
                .at(
                    at,
                    format!("server `{}` needs `version=`", server.name.value),
                )
                .help(
                    "the revision names its lock file; only the tag of an image says it otherwise",
                ),
        ),
        (Some(_) | None, None) | (None, Some(_)) => {}
    }
}

fn has_origin(settings: &ServerSettings) -> bool {
    settings.image.is_some()
        || settings.command.is_some()
        || settings.url.is_some()
        || settings.service.is_some()
}

fn transport(settings: &ServerSettings, found: &mut Vec<Diagnostic>) {
    let Some(transport) = &settings.transport else {
        return;
    };
    let at = transport.loc;
    match &settings.command {
        Some(command) if !transport.value.stdio => exclude_words(
            at,
            "a server with `command` speaks stdio",
            command.loc,
            "the command is here",
            found,
        ),
        None if transport.value.stdio && has_origin(settings) => found.push(
            CONFLICTING_NODES
                .at(at, "only a server with `command` speaks stdio")
                .help("leave `transport` out, or add the `command` to run in the image"),
        ),
        Some(_) | None => {}
    }
}

fn written(settings: &[Setting]) -> Option<(&'static str, Loc)> {
    settings
        .iter()
        .find_map(|(name, loc)| Some((*name, (*loc)?)))
}

fn exclude(one: (&'static str, Loc), other: (&'static str, Loc), found: &mut Vec<Diagnostic>) {
    exclude_words(
        one.1,
        &format!("`{}` and `{}` exclude each other", one.0, other.0),
        other.1,
        &format!("`{}` is here", other.0),
        found,
    );
}

fn exclude_words(at: Loc, message: &str, other: Loc, label: &str, found: &mut Vec<Diagnostic>) {
    found.push(CONFLICTING_NODES.at(at, message).and(other, label));
}
