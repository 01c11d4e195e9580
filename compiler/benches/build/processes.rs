//! The same work as a user has it done: the command line and kustomize, each as processes.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The command line that was built beside this benchmark, by `cargo build --release -p bailiwick`.
pub(crate) fn bailiwick() -> Option<PathBuf> {
    let own = std::env::current_exe().unwrap();
    let release = own.ancestors().nth(2)?;
    Some(release.join("bailiwick")).filter(|program| program.is_file())
}

/// kustomize as `make engines` installs it.
pub(crate) fn kustomize() -> Option<PathBuf> {
    let cache = std::env::var_os("BAILIWICK_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/bailiwick"),
        PathBuf::from,
    );
    Some(cache.join("engines/bin/kustomize")).filter(|program| program.is_file())
}

/// Compiles the project and writes every environment below `out`.
pub(crate) fn build(bailiwick: &Path, project: &Path, out: &Path) {
    let mut command = Command::new(bailiwick);
    command.arg("build").arg(project).arg("--out").arg(out);
    run(&mut command);
}

/// Compiles the project and compares with what is below `out`.
pub(crate) fn verify(bailiwick: &Path, project: &Path, out: &Path) {
    let mut command = Command::new(bailiwick);
    command.arg("build").arg(project).arg("--check");
    run(command.arg("--out").arg(out));
}

/// Renders what a deployment applies: each environment's two folders.
pub(crate) fn render(kustomize: &Path, names: &[&str], out: &Path) {
    for name in names {
        for part in ["cluster", "namespace"] {
            let folder = out.join(name).join(part);
            run(Command::new(kustomize).arg("build").arg(folder));
        }
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!output.stdout.is_empty());
}
