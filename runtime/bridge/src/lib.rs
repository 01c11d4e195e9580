//! Puts a stdio MCP server behind HTTP.
//!
//! [`Bridge::start`] starts the server's process and listens; [`Bridge::run`] serves until it is
//! told to stop. Messages pass as raw text both ways: only ids and progress tokens are mapped,
//! because callers choose theirs without knowing of each other.
//!
//! ```text
//! HTTP → endpoint → session → process, kept running by supervisor
//! ```

mod endpoint;
mod events;
mod handshake;
mod install;
mod lines;
mod message;
mod process;
mod reply;
mod server;
mod session;
mod stderr;
mod supervisor;
mod token;

pub use install::install;
pub use process::Program;
pub use server::{Bridge, Settings, StartError};
