//! The one minijinja environment: every value is written as JSON, a missing one is an error.

use std::collections::BTreeSet;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};
use serde_json::Value;

use super::shape::{self, Shapes};
use super::{ENDING, Templates, subtree};
use crate::backend::Manifest;
use crate::checks::templates::BROKEN_TEMPLATE;
use crate::diagnostic::Diagnostic;

/// Steps that one template may take.
const FUEL: u64 = 10_000_000;

/// The templates, compiled.
pub(super) struct Engine<'t> {
    environment: Environment<'t>,
    /// The same templates, their values left out.
    hollow: Environment<'t>,
    /// Templates whose text may be read with holes.
    straight: BTreeSet<&'static str>,
    shapes: Shapes,
}

impl<'t> Engine<'t> {
    /// Compiles all templates.
    pub(super) fn new(templates: &'t Templates) -> Result<Self, Vec<Diagnostic>> {
        let mut environment = Environment::new();
        // By file name, a template called `d.j2` would write values as they are.
        environment.set_auto_escape_callback(|_| AutoEscape::Json);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(subtree::write);
        environment.set_fuel(Some(FUEL));
        let mut found = Vec::new();
        let mut straight = BTreeSet::new();
        for (name, text) in templates.texts() {
            if let Err(error) = environment.add_template(name, text) {
                found.push(broken(name, &error));
            }
            if shape::is_straight(text) {
                straight.insert(name);
            }
        }
        let mut hollow = environment.clone();
        hollow.set_formatter(shape::leave_hole);
        if found.is_empty() {
            Ok(Self {
                environment,
                hollow,
                straight,
                shapes: Shapes::default(),
            })
        } else {
            Err(found)
        }
    }

    /// The YAML documents that the template of a manifest writes.
    pub(super) fn documents(&self, manifest: &Manifest) -> Result<Vec<Value>, Vec<Diagnostic>> {
        self.read_with_holes(manifest)
            .map_or_else(|| self.read_whole(manifest), Ok)
    }

    /// The documents, where their shape is known or can be read by itself.
    pub(super) fn read_with_holes(&self, manifest: &Manifest) -> Option<Vec<Value>> {
        self.straight
            .contains(manifest.template)
            .then(|| self.shapes.documents(&self.hollow, manifest))?
    }

    /// The documents, by reading all that the template writes.
    pub(super) fn read_whole(&self, manifest: &Manifest) -> Result<Vec<Value>, Vec<Diagnostic>> {
        let text = self
            .environment
            .get_template(manifest.template)
            .and_then(|template| template.render(Serde(&manifest.values)))
            .map_err(|error| vec![broken(manifest.template, &error)])?;
        let mut documents: Vec<Value> = serde_saphyr::from_multiple(&text).map_err(|error| {
            let said = error.without_snippet().to_string();
            let line = said.lines().next().unwrap_or_default();
            let message = format!(
                "template `{}{ENDING}` for `{}` makes no YAML: {line}",
                manifest.template, manifest.path
            );
            vec![BROKEN_TEMPLATE.nowhere(message)]
        })?;
        documents.iter_mut().for_each(subtree::unfold);
        Ok(documents)
    }
}

fn broken(template: &str, error: &Error) -> Diagnostic {
    let line = error
        .line()
        .map_or(String::new(), |line| format!(" line {line}"));
    let what = error.detail().map_or_else(
        || error.kind().to_string(),
        |detail| format!("{}: {detail}", error.kind()),
    );
    BROKEN_TEMPLATE.nowhere(format!("template `{template}{ENDING}`{line}: {what}"))
}
