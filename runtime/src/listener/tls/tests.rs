use std::fs;
use std::path::Path;
use std::sync::Arc;

use bailiwick_config::Tls;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::watch;
use tokio_rustls::TlsConnector;

use super::{Files, Security, look};

/// A folder with `tls.crt` and `tls.key`, and what was made of them.
struct Mounted {
    folder: tempfile::TempDir,
    tls: Tls,
    seen: Option<Files>,
    security: watch::Sender<Option<Security>>,
}

impl Mounted {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let tls = Tls {
            certificate: path("tls.crt"),
            key: path("tls.key"),
        };
        Self {
            folder,
            tls,
            seen: None,
            security: watch::Sender::new(None),
        }
    }

    fn write(&self, certificate: &str, key: &str) {
        fs::write(&self.tls.certificate, certificate).unwrap();
        fs::write(&self.tls.key, key).unwrap();
    }

    async fn look(&mut self) {
        look(&self.tls, &mut self.seen, &self.security).await;
    }

    /// The certificate that a client gets to see which trusts all of `known`.
    async fn shown(&self, known: &[CertificateDer<'static>]) -> Option<CertificateDer<'static>> {
        let Some(Security::Tls(acceptor)) = self.security.borrow().clone() else {
            return None;
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(known.iter().cloned());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let connector = TlsConnector::from(Arc::new(
            config.with_root_certificates(roots).with_no_client_auth(),
        ));
        let (client, server) = tokio::io::duplex(64 * 1024);
        let name = ServerName::try_from("mcp.acme.internal").unwrap();
        let (client, server) =
            tokio::join!(connector.connect(name, client), acceptor.accept(server));
        server.unwrap();
        Some(
            client.unwrap().get_ref().1.peer_certificates().unwrap()[0]
                .clone()
                .into_owned(),
        )
    }
}

fn certificate() -> (CertificateDer<'static>, String, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["mcp.acme.internal".to_owned()]).unwrap();
    (cert.der().clone(), cert.pem(), signing_key.serialize_pem())
}

fn is_accepting(mounted: &Mounted) -> bool {
    mounted.security.borrow().is_some()
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart() {
    let mut mounted = Mounted::new();
    let (first, pem, key) = certificate();
    let (second, renewed, renewed_key) = certificate();
    let known = [first.clone(), second.clone()];
    mounted.write(&pem, &key);
    mounted.look().await;
    assert_eq!(mounted.shown(&known).await, Some(first));
    mounted.write(&renewed, &renewed_key);
    mounted.look().await;
    assert_eq!(mounted.shown(&known).await, Some(second));
}

#[tokio::test]
async fn files_that_cannot_be_used_leave_the_old_certificate_in_place() {
    let mut mounted = Mounted::new();
    let (first, pem, key) = certificate();
    mounted.write(&pem, &key);
    mounted.look().await;
    let stranger = KeyPair::generate().unwrap().serialize_pem();
    for (certificate, key) in [
        (&*pem, &*stranger),
        (&pem, ""),
        ("", &key),
        ("garbage", "garbage"),
        (&key, &pem),
    ] {
        mounted.write(certificate, key);
        mounted.look().await;
        assert_eq!(
            mounted.shown(std::slice::from_ref(&first)).await,
            Some(first.clone())
        );
    }
    fs::remove_file(Path::new(&mounted.tls.key)).unwrap();
    mounted.look().await;
    assert_eq!(
        mounted.shown(std::slice::from_ref(&first)).await,
        Some(first)
    );
}

#[tokio::test]
async fn without_a_certificate_nobody_is_accepted() {
    let mut mounted = Mounted::new();
    mounted.look().await;
    assert!(!is_accepting(&mounted));
    mounted.write("garbage", "garbage");
    mounted.look().await;
    assert!(!is_accepting(&mounted));
    let (first, pem, key) = certificate();
    mounted.write(&pem, &key);
    mounted.look().await;
    assert_eq!(
        mounted.shown(std::slice::from_ref(&first)).await,
        Some(first)
    );
    assert!(mounted.folder.path().exists());
}

#[tokio::test]
async fn what_shall_be_secured_is_not_served_in_clear_text_meanwhile() {
    let mut mounted = Mounted::new();
    mounted.security.send_replace(Some(Security::Plain));
    mounted.look().await;
    assert!(!is_accepting(&mounted));
}
