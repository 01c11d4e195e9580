//! The command line: reads arguments, runs one command, ends with its exit code.

mod add;
mod arguments;
mod asked;
mod audit;
mod build;
mod check;
mod dev;
mod environments;
mod explain;
mod failure;
mod findings;
mod graph;
mod live;
mod lock;
mod project;
mod recorded;
mod registry;
mod staged;
mod test;
mod today;
mod what_can;
mod who_can;
mod why;

use std::error::Error as _;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use failure::Failure;

/// Exit code of a command that found something.
const FINDINGS: u8 = 1;

/// Exit code of a command that could not do its work.
const FAILED: u8 = 2;

/// Where a command writes, and how.
struct Terminal<'w> {
    out: &'w mut dyn Write,
    colour: bool,
}

impl Terminal<'_> {
    /// Writes text to standard output.
    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush())
            .map_err(Failure::doing("write the output"))
    }

    /// Does something that writes, with standard error in place of standard output.
    fn on_stderr<T>(write: impl FnOnce(&mut Terminal<'_>) -> T) -> T {
        let stderr = std::io::stderr();
        write(&mut Terminal {
            colour: takes_colour(&stderr),
            out: &mut stderr.lock(),
        })
    }
}

/// Whether people read it on a terminal, and want colours.
fn takes_colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let stdout = std::io::stdout();
    let mut terminal = Terminal {
        colour: takes_colour(&stdout),
        out: &mut stdout.lock(),
    };
    match run(&arguments, &mut terminal) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            // Who closed the pipe, as `head` does, has read enough.
            if !failure.is_closed_pipe() {
                tell(&failure);
            }
            ExitCode::from(FAILED)
        }
    }
}

fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let folder = arguments.folder.as_deref();
    match &arguments.command {
        Command::Add(options) => add::run(folder, options, terminal),
        Command::Lock(options) => lock::run(folder, options, terminal),
        Command::Check(options) => check::run(folder, options, terminal),
        Command::Build(options) => build::run(folder, options, terminal),
        Command::Test(options) => test::run(folder, options, terminal),
        Command::Why(options) => why::run(folder, options, terminal),
        Command::WhoCan(options) => who_can::run(folder, options, terminal),
        Command::WhatCan(options) => what_can::run(folder, options, terminal),
        Command::Graph(options) => graph::run(folder, options, terminal),
        Command::Explain(options) => explain::run(options, terminal),
        Command::Dev(options) => dev::run(folder, options, terminal),
        Command::Audit(options) => audit::run(options, terminal),
    }
}

/// Prints a failure with all its causes.
fn tell(failure: &Failure) {
    let mut text = format!("error: {failure}");
    let mut cause = failure.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.push('\n');
    // Nobody is left to tell when standard error is closed.
    let _told = std::io::stderr().write_all(text.as_bytes());
}
