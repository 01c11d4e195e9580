//! Characters that make a text look like another one.

use super::Text;
use super::characters::{DISALLOWED_START, is_disallowed};
use super::problems::{DISALLOWED_CODE_POINT, SUSPICIOUS_NAME};
use super::reader::Reader;
use crate::diagnostic::visible::{is_invisible, visible};

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
        } else if let Some((one, other)) = mixed_scripts(&name.text) {
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

/// Two scripts whose letters look alike and that one name has both of.
///
/// East Asian scripts stand beside Latin in ordinary names, and look like nothing else.
fn mixed_scripts(name: &str) -> Option<(&'static str, &'static str)> {
    let mut scripts = name.chars().filter_map(script);
    let first = scripts.next()?;
    let other = scripts.find(|&other| other != first)?;
    Some((first, other))
}

fn script(c: char) -> Option<&'static str> {
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{AA}' | '\u{BA}' | '\u{C0}'..='\u{D6}' => "Latin",
        '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2AF}' | '\u{1E00}'..='\u{1EFF}' => "Latin",
        '\u{2C60}'..='\u{2C7F}' | '\u{A722}'..='\u{A7FF}' | '\u{AB30}'..='\u{AB64}' => "Latin",
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => "Greek",
        '\u{400}'..='\u{52F}' | '\u{1C80}'..='\u{1C8F}' => "Cyrillic",
        '\u{2DE0}'..='\u{2DFF}' | '\u{A640}'..='\u{A69F}' => "Cyrillic",
        '\u{531}'..='\u{58A}' => "Armenian",
        '\u{591}'..='\u{5F4}' => "Hebrew",
        '\u{600}'..='\u{6FF}' | '\u{750}'..='\u{77F}' | '\u{8A0}'..='\u{8FF}' => "Arabic",
        '\u{10A0}'..='\u{10FF}' | '\u{1C90}'..='\u{1CBF}' | '\u{2D00}'..='\u{2D2F}' => "Georgian",
        '\u{13A0}'..='\u{13FF}' | '\u{AB70}'..='\u{ABBF}' => "Cherokee",
        '\u{1400}'..='\u{167F}' => "Canadian Aboriginal",
        '\u{2C80}'..='\u{2CFF}' => "Coptic",
        '\u{A4D0}'..='\u{A4FF}' => "Lisu",
        '\u{2100}'..='\u{214F}' | '\u{1D400}'..='\u{1D7FF}' => "mathematical",
        '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => "full-width",
        _ => return None,
    })
}
