//! Real servers, and programs that are none.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use bailiwick_compiler::lock::{DefinitionFile, Recording, definition_digest};

use crate::project::{Project, recording};

/// Something installed into the cache folder; none, only where `ALLOW_SKIP=1`, when it is missing.
fn installed(path: &str) -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = variable("BAILIWICK_CACHE").unwrap_or_else(|| {
        variable("XDG_CACHE_HOME")
            .unwrap_or_else(|| variable("HOME").unwrap().join(".cache"))
            .join("bailiwick")
    });
    let found = cache.join(path);
    if found.exists() {
        return Some(found);
    }
    let allowed = std::env::var_os("ALLOW_SKIP").is_some_and(|value| value == "1");
    assert!(
        allowed,
        "{} is missing; `make test` installs it",
        found.display()
    );
    None
}

/// The definitions of a file, by their digests.
fn digests(tools: &[Box<serde_json::value::RawValue>]) -> Vec<String> {
    let digests = tools
        .iter()
        .map(|tool| definition_digest(tool).unwrap().to_string());
    let mut digests: Vec<String> = digests.collect();
    digests.sort();
    digests
}

fn recorded(name: &str) -> Vec<String> {
    let bytes = std::fs::read(recording(name)).unwrap();
    digests(&Recording::parse(&bytes).unwrap().listing.tools)
}

#[test]
fn a_server_that_is_started_gives_all_that_was_recorded_of_it() {
    let Some(bin) = installed("mcp-server-git-2026.10.19/bin") else {
        return;
    };
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let variables = [("PATH", path.as_str())];
    let project = Project::new();
    let git = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(project.path())
        .status();
    assert!(git.unwrap().success());
    let command = ["add", "git", "--", "mcp-server-git", "--repository", "."];
    let out = project.run_with(&command, &variables).good();
    assert!(
        out.starts_with("starting `mcp-server-git` to ask it for its tools\n"),
        "{out}"
    );
    let lock = project.read("catalogs/lock/git@2026.10.19.json");
    let file = DefinitionFile::parse(lock.as_bytes()).unwrap();
    assert_eq!(digests(&file.tools), recorded("git.json"));
    let out = project.run_with(&["lock"], &variables).good();
    assert_eq!(
        out,
        "starting `mcp-server-git` to ask it for the tools of git\ngit@2026.10.19: 12 tools\n"
    );
    // The same catalog, and a server that says something else.
    project.edit(
        "catalogs/lock/git@2026.10.19.json",
        "Shows the commit logs",
        "Shows",
    );
    let text = project.run_with(&["lock"], &variables).bad(1);
    assert!(
        text.contains("only the words of `git:git_log` changed since they were reviewed"),
        "{text}"
    );
}

/// A child that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_server_at_a_url_gives_all_that_was_recorded_of_it() {
    let package =
        "mcp-node-2.4.0-1.32.2-2026.8.31/node_modules/@modelcontextprotocol/server-everything";
    let Some(package) = installed(package) else {
        return;
    };
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut server = Command::new("node")
        .arg(package.join("dist/index.js"))
        .arg("streamableHttp")
        .env("PORT", free.port().to_string())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let log = server.stderr.take().unwrap();
    let _server = Ended(server);
    let mut lines = BufReader::new(log).lines();
    let listens = |line: &std::io::Result<String>| {
        line.as_ref()
            .is_ok_and(|line| line.contains("listening on port"))
    };
    assert!(lines.any(|line| listens(&line)), "the server did not start");
    // What it says later must not fill the pipe.
    std::thread::spawn(move || lines.count());

    let url = format!("http://{free}/mcp");
    let digest = format!("sha256:{}", "a".repeat(64));
    let image = format!("registry.example/everything:2026.8.31@{digest}");
    let project = Project::new();
    let out = project
        .run(&["add", "everything", "--url", &url, "--image", &image])
        .good();
    assert!(
        out.starts_with(&format!("asking {url} for its tools\n")),
        "{out}"
    );
    let path = "catalogs/lock/everything@2026.8.31.json";
    let file = DefinitionFile::parse(project.read(path).as_bytes()).unwrap();
    assert_eq!(digests(&file.tools), recorded("everything.json"));
    let out = project.run(&["lock", "everything", "--at", &url]).good();
    assert!(out.ends_with("everything@2026.8.31: 13 tools\n"), "{out}");
}

#[test]
fn programs_that_are_no_servers_are_given_up() {
    let project = Project::new();
    let before = project.files();
    for program in [
        &["true"][..],
        &["yes"],
        &["cat", "/dev/zero"],
        &["echo", "{}"],
    ] {
        let text = project.run(&[&["add", "x", "--"], program].concat()).bad(2);
        assert!(
            text.contains("cannot read the server `x`: "),
            "{program:?}: {text}"
        );
        assert_eq!(project.files(), before);
    }
}

#[test]
fn an_image_without_an_address_is_not_read() {
    let project = Project::new();
    let digest = format!("sha256:{}", "a".repeat(64));
    let image = format!("registry.example/git:7@{digest}");
    project
        .run(&[
            "add",
            "git",
            "--from",
            &recording("git.json"),
            "--image",
            &image,
        ])
        .good();
    let text = project.run(&["lock"]).bad(1);
    assert!(
        text.contains("git was not read: say where it runs with --at URL"),
        "{text}"
    );
}
