//! What all upstream connections of one process share.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::pool::Pool;
use crate::identity::{FetcherError, authorities};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long closing may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Most cancellations under way at the same time; more are not sent, only the connection closes.
const MAX_NOTICES: usize = 64;

/// Makes connections to servers.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    https: HttpsConnector<HttpConnector>,
    has_roots: bool,
    /// Handshakes, cancellations and ends of answers under way.
    pub(super) tasks: TaskTracker,
    /// Places for cancellations.
    pub(super) notice_places: Arc<Semaphore>,
}

impl Connector {
    /// A connector that trusts the certificate authorities in the PEM file `ca` and no others, or
    /// the system's.
    pub(crate) fn new(ca: Option<&Path>) -> Result<Self, FetcherError> {
        if let Some(ca) = ca {
            return Self::with_roots(authorities(ca)?).map_err(FetcherError::Tls);
        }
        let builder = HttpsConnectorBuilder::new();
        if let Ok(builder) = builder.with_provider_and_native_roots(provider()) {
            return Ok(Self::build(builder, true));
        }
        // An image without certificates still can call servers over plain HTTP.
        let mut connector = Self::with_roots(RootCertStore::empty()).map_err(FetcherError::Tls)?;
        connector.has_roots = false;
        Ok(connector)
    }

    /// A connector that trusts `roots`.
    fn with_roots(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let config = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self::build(
            HttpsConnectorBuilder::new().with_tls_config(config),
            true,
        ))
    }

    fn build(
        builder: HttpsConnectorBuilder<hyper_rustls::builderstates::WantsSchemes>,
        has_roots: bool,
    ) -> Self {
        let mut http = HttpConnector::new();
        // The scheme decides about TLS in the layer around it.
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        Self {
            https: builder.https_or_http().enable_http1().wrap_connector(http),
            has_roots,
            tasks: TaskTracker::new(),
            notice_places: Arc::new(Semaphore::new(MAX_NOTICES)),
        }
    }

    /// Whether TLS servers can be trusted at all.
    pub(super) fn has_roots(&self) -> bool {
        self.has_roots
    }

    /// Connections to the server at `uri`, for one credential; none for a URL without a host.
    pub(super) fn pool(&self, uri: Uri) -> Option<Pool> {
        Pool::new(self.https.clone(), uri)
    }

    /// Waits a moment for what is under way.
    pub(crate) async fn close(&self) {
        self.tasks.close();
        if timeout(CLOSE_TIMEOUT, self.tasks.wait()).await.is_err() {
            tracing::debug!("some servers were not told about cancelled calls");
        }
    }
}

fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}
