//! TLS with the certificate and key of two PEM files, which may change at any time.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bailiwick_config::Tls;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::causes;
use crate::walk::Snapshot;

/// Time between two looks at the files.
const LOOK: Duration = Duration::from_secs(10);

/// How connections are secured.
#[derive(Clone)]
pub(crate) enum Security {
    /// Not at all.
    Plain,
    /// With TLS.
    Tls(TlsAcceptor),
}

/// Why the files cannot be used.
#[derive(Debug, thiserror::Error)]
enum TlsError {
    #[error("cannot read {path}")]
    Read {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not the PEM file it should be")]
    Pem {
        path: String,
        #[source]
        source: pem::Error,
    },
    #[error("certificate and key do not fit")]
    Unfit(#[source] rustls::Error),
}

/// The bytes of both files.
#[derive(Clone, PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// Keeps `security` what the newest config and its files say. Files that cannot be used leave the
/// old certificate in place; without one nobody is accepted.
pub(crate) async fn follow(
    mut snapshots: watch::Receiver<Option<Arc<Snapshot>>>,
    security: watch::Sender<Option<Security>>,
) {
    let mut seen = None;
    loop {
        let tls = snapshots
            .borrow_and_update()
            .as_ref()
            .map(|snapshot| snapshot.config().endpoint.tls.clone());
        match tls {
            None => {}
            Some(None) => {
                seen = None;
                drop(security.send_replace(Some(Security::Plain)));
            }
            Some(Some(tls)) => look(&tls, &mut seen, &security).await,
        }
        tokio::select! {
            changed = snapshots.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn look(tls: &Tls, seen: &mut Option<Files>, security: &watch::Sender<Option<Security>>) {
    // Serving in plain text what should be secured is no way out.
    let was_plain = security.send_if_modified(|security| {
        let is_plain = matches!(security, Some(Security::Plain));
        if is_plain {
            *security = None;
        }
        is_plain
    });
    let files = match read(tls.clone()).await {
        Ok(files) => files,
        Err(error) => return report(&error),
    };
    if !was_plain && seen.as_ref() == Some(&files) {
        return;
    }
    match acceptor(tls, &files) {
        Ok(acceptor) => drop(security.send_replace(Some(Security::Tls(acceptor)))),
        Err(error) => report(&error),
    }
    *seen = Some(files);
}

fn report(error: &TlsError) {
    tracing::error!(error = causes::line(error), "no new TLS certificate");
}

async fn read(tls: Tls) -> Result<Files, TlsError> {
    let read = move || {
        let read = |path: &str| {
            std::fs::read(path).map_err(|source| TlsError::Read {
                path: path.to_owned(),
                source,
            })
        };
        Ok(Files {
            certificate: read(&tls.certificate)?,
            key: read(&tls.key)?,
        })
    };
    let failed = |error| TlsError::Read {
        path: String::new(),
        source: io::Error::other(error),
    };
    tokio::task::spawn_blocking(read).await.map_err(failed)?
}

fn acceptor(tls: &Tls, files: &Files) -> Result<TlsAcceptor, TlsError> {
    let bad_certificate = |source| TlsError::Pem {
        path: tls.certificate.clone(),
        source,
    };
    let bad_key = |source| TlsError::Pem {
        path: tls.key.clone(),
        source,
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&files.certificate).collect();
    let key = PrivateKeyDer::from_pem_slice(&files.key).map_err(bad_key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Unfit)?
        .with_no_client_auth()
        .with_single_cert(chain.map_err(bad_certificate)?, key)
        .map_err(TlsError::Unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests;
