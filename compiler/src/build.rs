//! From a checked catalog to the files of one environment.

use std::collections::BTreeMap;

use crate::backend;
use crate::bundle;
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::model::Catalog;
use crate::output::OutputTree;
use crate::template::{self, Templates};

/// The files of one environment, and what a person should know about them.
#[derive(Clone, Debug)]
pub struct Built {
    /// The files.
    pub tree: OutputTree,
    /// Names of objects that were too long: as derived, as used.
    pub shortened: Vec<(String, String)>,
}

/// Why there are no files.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The templates are not usable.
    #[error("the templates do not make what the catalog says")]
    Templates(Vec<Diagnostic>),
    /// A value has no JSON form.
    #[error("cannot write the dispatch server's configuration")]
    Json(#[from] serde_json::Error),
}

/// The files of one environment of `catalog`, which must have passed its checks.
///
/// # Errors
/// When the templates are not usable.
pub fn build(
    catalog: &Catalog,
    environment: &Environment,
    templates: &Templates,
) -> Result<Built, BuildError> {
    let bundle = bundle::build(&catalog.groups, environment);
    let mut files = BTreeMap::from([(
        "permissions.txt".to_owned(),
        backend::permissions(environment).into_bytes(),
    )]);
    let runtime = match &bundle.cluster {
        Some(cluster) => backend::runtime_config::files(environment, &cluster.serving)?,
        None => backend::runtime_config::definitions(environment, |_| true)?,
    };
    let names: Vec<String> = runtime.keys().cloned().collect();
    let manifests = backend::manifests(&bundle, &names);
    files.extend(template::files(templates, &manifests).map_err(BuildError::Templates)?);
    files.extend(
        runtime
            .into_iter()
            .map(|(name, bytes)| (format!("runtime/{name}"), bytes)),
    );
    let shortened = bundle.cluster.map(|cluster| cluster.shortened);
    Ok(Built {
        tree: OutputTree::new(files),
        shortened: shortened
            .into_iter()
            .flatten()
            .map(|name| (name.derived, name.used))
            .collect(),
    })
}

#[cfg(test)]
mod tests;
