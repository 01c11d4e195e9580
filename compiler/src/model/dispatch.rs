//! Settings of a dispatch server: where it keeps its state, who it tells, whom it believes.

use std::collections::BTreeMap;

use crate::source::At;

use super::Name;

/// What dispatch keeps, and for whom it does so beside its callers. Absent means unwritten.
#[derive(Clone, Debug, Default)]
pub struct DispatchSettings {
    /// Where counters and approvals live.
    pub stores: BTreeMap<StoreUse, At<Store>>,
    /// What happens to calls while the store of limits is away.
    pub on_store_failure: Option<At<StoreFailure>>,
    /// OTLP target, a URL.
    pub telemetry: Option<At<String>>,
    /// Login of the people who approve.
    pub approvers: Option<At<Approvers>>,
    /// Keys of which one must have signed the configuration, each `ed25519:<base64>`.
    pub verify_keys: Vec<At<String>>,
    /// How long audit records are kept, milliseconds.
    pub retain: Option<At<u64>>,
    /// Who gets every checkpoint of the audit log.
    pub anchor: Option<At<Anchor>>,
}

impl DispatchSettings {
    /// Whether the replicas of dispatch share what this store keeps.
    pub(crate) fn shares(&self, keeps: StoreUse) -> bool {
        self.stores
            .get(&keeps)
            .is_some_and(|store| matches!(store.value, Store::Valkey(_) | Store::Postgres(_)))
    }
}

/// What a store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreUse {
    /// Counters of limits.
    Limits,
    /// Calls that wait for a person.
    Approvals,
}

/// A store; a shared one is reached at the URL in the key `url` of a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// The memory of each replica.
    Memory,
    /// A Valkey that the replicas share.
    Valkey(Name),
    /// A file of each replica.
    Sqlite,
    /// A Postgres that the replicas share.
    Postgres(Name),
}

/// What happens to calls while the store of limits is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreFailure {
    /// They are refused.
    #[default]
    Closed,
    /// Each replica counts by itself.
    Local,
}

/// Login of the people who approve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvers {
    /// URL of the OpenID Connect issuer.
    pub issuer: String,
    /// Client at that issuer.
    pub client: String,
}

/// Who gets every checkpoint of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// An https URL.
    Url(String),
    /// A ConfigMap.
    ConfigMap(Name),
}
