"""Sends mutants and good requests, and compares who refused them with who had to."""

import contextlib

import kyverno
from api import denied_by, is_accepted
from bundle import controller_of, pod_of
from cluster import Identity
from daily_life import accepted
from deploy import apply
from mutants import CONCERNS, mutants
from pod_mutants import IMAGES, REGISTRIES, SECRETS, insecure_pods
from processes import EngineError, wait_for
from request import create

MUTANTS_PER_POLICY = 2


def judge(report, api, bundle):
    """Each mutant is denied by exactly the policies that are for it; everything else is accepted."""
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
            if denied_by(answer) != {bundle.policy(each) for each in request.concerns}
        ]
        if len(aimed) < MUTANTS_PER_POLICY:
            objections.append(f"only {len(aimed)} mutants")
        others = sorted({each for request, _ in aimed for each in request.also})
        alone = f", some also by those for {', '.join(others)}, by no other" if others else " alone"
        report.claim(f"{bundle.environment}: {len(aimed)} mutants are denied by {policy}{alone}", objections)
    insecure = [(request, api.send(request)) for request in insecure_pods(bundle)]
    report.claim(
        f"{bundle.environment}: {len(insecure)} insecure pods are refused by restricted pod security",
        [
            f"{request.name}: {answer.message or 'accepted'}"
            for request, answer in insecure
            if 'violates PodSecurity "restricted' not in answer.message
        ],
    )
    unproven = set(bundle.policies) - {bundle.policy(each) for request in requests for each in request.concerns}
    report.claim(f"{bundle.environment}: no policy without mutants", sorted(unproven))
    return requests


def settle(api, bundle, requests):
    """Waits until each policy answers: Kyverno compiles one shortly after the webhook names it. One that never does is
    found by the claims that follow."""
    for concern in CONCERNS:
        first = next((request for request in requests if request.concern == concern), None)
        if first is None:
            continue
        with contextlib.suppress(EngineError):
            wait_for(f"{concern} is enforced", lambda first=first: is_denied(api, bundle, first), within=60)


def is_denied(api, bundle, request):
    """Whether the policy that a mutant is aimed at denies it."""
    return bundle.policy(request.concern) in denied_by(api.send(request))


def registries_alone(report, cluster, api, bundle, requests):
    """The policy about registries is no echo of the one about images: without that, it refuses foreign images and
    no others."""
    if not bundle.holds(REGISTRIES):
        return
    remove(cluster, api, bundle, {bundle.policy(IMAGES)})
    answers = [(request, api.send(request)) for request in requests if request.concern == IMAGES and not is_moved(request)]
    foreign = [each for each in answers if REGISTRIES in each[0].also]
    allowed = [each for each in answers if REGISTRIES not in each[0].also]
    report.claim(
        f"{bundle.environment}: without the policy about images, {len(foreign)} foreign images are denied by "
        f"{bundle.policy(REGISTRIES)} alone",
        [
            f"{request.name}: {answer.status} {answer.message or 'accepted'}"
            for request, answer in foreign
            if denied_by(answer) != {bundle.policy(REGISTRIES)}
        ]
        or ([] if foreign else ["no foreign image"]),
    )
    report.claim(
        f"{bundle.environment}: and {len(allowed)} images of allowed registries are accepted",
        [f"{request.name}: {answer.message}" for request, answer in allowed if not is_accepted(answer)]
        or ([] if allowed else ["no other image"]),
    )


def is_moved(request):
    return SECRETS in request.also


def control(report, cluster, api, bundle, requests):
    """Without the policies the same mutants pass: nothing but the policies refused them."""
    registries_alone(report, cluster, api, bundle, requests)
    remove(cluster, api, bundle, kyverno.enforced(cluster) & set(bundle.policies))
    # All but those about the policies themselves, which are gone.
    requests = [request for request in requests if request.object["kind"] != "ValidatingPolicy"]
    answers = [(request, api.send(request)) for request in requests]
    report.claim(
        f"{bundle.environment}: {len(requests)} mutants are accepted once the policies are deleted",
        [f"{request.name}: {answer.message}" for request, answer in answers if not is_accepted(answer)],
    )


def remove(cluster, api, bundle, names):
    """Deletes policies as a deployer, and waits until Kyverno does not ask them any more."""
    for policy in bundle.of_kind("ValidatingPolicy"):
        name = policy["metadata"]["name"]
        if name not in names:
            continue
        answer = cluster.request("DELETE", api.path(policy), identity=bundle.deployer)
        if not answer.ok:
            raise EngineError(f"a deployer cannot delete {name}: {answer.message}")
    wait_for("the policies have left Kyverno's webhook", lambda: not kyverno.enforced(cluster) & names)


def stop_kyverno(report, cluster, api, bundle):
    """A Kyverno that is gone refuses what it would judge, and nothing else in the cluster."""
    apply(cluster, bundle, "cluster")
    kyverno.wait_until_enforced(cluster, bundle.policies)
    cluster.processes.kill("kyverno-controller")
    pods = [create("", pod_of(workload), controller_of(workload)) for workload in bundle.workloads]
    answers = [api.send(request) for request in pods]
    report.claim(
        f"{bundle.environment}: {len(pods)} pods are refused while Kyverno is away",
        [answer.message or "accepted" for answer in answers if "failed calling webhook" not in answer.message],
    )
    elsewhere = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}}
    answer = api.send(create("", elsewhere, Identity("olivia", "operators")))
    report.claim("other namespaces do not depend on it", [] if answer.ok else [answer.message])
