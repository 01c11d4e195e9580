//! Reads files of one folder on disk, and nothing outside of it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{LoadError, Loader};

/// More files than this below one folder are no catalog.
const FILES: usize = 100_000;

/// The folder that has `catalogs/`, on disk.
///
/// Symbolic links are followed as long as they stay inside of the folder.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// Opens the folder.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(root: &Path) -> Result<Self, LoadError> {
        let root = fs::canonicalize(root).map_err(|source| LoadError::Io {
            path: root.display().to_string(),
            source,
        })?;
        Ok(Self { root })
    }

    /// The folder, without symbolic links in its path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a path leads, if it stays inside of the folder.
    fn resolve(&self, path: &str) -> Result<PathBuf, LoadError> {
        let outside = || LoadError::Outside {
            path: path.to_owned(),
        };
        let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
        if !path.split('/').all(plain) {
            return Err(outside());
        }
        let real = fs::canonicalize(self.root.join(path)).map_err(|error| io_error(path, error))?;
        if real.starts_with(&self.root) {
            Ok(real)
        } else {
            Err(outside())
        }
    }

    /// The names in a folder, sorted; names that are not UTF-8 cannot be named in a catalog.
    fn names(folder: &Path, path: &str) -> Result<BTreeSet<String>, LoadError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the door through which files are read"
        )]
        let entries = fs::read_dir(folder).map_err(|error| io_error(path, error))?;
        entries
            .map(|entry| {
                let name = entry.map_err(|error| io_error(path, error))?.file_name();
                name.into_string().map_err(|name| {
                    let path = format!("{path}/{}", name.to_string_lossy());
                    io_error(&path, invalid("the name of the file is not UTF-8"))
                })
            })
            .collect()
    }
}

impl Loader for Disk {
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError> {
        let mut files = BTreeSet::new();
        let mut folders = vec![below.to_owned()];
        let mut listed = 0;
        while let Some(path) = folders.pop() {
            let real = self.resolve(&path)?;
            listed += 1;
            for name in Self::names(&real, &path)? {
                let path = format!("{path}/{name}");
                let entry = self.resolve(&path)?;
                if !entry.is_dir() {
                    files.insert(path);
                } else if !real.starts_with(&entry) {
                    // A folder that several paths lead to is listed with each: whose its files are
                    // depends on the path, so none may take them from another. A link to a folder
                    // around it would be followed for ever.
                    folders.push(path);
                }
            }
            if listed + files.len() + folders.len() > FILES {
                let error = invalid(&format!("there are more than {FILES} files in it"));
                return Err(io_error(below, error));
            }
        }
        Ok(files.into_iter().collect())
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
        let real = self.resolve(path)?;
        let error = |error| io_error(path, error);
        let metadata = fs::metadata(&real).map_err(error)?;
        // Opening a pipe would wait for its writer.
        if !metadata.is_file() {
            return Err(error(invalid("it is not a file")));
        }
        let too_large = || LoadError::TooLarge {
            path: path.to_owned(),
            limit,
        };
        if metadata.len() > limit {
            return Err(too_large());
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the door through which files are read"
        )]
        let file = fs::File::open(&real).map_err(error)?;
        let mut bytes = Vec::new();
        // It may have grown since.
        file.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(error)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
            return Err(too_large());
        }
        Ok(bytes)
    }
}

fn io_error(path: &str, source: io::Error) -> LoadError {
    LoadError::Io {
        path: path.to_owned(),
        source,
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use tempfile::TempDir;

    use super::{Disk, LoadError, Loader as _};

    #[expect(clippy::disallowed_methods, reason = "a test lays out its files")]
    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn catalog() -> (TempDir, Disk) {
        let folder = TempDir::new().unwrap();
        put(folder.path(), "catalogs/org.kdl", "catalog acme");
        put(folder.path(), "catalogs/support/prod.kdl", "overlay prod");
        put(folder.path(), "catalogs/support-x/a.kdl", "");
        let disk = Disk::open(folder.path()).unwrap();
        (folder, disk)
    }

    #[test]
    fn files_are_listed_sorted_by_path() {
        let (_folder, disk) = catalog();
        assert_eq!(
            disk.list("catalogs").unwrap(),
            [
                "catalogs/org.kdl",
                "catalogs/support-x/a.kdl",
                "catalogs/support/prod.kdl"
            ]
        );
    }

    #[test]
    fn a_file_is_read_up_to_the_limit_and_refused_beyond_it() {
        let (_folder, disk) = catalog();
        assert_eq!(disk.read("catalogs/org.kdl", 12).unwrap(), b"catalog acme");
        assert!(matches!(
            disk.read("catalogs/org.kdl", 11),
            Err(LoadError::TooLarge { limit: 11, .. })
        ));
    }

    #[test]
    fn paths_that_leave_the_folder_are_refused() {
        let (_folder, disk) = catalog();
        for path in [
            "../x",
            "catalogs/../../x",
            "/etc/passwd",
            "catalogs//org.kdl",
            "",
            ".",
        ] {
            assert!(
                matches!(disk.read(path, 100), Err(LoadError::Outside { .. })),
                "{path}"
            );
        }
    }

    #[test]
    fn links_that_leave_the_folder_are_refused() {
        let (folder, disk) = catalog();
        let outside = TempDir::new().unwrap();
        put(outside.path(), "secret", "secret");
        let catalogs = folder.path().join("catalogs");
        symlink(outside.path().join("secret"), catalogs.join("file.kdl")).unwrap();
        symlink(outside.path(), catalogs.join("folder")).unwrap();
        for path in ["catalogs/file.kdl", "catalogs/folder/secret"] {
            assert!(
                matches!(disk.read(path, 100), Err(LoadError::Outside { .. })),
                "{path}"
            );
        }
        assert!(matches!(
            disk.list("catalogs"),
            Err(LoadError::Outside { .. })
        ));
    }

    #[test]
    fn links_inside_of_the_folder_are_followed_once() {
        let (folder, disk) = catalog();
        let catalogs = folder.path().join("catalogs");
        symlink(catalogs.join("org.kdl"), catalogs.join("link.kdl")).unwrap();
        symlink(&catalogs, catalogs.join("support/loop")).unwrap();
        assert_eq!(disk.read("catalogs/link.kdl", 12).unwrap(), b"catalog acme");
        assert_eq!(disk.list("catalogs").unwrap().len(), 4);
    }

    #[test]
    fn a_link_takes_no_folder_from_its_own_path() {
        let (folder, disk) = catalog();
        let catalogs = folder.path().join("catalogs");
        put(folder.path(), "catalogs/zeta/a.kdl", "");
        symlink("../support", catalogs.join("zeta/link")).unwrap();
        assert_eq!(
            disk.list("catalogs").unwrap(),
            [
                "catalogs/org.kdl",
                "catalogs/support-x/a.kdl",
                "catalogs/support/prod.kdl",
                "catalogs/zeta/a.kdl",
                "catalogs/zeta/link/prod.kdl",
            ]
        );
    }

    #[test]
    fn folders_that_lead_to_each_other_end() {
        let (folder, disk) = catalog();
        let catalogs = folder.path().join("catalogs");
        symlink("../support-x", catalogs.join("support/x")).unwrap();
        symlink("../support", catalogs.join("support-x/x")).unwrap();
        assert!(disk.list("catalogs").is_err());
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let (_folder, disk) = catalog();
        assert!(matches!(
            disk.read("catalogs/support", 100),
            Err(LoadError::Io { .. })
        ));
    }
}
