//! What a tool does, proposed from the hints that its server gives and from its name.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::checks::verbs::effect_by_name;
use crate::lock::FileError;
use crate::model::Effect;

/// Facts of a tool, each with where it comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proposed {
    effect: (&'static str, Reason),
    sends: (&'static str, Reason),
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// The server's own hint.
    Hint(&'static str),
    /// A hint, and a name that says worse.
    Name,
    /// Nothing says it.
    Unknown,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Definition {
    annotations: Option<Hints>,
}

/// What a server says of a tool. Nobody has to believe it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Hints {
    #[serde(rename = "readOnlyHint")]
    read_only: Option<bool>,
    #[serde(rename = "destructiveHint")]
    destructive: Option<bool>,
    #[serde(rename = "openWorldHint")]
    open_world: Option<bool>,
}

/// The facts of a tool: the worst of what its hints and its name say, and the worst there is where
/// neither says anything.
///
/// # Errors
/// When the definition is no JSON object, or its hints are no hints.
pub(super) fn propose(name: &str, definition: &RawValue) -> Result<Proposed, FileError> {
    let definition: Definition = serde_json::from_str(definition.get())?;
    let hints = definition.annotations.unwrap_or_default();
    let effect = effect(name, &hints);
    let sends = match (hints.open_world, effect.0) {
        (Some(false), "read") => ("none", Reason::Hint("openWorldHint")),
        (Some(false), _) => ("internal", Reason::Hint("openWorldHint")),
        (Some(true), _) => ("external", Reason::Hint("openWorldHint")),
        (None, _) => ("external", Reason::Unknown),
    };
    Ok(Proposed { effect, sends })
}

fn effect(name: &str, hints: &Hints) -> (&'static str, Reason) {
    let named = effect_by_name(name).map(written);
    let hinted = match (hints.read_only, hints.destructive) {
        (Some(true), _) => Some(("read", "readOnlyHint")),
        (_, Some(true)) => Some(("destructive", "destructiveHint")),
        (_, Some(false)) => Some(("write", "destructiveHint")),
        (Some(false) | None, None) => None,
    };
    match (hinted, named) {
        (Some((hinted, _)), Some(named)) if rank(named) > rank(hinted) => (named, Reason::Name),
        (Some((hinted, hint)), _) => (hinted, Reason::Hint(hint)),
        // It says that it changes something.
        (None, Some("read")) if hints.read_only == Some(false) => ("destructive", Reason::Unknown),
        (None, Some(named)) => (named, Reason::Name),
        (None, None) => ("destructive", Reason::Unknown),
    }
}

/// An effect as the language writes it.
fn written(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Write => "write",
        Effect::Destructive => "destructive",
    }
}

fn rank(effect: &str) -> u8 {
    match effect {
        "read" => 0,
        "write" => 1,
        _ => 2,
    }
}

impl Proposed {
    /// The facts as properties of a `tool`.
    pub(super) fn properties(&self) -> String {
        format!(
            "effect={} reads=restricted content=untrusted sends={}",
            self.effect.0, self.sends.0
        )
    }

    /// Where each comes from, for the reviewer.
    pub(super) fn reasons(&self) -> String {
        let mut reasons = Vec::new();
        let mut unknown = Vec::new();
        for (fact, reason) in [("effect", self.effect.1), ("sends", self.sends.1)] {
            match reason {
                Reason::Hint(hint) => reasons.push(format!("{fact} by the server's {hint}")),
                Reason::Name => reasons.push(format!("{fact} by the name")),
                Reason::Unknown => unknown.push(fact),
            }
        }
        unknown.extend(["reads", "content"]);
        reasons.push(format!("unknown, so the worst: {}", unknown.join(", ")));
        reasons.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, annotations: &str) -> String {
        let text = format!(r#"{{"name":"{name}","annotations":{annotations}}}"#);
        let definition = RawValue::from_string(text).unwrap();
        let proposed = propose(name, &definition).unwrap();
        let facts = proposed.properties();
        facts.replace("reads=restricted content=untrusted ", "")
    }

    #[test]
    fn hints_are_taken_unless_the_name_says_worse() {
        let read = r#"{"readOnlyHint":true,"openWorldHint":false}"#;
        assert_eq!(line("x", read), "effect=read sends=none");
        assert_eq!(line("delete_x", read), "effect=destructive sends=internal");
        assert_eq!(line("create_x", read), "effect=write sends=internal");
        let write = r#"{"readOnlyHint":false,"destructiveHint":false}"#;
        assert_eq!(line("get_x", write), "effect=write sends=external");
        let destructive = r#"{"destructiveHint":true,"openWorldHint":true}"#;
        assert_eq!(
            line("get_x", destructive),
            "effect=destructive sends=external"
        );
    }

    #[test]
    fn names_speak_where_no_hint_does() {
        for (name, effect) in [
            ("git_log", "read"),
            ("listPullRequests", "read"),
            ("git_commit", "write"),
            ("list_commits", "read"),
            ("API-post-search", "write"),
            ("get_and_delete", "destructive"),
            ("frobnicate", "destructive"),
            ("reader", "destructive"),
        ] {
            assert_eq!(
                line(name, "null"),
                format!("effect={effect} sends=external"),
                "{name}"
            );
        }
    }

    #[test]
    fn a_tool_that_says_it_is_not_read_only_is_not_read_by_its_name() {
        let hint = r#"{"readOnlyHint":false}"#;
        assert_eq!(line("get_x", hint), "effect=destructive sends=external");
    }

    #[test]
    fn what_is_no_hint_is_refused() {
        let definition = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        assert!(
            propose(
                "x",
                &definition(r#"{"annotations":{"readOnlyHint":"yes"}}"#)
            )
            .is_err()
        );
        assert!(propose("x", &definition("[1]")).is_err());
    }
}
