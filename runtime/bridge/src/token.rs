//! The bearer token that keeps other processes of the same machine out.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Longest token file, bytes.
const MAX_FILE: u64 = 8 * 1024;

/// A file with the token that callers must show. It is read anew for each request, so that it
/// can be replaced.
#[derive(Clone, Debug)]
pub(crate) struct TokenFile(PathBuf);

impl TokenFile {
    /// The file at `path`.
    ///
    /// # Errors
    /// When it cannot be read or holds no token.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        read(&path)?;
        Ok(Self(path))
    }

    /// Whether a request with these headers shows the token. A file that cannot be read lets
    /// nobody in.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        let token = match read(&self.0) {
            Ok(token) => token,
            Err(error) => {
                tracing::error!(%error, file = %self.0.display(), "cannot read the token");
                return false;
            }
        };
        let mut shown = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (shown.next(), shown.next()) else {
            return false;
        };
        let (scheme, shown) = value.as_bytes().split_at_checked(7).unwrap_or_default();
        scheme.eq_ignore_ascii_case(b"bearer ") && is_same(shown.trim_ascii(), token.as_bytes())
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(MAX_FILE + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let token = text.trim_ascii();
    if token.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file holds no token",
        ));
    }
    Ok(token.to_owned())
}

/// Compares without telling by the time it takes how much is right. The length is no secret.
fn is_same(shown: &[u8], token: &[u8]) -> bool {
    let difference = shown
        .iter()
        .zip(token)
        .fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
    shown.len() == token.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use std::fs;

    use http::HeaderValue;

    use super::*;

    fn headers(value: &'static str) -> HeaderMap {
        [(AUTHORIZATION, HeaderValue::from_static(value))]
            .into_iter()
            .collect()
    }

    #[test]
    fn only_the_whole_token_is_let_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, " secret \n").unwrap();
        let token = TokenFile::open(path.clone()).unwrap();
        assert!(token.admits(&headers("Bearer secret")));
        assert!(token.admits(&headers("bearer secret")));
        for wrong in [
            "Bearer secre",
            "Bearer secrets",
            "Bearer Secret",
            "Bearer ",
            "secret",
            "Basic secret",
        ] {
            assert!(!token.admits(&headers(wrong)), "{wrong}");
        }
        assert!(!token.admits(&HeaderMap::new()));
        let mut twice = headers("Bearer secret");
        twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer secret"));
        assert!(!token.admits(&twice));

        fs::write(&path, "changed").unwrap();
        assert!(token.admits(&headers("Bearer changed")));
        fs::remove_file(&path).unwrap();
        assert!(!token.admits(&headers("Bearer changed")));
    }

    #[test]
    fn a_token_is_never_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for (length, is_read) in [(MAX_FILE, true), (MAX_FILE + 1, false)] {
            fs::write(&path, "a".repeat(usize::try_from(length).unwrap())).unwrap();
            assert_eq!(TokenFile::open(path.clone()).is_ok(), is_read);
        }
    }

    #[test]
    fn an_empty_file_is_no_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "\n").unwrap();
        assert!(TokenFile::open(path).is_err());
    }
}
