//! Whether all that narrows one argument fits its schema, and leaves a value.

use std::slice;

use bailiwick_schema::{Schema, standalone};
use serde_json::Value;

use super::{Misfit, MisfitKind, bounds, demand, types};
use crate::model::Narrowing;
use crate::source::At;

/// Holds `all` that narrows an argument against its schema `own` in `root`, and against each other.
pub(super) fn argument(root: &Value, own: &Value, all: &[&Narrowing], misfits: &mut Vec<Misfit>) {
    let before = misfits.len();
    for narrowing in all {
        misfits.extend(mistyped(root, own, narrowing));
    }
    if misfits.len() > before {
        return;
    }
    let fixes: Vec<(&Narrowing, &At<Value>)> = all
        .iter()
        .filter_map(|one| Some((*one, one.fix.as_ref()?)))
        .collect();
    // All others are held against one of them, the same in whichever order they are written.
    let Some((first, fix)) = fixes.iter().min_by_key(|(_, fix)| fix.value.to_string()) else {
        misfits.extend(nothing_left(root, own, all));
        return;
    };
    let others = fixes.iter().filter(|(_, other)| other.value != fix.value);
    misfits.extend(others.map(|(_, other)| {
        conflict(first, other).and(fix.loc, format!("fixed to {} here", fix.value))
    }));
    misfits.extend(refused(root, own, first, fix, all));
}

/// Where a narrowing is of another type than the argument.
fn mistyped(root: &Value, own: &Value, narrowing: &Narrowing) -> Option<Misfit> {
    let types = types::of(root, own, 0);
    let takes = |name: &str| types::takes(types.as_ref(), name);
    let number = narrowing.min.as_ref().or(narrowing.max.as_ref());
    let number = number.map(|at| at.loc).filter(|_| !takes("number"));
    let pattern = narrowing.pattern.as_ref().map(|at| at.loc);
    let text = pattern.or(narrowing.max_length.as_ref().map(|at| at.loc));
    let text = text.filter(|_| !takes("string"));
    let values = narrowing.one_of.iter().chain(&narrowing.fix);
    let mut values = values.filter(|at| !takes(types::name(&at.value)));
    let (loc, what) = match (number, text, values.next()) {
        (Some(loc), ..) => (loc, "is a number".to_owned()),
        (_, Some(loc), _) => (loc, "is a text".to_owned()),
        (.., Some(at)) => (at.loc, format!("takes {}", at.value)),
        _ => return None,
    };
    let message = format!("has no argument `{}` that {what}", narrowing.path.value);
    let mut misfit = Misfit::new(MisfitKind::Unknown, loc, message);
    misfit.help = types.map(|types| {
        let types: Vec<String> = types.iter().map(|name| format!("`{name}`")).collect();
        format!("its schema takes {}", types.join(" or "))
    });
    Some(misfit)
}

fn conflict(narrowing: &Narrowing, other: &At<Value>) -> Misfit {
    let message = format!(
        "has `{}` fixed to {} for this agent, and narrowed to another value",
        narrowing.path.value, other.value
    );
    Misfit::new(MisfitKind::Conflict, other.loc, message)
}

/// What does not allow the fixed value.
fn refused(
    root: &Value,
    own: &Value,
    first: &Narrowing,
    fix: &At<Value>,
    all: &[&Narrowing],
) -> Vec<Misfit> {
    let mut misfits: Vec<Misfit> = all
        .iter()
        .filter(|other| !fits(&Value::Object(demand(other)), &fix.value))
        .map(|other| conflict(first, fix).and(other.loc, "narrowed here".to_owned()))
        .collect();
    if !fits(&standalone(root, own), &fix.value) {
        let message = format!(
            "does not take {} as `{}`, which it is fixed to",
            fix.value, first.path.value
        );
        misfits.push(Misfit::new(MisfitKind::Impossible, fix.loc, message));
    }
    misfits
}

/// Whether a value fits a schema; a schema that cannot be read says so elsewhere.
fn fits(schema: &Value, value: &Value) -> bool {
    Schema::compile(schema).map_or(true, |schema| schema.is_valid(value))
}

/// Says so when no value satisfies all of it.
fn nothing_left(root: &Value, own: &Value, all: &[&Narrowing]) -> Option<Misfit> {
    let (first, others) = all.split_first()?;
    let own_values = own.get("enum").and_then(Value::as_array);
    let own_values = own_values.map(Vec::as_slice);
    let own_values = own_values.or(own.get("const").map(slice::from_ref));
    let written = all.iter().find(|one| !one.one_of.is_empty());
    let values: Option<Vec<&Value>> = match (written, own_values) {
        (Some(written), _) => Some(written.one_of.iter().map(|at| &at.value).collect()),
        (None, Some(values)) => Some(values.iter().collect()),
        (None, None) => None,
    };
    let is_impossible = match values {
        Some(values) => {
            let demands = all.iter().map(|one| Value::Object(demand(one)));
            let schemas = std::iter::once(standalone(root, own)).chain(demands);
            // A schema that cannot be read says so elsewhere.
            let schemas = schemas.filter_map(|schema| Schema::compile(&schema).ok());
            let schemas: Vec<Schema> = schemas.collect();
            let fits_all = |value: &Value| schemas.iter().all(|schema| schema.is_valid(value));
            !values.into_iter().any(fits_all)
        }
        None => is_empty(root, own, all),
    };
    is_impossible.then(|| {
        let message = format!(
            "takes no value that satisfies all that narrows `{}`",
            first.path.value
        );
        let misfit = Misfit::new(MisfitKind::Impossible, first.loc, message);
        match others.first() {
            Some(other) => misfit.and(other.loc, "narrowed here too".to_owned()),
            None => misfit,
        }
    })
}

/// Whether it has to be a number and a text, or limits leave none of what it has to be.
fn is_empty(root: &Value, own: &Value, all: &[&Narrowing]) -> bool {
    let number = |one: &&Narrowing| one.min.is_some() || one.max.is_some();
    let text = |one: &&Narrowing| one.pattern.is_some() || one.max_length.is_some();
    match (all.iter().any(number), all.iter().any(text)) {
        (true, true) => true,
        (true, false) => bounds::leave_no_number(root, own, all),
        (false, true) => bounds::leave_no_text(own, all),
        (false, false) => false,
    }
}
