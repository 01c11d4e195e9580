//! Quoted strings: single-line, multi-line and raw.

use std::borrow::Cow;
use std::ops::Range;

use super::characters::{RAW_STOP, STRING_STOP, is_newline, is_space};
use super::escape::{self, unfold};
use super::problems::{BAD_MULTILINE_STRING, UNTERMINATED_STRING};
use super::reader::Reader;

/// A multi-line string, cut into its parts.
struct Block {
    /// Number of `#` around it.
    hashes: usize,
    /// What stands between the line break behind the opening quotes and the closing quotes.
    body: Range<usize>,
    /// All of it, quotes included.
    whole: Range<usize>,
}

impl<'s> Reader<'s, '_> {
    /// Reads a string that begins with `"`.
    pub(super) fn quoted_string(&mut self) -> Cow<'s, str> {
        let start = self.at;
        if self.closes(start, "\"\"\"", 0) {
            return self.multi_line_string(start, 0);
        }
        let mut escaped = false;
        let mut at = start + 1;
        loop {
            at = self.scan(at, STRING_STOP);
            match self.byte(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at = self.escape_end(at);
                }
                Some(_) if self.newline_length(at) == 0 => at += 1,
                _ => return self.unterminated(start, start + 1, at, 0),
            }
        }
        self.at = at + 1;
        let text = self.slice(start + 1, at);
        if escaped {
            self.unescape(text, start + 1)
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Reads a string that begins with `#`.
    pub(super) fn raw_string(&mut self) -> Cow<'s, str> {
        let start = self.at;
        let hashes = self.raw_quote(start).unwrap_or_default();
        let quote = start + hashes;
        if self.closes(quote, "\"\"\"", 0) {
            return self.multi_line_string(start, hashes);
        }
        let mut at = quote + 1;
        loop {
            at = self.scan(at, RAW_STOP);
            match self.byte(at) {
                Some(b'"') if self.closes(at, "\"", hashes) => break,
                Some(_) if self.newline_length(at) == 0 => at += 1,
                _ => return self.unterminated(start, quote + 1, at, hashes),
            }
        }
        self.at = at + 1 + hashes;
        Cow::Borrowed(self.slice(quote + 1, at))
    }

    /// Reads the hashes and quotes of a raw string of KDL v1, which may have several lines.
    pub(super) fn v1_raw_text(&mut self) -> Cow<'s, str> {
        let hashes = self.raw_quote(self.at).unwrap_or_default();
        let start = self.at + hashes + 1;
        let mut end = self.scan(start, RAW_STOP);
        while end < self.text.len() && !self.closes(end, "\"", hashes) {
            end = self.scan(end + 1, RAW_STOP);
        }
        if end == self.text.len() {
            // Without an end it can only be told that the line belongs to it.
            end = self.line_end(start);
            self.at = end;
        } else {
            self.at = end + 1 + hashes;
        }
        Cow::Borrowed(self.slice(start, end))
    }

    /// Whether a raw string begins here.
    pub(super) fn at_raw_string(&self) -> bool {
        self.peek() == Some(b'#') && self.raw_quote(self.at).is_some()
    }

    /// The number of `#` before the quote that follows them.
    pub(super) fn raw_quote(&self, at: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(at..)?;
        let hashes = rest.iter().take_while(|&&byte| byte == b'#').count();
        (rest.get(hashes) == Some(&b'"')).then_some(hashes)
    }

    /// Whether `quotes` and then `hashes` times `#` stand at a place.
    fn closes(&self, at: usize, quotes: &str, hashes: usize) -> bool {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        rest.strip_prefix(quotes.as_bytes())
            .and_then(|rest| rest.get(..hashes))
            .is_some_and(|rest| rest.iter().all(|&byte| byte == b'#'))
    }

    /// The place behind an escape that begins with the `\` at `at`.
    fn escape_end(&self, at: usize) -> usize {
        let next = at + 1;
        let Some(c) = self.char_at(next) else {
            return next;
        };
        if !is_space(c) && !is_newline(c) {
            return next + c.len_utf8();
        }
        let rest = self.slice(next, self.text.len());
        self.text.len()
            - rest
                .trim_start_matches(|c| is_space(c) || is_newline(c))
                .len()
    }

    /// A string that ends with its line instead of a quote.
    fn unterminated(
        &mut self,
        start: usize,
        body: usize,
        line_end: usize,
        hashes: usize,
    ) -> Cow<'s, str> {
        if let Some(quote) = self.closing_quote_below(body, line_end, hashes) {
            self.at = quote + 1 + hashes;
            self.report(
                &UNTERMINATED_STRING,
                start..line_end,
                "string is not closed on this line",
                "text of several lines stands between lines with `\"\"\"`",
            );
            return Cow::Borrowed(self.slice(body, quote));
        }
        let mut text = self.slice(body, line_end).trim_end_matches(is_space);
        if self.block_opened_on_line_of(start) {
            // What closes a block that was opened on the same line is not meant as text.
            let before = text.trim_end_matches(|c| is_space(c) || matches!(c, ';' | '}'));
            if self.slice(body + before.len(), line_end).contains('}') {
                text = before;
            }
        }
        self.at = body + text.len();
        let quote = format!("\"{}", "#".repeat(hashes));
        self.report(
            &UNTERMINATED_STRING,
            start..self.at,
            "string is not closed on this line",
            format!("add the closing `{quote}`; text of several lines stands between lines with `\"\"\"`"),
        );
        Cow::Borrowed(text)
    }

    /// The next quote, if it looks as if it closed the text and opened no other.
    fn closing_quote_below(&self, body: usize, line_end: usize, hashes: usize) -> Option<usize> {
        let below = self.slice(line_end, self.text.len());
        let quote = line_end + below.find('"')?;
        if !self.closes(quote, "\"", hashes) {
            return None;
        }
        let text = self.slice(body, quote);
        let closes_text = !text.ends_with(|c: char| {
            c.is_whitespace() || matches!(c, '=' | '(' | '{' | ';' | '#' | '\\')
        });
        // Quotes on lines of their own are the other way to write it.
        let alone = self.slice(body, line_end).trim().is_empty()
            && text.trim_end_matches(is_space).ends_with(is_newline)
            && self
                .slice(quote + 1 + hashes, self.line_end(quote))
                .trim()
                .is_empty();
        (closes_text || alone).then_some(quote)
    }

    fn block_opened_on_line_of(&self, at: usize) -> bool {
        let line_start = self.slice(0, at).rfind('\n').unwrap_or_default();
        self.open
            .last()
            .is_some_and(|open| open.brace >= line_start)
    }

    fn multi_line_string(&mut self, start: usize, hashes: usize) -> Cow<'s, str> {
        let quotes_end = start + hashes + 3;
        let newline = self.newline_length(quotes_end);
        if newline == 0 {
            return self.multi_line_on_one_line(start, quotes_end, hashes);
        }
        let body_start = quotes_end + newline;
        let stop = if hashes == 0 { STRING_STOP } else { RAW_STOP };
        let mut at = body_start;
        loop {
            at = self.scan(at, stop);
            match self.byte(at) {
                Some(b'"') if self.closes(at, "\"\"\"", hashes) => break,
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
                None => return self.unterminated_block(start, body_start, hashes),
            }
        }
        self.at = at + 3 + hashes;
        self.dedent(&Block {
            hashes,
            body: body_start..at,
            whole: start..self.at,
        })
    }

    /// All that follows is taken as text: most likely it is, and otherwise nobody can tell.
    fn unterminated_block(&mut self, start: usize, body: usize, hashes: usize) -> Cow<'s, str> {
        self.at = self.text.len();
        self.swallowed_rest = true;
        self.report(
            &UNTERMINATED_STRING,
            start..start + hashes + 3,
            "multi-line string is never closed",
            format!(
                "add a line with `\"\"\"{}` behind the text",
                "#".repeat(hashes)
            ),
        );
        Cow::Borrowed(self.slice(body, self.at))
    }

    fn multi_line_on_one_line(&mut self, start: usize, body: usize, hashes: usize) -> Cow<'s, str> {
        let mut end = self.scan(body, RAW_STOP);
        while end < self.text.len()
            && self.newline_length(end) == 0
            && !self.closes(end, "\"\"\"", hashes)
        {
            end = self.scan(end + 1, RAW_STOP);
        }
        let closed = self.closes(end, "\"\"\"", hashes);
        self.at = if closed { end + 3 + hashes } else { end };
        self.report(
            &BAD_MULTILINE_STRING,
            start..self.at,
            "a line break must follow the opening `\"\"\"`",
            "write text of one line between single quotation marks, `\"...\"`",
        );
        Cow::Borrowed(self.slice(body, end))
    }

    /// Takes the indentation of the closing quotes off each line, then decodes escapes.
    fn dedent(&mut self, block: &Block) -> Cow<'s, str> {
        let written = self.slice(block.body.start, block.body.end);
        let raw = block.hashes > 0;
        let unfolded = if raw {
            Cow::Borrowed(written)
        } else {
            self.check_escapes(written, block.body.start);
            unfold(written)
        };
        // Places inside of the text are known as long as no line was joined with the next.
        let place = matches!(unfolded, Cow::Borrowed(_)).then_some(block.body.start);
        let mut lines = escape::lines(&unfolded);
        let (closing_at, mut indentation) = lines.pop().unwrap_or_default();
        if !indentation.chars().all(is_space) {
            let at = place.map_or(block.whole.clone(), |place| {
                let start = place + closing_at;
                start..start + indentation.len()
            });
            self.report(
                &BAD_MULTILINE_STRING,
                at,
                "text before the closing quotes of a multi-line string",
                "put the closing quotes on a line of their own",
            );
            lines.push((closing_at, indentation));
            indentation = "";
        }
        let mut text = String::with_capacity(unfolded.len());
        let mut reported = false;
        for (number, &(line_at, line)) in lines.iter().enumerate() {
            if number > 0 {
                text.push('\n');
            }
            if line.chars().all(is_space) {
                continue;
            }
            let content = line.strip_prefix(indentation).unwrap_or_else(|| {
                if !std::mem::replace(&mut reported, true) {
                    let at = place.map_or(block.whole.clone(), |place| {
                        let start = place + line_at;
                        start..start + line.len()
                    });
                    self.report(
                        &BAD_MULTILINE_STRING,
                        at,
                        "a line is indented less than the closing quotes",
                        "begin each line of the text with the same spaces or tabs as the closing quotes",
                    );
                }
                line.trim_start_matches(is_space)
            });
            if raw {
                text.push_str(content);
            } else {
                text.push_str(&escape::decode(content).0);
            }
        }
        Cow::Owned(text)
    }

    fn unescape(&mut self, text: &'s str, start: usize) -> Cow<'s, str> {
        let (decoded, bad) = escape::decode(text);
        if let Some(bad) = bad.first() {
            self.report_escape(bad, start);
        }
        decoded
    }

    /// Reports the first escape of each line that means nothing. One that a line break cuts in two is
    /// none, though taking the break away would make it one.
    fn check_escapes(&mut self, text: &'s str, start: usize) {
        let (_, mut bad) = escape::decode(text);
        bad.dedup_by(|later, first| {
            !text
                .get(first.at..later.at)
                .is_some_and(|between| between.contains(is_newline))
        });
        for bad in &bad {
            self.report_escape(bad, start);
        }
    }

    /// Reports an escape of a text that begins at `start`.
    fn report_escape(&mut self, bad: &escape::Bad<'_>, start: usize) {
        let at = start + bad.at..start + bad.at + bad.text.len();
        let (message, help) = if bad.text.starts_with("\\u") {
            (
                format!("`{}` is no character", bad.text),
                "write one to six hexadecimal digits of a Unicode character, as in `\\u{20AC}`",
            )
        } else {
            (
                format!("unknown escape `{}`", bad.text),
                "use a raw string `#\"...\"#`, or write `\\\\` for a backslash",
            )
        };
        self.report(&super::problems::BAD_ESCAPE, at, message, help);
    }
}
