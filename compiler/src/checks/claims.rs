//! What the catalog says of a granted tool, held against what its definition says.

use serde_json::Value;

use super::definitions::Problem;
use super::verbs::words;
use super::{error_in_prod, schemas::escape, warning};
use crate::diagnostic::Check;
use crate::model::Effect;

pub(crate) const EFFECT_CONTRADICTS_HINT: Check = error_in_prod(
    "TOL018",
    "effect-contradicts-hint",
    "a tool is declared to read, and its server says that it changes something",
);
pub(crate) const SECRET_PARAMETER: Check = warning(
    "SEC005",
    "secret-parameter",
    "a tool asks the model for a password or a key",
);

/// Last words of names of properties that are secrets.
const SECRETS: &[&str] = &[
    "apikey",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "secret",
];

/// The last two words of such names, where the last alone may be harmless.
const SECRET_PAIRS: &[(&str, &str)] = &[
    ("access", "token"),
    ("api", "key"),
    ("api", "token"),
    ("auth", "token"),
    ("bearer", "token"),
    ("private", "key"),
    ("secret", "key"),
];

/// Hints of servers are believed where they say worse than the catalog, and never where they say better.
pub(super) fn claims(definition: &Value, effect: Option<Effect>, found: &mut Vec<Problem>) {
    let hint = |name: &str| definition.get("annotations")?.get(name)?.as_bool();
    if effect == Some(Effect::Read) {
        let said = match (hint("readOnlyHint"), hint("destructiveHint")) {
            (Some(true), _) => None,
            (_, Some(true)) => Some(("destructiveHint", "true")),
            (Some(false), _) => Some(("readOnlyHint", "false")),
            (None, _) => None,
        };
        if let Some((hint, value)) = said {
            let pointer = format!("/annotations/{hint}");
            let message = format!("declared `effect=read`, but the server says {hint} {value}");
            found.push(Problem::new(&EFFECT_CONTRADICTS_HINT, &pointer, message));
        }
    }
    if let Some(schema) = definition.get("inputSchema") {
        secrets(schema, "/inputSchema", found);
    }
}

/// Properties whose names say that they are secrets. Lock files nest at most 128 deep, so this ends.
fn secrets(schema: &Value, pointer: &str, found: &mut Vec<Problem>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let pointer = format!("{pointer}/properties/{}", escape(name));
        if is_secret(name) {
            let message = "asks the model for a secret, which then stands in its context";
            found.push(Problem::new(&SECRET_PARAMETER, &pointer, message));
        }
        secrets(property, &pointer, found);
    }
}

fn is_secret(name: &str) -> bool {
    let words = words(name);
    let mut last = words.iter().rev().map(String::as_str);
    let (Some(last), before) = (last.next(), last.next()) else {
        return false;
    };
    SECRETS.contains(&last) || before.is_some_and(|before| SECRET_PAIRS.contains(&(before, last)))
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn names_of_secrets_are_told_from_names_of_pages() {
        for name in [
            "password",
            "userPassword",
            "api_key",
            "accessToken",
            "client_secret",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "nextToken",
            "page_token",
            "key",
            "secret_name",
            "tokens",
            "",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
