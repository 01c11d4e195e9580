//! Reads one server anew, from where the catalog or the user says it is.

use std::collections::BTreeMap;
use std::path::Path;

use bailiwick_compiler::environment::Lockable;
use bailiwick_compiler::lock::DefinitionFile;

use crate::Terminal;
use crate::arguments::Lock;
use crate::failure::Failure;
use crate::live::{self, At};
use crate::recorded;

/// What the server says now; none, with a note, when nothing says how to reach it.
///
/// # Errors
/// When it cannot be read.
pub(super) fn definitions(
    one: &Lockable,
    options: &Lock,
    root: &Path,
    terminal: &mut Terminal<'_>,
) -> Result<Option<DefinitionFile>, Failure> {
    let name = &one.server.name.value;
    let settings = &one.server.settings;
    if let Some(file) = &options.from {
        let recording = recorded::read(file)?;
        let given = recording
            .listing
            .locked(name, &one.revision, &one.origin, None);
        return Ok(Some(given));
    }
    let variables: BTreeMap<String, String> = settings
        .env
        .iter()
        .map(|(name, value)| (name.clone(), value.value.clone()))
        .collect();
    let url = options.at.as_deref().or(one.origin.url.as_deref());
    let at = match (url, &one.origin.command) {
        (Some(url), _) => {
            terminal.write(&format!("asking {url} for the tools of {name}\n"))?;
            At::Url(url)
        }
        (None, Some(words)) if one.origin.image.is_none() => {
            if let Some(missing) = settings
                .secrets
                .keys()
                .find(|name| std::env::var_os(name).is_none())
            {
                terminal.write(&format!(
                    "{name} was not read: set the variable {missing}, which the catalog has as a secret\n"
                ))?;
                return Ok(None);
            }
            let program = words.first().map_or("", String::as_str);
            terminal.write(&format!(
                "starting `{program}` to ask it for the tools of {name}\n"
            ))?;
            At::Command {
                words,
                variables: &variables,
                folder: root,
            }
        }
        _ => {
            terminal.write(&format!(
                "{name} was not read: say where it runs with --at URL, or which recording to take with --from FILE\n"
            ))?;
            return Ok(None);
        }
    };
    let listing = live::read(&at).map_err(Failure::live(name))?;
    Ok(Some(listing.locked(name, &one.revision, &one.origin, None)))
}
