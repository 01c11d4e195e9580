"""A Kubernetes API server with its store: real, and on loopback only.

Nothing runs in this cluster: there is no kubelet, no scheduler, no controller. It answers what a cluster would answer
when manifests are applied to it.
"""

import base64
import http.client
import json
import os
import secrets
import signal
import ssl
import subprocess
import tempfile
from pathlib import Path

from processes import ENGINES, LOOPBACK, READY_WITHIN, EngineError, Processes, engine, free_ports, wait_for

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"


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


class Cluster:
    """Starts on entering a `with` block and ends on leaving it, however it is left."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="bailiwick-cluster-")
        self.processes = Processes(Path(self._folder.name))
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
        self.processes.end()
        signal.signal(signal.SIGTERM, self._old_handler)
        self._folder.cleanup()

    def _start_api_server(self):
        client, peer, self.port = free_ports(3)
        pki = self.work / "pki"
        pki.mkdir()
        key = pki / "service-accounts.key"
        key.write_text(_new_signing_key())
        token = secrets.token_hex(16)
        (self.work / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
        etcd = f"http://{LOOPBACK}:{client}"
        self.processes.start(
            "etcd",
            f"--data-dir={self.work}/etcd",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls=http://{LOOPBACK}:{peer}",
            f"--initial-advertise-peer-urls=http://{LOOPBACK}:{peer}",
            f"--initial-cluster=default=http://{LOOPBACK}:{peer}",
            "--unsafe-no-fsync",
        )
        self.processes.start(
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
        self.kubeconfig = self.write_kubeconfig("administrator")
        wait_for("the API server is ready", self._is_ready)
        # Every identity has all rights, so that a refusal is never for want of them.
        everybody = ["clusterrolebinding", "everybody", "--clusterrole=cluster-admin", "--group=system:authenticated"]
        self.must("create", *everybody)

    def _has_certificate(self):
        self.processes.check()
        return self._authority.exists() and (self.work / "pki/apiserver.key").exists()

    def _is_ready(self):
        self.processes.check()
        try:
            return self.request("GET", "/readyz").ok
        except (OSError, http.client.HTTPException):
            return False

    def write_kubeconfig(self, name, identity=None):
        """Writes a kubeconfig for an identity, or for the administrator. It is YAML, and JSON is YAML."""
        impersonation = {"as": identity.user, "as-groups": list(identity.groups)} if identity else {}
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
        headers = [("Authorization", f"Bearer {self._token}"), ("Content-Type", content_type)]
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
        self.must(
            "wait", "--for=condition=Established", "--all", f"--timeout={READY_WITHIN}s", "customresourcedefinitions"
        )


def _new_signing_key():
    """A new P-256 key as PEM: the DER of RFC 5915 without the optional public key."""
    p256 = bytes.fromhex("a00a06082a8648ce3d030107")
    body = b"\x02\x01\x01\x04\x20" + secrets.token_bytes(32) + p256
    der = b"\x30" + bytes([len(body)]) + body
    return f"-----BEGIN EC PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END EC PRIVATE KEY-----\n"
