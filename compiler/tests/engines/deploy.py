"""Deploys a bundle as a user would."""

import kyverno
from bundle import claims_of, controller_of, pod_of


def deploy(report, cluster, api, bundle):
    """The bundle is accepted whole and created; cluster first, since policies must be there before what they hold."""
    name = bundle.environment
    count = {part: len(objects) for part, objects in bundle.objects.items()}
    report.claim(
        f"{name}: {count['cluster']} objects of cluster/ pass a strict dry run", dry_run(cluster, bundle, "cluster")
    )
    # The webhook refuses a policy that does not compile.
    report.claim(f"{name}: Kyverno accepts {', '.join(bundle.policies)}", apply(cluster, bundle, "cluster"))
    kyverno.wait_until_enforced(cluster, bundle.policies)
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
