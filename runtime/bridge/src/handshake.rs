//! Finds out which era the child speaks.
//!
//! The older handshake comes first: servers of the older era may end when they get anything else
//! before it, servers of both eras accept it, and those of the newer era alone refuse it at once.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::message::{DISCOVER, INITIALIZE, Message};
use crate::session::{Gone, Session};

/// Version that is offered in the older handshake, the last one that has it.
const OLDER_VERSION: &str = "2025-11-25";
/// The first version without it.
pub(crate) const NEWER_VERSION: &str = "2026-07-28";

/// How the child wants to be spoken to.
#[derive(Clone, Debug)]
pub(crate) enum Era {
    /// With a handshake, done once by the bridge. Holds the child's result, for callers that do
    /// theirs with the bridge.
    Older(Bytes),
    /// Without.
    Newer,
}

/// Why there is no handshake.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error(transparent)]
    Gone(#[from] Gone),
    #[error("the server refuses both handshakes: {0}")]
    Refused(String),
}

/// Greets the child.
pub(crate) async fn greet(session: &Arc<Session>) -> Result<Era, HandshakeError> {
    let client = json!({"name": "bailiwick-bridge", "version": env!("CARGO_PKG_VERSION")});
    let initialize = json!({
        "protocolVersion": OLDER_VERSION, "capabilities": {}, "clientInfo": client,
    });
    if let Ok(result) = ask(session, INITIALIZE, &initialize).await? {
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        session.send(&initialized);
        return Ok(Era::Older(result));
    }
    let discover = json!({"_meta": {
        "io.modelcontextprotocol/protocolVersion": NEWER_VERSION,
        "io.modelcontextprotocol/clientInfo": client,
        "io.modelcontextprotocol/clientCapabilities": {},
    }});
    match ask(session, DISCOVER, &discover).await? {
        Ok(_) => Ok(Era::Newer),
        Err(error) => Err(HandshakeError::Refused(error)),
    }
}

/// Sends a request of our own and gives its result or its error, as the child wrote it.
async fn ask(
    session: &Arc<Session>,
    method: &str,
    params: &Value,
) -> Result<Result<Bytes, String>, Gone> {
    let request = json!({"jsonrpc": "2.0", "id": 0, "method": method, "params": params});
    let text = request.to_string();
    let message = Message::parse(&text).ok_or(Gone)?;
    let mut call = session.call(&message, &text, false).await?;
    let answer = (&mut call.answer).await.map_err(|_| Gone)?;
    let text = std::str::from_utf8(&answer.body).map_err(|_| Gone)?;
    let answer = Message::parse(text).ok_or(Gone)?;
    Ok(match (answer.result, answer.error) {
        (Some(result), None) => Ok(Bytes::copy_from_slice(result.get().as_bytes())),
        (_, error) => Err(error.map_or("no result", |error| error.get()).to_owned()),
    })
}
