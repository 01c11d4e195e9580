//! Shapes the backends' manifests: template, then guard, then one emitter. A template decides
//! nothing; text that comes out of it is parsed, held against the bundle and written anew.

mod emit;
mod guard;
mod render;
mod schema;
mod shape;
mod subtree;

use std::collections::BTreeMap;
use std::io;

use crate::backend::Manifest;
use crate::checks::templates::BROKEN_TEMPLATE;
use crate::diagnostic::Diagnostic;
use crate::parallel;
use crate::source::{LoadError, Loader};

/// Ending of a template's file name.
const ENDING: &str = ".j2";

/// Largest template, bytes.
const SIZE_LIMIT: u64 = 256 << 10;

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $path, ".j2")))),*]
    };
}

/// The shipped templates, by path without `.j2`.
const SHIPPED: &[(&str, &str)] = shipped![
    "cluster/namespace.yaml",
    "cluster/policy.yaml",
    "kustomization.yaml",
    "namespace/cilium-network-policy.yaml",
    "namespace/dispatch.yaml",
    "namespace/network-policy.yaml",
    "namespace/server.yaml",
];

/// The templates in use: the shipped ones, and those that replace some of them.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    overrides: BTreeMap<String, String>,
    unknown: Vec<String>,
    unreadable: Vec<String>,
}

impl Templates {
    /// The shipped templates alone.
    pub fn shipped() -> Self {
        Self::default()
    }

    /// The shipped templates, replaced by those of the folder `below`, which need not exist. A
    /// template there has the path of the one that it replaces.
    ///
    /// # Errors
    /// When the folder cannot be listed or a template not be read.
    pub fn load(loader: &dyn Loader, below: &str) -> Result<Self, LoadError> {
        let mut templates = Self::default();
        let paths = match loader.list(below) {
            Err(LoadError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(templates);
            }
            paths => paths?,
        };
        for path in paths {
            let relative = path
                .strip_prefix(below)
                .map_or(path.as_str(), |rest| rest.trim_start_matches('/'));
            let Some(name) = relative.strip_suffix(ENDING) else {
                continue;
            };
            if !SHIPPED.iter().any(|(shipped, _)| *shipped == name) {
                templates.unknown.push(path);
                continue;
            }
            let bytes = loader.read(&path, SIZE_LIMIT)?;
            match String::from_utf8(bytes) {
                Ok(text) => {
                    templates.overrides.insert(name.to_owned(), text);
                }
                Err(_) => templates.unreadable.push(path),
            }
        }
        Ok(templates)
    }

    /// Paths of the templates that replace shipped ones, sorted.
    pub fn overrides(&self) -> impl Iterator<Item = String> {
        self.overrides.keys().map(|name| format!("{name}{ENDING}"))
    }

    /// What is wrong with the folder itself.
    fn findings(&self) -> impl Iterator<Item = Diagnostic> {
        let unknown = self.unknown.iter().map(|path| {
            let known: Vec<String> = SHIPPED
                .iter()
                .map(|(name, _)| format!("`{name}{ENDING}`"))
                .collect();
            BROKEN_TEMPLATE
                .nowhere(format!("`{path}` replaces no shipped template"))
                .help(format!("the shipped templates are {}", known.join(", ")))
        });
        let unreadable = self
            .unreadable
            .iter()
            .map(|path| BROKEN_TEMPLATE.nowhere(format!("`{path}` is not UTF-8 text")));
        unknown.chain(unreadable)
    }

    /// The text of each template in use.
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        SHIPPED.iter().map(|&(name, shipped)| {
            let text = self.overrides.get(name).map_or(shipped, String::as_str);
            (name, text)
        })
    }
}

/// Templates that were made ready for the manifests of all environments.
pub(crate) struct Renderer<'t> {
    templates: &'t Templates,
    engine: Result<render::Engine<'t>, Vec<Diagnostic>>,
}

impl<'t> Renderer<'t> {
    /// Makes `templates` ready; what is wrong with them is told with the files.
    pub(crate) fn new(templates: &'t Templates) -> Self {
        Self {
            templates,
            engine: render::Engine::new(templates),
        }
    }

    /// The files that `manifests` become, by path, or what is wrong with the templates.
    pub(crate) fn files(
        &self,
        manifests: &[Manifest],
    ) -> Result<BTreeMap<String, Vec<u8>>, Vec<Diagnostic>> {
        let mut found: Vec<Diagnostic> = self.templates.findings().collect();
        let mut files = BTreeMap::new();
        match &self.engine {
            Ok(engine) => {
                for (manifest, made) in manifests.iter().zip(all_texts(engine, manifests)) {
                    match made {
                        Ok(text) => drop(files.insert(manifest.path.clone(), text.into_bytes())),
                        Err(more) => found.extend(more),
                    }
                }
            }
            Err(broken) => found.extend(broken.iter().cloned()),
        }
        if found.is_empty() {
            Ok(files)
        } else {
            // One template makes many files; what is wrong with it is said once.
            let mut said = Vec::new();
            found.retain(|diagnostic| {
                let new = !said.contains(&diagnostic.message);
                said.push(diagnostic.message.clone());
                new
            });
            Err(found)
        }
    }
}

type Made = Result<String, Vec<Diagnostic>>;

/// The text of each manifest, in their order.
fn all_texts(engine: &render::Engine<'_>, manifests: &[Manifest]) -> Vec<Made> {
    parallel::map(manifests, |manifest| {
        let documents = engine.documents(manifest)?;
        let objects = guard::hold(manifest, documents)?;
        Ok(emit::documents(&objects))
    })
}

#[cfg(test)]
mod tests;
