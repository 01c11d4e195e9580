//! Asks an OCI registry which digest a tag has.

use std::net::IpAddr;
use std::time::Duration;

use bailiwick_config::Digest;
use reqwest::header::{ACCEPT, WWW_AUTHENTICATE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;

/// Kinds of manifests that a tag can name.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// Largest answer with a token, bytes.
const TOKEN_BYTES: usize = 64 * 1024;

/// Where images without a registry in their name are.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// The digest of an image could not be found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistryError {
    /// No reference with a tag.
    #[error("`{0}` is no image reference with a tag")]
    Reference(String),
    /// No client or no runtime.
    #[error("cannot start the client")]
    Runtime(#[source] std::io::Error),
    /// It does not answer.
    #[error("cannot ask the registry `{registry}`")]
    Http {
        /// The registry.
        registry: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// It answers, but with no digest.
    #[error("the registry `{registry}` answers {status} for `{image}`")]
    Status {
        /// The registry.
        registry: String,
        /// The status.
        status: StatusCode,
        /// The image.
        image: String,
    },
    /// It sends its callers elsewhere for a token, without TLS or in a way that we do not know.
    #[error("the registry `{0}` demands a login that this command does not have")]
    Login(String),
    /// The digest is none.
    #[error("the registry `{0}` gives no `sha256:` digest")]
    Digest(String),
}

/// An image in a registry.
#[derive(Debug, PartialEq, Eq)]
struct Image {
    registry: String,
    repository: String,
    tag: String,
}

impl Image {
    /// Takes a reference apart; a registry is the first part if it looks like a host.
    fn parse(reference: &str) -> Option<Self> {
        let (rest, tag) = reference.rsplit_once(':')?;
        if tag.contains('/') || rest.is_empty() || tag.is_empty() {
            return None;
        }
        let host = rest
            .split_once('/')
            .filter(|(host, _)| host.contains(['.', ':']) || *host == "localhost");
        let (registry, repository) = match host {
            Some((host, repository)) => (host, repository.to_owned()),
            None if rest.contains('/') => (DOCKER_HUB.0, rest.to_owned()),
            None => (DOCKER_HUB.0, format!("library/{rest}")),
        };
        let registry = if registry == DOCKER_HUB.0 {
            DOCKER_HUB.1
        } else {
            registry
        };
        Some(Self {
            registry: registry.to_owned(),
            repository,
            tag: tag.to_owned(),
        })
    }

    /// Where its manifest is: without TLS on this machine alone.
    fn url(&self) -> String {
        let scheme = if is_loopback(&self.registry) {
            "http"
        } else {
            "https"
        };
        format!(
            "{scheme}://{}/v2/{}/manifests/{}",
            self.registry, self.repository, self.tag
        )
    }
}

fn is_loopback(registry: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The digest in the reference itself, if it has one.
pub(crate) fn written(reference: &str) -> Option<String> {
    reference
        .split_once('@')
        .map(|(_, digest)| digest.to_owned())
}

/// The registry that [`digest`] would ask, as people know it.
pub(crate) fn asked(reference: &str) -> Option<String> {
    Image::parse(reference).map(|image| image.registry)
}

/// The digest that the tag of an image has in its registry now.
///
/// # Errors
/// When the registry does not say.
pub(crate) fn digest(reference: &str) -> Result<String, RegistryError> {
    let image =
        Image::parse(reference).ok_or_else(|| RegistryError::Reference(reference.to_owned()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(RegistryError::Runtime)?;
    let digest = runtime.block_on(ask(&image));
    runtime.shutdown_timeout(Duration::from_secs(1));
    digest
}

async fn ask(image: &Image) -> Result<String, RegistryError> {
    let failed = |source| RegistryError::Http {
        registry: image.registry.clone(),
        source,
    };
    let client = Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30))
        .build()
        .map_err(failed)?;
    let request = || client.head(image.url()).header(ACCEPT, MANIFESTS);
    let mut response = request().send().await.map_err(failed)?;
    if response.status() == StatusCode::UNAUTHORIZED {
        let login = || RegistryError::Login(image.registry.clone());
        let challenge = Challenge::of(&response).ok_or_else(login)?;
        let token = token(challenge.request(&client, image).ok_or_else(login)?)
            .await
            .map_err(failed)?
            .ok_or_else(login)?;
        response = request().bearer_auth(token).send().await.map_err(failed)?;
    }
    if !response.status().is_success() {
        return Err(RegistryError::Status {
            registry: image.registry.clone(),
            status: response.status(),
            image: format!("{}:{}", image.repository, image.tag),
        });
    }
    let digest = response.headers().get("docker-content-digest");
    digest
        .and_then(|digest| digest.to_str().ok())
        .filter(|digest| digest.parse::<Digest>().is_ok())
        .map(ToOwned::to_owned)
        .ok_or_else(|| RegistryError::Digest(image.registry.clone()))
}

/// Where a registry sends callers without a token.
#[derive(Debug, PartialEq, Eq)]
struct Challenge {
    realm: String,
    service: Option<String>,
}

impl Challenge {
    fn of(response: &Response) -> Option<Self> {
        Self::parse(response.headers().get(WWW_AUTHENTICATE)?.to_str().ok()?)
    }

    /// Reads `Bearer realm="...",service="..."`.
    fn parse(header: &str) -> Option<Self> {
        let (scheme, parameters) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let value = |wanted: &str| {
            let mut parts = parameters
                .split(',')
                .filter_map(|part| part.trim().split_once('='));
            let (_, value) = parts.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            Some(value.trim_matches('"').to_owned())
        };
        Some(Self {
            realm: value("realm")?,
            service: value("service"),
        })
    }

    /// Asks for a token that may pull this image, and nothing else. A registry elsewhere does not send us
    /// to this machine, nor to anything without TLS.
    fn request(&self, client: &Client, image: &Image) -> Option<RequestBuilder> {
        let url = reqwest::Url::parse(&self.realm).ok()?;
        let local = is_loopback(&image.registry) && url.host_str().is_some_and(is_loopback);
        if url.scheme() != "https" && !local {
            return None;
        }
        let mut url = url;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("scope", &format!("repository:{}:pull", image.repository));
            if let Some(service) = &self.service {
                query.append_pair("service", service);
            }
        }
        Some(client.get(url))
    }
}

async fn token(request: RequestBuilder) -> Result<Option<String>, reqwest::Error> {
    #[derive(Deserialize)]
    struct Answer {
        token: Option<String>,
        access_token: Option<String>,
    }
    let mut response = request.send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > TOKEN_BYTES {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    let answer = serde_json::from_slice::<Answer>(&bytes).ok();
    Ok(answer.and_then(|answer| answer.token.or(answer.access_token)))
}

#[cfg(test)]
mod tests;
