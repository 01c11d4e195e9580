//! What stands between the parts of a node: spaces, line breaks, comments, `/-`; and how the
//! reader skips what it cannot read.

use super::characters::{BLANK, LINE_STOP, class, is_newline, is_space};
use super::problems::{DANGLING_SLASHDASH, KDL_V1_SYNTAX, UNTERMINATED_COMMENT};
use super::reader::Reader;

/// What [`Reader::skip_slashdash`] found.
pub(super) enum Slashdash {
    /// There is none.
    None,
    /// It was passed; what it comments out comes next.
    Passed,
    /// It was passed, and nothing follows that it could comment out. This was reported.
    Dangling,
}

impl Reader<'_, '_> {
    /// Skips the byte order mark, and refuses files that say they are KDL v1.
    pub(super) fn skip_file_start(&mut self) {
        if self.text.starts_with('\u{FEFF}') {
            self.at = '\u{FEFF}'.len_utf8();
        }
        let line = self.slice(self.at, self.line_end(self.at));
        let marker = line
            .strip_prefix("/-")
            .map(|marker| marker.trim_matches(is_space))
            .and_then(|marker| marker.strip_prefix("kdl-version"));
        if marker.is_some_and(|version| version.trim_start_matches(is_space) == "1") {
            self.report(
                &KDL_V1_SYNTAX,
                self.at..self.at + line.len(),
                "this file says it is KDL v1; catalogs are KDL v2",
                "delete the line, and convert the file where v2 differs: `#true`, `#\"raw\"#`",
            );
        }
    }

    /// Skips spaces, block comments and escaped line breaks. Says whether there were any.
    pub(super) fn skip_node_space(&mut self) -> bool {
        let start = self.at;
        while let Some(byte) = self.peek() {
            if class(byte) & BLANK != 0 {
                self.at += 1;
            } else if byte == b'/' && self.byte(self.at + 1) == Some(b'*') {
                self.skip_block_comment();
            } else if byte == b'\\' {
                if !self.skip_line_continuation() {
                    break;
                }
            } else if byte < 0x80 || !self.skip_char_if(is_space) {
                break;
            }
        }
        self.at > start
    }

    /// Skips everything that may stand between nodes.
    pub(super) fn skip_line_space(&mut self) {
        loop {
            self.skip_node_space();
            let newline = self.newline_length(self.at);
            if newline > 0 {
                self.at += newline;
            } else if !self.skip_line_comment() {
                return;
            }
        }
    }

    /// Skips `/-` and what may stand between it and what it comments out.
    pub(super) fn skip_slashdash(&mut self) -> Slashdash {
        if self.peek() != Some(b'/') || self.byte(self.at + 1) != Some(b'-') {
            return Slashdash::None;
        }
        let start = self.at;
        let mut count = 0_usize;
        while self.peek() == Some(b'/') && self.byte(self.at + 1) == Some(b'-') {
            self.at += 2;
            count += 1;
            self.skip_line_space();
        }
        let dangling = matches!(self.peek(), None | Some(b'}' | b';'));
        if count == 1 && !dangling {
            return Slashdash::Passed;
        }
        self.report(
            &DANGLING_SLASHDASH,
            start..start + 2,
            "`/-` comments out nothing",
            "put it directly before a node, a value, a property or a child block, or delete it",
        );
        if dangling {
            Slashdash::Dangling
        } else {
            Slashdash::Passed
        }
    }

    /// Skips what ends a node, if it ends here. The `}` of the block around it stays.
    pub(super) fn skip_node_end(&mut self) -> bool {
        match self.peek() {
            None | Some(b'}') => true,
            Some(b';') => {
                self.at += 1;
                true
            }
            Some(b'/') => self.skip_line_comment(),
            Some(byte) if class(byte) & LINE_STOP != 0 => {
                let length = self.newline_length(self.at);
                self.at += length;
                length > 0
            }
            Some(_) => false,
        }
    }

    /// Skips what cannot be read, up to the end of the node or its block.
    pub(super) fn skip_rest_of_node(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b';' | b'{' | b'}' => return,
                _ if class(byte) & LINE_STOP != 0 && self.newline_length(self.at) > 0 => return,
                b'/' if self.byte(self.at + 1) == Some(b'/') => return,
                _ => self.skip_unread(byte),
            }
        }
    }

    /// Skips the rest of a block whose `{` was passed, without looking at what is in it.
    pub(super) fn skip_block(&mut self) {
        let mut depth = 1_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b'/' if self.skip_line_comment() => continue,
                _ => {
                    self.skip_unread(byte);
                    continue;
                }
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
        self.swallowed_rest = true;
    }

    /// Skips one string, comment or character, and reports nothing of it.
    fn skip_unread(&mut self, byte: u8) {
        let findings = self.found.len();
        match byte {
            b'"' => drop(self.quoted_string()),
            b'#' if self.at_raw_string() => drop(self.raw_string()),
            b'/' if self.byte(self.at + 1) == Some(b'*') => self.skip_block_comment(),
            b'\\' if self.skip_line_continuation() => {}
            // A run at once: looking at each for the quote behind the run would take too long.
            b'#' => {
                let rest = self.slice(self.at, self.text.len());
                self.at = self.text.len() - rest.trim_start_matches('#').len();
            }
            _ => self.at += self.char_at(self.at).map_or(1, char::len_utf8),
        }
        self.found.truncate(findings);
    }

    /// Skips a `//` comment up to the line break, if one begins here.
    fn skip_line_comment(&mut self) -> bool {
        if self.peek() != Some(b'/') || self.byte(self.at + 1) != Some(b'/') {
            return false;
        }
        self.at = self.line_end(self.at);
        true
    }

    /// Skips a block comment; they nest.
    fn skip_block_comment(&mut self) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut depth = 1_usize;
        self.at += 2;
        while let Some(pair) = bytes.get(self.at..self.at + 2) {
            match pair {
                b"*/" => {
                    self.at += 2;
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                b"/*" => {
                    self.at += 2;
                    depth += 1;
                }
                _ => self.at += 1,
            }
        }
        self.at = bytes.len();
        self.swallowed_rest = true;
        self.report(
            &UNTERMINATED_COMMENT,
            start..start + 2,
            "block comment is never closed",
            "add `*/` where it ends; block comments nest, so each `/*` needs its own",
        );
    }

    /// Skips a `\` that takes back the line break behind it.
    fn skip_line_continuation(&mut self) -> bool {
        let start = self.at;
        self.at += 1;
        self.skip_spaces_and_comments();
        let newline = self.newline_length(self.at);
        if newline > 0 {
            self.at += newline;
            return true;
        }
        if self.skip_line_comment() {
            self.at += self.newline_length(self.at);
            return true;
        }
        if self.peek().is_none() {
            return true;
        }
        self.at = start;
        false
    }

    fn skip_spaces_and_comments(&mut self) {
        loop {
            if self.peek() == Some(b'/') && self.byte(self.at + 1) == Some(b'*') {
                self.skip_block_comment();
            } else if !self.skip_char_if(is_space) {
                return;
            }
        }
    }

    pub(super) fn skip_char_if(&mut self, fits: impl Fn(char) -> bool) -> bool {
        match self.char_at(self.at) {
            Some(c) if fits(c) => {
                self.at += c.len_utf8();
                true
            }
            _ => false,
        }
    }

    /// Where the line ends that `from` is in: at a line break or the end of the text.
    pub(super) fn line_end(&self, from: usize) -> usize {
        let mut at = self.scan(from, LINE_STOP);
        while at < self.text.len() && self.newline_length(at) == 0 {
            at = self.scan(at + 1, LINE_STOP);
        }
        at
    }

    /// Bytes of the line break at a place; zero when there is none.
    pub(super) fn newline_length(&self, at: usize) -> usize {
        match self.byte(at) {
            Some(b'\r') if self.byte(at + 1) == Some(b'\n') => 2,
            Some(b'\n' | b'\r' | 0x0B | 0x0C) => 1,
            Some(0xC2 | 0xE2) => self
                .char_at(at)
                .filter(|&c| is_newline(c))
                .map_or(0, char::len_utf8),
            _ => 0,
        }
    }

    /// The end of the text without spaces that begins at `from`, at least one character.
    pub(super) fn glued_end(&self, from: usize) -> usize {
        let rest = self.slice(from, self.text.len());
        let length = rest
            .char_indices()
            .skip(1)
            .find(|&(_, c)| is_space(c) || is_newline(c) || matches!(c, ';' | '{' | '}'))
            .map_or(rest.len(), |(length, _)| length);
        from + length
    }
}
