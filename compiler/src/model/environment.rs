//! Environments as declared: whose tokens count, ceilings, and the dispatch server.

use std::collections::BTreeMap;

use crate::source::{At, Loc};

use super::{
    Approval, DispatchSettings, ImagePattern, ImageReference, Limit, Name, Pattern, Record,
};

/// How much an environment matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Development.
    #[default]
    Dev,
    /// Before production.
    Stage,
    /// Production.
    Prod,
}

/// What holds `egress`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// `NetworkPolicy`.
    #[default]
    Kubernetes,
    /// `CiliumNetworkPolicy`, which can match host names.
    Cilium,
}

/// Where the servers of an environment run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Namespaces {
    /// In the environment's namespace.
    #[default]
    Environment,
    /// In one namespace for each team, as this line says.
    Team(Loc),
}

/// An environment as declared.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name.
    pub name: At<Name>,
    /// How much it matters.
    pub tier: Tier,
    /// The environment that comes before it.
    pub after: Option<At<Name>>,
    /// Kubernetes namespace.
    pub namespace: At<Name>,
    /// Whether teams have namespaces of their own.
    pub namespaces: Namespaces,
    /// What holds `egress`.
    pub network: Network,
    /// Images that may run here; none: any.
    pub registries: Vec<At<ImagePattern>>,
    /// Ceilings.
    pub deny: Vec<Deny>,
    /// Whose tokens are accepted, by name.
    pub issuers: BTreeMap<Name, Issuer>,
    /// The dispatch server; none: for `bailiwick dev` only.
    pub dispatch: Option<Dispatch>,
    /// Default and ceiling.
    pub limit: Option<Limit>,
    /// Default and ceiling, milliseconds.
    pub timeout: Option<At<u64>>,
    /// Who must approve calls of tools of some effect.
    pub approvals: Vec<Approval>,
    /// What the audit log keeps of calls.
    pub record: Option<Record>,
}

impl Target {
    /// The namespace of a team's servers. Dispatch stays in the environment's.
    pub fn namespace_of(&self, team: &str) -> String {
        let own = &self.namespace.value;
        match self.namespaces {
            Namespaces::Environment => own.to_string(),
            Namespaces::Team(_) => format!("{own}-{team}"),
        }
    }
}

/// A ceiling: what no grant may touch.
#[derive(Clone, Debug)]
pub struct Deny {
    /// The tools.
    pub patterns: Vec<At<Pattern>>,
    /// Why.
    pub reason: String,
    /// The node.
    pub loc: Loc,
}

/// Kinds of issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssuerKind {
    /// Kubernetes.
    Kubernetes,
    /// OpenID Connect.
    Oidc,
    /// SPIFFE, by JWT-SVIDs.
    Spiffe,
}

impl IssuerKind {
    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Kubernetes => "kubernetes",
            Self::Oidc => "oidc",
            Self::Spiffe => "spiffe",
        }
    }
}

/// Whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Its name.
    pub name: At<Name>,
    /// Its kind.
    pub kind: At<IssuerKind>,
    /// Its `iss`.
    pub url: At<String>,
    /// Its `aud`; none: the dispatch URL.
    pub audience: Option<At<String>>,
    /// Where its keys are.
    pub jwks: JwksSource,
    /// `ConfigMap` with the certificate authorities of where its keys are fetched; none: the system's.
    pub ca: Option<At<Name>>,
    /// Where it is written that the API server is asked about each token.
    pub token_review: Option<Loc>,
    /// Longest accepted lifetime, seconds.
    pub max_age: u64,
}

/// Where an issuer's keys are.
#[derive(Clone, Debug)]
pub enum JwksSource {
    /// Discovery at its URL.
    Discovery,
    /// An https URL.
    Url(At<String>),
    /// The API server of the cluster that dispatch runs in, as this line says.
    Cluster(Loc),
    /// A file relative to the `.kdl`, read at build: its path and the key set.
    File(At<String>, serde_json::Value),
}

/// The dispatch server of an environment.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Image of dispatch and bridge.
    pub image: At<ImageReference>,
    /// Public URL.
    pub url: At<String>,
    /// Replicas, 1 to 9.
    pub replicas: At<u32>,
    /// How it serves TLS.
    pub tls: At<TlsSource>,
    /// Size of the audit volume, Kubernetes quantity.
    pub audit_volume: String,
    /// Its state, whom it tells and whom it believes.
    pub settings: DispatchSettings,
    /// Subjects that may change what is generated.
    pub deployers: Vec<At<Deployer>>,
    /// The node.
    pub loc: Loc,
}

/// How dispatch serves TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// Not at all.
    None,
    /// From a Secret of type `kubernetes.io/tls`.
    Secret(Name),
    /// From a cert-manager issuer.
    Issuer {
        /// Its name.
        name: Name,
        /// Whether it is a `ClusterIssuer` (else an `Issuer`).
        cluster: bool,
    },
}

/// Who may change what is generated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deployer {
    /// A Kubernetes user name.
    User(String),
    /// A group of the cluster.
    Group(String),
}
