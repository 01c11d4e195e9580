//! A strict look at JSON text before anything is built from it: grammar (RFC 8259), UTF-8, depth,
//! number of values, and no key twice in an object. It makes no tree and does not recurse.

mod scanner;

use scanner::Scanner;

/// What a text may not exceed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Arrays and objects inside each other.
    pub(crate) depth: usize,
    /// Values of any kind, the outermost included.
    pub(crate) values: usize,
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonError {
    #[error("not UTF-8")]
    Encoding,
    #[error("not JSON")]
    Grammar,
    #[error("a string with half a surrogate pair")]
    Surrogate,
    #[error("a number beyond what a double can hold")]
    Number,
    #[error("a key twice in one object")]
    DuplicateKey,
    #[error("nested too deep")]
    Depth,
    #[error("too many values")]
    Values,
}

/// Accepts exactly the texts that every JSON reader reads alike (RFC 7493), within `bounds`.
pub(crate) fn check(bytes: &[u8], bounds: Bounds) -> Result<&str, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::Encoding)?;
    Scanner::new(text, bounds).scan()?;
    Ok(text)
}

#[cfg(test)]
mod tests;
