//! `bailiwick graph`: draws the permission graph, and asks how data can flow through it.

use std::path::Path;

use bailiwick_compiler::answer;
use bailiwick_compiler::model::FlowSink;
use bailiwick_compiler::picture::{self, Sketch};

use crate::Terminal;
use crate::arguments::{Flows, Graph, GraphAction, PictureFormat, Sink};
use crate::asked::{Asked, tell};
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &Graph,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    match &options.action {
        Some(GraphAction::Flows(options)) => flows(folder, options, terminal),
        None => draw(folder, options, terminal),
    }
}

fn draw(
    folder: Option<&Path>,
    options: &Graph,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let asked = Asked::read(folder)?;
    let sketch = |name: &str| Ok::<Sketch, Failure>(Sketch::of(&asked.about(name)?));
    let picture = match (&options.env, options.format) {
        (None, PictureFormat::Html) => {
            let names = asked.environments();
            let sketches: Result<Vec<Sketch>, Failure> = names.map(sketch).collect();
            page(&asked, &sketches?)?
        }
        (None, _) => {
            let names: Vec<&str> = asked.environments().collect();
            let message = format!("say which environment with --env: {}", names.join(", "));
            return Err(Failure::Usage(message));
        }
        (Some(name), PictureFormat::Html) => page(&asked, &[sketch(name)?])?,
        (Some(name), PictureFormat::Json) => {
            answer::to_json(&sketch(name)?).map_err(Failure::json("the graph"))?
        }
        (Some(name), PictureFormat::Dot) => picture::dot(&sketch(name)?),
        (Some(name), PictureFormat::Mermaid) => picture::mermaid(&sketch(name)?),
        (Some(name), PictureFormat::Svg) => picture::svg(&sketch(name)?),
    };
    match &options.out {
        Some(path) => std::fs::write(path, picture).map_err(Failure::io("write", path))?,
        None => terminal.write(&picture)?,
    }
    Ok(0)
}

fn page(asked: &Asked, sketches: &[Sketch]) -> Result<String, Failure> {
    picture::page(asked.catalog(), sketches).map_err(Failure::json("the graph"))
}

fn flows(
    folder: Option<&Path>,
    options: &Flows,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let asked = Asked::read(folder)?;
    let inquiry = asked.about(&options.asking.env)?;
    let from = inquiry.source(&options.from)?;
    let to = match options.to {
        Sink::Internal => FlowSink::Internal,
        Sink::External => FlowSink::External,
        Sink::Write => FlowSink::Write,
        Sink::Destructive => FlowSink::Destructive,
    };
    tell(&inquiry.flows(&from, to), options.asking.format, terminal)
}
