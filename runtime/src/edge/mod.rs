//! The first look at a request: who it was sent to, how large it is, whether it is one JSON-RPC
//! message of a protocol version that we speak. Knows nothing of callers and tools.
//!
//! In order: `Endpoint` holds the headers against the endpoint's URL, `media` against what we
//! read and write, `body` reads within bounds, and `Message::read` takes it apart.

pub(crate) mod body;
mod endpoint;
pub(crate) mod media;
mod message;
mod refusal;
mod standard_headers;
mod version;

pub(crate) use endpoint::{Endpoint, EndpointError};
pub use message::{Era, Message, Meta};
pub(crate) use refusal::Refusal;
