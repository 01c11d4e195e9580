//! The dispatch server: lets each agent call exactly its tools, and records it.
//!
//! A call's way: `listener` accepts the connection, [`edge`] bounds and reads the request,
//! [`identity`] turns its token into a [`identity::Caller`], and [`walk`] does the rest: the
//! caller's table, the permission, the arguments, the limits, the record, the upstream call.
//! `protocol` answers everything that is not a tool. `admin` is the operator's side.

mod admin;
pub mod arguments;
pub mod audit;
mod calls;
pub mod causes;
pub mod config;
mod descriptors;
pub mod dispatch;
pub mod edge;
mod front;
pub mod identity;
mod json;
pub mod limits;
mod listener;
pub mod policy;
mod protocol;
pub mod refusal;
pub mod reply;
pub mod server;
mod streams;
pub mod telemetry;
#[cfg(test)]
mod tests;
pub mod view;
pub mod walk;
