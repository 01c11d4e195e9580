//! Servers over TLS: only those that a trusted authority vouches for get a call.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::stub::{Speaks, Stub};
use super::world::{CONNECTOR, Setup, World};
use crate::dispatch::Connector;
use crate::edge::Era;

/// Takes TLS off in front of `stub`. Gives the port, the certificate, and the task.
async fn terminate(stub: &Stub) -> (u16, String, JoinSet<()>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let behind = stub.address();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            connections.spawn(async move {
                let Ok(mut outer) = acceptor.accept(stream).await else {
                    return;
                };
                let mut inner = TcpStream::connect(behind).await.unwrap();
                drop(tokio::io::copy_bidirectional(&mut outer, &mut inner).await);
            });
        }
    });
    (port, cert.pem(), tasks)
}

#[tokio::test]
async fn a_server_over_tls_is_called_only_when_it_is_trusted() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result("{}")).await;
    let (port, certificate, _tasks) = terminate(&stub).await;
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), certificate).unwrap();
    let trusting = Connector::new(Some(ca.path())).unwrap();
    let setup = Setup::new(&format!("https://localhost:{port}/mcp"));

    let world = World::start_with(&setup, trusting.clone()).await;
    let answered = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(answered.body["result"], json!({}));

    let world = World::start_with(&setup, CONNECTOR.clone()).await;
    let refused = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(refused.reason(), "upstream-unreachable");

    // The right certificate for another name is the wrong certificate.
    let setup = Setup::new(&format!("https://127.0.0.1:{port}/mcp"));
    let world = World::start_with(&setup, trusting).await;
    let refused = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(refused.reason(), "upstream-unreachable");
    assert_eq!(stub.seen_of("tools/call").len(), 1);
}
