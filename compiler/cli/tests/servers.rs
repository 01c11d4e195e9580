//! `bailiwick add` and `bailiwick lock`: with recordings, with running servers, and with bad input.
#![cfg(test)]

#[path = "servers/add.rs"]
mod add;
#[path = "servers/live.rs"]
mod live;
#[path = "servers/lock.rs"]
mod lock;
#[path = "servers/project.rs"]
mod project;
