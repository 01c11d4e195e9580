//! `bailiwick dev`: serves one environment on this machine, without a cluster.

mod bridges;
mod client;
mod compile;
mod issuer;
mod process;
mod ready;
mod state;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bailiwick_compiler::environment::Environment;
use tokio::signal::unix::{SignalKind, signal};

use crate::Terminal;
use crate::arguments::Dev;
use crate::failure::Failure;
use crate::project::Project;
use bridges::Bridges;
use compile::Compiled;
use issuer::Issuer;
use process::{Process, Start, own_program, wait_for_line};

/// How long the dispatch server may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everything of one `dev` session.
struct Session {
    project: Project,
    /// `.bailiwick/dev`, absolute.
    folder: PathBuf,
    /// The MCP endpoint.
    endpoint: String,
    issuer: Issuer,
    bridges: Bridges,
}

/// Runs the command; it ends with Ctrl-C, or when one of its processes does.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &Dev,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::doing("start the asynchronous runtime"))?;
    runtime.block_on(serve(folder, options, terminal))
}

async fn serve(
    folder: Option<&Path>,
    options: &Dev,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let project = Project::find(options.directory.as_deref().or(folder))?;
    let mut watch = watch::Watch::new(project.root());
    let compiled = compile::compile(&project, options.env.as_deref(), terminal)?;
    let Compiled::Good(environment) = compiled else {
        return Ok(crate::FINDINGS);
    };
    let mut stop = Stop::new()?;
    let mut session = Session::open(project, options.port)?;
    let started = tokio::select! {
        started = session.start(&environment, options.port, terminal) => started,
        () = stop.asked() => Ok(None),
    };
    let code = match started {
        Ok(Some(mut dispatch)) => {
            let code = session
                .watch(&mut dispatch, &mut watch, &mut stop, options, terminal)
                .await;
            dispatch.end().await;
            code
        }
        Ok(None) => Ok(0),
        Err(failure) => Err(failure),
    };
    session.bridges.end().await;
    code
}

impl Session {
    fn open(project: Project, port: u16) -> Result<Self, Failure> {
        let root = std::path::absolute(project.root())
            .map_err(Failure::io("find the folder", project.root()))?;
        let folder = root.join(".bailiwick/dev");
        state::make_folder(&folder)?;
        let issuer = Issuer::open(&folder)?;
        let bridges = Bridges::new(&root, &folder);
        Ok(Self {
            project,
            folder,
            endpoint: format!("http://127.0.0.1:{port}/mcp"),
            issuer,
            bridges,
        })
    }

    /// Starts the bridges and the dispatch server, and says how to reach it.
    async fn start(
        &mut self,
        environment: &Environment,
        port: u16,
        terminal: &mut Terminal<'_>,
    ) -> Result<Option<Process>, Failure> {
        for note in self.apply(environment).await? {
            terminal.write(&format!("note: {note}\n"))?;
        }
        let (dispatch, output) = Process::start(Start {
            name: "bailiwick-dispatch".to_owned(),
            program: own_program("bailiwick-dispatch"),
            arguments: vec![
                "--config".into(),
                self.folder.join("config").into(),
                "--audit".into(),
                self.folder.join("audit").into(),
                "--listen".into(),
                format!("127.0.0.1:{port}").into(),
                "--admin".into(),
                "127.0.0.1:0".into(),
                "--replica".into(),
                "dev".into(),
                "--end-with-parent".into(),
            ],
            folder: self.folder.clone(),
            variables: Vec::new(),
            log: Some(self.folder.join("dispatch.log")),
        })?;
        let ready =
            match wait_for_line("bailiwick-dispatch", output, "listening on ", PATIENCE).await {
                Ok(ports) => ready::wait(&ports, PATIENCE).await,
                Err(failure) => Err(failure),
            };
        if let Err(failure) = ready {
            dispatch.end().await;
            let log = self.folder.join("dispatch.log");
            return Err(Failure::Usage(format!(
                "{failure} on port {port}; `{}` says why",
                log.display()
            )));
        }
        terminal.write(&client::introduction(
            environment,
            &self.endpoint,
            &self.issuer,
        )?)?;
        Ok(Some(dispatch))
    }

    /// Brings bridges and configuration in line with the catalog. The dispatch server loads the
    /// configuration again by itself.
    async fn apply(&mut self, environment: &Environment) -> Result<Vec<String>, Failure> {
        let (servers, mut notes) = self.bridges.apply(environment).await?;
        compile::write_config(
            environment,
            &self.endpoint,
            &self.issuer,
            servers,
            &self.folder.join("config"),
        )?;
        notes.extend(client::not_held(environment));
        Ok(notes)
    }

    /// Serves until somebody asks for the end or a process ends.
    async fn watch(
        &mut self,
        dispatch: &mut Process,
        watch: &mut watch::Watch,
        stop: &mut Stop,
        options: &Dev,
        terminal: &mut Terminal<'_>,
    ) -> Result<u8, Failure> {
        loop {
            tokio::select! {
                () = stop.asked() => return Ok(0),
                ended = dispatch.ended() => {
                    let name = dispatch.name();
                    return Err(ended_by_itself(name, ended, &self.folder));
                }
                (name, ended) = self.bridges.one_ended() => {
                    return Err(ended_by_itself(&name, ended, &self.folder));
                }
                () = watch.changed() => {
                    terminal.write("a file changed\n")?;
                    let compiled = compile::compile(&self.project, options.env.as_deref(), terminal)?;
                    match compiled {
                        Compiled::Good(environment) => {
                            for note in self.apply(&environment).await? {
                                terminal.write(&format!("note: {note}\n"))?;
                            }
                            terminal.write("serving the new catalog\n")?;
                        }
                        Compiled::Bad => terminal.write("still serving the last good catalog\n")?,
                    }
                }
            }
        }
    }
}

fn ended_by_itself(
    name: &str,
    ended: std::io::Result<std::process::ExitStatus>,
    folder: &Path,
) -> Failure {
    let how = match ended {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    Failure::Usage(format!(
        "{name} ended by itself ({how}), so everything was stopped; the logs are in `{}`",
        folder.display()
    ))
}

/// Ctrl-C, or the request of a supervisor.
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Stop {
    fn new() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(Failure::doing("listen for signals"));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}
