//! Templates of users: what they may do, and what the guard says of the rest. Each case is one edit
//! of a shipped template.

use std::path::Path;

use super::*;
use crate::source::{Disk, Memory};
use crate::{BuildError, Built, Date, build, check};

const SERVER: &str = "namespace/server.yaml";
const DISPATCH: &str = "namespace/dispatch.yaml";
const POLICY: &str = "cluster/policy.yaml";
const NETWORK: &str = "namespace/cilium-network-policy.yaml";
const KUSTOMIZATION: &str = "kustomization.yaml";

/// The example's prod environment, built with one template replaced.
fn built(template: &str, text: String) -> Result<Built, BuildError> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/environments");
    let report = check(
        &Disk::open(&example).unwrap(),
        &Date::parse("2026-12-01").unwrap(),
    );
    let path = format!("templates/{template}.j2");
    let loader: Memory = [(path, text)].into_iter().collect();
    let templates = Templates::load(&loader, "templates").unwrap();
    build(&report.unwrap().checked.unwrap(), "prod", &templates)
}

/// A shipped template with its first `from` replaced by `to`.
fn edited(template: &str, from: &str, to: &str) -> String {
    let (_, shipped) = SHIPPED.iter().find(|(name, _)| *name == template).unwrap();
    assert!(shipped.contains(from), "{template} has no {from:?}");
    shipped.replacen(from, to, 1)
}

/// The first finding about a template: its code and words.
fn finding(template: &str, text: String) -> String {
    match built(template, text) {
        Err(BuildError::Templates(found)) => {
            format!("{} {}", found[0].check.code, found[0].message)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_template_may_say_where_and_how_a_pod_runs() {
    let edits = [
        (
            SERVER,
            "  revisionHistoryLimit: 3\n",
            "  revisionHistoryLimit: 1\n",
        ),
        (
            SERVER,
            "      enableServiceLinks: false\n",
            "      enableServiceLinks: false\n      nodeSelector: {pool: tools}\n      tolerations: [{operator: Exists}]\n",
        ),
        (
            SERVER,
            "limits: {cpu: 100m, memory: 64Mi}",
            "limits: {memory: 32Mi}",
        ),
        (
            SERVER,
            "  accessModes: [ReadWriteOnce]\n",
            "  accessModes: [ReadWriteOnce]\n  storageClassName: fast\n",
        ),
        (
            POLICY,
            "  annotations: {{ annotations }}\n",
            "  annotations: {example.com/owner: platform}\n",
        ),
        (
            SERVER,
            "            periodSeconds: 5\n          resources: {{ resources }}\n",
            "            periodSeconds: 30\n            timeoutSeconds: 5\n          resources:\n            limits: {cpu: {{ resources.limits.cpu }}, memory: {{ resources.limits.memory }}, ephemeral-storage: 1Gi}\n            requests: {{ resources.requests }}\n",
        ),
        (
            SERVER,
            "      {% if pull_secrets %}\n      imagePullSecrets: {{ pull_secrets }}\n      {% endif %}\n",
            "      imagePullSecrets: [{name: registry}]\n",
        ),
        (
            DISPATCH,
            "automountServiceAccountToken: false\n",
            "automountServiceAccountToken: false\nimagePullSecrets: [{name: registry}]\n",
        ),
    ];
    for (template, from, to) in edits {
        built(template, edited(template, from, to)).unwrap();
    }
}

#[test]
fn overrides_are_listed() {
    let files = [
        ("templates/cluster/policy.yaml.j2", "x"),
        ("templates/README.md", "x"),
    ];
    let loader: Memory = files.into_iter().collect();
    let templates = Templates::load(&loader, "templates").unwrap();
    let overrides: Vec<String> = templates.overrides().collect();
    assert_eq!(overrides, ["cluster/policy.yaml.j2"]);
}

#[test]
fn a_folder_of_templates_need_not_exist() {
    let templates = Templates::load(&Memory::default(), "templates").unwrap();
    assert_eq!(templates.overrides().count(), 0);
}

#[test]
fn a_template_may_not_change_what_was_decided() {
    let cases = [
        (
            SERVER,
            "---\napiVersion: v1\nkind: Service\n",
            "---\napiVersion: v1\nkind: Secret\nmetadata: {name: more}\n---\napiVersion: v1\nkind: Service\n",
            "adds Secret `more`",
        ),
        (
            SERVER,
            "kind: ServiceAccount",
            "kind: Role",
            "leaves out ServiceAccount `mcp-context7`",
        ),
        (
            SERVER,
            "namespace: {{ namespace }}",
            "namespace: kube-system",
            "leaves out ServiceAccount `mcp-context7`",
        ),
        (
            SERVER,
            "labels: {{ labels }}",
            "labels: {}",
            "ServiceAccount `mcp-context7`: `metadata.labels` has no `app.kubernetes.io/managed-by`",
        ),
        (
            SERVER,
            "automountServiceAccountToken: false",
            "automountServiceAccountToken: true",
            "ServiceAccount `mcp-context7`: `automountServiceAccountToken` is not what the catalog says",
        ),
        (
            SERVER,
            "replicas: {{ replicas }}",
            "replicas: 5",
            "Deployment `mcp-context7`: `spec.replicas` is not what the catalog says",
        ),
        (
            SERVER,
            "type: Recreate",
            "type: RollingUpdate",
            "Deployment `mcp-memory`: `spec.strategy.type` is not what the catalog says",
        ),
        (
            SERVER,
            "          image: {{ container.image }}\n          {% if",
            "          image: registry.example/other:1\n          {% if",
            "Deployment `mcp-context7`: `spec.template.spec.containers.0.image` is not what the catalog says",
        ),
        (
            SERVER,
            "          resources: {{ resources }}\n          securityContext: {{ container.securityContext }}\n",
            "          resources: {{ resources }}\n",
            "Deployment `mcp-context7`: `spec.template.spec.containers.0` has no `securityContext`",
        ),
        (
            SERVER,
            "securityContext: {{ pod_security }}",
            "securityContext: {runAsNonRoot: false}",
            "Deployment `mcp-context7`: `spec.template.spec.securityContext` has no `fsGroup`",
        ),
        (
            SERVER,
            "resources: {{ resources }}",
            "resources: {requests: {{ resources.requests }}}",
            "Deployment `mcp-context7`: `spec.template.spec.containers.0.resources.limits` is missing",
        ),
        (
            SERVER,
            "resources: {{ resources }}",
            "resources: {requests: {{ resources.requests }}, limits: {cpu: {{ resources.limits.cpu }}, memory: 4Gi}}",
            "Deployment `mcp-context7`: `spec.template.spec.containers.0.resources.limits.memory` is not what the catalog says",
        ),
        (
            SERVER,
            "resources: {{ resources }}",
            "resources: {limits: {{ resources.limits }}, requests: {cpu: {{ resources.requests.cpu }}, memory: {{ resources.requests.memory }}, example.com/fuse: 1}}",
            "Deployment `mcp-context7`: `spec.template.spec.containers.0.resources.requests` may not have `example.com/fuse`",
        ),
        (
            SERVER,
            "resources: {{ resources }}",
            "resources: {claims: [{name: gpu}], limits: {{ resources.limits }}, requests: {{ resources.requests }}}",
            "Deployment `mcp-context7`: `spec.template.spec.containers.0.resources` may not have `claims`",
        ),
        (
            SERVER,
            "            periodSeconds: 10\n",
            "            periodSeconds: 10\n            exec: {command: [sh]}\n",
            "Deployment `mcp-context7`: `spec.template.spec.containers.0.livenessProbe` may not have `exec`",
        ),
        (
            SERVER,
            "httpGet: {path: {{ ready_path }}, port: mcp}",
            "tcpSocket: {port: mcp}",
            "Deployment `mcp-memory`: `spec.template.spec.containers.0.readinessProbe` may not have `tcpSocket`",
        ),
        (
            SERVER,
            "enableServiceLinks: false",
            "hostNetwork: true",
            "Deployment `mcp-context7`: `spec.template.spec` may not have `hostNetwork`",
        ),
        (
            SERVER,
            "      containers:\n",
            "      containers:\n        - {name: more, image: registry.example/other:1}\n",
            "Deployment `mcp-context7`: `spec.template.spec.containers` has 2 items, not 1",
        ),
        (
            SERVER,
            "      {% if volumes %}\n      volumes: {{ volumes }}\n      {% endif %}\n",
            "      volumes: [{name: node, hostPath: {path: /}}]\n",
            "Deployment `mcp-context7`: `spec.template.spec` may not have `volumes`",
        ),
        (
            SERVER,
            "serviceAccountName: {{ name }}",
            "serviceAccountName: default",
            "Deployment `mcp-context7`: `spec.template.spec.serviceAccountName` is not what the catalog says",
        ),
        (
            SERVER,
            "revisionHistoryLimit: 3",
            "revisionHistoryLimt: 3",
            "Deployment `mcp-context7`: `spec` may not have `revisionHistoryLimt`",
        ),
        (
            DISPATCH,
            "periodSeconds: 10",
            "periodSecond: 10",
            "StatefulSet `bailiwick-dispatch`: `spec.template.spec.containers.0.livenessProbe`: Additional properties are not allowed ('periodSecond' was unexpected)",
        ),
        (
            DISPATCH,
            "whenDeleted: Retain",
            "whenDeleted: Delete",
            "StatefulSet `bailiwick-dispatch`: `spec.persistentVolumeClaimRetentionPolicy.whenDeleted` is not what the catalog says",
        ),
        (
            POLICY,
            "spec: {{ spec }}",
            "spec: {validationActions: [Audit]}",
            "ValidatingPolicy `bailiwick-prod-images`: `spec` has no `evaluation`",
        ),
        (
            NETWORK,
            "spec: {{ spec }}",
            "spec: {endpointSelector: {}}",
            "CiliumNetworkPolicy `bailiwick-dispatch`: `spec` has no `egress`",
        ),
        (
            NETWORK,
            "  labels: {{ labels }}\n",
            "  labels: {{ labels }}\n  annotations: {config.kubernetes.io/local-config: \"true\"}\n",
            "CiliumNetworkPolicy `bailiwick-dispatch`: `metadata.annotations` may not have `config.kubernetes.io/local-config`",
        ),
        (
            SERVER,
            "      labels: {{ labels }}\n    spec:",
            "      labels: {{ labels }}\n      annotations: {k8s.v1.cni.cncf.io/networks: other}\n    spec:",
            "Deployment `mcp-context7`: `spec.template.metadata.annotations` may not have `k8s.v1.cni.cncf.io/networks`",
        ),
        (
            KUSTOMIZATION,
            "kind: Kustomization\n",
            "kind: Kustomization\ncommonAnnotations: {config.kubernetes.io/local-config: \"true\"}\n",
            "Kustomization: `commonAnnotations` may not have `config.kubernetes.io/local-config`",
        ),
        (
            KUSTOMIZATION,
            "kind: Kustomization\n",
            "kind: Kustomization\npatches: []\n",
            "Kustomization: `the object` may not have `patches`",
        ),
    ];
    for (template, from, to, expected) in cases {
        let found = finding(template, edited(template, from, to));
        let separator = if expected.starts_with("adds") || expected.starts_with("leaves") {
            ""
        } else {
            ","
        };
        let expected = format!("TPL002 template `{template}.j2`{separator} {expected}");
        assert_eq!(found, expected);
    }
}

#[test]
fn a_template_that_cannot_be_used_is_told_with_its_line() {
    let cases = [
        (
            edited(SERVER, "{{ replicas }}", "{{ replica }}"),
            "TPL001 template `namespace/server.yaml.j2` line 30: undefined value",
        ),
        (
            edited(SERVER, "{% if single %}", "{% if %}"),
            "TPL001 template `namespace/server.yaml.j2` line 34: syntax error: unexpected end of block",
        ),
        (
            edited(SERVER, "kind: ServiceAccount", "kind: [ServiceAccount"),
            "TPL001 template `namespace/server.yaml.j2` for `namespace/mcp-context7.yaml` makes no YAML: ",
        ),
        (
            "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}"
                .to_owned(),
            "TPL001 template `namespace/server.yaml.j2` line 1: engine ran out of fuel",
        ),
    ];
    for (text, expected) in cases {
        let found = finding(SERVER, text);
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn a_template_that_replaces_none_is_told() {
    let found = finding("namespace/servers.yaml", String::new());
    assert_eq!(
        found,
        "TPL001 `templates/namespace/servers.yaml.j2` replaces no shipped template"
    );
}

#[test]
fn values_are_written_as_json_whatever_the_name_of_a_template() {
    let mut environment = minijinja::Environment::new();
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Json);
    environment.add_template("d.j2", "a: {{ value }}").unwrap();
    let template = environment.get_template("d.j2").unwrap();
    let rendered = template.render(minijinja::context! { value => "x\nkind: Secret" });
    assert_eq!(rendered.unwrap(), r#"a: "x\nkind: Secret""#);
}

#[test]
fn the_readme_names_every_template_and_every_value() {
    let readme = include_str!("../../../templates/README.md");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/environments");
    let today = Date::parse("2026-12-01").unwrap();
    let report = check(&Disk::open(&example).unwrap(), &today).unwrap();
    for environment in report.resolved.environments.values() {
        let bundle = crate::bundle::build(&report.resolved.catalog.groups, environment);
        for manifest in crate::backend::manifests(&bundle, &[]) {
            let values = manifest.values.as_object().unwrap().keys();
            let named = values.map(|value| format!("`{value}`"));
            for name in named.chain([format!("`{}.j2`", manifest.template)]) {
                assert!(readme.contains(&name), "{name} is not in the README");
            }
        }
    }
}
