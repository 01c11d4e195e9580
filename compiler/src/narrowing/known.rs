//! What is left of tools, remembered by what narrows them: while files are edited, most of it stays.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use serde_json::value::RawValue;

use super::{Misfit, Narrowed, demand, narrowed};
use crate::model::{Name, Narrowing};

/// What is left of tools that were narrowed before, by the path of their definition file. What does not fit is
/// not remembered: it says where it stands.
#[derive(Debug, Default)]
pub(crate) struct KnownNarrowings(Mutex<BTreeMap<String, OfFile>>);

/// By tool and what narrows it.
type OfFile = BTreeMap<(Name, String), Arc<Narrowed>>;

impl KnownNarrowings {
    /// What is left of a tool, worked out when it is not known. There must be something that narrows it.
    ///
    /// # Errors
    /// All that does not fit.
    pub(crate) fn narrowed(
        &self,
        path: &str,
        tool: &Name,
        definition: &RawValue,
        narrowings: &[Arc<Narrowing>],
    ) -> Result<Arc<Narrowed>, Vec<Misfit>> {
        let key = (tool.clone(), words(narrowings));
        let known = self.files().get(path).and_then(|of| of.get(&key).cloned());
        // Nobody waits while a schema is narrowed.
        if let Some(known) = known {
            return Ok(known);
        }
        let left = Arc::new(narrowed(definition, narrowings)?);
        let mut files = self.files();
        let of = files.entry(path.to_owned()).or_default();
        of.insert(key, Arc::clone(&left));
        Ok(left)
    }

    /// Forgets what was left of the tools of a file, which has changed.
    pub(crate) fn forget(&self, path: &str) {
        self.files().remove(path);
    }

    /// Forgets what nothing else has.
    pub(crate) fn forget_unused(&self) {
        let mut files = self.files();
        for of in files.values_mut() {
            of.retain(|_, left| Arc::strong_count(left) > 1);
        }
        files.retain(|_, of| !of.is_empty());
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, OfFile>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that narrows a tool, wherever it is written.
fn words(narrowings: &[Arc<Narrowing>]) -> String {
    let all = narrowings.iter().map(|one| {
        let names = one.path.value.names().iter().cloned();
        let fix = one.fix.as_ref().map(|fix| fix.value.clone());
        Value::Array(vec![
            names.collect(),
            Value::Object(demand(one)),
            fix.into_iter().collect(),
        ])
    });
    Value::Array(all.collect()).to_string()
}
