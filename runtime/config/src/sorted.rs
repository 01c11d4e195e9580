//! The canonical form from JSON text, without a tree of values in between.

/// The RFC 8785 form of `json`, which must be as `serde_json` writes it but for the order of members.
/// `None` for what needs more than an order: numbers that are not small whole ones, names with more
/// than ASCII, escapes, space, names that come twice, and many levels.
pub(crate) fn sorted(json: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(json.len());
    let mut reader = Reader {
        rest: json.as_bytes(),
        levels: LEVELS,
    };
    reader.value(&mut out)?;
    reader.rest.is_empty().then_some(out)
}

/// Digits of a number that is below 2^53 whatever they are.
const EXACT_DIGITS: usize = 15;

/// Levels that are read here, since each takes some of the stack.
const LEVELS: usize = 100;

struct Reader<'j> {
    rest: &'j [u8],
    /// Levels that may still be opened.
    levels: usize,
}

impl<'j> Reader<'j> {
    fn value(&mut self, out: &mut Vec<u8>) -> Option<()> {
        match self.rest.first()? {
            b'{' => self.inside(|reader| reader.object(out)),
            b'[' => self.inside(|reader| reader.list(out)),
            b'"' => {
                out.extend_from_slice(self.text()?);
                Some(())
            }
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}');
                let length = self.rest.iter().position(ends).unwrap_or(self.rest.len());
                let word = self.take(length)?;
                is_exact(word).then(|| out.extend_from_slice(word))
            }
        }
    }

    fn inside(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        self.levels = self.levels.checked_sub(1)?;
        read(self)?;
        self.levels += 1;
        Some(())
    }

    fn list(&mut self, out: &mut Vec<u8>) -> Option<()> {
        out.push(self.byte()?);
        if self.rest.first() == Some(&b']') {
            out.push(self.byte()?);
            return Some(());
        }
        loop {
            self.value(out)?;
            let next = self.byte()?;
            out.push(next);
            match next {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    fn object(&mut self, out: &mut Vec<u8>) -> Option<()> {
        out.push(self.byte()?);
        if self.rest.first() == Some(&b'}') {
            out.push(self.byte()?);
            return Some(());
        }
        let start = out.len();
        // Each member's name, and the end of its text behind `start`.
        let mut members: Vec<(&[u8], usize)> = Vec::new();
        loop {
            let name = self.text()?;
            out.extend_from_slice(name);
            (name.is_ascii() && self.byte()? == b':').then(|| out.push(b':'))?;
            self.value(out)?;
            members.push((name, out.len() - start));
            match self.byte()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        let written = out.split_off(start);
        let starts = std::iter::once(0).chain(members.iter().map(|(_, end)| *end));
        let mut ordered: Vec<(&[u8], &[u8])> = Vec::with_capacity(members.len());
        for (start, (name, end)) in starts.zip(&members) {
            // Without its last quote, a name comes before those that it begins.
            ordered.push((name.strip_suffix(b"\"")?, written.get(start..*end)?));
        }
        ordered.sort_unstable_by_key(|(name, _)| *name);
        if ordered
            .windows(2)
            .any(|pair| matches!(pair, [(one, _), (other, _)] if one == other))
        {
            return None;
        }
        for (number, (_, member)) in ordered.iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            out.extend_from_slice(member);
        }
        out.push(b'}');
        Some(())
    }

    /// A text with its quotes.
    fn text(&mut self) -> Option<&'j [u8]> {
        let inner = self.rest.strip_prefix(b"\"")?;
        let length = inner.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        (inner.get(length) == Some(&b'"')).then(|| self.take(length + 2))?
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'j [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }
}

/// Whether ECMAScript writes this word the same: a whole number of few digits, or no number.
fn is_exact(word: &[u8]) -> bool {
    if matches!(word, b"true" | b"false" | b"null") {
        return true;
    }
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    digits.len() <= EXACT_DIGITS
        && digits.first().is_some_and(u8::is_ascii_digit)
        && digits.iter().all(u8::is_ascii_digit)
        && word != b"-0"
}
