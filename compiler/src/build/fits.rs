//! Whether what a catalog becomes fits into a cluster: no two objects of one name, no `ConfigMap`
//! that is too large.

use std::collections::BTreeMap;

use crate::backend;
use crate::backend::runtime_config::RuntimeFiles;
use crate::bundle::{self, claims};
use crate::checks::kubernetes::{CONFIG_TOO_LARGE, NAME_CLASH};
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::model::{Catalog, Name};
use crate::parallel;
use crate::source::Loc;

/// Bytes that a `ConfigMap` holds.
const CONFIG_MAP: usize = 1 << 20;

/// How many of the largest parts are told.
const SHOWN: usize = 3;

/// What does not fit. The dispatch server's files are made only where they can be too large.
pub(crate) fn fits(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let clusters: Vec<&Environment> = environments
        .values()
        .filter(|environment| environment.is_cluster())
        .collect();
    let of_each = parallel::map(&clusters, |environment| {
        let mut own = Vec::new();
        name_clash(environment, &mut own);
        // A value without a JSON form is the build's failure to tell.
        if let Ok(Some(files)) = large(catalog, environment) {
            config_too_large(environment, &files, &mut own);
        }
        own
    });
    found.extend(of_each.into_iter().flatten());
}

/// The dispatch server's files, where they can be too large for a `ConfigMap`.
fn large(
    catalog: &Catalog,
    environment: &Environment,
) -> Result<Option<RuntimeFiles>, serde_json::Error> {
    let Some(serving) = bundle::serving(&catalog.groups, environment) else {
        return Ok(None);
    };
    if backend::longest(environment, &serving)? <= CONFIG_MAP {
        return Ok(None);
    }
    super::runtime_files(catalog, environment).map(Some)
}

/// Two volumes of an environment derive one name of a claim.
fn name_clash(environment: &Environment, found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<(String, String), (&Name, &str, Loc)> = BTreeMap::new();
    for claim in claims(environment) {
        let object = (claim.namespace, claim.name);
        let Some((server, path, loc)) = first.get(&object) else {
            first.insert(object, (claim.server, claim.path, claim.loc));
            continue;
        };
        let message = format!(
            "volumes `{path}` of `{server}` and `{}` of `{}` derive the same name `{}`",
            claim.path, claim.server, object.1
        );
        found.push(
            environment
                .finding(&NAME_CLASH, claim.loc, message)
                .and(*loc, "the other volume")
                .help("rename one of the servers, or mount one of the volumes at another path"),
        );
    }
}

/// Each file of the dispatch server's configuration is a `ConfigMap`.
fn config_too_large(environment: &Environment, files: &RuntimeFiles, found: &mut Vec<Diagnostic>) {
    for (file, bytes) in files.iter().filter(|(_, bytes)| bytes.len() > CONFIG_MAP) {
        let server = file.strip_suffix(".json").unwrap_or(file);
        let deployed = environment.servers.get(server);
        let what = match deployed {
            Some(_) => format!("the definitions of `{server}`"),
            None => "the dispatch server's configuration".to_owned(),
        };
        let loc = deployed.map_or(environment.target.name.loc, |deployed| deployed.loc);
        let parts = largest(
            bytes,
            if deployed.is_some() {
                "tools"
            } else {
                "agents"
            },
        );
        let message = format!(
            "{what} has {}; a ConfigMap holds 1 MiB; the largest parts are {}",
            mebibytes(bytes.len()),
            parts.join(", ")
        );
        found.push(
            environment
                .finding(&CONFIG_TOO_LARGE, loc, message)
                .help("grant fewer tools here, or divide the server or the environment"),
        );
    }
}

/// The largest members of a member of a JSON file.
fn largest(json: &[u8], member: &str) -> Vec<String> {
    let value: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
    let members = value.get(member).and_then(serde_json::Value::as_object);
    let mut sizes: Vec<(usize, &String)> = members
        .into_iter()
        .flatten()
        .map(|(name, value)| (value.to_string().len(), name))
        .collect();
    sizes.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(other.1)));
    sizes
        .into_iter()
        .take(SHOWN)
        .map(|(_, name)| format!("`{name}`"))
        .collect()
}

/// Bytes in MiB with one digit, rounded up so that too much never reads as what fits.
fn mebibytes(bytes: usize) -> String {
    let tenths = (bytes * 10).div_ceil(1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}
