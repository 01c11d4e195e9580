//! The bridges of `dev`: one child for each stdio server, each with a token of its own, so that no
//! other process of this machine gets past the dispatch server.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::future::{pending, poll_fn};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitStatus;
use std::task::Poll;
use std::time::Duration;

use bailiwick_compiler::LaptopServer;
use bailiwick_compiler::environment::{DeployedServer, Environment, Origin};

use super::issuer::random_text;
use super::process::{Process, Start, own_program, wait_for_line};
use super::state::write_private;
use crate::failure::Failure;

/// How long a bridge may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// The running bridges, by server.
#[derive(Debug)]
pub(crate) struct Bridges {
    root: PathBuf,
    folder: PathBuf,
    running: BTreeMap<String, Bridge>,
}

#[derive(Debug)]
struct Bridge {
    command: Vec<String>,
    variables: Vec<(String, String)>,
    process: Process,
    address: LaptopServer,
}

impl Bridges {
    /// None yet. Children start in `root`; their tokens and logs are kept in `folder`.
    pub(crate) fn new(root: &Path, folder: &Path) -> Self {
        Self {
            root: root.to_owned(),
            folder: folder.to_owned(),
            running: BTreeMap::new(),
        }
    }

    /// Starts, keeps and ends bridges as the environment says. Gives where each server is, and
    /// a note for each one that is left out.
    ///
    /// # Errors
    /// When a bridge cannot be started.
    pub(crate) async fn apply(
        &mut self,
        environment: &Environment,
    ) -> Result<(BTreeMap<String, LaptopServer>, Vec<String>), Failure> {
        let mut addresses = BTreeMap::new();
        let mut notes = Vec::new();
        let mut old = std::mem::take(&mut self.running);
        for (name, deployed) in &environment.servers {
            let name = name.to_string();
            match wanted(&name, deployed) {
                Wanted::Remote(url) => {
                    addresses.insert(
                        name,
                        LaptopServer {
                            url,
                            token_file: None,
                        },
                    );
                }
                Wanted::LeftOut(why) => notes.push(format!("server `{name}` is left out: {why}")),
                Wanted::Child(command, variables) => {
                    let kept = old.remove(&name).filter(|bridge| {
                        bridge.command == command && bridge.variables == variables
                    });
                    let bridge = match kept {
                        Some(bridge) => bridge,
                        None => self.start(&name, command, variables).await?,
                    };
                    addresses.insert(name.clone(), bridge.address.clone());
                    self.running.insert(name, bridge);
                }
            }
        }
        for bridge in old.into_values() {
            bridge.process.end().await;
        }
        Ok((addresses, notes))
    }

    async fn start(
        &self,
        name: &str,
        command: Vec<String>,
        variables: Vec<(String, String)>,
    ) -> Result<Bridge, Failure> {
        let token_file = self.folder.join("bridges").join(format!("{name}.token"));
        write_private(&token_file, format!("{}\n", random_text()?).as_bytes())?;
        let mut arguments: Vec<OsString> = vec![
            "serve".into(),
            "--listen".into(),
            "127.0.0.1:0".into(),
            "--token-file".into(),
            token_file.clone().into(),
            "--end-with-parent".into(),
            "--".into(),
        ];
        arguments.extend(command.iter().map(OsString::from));
        let (process, output) = Process::start(Start {
            name: format!("the bridge of `{name}`"),
            program: own_program("bailiwick-bridge"),
            arguments,
            folder: self.root.clone(),
            variables: variables.clone(),
            log: Some(self.folder.join(format!("{name}.log"))),
        })?;
        let url = match wait_for_line(process.name(), output, "listening on ", PATIENCE).await {
            Ok(url) => url,
            Err(failure) => {
                process.end().await;
                return Err(failure);
            }
        };
        let token_file = Some(token_file.to_string_lossy().into_owned());
        Ok(Bridge {
            command,
            variables,
            process,
            address: LaptopServer { url, token_file },
        })
    }

    /// Waits until one of them ends; for ever when there is none.
    pub(crate) async fn one_ended(&mut self) -> (String, std::io::Result<ExitStatus>) {
        if self.running.is_empty() {
            return pending().await;
        }
        poll_fn(|context| {
            for bridge in self.running.values_mut() {
                let name = bridge.process.name().to_owned();
                if let Poll::Ready(ended) = pin!(bridge.process.ended()).poll(context) {
                    return Poll::Ready((name, ended));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Ends all of them.
    pub(crate) async fn end(self) {
        for bridge in self.running.into_values() {
            bridge.process.end().await;
        }
    }
}

enum Wanted {
    Child(Vec<String>, Vec<(String, String)>),
    Remote(String),
    LeftOut(String),
}

fn wanted(name: &str, deployed: &DeployedServer) -> Wanted {
    let settings = &deployed.server.settings;
    match (&deployed.origin, &settings.command) {
        (Origin::Url(url), _) => Wanted::Remote(url.clone()),
        (Origin::Service(..), _) => Wanted::LeftOut("its `service` is in a cluster".to_owned()),
        (Origin::Image, _) | (_, None) => Wanted::LeftOut(format!(
            "an image needs a container engine; `patch server {name}` with a `command` or `url`"
        )),
        (Origin::Command | Origin::ImageCommand, Some(command)) => {
            let mut variables: Vec<(String, String)> = settings
                .env
                .iter()
                .map(|(name, value)| (name.clone(), value.value.clone()))
                .collect();
            // The child inherits our own variables, so a secret needs no copying; it must be there.
            for secret in settings.secrets.keys() {
                match std::env::var(secret) {
                    Ok(value) => variables.push((secret.clone(), value)),
                    Err(_) => {
                        return Wanted::LeftOut(format!("its secret ${secret} is not set here"));
                    }
                }
            }
            Wanted::Child(command.value.clone(), variables)
        }
    }
}
