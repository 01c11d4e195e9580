//! The pinned JSON Schemas of the kinds that we emit. They refuse unknown members, so a typo is
//! found here and not when the cluster drops the field.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::backend::Expected;

/// How many faults of one object are told.
const SHOWN: usize = 3;

/// Text of the schema of one kind.
struct Pinned {
    api_version: &'static str,
    kind: &'static str,
    text: &'static str,
    compiled: OnceLock<Option<Validator>>,
}

macro_rules! pinned {
    ($($api_version:literal $kind:literal $file:literal),* $(,)?) => {
        [$(Pinned {
            api_version: $api_version,
            kind: $kind,
            text: include_str!(concat!("../../schemas/", $file, ".json")),
            compiled: OnceLock::new(),
        }),*]
    };
}

static PINNED: [Pinned; 12] = pinned![
    "apps/v1" "Deployment" "deployment-apps-v1",
    "apps/v1" "StatefulSet" "statefulset-apps-v1",
    "cert-manager.io/v1" "Certificate" "certificate-cert-manager.io-v1",
    "cilium.io/v2" "CiliumNetworkPolicy" "ciliumnetworkpolicy-cilium.io-v2",
    "kustomize.config.k8s.io/v1beta1" "Kustomization" "kustomization-kustomize.config.k8s.io-v1beta1",
    "networking.k8s.io/v1" "NetworkPolicy" "networkpolicy-networking.k8s.io-v1",
    "policies.kyverno.io/v1" "ValidatingPolicy" "validatingpolicy-policies.kyverno.io-v1",
    "policy/v1" "PodDisruptionBudget" "poddisruptionbudget-policy-v1",
    "v1" "Namespace" "namespace-v1",
    "v1" "PersistentVolumeClaim" "persistentvolumeclaim-v1",
    "v1" "Service" "service-v1",
    "v1" "ServiceAccount" "serviceaccount-v1",
];

/// What the schema of its kind finds wrong with an object. A kind without a schema is refused.
pub(super) fn faults(expected: &Expected, object: &Value) -> Vec<String> {
    let pinned = PINNED
        .iter()
        .find(|pinned| pinned.api_version == expected.api_version && pinned.kind == expected.kind);
    let validator =
        pinned.and_then(|pinned| pinned.compiled.get_or_init(|| compile(pinned)).as_ref());
    let Some(validator) = validator else {
        return vec![format!(
            "no schema for {} {}",
            expected.api_version, expected.kind
        )];
    };
    if validator.is_valid(object) {
        return Vec::new();
    }
    validator
        .iter_errors(object)
        .take(SHOWN)
        .map(|error| {
            let place = error.instance_path().to_string();
            format!(
                "`{}`: {error}",
                place.trim_start_matches('/').replace('/', ".")
            )
        })
        .collect()
}

fn compile(pinned: &Pinned) -> Option<Validator> {
    let schema: Value = serde_json::from_str(pinned.text).ok()?;
    jsonschema::validator_for(&schema).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pinned_schema_compiles_and_refuses_an_unknown_member() {
        for pinned in &PINNED {
            let validator = compile(pinned).unwrap_or_else(|| panic!("{}", pinned.kind));
            let object = serde_json::json!({
                "apiVersion": pinned.api_version,
                "kind": pinned.kind,
                "noSuchMember": 1,
            });
            assert!(!validator.is_valid(&object), "{}", pinned.kind);
        }
    }
}
