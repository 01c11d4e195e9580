//! `bailiwick dev`, from its start to its end.

#![cfg(test)]

mod support;

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::dev::{Dev, call, free_port, is_running, post};
use support::small_catalog;

fn is_result(answer: &Value) -> bool {
    answer["result"]["content"][0]["text"]
        .as_str()
        .is_some_and(|text| text.starts_with("this is "))
}

fn is_unknown(answer: &Value) -> bool {
    answer["error"]["code"] == -32602
}

/// A project with its session.
fn start() -> (tempfile::TempDir, Dev) {
    let folder = tempfile::tempdir().unwrap();
    small_catalog(folder.path(), "");
    let dev = Dev::start(folder.path(), free_port());
    (folder, dev)
}

/// The one process whose command line has this in it.
fn process(dev: &Dev, what: &str) -> Pid {
    let processes = dev.processes();
    let mut found = processes.iter().filter(|(_, line)| line.contains(what));
    let (id, _) = found.next().unwrap_or_else(|| panic!("{processes:?}"));
    assert_eq!(found.next(), None);
    *id
}

#[test]
fn it_serves_what_is_granted_and_nothing_else() {
    let (_folder, dev) = start();
    assert_eq!(
        dev.call("kb_get_article")["result"]["content"][0]["text"],
        "this is get_article"
    );
    let hidden = dev.call("kb_drop_article");
    let absent = dev.call("kb_no_article");
    assert!(is_unknown(&hidden), "{hidden}");
    // No word tells a tool that is not granted from one that is not there.
    assert_eq!(hidden.to_string().replace("drop", "no"), absent.to_string());
}

#[test]
fn a_fixed_argument_is_put_into_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let grant = "    grant helper kb:drop_article {\n        arg shelf fix=\"b7\"\n    }\n";
    small_catalog(folder.path(), grant);
    let dev = Dev::start(folder.path(), free_port());
    assert_eq!(
        dev.call("kb_drop_article")["result"]["content"][0]["text"],
        "this is drop_article of shelf b7"
    );
    assert_eq!(
        dev.call("kb_get_article")["result"]["content"][0]["text"],
        "this is get_article"
    );
}

#[test]
fn ctrl_c_ends_everything() {
    let (_folder, dev) = start();
    let processes = dev.processes();
    let lines: Vec<&str> = processes.iter().map(|(_, line)| line.as_str()).collect();
    for part in ["bailiwick-dispatch", "bailiwick-bridge", "python3"] {
        assert!(lines.iter().any(|line| line.contains(part)), "{lines:?}");
    }
    let ran = dev.interrupt();
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    for (id, line) in processes {
        assert!(!is_running(id), "{line}");
    }
}

/// Kills a process of a session; everything ends, and it says which one it was.
fn kill(what: &str, called: &str) {
    let (_folder, dev) = start();
    let processes = dev.processes();
    kill_process(process(&dev, what), Signal::KILL).unwrap();
    let ran = dev.end();
    assert_eq!(ran.code, Some(2));
    let start =
        format!("error: {called} ended by itself (signal: 9 (SIGKILL)), so everything was stopped");
    assert!(ran.err.starts_with(&start), "{}", ran.err);
    for (id, line) in processes {
        // The server of a killed bridge ends when its input does.
        wait_for_the_end(id, &line);
    }
}

fn wait_for_the_end(id: Pid, line: &str) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while is_running(id) {
        assert!(std::time::Instant::now() < end, "{line}");
        std::thread::yield_now();
    }
}

#[test]
fn a_session_that_is_killed_leaves_nothing_behind() {
    let (_folder, dev) = start();
    let processes = dev.processes();
    kill_process(dev.id(), Signal::KILL).unwrap();
    for (id, line) in processes {
        wait_for_the_end(id, &line);
    }
}

#[test]
fn a_bridge_that_is_killed_ends_everything() {
    kill("bailiwick-bridge serve", "the bridge of `kb`");
}

#[test]
fn a_dispatch_server_that_is_killed_ends_everything() {
    kill("bailiwick-dispatch --config", "bailiwick-dispatch");
}

#[test]
fn a_restart_keeps_the_configuration_of_clients() {
    let folder = tempfile::tempdir().unwrap();
    small_catalog(folder.path(), "");
    let port = free_port();
    let configuration = || {
        let dev = Dev::start(folder.path(), port);
        assert!(is_result(&dev.call("kb_get_article")));
        let said = dev.interrupt().out;
        said.split_once('{').unwrap().1.to_owned()
    };
    let first = configuration();
    assert!(first.contains("Bearer "), "{first}");
    assert_eq!(configuration(), first);
}

#[test]
fn a_changed_catalog_is_served_and_a_broken_one_is_not() {
    let (folder, mut dev) = start();
    assert!(is_unknown(&dev.call("kb_drop_article")));

    small_catalog(
        folder.path(),
        "    grant helper kb:drop_article {\n        limit 600 per=\"1m\"\n    }\n",
    );
    dev.wait_for("serving the new catalog");
    dev.call_until("kb_drop_article", is_result);

    small_catalog(folder.path(), "    grant helper kb:no_such_tool\n");
    dev.wait_for("still serving the last good catalog");
    assert!(dev.said.contains("no_such_tool"), "{}", dev.said);
    assert!(is_result(&dev.call("kb_drop_article")));

    small_catalog(folder.path(), "");
    dev.wait_for("serving the new catalog");
    dev.call_until("kb_drop_article", is_unknown);
    assert!(is_result(&dev.call("kb_get_article")));
    assert_eq!(dev.interrupt().code, Some(0));
}

#[test]
fn nobody_gets_past_the_dispatch_server() {
    let (_folder, dev) = start();
    let text = std::fs::read_to_string(dev.kept("config/config.json")).unwrap();
    let config: Value = serde_json::from_str(&text).unwrap();
    let url = config["servers"]["kb"]["url"].as_str().unwrap();
    let address = url
        .strip_prefix("http://")
        .unwrap()
        .strip_suffix("/mcp")
        .unwrap();
    let message = call("drop_article");
    assert_eq!(post(address, None, &message).0, 401);
    assert_eq!(post(address, Some("guess"), &message).0, 401);
    // The control: the same with the token that only its owner can read.
    let token = std::fs::read_to_string(dev.kept("bridges/kb.token")).unwrap();
    let (status, body) = post(address, Some(token.trim()), &message);
    assert_eq!(status, 200);
    assert!(body.contains("this is drop_article"), "{body}");
}

#[test]
fn a_catalog_with_errors_is_not_served_at_all() {
    let folder = tempfile::tempdir().unwrap();
    small_catalog(folder.path(), "    grant helper kb:no_such_tool\n");
    let ran = support::run(support::bailiwick().arg("dev").arg(folder.path()));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("no_such_tool"), "{ran:?}");
    assert!(!Path::new(&folder.path().join(".bailiwick")).exists());
}
