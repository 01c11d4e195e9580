"""One environment's generated output, as the objects that `kubectl apply -k` would send."""

import copy
import json
import re

from cluster import Identity
from processes import EngineError

APPLY_ORDER = ("cluster", "namespace")


class Bundle:
    """The objects of one environment and who may deploy them."""

    def __init__(self, cluster, folder, deployer):
        self.cluster = cluster
        self.folder = folder
        self.environment = folder.name
        self.deployer = deployer
        # As text, for kubectl; as objects, to derive requests from.
        self.text = {part: cluster.must("kustomize", str(folder / part)) for part in APPLY_ORDER}
        self.objects = {part: parse(cluster, text) for part, text in self.text.items()}

    @property
    def all_objects(self):
        return [each for part in APPLY_ORDER for each in self.objects[part]]

    def of_kind(self, *kinds):
        return [each for each in self.all_objects if each["kind"] in kinds]

    @property
    def policies(self):
        return [each["metadata"]["name"] for each in self.of_kind("ValidatingPolicy")]

    @property
    def workloads(self):
        return self.of_kind("Deployment", "StatefulSet")

    @property
    def namespaces(self):
        """Where dispatch and the servers are."""
        names = [each["metadata"]["name"] for each in self.of_kind("Namespace")]
        used = {each["metadata"]["namespace"] for each in self.workloads}
        if not used <= set(names):
            raise EngineError(f"{self.environment}: workloads in {used}, namespaces {names}")
        return names

    def workloads_in(self, namespace):
        return [each for each in self.workloads if each["metadata"]["namespace"] == namespace]

    def policy(self, concern):
        """The full name of the policy for one concern."""
        return f"bailiwick-{self.environment}-{concern}"

    def holds(self, concern):
        """Whether there is a policy for it: only an environment that names registries holds images to them."""
        return self.policy(concern) in self.policies


def parse(cluster, text):
    """YAML as objects, read by kubectl's own parser."""
    output = cluster.must("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-", stdin=text)
    objects, decoder, at = [], json.JSONDecoder(), 0
    while at < len(output):
        value, end = decoder.raw_decode(output, at)
        objects.extend(value["items"] if value["kind"] == "List" else [value])
        at = end + len(output[end:]) - len(output[end:].lstrip())
    return objects


def pod_of(workload):
    """The pod that the workload's controller would create from its template."""
    template = copy.deepcopy(workload["spec"]["template"])
    name = workload["metadata"]["name"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": template["metadata"], "spec": template["spec"]}
    pod["metadata"]["namespace"] = workload["metadata"]["namespace"]
    labels = pod["metadata"].setdefault("labels", {})
    if workload["kind"] == "StatefulSet":
        pod["metadata"]["name"] = f"{name}-0"
        labels |= {
            "apps.kubernetes.io/pod-index": "0",
            "controller-revision-hash": f"{name}-7d4b9c6f5",
            "statefulset.kubernetes.io/pod-name": f"{name}-0",
        }
        for template, claim in zip(workload["spec"].get("volumeClaimTemplates", []), claims_of(workload), strict=True):
            source = {"claimName": claim["metadata"]["name"]}
            volume = {"name": template["metadata"]["name"], "persistentVolumeClaim": source}
            pod["spec"].setdefault("volumes", []).append(volume)
    else:
        pod["metadata"]["name"] = f"{name}-6d5f8-x7k2p"
        labels["pod-template-hash"] = "6d5f8"
    return pod


def claims_of(workload):
    """The volume claims that the workload's controller would create for its first pod."""
    claims = []
    for template in workload["spec"].get("volumeClaimTemplates", []):
        claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **copy.deepcopy(template)}
        claim.pop("status", None)
        claim["metadata"]["name"] += f"-{workload['metadata']['name']}-0"
        claim["metadata"]["namespace"] = workload["metadata"]["namespace"]
        claims.append(claim)
    return claims


def controller_of(workload):
    """The controller that creates the workload's pods."""
    name = {"Deployment": "replicaset-controller", "StatefulSet": "statefulset-controller"}[workload["kind"]]
    return Identity.service_account("kube-system", name)


def deployers(org_file):
    """Environment to a deployer's identity, as the catalog that the output was built from says."""
    found = {}
    for block in re.split(r"^environment ", org_file.read_text(), flags=re.MULTILINE)[1:]:
        subject = re.search(r'deployers "([^"]+)"', block)
        if subject:
            found[block.split()[0]] = identity(subject.group(1))
    return found


def identity(subject):
    """The identity that a `deployers` subject names."""
    if subject.startswith("group:"):
        return Identity("dana", subject.removeprefix("group:"))
    if subject.startswith("system:serviceaccount:"):
        return Identity.service_account(*subject.split(":")[2:])
    return Identity(subject)
