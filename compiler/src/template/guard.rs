//! Holds what came out of a template against what shall exist: exactly the objects that the bundle
//! named, each valid, each with everything that a template may not change.

use serde_json::{Map, Value};

use super::{ENDING, emit, schema};
use crate::backend::{Expected, Manifest, Pin};
use crate::checks::templates::TEMPLATE_OVERREACH;
use crate::diagnostic::Diagnostic;

/// The objects of `manifest` among the documents that its template writes, in the order of the manifest.
pub(super) fn hold(
    manifest: &Manifest,
    mut documents: Vec<Value>,
) -> Result<Vec<Value>, Vec<Diagnostic>> {
    let template = format!("{}{ENDING}", manifest.template);
    documents.retain(|one| !one.is_null());
    let mut found = Vec::new();
    let mut objects = Vec::new();
    for expected in &manifest.objects {
        let Some(place) = documents.iter().position(|document| is(expected, document)) else {
            let message = format!("template `{template}` leaves out {}", named(expected));
            found.push(TEMPLATE_OVERREACH.nowhere(message));
            continue;
        };
        let object = documents.remove(place);
        let problems = faults(expected, &object);
        found.extend(problems.into_iter().map(|problem| {
            let message = format!("template `{template}`, {}: {problem}", named(expected));
            TEMPLATE_OVERREACH
                .nowhere(message)
                .help("write there what the shipped template writes; the README beside it says what is free")
        }));
        objects.push(object);
    }
    found.extend(documents.iter().map(|extra| {
        let message = format!("template `{template}` adds {}", described(extra));
        TEMPLATE_OVERREACH
            .nowhere(message)
            .help("a template shapes what the catalog declares; objects of your own belong in a kustomization of your own")
    }));
    if found.is_empty() {
        Ok(objects)
    } else {
        Err(found)
    }
}

/// Everything that is wrong with an object.
fn faults(expected: &Expected, object: &Value) -> Vec<String> {
    let mut faults: Vec<String> = expected
        .pins
        .iter()
        .filter_map(|pin| broken(pin, object))
        .collect();
    faults.extend(reserved(expected, object));
    if faults.is_empty() {
        faults.extend(schema::faults(expected, object));
    }
    if faults.is_empty() && !emit::is_carried(object) {
        faults.push("it has text that YAML cannot carry".to_owned());
    }
    faults
}

/// Where labels and annotations stand.
const METADATA: [&str; 5] = [
    "/metadata/labels",
    "/metadata/annotations",
    "/spec/template/metadata/labels",
    "/spec/template/metadata/annotations",
    "/commonAnnotations",
];

/// How labels and annotations start that decide something: which rules are ours, what a pod may do,
/// which networks it is on, and whether the object arrives in the cluster at all.
const RESERVED: [&str; 10] = [
    "argocd.argoproj.io/hook",
    "bailiwick.dev/",
    "config.kubernetes.io/",
    "container.apparmor.security.beta.kubernetes.io/",
    "helm.sh/hook",
    "internal.config.kubernetes.io/",
    "k8s.v1.cni.cncf.io/",
    "kustomize.config.k8s.io/",
    "pod-security.kubernetes.io/",
    "v1.multus-cni.io/",
];

/// Labels and annotations that only the catalog decides, and did not.
fn reserved(expected: &Expected, object: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for at in METADATA {
        let found = object.pointer(at).and_then(Value::as_object);
        for name in found.into_iter().flat_map(Map::keys) {
            let is_reserved = RESERVED.iter().any(|start| name.starts_with(start));
            if is_reserved && !is_decided(expected, at, name) {
                faults.push(format!("`{}` may not have `{name}`", place(at)));
            }
        }
    }
    faults
}

fn is_decided(expected: &Expected, at: &str, name: &str) -> bool {
    expected.pins.iter().any(|pin| match pin {
        Pin::Has { at: own, members } => own == at && members.get(name).is_some(),
        Pin::Is { .. } | Pin::Counts { .. } => false,
    })
}

/// What a pin finds wrong.
fn broken(pin: &Pin, object: &Value) -> Option<String> {
    match pin {
        Pin::Is { at, value, free } => match object.pointer(at) {
            Some(found) if is_but_for(found, free, value) => None,
            Some(found) => Some(difference(at, value, &without(found, free))),
            None if *value == Value::Object(Map::new()) => None,
            None => Some(format!("`{}` is missing", place(at))),
        },
        Pin::Has { at, members } => {
            let found = object.pointer(at).and_then(Value::as_object);
            members.as_object()?.iter().find_map(|(name, value)| {
                match found.and_then(|found| found.get(name)) {
                    Some(own) if own == value => None,
                    Some(_) => Some(format!("`{}` has another `{name}`", place(at))),
                    None => Some(format!("`{}` has no `{name}`", place(at))),
                }
            })
        }
        Pin::Counts { at, items } => {
            let found = object
                .pointer(at)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            (found != *items).then(|| format!("`{}` has {found} items, not {items}", place(at)))
        }
    }
}

/// Whether `found`, members in `free` left out, is `wanted`.
fn is_but_for(found: &Value, free: &[&str], wanted: &Value) -> bool {
    let (Value::Object(found), Value::Object(wanted)) = (found, wanted) else {
        return found == wanted;
    };
    let mut fixed = found
        .iter()
        .filter(|(name, _)| !free.contains(&name.as_str()));
    fixed.clone().count() == wanted.len()
        && fixed.all(|(name, value)| wanted.get(name) == Some(value))
}

/// `value` without the members in `free`.
fn without(value: &Value, free: &[&str]) -> Value {
    let mut value = value.clone();
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| !free.contains(&name.as_str()));
    }
    value
}

/// The first place where two values differ, for people.
fn difference(at: &str, wanted: &Value, found: &Value) -> String {
    if let (Value::Object(wanted), Value::Object(found)) = (wanted, found) {
        if let Some(name) = found.keys().find(|name| !wanted.contains_key(*name)) {
            return format!("`{}` may not have `{name}`", place(at));
        }
        for (name, value) in wanted {
            match found.get(name) {
                None => return format!("`{}` has no `{name}`", place(at)),
                Some(own) if own != value => {
                    return difference(&format!("{at}/{name}"), value, own);
                }
                Some(_) => {}
            }
        }
    }
    format!("`{}` is not what the catalog says", place(at))
}

/// A JSON pointer as people write it.
fn place(pointer: &str) -> String {
    let place = pointer.trim_start_matches('/').replace('/', ".");
    if place.is_empty() {
        "the object".to_owned()
    } else {
        place
    }
}

fn is(expected: &Expected, document: &Value) -> bool {
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    text("/apiVersion") == Some(expected.api_version)
        && text("/kind") == Some(expected.kind)
        && text("/metadata/name") == expected.name.as_deref()
        && text("/metadata/namespace") == expected.namespace.as_deref()
}

fn named(expected: &Expected) -> String {
    match &expected.name {
        Some(name) => format!("{} `{name}`", expected.kind),
        None => expected.kind.to_owned(),
    }
}

fn described(document: &Value) -> String {
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    match (text("/kind"), text("/metadata/name")) {
        (Some(kind), Some(name)) => format!("{kind} `{name}`"),
        (Some(kind), None) => format!("a {kind}"),
        _ => "something that is no object".to_owned(),
    }
}
