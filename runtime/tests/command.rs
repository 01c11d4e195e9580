//! The binary: its arguments, its exit codes, its log, its end.

#![cfg(test)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn dispatch(folder: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick-dispatch"));
    command
        .arg("--config")
        .arg(folder.join("config"))
        .arg("--audit")
        .arg(folder.join("audit"))
        .args([
            "--listen",
            listen,
            "--admin",
            "127.0.0.1:0",
            "--replica",
            "dispatch-0",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The lines of a log, each of them JSON.
fn lines(log: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(log).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// A child that is killed when the test is over. Its log is a file, so that it never waits for
/// us to read.
struct Running {
    child: Child,
    log: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Running {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let log = folder.join("log");
        let mut command = dispatch(folder, "127.0.0.1:0");
        let child = command
            .args(more)
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { child, log }
    }

    /// Waits for the line that says where the ports are.
    fn ports(&self) -> (String, String) {
        loop {
            let log = self.log();
            let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
            let said = lines(whole.as_bytes())
                .into_iter()
                .find(|line| line["fields"]["message"] == "listening");
            if let Some(line) = said {
                return ["mcp", "admin"]
                    .map(|name| line["fields"][name].as_str().unwrap().to_owned())
                    .into();
            }
            std::thread::yield_now();
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Sends the signal, and gives the exit code.
    fn end(&mut self, signal: Signal) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        self.child.wait().unwrap().code()
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_stays_up_without_config_and_log_and_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    // The log's folder is a file: nothing can be written there.
    std::fs::write(folder.path().join("audit"), "").unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let mut running = Running::start(folder.path(), &[]);
        let (_, admin) = running.ports();
        assert!(get(&admin, "/healthz").starts_with("HTTP/1.1 200 OK\r\n"));
        assert!(get(&admin, "/readyz").starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
        assert_eq!(running.end(signal), Some(0));
    }
}

#[test]
fn it_starts_without_any_certificate_authority() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("audit")).unwrap();
    write_config(folder.path());
    let log = folder.path().join("log");
    let child = dispatch(folder.path(), "127.0.0.1:0")
        .env("SSL_CERT_FILE", "/dev/null")
        .env("SSL_CERT_DIR", folder.path().join("none"))
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut running = Running { child, log };
    let (_, admin) = running.ports();
    while !get(&admin, "/readyz").ends_with("ready\n") {}
    assert_eq!(running.end(Signal::TERM), Some(0));
    assert!(running.log().contains("no certificate authorities"));
}

#[test]
fn a_port_that_is_taken_is_an_exit_code_of_1_and_a_line_that_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let Output {
        status,
        stdout,
        stderr,
    } = dispatch(folder.path(), &address).output().unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(stdout.is_empty());
    let last = lines(&stderr).pop().unwrap();
    assert_eq!(last["level"], "ERROR");
    assert_eq!(last["fields"]["message"], "cannot start");
    let error = last["fields"]["error"].as_str().unwrap();
    let cause = "Address already in use (os error 98)";
    assert_eq!(error, format!("cannot listen on {address}: {cause}"));
}

#[test]
fn wrong_arguments_are_an_exit_code_of_2() {
    let folder = tempfile::tempdir().unwrap();
    for (listen, more) in [("nowhere", None), ("127.0.0.1:0", Some("--anonymous"))] {
        let output = dispatch(folder.path(), listen).args(more).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{listen} {more:?}");
    }
}

/// A config whose only issuer has a key that signs nothing here.
fn write_config(folder: &Path) {
    let key =
        serde_json::json!({ "kty": "RSA", "kid": "k", "n": "_".repeat(342) + "8", "e": "AQAB" });
    let issuer = serde_json::json!({
        "kind": "oidc", "url": "https://login.acme.com", "audience": "https://mcp.acme.internal/mcp", "maxAge": 600,
        "jwks": { "from": "inline", "keys": { "keys": [key] } }
    });
    let config = serde_json::json!({
        "version": 1,
        "digest": format!("sha256:{}", "0".repeat(64)),
        "catalog": "acme",
        "environment": "prod",
        "endpoint": { "url": "https://mcp.acme.internal/mcp" },
        "issuers": { "corp": issuer },
        "agents": {},
        "servers": {}
    });
    let mut config: bailiwick_config::Config = serde_json::from_value(config).unwrap();
    config.digest = config.computed_digest().unwrap();
    std::fs::create_dir(folder.join("config")).unwrap();
    std::fs::write(folder.join("config/config.json"), config.to_file().unwrap()).unwrap();
}

#[test]
fn no_token_gets_into_the_log_however_much_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("audit")).unwrap();
    write_config(folder.path());
    let mut running = Running::start(folder.path(), &["--log", "trace"]);
    let (mcp, admin) = running.ports();
    while !get(&admin, "/readyz").ends_with("ready\n") {}

    // Neither one that is garbage nor one that looks like a token of the issuer.
    let header = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ";
    let claims = "eyJpc3MiOiJodHRwczovL2xvZ2luLmFjbWUuY29tIn0";
    let tokens = ["canary".to_owned(), format!("{header}.{claims}.canary")];
    for token in &tokens {
        let mut stream = TcpStream::connect(&mcp).unwrap();
        write!(
            stream,
            "POST /mcp HTTP/1.1\r\nHost: mcp.acme.internal\r\nAccept: */*\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"),
            "{answer}"
        );
        assert!(!answer.contains("canary"), "{answer}");
    }

    assert_eq!(running.end(Signal::TERM), Some(0));
    let log = running.log();
    // The control: the requests themselves are in it.
    assert!(
        log.contains("unauthenticated") && log.contains("wrong-signature"),
        "{log}"
    );
    assert!(!log.contains("canary") && !log.contains(claims), "{log}");
}
