//! Typed values: a KDL value held against the type of its place.

pub(crate) mod duration;
pub(crate) mod host;
pub(crate) mod image;
pub(crate) mod names;
pub(crate) mod network;
pub(crate) mod pattern;
pub(crate) mod private_key;
mod punycode;
pub(crate) mod quantity;
mod scalar;
pub(crate) mod size;
pub(crate) mod url;

use crate::checks::{language, limits};
use crate::date::is_date;
use crate::diagnostic::Check;
use crate::model::{ArgumentPath, Deployer, Egress, ImagePattern, ImageReference, Name, Pattern};
use crate::syntax;

use super::types::{Type, words_of};

/// What strangers can write, where a data class could stand.
pub(crate) const UNTRUSTED: &str = "untrusted";

/// Longest regular expression, bytes.
const LONGEST_REGEX: usize = 1_024;

/// A value that fits its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text, also dates, quantities, paths and URLs: held against their rules, kept as written.
    Text(String),
    /// A name, also of a tool.
    Name(Name),
    /// `*`
    All,
    /// One of the words of the type.
    Word(&'static str),
    /// A whole number, milliseconds or bytes.
    Number(u64),
    /// Tools.
    Pattern(Pattern),
    /// An image.
    Image(ImageReference),
    /// Images.
    ImagePattern(ImagePattern),
    /// A destination.
    Egress(Egress),
    /// Two texts: namespace and name, or key and value.
    Pair(String, String),
    /// Who may deploy.
    Deployer(Deployer),
    /// Where an argument stands.
    Argument(ArgumentPath),
    /// What an argument can be; never an array or an object.
    Scalar(serde_json::Value),
}

/// Why a value does not fit.
#[derive(Clone, Debug)]
pub(crate) struct Misfit {
    /// The kind of finding.
    pub(crate) check: &'static Check,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: Option<String>,
}

impl Misfit {
    pub(crate) fn new(check: &'static Check, message: impl Into<String>) -> Self {
        Self {
            check,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The value is not of type `of`.
    fn wrong(of: Type, found: &str) -> Self {
        Self::new(
            &language::WRONG_TYPE,
            format!("expected {}, found {}", of.noun(), quote(found)),
        )
    }
}

/// The user's words in backticks, cut and on one line, so that a message stays a message.
pub(crate) fn quote(text: &str) -> String {
    const LONGEST: usize = 60;
    if private_key::has_private_key(text) {
        return "a private key (not shown)".to_owned();
    }
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.chars().count() > LONGEST {
        let start: String = line.chars().take(LONGEST).collect();
        format!("`{start}...`")
    } else {
        format!("`{line}`")
    }
}

/// Whether a character acts on a terminal, but for the end of a line.
fn is_control(c: char) -> bool {
    c.is_control() && c != '\n'
}

/// A number with commas between thousands.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Holds a value against its type. `place` is what a message calls the place, such as a property.
pub(crate) fn read(of: Type, place: &str, value: &syntax::Value<'_>) -> Result<Value, Misfit> {
    if matches!(of, Type::Scalar | Type::Number) {
        return scalar::read(of, value);
    }
    match value {
        syntax::Value::Text(text) => read_text(of, place, text),
        syntax::Value::Integer(number) => read_integer(of, *number),
        syntax::Value::Float(text) => Err(not_text(of, "a number").help(quoted(of, text))),
        syntax::Value::Bool(value) => Err(not_text(of, &format!("`#{value}`"))),
        syntax::Value::Null => Err(not_text(of, "`#null`")),
    }
}

fn not_text(of: Type, found: &str) -> Misfit {
    Misfit::new(
        &language::WRONG_TYPE,
        format!("expected {}, found {found}", of.noun()),
    )
}

/// Help for a number where text is needed.
fn quoted(of: Type, number: &str) -> String {
    if matches!(of, Type::Integer(..) | Type::Count(_) | Type::Language) {
        "write a whole number".to_owned()
    } else if let Type::Quantity(resource, ..) = of {
        format!("write it in quotes, such as \"{}\"", resource.example())
    } else {
        format!("write it in quotes: \"{number}\"")
    }
}

fn read_integer(of: Type, number: i128) -> Result<Value, Misfit> {
    let shown = number.to_string();
    if let Type::Count(max) = of {
        if number < 1 {
            let message = format!("must be at least 1, found `{number}`");
            return Err(Misfit::new(&limits::NOT_POSITIVE, message));
        }
        return in_range(number, 1, max).ok_or_else(|| Misfit::wrong(of, &shown));
    }
    if let Type::Integer(min, max) = of {
        return in_range(number, min, max).ok_or_else(|| Misfit::wrong(of, &shown));
    }
    if matches!(of, Type::Language) {
        return language_version(number);
    }
    Err(if matches!(of, Type::Duration(..)) {
        duration::misfit(&shown)
    } else if matches!(of, Type::Size(..)) {
        size::misfit(&shown)
    } else {
        not_text(of, "a number").help(quoted(of, &shown))
    })
}

fn language_version(number: i128) -> Result<Value, Misfit> {
    if number == 1 {
        return Ok(Value::Number(1));
    }
    Err(Misfit::new(
        &language::UNSUPPORTED_LANGUAGE,
        format!("language {number} is not known to this compiler"),
    )
    .help("this compiler knows language 1; a later one needs a newer compiler"))
}

fn in_range(number: i128, min: u64, max: u64) -> Option<Value> {
    let number = u64::try_from(number).ok()?;
    (min..=max)
        .contains(&number)
        .then_some(Value::Number(number))
}

fn read_text(of: Type, place: &str, text: &str) -> Result<Value, Misfit> {
    let wrong = || Misfit::wrong(of, text);
    let keep = |fits: bool| {
        if fits {
            Ok(Value::Text(text.to_owned()))
        } else {
            Err(wrong())
        }
    };
    match of {
        Type::NewName => names::new_name(text),
        // A reference is only looked up: one that could be no name names nothing.
        Type::Name(_) | Type::Subject => {
            keep(!text.is_empty()).map(|_| Value::Name(Name::trusted(text)))
        }
        Type::ClassOrUntrusted if text == UNTRUSTED => Ok(Value::Word(UNTRUSTED)),
        Type::ClassOrUntrusted => keep(!text.is_empty()).map(|_| Value::Name(Name::trusted(text))),
        Type::AgentOrAll | Type::TeamOrAll if text == "*" => Ok(Value::All),
        Type::AgentOrAll | Type::TeamOrAll => {
            keep(!text.is_empty()).map(|_| Value::Name(Name::trusted(text)))
        }
        Type::RoleOrTools if text.contains(':') || text.contains('*') => {
            pattern::of_one_server(text)
                .map(Value::Pattern)
                .ok_or_else(wrong)
        }
        Type::RoleOrTools => keep(!text.is_empty()).map(|_| Value::Name(Name::trusted(text))),
        Type::Text => keep(!text.trim().is_empty() && !text.chars().any(is_control)),
        Type::AnyText => keep(!text.contains('\0')),
        Type::Tag => keep(names::is_tag(text)),
        Type::Integer(..) | Type::Count(_) | Type::Language => {
            let found = if text.parse::<i128>().is_ok() {
                not_text(of, "text").help(format!("write it without quotes: {text}"))
            } else {
                not_text(of, &format!("text {}", quote(text)))
            };
            Err(found)
        }
        Type::Duration(min, max) => {
            let number = duration::parse(text).ok_or_else(|| duration::misfit(text))?;
            in_range(number.into(), min, max).ok_or_else(wrong)
        }
        Type::Size(min, max) => {
            let number = size::parse(text).ok_or_else(|| size::misfit(text))?;
            in_range(number.into(), min, max).ok_or_else(wrong)
        }
        Type::Quantity(of, min, max) => {
            keep(quantity::parse(of, text).is_some_and(|number| (min..=max).contains(&number)))
        }
        Type::Word(words) => words
            .iter()
            .find(|word| **word == text)
            .map(|word| Value::Word(word))
            .ok_or_else(|| {
                let unknown = Misfit::new(
                    &language::UNKNOWN_WORD,
                    format!("{place} is {}, not {}", words_of(words), quote(text)),
                );
                if super::table::later(text) {
                    unknown.help(format!("`{text}` is not available yet"))
                } else {
                    unknown
                }
            }),
        Type::HttpsUrl => url::https(text).map(|()| Value::Text(text.to_owned())),
        Type::Url => {
            let secured = text
                .strip_prefix("http://")
                .map(|rest| format!("https://{rest}"));
            url::https(secured.as_deref().unwrap_or(text)).map(|()| Value::Text(text.to_owned()))
        }
        Type::Anchor if !text.contains("://") => keep(names::is_dns_name(text)),
        Type::Anchor => url::https(text).map(|()| Value::Text(text.to_owned())),
        Type::VerifyKey => keep(names::is_verify_key(text)),
        Type::KeySet if text.contains("://") => {
            url::https(text).map(|()| Value::Text(text.to_owned()))
        }
        Type::KeySet => keep(names::is_relative_file(text)),
        Type::Image => match image::registry_of(text).and_then(host::confusable) {
            Some(misfit) => Err(misfit),
            None => image::parse(text).map(Value::Image).ok_or_else(wrong),
        },
        Type::ImagePattern => match image::registry_of(text).and_then(host::confusable) {
            Some(misfit) => Err(misfit),
            None => image::pattern(text).map(Value::ImagePattern),
        },
        Type::Destination => network::destination(of, text).map(Value::Egress),
        Type::Service => {
            names::pair(text, '/', names::is_dns_label, names::is_dns_label).ok_or_else(wrong)
        }
        Type::PodLabel => names::label(text).ok_or_else(wrong)?,
        Type::DnsLabel => names::dns_label(text).ok_or_else(wrong)?,
        Type::DnsName => keep(names::is_dns_name(text)),
        Type::SecretKey => keep(names::is_secret_key(text)),
        Type::SpiffeId => keep(names::is_spiffe_id(text)),
        Type::Date => keep(is_date(text)),
        Type::Tool => names::tool(text),
        Type::ArgumentPath => ArgumentPath::parse(text)
            .map(Value::Argument)
            .ok_or_else(wrong),
        Type::Scalar | Type::Number => scalar::read(of, &syntax::Value::Text(text.into())),
        Type::Regex if text.is_empty() || text.len() > LONGEST_REGEX => Err(wrong()),
        Type::Regex => match bailiwick_schema::check_whole(text) {
            Ok(()) => keep(true),
            Err(why) => Err(wrong().help(format!("it must be one by itself: {why}"))),
        },
        Type::Tools => pattern::of_one_server(text)
            .map(Value::Pattern)
            .ok_or_else(wrong),
        Type::AnyTools => pattern::any(text).map(Value::Pattern).ok_or_else(wrong),
        Type::ExposedName => {
            keep(names::is_exposed(text)).map(|_| Value::Name(Name::trusted(text)))
        }
        Type::Variable => keep(names::is_variable(text)),
        Type::Path => keep(names::is_absolute_path(text)),
        Type::UrlPath => keep(names::is_url_path(text)),
        Type::Deployer => match text.strip_prefix("group:") {
            Some(group) if names::is_subject(group) => {
                Ok(Value::Deployer(Deployer::Group(group.to_owned())))
            }
            None if names::is_subject(text) => Ok(Value::Deployer(Deployer::User(text.to_owned()))),
            Some(_) | None => Err(wrong()),
        },
        Type::Code => keep(!text.is_empty()),
    }
}
