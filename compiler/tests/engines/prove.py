"""Holds generated output against the real engines: kubeconform, the Kubernetes API server, Kyverno.

    prove.py SNAPSHOTS CATALOG     e.g. snapshots/examples/environments examples/environments/catalogs/org.kdl

The pinned schemas are those of the engines. For each folder below SNAPSHOTS that has cluster/ and namespace/:
 - every file is valid under the pinned strict schemas (kubeconform);
 - a strict server-side dry run accepts all of it, and refuses it as an identity that is no deployer;
 - Kyverno's webhook accepts every policy, which is its real type check, and then enforces it;
 - a deployer can create all of it, and the cluster's controllers can create pods from it;
 - each mutant is denied by exactly the policy it is aimed at, and accepted once the policies are gone;
 - Kyverno's command line judges the same pods in the same way.

Prints one line for each claim and exits 1 when an engine disagrees with one.
"""

import contextlib
import os
import re
import sys
import time
from pathlib import Path

import kyverno
import offline
import schemas
from bundle import Bundle, claims_of, controller_of, deployers, pod_of
from cluster import Cluster
from daily_life import accepted
from mutants import CONCERNS, mutants
from processes import EngineError, is_installed, wait_for

DENIED_BY = re.compile(r"Policy ([a-z0-9-]+) failed:")
MUTANTS_PER_POLICY = 2
ENGINES_NEEDED = ("etcd", "kube-apiserver", "kubeconform", "kubectl", "kyverno", "kyverno-controller")


class Report:
    """What was claimed and what an engine said to it."""

    def __init__(self):
        self.disagreements = 0
        self._started = time.monotonic()

    def claim(self, text, objections=()):
        """One claim; it holds when there are no objections."""
        objections = list(objections)
        self.disagreements += len(objections)
        print(f"{time.monotonic() - self._started:6.1f} s  {'FAILED' if objections else 'ok    '}  {text}", flush=True)
        for objection in objections[:10]:
            print(f"          {objection}", flush=True)
        if len(objections) > 10:
            print(f"          and {len(objections) - 10} more", flush=True)


class Api:
    """Finds the path of an object and sends requests about it as dry runs."""

    def __init__(self, cluster):
        self._cluster = cluster
        self._resources = {}

    def path(self, obj, with_name=True):
        """The path of an object, or of its collection."""
        api = obj["apiVersion"]
        root = f"/apis/{api}" if "/" in api else f"/api/{api}"
        if api not in self._resources:
            listed = self._cluster.request("GET", root).body["resources"]
            self._resources[api] = {each["kind"]: each for each in listed if "/" not in each["name"]}
        resource = self._resources[api][obj["kind"]]
        scope = f"/namespaces/{obj['metadata']['namespace']}" if resource["namespaced"] else ""
        name = f"/{obj['metadata']['name']}" if with_name else ""
        return f"{root}{scope}/{resource['name']}{name}"

    def send(self, request):
        """The answer to a request that changes nothing."""
        path = (
            self.path(request.object, with_name=request.method != "POST" or request.subresource) + request.subresource
        )
        # A request to a subresource such as `scale` is of another kind, and a deletion has no fields to validate.
        query = "?dryRun=All" + ("&fieldValidation=Strict" if request.method in ("POST", "PUT") else "")
        return self._cluster.request(request.method, path + query, request.body, request.identity, request.content_type)


def is_accepted(answer):
    """Admission let it through. 409 comes after admission: the object is there already."""
    return answer.ok or (answer.status == 409 and not DENIED_BY.search(answer.message))


def dry_run(cluster, bundle, part):
    """What a strict server-side dry run of one part says against it."""
    done = cluster.kubectl(
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "-f",
        "-",
        stdin=bundle.text[part],
        identity=bundle.deployer,
    )
    passed = len(done.stdout.splitlines())
    expected = len(bundle.objects[part])
    objections = done.stderr.splitlines()
    if passed != expected and not objections:
        objections.append(f"{expected - passed} of {expected} objects did not pass")
    return objections


def apply(cluster, bundle, part):
    """Creates one part as a deployer."""
    done = cluster.kubectl(
        "apply", "--server-side", "--validate=strict", "-f", "-", stdin=bundle.text[part], identity=bundle.deployer
    )
    return done.stderr.splitlines() if done.returncode else []


def deploy(report, cluster, api, bundle):
    """The bundle is accepted whole and created; cluster first, since policies must be there before what they hold."""
    name = bundle.environment
    count = {part: len(objects) for part, objects in bundle.objects.items()}
    report.claim(
        f"{name}: {count['cluster']} objects of cluster/ pass a strict dry run", dry_run(cluster, bundle, "cluster")
    )
    # The webhook refuses a policy that does not compile.
    report.claim(f"{name}: Kyverno accepts {', '.join(bundle.policies)}", apply(cluster, bundle, "cluster"))
    wait_for("all policies are in Kyverno's webhook", lambda: kyverno.enforced(cluster) >= set(bundle.policies))
    report.claim(
        f"{name}: {count['namespace']} objects of namespace/ pass a strict dry run",
        dry_run(cluster, bundle, "namespace"),
    )
    report.claim(f"{name}: {bundle.deployer} creates them", apply(cluster, bundle, "namespace"))
    answers = [cluster.request("POST", api.path(obj, False), obj, who) for obj, who in started(bundle)]
    report.claim(
        f"{name}: {len(answers)} pods and claims are created by their controllers",
        [answer.message for answer in answers if not answer.ok],
    )


def started(bundle):
    """The pods of all workloads with their claims, and who creates them."""
    return [
        (obj, controller_of(workload))
        for workload in bundle.workloads
        for obj in (*claims_of(workload), pod_of(workload))
    ]


def settle(api, bundle, requests):
    """Waits until each policy answers: Kyverno compiles one shortly after the webhook names it. One that never does is
    found by the claims that follow."""
    for concern in CONCERNS:
        first = next(request for request in requests if request.concern == concern)
        with contextlib.suppress(EngineError):
            wait_for(f"{concern} is enforced", lambda first=first: is_denied(api, bundle, first), within=60)


def is_denied(api, bundle, request):
    """Whether the policy that a mutant is aimed at denies it."""
    return bundle.policy(request.concern) in DENIED_BY.findall(api.send(request).message)


def judge(report, api, bundle):
    """Each mutant is denied by exactly its policy; everything else is accepted."""
    requests = list(mutants(bundle))
    settle(api, bundle, requests)
    daily = list(accepted(bundle))
    answers = [(request, api.send(request)) for request in daily]
    report.claim(
        f"{bundle.environment}: {len(daily)} requests of deployers and controllers are accepted",
        [f"{request.name}: {answer.message}" for request, answer in answers if not is_accepted(answer)],
    )
    answers = [(request, api.send(request)) for request in requests]
    for concern in CONCERNS:
        policy = bundle.policy(concern)
        aimed = [each for each in answers if each[0].concern == concern]
        objections = [
            f"{request.name}: {answer.status} {answer.message or 'accepted'}"
            for request, answer in aimed
            if set(DENIED_BY.findall(answer.message)) != {policy}
        ]
        if len(aimed) < MUTANTS_PER_POLICY:
            objections.append(f"only {len(aimed)} mutants")
        report.claim(f"{bundle.environment}: {len(aimed)} mutants are denied by {policy} alone", objections)
    unproven = set(bundle.policies) - {bundle.policy(concern) for concern in CONCERNS}
    report.claim(f"{bundle.environment}: no policy without mutants", sorted(unproven))
    return requests


def control(report, cluster, api, bundle, requests):
    """Without the policies the same mutants pass: nothing but the policies refused them."""
    for policy in bundle.of_kind("ValidatingPolicy"):
        answer = cluster.request("DELETE", api.path(policy), identity=bundle.deployer)
        if not answer.ok:
            raise EngineError(f"a deployer cannot delete {policy['metadata']['name']}: {answer.message}")
    wait_for("the policies have left Kyverno's webhook", lambda: not kyverno.enforced(cluster) & set(bundle.policies))
    # All but those about the policies themselves, which are gone.
    requests = [request for request in requests if request.object["kind"] != "ValidatingPolicy"]
    answers = [(request, api.send(request)) for request in requests]
    report.claim(
        f"{bundle.environment}: {len(requests)} mutants are accepted once the policies are deleted",
        [f"{request.name}: {answer.message}" for request, answer in answers if not is_accepted(answer)],
    )


def require_engines():
    """Ends the run where an engine is missing: as a failure, unless whoever runs it allows to skip it."""
    missing = [name for name in ENGINES_NEEDED if not is_installed(name)]
    if missing and os.environ.get("ALLOW_SKIP") == "1":
        print(f"engines: SKIPPED, not installed: {', '.join(missing)}")
        sys.exit(0)
    if missing:
        raise EngineError(f"not installed: {', '.join(missing)}: run `make engines`, or set ALLOW_SKIP=1")


def main(snapshots, catalog):
    report = Report()
    folders = sorted(path.parent for path in snapshots.glob("*/cluster"))
    if not folders:
        raise EngineError(f"no environment with a cluster/ folder below {snapshots}")
    for folder in folders:
        valid, objections = offline.conform(folder)
        report.claim(f"{folder.name}: {valid} objects are valid under the pinned schemas (kubeconform)", objections)
    with Cluster() as cluster:
        cluster.install_crds("cert-manager", "cilium", "kyverno")
        kyverno.start(cluster)
        report.claim("etcd, API server and Kyverno run on loopback")
        report.claim("the pinned schemas are those of these engines", schemas.stale(schemas.make(cluster)))
        api = Api(cluster)
        who = deployers(catalog)
        for folder in folders:
            bundle = Bundle(cluster, folder, who[folder.name])
            deploy(report, cluster, api, bundle)
            requests = judge(report, api, bundle)
            rows, objections = offline.test_policies(cluster.work, bundle)
            report.claim(f"{folder.name}: {rows} pods and objects are judged alike by the Kyverno CLI", objections)
            control(report, cluster, api, bundle, requests)
    print(f"{len(folders)} environments, {report.disagreements} disagreements")
    return 1 if report.disagreements else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        require_engines()
        sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
    except EngineError as error:
        sys.exit(f"engines: {error}")
