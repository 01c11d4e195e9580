//! The one minijinja environment: every value is written as JSON, a missing one is an error.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};

use super::{ENDING, Templates, subtree};
use crate::backend::Manifest;
use crate::checks::templates::BROKEN_TEMPLATE;
use crate::diagnostic::Diagnostic;

/// Steps that one template may take.
const FUEL: u64 = 10_000_000;

/// The templates, compiled.
pub(super) struct Engine<'t> {
    environment: Environment<'t>,
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
        for (name, text) in templates.texts() {
            if let Err(error) = environment.add_template(name, text) {
                found.push(broken(name, &error));
            }
        }
        if found.is_empty() {
            Ok(Self { environment })
        } else {
            Err(found)
        }
    }

    /// The text of a manifest.
    pub(super) fn render(&self, manifest: &Manifest) -> Result<String, Vec<Diagnostic>> {
        self.environment
            .get_template(manifest.template)
            .and_then(|template| template.render(Serde(&manifest.values)))
            .map_err(|error| vec![broken(manifest.template, &error)])
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
