//! What the names of tools say.

use crate::model::Effect;

/// Words in names of tools that destroy something.
const DESTRUCTIVE: &[&str] = &[
    "cancel",
    "clear",
    "delete",
    "destroy",
    "discard",
    "drop",
    "erase",
    "flush",
    "force",
    "kill",
    "purge",
    "remove",
    "reset",
    "revoke",
    "rm",
    "terminate",
    "truncate",
    "uninstall",
    "unpublish",
    "wipe",
];

/// Words in names of tools that change something.
const WRITE: &[&str] = &[
    "add", "append", "apply", "approve", "archive", "assign", "checkout", "close", "comment",
    "commit", "copy", "create", "deploy", "edit", "enable", "fork", "import", "insert", "install",
    "invite", "merge", "move", "patch", "post", "publish", "push", "put", "rename", "reopen",
    "reply", "save", "send", "set", "start", "stop", "submit", "sync", "update", "upload",
    "upsert", "write",
];

/// Words in names of tools that only look.
const READ: &[&str] = &[
    "check", "compare", "count", "describe", "diff", "explain", "find", "get", "head", "info",
    "list", "log", "lookup", "peek", "ping", "read", "search", "show", "stat", "stats", "status",
    "view",
];

/// The effect that a name speaks of: something destructive anywhere in it, else its first word that we know.
pub(crate) fn effect_by_name(name: &str) -> Option<Effect> {
    let words = words(name);
    let has = |list: &[&str], word: &String| list.contains(&word.as_str());
    if words.iter().any(|word| has(DESTRUCTIVE, word)) {
        return Some(Effect::Destructive);
    }
    words.iter().find_map(|word| {
        if has(WRITE, word) {
            Some(Effect::Write)
        } else {
            has(READ, word).then_some(Effect::Read)
        }
    })
}

/// The words of `snake_case`, `kebab-case` and `camelCase`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for letter in name.chars() {
        let starts = letter.is_ascii_uppercase() && before.is_ascii_lowercase();
        if starts || !letter.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}
