//! The container of a server.

use serde_json::{Map, Value, json};

use super::super::manifest::Pin;
use super::super::pod::{POD, container_security};
use crate::bundle::{Program, SERVER_CONTAINER, ServerWorkload};
use crate::model::Probe;
use crate::model::origin::BRIDGE_FOLDER;

/// Name of the port on which a server speaks HTTP.
pub(super) const PORT_NAME: &str = "mcp";

/// Members of a probe that a template may set: how often it asks and how patient it is.
const FREE_IN_PROBE: &[&str] = &[
    "failureThreshold",
    "initialDelaySeconds",
    "periodSeconds",
    "successThreshold",
    "terminationGracePeriodSeconds",
    "timeoutSeconds",
];

/// Resources of a container that a template may set beside those of the catalog.
const FREE_IN_RESOURCES: &[&str] = &["ephemeral-storage"];

/// What the template puts into the container by itself.
pub(super) fn values(server: &ServerWorkload) -> Map<String, Value> {
    let path = |probe: &Probe| match probe {
        Probe::Http(path) => json!(path),
        Probe::Tcp => Value::Null,
    };
    let asked = asked(server);
    let resources = json!({ "limits": asked, "requests": asked });
    Map::from_iter([
        ("live_path".to_owned(), path(&server.liveness)),
        ("ready_path".to_owned(), path(&server.readiness)),
        ("resources".to_owned(), resources),
    ])
}

/// What of it a template may not change.
pub(super) fn pins(server: &ServerWorkload) -> Vec<Pin> {
    let at = |member: &str| format!("{POD}/containers/0/{member}");
    let probe = |member: &str, probe: &Probe| {
        let asks = match probe {
            Probe::Http(path) => json!({ "httpGet": { "path": path, "port": PORT_NAME } }),
            Probe::Tcp => json!({ "tcpSocket": { "port": PORT_NAME } }),
        };
        Pin::except(&at(member), asks, FREE_IN_PROBE)
    };
    let resources = |member: &str| Pin::except(&at(member), asked(server), FREE_IN_RESOURCES);
    vec![
        probe("livenessProbe", &server.liveness),
        probe("readinessProbe", &server.readiness),
        resources("resources/limits"),
        resources("resources/requests"),
        Pin::except(&at("resources"), json!({}), &["limits", "requests"]),
    ]
}

fn asked(server: &ServerWorkload) -> Value {
    json!({ "cpu": server.resources.cpu, "memory": server.resources.memory })
}

/// The members of the container that no template may change.
pub(super) fn fixed(server: &ServerWorkload, mounts: &[Value]) -> Value {
    let mut container = Map::new();
    let mut set = |member: &str, value: Value| {
        container.insert(member.to_owned(), value);
    };
    set("name", json!(SERVER_CONTAINER));
    set("image", json!(server.image));
    set("securityContext", container_security());
    set(
        "ports",
        json!([{ "containerPort": server.port, "name": PORT_NAME, "protocol": "TCP" }]),
    );
    match &server.program {
        Program::Image(args) if args.is_empty() => {}
        Program::Image(args) => set(
            "args",
            json!(args.iter().map(|arg| literal(arg)).collect::<Vec<_>>()),
        ),
        Program::Bridged(program) => {
            let mut command = vec![
                format!("{BRIDGE_FOLDER}/bailiwick-bridge"),
                "serve".to_owned(),
                "--listen".to_owned(),
                format!("0.0.0.0:{}", server.port),
                "--".to_owned(),
            ];
            command.extend(program.iter().map(|part| literal(part)));
            set("command", json!(command));
        }
    }
    let env = env(server);
    if !env.is_empty() {
        set("env", json!(env));
    }
    if !mounts.is_empty() {
        set("volumeMounts", json!(mounts));
    }
    Value::Object(container)
}

/// Variables from Secrets and plain ones, sorted by name.
fn env(server: &ServerWorkload) -> Vec<Value> {
    let plain = server
        .env
        .iter()
        .map(|(name, value)| (name, json!({ "name": name, "value": literal(value) })));
    let secret = server.secrets.iter().map(|(name, from)| {
        let key = json!({ "key": from.key, "name": &*from.secret });
        (
            name,
            json!({ "name": name, "valueFrom": { "secretKeyRef": key } }),
        )
    });
    let sorted: std::collections::BTreeMap<_, _> = plain.chain(secret).collect();
    sorted.into_values().collect()
}

/// The text as Kubernetes must read it to pass it on unchanged: `$(NAME)` is a reference to a
/// variable in arguments and values, `$$` is a dollar sign.
fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_sign_is_no_reference() {
        assert_eq!(literal("$(PATH) costs $5"), "$$(PATH) costs $$5");
    }
}
