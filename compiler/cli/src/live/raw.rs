//! The lists of tools as they were sent. rmcp decodes them into types that do not keep what they do not
//! know, and a lock is of the whole definition.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::value::RawValue;

/// The definitions seen so far, in the order of the pages.
#[derive(Clone, Debug, Default)]
pub(super) struct Raw(Arc<Mutex<Vec<Box<RawValue>>>>);

#[derive(Deserialize)]
struct Message {
    result: Option<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    tools: Option<Vec<Box<RawValue>>>,
}

impl Raw {
    /// Keeps the definitions if this message has any.
    pub(super) fn see(&self, message: &[u8]) {
        let Ok(message) = serde_json::from_slice::<Message>(message) else {
            return;
        };
        if let Some(tools) = message.result.and_then(|answer| answer.tools) {
            let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            seen.extend(tools);
        }
    }

    /// All definitions that were seen.
    pub(super) fn take(&self) -> Vec<Box<RawValue>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::Raw;

    #[test]
    fn lists_of_tools_are_kept_as_spelled_and_nothing_else_is() {
        let raw = Raw::default();
        raw.see(br#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","x":1.0}]}}"#);
        raw.see(br#"{"jsonrpc":"2.0","id":2,"result":{"content":[]}}"#);
        raw.see(br#"{"jsonrpc":"2.0","method":"x","params":{"tools":[{}]}}"#);
        raw.see(b"no json");
        raw.see(br#"{"result":{"tools":[{"name":"b"}],"nextCursor":"c"}}"#);
        let texts: Vec<String> = raw
            .take()
            .iter()
            .map(|tool| tool.get().to_owned())
            .collect();
        assert_eq!(texts, [r#"{"name":"a","x":1.0}"#, r#"{"name":"b"}"#]);
        assert!(raw.take().is_empty());
    }
}
