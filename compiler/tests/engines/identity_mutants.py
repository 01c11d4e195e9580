"""Changes of generated objects, and additions beside them, by somebody who is no deployer."""

import copy

from bundle import claims_of, pod_of
from cluster import Identity
from request import STRANGER, create, delete, label_change, patch, title

DEPLOYERS = "deployers"
POLICIES = "policies"


def identity_mutants(bundle, obj):
    """Every way in which somebody else may try to change one generated object."""
    concern = POLICIES if obj["kind"] in ("Namespace", "ValidatingPolicy") else DEPLOYERS
    what = title(obj)
    # Storage drivers annotate claims, and may have any name.
    if obj["kind"] != "PersistentVolumeClaim":
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
    own = bundle.of_kind("ServiceAccount")[0]["metadata"]
    yield "a service account of the environment", Identity.service_account(own["namespace"], own["name"])
    yield "a user named like the controllers' group", Identity("system:serviceaccounts:kube-system")
    for group in bundle.deployer.groups:
        if not group.startswith("system:"):
            yield "a user named like the deployers' group", Identity(group)
            yield "a group that begins like the deployers'", Identity("mallory", f"{group}-guests")
    yield "a user named almost like the deployer", Identity(f"{bundle.deployer.user}x")


def additions(bundle):
    """New objects beside the generated ones, by a stranger, that would undo what those hold."""
    for namespace in bundle.namespaces:
        yield from additions_in(bundle, namespace)


def additions_in(bundle, namespace):
    meta = {"name": "added", "namespace": namespace}
    workload = bundle.workloads_in(namespace)[0]
    template = copy.deepcopy(workload["spec"]["template"])
    # With the volumes that its controller adds.
    template["spec"] = pod_of(workload)["spec"]
    # The right image with another program in it.
    template["spec"]["containers"][0]["command"] = ["sh"]
    labels = template["metadata"]["labels"]
    job = copy.deepcopy(template)
    job["spec"]["restartPolicy"] = "Never"
    everything = {"policyTypes": ["Egress", "Ingress"], "egress": [{}], "ingress": [{}]}
    cilium = {"endpointSelector": {}, "egress": [{"toEntities": ["all"]}], "ingress": [{"fromEntities": ["all"]}]}
    admin = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    mallory = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": STRANGER.user}
    service = next(each for each in bundle.of_kind("Service") if each["metadata"]["namespace"] == namespace)
    of_service = {"kubernetes.io/service-name": service["metadata"]["name"]}
    subset = {"addresses": [{"ip": "192.0.2.1"}], "ports": [{"port": 80}]}
    for api_version, kind, metadata, rest in (
        ("networking.k8s.io/v1", "NetworkPolicy", meta, {"spec": {"podSelector": {}, **everything}}),
        ("cilium.io/v2", "CiliumNetworkPolicy", meta, {"spec": cilium}),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", meta, {"roleRef": admin, "subjects": [mallory]}),
        ("v1", "ReplicationController", meta, {"spec": {"replicas": 1, "selector": labels, "template": template}}),
        ("apps/v1", "DaemonSet", meta, {"spec": {"selector": {"matchLabels": labels}, "template": template}}),
        ("batch/v1", "Job", meta, {"spec": {"template": job}}),
        ("batch/v1", "CronJob", meta, {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": job}}}}),
        # These send the traffic of a generated Service elsewhere.
        ("v1", "Endpoints", meta | {"name": service["metadata"]["name"]}, {"subsets": [subset]}),
        (
            "discovery.k8s.io/v1",
            "EndpointSlice",
            meta | {"labels": of_service},
            {"addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.1"]}], "ports": []},
        ),
    ):
        added = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}
        yield create(f"a further {kind} in {namespace} by a stranger", added, STRANGER, DEPLOYERS)
    for policy in bundle.policies:
        reference = {"kind": "ValidatingPolicy", "name": policy}
        exception = {"apiVersion": "policies.kyverno.io/v1", "kind": "PolicyException", "metadata": meta}
        exception |= {"spec": {"policyRefs": [reference]}}
        yield create(f"an exception from {policy} in {namespace} by a stranger", exception, STRANGER, POLICIES)
