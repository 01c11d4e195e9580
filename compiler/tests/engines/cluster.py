"""A Kubernetes API server with its store and, on request, Kyverno's admission controller: real, and on loopback only.

Nothing runs in this cluster: there is no kubelet, no scheduler, no controller. It answers what a cluster would answer
when manifests are applied to it.
"""

import base64
import ctypes
import http.client
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

CACHES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
# The same folder as in .ci/cache.
ENGINES = Path(os.environ.get("BAILIWICK_CACHE") or CACHES / "bailiwick") / "engines"
LOOPBACK = "127.0.0.1"
READY_WITHIN = 120  # seconds; the start takes 3 to 8 on an idle machine
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"


class EngineError(Exception):
    """An engine is missing, did not start, or refused what it must accept."""


def is_installed(name):
    """Whether `make engines` has built it."""
    return (ENGINES / "bin" / name).exists()


def engine(name):
    """The path of an installed engine."""
    if not is_installed(name):
        raise EngineError(f"{name} is not installed: run `make engines`")
    return ENGINES / "bin" / name


def wait_for(what, condition, within=READY_WITHIN):
    """Polls until the condition holds and returns what it returned."""
    deadline = time.monotonic() + within
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise EngineError(f"not within {within} s: {what}")
        time.sleep(0.05)
    return answer


class Answer:
    """What the API server said to one request."""

    def __init__(self, status, body):
        self.status = status
        self.body = body
        self.ok = status < 300

    @property
    def message(self):
        """The reason, when the request was refused."""
        return self.body.get("message", "") if isinstance(self.body, dict) else str(self.body)


class Identity:
    """A user and its groups, as the API server sees them after authentication."""

    def __init__(self, user, *groups):
        self.user = user
        self.groups = (*groups, "system:authenticated")

    @classmethod
    def service_account(cls, namespace, name):
        """The identity of a pod's or a controller's token."""
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
        return cls(f"system:serviceaccount:{namespace}:{name}", *groups)

    def __str__(self):
        return self.user


KYVERNO = Identity.service_account("kyverno", "kyverno-admission-controller")


class Cluster:
    """Starts on entering a `with` block and ends on leaving it, however it is left."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="bailiwick-cluster-")
        self._processes = []
        self._connection = None
        self.work = Path(self._folder.name)
        # A terminated run must still reach __exit__.
        self._old_handler = signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(143)))
        try:
            self._start_api_server()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # One after the other, the last started first: each needs the ones before it to end in order.
        for _, process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        signal.signal(signal.SIGTERM, self._old_handler)
        self._folder.cleanup()

    # --- processes ---

    def _spawn(self, name, *arguments, **environment):
        log = open(self.work / f"{name}.log", "wb")
        with log:
            process = subprocess.Popen(
                [engine(name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.work), **environment},
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._processes.append((name, process))

    def _check_processes(self):
        for name, process in self._processes:
            if process.poll() is not None:
                log = (self.work / f"{name}.log").read_text(errors="replace").splitlines()
                raise EngineError(f"{name} ended with {process.returncode}:\n" + "\n".join(log[-15:]))

    def _start_api_server(self):
        client, peer, self.port = _free_ports(3)
        pki = self.work / "pki"
        pki.mkdir()
        key = pki / "service-accounts.key"
        key.write_text(_new_signing_key())
        token = secrets.token_hex(16)
        (self.work / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
        etcd = f"http://{LOOPBACK}:{client}"
        self._spawn(
            "etcd",
            f"--data-dir={self.work}/etcd",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls=http://{LOOPBACK}:{peer}",
            f"--initial-advertise-peer-urls=http://{LOOPBACK}:{peer}",
            f"--initial-cluster=default=http://{LOOPBACK}:{peer}",
            "--unsafe-no-fsync",
        )
        self._spawn(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            f"--bind-address={LOOPBACK}",
            f"--advertise-address={LOOPBACK}",
            f"--secure-port={self.port}",
            f"--cert-dir={pki}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--authorization-mode=RBAC",
            f"--token-auth-file={self.work}/tokens.csv",
            "--service-cluster-ip-range=10.0.0.0/24",
            # Nothing creates a namespace's `default` service account here, so its absence must not refuse pods.
            "--disable-admission-plugins=ServiceAccount",
            "--endpoint-reconciler-type=none",
        )
        self._token = token
        self._authority = pki / "apiserver.crt"
        wait_for("the API server has made its certificate", self._has_certificate)
        self.kubeconfig = self._write_kubeconfig("administrator")
        wait_for("the API server is ready", self._is_ready)
        # Every identity has all rights, so that a refusal is never for want of them.
        everybody = ["clusterrolebinding", "everybody", "--clusterrole=cluster-admin", "--group=system:authenticated"]
        self.must("create", *everybody)

    def _has_certificate(self):
        self._check_processes()
        return self._authority.exists() and (self.work / "pki/apiserver.key").exists()

    def _is_ready(self):
        self._check_processes()
        try:
            return self.request("GET", "/readyz").ok
        except (OSError, http.client.HTTPException):
            return False

    def _write_kubeconfig(self, name, **impersonation):
        """Kubeconfig is YAML, and JSON is YAML."""
        server = {"server": f"https://{LOOPBACK}:{self.port}", "certificate-authority": str(self._authority)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "local", "cluster": server}],
            "users": [{"name": name, "user": {"token": self._token, **impersonation}}],
            "contexts": [{"name": "local", "context": {"cluster": "local", "user": name}}],
            "current-context": "local",
        }
        path = self.work / f"{name}.kubeconfig"
        path.write_text(json.dumps(config))
        return path

    # --- requests ---

    def request(self, method, path, body=None, identity=None, content_type=JSON):
        """Sends one request, as the administrator or impersonating an identity."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": content_type}
        headers = list(headers.items())
        if identity:
            headers.append(("Impersonate-User", identity.user))
            headers.extend(("Impersonate-Group", group) for group in identity.groups)
        data = json.dumps(body).encode() if body is not None else b""
        if not self._connection:
            context = ssl.create_default_context(cafile=str(self._authority))
            self._connection = http.client.HTTPSConnection(LOOPBACK, self.port, context=context, timeout=60)
        try:
            self._connection.putrequest(method, path)
            for name, value in (*headers, ("Content-Length", str(len(data)))):
                self._connection.putheader(name, value)
            self._connection.endheaders(data)
            response = self._connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise
        try:
            return Answer(response.status, json.loads(text))
        except ValueError:
            return Answer(response.status, text)

    def kubectl(self, *arguments, stdin=None, identity=None):
        """Runs kubectl and returns the finished process."""
        impersonation = []
        if identity:
            impersonation = [f"--as={identity.user}", *(f"--as-group={group}" for group in identity.groups)]
        return subprocess.run(
            [engine("kubectl"), f"--kubeconfig={self.kubeconfig}", *impersonation, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.work)},
        )

    def must(self, *arguments, stdin=None, identity=None):
        """Runs kubectl, which must succeed, and returns what it printed."""
        done = self.kubectl(*arguments, stdin=stdin, identity=identity)
        if done.returncode != 0:
            raise EngineError(f"kubectl {' '.join(arguments)}:\n{done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    # --- what is installed into it ---

    def install_crds(self, *names):
        """Creates the CustomResourceDefinitions of an engine and waits until their kinds are served."""
        for name in names:
            folder = ENGINES / "crds" / name
            if not folder.is_dir():
                raise EngineError(f"the definitions of {name} are not installed: run `make engines`")
            self.must("apply", "--server-side", "-f", str(folder))
        self.must("wait", "--for=condition=Established", "--all", f"--timeout={READY_WITHIN}s", "customresourcedefinitions")

    def start_kyverno(self):
        """Starts Kyverno's admission controller, reached by the API server over loopback, and waits for its webhook."""
        webhook, metrics = _free_ports(2)
        self.must("create", "namespace", "kyverno")
        # Without this ConfigMap the controller does not start working.
        self.must("-n", "kyverno", "create", "configmap", "kyverno", "--from-literal=updateRequestThreshold=1000")
        self._spawn(
            "kyverno-controller",
            # As in a real cluster, where what it does passes the policies too.
            f"--kubeconfig={self._write_kubeconfig('kyverno', **{'as': KYVERNO.user, 'as-groups': list(KYVERNO.groups)})}",
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
        wait_for("Kyverno judges policies", self._does_kyverno_judge_policies)

    def _does_kyverno_judge_policies(self):
        # A policy stored before the webhook answers is never type-checked and fails open, so both answers are awaited:
        # the sound policy passes and the unsound one is refused by the compiler.
        self._check_processes()
        return self._probe("true").ok and "compile" in self._probe("object.metadata.name").message

    def _probe(self, expression):
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
        return self.request("POST", "/apis/policies.kyverno.io/v1/validatingpolicies?dryRun=All", policy)


def _end_with_parent():
    """Asks the Linux kernel to end this child when the test is killed and cannot do so itself."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError):
        pass  # other systems: the `with` block alone ends it


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _new_signing_key():
    """A new P-256 key as PEM: the DER of RFC 5915 without the optional public key."""
    p256 = bytes.fromhex("a00a06082a8648ce3d030107")
    body = b"\x02\x01\x01\x04\x20" + secrets.token_bytes(32) + p256
    der = b"\x30" + bytes([len(body)]) + body
    return f"-----BEGIN EC PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END EC PRIVATE KEY-----\n"
