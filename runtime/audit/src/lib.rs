//! The audit log: format, writer, verifier.
//!
//! A log is a folder with a file `origin` and segments of lines. Each line is one [`Record`] in
//! canonical JSON that names the hash of the line before. [`Log`] writes it: an [`Entry`] counts
//! as recorded only when the disk has it. [`verify()`] says whether a log can be believed, and
//! [`show()`] reads it. The format is described in
//! `docs/reference/audit-log.md`, for those who want to write a verifier of their own.

mod chain;
mod commitment;
mod entry;
mod folder;
mod log;
mod record;
mod recovery;
mod show;
mod tail;
mod time;
mod verify;
mod walk;
mod writer;

#[cfg(test)]
mod tests;

pub use chain::{Leaf, LeafError};
pub use commitment::{CommitError, Commitments, MAX_COMMITMENTS, Scheme};
pub use entry::{Boot, Config, Deny, Entry, Gap, Intent, Outcome};
pub use log::{Append, Durable, Failed, Log, Position};
pub use record::{CallResult, Caller, Cut, Kind, MAX_RECORD, MAX_TEXT, Record, Target, VERSION};
pub use recovery::{OpenError, Recovery};
pub use show::{Filter, Records, ShowError, Shown, show};
pub use verify::{Anchor, AnchorError, Report, Verdict, verify};
pub use walk::Fault;
