//! A catalog in memory, read and resolved.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::environment::{Environment, resolve};
use crate::model::{Catalog, Name, declare, files};
use crate::source::{Memory, Sources};

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
        let files = self.0.iter();
        let loader: Memory = files.map(|(path, text)| (path, text.as_bytes())).collect();
        let (mut sources, mut found) = (Sources::default(), Vec::new());
        let unread = files::load(&loader, &mut sources, &mut found).unwrap();
        let files = files::parse(&sources, &unread, &mut found);
        let catalog = declare(&files, &loader, &mut found);
        assert_eq!(found, [], "the fixture itself has a mistake");
        let environments = resolve(&catalog, &sources, &loader, &mut found);
        (catalog, environments, found)
    }
}
