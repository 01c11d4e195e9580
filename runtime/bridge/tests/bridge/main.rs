//! The bridge as a process, in front of a stdio server that misbehaves on demand.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod calls;
mod http;
mod install;
mod process;
mod real;
mod running;
