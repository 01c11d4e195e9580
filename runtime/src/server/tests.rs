//! The running server, spoken to over real connections.

mod client;
mod edge;
mod identity;
mod operations;
mod protocol;
