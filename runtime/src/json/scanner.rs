//! The scanner: one pass over the text, with a stack of open containers on the heap.

use std::borrow::Cow;

use super::{Bounds, JsonError};

/// Longest number, bytes. Longer ones are legal JSON, but nobody means them.
const NUMBER_LENGTH: usize = 1024;

/// An open array or object.
enum Container {
    Array,
    /// Its keys are those in [`Scanner::keys`] from this index on.
    Object(usize),
}

/// What may come next.
enum Expect {
    /// A value.
    Value,
    /// A value, or the end of the array that was just opened.
    FirstElement,
    /// A key, or the end of the object that was just opened.
    FirstKey,
    /// A key.
    Key,
    /// A comma or an end; at the top the end of the text.
    Separator,
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    position: usize,
    bounds: Bounds,
    values: usize,
    open: Vec<Container>,
    /// Keys of the open objects, those of inner ones after those of outer ones.
    keys: Vec<Cow<'a, str>>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, bounds: Bounds) -> Self {
        Self {
            text,
            position: 0,
            bounds,
            values: 0,
            open: Vec::new(),
            keys: Vec::new(),
        }
    }

    pub(super) fn scan(mut self) -> Result<(), JsonError> {
        let mut expect = Expect::Value;
        loop {
            self.skip_space();
            expect = match (expect, self.peek()) {
                (Expect::FirstElement, Some(b']')) => self.close()?,
                (Expect::Value | Expect::FirstElement, Some(byte)) => self.value(byte)?,
                (Expect::FirstKey, Some(b'}')) => self.close()?,
                (Expect::FirstKey | Expect::Key, Some(b'"')) => self.key()?,
                (Expect::Separator, next) => match (self.open.last(), next) {
                    (None, None) => return Ok(()),
                    (Some(Container::Array), Some(b',')) => self.step(Expect::Value),
                    (Some(Container::Array), Some(b']')) => self.close()?,
                    (Some(Container::Object(_)), Some(b',')) => self.step(Expect::Key),
                    (Some(Container::Object(_)), Some(b'}')) => self.close()?,
                    _ => return Err(JsonError::Grammar),
                },
                _ => return Err(JsonError::Grammar),
            };
        }
    }

    fn value(&mut self, first: u8) -> Result<Expect, JsonError> {
        self.values += 1;
        if self.values > self.bounds.values {
            return Err(JsonError::Values);
        }
        match first {
            b'{' => self.enter(Container::Object(self.keys.len()), Expect::FirstKey),
            b'[' => self.enter(Container::Array, Expect::FirstElement),
            b'"' => self.string().map(|_| Expect::Separator),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(JsonError::Grammar),
        }
    }

    fn enter(&mut self, container: Container, expect: Expect) -> Result<Expect, JsonError> {
        if self.open.len() >= self.bounds.depth {
            return Err(JsonError::Depth);
        }
        self.open.push(container);
        Ok(self.step(expect))
    }

    fn close(&mut self) -> Result<Expect, JsonError> {
        if let Some(Container::Object(start)) = self.open.pop() {
            let keys = self.keys.get_mut(start..).unwrap_or_default();
            keys.sort_unstable();
            if keys.array_windows().any(|[one, next]| one == next) {
                return Err(JsonError::DuplicateKey);
            }
            self.keys.truncate(start);
        }
        Ok(self.step(Expect::Separator))
    }

    fn key(&mut self) -> Result<Expect, JsonError> {
        let key = self.string()?;
        self.keys.push(key);
        self.skip_space();
        match self.peek() {
            Some(b':') => Ok(self.step(Expect::Value)),
            _ => Err(JsonError::Grammar),
        }
    }

    /// Reads a string from its opening quote on, and gives what it means.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.position += 1;
        let mut decoded = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let end = rest
                .bytes()
                .position(|byte| byte == b'"' || byte == b'\\' || byte < 0x20)
                .ok_or(JsonError::Grammar)?;
            let plain = rest.get(..end).ok_or(JsonError::Grammar)?;
            // Adding a borrowed text to an empty one allocates nothing.
            decoded += plain;
            self.position += end;
            match self.next() {
                Some(b'"') => return Ok(decoded),
                Some(b'\\') => decoded.to_mut().push(self.escape()?),
                _ => return Err(JsonError::Grammar),
            }
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self) -> Result<char, JsonError> {
        Ok(match self.next() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(JsonError::Grammar),
        })
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.hex4()?;
        let mut second = None;
        if (0xD800..0xDC00).contains(&first) {
            if self.next() != Some(b'\\') || self.next() != Some(b'u') {
                return Err(JsonError::Surrogate);
            }
            second = Some(self.hex4()?);
        }
        match char::decode_utf16(std::iter::once(first).chain(second)).next() {
            Some(Ok(character)) => Ok(character),
            _ => Err(JsonError::Surrogate),
        }
    }

    fn hex4(&mut self) -> Result<u16, JsonError> {
        let digits = self.rest().get(..4).ok_or(JsonError::Grammar)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(JsonError::Grammar);
        }
        self.position += 4;
        u16::from_str_radix(digits, 16).map_err(|_| JsonError::Grammar)
    }

    fn number(&mut self) -> Result<Expect, JsonError> {
        let start = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        if self.peek() == Some(b'0') {
            self.position += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.position += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.position += 1;
            }
            self.digits()?;
        }
        let number = self
            .text
            .get(start..self.position)
            .ok_or(JsonError::Grammar)?;
        let is_finite = number.parse().is_ok_and(f64::is_finite);
        if number.len() > NUMBER_LENGTH || !is_finite {
            return Err(JsonError::Number);
        }
        Ok(Expect::Separator)
    }

    /// Reads one digit or more.
    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.position;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        if self.position == start {
            Err(JsonError::Grammar)
        } else {
            Ok(())
        }
    }

    fn word(&mut self, word: &str) -> Result<Expect, JsonError> {
        if !self.rest().starts_with(word) {
            return Err(JsonError::Grammar);
        }
        self.position += word.len();
        Ok(Expect::Separator)
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.position += 1;
        }
    }

    /// Passes one byte.
    fn step(&mut self, expect: Expect) -> Expect {
        self.position += 1;
        expect
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.position += 1;
        Some(byte)
    }
}
