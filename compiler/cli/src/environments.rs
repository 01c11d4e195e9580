//! Chooses environments by what the user says.

use bailiwick_compiler::Checked;
use bailiwick_compiler::environment::Environment;
use bailiwick_compiler::model::Tier;

use crate::failure::Failure;

/// The environment called `name`, or all of them.
///
/// # Errors
/// When there is no such environment.
pub(crate) fn chosen<'c>(
    checked: &'c Checked,
    name: Option<&str>,
) -> Result<Vec<&'c Environment>, Failure> {
    match name {
        Some(name) => Ok(vec![one(checked, name)?]),
        None => Ok(checked.environments().values().collect()),
    }
}

/// The environment to serve on a laptop: the one called `name`, else the only one, else the only one
/// of tier dev.
///
/// # Errors
/// When there is no such environment, or more than one.
pub(crate) fn served<'c>(
    checked: &'c Checked,
    name: Option<&str>,
) -> Result<&'c Environment, Failure> {
    if let Some(name) = name {
        return one(checked, name);
    }
    let all: Vec<&Environment> = checked.environments().values().collect();
    let dev = all
        .iter()
        .copied()
        .filter(|environment| environment.target.tier == Tier::Dev);
    match (all.as_slice(), dev.collect::<Vec<_>>().as_slice()) {
        ([only], _) | (_, [only]) => Ok(only),
        _ => Err(Failure::Usage(format!(
            "say which environment with --env: {}",
            names(checked)
        ))),
    }
}

fn one<'c>(checked: &'c Checked, name: &str) -> Result<&'c Environment, Failure> {
    checked.environments().get(name).ok_or_else(|| {
        Failure::Usage(format!(
            "no environment `{name}`; there are: {}",
            names(checked)
        ))
    })
}

fn names(checked: &Checked) -> String {
    let names: Vec<&str> = checked.environments().keys().map(|name| &**name).collect();
    names.join(", ")
}
