//! Where the server to add comes from: shipped with this program, running, at a URL, or recorded.

use std::collections::BTreeMap;
use std::path::Path;

use bailiwick_compiler::lock::{DefinitionFile, Listing, Origin, Recording};

use super::{is_nowhere, shipped, without_origin};
use crate::Terminal;
use crate::arguments::Add;
use crate::failure::Failure;
use crate::live::{self, At};
use crate::recorded;

/// A server to add.
#[derive(Debug)]
pub(super) struct Server {
    /// What it says of itself.
    pub(super) listing: Listing,
    /// What runs it, or where it is.
    pub(super) origin: Origin,
    /// Its revision.
    pub(super) revision: String,
    /// Variables that it is run with.
    pub(super) variables: BTreeMap<String, String>,
    /// The block to write, when it was reviewed before it was shipped.
    pub(super) block: Option<String>,
    /// Its definition file, when it is shipped.
    pub(super) definitions: Option<DefinitionFile>,
}

/// Reads the server that the arguments name.
///
/// # Errors
/// When it cannot be read, or the arguments do not fit together.
pub(super) fn server(
    options: &Add,
    root: &Path,
    terminal: &mut Terminal<'_>,
) -> Result<Server, Failure> {
    let variables = variables(&options.env)?;
    let command = (!options.command.is_empty()).then(|| options.command.clone());
    let given = Origin {
        image: options.image.clone(),
        args: None,
        command,
        // The URL of a running instance of an image is not where the catalog finds it.
        url: options.url.clone().filter(|_| options.image.is_none()),
        service: None,
    };
    if let Some(file) = &options.from {
        let recording = recorded::read(file)?;
        return from_recording(options, recording, given, variables);
    }
    let at = match (&given.command, &options.url) {
        (Some(words), None) => {
            terminal.write(&format!(
                "starting `{}` to ask it for its tools\n",
                words.first().map_or("", String::as_str)
            ))?;
            At::Command {
                words,
                variables: &variables,
                folder: root,
            }
        }
        (None, Some(url)) => {
            terminal.write(&format!("asking {url} for its tools\n"))?;
            At::Url(url)
        }
        _ if options.revision.is_some() || options.image.is_some() || !variables.is_empty() => {
            return Err(Failure::Usage(
                "say where the tools are read: -- PROGRAM ARG..., --url URL or --from FILE"
                    .to_owned(),
            ));
        }
        _ => return shipped::server(&options.name),
    };
    let listing = live::read(&at).map_err(Failure::live(&options.name))?;
    let said = listing
        .server_info
        .as_ref()
        .map(|info| info.version.clone());
    let revision = revision(options, &given, said)?;
    Ok(Server {
        listing,
        origin: given,
        revision,
        variables,
        block: None,
        definitions: None,
    })
}

fn from_recording(
    options: &Add,
    recording: Recording,
    given: Origin,
    variables: BTreeMap<String, String>,
) -> Result<Server, Failure> {
    let origin = if is_nowhere(&given) {
        recording.origin
    } else {
        given
    };
    if is_nowhere(&origin) {
        return Err(without_origin());
    }
    let revision = revision(options, &origin, recording.revision)?;
    let runs_here = origin.url.is_none() && origin.service.is_none();
    let recorded = if runs_here {
        recording.variables
    } else {
        BTreeMap::new()
    };
    Ok(Server {
        listing: recording.listing,
        origin,
        revision,
        variables: recorded.into_iter().chain(variables).collect(),
        block: None,
        definitions: None,
    })
}

/// What was asked for, else the tag of the image, else what the server says of itself.
fn revision(options: &Add, origin: &Origin, said: Option<String>) -> Result<String, Failure> {
    let tag = origin.image.as_deref().and_then(tag);
    options.revision.clone().or(tag).or(said).ok_or_else(|| {
        Failure::Usage(
            "nothing says the revision of the server; say it with --revision R".to_owned(),
        )
    })
}

fn tag(reference: &str) -> Option<String> {
    let reference = reference
        .split_once('@')
        .map_or(reference, |(rest, _)| rest);
    let (_, tag) = reference.rsplit_once(':')?;
    (!tag.contains('/')).then(|| tag.to_owned())
}

fn variables(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let pairs = given.iter().map(|pair| {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            // The text may be a secret.
            Failure::Usage("--env takes NAME=VALUE".to_owned())
        })?;
        Ok((name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}
