//! DSC009: letters of another script that look like the Latin ones beside them.

use super::confusable::{is_styled, latin, script};

/// A foreign letter where a Latin one is expected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    /// The letter.
    pub(super) letter: char,
    /// Its script.
    pub(super) script: &'static str,
    /// Its character in the text, from 1.
    pub(super) place: usize,
}

/// The first letter that pretends: in a word that has Latin letters too, or in a word of look-alikes
/// only, where the text has no other letter of that script.
pub(super) fn first(text: &str) -> Option<Foreign> {
    if text.is_ascii() {
        return None;
    }
    let mut word: Vec<(usize, char)> = Vec::new();
    let mut disguised = None;
    let mut is_foreign_text = false;
    for (index, c) in text.chars().chain(std::iter::once(' ')).enumerate() {
        if c.is_alphabetic() {
            word.push((index, c));
            continue;
        }
        let has_latin = word.iter().any(|(_, c)| c.is_ascii_alphabetic());
        let pretends = word.iter().find(|(_, c)| is_look_alike(*c)).copied();
        if let (true, Some(found)) = (has_latin, pretends) {
            return Some(of(found));
        }
        let all = word.len() > 2 && word.iter().all(|(_, c)| is_look_alike(*c));
        if all {
            disguised = disguised.or(pretends);
        } else {
            is_foreign_text |= word
                .iter()
                .any(|(_, c)| !c.is_ascii() && script(*c) != "unusual");
        }
        word.clear();
    }
    disguised.filter(|_| !is_foreign_text).map(of)
}

/// Dotless i is a letter of Turkish, and Latin.
fn is_look_alike(c: char) -> bool {
    c != '\u{131}' && (latin(c).is_some() || is_styled(c))
}

fn of((index, letter): (usize, char)) -> Foreign {
    Foreign {
        letter,
        script: script(letter),
        place: index + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_letter_in_a_latin_word_is_found() {
        let found = first("A p\u{430}yment").unwrap();
        assert_eq!(
            (found.letter, found.script, found.place),
            ('\u{430}', "Cyrillic", 4)
        );
        assert_eq!(first("\u{440}\u{430}\u{443} now").unwrap().place, 1);
    }

    #[test]
    fn other_languages_and_formulas_are_fine() {
        for fine in [
            "\u{43f}\u{440}\u{43e}\u{431}\u{430} \u{440}\u{430}\u{43a}",
            "\u{394}t, 5 \u{b5}s, \u{3c0}r\u{b2}, \u{3bb}x",
            "na\u{ef}ve \u{65e5}\u{672c}",
            "\u{131}rmak",
        ] {
            assert_eq!(first(fine), None, "{fine}");
        }
    }
}
