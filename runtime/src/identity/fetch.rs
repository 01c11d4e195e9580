//! Fetches an issuer's keys: https only, no redirects, within 5 seconds and 256 KiB.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bailiwick_config::{Issuer, Jwks};
use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use tokio::task::JoinError;

use super::keys::{KeySet, KeysError};
use crate::json::{self, Bounds};

const DEADLINE: Duration = Duration::from_secs(5);
const MAX_BODY: usize = 256 * 1024;
/// Bounds of a key set's JSON: certificates may be in it.
const BOUNDS: Bounds = Bounds {
    depth: 8,
    values: 2_000,
};

/// A client for key sets.
#[derive(Clone, Debug)]
pub(crate) struct Fetcher {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

/// There are no certificate authorities to trust.
#[derive(Debug, thiserror::Error)]
pub enum FetcherError {
    /// The file is not there, or not PEM.
    #[error("cannot read certificate authorities from {path}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        #[source]
        source: pem::Error,
    },
    /// A certificate in the file is not one.
    #[error("bad certificate, or none, in {path}")]
    Certificate {
        /// The file.
        path: String,
    },
    /// TLS could not be set up.
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
}

/// Keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("not an https URL")]
    Url(#[source] http::Error),
    #[error("no certificate authorities of the issuer")]
    Authorities(#[source] FetcherError),
    #[error("the authorities could not be read")]
    Reading(#[source] JoinError),
    #[error("no answer within {} seconds", DEADLINE.as_secs())]
    Deadline,
    #[error("cannot connect")]
    Connect(#[source] hyper_util::client::legacy::Error),
    #[error("status {0}")]
    Status(StatusCode),
    #[error("the body broke off, or is larger than {MAX_BODY} bytes")]
    Body(#[source] Box<dyn Error + Send + Sync>),
    #[error("not strict JSON")]
    Json,
    #[error("the discovery document is not one, or is of another issuer")]
    Discovery,
    #[error("the discovery document names keys at another origin than the issuer's")]
    ForeignKeys,
    #[error("the config holds the keys; nothing is fetched")]
    Fixed,
    #[error(transparent)]
    Keys(#[from] KeysError),
}

#[derive(Deserialize)]
struct DiscoveryDocument {
    issuer: String,
    jwks_uri: String,
}

impl Fetcher {
    /// Trusts the certificate authorities in the PEM file `ca` and no others, or the system's.
    pub(crate) fn new(ca: Option<&Path>) -> Result<Self, FetcherError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder
            .with_safe_default_protocol_versions()
            .map_err(FetcherError::Tls)?;
        let builder = match ca {
            Some(path) => builder.with_root_certificates(authorities(path)?),
            None => match builder.clone().with_native_roots() {
                Ok(builder) => builder,
                // An image without certificates serves issuers whose keys are in the config.
                Err(error) => {
                    tracing::warn!(%error, "no certificate authorities: no keys can be fetched");
                    builder.with_root_certificates(RootCertStore::empty())
                }
            },
        };
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(builder.with_no_client_auth())
            .https_only()
            .enable_http1()
            .build();
        let mut client = Client::builder(TokioExecutor::new());
        // Hours lie between two fetches.
        client.pool_max_idle_per_host(0);
        Ok(Self {
            client: client.build(connector),
        })
    }

    /// The issuer's keys, and how long they are said to be fresh.
    pub(super) async fn keys(
        &self,
        issuer: &Issuer,
    ) -> Result<(KeySet, Option<Duration>), FetchError> {
        match &issuer.ca {
            None => self.keys_of(issuer).await,
            Some(path) => Self::trusting(path.into()).await?.keys_of(issuer).await,
        }
    }

    /// Trusts what is in the file now: it may have been replaced since the last fetch.
    async fn trusting(path: PathBuf) -> Result<Self, FetchError> {
        let read = tokio::task::spawn_blocking(move || Self::new(Some(&path)));
        let fetcher = read.await.map_err(FetchError::Reading)?;
        fetcher.map_err(FetchError::Authorities)
    }

    async fn keys_of(&self, issuer: &Issuer) -> Result<(KeySet, Option<Duration>), FetchError> {
        let url = match &issuer.jwks {
            Jwks::Url { url } => url.clone(),
            Jwks::Discovery => self.discover(&issuer.url).await?,
            Jwks::Inline { .. } => return Err(FetchError::Fixed),
        };
        let (text, max_age) = self.get(&url).await?;
        Ok((KeySet::read(&text)?, max_age))
    }

    /// Where the issuer says that its keys are.
    async fn discover(&self, issuer: &str) -> Result<String, FetchError> {
        let url = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let (text, _) = self.get(&url).await?;
        let document: DiscoveryDocument =
            serde_json::from_str(&text).map_err(|_| FetchError::Discovery)?;
        if document.issuer != issuer {
            return Err(FetchError::Discovery);
        }
        if origin(&document.jwks_uri).is_none() || origin(&document.jwks_uri) != origin(issuer) {
            return Err(FetchError::ForeignKeys);
        }
        Ok(document.jwks_uri)
    }

    async fn get(&self, url: &str) -> Result<(String, Option<Duration>), FetchError> {
        let exchange = self.get_patiently(url);
        tokio::time::timeout(DEADLINE, exchange)
            .await
            .map_err(|_| FetchError::Deadline)?
    }

    async fn get_patiently(&self, url: &str) -> Result<(String, Option<Duration>), FetchError> {
        let request = Request::get(url)
            .header(ACCEPT, "application/json")
            .body(Empty::new());
        let response = self
            .client
            .request(request.map_err(FetchError::Url)?)
            .await
            .map_err(FetchError::Connect)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY)
            .collect()
            .await
            .map_err(FetchError::Body)?
            .to_bytes();
        let text = json::check(&body, BOUNDS).map_err(|_| FetchError::Json)?;
        Ok((text.to_owned(), max_age(&parts.headers)))
    }
}

/// The certificate authorities in a PEM file, at least one.
pub(crate) fn authorities(path: &Path) -> Result<RootCertStore, FetcherError> {
    let shown = path.display().to_string();
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path);
    let certificates = certificates.map_err(|source| FetcherError::File {
        path: shown.clone(),
        source,
    })?;
    for certificate in certificates {
        let certificate = certificate.map_err(|source| FetcherError::File {
            path: shown.clone(),
            source,
        })?;
        roots
            .add(certificate)
            .map_err(|_| FetcherError::Certificate {
                path: shown.clone(),
            })?;
    }
    if roots.is_empty() {
        return Err(FetcherError::Certificate { path: shown });
    }
    Ok(roots)
}

/// Scheme, host and port of a URL in lower case, the port only where it is not https's own.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?.as_str().to_ascii_lowercase();
    let authority = authority.strip_suffix(":443").unwrap_or(&authority);
    Some(format!("{}://{authority}", uri.scheme_str()?))
}

/// The `max-age` of a Cache-Control header.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(CACHE_CONTROL)?.to_str().ok()?;
    let seconds = value
        .split(',')
        .find_map(|directive| directive.trim().strip_prefix("max-age="))?;
    seconds.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests;
