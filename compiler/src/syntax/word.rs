//! Bare words: names, numbers, keywords, and what people write without the quotes it needs.

use std::borrow::Cow;

use super::Value;
use super::characters::{WIDE, WORD_STOP, class, is_newline, is_space};
use super::number;
use super::problems::{BARE_KEYWORD, KDL_V1_SYNTAX, UNQUOTED_URL, VALUE_NEEDS_QUOTES};
use super::reader::Reader;
use super::shown;

impl<'s> Reader<'s, '_> {
    /// Whether a bare word begins here.
    pub(super) fn at_word(&self) -> bool {
        self.peek().is_some_and(|byte| {
            class(byte) & WORD_STOP == 0
                || (class(byte) & WIDE != 0
                    && self
                        .char_at(self.at)
                        .is_some_and(|c| !is_space(c) && !is_newline(c)))
        })
    }

    /// Reads a bare word.
    pub(super) fn word(&mut self) -> Value<'s> {
        let start = self.at;
        self.at = self.word_end(start);
        if let Some(b'/' | b'"' | b'#') = self.peek()
            && let Some(value) = self.word_with_more(start)
        {
            return value;
        }
        let word = self.slice(start, self.at);
        if number::starts_like_one(word) {
            return number::parse(word).unwrap_or_else(|| self.needs_quotes(start));
        }
        match keyword_value(word) {
            Some(value) => {
                self.report(
                    &BARE_KEYWORD,
                    start..self.at,
                    format!(
                        "keywords are written with `#`, so `{word}` is neither text nor a keyword"
                    ),
                    format!("write `#{word}` for the keyword, `\"{word}\"` for the text"),
                );
                value
            }
            None => Value::Text(Cow::Borrowed(word)),
        }
    }

    /// Reads a keyword, if one begins at this `#`.
    pub(super) fn keyword(&mut self) -> Option<Value<'s>> {
        let end = self.word_end(self.at + 1);
        let value = keyword_value(self.slice(self.at + 1, end))?;
        self.at = end;
        Some(value)
    }

    fn word_end(&self, start: usize) -> usize {
        let mut at = self.scan(start, WORD_STOP);
        while let Some(byte) = self.byte(at)
            && class(byte) & WIDE != 0
            && let Some(c) = self.char_at(at)
            && !is_space(c)
            && !is_newline(c)
        {
            at = self.scan(at + c.len_utf8(), WORD_STOP);
        }
        at
    }

    /// A word that something follows without a space, which tells what was meant.
    fn word_with_more(&mut self, start: usize) -> Option<Value<'s>> {
        let word = self.slice(start, self.at);
        match (self.peek(), self.byte(self.at + 1)) {
            (Some(b'/'), Some(b'/')) if word.ends_with(':') => Some(self.unquoted_url(start)),
            (Some(b'/'), Some(b'/' | b'*' | b'-')) => None,
            (Some(b'/'), _) => {
                self.at = self.glued_end(self.at);
                Some(self.needs_quotes(start))
            }
            _ if word == "r" && self.raw_quote(self.at).is_some() => {
                Some(self.v1_raw_string(start))
            }
            _ => None,
        }
    }

    fn needs_quotes(&mut self, start: usize) -> Value<'s> {
        let text = self.slice(start, self.at);
        let why = if number::starts_like_one(text) {
            "starts like a number"
        } else {
            "has a `/` in it"
        };
        self.report(
            &VALUE_NEEDS_QUOTES,
            start..self.at,
            format!("{} {why}; write it in quotes", shown(text)),
            format!("write `\"{text}\"`"),
        );
        Value::Text(Cow::Borrowed(text))
    }

    fn unquoted_url(&mut self, start: usize) -> Value<'s> {
        let scheme = self.slice(start, self.at);
        self.at = self.glued_end(self.at);
        let url = self.slice(start, self.at);
        self.report(
            &UNQUOTED_URL,
            start..self.at,
            format!(
                "`//` starts a comment: this value is only {}",
                shown(scheme)
            ),
            format!("write `\"{url}\"`"),
        );
        Value::Text(Cow::Borrowed(url))
    }

    fn v1_raw_string(&mut self, start: usize) -> Value<'s> {
        let findings = self.found.len();
        let text = self.v1_raw_text();
        self.found.truncate(findings);
        self.report(
            &KDL_V1_SYNTAX,
            start..self.at,
            "this is a raw string of KDL v1",
            "KDL v2 writes `#\"...\"#`, without the `r`",
        );
        Value::Text(text)
    }
}

/// The value of a keyword, given without its `#`.
fn keyword_value(word: &str) -> Option<Value<'static>> {
    Some(match word {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        "inf" => Value::Float(Cow::Borrowed("#inf")),
        "-inf" => Value::Float(Cow::Borrowed("#-inf")),
        "nan" => Value::Float(Cow::Borrowed("#nan")),
        _ => return None,
    })
}
