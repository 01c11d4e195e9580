"""What the cluster itself and the deployers do every day: refusing it would break the environment."""

import copy

from bundle import claims_of, controller_of, pod_of
from cluster import Identity
from request import Request, create, delete, label_change, patch, title


def accepted(bundle):
    """Every request that must be accepted."""
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
    yield patch(
        f"scale {what} by a controller",
        workload,
        {"spec": {"replicas": 1}},
        Identity.service_account("kube-system", "horizontal-pod-autoscaler"),
        subresource="/scale",
    )
    if workload["kind"] == "Deployment":
        yield create(
            f"replica set of {what} by its controller",
            replica_set_of(workload),
            Identity.service_account("kube-system", "deployment-controller"),
        )
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
        "metadata": {
            "name": f"{deployment['metadata']['name']}-6d5f8",
            "namespace": deployment["metadata"]["namespace"],
        },
        "spec": {key: spec[key] for key in ("replicas", "selector", "template") if key in spec},
    }
