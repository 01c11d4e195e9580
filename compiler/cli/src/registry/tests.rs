//! References, challenges, and a registry on this machine.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::*;

const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn image(registry: &str, repository: &str, tag: &str) -> Image {
    Image {
        registry: registry.to_owned(),
        repository: repository.to_owned(),
        tag: tag.to_owned(),
    }
}

#[test]
fn references_are_taken_apart() {
    assert_eq!(
        Image::parse("r.example/a/b:1").unwrap(),
        image("r.example", "a/b", "1")
    );
    assert_eq!(
        Image::parse("127.0.0.1:5000/a:1").unwrap(),
        image("127.0.0.1:5000", "a", "1")
    );
    assert_eq!(
        Image::parse("a/b:1").unwrap(),
        image("registry-1.docker.io", "a/b", "1")
    );
    assert_eq!(
        Image::parse("a:1").unwrap(),
        image("registry-1.docker.io", "library/a", "1")
    );
    assert_eq!(Image::parse("127.0.0.1:5000/a"), None);
    assert_eq!(Image::parse("a"), None);
}

#[test]
fn only_this_machine_is_asked_without_tls() {
    let url = |registry: &str| image(registry, "a", "1").url();
    assert!(url("127.0.0.1:5000").starts_with("http://"));
    assert!(url("localhost").starts_with("http://"));
    assert!(url("[::1]:5000").starts_with("http://"));
    assert!(url("10.0.0.1").starts_with("https://"));
    assert!(url("localhost.example").starts_with("https://"));
}

#[test]
fn no_token_is_fetched_without_tls() {
    let client = Client::new();
    let ask = |realm: &str, registry: &str| {
        let challenge = Challenge::parse(&format!("Bearer realm=\"{realm}\",service=\"s\""));
        let image = image(registry, "a", "1");
        challenge.unwrap().request(&client, &image).is_some()
    };
    assert!(ask("https://auth.example/token", "r.example"));
    assert!(!ask("http://auth.example/token", "r.example"));
    assert!(!ask("http://127.0.0.1/token", "r.example"));
    assert!(!ask("file:///etc/passwd", "127.0.0.1"));
    assert_eq!(Challenge::parse("Basic realm=\"x\""), None);
}

/// Answers each connection with what `answer` says to its head.
fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                head.push(byte[0]);
            }
            let text = answer(&String::from_utf8(head).unwrap());
            stream.write_all(text.as_bytes()).unwrap();
        }
    });
    address
}

fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

#[test]
fn a_registry_gives_the_digest_for_a_token() {
    let address = serve(|head| {
        let host = head.lines().find_map(|line| {
            line.to_lowercase()
                .strip_prefix("host: ")
                .map(str::to_owned)
        });
        if head.starts_with("GET /token?scope=repository%3Amcp%2Fkb%3Apull&service=s ") {
            response("200 OK", "", r#"{"token":"t0k"}"#)
        } else if !head.starts_with("HEAD /v2/mcp/kb/manifests/1.0 ") {
            response("404 Not Found", "", "")
        } else if head.to_lowercase().contains("authorization: bearer t0k") {
            response(
                "200 OK",
                &format!("Docker-Content-Digest: {DIGEST}\r\n"),
                "",
            )
        } else {
            let realm = format!("http://{}/token", host.unwrap());
            let challenge = format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"s\"\r\n");
            response("401 Unauthorized", &challenge, "")
        }
    });
    assert_eq!(digest(&format!("{address}/mcp/kb:1.0")).unwrap(), DIGEST);
    let missing = digest(&format!("{address}/mcp/kb:2.0")).unwrap_err();
    assert_eq!(
        missing.to_string(),
        format!("the registry `{address}` answers 404 Not Found for `mcp/kb:2.0`")
    );
}

#[test]
fn a_registry_that_gives_no_digest_is_refused() {
    let address = serve(|_| response("200 OK", "Docker-Content-Digest: md5:abc\r\n", ""));
    let error = digest(&format!("{address}/kb:1.0")).unwrap_err();
    assert!(matches!(error, RegistryError::Digest(_)), "{error}");
}
