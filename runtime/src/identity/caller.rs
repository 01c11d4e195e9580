//! The evidence that a token was verified.

use std::sync::Arc;

/// Evidence that a request came from an agent of the config. Only
/// the verifier makes one.
///
/// ```compile_fail,E0451
/// # use bailiwick_runtime::identity::Caller;
/// let forged = Caller { agent: "eve".into(), issuer: "corp".into(), subject: "eve".into(), person: None, pod: None, token: None };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    agent: Arc<str>,
    issuer: Arc<str>,
    subject: Arc<str>,
    person: Option<Arc<str>>,
    pod: Option<Pod>,
    token: Option<Arc<str>>,
}

/// The pod that a Kubernetes token is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Name of the pod.
    pub name: Arc<str>,
    /// UID of the pod.
    pub uid: Arc<str>,
}

impl Caller {
    /// Name of the agent in the config.
    pub fn agent(&self) -> &Arc<str> {
        &self.agent
    }

    /// Name of the issuer in the config.
    pub fn issuer(&self) -> &Arc<str> {
        &self.issuer
    }

    /// Value of the `sub` claim.
    pub fn subject(&self) -> &Arc<str> {
        &self.subject
    }

    /// The person's `sub`, where the agent is a program that members of a group use.
    pub fn person(&self) -> Option<&Arc<str>> {
        self.person.as_ref()
    }

    /// The pod that a Kubernetes token is bound to.
    pub fn pod(&self) -> Option<&Pod> {
        self.pod.as_ref()
    }

    /// Value of the `jti` claim.
    pub fn token(&self) -> Option<&Arc<str>> {
        self.token.as_ref()
    }

    /// A caller that no token stands for.
    #[cfg(test)]
    pub(crate) fn for_test(agent: &str) -> Self {
        Self {
            agent: agent.into(),
            issuer: "test".into(),
            subject: agent.into(),
            person: None,
            pod: None,
            token: None,
        }
    }
}
