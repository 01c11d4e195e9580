//! Recorded servers, compiled and served by the real binary: each agent's list has exactly the tools that it
//! is granted, defined as the server defined them.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use bailiwick_compiler::lock::{DefinitionFile, Origin, Recording, path_of};
use bailiwick_compiler::proposal::Proposal;
use bailiwick_compiler::source::Memory;
use bailiwick_compiler::{Date, Laptop, LaptopServer, check, for_laptop};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// What the config says of itself; the port that is really used is another.
const ENDPOINT: &str = "http://127.0.0.1:7474/mcp";
const HOST: &str = "127.0.0.1:7474";
const ISSUER: &str = "https://issuer.example";

/// The recorded servers by name, locked.
fn servers() -> BTreeMap<String, DefinitionFile> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compiler/tests/recordings");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let recording = Recording::parse(&fs::read(&path).unwrap()).unwrap();
            let origin = Origin {
                command: Some(vec![name.clone()]),
                ..Origin::default()
            };
            let revision = recording.revision.unwrap();
            let locked = recording.listing.locked(&name, &revision, &origin, None);
            (name, locked)
        })
        .collect()
}

/// A catalog with all servers, and for each an agent that is granted all of its tools, and one that is granted
/// every second one.
fn catalog(servers: &BTreeMap<String, DefinitionFile>) -> Memory {
    let mut files = Memory::default();
    files.insert(
        "catalogs/org.kdl",
        "catalog acme language=1\nteam docs\nenvironment dev\n",
    );
    for (name, locked) in servers {
        let tools = locked.tools_by_name().unwrap();
        let block = Proposal {
            server: name,
            team: Some("docs"),
            revision: &locked.revision,
            origin: &locked.origin(),
            variables: &BTreeMap::new(),
            tools: &tools,
        };
        let block = block.to_kdl().unwrap();
        let agents = ["all", "part"].map(|agent| {
            let identity = format!("namespace=docs service-account={agent}-{name}");
            format!("agent {agent}-{name} team=docs {{\n    identity kubernetes {identity}\n}}\n")
        });
        let part = part(locked);
        let part = part.iter().map(|tool| format!("\"{name}:{tool}\""));
        let part = part.collect::<Vec<_>>().join(" ");
        let overlay = format!(
            "overlay dev {{\n    deploy {name}\n    grant all-{name} \"{name}:*\"\n    grant part-{name} {part}\n}}\n"
        );
        let path = format!("catalogs/{name}.kdl");
        let lock = path_of(&path, name, &locked.revision);
        files.insert(path, block + &agents.concat() + &overlay);
        files.insert(lock, locked.to_text().unwrap());
    }
    files
}

/// Every second tool, and the first.
fn part(locked: &DefinitionFile) -> Vec<String> {
    locked
        .tools_by_name()
        .unwrap()
        .into_keys()
        .step_by(2)
        .collect()
}

/// A key that signs tokens.
struct Issuer {
    key: EcdsaKeyPair,
}

impl Issuer {
    fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { key }
    }

    fn jwks(&self) -> Value {
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k",
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        }] })
    }

    fn token(&self, agent: &str) -> String {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let claims = json!({
            "iss": ISSUER, "sub": agent, "aud": ENDPOINT, "iat": now, "exp": now + 600, "jti": agent,
        });
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("k".to_owned());
        let pkcs8 = self.key.to_pkcs8v1().unwrap();
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(pkcs8.as_ref())).unwrap()
    }
}

/// The dispatch server, which ends with the test.
struct Dispatch {
    child: Child,
    log: PathBuf,
}

impl Drop for Dispatch {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Dispatch {
    /// Starts it, and waits until it has loaded its config.
    fn start(folder: &Path) -> (Self, String) {
        let log = folder.join("log");
        let child = Command::new(env!("CARGO_BIN_EXE_bailiwick-dispatch"))
            .arg("--config")
            .arg(folder.join("config"))
            .arg("--audit")
            .arg(folder.join("audit"))
            .args([
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
                "--replica",
                "d-0",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut dispatch = Self { child, log };
        let (mcp, admin) = dispatch.ports();
        while !exchange(
            &admin,
            "GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        )
        .ends_with("ready\n")
        {
            dispatch.is_up();
        }
        (dispatch, mcp)
    }

    fn ports(&mut self) -> (String, String) {
        loop {
            let log = fs::read_to_string(&self.log).unwrap();
            let lines = log
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let mut lines = lines.filter(|line| line["fields"]["message"] == "listening");
            if let Some(line) = lines.next() {
                let port = |name: &str| line["fields"][name].as_str().unwrap().to_owned();
                return (port("mcp"), port("admin"));
            }
            self.is_up();
        }
    }

    fn is_up(&mut self) {
        let ended = self.child.try_wait().unwrap();
        assert_eq!(ended, None, "{}", fs::read_to_string(&self.log).unwrap());
        std::thread::yield_now();
    }
}

fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The tools that a token lists, by their exposed names, which are taken out of the definitions.
fn listed(mcp: &str, token: &str) -> BTreeMap<String, Value> {
    let body =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} }).to_string();
    let answer = exchange(
        mcp,
        &format!(
            "POST /mcp HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             MCP-Protocol-Version: 2025-11-25\r\nAccept: application/json, text/event-stream\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let body: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {head}"));
    assert_eq!(body["result"].get("nextCursor"), None);
    by_name(body["result"]["tools"].as_array().unwrap().clone())
}

fn by_name(tools: Vec<Value>) -> BTreeMap<String, Value> {
    tools
        .into_iter()
        .map(|mut tool| {
            let name = tool.as_object_mut().unwrap().remove("name").unwrap();
            (name.as_str().unwrap().to_owned(), tool)
        })
        .collect()
}

#[test]
fn every_agent_sees_its_tools_as_the_server_defines_them() {
    let servers = servers();
    assert_eq!(servers.len(), 34);
    let today = Date::parse("2026-12-01").unwrap();
    let report = check(&catalog(&servers), &today).unwrap();
    let checked = report.checked.unwrap();
    let issuer = Issuer::new();
    let reached = |name: &String| {
        let url = "http://127.0.0.1:9/mcp".to_owned();
        (
            name.clone(),
            LaptopServer {
                url,
                token_file: None,
            },
        )
    };
    let laptop = Laptop {
        endpoint: ENDPOINT.to_owned(),
        issuer: ISSUER.to_owned(),
        audience: ENDPOINT.to_owned(),
        max_age: 3_600,
        jwks: issuer.jwks(),
        servers: servers.keys().map(reached).collect(),
    };
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    fs::create_dir(&config).unwrap();
    for (name, bytes) in for_laptop(&checked.environments()["dev"], &laptop).unwrap() {
        fs::write(config.join(name), bytes).unwrap();
    }
    let (_dispatch, mcp) = Dispatch::start(folder.path());
    for (name, locked) in &servers {
        let recorded: Vec<Value> = locked
            .tools
            .iter()
            .map(|tool| serde_json::from_str(tool.get()).unwrap())
            .collect();
        let mut expected: BTreeMap<String, Value> = by_name(recorded)
            .into_iter()
            .map(|(tool, definition)| (exposed(name, &tool), definition))
            .collect();
        let all = listed(&mcp, &issuer.token(&format!("all-{name}")));
        assert_eq!(all, expected, "{name}");
        let granted: Vec<String> = part(locked)
            .iter()
            .map(|tool| exposed(name, tool))
            .collect();
        expected.retain(|tool, _| granted.contains(tool));
        let some = listed(&mcp, &issuer.token(&format!("part-{name}")));
        assert_eq!(some, expected, "{name}");
        assert!(locked.tools.len() < 2 || some.len() < all.len(), "{name}");
    }
}

fn exposed(server: &str, tool: &str) -> String {
    format!("{server}_{}", tool.replace('.', "_"))
}
