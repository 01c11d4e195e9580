//! Against an https server of one canned answer per path.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::Arc;

use bailiwick_config::{Issuer, IssuerKind, Jwks};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::super::testing::{EC, RSA};
use super::{Fetcher, FetcherError};

/// An issuer at `https://localhost:PORT`, and a client that trusts its certificate.
struct Site {
    url: String,
    fetcher: Fetcher,
    /// Its certificate, PEM.
    certificate: String,
    server: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves `pages`; `ORIGIN` in them is the site's own.
async fn site(pages: &[(&str, String)]) -> Site {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), cert.pem()).unwrap();
    let fetcher = Fetcher::new(Some(ca.path())).unwrap();

    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = config
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let pages: BTreeMap<String, String> = pages
        .iter()
        .map(|(path, page)| ((*path).to_owned(), page.replace("ORIGIN", &url)))
        .collect();
    let server = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), pages));
    Site {
        url,
        fetcher,
        certificate: cert.pem(),
        server,
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, pages: BTreeMap<String, String>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // A client that does not trust us breaks off here.
        let Ok(mut stream) = acceptor.accept(stream).await else {
            continue;
        };
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let path = request.split(' ').nth(1).unwrap();
        let page = pages.get(path).map_or(
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            |page| page,
        );
        // The client may have seen enough.
        drop(stream.write_all(page.as_bytes()).await);
        drop(stream.shutdown().await);
    }
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=900\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An answer without a length: it ends when the connection does.
fn open(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}")
}

fn issuer(url: &str, jwks: Jwks) -> Issuer {
    Issuer {
        kind: IssuerKind::Oidc,
        url: url.to_owned(),
        audience: "a".to_owned(),
        jwks,
        ca: None,
        max_age: 600,
    }
}

fn set() -> String {
    json!({ "keys": [RSA.jwk(), EC.jwk()] }).to_string()
}

/// Why fetching from `url` fails, with its causes.
async fn failure(site: &Site, jwks: Jwks) -> String {
    let error = site
        .fetcher
        .keys(&issuer(&site.url, jwks))
        .await
        .unwrap_err();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

async fn failure_at(page: String) -> String {
    let site = site(&[("/keys", page)]).await;
    let url = format!("{}/keys", site.url);
    failure(&site, Jwks::Url { url }).await
}

async fn failure_of(document: serde_json::Value) -> String {
    let site = site(&[
        (
            "/.well-known/openid-configuration",
            open(&document.to_string()),
        ),
        ("/keys", ok(&set())),
    ])
    .await;
    failure(&site, Jwks::Discovery).await
}

#[tokio::test]
async fn keys_come_from_a_url_with_their_age() {
    let site = site(&[("/keys", ok(&set()))]).await;
    let jwks = Jwks::Url {
        url: format!("{}/keys", site.url),
    };
    let (keys, max_age) = site.fetcher.keys(&issuer(&site.url, jwks)).await.unwrap();
    assert!(keys.get("rsa").is_some() && keys.get("ec").is_some());
    assert_eq!(max_age, Some(std::time::Duration::from_mins(15)));
}

#[tokio::test]
async fn keys_come_from_where_discovery_says() {
    let document = json!({ "issuer": "ORIGIN", "jwks_uri": "ORIGIN/keys" });
    let site = site(&[
        (
            "/.well-known/openid-configuration",
            open(&document.to_string()),
        ),
        ("/keys", ok(&set())),
    ])
    .await;
    let (keys, _) = site
        .fetcher
        .keys(&issuer(&site.url, Jwks::Discovery))
        .await
        .unwrap();
    assert!(keys.get("rsa").is_some());
}

#[tokio::test]
async fn a_discovery_document_is_believed_only_about_its_own_issuer_and_origin() {
    let not_one = "the discovery document is not one, or is of another issuer";
    let foreign = "the discovery document names keys at another origin than the issuer's";
    for (document, expected) in [
        (
            json!({ "issuer": "https://login.acme.com", "jwks_uri": "ORIGIN/keys" }),
            not_one,
        ),
        (
            json!({ "issuer": "ORIGIN/", "jwks_uri": "ORIGIN/keys" }),
            not_one,
        ),
        (json!({ "jwks_uri": "ORIGIN/keys" }), not_one),
        (json!({ "issuer": "ORIGIN" }), not_one),
        (
            json!({ "issuer": "ORIGIN", "jwks_uri": "https://evil.example/keys" }),
            foreign,
        ),
        (
            json!({ "issuer": "ORIGIN", "jwks_uri": "http://localhost/keys" }),
            foreign,
        ),
        (json!({ "issuer": "ORIGIN", "jwks_uri": "/keys" }), foreign),
    ] {
        assert_eq!(failure_of(document.clone()).await, expected, "{document}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_key_set_is_refused() {
    let duplicate = json!({ "keys": [RSA.jwk(), RSA.jwk()] }).to_string();
    let many = json!({ "keys": vec![RSA.jwk(); 33] }).to_string();
    for (page, expected) in [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(), "status 404 Not Found"),
        // It is not followed.
        ("HTTP/1.1 302 Found\r\nLocation: https://evil.example/keys\r\nContent-Length: 0\r\n\r\n".to_owned(), "status 302 Found"),
        (ok("<html>"), "not strict JSON"),
        (ok(r#"{"keys":[],"keys":[]}"#), "not strict JSON"),
        (ok("{}"), "not a JWK set"),
        (ok(r#"{"keys":[{}]}"#), "not a JWK set"),
        (ok(r#"{"keys":[]}"#), "no RS256, ES256 or EdDSA key with a `kid` in it"),
        (ok(&duplicate), "two keys with the same `kid`"),
        (ok(&many), "more than 32 keys"),
    ] {
        assert_eq!(failure_at(page.clone()).await, expected, "{page}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let page = open(&" ".repeat(300 * 1024));
    let expected = "the body broke off, or is larger than 262144 bytes: length limit exceeded";
    assert_eq!(failure_at(page).await, expected);
}

#[tokio::test]
async fn nothing_is_fetched_in_clear_text_or_from_a_stranger() {
    let site = site(&[("/keys", ok(&set()))]).await;
    let clear = failure(
        &site,
        Jwks::Url {
            url: "http://localhost/keys".into(),
        },
    )
    .await;
    assert!(clear.starts_with("cannot connect: "), "{clear}");
    // A client that trusts another authority.
    let other = self::site(&[]).await;
    let jwks = Jwks::Url {
        url: format!("{}/keys", site.url),
    };
    let stranger = other
        .fetcher
        .keys(&issuer(&site.url, jwks))
        .await
        .unwrap_err();
    assert_eq!(stranger.to_string(), "cannot connect");
}

/// The file is read for each fetch, since an operator replaces it while dispatch runs.
#[tokio::test]
async fn the_authorities_of_an_issuer_are_trusted_for_it_alone() {
    let site = site(&[("/keys", ok(&set()))]).await;
    let other = self::site(&[]).await;
    let jwks = Jwks::Url {
        url: format!("{}/keys", site.url),
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.crt");
    let mut private = issuer(&site.url, jwks.clone());
    private.ca = Some(file.to_str().unwrap().to_owned());

    // `other` trusts another authority, and takes this one for the issuer that names it.
    let missing = other.fetcher.keys(&private).await.unwrap_err();
    assert_eq!(
        missing.to_string(),
        "no certificate authorities of the issuer"
    );
    std::fs::write(&file, &other.certificate).unwrap();
    let stranger = other.fetcher.keys(&private).await.unwrap_err();
    assert_eq!(stranger.to_string(), "cannot connect");
    std::fs::write(&file, &site.certificate).unwrap();
    assert!(other.fetcher.keys(&private).await.is_ok());
    let unnamed = other.fetcher.keys(&issuer(&site.url, jwks)).await;
    assert_eq!(unnamed.unwrap_err().to_string(), "cannot connect");

    // What dispatch trusts anyway is not trusted for it.
    std::fs::write(&file, &other.certificate).unwrap();
    let instead = site.fetcher.keys(&private).await.unwrap_err();
    assert_eq!(instead.to_string(), "cannot connect");
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_does_not_answer_is_given_up() {
    let site = site(&[]).await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}/keys",
        silent.local_addr().unwrap().port()
    );
    assert_eq!(
        failure(&site, Jwks::Url { url }).await,
        "no answer within 5 seconds"
    );
}

#[test]
fn certificate_authorities_must_be_in_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.pem");
    assert!(matches!(
        Fetcher::new(Some(&missing)),
        Err(FetcherError::File { .. })
    ));
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    assert!(matches!(
        Fetcher::new(Some(&empty)),
        Err(FetcherError::Certificate { .. })
    ));
}
