//! A catalog in memory, read and resolved.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::environment::{Environment, resolve};
use crate::lock::{KnownLocks, Locks};
use crate::model::{Catalog, Name, declare, declare_common, division, files};
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
        let known = BTreeMap::new();
        let unread = files::load(&loader, &known, &mut sources, &mut found).unwrap();
        let files = files::parse(&sources, &unread, &BTreeMap::new(), &mut found);
        let common = declare_common(&files, &loader, &mut found);
        let whole = division::undivided(&files.files).remove(0);
        let catalog = declare(&whole, &common, &loader, &mut found).catalog;
        assert_eq!(found, [], "the fixture itself has a mistake");
        let known = KnownLocks::default();
        let locks = Locks::new(&loader, &known);
        let targets = catalog.environments.iter();
        let environments = targets.map(|(name, target)| {
            let environment = resolve(&catalog, target, &sources, &locks, &mut found);
            (name.clone(), environment)
        });
        let environments = environments.collect();
        (catalog, environments, found)
    }
}
