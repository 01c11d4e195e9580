"""The engines that judge files without a cluster: kubeconform and Kyverno's command line."""

import json
import subprocess

from bundle import APPLY_ORDER, pod_of
from identity_mutants import DEPLOYERS
from mutants import mutants
from processes import engine
from request import STRANGER
from schemas import SCHEMAS

# Kinds that the command line knows without their definitions.
PLAIN = ("ConfigMap", "Deployment", "NetworkPolicy", "Service", "ServiceAccount", "StatefulSet")


def conform(folder):
    """Holds every generated file against the pinned schemas; the number of valid objects, and what is wrong."""
    location = "{{.ResourceKind}}-{{.Group}}{{if ne .Group .ResourceAPIVersion}}-{{.ResourceAPIVersion}}{{end}}.json"
    files = sorted(str(path) for part in (*APPLY_ORDER, "runtime") for path in (folder / part).glob("*.yaml"))
    done = subprocess.run(
        [engine("kubeconform"), "-strict", "-verbose", "-schema-location", f"{SCHEMAS}/{location}", *files],
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = done.stdout.splitlines() + done.stderr.splitlines()
    valid = [line for line in lines if line.endswith(" is valid")]
    objections = [line for line in lines if line not in valid]
    if not valid or (done.returncode != 0 and not objections):
        objections.append(f"kubeconform found {len(valid)} objects and ended with {done.returncode}")
    return len(valid), objections


def test_policies(work, bundle):
    """Lets the Kyverno command line judge pods and mutants; the number of judgements, and those not as expected."""
    tests = [pods_test(bundle)]
    objects = [each for each in bundle.objects["namespace"] if each["kind"] in PLAIN]
    for who, expected in ((bundle.deployer, "pass"), (STRANGER, "fail")):
        tests.append(objects_test(bundle, objects, who, expected))
    count, objections = 0, []
    for number, (resources, results, who) in enumerate(tests):
        folder = work / f"{bundle.environment}-{number}"
        write_test(folder, bundle, resources, results, who)
        rows = run_test(folder)
        # A resource that no policy matches is reported as passed with the reason `Excluded`, whatever was expected.
        sound = {(row["POLICY"], row["RESOURCE"]) for row in rows if row["REASON"] == "Ok" and row["RESULT"] == "Pass"}
        objections.extend(
            f"{row['POLICY']} on {row['RESOURCE']}: {row['RESULT']}, {row['REASON']}"
            for row in rows
            if (row["POLICY"], row["RESOURCE"]) not in sound
        )
        missing = judged(resources, results) - sound
        objections.extend(f"{policy} on {resource}: no row with the reason Ok" for policy, resource in sorted(missing))
        count += len(sound)
    return count, objections


def judged(resources, results):
    """Every pair of policy and resource that must have a row."""
    places = {}
    for each in resources:
        meta = each["metadata"]
        places[each["kind"], meta["name"]] = f"{each['apiVersion']}/{each['kind']}/{meta['namespace']}/{meta['name']}"
    return {(each["policy"], places[each["kind"], name]) for each in results for name in each["resources"]}


def pods_test(bundle):
    """Every policy about pods passes the pods of the workloads and fails the mutants."""
    resources = [pod_of(workload) for workload in bundle.workloads]
    good = [pod["metadata"]["name"] for pod in resources]
    bad = {}
    for number, request in enumerate(mutants(bundle)):
        if request.method == "POST" and request.object["kind"] == "Pod" and request.identity != STRANGER:
            name = f"mutant-{number}"
            resources.append(request.object | {"metadata": request.object["metadata"] | {"name": name}})
            for concern in request.concerns:
                bad.setdefault(concern, []).append(name)
    results = []
    for concern, names in bad.items():
        results.append(expect(bundle, concern, "Pod", good, "pass"))
        results.append(expect(bundle, concern, "Pod", names, "fail"))
    return resources, results, None


def objects_test(bundle, objects, who, expected):
    """The policy about deployers passes or fails an identity on every object."""
    results = []
    for kind in PLAIN:
        names = [each["metadata"]["name"] for each in objects if each["kind"] == kind]
        if names:
            results.append(expect(bundle, DEPLOYERS, kind, names, expected) | {"operation": "CREATE"})
    return objects, results, who


def expect(bundle, concern, kind, names, result):
    policy = bundle.policy(concern)
    return {"policy": policy, "isValidatingPolicy": True, "kind": kind, "resources": names, "result": result}


def write_test(folder, bundle, resources, results, who):
    """A folder as `kyverno test` takes it."""
    folder.mkdir()
    test = {"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Test", "metadata": {"name": "generated"}}
    test |= {"policies": ["policies.yaml"], "resources": ["resources.yaml"], "results": results}
    tested = {each["policy"] for each in results}
    policies = bundle.of_kind("ValidatingPolicy")
    write(folder / "policies.yaml", [each for each in policies if each["metadata"]["name"] in tested])
    write(folder / "resources.yaml", resources)
    if who:
        user = {"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "UserInfo", "metadata": {"name": "who"}}
        user |= {"roles": [], "clusterRoles": [], "userInfo": {"username": who.user, "groups": list(who.groups)}}
        write(folder / "user.yaml", [user])
        test["userinfo"] = "user.yaml"
    write(folder / "kyverno-test.yaml", [test])


def write(path, objects):
    """JSON documents, which are YAML too."""
    path.write_text("\n---\n".join(json.dumps(each) for each in objects) + "\n")


def run_test(folder):
    """The rows that `kyverno test` prints, between lines about its progress."""
    done = subprocess.run(
        [engine("kyverno"), "test", str(folder), "-o", "json"],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": "", "HOME": str(folder)},
    )
    start = done.stdout.find("\n[")
    if start < 0:
        problem = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        return [{"POLICY": "all", "RESOURCE": folder.name, "RESULT": f"no rows: {problem}", "REASON": "no rows"}]
    return json.JSONDecoder().raw_decode(done.stdout[start + 1 :])[0]
