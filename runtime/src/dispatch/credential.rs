//! How this process authenticates to a server. What the caller sent is never used.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bailiwick_config::Auth;
use http::HeaderValue;

/// How old a token that was read may be before the file is looked at again.
const FRESH: Duration = Duration::from_secs(1);
/// Largest token file, bytes.
const MAX_TOKEN: u64 = 16 << 10;

/// Where a server's credential comes from.
#[derive(Debug)]
pub(super) enum Credential {
    None,
    Bearer(Arc<TokenFile>),
}

/// A file with a bearer token, read again while it is used.
#[derive(Debug)]
pub(super) struct TokenFile {
    path: PathBuf,
    last: Mutex<Option<(Instant, HeaderValue)>>,
}

impl Credential {
    pub(super) fn new(auth: &Auth) -> Self {
        match auth {
            Auth::None => Self::None,
            Auth::Bearer { token_file } => Self::Bearer(Arc::new(TokenFile {
                path: token_file.into(),
                last: Mutex::new(None),
            })),
        }
    }

    /// The value of `Authorization`; none when the server wants none.
    pub(super) async fn header(&self) -> io::Result<Option<HeaderValue>> {
        let Self::Bearer(file) = self else {
            return Ok(None);
        };
        if let Some(header) = file.fresh(Instant::now()) {
            return Ok(Some(header));
        }
        let file = Arc::clone(file);
        let read = tokio::task::spawn_blocking(move || file.read());
        read.await.map_err(io::Error::other)?.map(Some)
    }

    /// Forgets what was read: the server refused it.
    pub(super) fn forget(&self) {
        if let Self::Bearer(file) = self {
            *file.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl TokenFile {
    fn fresh(&self, now: Instant) -> Option<HeaderValue> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (read, header) = last.as_ref()?;
        (now.saturating_duration_since(*read) < FRESH).then(|| header.clone())
    }

    fn read(&self) -> io::Result<HeaderValue> {
        let header = read_header(&self.path)?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((Instant::now(), header.clone()));
        Ok(header)
    }
}

fn read_header(path: &Path) -> io::Result<HeaderValue> {
    let invalid = |what| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut text = String::new();
    File::open(path)?
        .take(MAX_TOKEN + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > MAX_TOKEN {
        return Err(invalid("the token file is too large"));
    }
    let token = text.trim();
    if token.is_empty() {
        return Err(invalid("the token file is empty"));
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| invalid("the token has bytes that no header may have"))?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::{MAX_TOKEN, read_header};

    #[test]
    fn a_token_is_never_cut() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        for (length, is_read) in [(MAX_TOKEN, true), (MAX_TOKEN + 1, false)] {
            std::fs::write(&file, "a".repeat(usize::try_from(length).unwrap())).unwrap();
            assert_eq!(read_header(&file).is_ok(), is_read, "{length} bytes");
        }
    }
}
