//! Whose token it is: from verified claims to the agent of the config.

use std::collections::BTreeMap;
use std::sync::Arc;

use bailiwick_config::{Config, Identity, IssuerKind};
use serde::Deserialize;

use super::Unauthenticated;
use super::caller::Pod;
use super::claims::Claims;
use super::token::Token;

/// Agents by what a token must say. A client that is named is asked for first.
#[derive(Debug, Default)]
pub(super) struct Agents {
    by_identity: BTreeMap<Identity, Vec<Arc<str>>>,
}

/// Who a token stands for.
#[derive(Debug)]
pub(super) struct Match {
    pub(super) agent: Arc<str>,
    pub(super) is_person: bool,
    pub(super) pod: Option<Pod>,
}

/// Claims of Kubernetes tokens only.
#[derive(Deserialize)]
struct KubernetesClaims {
    #[serde(rename = "kubernetes.io")]
    kubernetes: Option<Bound>,
}

#[derive(Deserialize)]
struct Bound {
    namespace: String,
    pod: Option<Object>,
    serviceaccount: Object,
    secret: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Object {
    name: String,
    uid: String,
}

/// Claims of OpenID Connect tokens only.
#[derive(Deserialize)]
struct OidcClaims {
    azp: Option<String>,
    client_id: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
}

impl Agents {
    pub(super) fn new(config: &Config) -> Self {
        let mut agents = Self::default();
        for (name, agent) in &config.agents {
            agents
                .by_identity
                .entry(agent.identity.clone())
                .or_default()
                .push(name.as_str().into());
        }
        agents
    }

    /// The agent of a verified token of the issuer `issuer`.
    pub(super) fn find(
        &self,
        issuer: &str,
        kind: IssuerKind,
        claims: &Claims,
        token: &Token<'_>,
    ) -> Result<Match, Unauthenticated> {
        match kind {
            IssuerKind::Kubernetes => self.by_service_account(issuer, &claims.sub, token.claims()?),
            IssuerKind::Oidc => self.by_subject_or_group(issuer, &claims.sub, &token.claims()?),
        }
    }

    fn by_service_account(
        &self,
        issuer: &str,
        subject: &str,
        claims: KubernetesClaims,
    ) -> Result<Match, Unauthenticated> {
        let bound = claims.kubernetes.ok_or(Unauthenticated::Unbound)?;
        let (namespace, name) = (&bound.namespace, &bound.serviceaccount.name);
        let is_consistent = subject == format!("system:serviceaccount:{namespace}:{name}");
        if !is_consistent
            || !is_label(namespace)
            || !is_subdomain(name)
            || bound.serviceaccount.uid.is_empty()
        {
            return Err(Unauthenticated::Subject);
        }
        let pod = match (bound.pod, bound.secret) {
            (Some(pod), None) if !pod.name.is_empty() && !pod.uid.is_empty() => pod,
            _ => return Err(Unauthenticated::Unbound),
        };
        let agent = self.only(&Identity::Kubernetes {
            issuer: issuer.to_owned(),
            namespace: bound.namespace,
            service_account: bound.serviceaccount.name,
        })?;
        let pod = Pod {
            name: pod.name.into(),
            uid: pod.uid.into(),
        };
        Ok(Match {
            agent: agent.ok_or(Unauthenticated::NoAgent)?,
            is_person: false,
            pod: Some(pod),
        })
    }

    fn by_subject_or_group(
        &self,
        issuer: &str,
        subject: &str,
        claims: &OidcClaims,
    ) -> Result<Match, Unauthenticated> {
        // One that is there must not be contradicted by the other.
        let client = match (&claims.azp, &claims.client_id) {
            (Some(azp), Some(client_id)) if azp != client_id => None,
            (azp, client_id) => azp.as_ref().or(client_id.as_ref()),
        };
        let clients = client.map(Some).into_iter().chain([None]);
        for client in clients.clone() {
            let (issuer, subject, client) =
                (issuer.to_owned(), subject.to_owned(), client.cloned());
            if let Some(agent) = self.only(&Identity::Subject {
                issuer,
                subject,
                client,
            })? {
                return Ok(Match {
                    agent,
                    is_person: false,
                    pod: None,
                });
            }
        }
        for client in clients {
            if let Some(agent) = self.by_group(issuer, client, &claims.groups)? {
                return Ok(Match {
                    agent,
                    is_person: true,
                    pod: None,
                });
            }
        }
        Err(Unauthenticated::NoAgent)
    }

    fn by_group(
        &self,
        issuer: &str,
        client: Option<&String>,
        groups: &[String],
    ) -> Result<Option<Arc<str>>, Unauthenticated> {
        let mut found = None;
        for group in groups {
            let (issuer, group, client) = (issuer.to_owned(), group.clone(), client.cloned());
            let agent = self.only(&Identity::Group {
                issuer,
                group,
                client,
            })?;
            match (&found, agent) {
                (_, None) => {}
                (Some(one), Some(other)) if *one != other => return Err(Unauthenticated::NoAgent),
                (_, agent) => found = agent,
            }
        }
        Ok(found)
    }

    /// The only agent with this identity. Two that share one are nobody: the log could not tell
    /// them apart.
    fn only(&self, identity: &Identity) -> Result<Option<Arc<str>>, Unauthenticated> {
        match self.by_identity.get(identity).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([agent]) => Ok(Some(Arc::clone(agent))),
            Some(_) => Err(Unauthenticated::NoAgent),
        }
    }
}

/// Whether this is a label of RFC 1123, as namespaces are.
fn is_label(name: &str) -> bool {
    let is_end = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.len() <= 63
        && is_end(name.bytes().next())
        && is_end(name.bytes().last())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether this is a subdomain of RFC 1123, as service accounts are.
fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}
