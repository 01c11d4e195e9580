//! SEC: secrets in sources.

use std::collections::{BTreeMap, BTreeSet};

use super::error;
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::model::{Catalog, Name, ServerSettings};
use crate::source::Loc;

pub(crate) const INLINE_SECRET: Check =
    error("SEC001", "inline-secret", "a value looks like a secret");
pub(crate) const SECRET_AS_ENV: Check = error(
    "SEC002",
    "secret-as-env",
    "a variable with the name of a secret has a plain value",
);
pub(crate) const PRIVATE_KEY: Check = error(
    "SEC006",
    "private-key",
    "a file of the catalog has a private key in it",
);
pub(crate) const CREDENTIALS_IN_URL: Check = error(
    "SEC003",
    "credentials-in-url",
    "a URL with a user or a password in it",
);

/// How known secrets start, and what they are.
const PREFIXES: [(&str, &str); 25] = [
    ("ghp_", "a GitHub token"),
    ("gho_", "a GitHub token"),
    ("ghu_", "a GitHub token"),
    ("ghs_", "a GitHub token"),
    ("ghr_", "a GitHub token"),
    ("github_pat_", "a GitHub token"),
    ("glpat-", "a GitLab token"),
    ("AKIA", "an AWS access key"),
    ("ASIA", "an AWS access key"),
    ("xoxb-", "a Slack token"),
    ("xoxp-", "a Slack token"),
    ("xoxa-", "a Slack token"),
    ("xoxe-", "a Slack token"),
    ("xoxe.", "a Slack token"),
    ("xoxr-", "a Slack token"),
    ("xoxs-", "a Slack token"),
    ("xapp-", "a Slack token"),
    ("sk-", "an API key"),
    ("sk_live_", "a Stripe key"),
    ("rk_live_", "a Stripe key"),
    ("AIza", "a Google API key"),
    ("dckr_pat_", "a Docker token"),
    ("pypi-", "a PyPI token"),
    ("npm_", "an npm token"),
    ("eyJ", "a JSON Web Token"),
];

/// Shortest text after a known prefix that is taken for a secret.
const SHORTEST: usize = 16;

/// How names of variables end that hold secrets, whatever is before it.
const SUSPICIOUS_ENDS: [&str; 4] = ["PASSWORD", "PASSWD", "PASSPHRASE", "_PWD"];

/// Last words of names of variables that hold secrets.
const SUSPICIOUS: [&str; 11] = [
    "TOKEN",
    "SECRET",
    "CREDENTIAL",
    "CREDENTIALS",
    "APIKEY",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "SECRET_KEY",
    "SIGNING_KEY",
    "ENCRYPTION_KEY",
];

/// No value in a catalog is a secret. Values are never shown.
pub(crate) fn secrets(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for settings in catalog.server_settings() {
        for (text, loc) in texts(settings) {
            if let Some(kind) = known_secret(text) {
                found.push(
                    INLINE_SECRET
                        .at(loc, format!("looks like {kind} (value not shown)"))
                        .help("move it to a Secret of the cluster and write `secret NAME from=...`; then revoke it, since it was in a file"),
                );
            } else if has_password(text) {
                found.push(
                    CREDENTIALS_IN_URL
                        .at(loc, "a URL with a user and a password in it (not shown)")
                        .help("give the whole URL as a `secret`"),
                );
            }
        }
        for (name, value) in &settings.env {
            let is_plain = !value.value.is_empty()
                && known_secret(&value.value).is_none()
                && !has_password(&value.value);
            if !is_plain || !is_suspicious(name) {
                continue;
            }
            found.push(if looks_random(&value.value) {
                INLINE_SECRET
                    .at(value.loc, format!("the value of `{name}` looks like a secret (not shown)"))
                    .help(format!("write `secret {name} from=...`; then replace the secret, since it was in a file"))
            } else {
                SECRET_AS_ENV
                    .at(value.loc, format!("`{name}` should be a `secret`"))
                    .help(format!("write `secret {name} from=...`"))
            });
        }
    }
}

/// No file has a private key, not even in a comment. What else was said of the same text is left out: this
/// says it.
pub(super) fn private_key(keys: &[Loc], found: &mut Vec<Diagnostic>) {
    let of_values = [&INLINE_SECRET, &SECRET_AS_ENV];
    if keys.is_empty() {
        return;
    }
    found.retain(|finding| {
        let place = finding.primary.as_ref().map(|label| label.loc);
        let has_key = place.is_some_and(|place| keys.iter().any(|key| place.contains(key)));
        !(has_key && of_values.contains(&finding.check))
    });
    found.extend(keys.iter().map(|key| {
        PRIVATE_KEY
            .at(*key, "a private key (not shown)")
            .help("move it to a Secret of the cluster and write `secret NAME from=...`; then replace the key, since it was in a file")
    }));
}

/// Where secrets stand, by what was found.
pub(crate) fn places(found: &[Diagnostic]) -> impl Iterator<Item = Loc> {
    let of_secrets = found.iter().filter(|finding| {
        [
            &INLINE_SECRET,
            &SECRET_AS_ENV,
            &CREDENTIALS_IN_URL,
            &PRIVATE_KEY,
        ]
        .contains(&finding.check)
    });
    of_secrets.filter_map(|finding| Some(finding.primary.as_ref()?.loc))
}

/// Whether a variable should be a `secret`, by its name or its value.
pub(crate) fn variable_is_secret(name: &str, value: &str) -> bool {
    is_suspicious(name)
        || known_secret(value).is_some()
        || has_password(value)
        || looks_random(value)
}

/// The first word of a command line that seems to be a secret, counted from 0: one that looks like it, or
/// the value of an option with the name of a secret.
pub(crate) fn argument_is_secret(words: &[String]) -> Option<usize> {
    let mut option_before = false;
    words.iter().position(|word| {
        let option = word
            .strip_prefix('-')
            .map(|name| name.trim_start_matches('-'));
        let (name, value) = match option.and_then(|option| option.split_once('=')) {
            Some((name, value)) => (Some(name), Some(value)),
            None => (option, None),
        };
        let named = name.is_some_and(|name| is_suspicious(&name.replace('-', "_")));
        let given = named && value.is_some_and(|value| !value.is_empty());
        let is_value = option_before && option.is_none();
        option_before = named && value.is_none();
        given || is_value || known_secret(word).is_some() || has_password(word)
    })
}

/// Free texts of a server: the plain variables, the words of a command line, and paths.
fn texts(settings: &ServerSettings) -> impl Iterator<Item = (&str, Loc)> {
    let env = settings
        .env
        .values()
        .map(|value| (value.value.as_str(), value.loc));
    let lines = settings.args.iter().chain(&settings.command);
    let url = settings.url.iter().map(|url| (url.value.as_str(), url.loc));
    let transport = settings.transport.iter();
    let path = transport.map(|transport| (transport.value.path.as_str(), transport.loc));
    env.chain(lines.flat_map(|line| line.value.iter().map(|word| (word.as_str(), line.loc))))
        .chain(url)
        .chain(path)
}

/// What known kind of secret is in the text.
fn known_secret(text: &str) -> Option<&'static str> {
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.split(|c| !in_word(c)).find_map(|word| {
        let (prefix, kind) = PREFIXES
            .iter()
            .find(|(prefix, _)| word.starts_with(prefix))?;
        let long = word.len() >= prefix.len() + SHORTEST;
        // A JSON Web Token has three parts.
        let parts = *prefix != "eyJ" || word.matches('.').count() == 2;
        (long && parts).then_some(*kind)
    })
}

/// Whether a URL in the text has a user and a password.
fn has_password(text: &str) -> bool {
    text.match_indices("://").any(|(at, mark)| {
        let rest = text.get(at + mark.len()..).unwrap_or_default();
        let end = rest
            .find(|c: char| c.is_whitespace() || "/?#\"'".contains(c))
            .unwrap_or(rest.len());
        let user = rest
            .get(..end)
            .and_then(|authority| authority.rsplit_once('@'));
        user.is_some_and(|(user, _)| {
            user.split_once(':')
                .is_some_and(|(_, password)| !password.is_empty())
        })
    })
}

pub(super) fn is_suspicious(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let ends = SUSPICIOUS_ENDS.iter().any(|end| name.ends_with(end));
    ends || SUSPICIOUS.iter().any(|word| {
        name.strip_suffix(word)
            .is_some_and(|start| start.is_empty() || start.ends_with('_'))
    })
}

/// Whether a value is long and made of many different characters, as random ones are. Digests, UUIDs,
/// paths and prose are not meant: they are no secrets.
fn looks_random(value: &str) -> bool {
    const LONG: usize = 20;
    const MANY: usize = 12;
    let exempt = value.starts_with("sha256:") || is_uuid(value) || value.contains(['/', ' ']);
    let different: BTreeSet<u8> = value.bytes().collect();
    let mixed =
        value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
    value.len() >= LONG && !exempt && mixed && different.len() >= MANY
}

fn is_uuid(value: &str) -> bool {
    value.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_prefixes() {
        assert_eq!(
            known_secret("ghp_0123456789abcdef0123"),
            Some("a GitHub token")
        );
        assert_eq!(
            known_secret("--token=glpat-0123456789abcdef0123"),
            Some("a GitLab token")
        );
        assert_eq!(
            known_secret("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"),
            Some("a JSON Web Token")
        );
        assert_eq!(
            known_secret("https://mcp.example/sk_live_0123456789abcdef/mcp"),
            Some("a Stripe key")
        );
        for fine in [
            "ghp_",
            "sk-learn",
            "eyJustaword-that-is-long-enough",
            "mask-0123456789abcdef0123",
        ] {
            assert_eq!(known_secret(fine), None, "{fine}");
        }
    }

    #[test]
    fn passwords_in_urls() {
        assert!(has_password("postgres://app:geheim@db/app"));
        assert!(has_password("--dsn=https://u:p@x"));
        for fine in ["ssh://git@github.com/a", "https://x:443/a@b:c", "a@b:c"] {
            assert!(!has_password(fine), "{fine}");
        }
    }

    #[test]
    fn names_of_secrets() {
        for name in [
            "API_KEY",
            "GITHUB_TOKEN",
            "token",
            "DB_PASSWORD",
            "PGPASSWORD",
            "MYSQL_PWD",
        ] {
            assert!(is_suspicious(name), "{name}");
        }
        for name in [
            "PWD",
            "TOKEN_FILE",
            "MAX_TOKENS",
            "MONKEY",
            "KEYBOARD",
            "MYTOKEN",
        ] {
            assert!(!is_suspicious(name), "{name}");
        }
    }

    #[test]
    fn random_values() {
        assert!(looks_random("q8Zr2Lw9Xc4Vb7Nm1Kj6"));
        assert!(!looks_random("aaaaaaaaaaaaaaaaaaaaaaaa"));
        assert!(!looks_random("0f8fad5b-d9cb-469f-a165-70867728950e"));
    }
}
