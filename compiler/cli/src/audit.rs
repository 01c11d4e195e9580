//! `bailiwick audit`: reads and verifies the log of one replica.

use std::path::Path;

use bailiwick_audit::{Anchor, CallResult, Filter, Kind, Record, Report, ShowError, Verdict};
use serde_json::json;

use crate::arguments::{Audit, AuditAction, Format};
use crate::failure::Failure;
use crate::{FAILED, Terminal};

/// Runs the command.
pub(crate) fn run(options: &Audit, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    match &options.action {
        AuditAction::Verify {
            log,
            anchor,
            format,
        } => verify(log, anchor.as_deref(), *format, terminal),
        AuditAction::Show {
            log,
            call,
            agent,
            tool,
            format,
        } => {
            let filter = Filter {
                call: call.clone(),
                agent: agent.clone(),
                tool: tool.clone(),
            };
            show(log, filter, *format, terminal)
        }
    }
}

fn verify(
    log: &Path,
    anchor: Option<&str>,
    format: Format,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let anchor: Option<Anchor> = match anchor {
        Some(text) => Some(
            text.parse()
                .map_err(|error| Failure::Usage(format!("`{text}` is {error}")))?,
        ),
        None => None,
    };
    let report =
        bailiwick_audit::verify(log, anchor.as_ref()).map_err(Failure::io("read the log", log))?;
    let text = match format {
        Format::Full => verdict(log, &report),
        Format::Json => format!("{}\n", as_json(&report)),
    };
    terminal.write(&text)?;
    Ok(report.verdict.exit_code())
}

fn written(head: Option<&Anchor>) -> Option<String> {
    head.map(|anchor| format!("{}:{}", anchor.size, anchor.leaf))
}

fn as_json(report: &Report) -> serde_json::Value {
    let word = match report.verdict {
        Verdict::Good => "good",
        Verdict::Tampered { .. } => "tampered",
        Verdict::Rewritten { .. } => "rewritten",
        Verdict::Truncated { .. } => "truncated",
        Verdict::Gap { .. } => "gap",
        Verdict::NoOrigin => "no-origin",
        Verdict::NewerVersion { .. } => "newer-version",
    };
    json!({
        "version": 1,
        "origin": report.origin,
        "records": report.records,
        "anchor": written(report.head.as_ref()),
        "live": report.is_live,
        "verdict": word,
        "detail": detail(&report.verdict),
    })
}

fn verdict(log: &Path, report: &Report) -> String {
    let origin = report.origin.as_deref().unwrap_or("without a name");
    let word = if report.verdict == Verdict::Good {
        "good"
    } else {
        "BAD"
    };
    let mut lines = vec![format!(
        "{word}: log `{}` ({origin}), {} good records from the start",
        log.display(),
        report.records
    )];
    lines.extend(detail(&report.verdict).map(|detail| format!("  {detail}")));
    let head = written(report.head.as_ref());
    lines.extend(head.map(|head| format!("  anchor, to keep somewhere else: {head}")));
    if report.is_live {
        lines.push("  the log is being written; the line in the making was not judged".to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}

/// What is wrong, and where.
fn detail(verdict: &Verdict) -> Option<String> {
    Some(match verdict {
        Verdict::Good => return None,
        Verdict::Tampered {
            index,
            segment,
            offset,
            fault,
        } => format!("record {index} (byte {offset} of {segment}) was tampered with: {fault}"),
        Verdict::Rewritten { index, found } => format!(
            "record {index} is not the one that the anchor names: its leaf hash is {found} now"
        ),
        Verdict::Truncated { expected, found } => {
            format!("truncated: the anchor says {expected} records, there are {found}")
        }
        Verdict::Gap {
            expected,
            found: Some(found),
        } => format!(
            "records {expected} to {} are missing",
            found.saturating_sub(1)
        ),
        Verdict::Gap {
            expected,
            found: None,
        } => format!("there is no record {expected}, nor any after it"),
        Verdict::NoOrigin => {
            "the file `origin` is missing, so nobody knows whose log it is".to_owned()
        }
        Verdict::NewerVersion { index, version } => {
            format!("record {index} has format version {version}; a newer bailiwick can judge it")
        }
    })
}

fn show(
    log: &Path,
    filter: Filter,
    format: Format,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let mut code = 0;
    for shown in bailiwick_audit::show(log, filter).map_err(Failure::io("read the log", log))? {
        let text = match shown {
            Ok(shown) if format == Format::Json => format!("{}\n", shown.line),
            Ok(shown) => line(&shown.record),
            Err(ShowError::Io(source)) => return Err(Failure::io("read the log", log)(source)),
            Err(damaged) => {
                code = FAILED;
                format!("damaged: {damaged}\n")
            }
        };
        terminal.write(&text)?;
    }
    Ok(code)
}

/// One record for people: time, kind, who, what, how it ended, and the call's id.
fn line(record: &Record) -> String {
    let mut words = vec![format!("{:>6}", record.index), record.time.clone()];
    words.push(match record.kind {
        Kind::Boot => "boot   ".to_owned(),
        Kind::Config => "config ".to_owned(),
        Kind::Deny => "deny   ".to_owned(),
        Kind::Intent => "intent ".to_owned(),
        Kind::Outcome => "outcome".to_owned(),
        Kind::Gap => "gap    ".to_owned(),
        Kind::Stop => "stop   ".to_owned(),
    });
    if let Some(caller) = &record.caller {
        words.push(match &caller.person {
            Some(person) => format!("{} (for {person})", quiet(&caller.agent)),
            None => quiet(&caller.agent),
        });
    }
    if let Some(target) = &record.target {
        words.push(match &target.server {
            Some(server) => format!("{}:{}", quiet(server), quiet(&target.tool)),
            None => quiet(&target.tool),
        });
    }
    if let Some(result) = record.result {
        words.push(result_word(result).to_owned());
    }
    if let Some(reason) = &record.reason {
        words.push(format!("reason={}", quiet(reason)));
    }
    if let Some(micros) = record.micros {
        words.push(format!("{micros}us"));
    }
    if let Some(bytes) = record.bytes {
        words.push(format!("{bytes}B"));
    }
    for (reason, count) in record.refused.iter().flatten() {
        words.push(format!("{}={count}", quiet(reason)));
    }
    if let Some(cut) = &record.cut {
        words.push(format!("cut={}B to {}", cut.bytes, quiet(&cut.file)));
    }
    if let Some(call) = &record.call {
        words.push(format!("call={}", quiet(call)));
    }
    words.join(" ") + "\n"
}

fn result_word(result: CallResult) -> &'static str {
    match result {
        CallResult::Ok => "ok",
        CallResult::ToolError => "tool-error",
        CallResult::Timeout => "timeout",
        CallResult::Cancelled => "cancelled",
        CallResult::UpstreamError => "upstream-error",
        CallResult::Unknown => "unknown",
    }
}

/// Text of a log as a terminal may show it: what agents wrote is in it.
fn quiet(text: &str) -> String {
    text.chars()
        .flat_map(|letter| {
            let plain = letter.is_ascii_graphic() || letter == ' ' || letter.is_alphanumeric();
            let escaped = (!plain).then(|| letter.escape_unicode());
            escaped.into_iter().flatten().chain(plain.then_some(letter))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_tool_name_cannot_write_to_the_terminal() {
        assert_eq!(quiet("a\u{1b}[2Jb\u{202e}"), "a\\u{1b}[2Jb\\u{202e}");
        assert_eq!(quiet("git_log"), "git_log");
    }
}
