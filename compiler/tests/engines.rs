//! Holds the committed output of the example against real engines: kubeconform, the Kubernetes API
//! server, Kyverno. The proofs are in `engines/prove.py`, which says what they are.

use std::path::Path;
use std::process::Command;

#[test]
#[ignore = "starts an API server and Kyverno (`make engines` builds them); `make test` runs it"]
fn the_engines_agree_with_the_generated_output() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.parent().expect("the workspace's folder");
    let status = Command::new("python3")
        .arg("-B")
        .arg(package.join("tests/engines/prove.py"))
        .arg(root.join("snapshots/examples/environments"))
        .arg(root.join("examples/environments/catalogs/org.kdl"))
        .status()
        .expect("python3 starts");
    assert!(status.success(), "an engine disagrees, see above");
}
