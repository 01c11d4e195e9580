"""Requests that the generated policies must refuse, each derived from a generated object by one change.

A mutant is valid in every other respect, also under restricted pod security, so that only the policy for its concern
can be the reason it is refused.
"""

import copy
from dataclasses import dataclass

from bundle import claims_of, controller_of, pod_of
from cluster import JSON, MERGE_PATCH, STRATEGIC_MERGE_PATCH, Identity

DEPLOYERS = "deployers"
IMAGES = "images"
POLICIES = "policies"
SECRETS = "secrets"
SERVICE_ACCOUNTS = "service-accounts"
CONCERNS = (DEPLOYERS, IMAGES, POLICIES, SECRETS, SERVICE_ACCOUNTS)

STRANGER = Identity("mallory", "developers")


@dataclass
class Request:
    """What is sent, by whom, and what it shows."""

    name: str
    method: str
    object: dict  # names the kind, namespace and name; the body unless `body` is given
    identity: Identity
    body: dict | None = None
    subresource: str = ""
    content_type: str = JSON
    concern: str = ""  # of the policy that must refuse it; empty: it must be accepted


def create(name, obj, identity, concern=""):
    return Request(name, "POST", obj, identity, obj, concern=concern)


def patch(name, obj, change, identity, concern="", subresource=""):
    return Request(name, "PATCH", obj, identity, change, subresource, MERGE_PATCH, concern)


def strategic(name, obj, change, identity, concern, subresource=""):
    return Request(name, "PATCH", obj, identity, change, subresource, STRATEGIC_MERGE_PATCH, concern)


def delete(name, obj, identity, concern=""):
    return Request(name, "DELETE", obj, identity, concern=concern)


def label_change(name, obj, identity, concern=""):
    return patch(name, obj, {"metadata": {"labels": {"touched": "yes"}}}, identity, concern)


def title(obj):
    return f"{obj['kind']} {obj['metadata']['name']}"


def accepted(bundle):
    """What the cluster itself and the deployers do every day: refusing it would break the environment."""
    for workload in bundle.workloads:
        yield from daily_life_of(workload)
    for obj in bundle.all_objects:
        yield label_change(f"change {title(obj)} by a deployer", obj, bundle.deployer)
        yield create(f"create {title(obj)} by a deployer", obj, bundle.deployer)
    for certificate in bundle.of_kind("Certificate"):
        issued = {"status": {"revision": 1}}
        issuer = Identity.service_account("cert-manager", "cert-manager")
        yield patch(f"issue {title(certificate)}", certificate, issued, issuer, subresource="/status")


def daily_life_of(workload):
    """From its creation by a controller to its end on a drained node."""
    pod, what = pod_of(workload), workload["metadata"]["name"]
    node = Identity("system:node:node-1", "system:nodes")
    running = {"status": {"phase": "Running"}}
    binding = {"apiVersion": "v1", "kind": "Binding", "metadata": pod["metadata"]}
    binding |= {"target": {"apiVersion": "v1", "kind": "Node", "name": "node-1"}}
    yield create(f"pod of {what} by its controller", pod, controller_of(workload))
    yield Request(f"bind the pod of {what}", "POST", pod, Identity("system:kube-scheduler"), binding, "/binding")
    yield patch(f"report the pod of {what}", pod, running, node, subresource="/status")
    yield delete(f"remove the pod of {what}", pod, node)
    yield delete(f"drain the pod of {what}", pod, Identity("olivia", "operators"))
    yield patch(f"scale {what} by a controller", workload, {"spec": {"replicas": 1}},
                Identity.service_account("kube-system", "horizontal-pod-autoscaler"), subresource="/scale")
    if workload["kind"] == "Deployment":
        yield create(f"replica set of {what} by its controller", replica_set_of(workload),
                     Identity.service_account("kube-system", "deployment-controller"))
    for claim in claims_of(workload):
        yield create(f"claim of {what} by its controller", claim, controller_of(workload))
        yield label_change(f"claim of {what} by a storage driver", claim, Identity.service_account("storage", "driver"))


def replica_set_of(deployment):
    """What the deployment's controller creates."""
    labels = {"pod-template-hash": "6d5f8"}
    spec = copy.deepcopy(deployment["spec"])
    spec["selector"]["matchLabels"] |= labels
    spec["template"]["metadata"].setdefault("labels", {}).update(labels)
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": f"{deployment['metadata']['name']}-6d5f8", "namespace": deployment["metadata"]["namespace"]},
        "spec": {key: spec[key] for key in ("replicas", "selector", "template") if key in spec},
    }


def refused(bundle):
    """Every mutant of a bundle, policy by policy."""
    for workload in bundle.workloads:
        others = [each for each in bundle.workloads if each is not workload]
        for concern, changes in (
            (IMAGES, image_changes(others)),
            (SERVICE_ACCOUNTS, service_account_changes(others)),
            (SECRETS, secret_changes(workload, others)),
        ):
            for what, change in changes:
                yield from mutants_of(bundle, workload, concern, what, change)
        yield from running_pod_mutants(bundle, workload)
    for obj in bundle.all_objects:
        yield from identity_mutants(bundle, obj)
    yield from additions(bundle)


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
    image = {"spec": {"containers": [{"name": container["name"], "image": "registry.example.net/other:1"}]}}
    name = pod["metadata"]["name"]
    yield strategic(f"another image in running pod {name}", pod, image, bundle.deployer, IMAGES)
    for which, debugger in (("a foreign", "registry.example.net/debugger:1"), ("its own", container["image"])):
        further = {"name": "debugger", "image": debugger, "securityContext": container["securityContext"]}
        yield strategic(f"a container of {which} image in running pod {name}", pod,
                        {"spec": {"ephemeralContainers": [further]}}, bundle.deployer, IMAGES,
                        "/ephemeralcontainers")


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
        container["image"] = "registry.example.net/" + container["image"].split("/", 1)[-1]

    def image_of_another_server(spec):
        taken = {container["image"] for container in spec["containers"]}
        images = [o["spec"]["template"]["spec"]["containers"][0]["image"] for o in others]
        spec["containers"][0]["image"] = next(image for image in images if image not in taken)

    def further_container(spec):
        container = copy.deepcopy(spec["containers"][0])
        for key in ("env", "ports", "volumeMounts", "livenessProbe", "readinessProbe", "startupProbe"):
            container.pop(key, None)
        spec["containers"].append(container | {"name": "further", "image": "registry.example.net/further:1"})

    def init_container(spec):
        further_container(spec)
        spec.setdefault("initContainers", []).append(spec["containers"].pop())

    def image_of_init_container(spec):
        for container in spec.get("initContainers", []):
            container["image"] = "registry.example.net/init:1"

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
        yield "the service account of another server", set_account(
            others[0]["spec"]["template"]["spec"]["serviceAccountName"]
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


# --- deployers and policies ---


def identity_mutants(bundle, obj):
    """Changes of a generated object by somebody who is no deployer."""
    concern = POLICIES if obj["kind"] in ("Namespace", "ValidatingPolicy") else DEPLOYERS
    what = title(obj)
    yield label_change(f"change {what} by a stranger", obj, STRANGER, concern)
    yield delete(f"delete {what} by a stranger", obj, STRANGER, concern)
    yield create(f"create {what} by a stranger", obj, STRANGER, concern)
    if obj["kind"] in ("ConfigMap", "ValidatingPolicy"):
        for name, look_alike in look_alikes(bundle):
            yield label_change(f"change {what} by {name}", obj, look_alike, concern)
    if obj["kind"] == "ConfigMap":
        yield patch(f"other data in {what} by a stranger", obj, {"data": {"config.json": "{}"}}, STRANGER, concern)
    if obj["kind"] in ("Deployment", "StatefulSet"):
        yield patch(f"scale {what} by a stranger", obj, {"spec": {"replicas": 0}}, STRANGER, concern, "/scale")
        yield create(f"pod of {what} by a stranger", pod_of(obj), STRANGER, concern)
        for claim in claims_of(obj):
            yield delete(f"delete claim of {what} by a stranger", claim, STRANGER, concern)


def look_alikes(bundle):
    """Identities that a careless comparison would take for a deployer or a controller."""
    yield "a namespace that begins like kube-system", Identity.service_account("kube-system-tools", "job-controller")
    yield "the dispatch server itself", Identity.service_account(bundle.namespace, "dispatch")
    yield "a user named like the controllers' group", Identity("system:serviceaccounts:kube-system")
    for group in bundle.deployer.groups:
        if not group.startswith("system:"):
            yield "a user named like the deployers' group", Identity(group)
            yield "a group that begins like the deployers'", Identity("mallory", f"{group}-guests")
    yield "a user named almost like the deployer", Identity(f"{bundle.deployer.user}x")


def additions(bundle):
    """New objects beside the generated ones, by a stranger, that would undo what those hold."""
    meta = {"name": "added", "namespace": bundle.namespace}
    workload = bundle.workloads[0]
    template = copy.deepcopy(workload["spec"]["template"])
    # The right image with another program in it.
    template["spec"]["containers"][0]["command"] = ["sh"]
    labels = template["metadata"]["labels"]
    job = copy.deepcopy(template)
    job["spec"]["restartPolicy"] = "Never"
    everything = {"policyTypes": ["Egress", "Ingress"], "egress": [{}], "ingress": [{}]}
    cilium = {"endpointSelector": {}, "egress": [{"toEntities": ["all"]}], "ingress": [{"fromEntities": ["all"]}]}
    admin = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    mallory = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": STRANGER.user}
    service = next(each for each in bundle.of_kind("Service"))
    of_service = {"kubernetes.io/service-name": service["metadata"]["name"]}
    for api_version, kind, metadata, rest in (
        ("networking.k8s.io/v1", "NetworkPolicy", meta, {"spec": {"podSelector": {}, **everything}}),
        ("cilium.io/v2", "CiliumNetworkPolicy", meta, {"spec": cilium}),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", meta, {"roleRef": admin, "subjects": [mallory]}),
        ("v1", "ReplicationController", meta, {"spec": {"replicas": 1, "selector": labels, "template": template}}),
        ("apps/v1", "DaemonSet", meta, {"spec": {"selector": {"matchLabels": labels}, "template": template}}),
        ("batch/v1", "Job", meta, {"spec": {"template": job}}),
        ("batch/v1", "CronJob", meta, {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": job}}}}),
        # Sends the traffic of a generated Service elsewhere.
        ("discovery.k8s.io/v1", "EndpointSlice", meta | {"labels": of_service},
         {"addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.1"]}], "ports": []}),
    ):  # fmt: skip
        added = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}
        yield create(f"a further {kind} by a stranger", added, STRANGER, DEPLOYERS)
    for policy in bundle.policies:
        reference = {"kind": "ValidatingPolicy", "name": policy}
        exception = {"apiVersion": "policies.kyverno.io/v1", "kind": "PolicyException", "metadata": meta}
        exception |= {"spec": {"policyRefs": [reference]}}
        yield create(f"an exception from {policy} by a stranger", exception, STRANGER, POLICIES)
