//! What the catalog says about the pod of a server is in the manifest, and no template changes it.

use super::*;

const CATALOG: &str = r#"
catalog acme language=1
team tools

environment dev {
    dispatch {
        image "registry.example/dispatch:1.0.0@DIGEST"
        url "https://mcp.example/mcp"
        tls secret=mcp-tls
        deployers "group:platform"
    }
}
environment big {
    dispatch {
        image "registry.example/dispatch:1.0.0@DIGEST"
        url "https://mcp.big.example/mcp"
        tls secret=mcp-tls
        deployers "group:platform"
    }
}

server plain team=tools {
    image "registry.example/plain:1.0.0"
    probe tcp
    tool read effect=read
}
server shaped team=tools {
    image "registry.example/shaped:1.0.0"
    resources cpu="250m" memory="256Mi"
    run-as 1000
    probe http "/healthz"
    pull-secret registry
    tool read effect=read
}

overlay dev { deploy plain shaped; }
overlay big {
    deploy plain shaped
    patch server shaped { resources memory="2Gi"; }
    patch server plain {
        image "registry.example/plain:1.0.1"
        command "plain-mcp"
    }
}
"#;

fn catalog() -> Memory {
    let locks = [
        image_lock("plain", "1.0.0"),
        lock(
            "plain",
            "1.0.1",
            &json!({ "command": ["plain-mcp"], "image": image("plain", "1.0.1") }),
        ),
        image_lock("shaped", "1.0.0"),
    ];
    written(CATALOG, locks)
}

/// The pod of a server's Deployment.
fn pod(environment: &str, server: &str, templates: &Templates) -> Result<Value, BuildError> {
    let built = build(&checked(&catalog()), environment, templates)?;
    let path = format!("namespace/mcp-{server}.yaml");
    let objects = objects(&built.tree, &path);
    Ok(objects["Deployment"]["spec"]["template"]["spec"].clone())
}

/// What of a pod the four nodes decide.
fn decided(environment: &str, server: &str) -> Value {
    let pod = pod(environment, server, &Templates::shipped()).unwrap();
    let container = &pod["containers"][0];
    let ids = ["fsGroup", "runAsGroup", "runAsUser"].map(|id| &pod["securityContext"][id]);
    json!({
        "ids": ids,
        "liveness": container["livenessProbe"],
        "pullSecrets": pod.get("imagePullSecrets"),
        "readiness": container["readinessProbe"],
        "resources": container["resources"],
    })
}

#[test]
fn what_is_written_is_in_the_pod() {
    let asked = json!({ "cpu": "250m", "memory": "256Mi" });
    let expected = json!({
        "ids": [1000, 1000, 1000],
        "liveness": { "httpGet": { "path": "/healthz", "port": "mcp" }, "periodSeconds": 10 },
        "pullSecrets": [{ "name": "registry" }],
        "readiness": { "httpGet": { "path": "/healthz", "port": "mcp" }, "periodSeconds": 5 },
        "resources": { "limits": asked, "requests": asked },
    });
    assert_eq!(decided("dev", "shaped"), expected);
}

#[test]
fn what_is_not_written_has_its_default() {
    let asked = json!({ "cpu": "100m", "memory": "128Mi" });
    let expected = json!({
        "ids": [65532, 65532, 65532],
        "liveness": { "tcpSocket": { "port": "mcp" }, "periodSeconds": 10 },
        "pullSecrets": null,
        "readiness": { "tcpSocket": { "port": "mcp" }, "periodSeconds": 5 },
        "resources": { "limits": asked, "requests": asked },
    });
    assert_eq!(decided("dev", "plain"), expected);
}

/// A patch replaces the whole node, so what it does not write is the default again.
#[test]
fn a_patch_replaces_the_resources() {
    let asked = json!({ "cpu": "100m", "memory": "2Gi" });
    let patched = decided("big", "shaped");
    assert_eq!(
        patched["resources"],
        json!({ "limits": asked, "requests": asked })
    );
}

#[test]
fn the_bridge_of_a_patched_command_is_asked_in_its_own_way() {
    let patched = decided("big", "plain");
    let ready = json!({ "path": "/healthz", "port": "mcp" });
    assert_eq!(patched["readiness"]["httpGet"], ready);
    assert_eq!(patched["liveness"]["tcpSocket"], json!({ "port": "mcp" }));
}

#[test]
fn a_template_may_not_change_what_is_written() {
    let shipped = include_str!("../../../../templates/namespace/server.yaml.j2");
    let pulls = "      {% if pull_secrets %}\n      imagePullSecrets: {{ pull_secrets }}\n      {% endif %}\n";
    let edits = [
        (
            pulls,
            "",
            "`spec.template.spec.imagePullSecrets` is missing",
        ),
        (
            pulls,
            "      imagePullSecrets: [{name: other}]\n",
            "`spec.template.spec.imagePullSecrets` is not what the catalog says",
        ),
        (
            "httpGet: {path: {{ live_path }}, port: mcp}",
            "httpGet: {path: /, port: mcp}",
            "`spec.template.spec.containers.0.livenessProbe.httpGet.path` is not what the catalog says",
        ),
        (
            "securityContext: {{ pod_security }}",
            "securityContext: {fsGroup: 1000, fsGroupChangePolicy: OnRootMismatch, runAsGroup: 1000, runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}",
            "`spec.template.spec.securityContext.runAsUser` is not what the catalog says",
        ),
    ];
    for (from, to, expected) in edits {
        assert!(shipped.contains(from), "{from}");
        let edited = shipped.replacen(from, to, 1);
        let path = "templates/namespace/server.yaml.j2".to_owned();
        let loader: Memory = [(path, edited)].into_iter().collect();
        let templates = Templates::load(&loader, "templates").unwrap();
        let Err(BuildError::Templates(found)) = pod("dev", "shaped", &templates) else {
            panic!("{expected}");
        };
        let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
        let all = messages.join("; ");
        assert!(all.contains(expected), "{all}");
    }
}
