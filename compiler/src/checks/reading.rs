//! What is said of a definition when a person is to read and accept it: its words, and what it lets through.
//! `add` and `lock` say it of new and changed definitions; `check` does not, since the text is accepted by then.

mod arguments;
mod locations;
mod markup;
mod phrases;
mod plain;
pub(crate) mod sense;

use std::collections::BTreeMap;

use serde_json::Value;

use super::definitions::Problem;
use super::schemas::escape;
use super::verbs::effect_by_name;
use super::{error_in_prod, note, warning};
use crate::diagnostic::Check;
use crate::model::{Effect, Server, Tool};
use crate::script;

use markup::Tag;
use phrases::PHRASES;
use plain::Plain;

pub(crate) const INSTRUCTION_TO_MODEL: Check = error_in_prod(
    "DSC003",
    "instruction-to-model",
    "a definition speaks to the model instead of describing the tool",
);
pub(crate) const NAMES_OTHER_TOOL: Check = error_in_prod(
    "DSC004",
    "names-other-tool",
    "a definition speaks of a tool of another server",
);
pub(crate) const NAMES_SECRET_LOCATION: Check = error_in_prod(
    "DSC005",
    "names-secret-location",
    "a definition names a place where secrets are",
);
pub(crate) const ENCODED_BLOB: Check = warning(
    "DSC006",
    "encoded-blob",
    "a definition has encoded data in it, which nobody can read",
);
pub(crate) const LINK_OR_IMAGE: Check = warning(
    "DSC007",
    "link-or-image",
    "a definition has a URL or an image in it",
);
pub(crate) const TOO_LONG: Check = warning(
    "DSC008",
    "too-long",
    "a description is longer than a reviewer reads",
);
pub(crate) const MIXED_SCRIPT: Check = warning(
    "DSC009",
    "mixed-script",
    "a letter of another script stands where a Latin one is expected",
);
pub(crate) const MARKUP: Check = warning(
    "DSC010",
    "markup",
    "a definition has HTML or tags of its own in it",
);
pub(crate) const ASKS_FOR_CONTEXT: Check = error_in_prod(
    "DSC011",
    "asks-for-context",
    "a definition asks the model for the conversation",
);
pub(crate) const WRAPS_USER_CONSENT: Check = error_in_prod(
    "DSC012",
    "wraps-user-consent",
    "a definition says that nobody has to be asked",
);
pub(crate) const UNBOUNDED_INPUT: Check = warning(
    "TOL009",
    "unbounded-input",
    "a tool that can write accepts text of any length",
);
pub(crate) const OPEN_OBJECT: Check = note(
    "TOL010",
    "open-object",
    "an input schema accepts undeclared properties",
);
pub(crate) const EFFECT_CONTRADICTS_NAME: Check = warning(
    "TOL019",
    "effect-contradicts-name",
    "a tool that is declared to read has the name of one that writes",
);
pub(crate) const FREE_FORM_COMMAND: Check = warning(
    "TOL020",
    "free-form-command",
    "a tool that can write runs unrestricted text",
);
pub(crate) const MISSING_DESCRIPTION: Check = warning(
    "TOL021",
    "missing-description",
    "a tool has no description, by which models choose",
);
pub(crate) const URL_PARAMETER: Check = warning(
    "TOL022",
    "url-parameter",
    "a tool takes a URL, and its server may reach any host",
);

/// The checks of this module.
const ALL: [&Check; 19] = [
    &INSTRUCTION_TO_MODEL,
    &NAMES_OTHER_TOOL,
    &NAMES_SECRET_LOCATION,
    &ENCODED_BLOB,
    &LINK_OR_IMAGE,
    &TOO_LONG,
    &MIXED_SCRIPT,
    &MARKUP,
    &ASKS_FOR_CONTEXT,
    &WRAPS_USER_CONSENT,
    &UNBOUNDED_INPUT,
    &OPEN_OBJECT,
    &sense::REQUIRED_MISSING,
    &sense::CONTRADICTORY_SCHEMA,
    &sense::DEFAULT_VIOLATES_SCHEMA,
    &EFFECT_CONTRADICTS_NAME,
    &FREE_FORM_COMMAND,
    &MISSING_DESCRIPTION,
    &URL_PARAMETER,
];

/// Whether a check is made of definitions that are read, and not by `check`.
pub(crate) fn is_of_reading(code: &str) -> bool {
    ALL.iter().any(|check| check.code == code)
}

/// What to do about a finding of these checks; none for a check of others.
pub(crate) fn advice(check: &Check) -> Option<&'static str> {
    if !is_of_reading(check.code) {
        return None;
    }
    Some(match check.code {
        "TOL009" => "bound it with `arg ... max-length=` where the tool is granted",
        "TOL010" => "ask the server's owner for `additionalProperties: false`",
        "TOL011" | "TOL012" | "TOL024" => {
            "ask the server's owner which of the two is meant: models believe the schema"
        }
        "TOL019" => "declare the effect that the tool has",
        "TOL020" => {
            "narrow it with `arg ... pattern=` where the tool is granted, or give the server an account that may only read and declare `effect=read`"
        }
        "TOL021" => "ask the server's owner for a description",
        "TOL022" => {
            "name the hosts in `egress`, or narrow the argument with `arg ... pattern=` where the tool is granted"
        }
        _ => "read what the server says there before you accept it",
    })
}

/// Longest description that is taken for read, characters.
const LONGEST: usize = 2_000;

/// What is known of a definition beside its text.
#[derive(Debug)]
pub(crate) struct Context<'c> {
    /// The server.
    pub(crate) server: &'c Server,
    /// The line of the tool; none for a tool that the catalog does not declare.
    pub(crate) tool: Option<&'c Tool>,
    /// The tools of other servers.
    pub(crate) others: &'c OtherTools,
}

impl Context<'_> {
    fn effect(&self) -> Effect {
        self.tool
            .map_or(Effect::Destructive, |tool| self.server.effect(tool))
    }
}

/// Names of the tools of all servers but one, in lower case, as texts may write them.
#[derive(Debug, Default)]
pub(crate) struct OtherTools(BTreeMap<String, String>);

impl OtherTools {
    /// The tools of all servers but `own`. Those of the first count, so they are to be sorted.
    pub(crate) fn of<'c>(servers: impl IntoIterator<Item = &'c Server>, own: &Server) -> Self {
        let mut names = BTreeMap::new();
        for server in servers {
            if server.name.value == own.name.value {
                continue;
            }
            for tool in server.tools.keys() {
                let full = format!("{}:{tool}", server.name.value);
                let lower = tool.to_lowercase();
                for way in [full.clone(), full.replace(':', "_"), full.replace(':', ".")] {
                    names.insert(way.to_lowercase(), full.clone());
                }
                // `search` is a word; `post_message` is a name.
                let is_name = lower.contains(['_', '-', '.']) || **tool != *lower;
                let is_own = own.tools.keys().any(|own| own.eq_ignore_ascii_case(tool));
                if is_name && !is_own {
                    names.entry(lower).or_insert(full);
                }
            }
        }
        Self(names)
    }

    /// The first tool that a text names, and the character at which, from 1.
    fn named_in(&self, text: &str) -> Option<(&str, usize)> {
        if self.0.is_empty() {
            return None;
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        let mut start = 0;
        for word in text.split(|c| !is_name(c)) {
            let name = word.trim_matches(['.', ':', '-']).to_lowercase();
            // Clients put words of their own before a name.
            let bare = ["mcp_tool_", "mcp_", "tool_"].iter();
            let bare = bare.filter_map(|start| name.strip_prefix(start));
            let known = std::iter::once(name.as_str())
                .chain(bare)
                .find_map(|name| self.0.get(name));
            if let Some(full) = known {
                return Some((full, start + 1));
            }
            start += word.chars().count() + 1;
        }
        None
    }
}

/// What is to be said of a definition.
pub(crate) fn problems(definition: &Value, context: &Context<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    walk(definition, "", context, &mut found);
    tool(definition, context, &mut found);
    arguments::arguments(definition, context, &mut found);
    sense::sense(definition, &mut found);
    found
}

/// What is to be said of the tool as a whole.
fn tool(definition: &Value, context: &Context<'_>, found: &mut Vec<Problem>) {
    let described = definition.get("description").and_then(Value::as_str);
    if described.is_none_or(|text| text.trim().is_empty()) {
        let message = "models choose tools by description, and this one has none";
        found.push(Problem::new(&MISSING_DESCRIPTION, "/description", message));
    }
    let name = definition.get("name").and_then(Value::as_str);
    let named = name.and_then(effect_by_name);
    if context.tool.is_some() && context.effect() == Effect::Read {
        let says = match named {
            Some(Effect::Write) => "writes",
            Some(Effect::Destructive) => "destroys",
            Some(Effect::Read) | None => return,
        };
        let message = format!("declared `effect=read`, and named like a tool that {says}");
        found.push(Problem::new(&EFFECT_CONTRADICTS_NAME, "/name", message));
    }
}

/// Looks at every text: names of members too, since models see them.
fn walk(value: &Value, pointer: &str, context: &Context<'_>, found: &mut Vec<Problem>) {
    match value {
        Value::String(text) => text_at(text, pointer, context, found),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{index}"), context, found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let pointer = format!("{pointer}/{}", escape(name));
                text_at(name, &pointer, context, found);
                walk(value, &pointer, context, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What is to be said of one text. The text itself is never part of a message: models read logs too.
fn text_at(text: &str, pointer: &str, context: &Context<'_>, found: &mut Vec<Problem>) {
    let text = &*plain::decoded(text);
    let mut say = |check: &'static Check, message: String| {
        found.push(Problem::new(check, pointer, message));
    };
    let plain = Plain::of(text);
    for hit in PHRASES.find(&plain) {
        let does = &hit.meaning.does;
        let (check, said) = match hit.meaning.code.as_str() {
            "DSC011" => (&ASKS_FOR_CONTEXT, format!("the text {does}")),
            "DSC012" => (&WRAPS_USER_CONSENT, format!("the text {does}")),
            _ => (
                &INSTRUCTION_TO_MODEL,
                format!("reads like an instruction to the model: it {does}"),
            ),
        };
        say(check, format!("{said}, at character {}", hit.place));
    }
    let tags = markup::tags(text);
    if let Some((_, place)) = tags.iter().find(|(tag, _)| *tag == Tag::ForModels) {
        let message = "reads like an instruction to the model: it sets a part apart in tags";
        say(
            &INSTRUCTION_TO_MODEL,
            format!("{message}, at character {place}"),
        );
    }
    if let Some((_, place)) = tags.first() {
        say(
            &MARKUP,
            format!("contains HTML or tags of its own, at character {place}"),
        );
    }
    for (location, place) in locations::find(text) {
        say(
            &NAMES_SECRET_LOCATION,
            format!("mentions `{location}`, at character {place}"),
        );
    }
    if let Some((tool, place)) = context.others.named_in(text) {
        let message = format!("mentions `{tool}` of another server, at character {place}");
        say(&NAMES_OTHER_TOOL, message);
    }
    if let Some(foreign) = script::foreign(text) {
        let (script, code) = (foreign.script, u32::from(foreign.letter));
        let message = format!("has the {script} letter U+{code:04X} where a Latin one is expected");
        say(
            &MIXED_SCRIPT,
            format!("{message}, at character {}", foreign.place),
        );
    }
    // Icons are pictures by URL; dialects and references are no links.
    let is_keyword = ["/$schema", "/$id", "/$ref"]
        .iter()
        .any(|end| pointer.ends_with(end));
    let is_machine = pointer.starts_with("/icons/") || is_keyword;
    if !is_machine {
        if let Some((count, place)) = markup::blob(text) {
            let message = format!("{count} characters of base64 or hex, at character {place}");
            say(&ENCODED_BLOB, message);
        }
        if let Some(place) = markup::link(text) {
            say(
                &LINK_OR_IMAGE,
                format!("contains a URL or an image, at character {place}"),
            );
        }
    }
    let length = text.chars().count();
    if pointer.ends_with("/description") && length > LONGEST {
        say(
            &TOO_LONG,
            format!("has {length} characters; reviewers read {LONGEST}"),
        );
    }
}
