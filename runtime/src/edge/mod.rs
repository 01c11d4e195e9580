//! The first look at a request: who it was sent to, how large it is, whether it is one JSON-RPC
//! message of a protocol version that we speak. Knows nothing of callers and tools.

mod message;

pub use message::{Era, Message, Meta};
