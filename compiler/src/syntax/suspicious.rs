//! Characters that make a text look like another one.

use super::Text;
use super::characters::{DISALLOWED_START, is_disallowed};
use super::problems::{DISALLOWED_CODE_POINT, SUSPICIOUS_NAME};
use super::reader::Reader;
use crate::diagnostic::visible::{is_invisible, visible};
use crate::script;

impl Reader<'_, '_> {
    /// Reports characters that are allowed nowhere, once a line.
    pub(super) fn report_disallowed(&mut self) {
        // A byte order mark is allowed at the start.
        let start = if self.text.starts_with('\u{FEFF}') {
            '\u{FEFF}'.len_utf8()
        } else {
            0
        };
        let mut last: Option<usize> = None;
        let mut next = start;
        loop {
            let at = self.scan(next, DISALLOWED_START);
            let Some(c) = self.char_at(at) else {
                return;
            };
            next = at + c.len_utf8();
            if !is_disallowed(c) {
                continue;
            }
            let same_line = last.is_some_and(|last| !self.slice(last, at).contains('\n'));
            last = Some(at);
            if same_line {
                continue;
            }
            self.report(
                &DISALLOWED_CODE_POINT,
                at..next,
                format!("{} is not allowed, not even in a comment", code_point(c)),
                format!(
                    "delete it; inside of quotes it can be written as `\\u{{{:X}}}`",
                    u32::from(c)
                ),
            );
        }
    }

    /// Whether a name may be read as another one. This is reported.
    pub(super) fn is_suspicious(&mut self, name: &Text<'_>) -> bool {
        if name.text.is_ascii() {
            return false;
        }
        let start = name.span.start as usize;
        let end = name.span.end as usize;
        // What is allowed nowhere was reported as such.
        if self.slice(start, end).contains(is_disallowed) {
            return true;
        }
        let message = if let Some(c) = name.text.chars().find(|&c| is_invisible(c)) {
            format!("{} is invisible, and part of this name", code_point(c))
        } else if let Some((one, other)) = script::mixed(&name.text) {
            format!("`{}` mixes {one} and {other} letters", visible(&name.text))
        } else {
            return false;
        };
        self.report(
            &SUSPICIOUS_NAME,
            start..end,
            message,
            "type the name anew; names are lower-case ASCII letters, digits and dashes",
        );
        true
    }
}

fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}
