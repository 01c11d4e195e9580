//! Holds generated output against real engines: kubeconform, the Kubernetes API server, Kyverno. The proofs are in
//! `engines/prove.py`, which says what they are.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use bailiwick_compiler::source::Disk;
use bailiwick_compiler::{Date, Templates, build, check};

/// The committed output of the example, and what the catalog beside the proofs becomes.
#[test]
#[ignore = "run by `make test`: needs the API server and Kyverno that `make engines` builds"]
fn the_engines_agree_with_the_generated_output() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.parent().unwrap();
    let proofs = package.join("tests/engines");
    let built = tempfile::tempdir().unwrap();
    write_all(&proofs, built.path());
    let status = Command::new("python3")
        .arg("-B")
        .arg(proofs.join("prove.py"))
        .arg(root.join("snapshots/examples/environments"))
        .arg(root.join("examples/environments/catalogs/org.kdl"))
        .arg(built.path())
        .arg(proofs.join("catalogs/org.kdl"))
        .status()
        .unwrap();
    assert!(status.success(), "an engine disagrees, see above");
}

/// Writes every environment of the catalog in `folder` below `out`.
fn write_all(folder: &Path, out: &Path) {
    let today = Date::parse("2026-12-01").unwrap();
    let report = check(&Disk::open(folder).unwrap(), &today).unwrap();
    let checked = report.checked.unwrap();
    for name in checked.environments().keys() {
        let built = build(&checked, name, &Templates::shipped()).unwrap();
        built.tree.write(&out.join(&**name)).unwrap();
    }
}
