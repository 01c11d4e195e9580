//! A config is loaded whole or not at all, and a new one takes over without a failed call.

use std::path::Path;

use bailiwick_audit::Entry as Line;
use serde_json::json;

use super::stub::{Speaks, Stub};
use super::world::{CONNECTOR, Setup, World};
use crate::config::Snapshot;
use crate::edge::Era;
use crate::view::Day;

const NOWHERE: &str = "http://127.0.0.1:1/mcp";

fn compile(files: &std::collections::BTreeMap<String, Vec<u8>>) -> Result<Snapshot, String> {
    Snapshot::compile(files, None, &CONNECTOR, Day::today()).map_err(|error| error.to_line())
}

#[test]
fn no_config_with_a_changed_byte_loads() {
    let mut setup = Setup::new(NOWHERE);
    setup.permission("s_echo").until = Some("2100-01-01".into());
    let files = setup.files();
    compile(&files).unwrap();
    for (name, bytes) in &files {
        for (place, byte) in bytes.iter().enumerate() {
            for flip in [0x01, 0x20, 0x80, byte ^ b' ', byte ^ b'\n'] {
                let mut changed = files.clone();
                changed.get_mut(name).unwrap()[place] ^= flip;
                if changed == files {
                    continue;
                }
                assert!(
                    compile(&changed).is_err(),
                    "{name} with byte {place} ^ {flip:#x}"
                );
            }
        }
        for length in 0..bytes.len() {
            let mut cut = files.clone();
            cut.get_mut(name).unwrap().truncate(length);
            assert!(compile(&cut).is_err(), "{name} cut to {length} bytes");
        }
    }
}

#[test]
fn what_the_contract_does_not_allow_does_not_load() {
    type Change = fn(&mut Setup);
    let cases: [(&str, Change); 18] = [
        (
            "`config.json` has contract version 0; 1 to 1 are spoken here",
            |setup| {
                setup.config.version = 0;
            },
        ),
        (
            "`config.json` has contract version 2; 1 to 1 are spoken here",
            |setup| {
                setup.config.version = 2;
            },
        ),
        (
            "the tool `s_echo` of the agent `alice`: no server has the name that it gives",
            |setup| {
                setup.permission("s_echo").server = "t".into();
            },
        ),
        (
            "the tool `s_echo` of the agent `alice`: its definition is not there",
            |setup| {
                setup.permission("s_echo").tool = "other".into();
            },
        ),
        (
            "`until` of `s_echo` of the agent `alice`: not a date: expected `YYYY-MM-DD` from 1970-01-01 on",
            |setup| {
                setup.permission("s_echo").until = Some("2026-02-30".into());
            },
        ),
        (
            "the tool `s_echo` of the agent `alice`: its deadline is not between 1 ms and 1 h",
            |setup| {
                setup.permission("s_echo").timeout = 0;
            },
        ),
        (
            "the tool `s_echo` of the agent `alice`: a size limit is 0",
            |setup| {
                setup.permission("s_echo").max_args = 0;
            },
        ),
        (
            "the tool `s_echo` of the agent `alice`: a limit allows no call at a time",
            |setup| {
                setup.permission("s_echo").limit.concurrent = Some(0);
            },
        ),
        (
            "the agent `alice`: no issuer has the name that it gives",
            |setup| {
                setup.config.issuers.clear();
            },
        ),
        ("the agent `bob`: another agent has its identity", |setup| {
            let alice = setup.config.agents["alice"].clone();
            setup.config.agents.insert("bob".into(), alice);
        }),
        (
            "the server `s` cannot be called: its URL is not an http or https URL with a host",
            |setup| {
                setup.config.servers.get_mut("s").unwrap().url = "ftp://host/".into();
            },
        ),
        (
            "the server `s` cannot be called: its URL names a user",
            |setup| {
                setup.config.servers.get_mut("s").unwrap().url = "http://a:b@host/".into();
            },
        ),
        (
            "the server `s`: its definitions file does not have its name",
            |setup| {
                setup.config.servers.get_mut("s").unwrap().definitions.file = "../s.json".into();
            },
        ),
        (
            "`s.json` does not belong to the server `s` at this revision",
            |setup| {
                setup.config.servers.get_mut("s").unwrap().revision = "2".into();
            },
        ),
        (
            "the endpoint: its URL is not an http or https URL without user, query and fragment",
            |setup| {
                setup.config.endpoint.url = "localhost".into();
            },
        ),
        (
            "the endpoint: its URL is not an http or https URL without user, query and fragment",
            |setup| {
                setup.config.endpoint.url = "https://localhost/mcp?key=1".into();
            },
        ),
        ("the issuer `twin`: another issuer has its URL", |setup| {
            let corp = setup.config.issuers["corp"].clone();
            setup.config.issuers.insert("twin".into(), corp);
        }),
        (
            "the tool `s_echo` of the agent `alice`: the agent has it under another name too",
            |setup| {
                let permission = setup.permission("s_echo").clone();
                let alice = setup.config.agents.get_mut("alice").unwrap();
                alice.tools.insert("a_twin".into(), permission);
            },
        ),
    ];
    for (expected, change) in cases {
        let mut setup = Setup::new(NOWHERE);
        change(&mut setup);
        assert_eq!(compile(&setup.files()).map(drop), Err(expected.to_owned()));
    }
}

#[test]
fn a_definition_that_cannot_be_served_keeps_the_whole_config_out() {
    let mut setup = Setup::new(NOWHERE);
    let broken = r#"{"name":"echo","inputSchema":{"$ref":"https://example.com/x"}}"#;
    setup
        .definitions
        .get_mut("s")
        .unwrap()
        .insert("echo".into(), broken.into());
    let error = compile(&setup.files()).map(drop).unwrap_err();
    assert!(
        error.starts_with("the definition of `echo` of the server `s` cannot be served: its `inputSchema` cannot be used"),
        "{error}"
    );
}

/// Puts the files into a new folder and moves the link `..data` onto it, as Kubernetes does.
fn swap(mount: &Path, setup: &Setup, generation: u32) {
    let folder = format!("..{generation}");
    std::fs::create_dir(mount.join(&folder)).unwrap();
    setup.write(&mount.join(&folder));
    std::os::unix::fs::symlink(&folder, mount.join("..next")).unwrap();
    std::fs::rename(mount.join("..next"), mount.join("..data")).unwrap();
    for name in setup.files().keys() {
        let link = mount.join(name);
        if !link.is_symlink() {
            drop(std::fs::remove_file(&link));
            std::os::unix::fs::symlink(Path::new("..data").join(name), link).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_fails_no_call_and_keeps_the_counters() {
    let stub = Stub::start(Speaks::Legacy, |seen| seen.result("{}")).await;
    let mut setup = Setup::new(&stub.url);
    setup.permission("s_echo").limit.concurrent = Some(64);
    let world = World::start(&setup).await;
    let first = world.snapshot();
    let mut snapshots = world.state.snapshots();
    let calls = async {
        let mut answered = 0_u32;
        loop {
            let reply = world.call(Era::Modern, "s_echo", "{}").await;
            assert_eq!(
                reply.body["result"],
                json!({"resultType": "complete"}),
                "{reply:?}"
            );
            answered += 1;
            if world.snapshot().config().agents["alice"].tools.len() == 3 {
                return answered;
            }
        }
    };
    let reloads = async {
        for (generation, tool) in [(1, "second"), (2, "third")] {
            setup.add_tool("alice", "s", tool, json!({}));
            swap(world.folder.path(), &setup, generation);
            let digest = world.snapshot().digest().to_owned();
            let is_other = |snapshot: &Option<std::sync::Arc<Snapshot>>| {
                snapshot
                    .as_ref()
                    .is_some_and(|snapshot| snapshot.digest() != digest)
            };
            snapshots.wait_for(is_other).await.unwrap();
        }
    };
    let (answered, ()) = tokio::join!(calls, reloads);
    assert!(answered > 100, "only {answered} calls");
    assert_eq!(
        stub.seen_of("initialize").len(),
        1,
        "the connection went on"
    );
    let counter = |snapshot: &Snapshot| {
        let view = snapshot.view("alice").unwrap();
        let entry = view.find("s_echo", Day::today()).unwrap();
        std::sync::Arc::as_ptr(&entry.counters[0])
    };
    assert_eq!(
        counter(&first),
        counter(&world.snapshot()),
        "an unchanged counter goes on"
    );
}

#[tokio::test]
async fn a_bad_config_leaves_the_old_one_serving_and_shows() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result("{}")).await;
    let mut setup = Setup::new(&stub.url);
    let world = World::start(&setup).await;
    let good = world.snapshot().digest().to_owned();
    std::fs::write(world.folder.path().join("s.json"), "{}").unwrap();
    wait_for_metric(&world, "bailiwick_config_refused 1").await;
    assert_eq!(world.snapshot().digest(), good);
    assert_eq!(world.state.unready(), [""; 0]);
    assert_eq!(
        world.call(Era::Legacy, "s_echo", "{}").await.body["result"],
        json!({})
    );
    let refused = world.log.lines().into_iter().find_map(|line| match line {
        Line::Config(config) => config.refused,
        Line::Deny(_) | Line::Intent(_) | Line::Outcome(_) | Line::Gap(_) => None,
    });
    assert!(
        refused
            .unwrap()
            .starts_with("`s.json` has the digest sha256:")
    );

    setup.config.environment = "prod".into();
    setup.write(world.folder.path());
    setup.config.environment = "test".into();
    setup.add_tool("alice", "s", "more", json!({}));
    let mut snapshots = world.state.snapshots();
    snapshots.mark_unchanged();
    setup.write(world.folder.path());
    snapshots.changed().await.unwrap();
    wait_for_metric(&world, "bailiwick_config_refused 0").await;
    assert_eq!(world.snapshot().config().environment, "test");
}

async fn wait_for_metric(world: &World, line: &str) {
    let metrics = world.state.metrics();
    while !metrics.render().lines().any(|found| found == line) {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_config_for_another_environment_does_not_take_over() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut setup = Setup::new(NOWHERE);
    setup.write(folder.path());
    let mut loader = crate::config::Loader::new(folder.path().into(), CONNECTOR.clone());
    assert!(matches!(loader.look(), crate::config::Found::New(_)));
    assert!(matches!(loader.look(), crate::config::Found::Nothing));
    setup.config.environment = "prod".into();
    setup.write(folder.path());
    let crate::config::Found::Bad { error, .. } = loader.look() else {
        panic!("another environment is no reload");
    };
    let expected = "it is for `acme/prod`; this process serves `acme/test`";
    assert_eq!(error.to_line(), expected);
}

#[test]
fn a_config_without_agents_denies_everybody() {
    let snapshot = compile(&Setup::empty().files()).unwrap();
    assert!(snapshot.view("alice").is_none());
}
