//! From a bearer token to a [`Caller`]: the only way in.
//!
//! In order, cheap first: `bearer` finds the token, `token` takes it apart without believing
//! it, `source` has the issuer's keys, `claims` are believed once the signature is right, and
//! `agents` says whose token it is.

mod agents;
mod bearer;
mod cache;
mod caller;
mod challenge;
mod claims;
mod fetch;
mod keys;
mod refusal;
mod source;
#[cfg(test)]
pub(crate) mod testing;
mod token;
mod verifier;

pub(crate) use caller::Client;
pub use caller::{Caller, Pod};
pub(crate) use challenge::Challenge;
pub use fetch::FetcherError;
pub(crate) use fetch::{Fetcher, authorities};
pub use refusal::Unauthenticated;
pub use verifier::Verifier;
