//! Finds the token in a request.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::Unauthenticated;

/// Longest token, bytes.
const TOKEN_LENGTH: usize = 8 * 1024;

/// The token of the only Authorization header.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, Unauthenticated> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Unauthenticated::NoToken)?;
    if values.next().is_some() {
        return Err(Unauthenticated::NotBearer);
    }
    let text = value.to_str().map_err(|_| Unauthenticated::NotBearer)?;
    let (scheme, token) = text.split_once(' ').ok_or(Unauthenticated::NotBearer)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Unauthenticated::NotBearer);
    }
    if token.len() > TOKEN_LENGTH {
        return Err(Unauthenticated::TooLong);
    }
    Ok(token)
}
