"""Holds generated output against the real engines: kubeconform, the Kubernetes API server, Kyverno.

    prove.py SNAPSHOTS CATALOG...  e.g. snapshots/examples/environments examples/environments/catalogs/org.kdl

The pinned schemas are those of the engines. For each folder below SNAPSHOTS that has cluster/ and namespace/:
 - every file is valid under the pinned strict schemas (kubeconform);
 - a strict server-side dry run accepts all of it, and refuses it as an identity that is no deployer;
 - Kyverno's webhook accepts every policy, which is its real type check, and then enforces it;
 - a deployer can create all of it, and the cluster's controllers can create pods from it;
 - each mutant is denied by exactly the policies it is aimed at, and accepted once the policies are gone;
 - foreign images are denied also where the policy that knows the images of the catalog is not there;
 - Kyverno's command line judges the same pods in the same way;
 - while Kyverno is away nothing that it would judge is accepted.

Prints one line for each claim and exits 1 when an engine disagrees with one.
"""

import os
import sys
from pathlib import Path

import kyverno
import offline
import schemas
from api import Api
from bundle import Bundle, deployers
from cluster import Cluster
from deploy import deploy
from judge import control, judge, stop_kyverno
from processes import EngineError, is_installed
from report import Report

ENGINES_NEEDED = ("etcd", "kube-apiserver", "kubeconform", "kubectl", "kyverno", "kyverno-controller")


def require_engines():
    """Ends the run where an engine is missing: as a failure, unless whoever runs it allows to skip it."""
    missing = [name for name in ENGINES_NEEDED if not is_installed(name)]
    if missing and os.environ.get("ALLOW_SKIP") == "1":
        print(f"engines: SKIPPED, not installed: {', '.join(missing)}")
        sys.exit(0)
    if missing:
        raise EngineError(f"not installed: {', '.join(missing)}: run `make engines`, or set ALLOW_SKIP=1")


def main(sources):
    report = Report()
    folders, who = [], {}
    for snapshots, catalog in sources:
        found = sorted(path.parent for path in snapshots.glob("*/cluster"))
        if not found:
            raise EngineError(f"no environment with a cluster/ folder below {snapshots}")
        folders += found
        who |= deployers(catalog)
    for folder in folders:
        valid, objections = offline.conform(folder)
        report.claim(f"{folder.name}: {valid} objects are valid under the pinned schemas (kubeconform)", objections)
    with Cluster() as cluster:
        cluster.install_crds("cert-manager", "cilium", "kyverno")
        kyverno.start(cluster)
        report.claim("etcd, API server and Kyverno run on loopback")
        report.claim("the pinned schemas are those of these engines", schemas.stale(schemas.make(cluster)))
        api = Api(cluster)
        for folder in folders:
            bundle = Bundle(cluster, folder, who[folder.name])
            deploy(report, cluster, api, bundle)
            requests = judge(report, api, bundle)
            rows, objections = offline.test_policies(cluster.work, bundle)
            report.claim(f"{folder.name}: {rows} pods and objects are judged alike by the Kyverno CLI", objections)
            control(report, cluster, api, bundle, requests)
        stop_kyverno(report, cluster, api, bundle)
    print(f"{len(folders)} environments, {report.disagreements} disagreements")
    return 1 if report.disagreements else 0


if __name__ == "__main__":
    paths = [Path(each) for each in sys.argv[1:]]
    if not paths or len(paths) % 2:
        sys.exit(__doc__)
    try:
        require_engines()
        sys.exit(main(list(zip(paths[::2], paths[1::2], strict=True))))
    except EngineError as error:
        sys.exit(f"engines: {error}")
