//! The dispatch server: lets each agent call exactly its tools, and records it.
//!
//! A call's way: `listener` accepts the connection, [`edge`] bounds and reads the request,
//! [`identity`] turns its token into a [`identity::Caller`], and [`walk`] does the rest: the
//! caller's table, the permission, the arguments, the limits, the record, the upstream call.
//! `protocol` answers everything that is not a tool. `admin` is the operator's side.

mod admin;
mod calls;
pub mod edge;
mod front;
pub mod identity;
mod json;
mod listener;
mod protocol;
pub mod reply;
pub mod server;
pub mod telemetry;
pub mod walk;
