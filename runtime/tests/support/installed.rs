//! Foreign programs that `make test` installs.

use std::path::{Path, PathBuf};

/// The folder of an installed thing, by the start of its name. None when it is missing and that is
/// allowed.
pub(crate) fn installed(prefix: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(cache()).into_iter().flatten().flatten();
    let found = entries.map(|entry| entry.path()).find(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(prefix) && path.join("whole").exists()
    });
    if found.is_none() {
        let is_allowed = std::env::var_os("ALLOW_SKIP").is_some_and(|value| value == "1");
        assert!(
            is_allowed,
            "{prefix}* is not installed; `make test` installs it"
        );
        println!("skipped: {prefix}* is not installed");
    }
    found
}

fn cache() -> PathBuf {
    let folder = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    folder("BAILIWICK_CACHE")
        .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("bailiwick")))
        .unwrap_or_else(|| Path::new(&folder("HOME").unwrap()).join(".cache/bailiwick"))
}
