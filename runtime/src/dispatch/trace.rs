//! The W3C trace context of a call.

use serde_json::Value;

use crate::edge::Meta;

/// Longest `tracestate`, bytes.
const MAX_STATE: usize = 512;

/// The trace context that a caller sent, where it is well-formed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    parent: Option<String>,
    state: Option<String>,
}

impl Trace {
    /// What `meta` says; nothing of it where it has another form.
    pub(crate) fn of(meta: &Meta) -> Self {
        let parent = meta
            .traceparent
            .clone()
            .filter(|parent| is_traceparent(parent));
        let is_state = |state: &String| {
            state.len() <= MAX_STATE && state.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        };
        let state = meta.tracestate.clone().filter(is_state);
        Self {
            state: parent.is_some().then_some(state).flatten(),
            parent,
        }
    }

    /// The `traceparent`.
    pub(crate) fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }

    /// The members of `_meta` that pass it on.
    pub(super) fn members(&self) -> impl Iterator<Item = String> {
        let member = |name, value: &Option<String>| {
            let value = Value::from(value.as_deref()?);
            Some(format!(r#""{name}":{value}"#))
        };
        [
            member("traceparent", &self.parent),
            member("tracestate", &self.state),
        ]
        .into_iter()
        .flatten()
    }
}

/// `00-<32 hex>-<16 hex>-<2 hex>`, lower case.
fn is_traceparent(text: &str) -> bool {
    let lengths = [2, 32, 16, 2];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            part.len() == length && part.bytes().all(is_hex)
        })
}

#[cfg(test)]
mod tests {
    use super::{Trace, is_traceparent};
    use crate::edge::Meta;

    #[test]
    fn what_is_no_trace_context_is_not_passed_on() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(is_traceparent(good));
        let upper = good.to_uppercase();
        let longer = format!("{good}-x");
        for bad in ["", "00-0af7-b7ad-01", &upper, &longer] {
            assert!(!is_traceparent(bad), "{bad}");
        }
        let meta = Meta {
            traceparent: Some("secret".into()),
            tracestate: Some("a=b".into()),
            ..Meta::default()
        };
        assert_eq!(Trace::of(&meta), Trace::default());
    }
}
