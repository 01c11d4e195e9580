//! Findings for programs: one JSON object a line.

use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

use super::visible::is_invisible;
use super::{Diagnostic, Label, Severity};
use crate::source::{FileId, Sources};

/// Version of the format. It grows when a program that reads the old one would be wrong.
pub const VERSION: u32 = 1;

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
struct Finding<'a> {
    /// Version of this format.
    version: u32,
    /// Stable code of the check: three letters and three digits.
    code: &'a str,
    /// Name of the check.
    name: &'a str,
    /// How much it matters.
    severity: Degree,
    /// What is wrong, in one line.
    message: &'a str,
    /// The place to change; null when the finding is about no source.
    primary: Option<Place<'a>>,
    /// Other places that belong to it.
    secondary: Vec<Place<'a>>,
    /// Further facts.
    notes: Vec<&'a str>,
    /// What to do.
    help: Option<&'a str>,
    /// The environment that the finding is about.
    environment: Option<&'a str>,
}

/// How much a finding matters.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Degree {
    /// The catalog does not compile.
    Error,
    /// Somebody should look.
    Warning,
    /// Good to know.
    Note,
}

/// A range of text in a file.
#[derive(Debug, Serialize, JsonSchema)]
struct Place<'a> {
    /// Path relative to the folder that has `catalogs/`, with `/` between parts.
    file: &'a str,
    /// First byte.
    start: u32,
    /// One past the last byte.
    end: u32,
    /// Line of the first byte, from 1.
    line: usize,
    /// Column of the first byte, in characters, from 1.
    column: usize,
    /// Line of the place behind the last byte, from 1.
    end_line: usize,
    /// Column of the place behind the last byte, in characters, from 1.
    end_column: usize,
    /// A few words about the place; may be empty.
    label: &'a str,
}

/// A finding as one line, with a line break at the end.
///
/// Characters that act on a terminal or are invisible are escaped, as JSON allows.
///
/// # Errors
/// When the finding cannot be written as JSON.
pub fn render(finding: &Diagnostic, sources: &Sources) -> Result<String, serde_json::Error> {
    let line = serde_json::to_string(&Finding {
        version: VERSION,
        code: finding.check.code,
        name: finding.check.name,
        severity: match finding.severity {
            Severity::Error => Degree::Error,
            Severity::Warning => Degree::Warning,
            Severity::Note => Degree::Note,
        },
        message: &finding.message,
        primary: finding
            .primary
            .as_ref()
            .and_then(|label| place(label, sources)),
        secondary: finding
            .secondary
            .iter()
            .filter_map(|label| place(label, sources))
            .collect(),
        notes: finding.notes.iter().map(String::as_str).collect(),
        help: finding.help.as_deref(),
        environment: finding.environment.as_deref(),
    })?;
    Ok(escape_invisible(&line) + "\n")
}

/// The JSON Schema of a line.
pub fn schema() -> Schema {
    schema_for!(Finding<'_>)
}

fn place<'a>(label: &'a Label, sources: &'a Sources) -> Option<Place<'a>> {
    let file: FileId = label.loc.file;
    let source = sources.get(file)?;
    let span = label.loc.span;
    let (start, end) = (source.position(span.start), source.position(span.end));
    Some(Place {
        file: &source.path,
        start: span.start,
        end: span.end,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        label: &label.text,
    })
}

/// Such characters stand only inside of JSON strings, where an escape means the same.
pub(crate) fn escape_invisible(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_invisible(c) || c.is_control() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.extend(format!("\\u{unit:04x}").chars());
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}
