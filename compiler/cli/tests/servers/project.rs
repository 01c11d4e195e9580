//! A catalog in a folder of its own, and commands run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Start of a catalog with one team, one agent and one environment.
pub(crate) const ORG: &str = "\
// Kept as it is, this comment too.
catalog acme language=1
team docs
environment dev

agent bot team=docs {
    identity kubernetes namespace=docs service-account=bot
}
";

/// A folder with a catalog.
pub(crate) struct Project {
    folder: TempDir,
}

/// What a command gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Its exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Run {
    /// Its output, when it ended well.
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    /// Its output and errors, when it ended with this code.
    pub(crate) fn bad(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        self.out + &self.err
    }
}

impl Project {
    /// A folder with [`ORG`] in `catalogs/org.kdl`.
    pub(crate) fn new() -> Self {
        let project = Self {
            folder: TempDir::new().unwrap(),
        };
        project.write("catalogs/org.kdl", ORG);
        project
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Replaces text in a file, which must have it.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Every file below `catalogs/` with its text, sorted.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().join("catalogs")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path
                        .strip_prefix(self.path())
                        .unwrap()
                        .display()
                        .to_string();
                    files.push((name, fs::read_to_string(&path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }

    /// Runs `bailiwick` in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    /// Runs `bailiwick` in the folder, with variables.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(self.path())
            .output()
            .unwrap();
        Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A recording of the compiler's tests.
pub(crate) fn recording(name: &str) -> String {
    recordings().join(name).display().to_string()
}

/// The folder with the recordings.
pub(crate) fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings")
}
