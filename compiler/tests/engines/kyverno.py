"""Kyverno's admission controller beside the API server, which reaches it over loopback."""

from cluster import Identity
from processes import LOOPBACK, free_ports, wait_for

# As in a real cluster, so that what Kyverno itself does must pass the policies too.
ACCOUNT = Identity.service_account("kyverno", "kyverno-admission-controller")


def start(cluster):
    """Starts it and waits for its webhook."""
    webhook, metrics = free_ports(2)
    cluster.must("create", "namespace", "kyverno")
    # Without this ConfigMap the controller does not start working.
    cluster.must("-n", "kyverno", "create", "configmap", "kyverno", "--from-literal=updateRequestThreshold=1000")
    cluster.processes.start(
        "kyverno-controller",
        f"--kubeconfig={cluster.write_kubeconfig('kyverno', ACCOUNT)}",
        f"--serverIP={LOOPBACK}:{webhook}",
        f"--webhookServerHost={LOOPBACK}",
        f"--webhookServerPort={webhook}",
        f"--metricsHost={LOOPBACK}",
        f"--metricsPort={metrics}",
        "--controllerRuntimeMetricsAddress=0",
        "--caSecretName=kyverno-svc.kyverno.svc.kyverno-tls-ca",
        "--tlsSecretName=kyverno-svc.kyverno.svc.kyverno-tls-pair",
        "--backgroundServiceAccountName=system:serviceaccount:kyverno:kyverno-background-controller",
        "--reportsServiceAccountName=system:serviceaccount:kyverno:kyverno-reports-controller",
        "--admissionReports=false",
        # Exceptions are off by default; here they count, so that what guards them is tried.
        "--enablePolicyException=true",
        "--exceptionNamespace=kyverno",
        KYVERNO_NAMESPACE="kyverno",
        KYVERNO_SERVICEACCOUNT_NAME="kyverno-admission-controller",
        KYVERNO_DEPLOYMENT="kyverno-admission-controller",
        KYVERNO_POD_NAME="kyverno-admission-controller-0",
        INIT_CONFIG="kyverno",
        METRICS_CONFIG="kyverno-metrics",
    )
    wait_for("Kyverno judges policies", lambda: judges_policies(cluster))


def judges_policies(cluster):
    """Whether its webhook compiles policies: a sound one passes and an unsound one is refused by the compiler.

    A policy that was stored before is never type-checked, and fails open.
    """
    cluster.processes.check()
    return probe(cluster, "true").ok and "compile" in probe(cluster, "object.metadata.name").message


def probe(cluster, expression):
    """A dry run of a policy with one expression."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    policy = {
        "apiVersion": "policies.kyverno.io/v1",
        "kind": "ValidatingPolicy",
        "metadata": {"name": "probe"},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": expression, "message": "probe"}],
        },
    }
    return cluster.request("POST", "/apis/policies.kyverno.io/v1/validatingpolicies?dryRun=All", policy)


def wait_until_enforced(cluster, policies):
    """Waits until the webhook is asked about all these policies."""
    wait_for("all policies are in Kyverno's webhook", lambda: enforced(cluster) >= set(policies))


def enforced(cluster):
    """The names of the policies that the webhook is asked about."""
    name = "kyverno-resource-validating-webhook-cfg"
    path = f"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{name}"
    answer = cluster.request("GET", path)
    webhooks = answer.body.get("webhooks") or [] if answer.ok else []
    return {part for each in webhooks for part in each["clientConfig"]["url"].split("/")}
