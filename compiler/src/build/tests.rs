//! The examples, compiled.

use std::path::{Path, PathBuf};

use super::*;
use crate::model::{Name, declare, files};
use crate::source::{LoadError, Loader, Sources};

/// Files of a folder of the repository.
struct Disk(PathBuf);

impl Loader for Disk {
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError> {
        fn collect(root: &Path, folder: &Path, paths: &mut Vec<String>) {
            #[expect(clippy::disallowed_methods, reason = "the examples are files")]
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(root, &path, paths);
                } else {
                    paths.push(
                        path.strip_prefix(root)
                            .unwrap()
                            .to_str()
                            .unwrap()
                            .to_owned(),
                    );
                }
            }
        }
        let mut paths = Vec::new();
        collect(&self.0, &self.0.join(below), &mut paths);
        paths.sort();
        Ok(paths)
    }

    fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, LoadError> {
        #[expect(clippy::disallowed_methods, reason = "the examples are files")]
        std::fs::read(self.0.join(path)).map_err(|source| LoadError::Io {
            path: path.to_owned(),
            source,
        })
    }
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The catalog in `loader` and its environments.
fn compiled(loader: &dyn Loader) -> (Catalog, BTreeMap<Name, Environment>) {
    let mut found = Vec::new();
    let mut sources = Sources::default();
    let unread = files::load(loader, &mut sources, &mut found).unwrap();
    let files = files::parse(&sources, &unread, &mut found);
    let catalog = declare(&files, loader, &mut found);
    let environments = crate::environment::resolve(&catalog, &sources, loader, &mut found);
    assert_eq!(found, []);
    (catalog, environments)
}

#[test]
#[ignore = "writes snapshots/examples"]
fn write_the_examples() {
    for example in ["environments", "quickstart"] {
        let (catalog, environments) = compiled(&Disk(root("examples").join(example)));
        for (name, environment) in &environments {
            let built = build(&catalog, environment, &Templates::shipped()).unwrap();
            let folder = root("snapshots/examples").join(example).join(&**name);
            built.tree.write(&folder).unwrap();
        }
    }
}
