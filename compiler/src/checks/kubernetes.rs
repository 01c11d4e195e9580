//! K8S: Kubernetes output.

use std::collections::BTreeMap;

use super::{error, error_in_prod, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{
    DeployedServer, Environment, Origin, command_without_image as without_image,
};
use crate::grammar::words_of;
use crate::model::{Catalog, ImagePattern, ImageReference, Name, Tier};
use crate::source::{At, Loc};

pub(crate) const NAME_TOO_LONG: Check = error(
    "K8S001",
    "name-too-long",
    "a name is longer than Kubernetes allows",
);
pub(crate) const SHARED_NAMESPACE: Check = error(
    "K8S013",
    "shared-namespace",
    "two environments use the same namespace",
);
pub(crate) const NO_DIGEST: Check = error_in_prod(
    "K8S005",
    "no-digest",
    "no digest is known for an image, so its content can change under its tag",
);

pub(crate) const NAME_CLASH: Check = error(
    "K8S002",
    "name-clash",
    "two things derive the same name of a cluster object",
);

pub(crate) const REGISTRY_NOT_ALLOWED: Check = error(
    "K8S006",
    "registry-not-allowed",
    "an image is of no registry that the environment allows",
);

pub(crate) const CONFIG_TOO_LARGE: Check = error(
    "K8S007",
    "config-too-large",
    "the configuration, or one server's definitions, does not fit into a ConfigMap",
);

pub(crate) const BAD_LABEL: Check = error(
    "K8S008",
    "bad-label",
    "a label that a network rule selects by is not valid",
);

pub(crate) const SINGLE_REPLICA_ONLY: Check = error(
    "K8S011",
    "single-replica-only",
    "a `command` server or one with a `volume` runs as one replica",
);

pub(crate) const IDENTITY_NAMESPACE: Check = warning(
    "K8S012",
    "identity-namespace",
    "the service account of an agent is in a namespace of another environment",
);

pub(crate) const COMMAND_WITHOUT_IMAGE: Check = error(
    "K8S014",
    "command-without-image",
    "a cluster has no program to run a `command` server from; it needs an `image`",
);

/// Patterns of images that a message lists.
const SHOWN: usize = 3;

/// Every image that runs in a cluster has a digest, from its reference or its definition file.
pub(crate) fn no_digest(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        let Some(dispatch) = &environment.target.dispatch else {
            continue;
        };
        if dispatch.image.value.digest.is_none() {
            found.push(
                without_digest(environment, &dispatch.image)
                    .help("write it as `...:tag@sha256:...`"),
            );
        }
        for deployed in environment.servers.values() {
            let image = deployed.server.settings.image.as_ref();
            if let Some(image) = image.filter(|_| deployed.lock.image_digest.is_none()) {
                found.push(
                    without_digest(environment, image)
                        .and(deployed.loc, format!("deployed in {} here", environment.name()))
                        .help("push it to a registry and run `bailiwick lock`, or write it as `...:tag@sha256:...`"),
                );
            }
        }
    }
}

/// Every image that runs is of a registry that the environment allows.
pub(crate) fn registry_not_allowed(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        let registries = &environment.target.registries;
        let Some(first) = registries.first() else {
            continue;
        };
        let mut refused: Vec<_> = images(environment).collect();
        for pattern in registries {
            let allows = pattern.value.matcher();
            refused.retain(|(image, _)| !allows(&image.value));
        }
        for (image, deployed) in refused {
            let name = environment.name();
            let message = format!("image `{}` is not allowed in {name}", image.value.text);
            let finding = environment.finding(&REGISTRY_NOT_ALLOWED, image.loc, message);
            let finding = match deployed {
                Some(loc) => finding.and(loc, format!("deployed in {name} here")),
                None => finding,
            };
            found.push(
                finding
                    .and(first.loc, format!("what {name} allows"))
                    .help(format!(
                        "push it to a registry that is allowed: {}",
                        listed(registries)
                    )),
            );
        }
    }
}

/// Some of the patterns, for people.
fn listed(patterns: &[At<ImagePattern>]) -> String {
    let some = patterns.iter().take(SHOWN);
    let shown: Vec<String> = some.map(|pattern| pattern.value.to_string()).collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    match patterns.len() - shown.len() {
        0 => words_of(&shown),
        more => format!("`{}` or {more} more", shown.join("`, `")),
    }
}

/// Every image that runs in an environment: that of dispatch, and those of servers with where they are deployed.
pub(super) fn images(
    environment: &Environment,
) -> impl Iterator<Item = (&At<ImageReference>, Option<Loc>)> {
    let dispatch = environment.target.dispatch.iter();
    let dispatch = dispatch.map(|dispatch| (&dispatch.image, None));
    let servers = environment.servers.values();
    let servers = servers.filter_map(|deployed| {
        let image = deployed.server.settings.image.as_ref()?;
        Some((image, Some(deployed.loc)))
    });
    dispatch.chain(servers)
}

fn without_digest(environment: &Environment, image: &At<ImageReference>) -> Diagnostic {
    let text = &image.value.text;
    environment
        .finding(
            &NO_DIGEST,
            image.loc,
            format!("no digest is known for image `{text}`"),
        )
        .labelled(format!(
            "its content can change without a change here, in {}",
            environment.name()
        ))
}

/// What keeps state in one child process or one volume is not run twice.
pub(crate) fn single_replica_only(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for overlay in catalog.overlays() {
        let Some(environment) = environments.get(&overlay.environment.value) else {
            continue;
        };
        for deploy in &overlay.deploys {
            let Some(replicas) = deploy
                .replicas
                .as_ref()
                .filter(|replicas| replicas.value > 1)
            else {
                continue;
            };
            for name in &deploy.servers {
                let deployed = environment.servers.get(&name.value);
                let Some((loc, why)) = deployed.and_then(single) else {
                    continue;
                };
                found.push(
                    environment
                        .finding(
                            &SINGLE_REPLICA_ONLY,
                            replicas.loc,
                            format!(
                                "`{}` runs as one replica, not {}",
                                name.value, replicas.value
                            ),
                        )
                        .and(loc, why)
                        .help("leave `replicas` out"),
                );
            }
        }
    }
}

fn single(deployed: &DeployedServer) -> Option<(Loc, &'static str)> {
    let command = deployed.server.settings.command.as_ref();
    let command = command.map(|command| (command.loc, "one child process serves it"));
    let volume = deployed.server.volumes.first();
    command.or_else(|| volume.map(|volume| (volume.path.loc, "its volume is for one pod")))
}

/// A cluster runs programs from images alone.
pub(crate) fn command_without_image(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments
        .values()
        .filter(|environment| environment.is_cluster())
    {
        for deployed in environment.servers.values() {
            let (Origin::Command, Some(command)) =
                (&deployed.origin, &deployed.server.settings.command)
            else {
                continue;
            };
            let target = &environment.target;
            let missing = without_image(target, &deployed.server, deployed.loc, command.loc);
            found.push(missing.in_tier(environment.name(), target.tier == Tier::Prod));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn a_message_lists_three_patterns() {
        let loc = Loc {
            file: FileId(0),
            span: Span::default(),
        };
        let all = ["a.example/*", "b.example/*", "c.example/*", "d.example/*"];
        let patterns = all.map(|text| At {
            value: ImagePattern::parse(text).unwrap(),
            loc,
        });
        assert_eq!(listed(&patterns[..1]), "`a.example/*`");
        assert_eq!(
            listed(&patterns[..3]),
            "`a.example/*`, `b.example/*` or `c.example/*`"
        );
        assert_eq!(
            listed(&patterns),
            "`a.example/*`, `b.example/*`, `c.example/*` or 1 more"
        );
    }
}
