//! The evidence that a token was verified.

use std::sync::Arc;

use super::agents::Match;
use super::claims::Claims;

/// Evidence that a request came from an agent of the config. Only [`super::Verifier::verify`]
/// makes one.
///
/// ```compile_fail,E0451
/// # use bailiwick_runtime::identity::Caller;
/// let forged = Caller {
///     agent: "eve".into(),
///     issuer: "corp".into(),
///     subject: "eve".into(),
///     person: None,
///     pod: None,
///     token: None,
///     expires: u64::MAX,
/// };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    agent: Arc<str>,
    issuer: Arc<str>,
    subject: Arc<str>,
    person: Option<Arc<str>>,
    pod: Option<Pod>,
    token: Option<Arc<str>>,
    expires: u64,
}

/// The pod that a Kubernetes token is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Name of the pod.
    pub name: Arc<str>,
    /// UID of the pod.
    pub uid: Arc<str>,
}

/// What tells one client of an agent from the others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Client {
    agent: Arc<str>,
    issuer: Arc<str>,
    subject: Arc<str>,
    /// UID of its pod.
    pod: Option<Arc<str>>,
}

impl Caller {
    /// `claims` were verified, and `found` is whose they are.
    pub(super) fn new(issuer: &str, claims: Claims, found: Match) -> Self {
        let subject: Arc<str> = claims.sub.into();
        Self {
            agent: found.agent,
            issuer: issuer.into(),
            person: found.is_person.then(|| Arc::clone(&subject)),
            subject,
            pod: found.pod,
            token: claims.jti.map(Into::into),
            expires: claims.exp,
        }
    }

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

    /// Which client of the agent this is, as far as its token says.
    pub(crate) fn client(&self) -> Client {
        Client {
            agent: Arc::clone(&self.agent),
            issuer: Arc::clone(&self.issuer),
            subject: Arc::clone(&self.subject),
            pod: self.pod.as_ref().map(|pod| Arc::clone(&pod.uid)),
        }
    }

    /// When the token expires, seconds since 1970.
    pub fn expires(&self) -> u64 {
        self.expires
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
            expires: u64::MAX,
        }
    }

    /// The same agent, used by somebody else.
    #[cfg(test)]
    pub(crate) fn with_subject(mut self, subject: &str) -> Self {
        self.subject = subject.into();
        self
    }
}
