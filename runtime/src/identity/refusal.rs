//! Why a request has no caller. The client is told nothing of it; metrics and the log are.

/// Why a request has no caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// There is no Authorization header.
    #[error("no token")]
    NoToken,
    /// There are several Authorization headers, or one that is no bearer token.
    #[error("not exactly one bearer token")]
    NotBearer,
    /// The token is longer than 8 KiB, or its header longer than 1 KiB.
    #[error("the token is too long")]
    TooLong,
    /// The token is not three parts of base64url with strict JSON in the first two.
    #[error("not a compact JWT")]
    Malformed,
    /// The header has a member, type or algorithm that is not accepted.
    #[error("a header member, type or algorithm that is not accepted")]
    Header,
    /// Nobody in the config issues such tokens.
    #[error("unknown issuer")]
    UnknownIssuer,
    /// The issuer has no such key.
    #[error("unknown key")]
    UnknownKey,
    /// The key is for another algorithm.
    #[error("the key is for another algorithm")]
    Algorithm,
    /// The signature is not the key's.
    #[error("wrong signature")]
    Signature,
    /// A claim is missing or has the wrong type.
    #[error("a claim is missing or has the wrong type")]
    Claims,
    /// The token is for somebody else, or for an API server too.
    #[error("wrong audience")]
    Audience,
    /// The token has expired.
    #[error("expired")]
    Expired,
    /// The token is not valid yet.
    #[error("not valid yet")]
    NotYet,
    /// The token lives longer than the issuer's `maxAge`.
    #[error("lives too long")]
    Lifetime,
    /// The subject is no service account, or another one than the other claims say.
    #[error("the subject and the other claims disagree")]
    Subject,
    /// A service account token that is not bound to a pod.
    #[error("not bound to a pod")]
    Unbound,
    /// The token is good, but of no agent, or of several.
    #[error("no agent has this identity")]
    NoAgent,
    /// The issuer's keys could not be fetched; not the client's fault.
    #[error("the issuer's keys are not available")]
    KeysUnavailable,
}

impl Unauthenticated {
    /// Its word in metrics and in the log.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoToken => "no-token",
            Self::NotBearer => "not-bearer",
            Self::TooLong => "token-too-long",
            Self::Malformed => "token-malformed",
            Self::Header => "token-header",
            Self::UnknownIssuer => "unknown-issuer",
            Self::UnknownKey => "unknown-key",
            Self::Algorithm => "wrong-algorithm",
            Self::Signature => "wrong-signature",
            Self::Claims => "token-claims",
            Self::Audience => "wrong-audience",
            Self::Expired => "expired",
            Self::NotYet => "not-yet-valid",
            Self::Lifetime => "lives-too-long",
            Self::Subject => "wrong-subject",
            Self::Unbound => "not-bound",
            Self::NoAgent => "no-agent",
            Self::KeysUnavailable => "keys-unavailable",
        }
    }
}
