//! Types of values: what an argument or property may be, in the words of its messages.

use crate::model::Kind;

use super::value::{duration, quantity, size, thousands};

/// Durations that people write, in milliseconds.
const DURATIONS: [u64; 4] = [30_000, 200, 900_000, 7_776_000_000];

/// Sizes that people write, in bytes.
const SIZES: [u64; 1] = [65_536];

/// What a quantity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// Bytes of storage.
    Storage,
    /// Bytes of memory.
    Memory,
    /// Thousandths of a processor.
    Cpu,
}

impl Resource {
    /// A quantity that people write.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Storage => "1Gi",
            Self::Memory => "256Mi",
            Self::Cpu => "250m",
        }
    }
}

/// The type of an argument or a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// The name that this node gives to a thing.
    NewName,
    /// The name of a thing of this kind.
    Name(Kind),
    /// A role, or tools.
    RoleOrTools,
    /// An agent, or `*`.
    AgentOrAll,
    /// A team, or `*`.
    TeamOrAll,
    /// What a patch changes: a name, or `server:tool`.
    Subject,
    /// A data class, or `untrusted`.
    ClassOrUntrusted,
    /// Any text, not empty.
    Text,
    /// Any text, also none.
    AnyText,
    /// Text that can be a tag of an image and part of a file name.
    Tag,
    /// A whole number in a range.
    Integer(u64, u64),
    /// A whole number from 1 that limits something.
    Count(u64),
    /// Milliseconds in a range.
    Duration(u64, u64),
    /// Bytes in a range.
    Size(u64, u64),
    /// A Kubernetes quantity, in base units in a range.
    Quantity(Resource, u64, u64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// `https://...`
    HttpsUrl,
    /// `http://...` or `https://...`
    Url,
    /// An https URL, or a ConfigMap.
    Anchor,
    /// A public key that signs configurations.
    VerifyKey,
    /// An https URL, or a file.
    KeySet,
    /// An OCI reference.
    Image,
    /// Whole names of images, with `*`.
    ImagePattern,
    /// `host:port` or `CIDR:port`.
    Destination,
    /// `namespace/name`
    Service,
    /// `label=value`
    PodLabel,
    /// Name of a namespace or a service account: a DNS label.
    DnsLabel,
    /// Name of a Secret or an issuer: a DNS subdomain.
    DnsName,
    /// Key of a Secret.
    SecretKey,
    /// SPIFFE ID of a workload.
    SpiffeId,
    /// RFC 3339 full-date.
    Date,
    /// Name of a tool.
    Tool,
    /// Where an argument of a tool stands.
    ArgumentPath,
    /// A value that an argument can have: text, a number, `#true`, `#false` or `#null`.
    Scalar,
    /// Any number.
    Number,
    /// A regular expression.
    Regex,
    /// Tools of one server.
    Tools,
    /// Tools of one server or of all.
    AnyTools,
    /// Name of a tool as agents see it.
    ExposedName,
    /// Name of an environment variable.
    Variable,
    /// Absolute path in a container.
    Path,
    /// Path of a URL.
    UrlPath,
    /// Who may deploy.
    Deployer,
    /// Version of the language.
    Language,
    /// Code of a check.
    Code,
}

impl Type {
    /// The type in the words of a message, after "expected" or "needs".
    pub(crate) fn noun(self) -> String {
        match self {
            Self::NewName => "a name".to_owned(),
            Self::Name(kind) => format!("the name of {}", kind.noun()),
            Self::RoleOrTools => "a role, or tools such as `server:tool`".to_owned(),
            Self::AgentOrAll => "the name of an agent, or `*`".to_owned(),
            Self::TeamOrAll => "the name of a team, or `*`".to_owned(),
            Self::Subject => "a name, or `server:tool` for a tool".to_owned(),
            Self::ClassOrUntrusted => "a data class, or `untrusted`".to_owned(),
            Self::Text => "text, not empty, without control characters".to_owned(),
            Self::AnyText => "text".to_owned(),
            Self::Tag => "a tag of 1 to 128 letters, digits, `_`, `.` and `-`, not starting with `.` or `-`".to_owned(),
            Self::Integer(min, max) => format!("a whole number from {} to {}", thousands(min), thousands(max)),
            Self::Count(max) => format!("a whole number from 1 to {}", thousands(max)),
            Self::Duration(min, max) => format!(
                "a duration from {} to {}, such as \"{}\"",
                duration::show(min),
                duration::show(max),
                duration::show(example(&DURATIONS, min, max))
            ),
            Self::Size(min, max) => format!(
                "a size from {} to {}, such as \"{}\"",
                size::show(min),
                size::show(max),
                size::show(example(&SIZES, min, max))
            ),
            Self::Quantity(of, min, max) => format!("a quantity from {} to {}, such as \"{}\"", quantity::show(of, min), quantity::show(of, max), of.example()),
            Self::Word(words) => words_of(words),
            Self::HttpsUrl => "an https URL".to_owned(),
            Self::Url => "an http or https URL".to_owned(),
            Self::Anchor => "an https URL, or the name of a ConfigMap".to_owned(),
            Self::VerifyKey => "a public key as \"ed25519:\" and the base64 of its 32 bytes".to_owned(),
            Self::KeySet => "an https URL, a file, or `cluster`".to_owned(),
            Self::Image => "an image reference such as \"registry.example/name:1.0.0\"".to_owned(),
            Self::ImagePattern => "a pattern of image names such as \"registry.example/*\", where `*` is any text; one in the host ends with the host".to_owned(),
            Self::Destination => "a host name, `*.suffix`, address or CIDR range with a port, such as \"api.example.com:443\"".to_owned(),
            Self::Service => "a Service as \"namespace/name\"".to_owned(),
            Self::PodLabel => "a label as \"key=value\"".to_owned(),
            Self::DnsLabel => "a Kubernetes name: lower-case letters, digits and `-`, starting and ending with a letter or digit".to_owned(),
            Self::DnsName => "a Kubernetes name: lower-case letters, digits, `-` and `.`, at most 253".to_owned(),
            Self::SecretKey => "a key of a Secret: letters, digits, `-`, `_` and `.`, at most 253".to_owned(),
            Self::SpiffeId => "a SPIFFE ID such as \"spiffe://example.org/support/helper\"".to_owned(),
            Self::Date => "a date such as \"2027-03-31\"".to_owned(),
            Self::Tool => "the name of a tool".to_owned(),
            Self::ArgumentPath => {
                "the path of an argument, names joined by `.`, or a JSON pointer that starts with `/`".to_owned()
            }
            Self::Scalar => "text, a number, `#true`, `#false` or `#null`".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Regex => "a regular expression of at most 1 KiB".to_owned(),
            Self::Tools => "tools as `server:tool`, `server:prefix*` or `server:*`".to_owned(),
            Self::AnyTools => "tools as `server:tool`, `server:prefix*`, `*:prefix*` or `*`".to_owned(),
            Self::ExposedName => "1 to 64 letters, digits, `_` and `-`".to_owned(),
            Self::Variable => "the name of an environment variable: letters, digits and `_`, not starting with a digit".to_owned(),
            Self::Path => "an absolute path such as \"/data\", without empty, `.` or `..` parts".to_owned(),
            Self::UrlPath => "a path that starts with `/`, without `//`, `..` or a query".to_owned(),
            Self::Deployer => "a Kubernetes user name, or \"group:NAME\"".to_owned(),
            Self::Language => "a language version".to_owned(),
            Self::Code => "the code of a check, such as `NET008`".to_owned(),
        }
    }
}

impl Kind {
    /// The kind with its article.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Group => "a group",
            Self::Team => "a team",
            Self::Environment => "an environment",
            Self::Issuer => "an issuer",
            Self::Server => "a server",
            Self::Role => "a role",
            Self::Agent => "an agent",
            Self::DataClass => "a data class",
        }
    }

    /// The kind alone.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Team => "team",
            Self::Environment => "environment",
            Self::Issuer => "issuer",
            Self::Server => "server",
            Self::Role => "role",
            Self::Agent => "agent",
            Self::DataClass => "data class",
        }
    }
}

/// The first of these that is in the range.
fn example(known: &[u64], min: u64, max: u64) -> u64 {
    let mut known = known.iter().copied();
    let fits = known.find(|value| (min..=max).contains(value));
    fits.unwrap_or(min)
}

/// `a, b or c`
pub(crate) fn words_of(words: &[&str]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => format!("`{only}`"),
        Some((last, rest)) => {
            let rest: Vec<String> = rest.iter().map(|word| format!("`{word}`")).collect();
            format!("{} or `{last}`", rest.join(", "))
        }
    }
}
