//! Who may be given what: groups, roles, agents, and the limits that several things take.

use crate::source::{At, Loc};

use super::{Name, Pattern};

/// A group of people at the identity provider.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name here.
    pub name: At<Name>,
    /// Its name in a token's `groups` claim.
    pub idp: String,
}

/// A `limit` node, field by field as written.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Calls and window in milliseconds.
    pub rate: Option<At<(u32, u64)>>,
    /// Bucket size.
    pub burst: Option<At<u32>>,
    /// Calls in flight.
    pub concurrent: Option<At<u32>>,
    /// Bytes.
    pub max_args: Option<At<u64>>,
    /// Bytes.
    pub max_result: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// A named set of tools.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: At<Name>,
    /// The team that owns it; none: the organisation's.
    pub team: Option<At<Name>>,
    /// The tools.
    pub allow: Vec<At<Pattern>>,
    /// Counts calls of one agent to one tool.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// A caller.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Its name.
    pub name: At<Name>,
    /// The team that owns it.
    pub team: At<Name>,
    /// How it proves who it is.
    pub identity: Option<At<Identity>>,
    /// Counts all its calls.
    pub limit: Option<Limit>,
    /// The node.
    pub loc: Loc,
}

/// How an agent proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A Kubernetes service account.
    Kubernetes {
        /// Issuer; none: the environment's only one of the kind.
        issuer: Option<At<Name>>,
        /// Namespace.
        namespace: String,
        /// Name.
        service_account: String,
    },
    /// A subject or a group of an OpenID Connect issuer.
    Oidc {
        /// Issuer; none: the environment's only one of the kind.
        issuer: Option<At<Name>>,
        /// Who.
        who: OidcWho,
        /// `azp` or `client_id`.
        client: Option<String>,
    },
}

/// Who of an OpenID Connect issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OidcWho {
    /// The `sub` claim.
    Subject(String),
    /// A group of the catalog.
    Group(At<Name>),
}
