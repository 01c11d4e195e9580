//! Lines of a child's output, with a bound on their length.

use std::io;

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// Longest message in either direction, bytes.
pub(crate) const MAX_MESSAGE: usize = 16 * 1024 * 1024;
/// How much of a longer line is kept, to see what it was.
const HEAD: usize = 256;

/// One line without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The line.
    Whole(Bytes),
    /// The beginning of a line longer than the bound; the rest was thrown away.
    TooLong(Bytes),
}

/// The next line; none at the end. What stands after the last line feed is no line.
pub(crate) async fn next<R: AsyncBufRead + Unpin>(
    reader: &mut R,
    longest: usize,
) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut is_too_long = false;
    loop {
        let available = reader.fill_buf().await?;
        if available.is_empty() {
            return Ok(None);
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = available.get(..end.unwrap_or(available.len()));
        let consumed = end.map_or(available.len(), |end| end + 1);
        if !is_too_long {
            line.extend_from_slice(part.unwrap_or_default());
            if line.len() > longest {
                is_too_long = true;
                line.truncate(HEAD);
                line.shrink_to_fit();
            }
        }
        reader.consume(consumed);
        if end.is_some() {
            let line = Bytes::from(line);
            return Ok(Some(if is_too_long {
                Line::TooLong(line)
            } else {
                Line::Whole(line)
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(mut text: &[u8]) -> Vec<Line> {
        let mut found = Vec::new();
        while let Some(line) = next(&mut text, 5).await.unwrap() {
            found.push(line);
        }
        found
    }

    #[tokio::test]
    async fn lines_are_bounded_and_an_unfinished_one_is_none() {
        let whole = |text: &'static [u8]| Line::Whole(Bytes::from_static(text));
        assert_eq!(
            lines(b"a\n\nfive5\nb").await,
            [whole(b"a"), whole(b""), whole(b"five5")]
        );
        let head = Line::TooLong(Bytes::from_static(b"sixsix"));
        assert_eq!(lines(b"sixsix\nb\n").await, [head, whole(b"b")]);
    }
}
