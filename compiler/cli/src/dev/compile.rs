//! Compiles what `dev` serves.

use std::collections::BTreeMap;
use std::path::Path;

use bailiwick_compiler::environment::Environment;
use bailiwick_compiler::{Laptop, LaptopServer, for_laptop};

use super::issuer::{self, Issuer};
use super::state::write_private;
use crate::Terminal;
use crate::arguments::{FailLevel, Format};
use crate::environments;
use crate::failure::Failure;
use crate::findings;
use crate::project::Project;

/// What compiling gave.
pub(crate) enum Compiled {
    /// The environment to serve.
    Good(Box<Environment>),
    /// The catalog has errors; they were printed.
    Bad,
}

/// Compiles the environment called `name`, and prints what is wrong.
///
/// # Errors
/// When a file cannot be read, or no environment is meant.
pub(crate) fn compile(
    project: &Project,
    name: Option<&str>,
    terminal: &mut Terminal<'_>,
) -> Result<Compiled, Failure> {
    let report = findings::check(project, None)?;
    let (found, sources) = (report.findings, &report.sources);
    findings::print(found, sources, Format::Full, FailLevel::Error, terminal)?;
    Ok(match &report.checked {
        Some(checked) => Compiled::Good(Box::new(environments::served(checked, name)?.clone())),
        None => Compiled::Bad,
    })
}

/// Writes the configuration that the dispatch server loads: definitions first, so that what refers to
/// them comes last.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn write_config(
    environment: &Environment,
    endpoint: &str,
    issuer: &Issuer,
    servers: BTreeMap<String, LaptopServer>,
    folder: &Path,
) -> Result<(), Failure> {
    let laptop = Laptop {
        endpoint: endpoint.to_owned(),
        issuer: issuer::URL.to_owned(),
        audience: endpoint.to_owned(),
        max_age: issuer::LIFETIME.as_secs(),
        jwks: issuer.jwks(),
        servers,
    };
    let mut files = for_laptop(environment, &laptop).map_err(|source| Failure::Json {
        what: "the configuration".to_owned(),
        source,
    })?;
    let config = files.remove(bailiwick_config::CONFIG_FILE);
    for (name, bytes) in files {
        write_private(&folder.join(name), &bytes)?;
    }
    match config {
        Some(bytes) => write_private(&folder.join(bailiwick_config::CONFIG_FILE), &bytes),
        None => Ok(()),
    }
}
