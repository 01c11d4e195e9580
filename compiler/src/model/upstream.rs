//! How dispatch speaks to a server: its credential, what it passes back to the caller, and what it
//! says of the caller.

use super::SecretKey;

/// How dispatch authenticates to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    None,
    /// With a bearer token from a Secret.
    Bearer(SecretKey),
    /// With a token that an issuer gives in exchange for one of the caller (RFC 8693).
    TokenExchange(TokenRequest),
    /// With a token that an issuer gives for an assertion of dispatch (RFC 7523).
    ClientCredentials(TokenRequest),
}

/// What dispatch asks an issuer for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// https URL of the issuer.
    pub issuer: String,
    /// Audience of the token; none: the URL of the server.
    pub audience: Option<String>,
    /// Scope of the token.
    pub scope: Option<String>,
}

/// A request of a server that may reach the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relayed {
    /// Questions to the person.
    Elicitation,
    /// Questions to the caller's model.
    Sampling,
    /// Which folders the caller works in.
    Roots,
}

/// How the caller is told to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// Not at all.
    None,
    /// As a JWT that dispatch signs.
    Assertion,
    /// As headers.
    Headers,
}
