//! What is left of the arguments of a tool for one agent: its `arg` nodes held against the locked definition, and
//! merged into the schema that the agent sees.

mod bounds;
mod fit;
mod known;
mod types;

use std::collections::BTreeMap;
use std::sync::Arc;

use bailiwick_config::indented_length;
use bailiwick_schema::{Fixed, Narrow, Schema, argument, narrow, whole};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::diagnostic::suggestion::did_you_mean;
use crate::model::Narrowing;
use crate::source::Loc;

pub(crate) use known::KnownNarrowings;

/// The schema that an agent sees, and what is put into its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Narrowed {
    /// In the place of the definition's.
    pub(crate) input_schema: Value,
    /// Arguments that it does not have.
    pub(crate) fixed: Vec<Fixed>,
    /// Most bytes of both on one line of JSON.
    pub(crate) length: usize,
}

/// What an agent may pass to a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// All that the definition takes.
    All,
    /// What is left of that.
    Narrowed(Arc<Narrowed>),
    /// Nothing: what narrows them does not fit, or was not held against the definition.
    Nothing(Arc<[Misfit]>),
}

impl Arguments {
    /// Those of a tool with `narrowings`, which are not held against its definition yet.
    pub(crate) fn of(narrowings: &[Arc<Narrowing>]) -> Self {
        if narrowings.is_empty() {
            Self::All
        } else {
            Self::Nothing(Arc::new([]))
        }
    }
}

/// Why `arg` nodes do not fit a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// What kind of mistake it is.
    pub(crate) kind: MisfitKind,
    /// Where it is.
    pub(crate) loc: Loc,
    /// What is wrong, after the name of the tool.
    pub(crate) message: String,
    /// Another node that takes part, and what it does.
    pub(crate) other: Option<(Loc, String)>,
    /// A way out.
    pub(crate) help: Option<String>,
}

/// Kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MisfitKind {
    /// The schema has no such argument, or not as this type.
    Unknown,
    /// No value is left.
    Impossible,
    /// A fixed value that another node does not allow.
    Conflict,
    /// What is left makes too much work.
    Costly,
}

impl Misfit {
    fn new(kind: MisfitKind, loc: Loc, message: String) -> Self {
        Self {
            kind,
            loc,
            message,
            other: None,
            help: None,
        }
    }

    fn and(mut self, loc: Loc, label: String) -> Self {
        self.other = Some((loc, label));
        self
    }
}

/// What is left of the tool with `definition`, which something must narrow.
///
/// # Errors
/// All that does not fit.
fn narrowed(definition: &RawValue, narrowings: &[Arc<Narrowing>]) -> Result<Narrowed, Vec<Misfit>> {
    let Some(first) = narrowings.first() else {
        return Err(Vec::new());
    };
    let definition: Value = serde_json::from_str(definition.get()).unwrap_or_default();
    let schema = definition.get("inputSchema").cloned().unwrap_or_default();
    let mut by_path: BTreeMap<&[String], Vec<&Narrowing>> = BTreeMap::new();
    for narrowing in narrowings {
        by_path
            .entry(narrowing.path.value.names())
            .or_default()
            .push(narrowing);
    }
    let mut misfits = Vec::new();
    let (mut narrows, mut fixed) = (Vec::new(), Vec::new());
    for (path, all) in by_path {
        match argument(&schema, path) {
            Ok(own) => fit::argument(&schema, own, &all, &mut misfits),
            Err(missing) => {
                misfits.extend(all.iter().map(|one| unknown(one, &missing)));
                continue;
            }
        }
        let value = all.iter().find_map(|one| one.fix.as_ref());
        match value {
            Some(value) => fixed.push(Fixed {
                path: path.to_vec(),
                value: value.value.clone(),
            }),
            None => narrows.extend(all.iter().map(|one| Narrow {
                path: path.to_vec(),
                demand: demand(one),
            })),
        }
    }
    if !misfits.is_empty() {
        return Err(misfits);
    }
    // The first that fails by itself, or the first of all that fail together.
    let failed = |kind, message| {
        let mut each = narrowings.iter().filter(|_| narrowings.len() > 1);
        let culprit = each.find(|one| narrowed_by(&schema, one).is_err());
        let loc = culprit.unwrap_or(first).path.loc;
        vec![Misfit::new(kind, loc, message)]
    };
    let input_schema = narrow(&schema, &narrows, &fixed)
        .map_err(|why| failed(MisfitKind::Unknown, format!("cannot be narrowed: {why}")))?;
    match Schema::compile(&input_schema) {
        Ok(_) => Ok(Narrowed {
            length: length(&input_schema, &fixed),
            input_schema,
            fixed,
        }),
        Err(bailiwick_schema::SchemaError::Cost(why)) => {
            let message = format!("makes too much work when it is narrowed: {why}");
            Err(failed(MisfitKind::Costly, message))
        }
        Err(bailiwick_schema::SchemaError::Compile(_)) => {
            let message = "has no schema that can be narrowed".to_owned();
            Err(failed(MisfitKind::Unknown, message))
        }
    }
}

/// Whether what a narrowing leaves of a schema by itself can be used.
fn narrowed_by(schema: &Value, one: &Narrowing) -> Result<(), ()> {
    let path = one.path.value.names().to_vec();
    let (mut narrows, mut fixed) = (Vec::new(), Vec::new());
    match &one.fix {
        Some(value) => fixed.push(Fixed {
            path,
            value: value.value.clone(),
        }),
        None => narrows.push(Narrow {
            path,
            demand: demand(one),
        }),
    }
    let left = narrow(schema, &narrows, &fixed).map_err(|_| ())?;
    Schema::compile(&left).map(|_| ()).map_err(|_| ())
}

/// Most bytes of a schema and fixed arguments on one line of JSON.
fn length(schema: &Value, fixed: &[Fixed]) -> usize {
    let line = |value: &Value| indented_length(&value.to_string(), 0);
    let fixed = fixed.iter();
    // The line feed of each stands for a comma.
    let fixed = fixed.map(|one| line(&json!({"path": one.path, "value": one.value})) + 1);
    line(schema) + fixed.sum::<usize>()
}

/// What a narrowing demands of the value, as a schema.
fn demand(narrowing: &Narrowing) -> Map<String, Value> {
    let mut demand = Map::new();
    let mut add = |member: &str, value: Value| demand.insert(member.to_owned(), value);
    if narrowing.min.is_some() || narrowing.max.is_some() {
        add("type", json!("number"));
    }
    if narrowing.pattern.is_some() || narrowing.max_length.is_some() {
        add("type", json!("string"));
    }
    if !narrowing.one_of.is_empty() {
        let values = narrowing.one_of.iter().map(|at| at.value.clone());
        add("enum", values.collect());
    }
    if let Some(min) = &narrowing.min {
        add("minimum", min.value.clone().into());
    }
    if let Some(max) = &narrowing.max {
        add("maximum", max.value.clone().into());
    }
    if let Some(pattern) = &narrowing.pattern {
        // It matches the whole value.
        add("pattern", whole(&pattern.value).into());
    }
    if let Some(length) = &narrowing.max_length {
        add("maxLength", length.value.into());
    }
    demand
}

fn unknown(narrowing: &Narrowing, missing: &bailiwick_schema::NoArgument) -> Misfit {
    let message = format!("has no argument `{}`", narrowing.path.value);
    let mut misfit = Misfit::new(MisfitKind::Unknown, narrowing.path.loc, message);
    let name = narrowing.path.value.names().get(missing.found);
    let known = missing.known.iter().map(String::as_str);
    misfit.help = name.and_then(|name| did_you_mean(name, known));
    misfit
}
