//! A catalog in memory, read and resolved.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::environment::{Environment, resolve};
use crate::grammar::walk;
use crate::model::lower::{File, Folder, lower};
use crate::model::{Catalog, Name};
use crate::source::{Memory, Sources};
use crate::syntax;

/// Files by path.
pub(super) struct Files(pub(super) BTreeMap<String, String>);

impl Files {
    /// `catalogs/org.kdl` and definition files beside it: server, revision, origin member, tools.
    pub(super) fn with_locks(kdl: &str, locks: &[(&str, &str, &str, &[&str])]) -> Self {
        let locks = locks.iter().map(|(server, revision, origin, tools)| {
            let tools: Vec<String> = tools.iter().map(|tool| format!(r#"{{"name":"{tool}"}}"#)).collect();
            let text = format!(
                r#"{{{origin},"protocol":"2025-11-25","revision":"{revision}","server":"{server}","tools":[{}]}}"#,
                tools.join(",")
            );
            (format!("catalogs/lock/{server}@{revision}.json"), text)
        });
        let kdl = ("catalogs/org.kdl".to_owned(), kdl.to_owned());
        Self(locks.chain([kdl]).collect())
    }

    /// The catalog, its environments, and what resolving found. The catalog has no mistakes.
    pub(super) fn resolved(&self) -> (Catalog, BTreeMap<Name, Environment>, Vec<Diagnostic>) {
        let (mut sources, mut found) = (Sources::default(), Vec::new());
        let kdl = self.0.iter().filter(|(path, _)| !path.contains("/lock/"));
        let files: Vec<File> = kdl
            .map(|(path, text)| {
                let id = sources.add(path.clone(), text.clone());
                let document = syntax::read(id, text, &mut found);
                let walked = walk(&document, id, &[], &mut found);
                File {
                    id,
                    path: path.clone(),
                    folder: Folder::of(path),
                    items: walked.items,
                    lost: walked.lost,
                }
            })
            .collect();
        let loader: Memory = self
            .0
            .iter()
            .map(|(path, text)| (path, text.as_bytes()))
            .collect();
        let catalog = lower(&files, &loader, &mut found);
        assert_eq!(found, [], "the fixture itself has a mistake");
        let environments = resolve(&catalog, &sources, &loader, &mut found);
        (catalog, environments, found)
    }
}
