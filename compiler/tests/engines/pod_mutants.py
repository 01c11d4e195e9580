"""Pods that differ from a generated one in one way that a policy must refuse.

A changed pod is valid in every other respect, also under restricted pod security, so that only the policy for its
concern can be the reason it is refused.
"""

import copy

from bundle import controller_of, pod_of
from request import Request, create, strategic

IMAGES = "images"
SECRETS = "secrets"
SERVICE_ACCOUNTS = "service-accounts"
REGISTRIES = "registries"

# A registry that no environment names.
FOREIGN = "registry.example.net"


def pod_mutants(bundle, workload):
    """Every change of one workload's pod: as the pod, as what would create it, and of the pod that runs."""
    others = [each for each in bundle.workloads if each is not workload]
    for concern, changes in (
        (IMAGES, image_changes(others)),
        (SERVICE_ACCOUNTS, service_account_changes(others)),
        (SECRETS, secret_changes(workload, others)),
    ):
        for what, change in changes:
            yield from mutants_of(bundle, workload, concern, what, change)
    yield from running_pod_mutants(bundle, workload)


def moved_pods(bundle):
    """Pods of one namespace in another of the same environment, where Secrets of the same names may be others'."""
    for namespace in bundle.namespaces:
        for workload in bundle.workloads:
            if workload["metadata"]["namespace"] == namespace:
                continue
            pod = pod_of(workload)
            pod["metadata"]["namespace"] = namespace
            name = f"pod of {workload['metadata']['name']} in {namespace}"
            request = create(name, pod, controller_of(workload), IMAGES)
            request.also = (SECRETS, SERVICE_ACCOUNTS)
            yield request


def mutants_of(bundle, workload, concern, what, change):
    """One change of a pod's spec, sent as the pod itself and as the workload that would create it."""
    pod = pod_of(workload)
    name = workload["metadata"]["name"]
    before = copy.deepcopy(pod["spec"])
    change(pod["spec"])
    if pod["spec"] == before:
        return
    yield create(f"pod of {name}: {what}", pod, controller_of(workload), concern)
    changed = copy.deepcopy(workload)
    change(changed["spec"]["template"]["spec"])
    yield Request(f"{workload['kind']} {name}: {what}", "PUT", changed, bundle.deployer, changed, concern=concern)


def running_pod_mutants(bundle, workload):
    """What can be changed of a pod that runs already."""
    pod = pod_of(workload)
    container = pod["spec"]["containers"][0]
    image = {"spec": {"containers": [{"name": container["name"], "image": f"{FOREIGN}/other:1"}]}}
    name = pod["metadata"]["name"]
    yield strategic(f"another image in running pod {name}", pod, image, bundle.deployer, IMAGES)
    for which, debugger in (("a foreign", f"{FOREIGN}/debugger:1"), ("its own", container["image"])):
        further = {"name": "debugger", "image": debugger, "securityContext": container["securityContext"]}
        yield strategic(
            f"a container of {which} image in running pod {name}",
            pod,
            {"spec": {"ephemeralContainers": [further]}},
            bundle.deployer,
            IMAGES,
            "/ephemeralcontainers",
        )


# --- images ---


def image_changes(others):
    def other_digest(spec):
        container = spec["containers"][0]
        image = container["image"]
        container["image"] = image[:-1] + ("0" if image[-1] != "0" else "1")

    def tag_only(spec):
        for container in spec["containers"]:
            container["image"] = container["image"].split("@")[0]

    def other_registry(spec):
        container = spec["containers"][0]
        container["image"] = f"{FOREIGN}/" + container["image"].split("/", 1)[-1]

    def image_of_another_server(spec):
        taken = {container["image"] for container in spec["containers"]}
        images = [o["spec"]["template"]["spec"]["containers"][0]["image"] for o in others]
        spec["containers"][0]["image"] = next(image for image in images if image not in taken)

    def further_container(spec):
        container = copy.deepcopy(spec["containers"][0])
        for key in ("env", "ports", "volumeMounts", "livenessProbe", "readinessProbe", "startupProbe"):
            container.pop(key, None)
        spec["containers"].append(container | {"name": "further", "image": f"{FOREIGN}/further:1"})

    def init_container(spec):
        further_container(spec)
        spec.setdefault("initContainers", []).append(spec["containers"].pop())

    def image_of_init_container(spec):
        for container in spec.get("initContainers", []):
            container["image"] = f"{FOREIGN}/init:1"

    yield "another digest", other_digest
    yield "a tag without its digest", tag_only
    yield "another registry", other_registry
    yield "a further container", further_container
    yield "a further init container", init_container
    yield "another image for its init container", image_of_init_container
    if others:
        yield "the image of another server", image_of_another_server


# --- service accounts ---


def service_account_changes(others):
    def set_account(name):
        def change(spec):
            spec["serviceAccountName"] = name

        return change

    def no_account(spec):
        spec.pop("serviceAccountName", None)

    def token_mounted(spec):
        spec["automountServiceAccountToken"] = True

    def token_by_default(spec):
        spec.pop("automountServiceAccountToken", None)

    def projected_token(spec):
        source = {"serviceAccountToken": {"audience": "https://kubernetes.default.svc", "path": "token"}}
        spec.setdefault("volumes", []).append({"name": "taken", "projected": {"sources": [source]}})

    yield "another service account", set_account("cluster-admin")
    yield "no service account named", no_account
    yield "the token mounted", token_mounted
    yield "the token mounted by default", token_by_default
    yield "a token projected for the API server", projected_token
    if others:
        yield (
            "the service account of another server",
            set_account(others[0]["spec"]["template"]["spec"]["serviceAccountName"]),
        )


# --- secrets ---


def secret_changes(workload, others):
    def environment_variable(secret, key):
        def change(spec):
            source = {"secretKeyRef": {"name": secret, "key": key}}
            spec["containers"][0].setdefault("env", []).append({"name": "TAKEN", "valueFrom": source})

        return change

    def all_variables(spec):
        spec["containers"][0]["envFrom"] = [{"secretRef": {"name": "payroll"}}]

    def volume(spec):
        spec.setdefault("volumes", []).append({"name": "taken", "secret": {"secretName": "payroll"}})

    def projected_volume(spec):
        source = {"secret": {"name": "payroll"}}
        spec.setdefault("volumes", []).append({"name": "taken", "projected": {"sources": [source]}})

    def init_variable(spec):
        source = {"secretKeyRef": {"name": "payroll", "key": "value"}}
        for container in spec.get("initContainers", [])[:1]:
            container.setdefault("env", []).append({"name": "TAKEN", "valueFrom": source})

    yield "an undeclared secret as variable", environment_variable("payroll", "value")
    yield "all keys of a secret as variables", all_variables
    yield "an undeclared secret as volume", volume
    yield "an undeclared secret in a projected volume", projected_volume
    yield "an undeclared secret in its init container", init_variable
    own = declared_secrets(workload)
    for secret, _ in own[:1]:
        yield "another key of its secret", environment_variable(secret, "other-key")
    for secret, key in [each for other in others for each in declared_secrets(other) if each not in own][:1]:
        yield "the secret of another server", environment_variable(secret, key)


def declared_secrets(workload):
    """Name and key of the secrets that a workload's variables take."""
    spec = workload["spec"]["template"]["spec"]
    sources = [
        variable["valueFrom"]["secretKeyRef"]
        for container in spec["containers"]
        for variable in container.get("env", [])
        if "secretKeyRef" in variable.get("valueFrom", {})
    ]
    return [(source["name"], source["key"]) for source in sources]


# --- what the namespace's pod security refuses before any policy is asked ---


def insecure_pods(bundle):
    """Pods with rights that restricted pod security forbids."""
    for workload in bundle.workloads:
        for what, change in (
            ("that may gain rights", lambda spec: security_of(spec).update(allowPrivilegeEscalation=True)),
            ("with a capability", lambda spec: security_of(spec)["capabilities"].update(add=["NET_ADMIN"])),
            ("as root", lambda spec: spec["securityContext"].update(runAsUser=0)),
            ("in the host's network", lambda spec: spec.update(hostNetwork=True)),
            ("with the host's files", lambda spec: spec.setdefault("volumes", []).append(HOST_FILES)),
            ("without a seccomp profile", lambda spec: spec["securityContext"].pop("seccompProfile")),
        ):
            pod = pod_of(workload)
            change(pod["spec"])
            yield create(f"pod of {workload['metadata']['name']} {what}", pod, controller_of(workload))


def security_of(spec):
    return spec["containers"][0]["securityContext"]


HOST_FILES = {"name": "host", "hostPath": {"path": "/"}}
