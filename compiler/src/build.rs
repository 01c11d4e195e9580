//! From a checked catalog to the files of one environment.

mod fits;

use crate::backend::runtime_config::RuntimeFiles;
use crate::backend::{self, DefinitionFiles};
use crate::bundle;
use crate::checks::Checked;
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::model::Catalog;
use crate::output::OutputTree;
use crate::parallel;
use crate::template::{Renderer, Templates};

pub(crate) use fits::fits;

/// The files of one environment, and what a person should know about them.
#[derive(Clone, Debug)]
pub struct Built {
    /// The files.
    pub tree: OutputTree,
    /// Names of objects that were too long for Kubernetes: as derived, as used.
    pub shortened: Vec<(String, String)>,
}

/// Why there are no files.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The catalog declares no such environment.
    #[error("no environment `{0}`")]
    UnknownEnvironment(String),
    /// The templates are not usable.
    #[error("the templates do not make what the catalog says")]
    Templates(Vec<Diagnostic>),
    /// A value has no JSON form.
    #[error("cannot write the dispatch server's configuration")]
    Json(#[from] serde_json::Error),
}

/// The files of one environment. Equal catalogs give equal bytes, whatever the day or the machine.
///
/// # Errors
/// When there is no such environment, or the templates are not usable.
pub fn build(
    checked: &Checked,
    environment: &str,
    templates: &Templates,
) -> Result<Built, BuildError> {
    let environment = resolved(checked, environment)?;
    let definitions = DefinitionFiles::of(&[environment])?;
    build_with(
        checked,
        environment,
        &definitions,
        &Renderer::new(templates),
    )
}

fn resolved<'c>(checked: &'c Checked, name: &str) -> Result<&'c Environment, BuildError> {
    let environment = checked.environments().get(name);
    environment.ok_or_else(|| BuildError::UnknownEnvironment(name.to_owned()))
}

/// The files of one environment, with `definitions` of it and of any others.
fn build_with(
    checked: &Checked,
    environment: &Environment,
    definitions: &DefinitionFiles<'_>,
    renderer: &Renderer<'_>,
) -> Result<Built, BuildError> {
    let bundle = bundle::build(&checked.catalog().groups, environment);
    let runtime = backend::runtime(&bundle, definitions)?;
    let names: Vec<String> = runtime.keys().cloned().collect();
    let manifests = backend::manifests(&bundle, &names);
    let made = renderer.files(&manifests);
    let mut files = made.map_err(BuildError::Templates)?;
    files.extend(
        runtime
            .into_iter()
            .map(|(name, bytes)| (format!("runtime/{name}"), bytes)),
    );
    let permissions = backend::permissions(environment).into_bytes();
    files.insert("permissions.txt".to_owned(), permissions);
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

/// What the dispatch server would read of an environment, right or wrong: to look at. What is deployed comes
/// from [`build`].
///
/// # Errors
/// When a value has no JSON form.
pub fn runtime_files(
    catalog: &Catalog,
    environment: &Environment,
) -> Result<RuntimeFiles, serde_json::Error> {
    let bundle = bundle::build(&catalog.groups, environment);
    backend::runtime(&bundle, &DefinitionFiles::of(&[environment])?)
}

/// The files of several environments, in the order of their names; made at once.
///
/// # Errors
/// What [`build`] says of one that cannot be made.
pub fn build_all(
    checked: &Checked,
    environments: &[&str],
    templates: &Templates,
) -> Result<Vec<Built>, BuildError> {
    let environments = environments.iter().map(|name| resolved(checked, name));
    let environments: Vec<&Environment> = environments.collect::<Result<_, _>>()?;
    let definitions = DefinitionFiles::of(&environments)?;
    let renderer = Renderer::new(templates);
    parallel::map(&environments, |environment| {
        build_with(checked, environment, &definitions, &renderer)
    })
    .into_iter()
    .collect()
}

#[cfg(test)]
mod tests;
