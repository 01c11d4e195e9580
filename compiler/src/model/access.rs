//! Who may be given what: groups, teams, roles and agents.

use std::sync::Arc;

use crate::source::{At, Loc};

use super::{Approval, Limit, Name, Narrowing, Pattern};

/// A group of people at the identity provider.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name here.
    pub name: At<Name>,
    /// Its name in a token's `groups` claim.
    pub idp: String,
    /// Its handle where the owners of files are listed.
    pub codeowners: Option<String>,
}

/// Who owns things.
#[derive(Clone, Debug)]
pub struct Team {
    /// Its name.
    pub name: At<Name>,
    /// Groups that answer for it, in the order written.
    pub owners: Vec<At<Name>>,
    /// The node.
    pub loc: Loc,
}

/// Roles that no agent may hold together in one environment.
#[derive(Clone, Debug)]
pub struct Exclusive {
    /// The roles.
    pub roles: Vec<At<Name>>,
    /// Why.
    pub reason: String,
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
    /// What it is, for people.
    pub describe: Option<String>,
    /// The tools.
    pub allow: Vec<At<Pattern>>,
    /// Counts calls of one agent to one tool.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
    /// Who must approve a call that the role gives.
    pub approvals: Vec<Approval>,
    /// What narrows the arguments of a call that the role gives.
    pub narrowings: Vec<Arc<Narrowing>>,
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
    /// What it is, for people.
    pub describe: Option<String>,
    /// How it proves who it is.
    pub identity: Option<At<Identity>>,
    /// Counts all its calls.
    pub limit: Option<Limit>,
    /// Agents that it may call on.
    pub delegates: Vec<At<Name>>,
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
    /// A workload of a SPIFFE trust domain.
    Spiffe {
        /// Issuer; none: the environment's only one of the kind.
        issuer: Option<At<Name>>,
        /// Its SPIFFE ID.
        id: String,
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
