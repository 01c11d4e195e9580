//! Letters of another script that stand where a Latin one is expected, and look like it.

use super::latin::{is_styled, latin};
use super::script;

/// A foreign letter where a Latin one is expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// The letter.
    pub(crate) letter: char,
    /// Its script.
    pub(crate) script: &'static str,
    /// Its character in the text, from 1.
    pub(crate) place: usize,
}

/// The first letter that pretends: in a word that has Latin letters too, or in a word of look-alikes
/// only, where the text has no other letter of that script.
pub(crate) fn foreign(text: &str) -> Option<Foreign> {
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
            is_foreign_text |= word.iter().any(|(_, c)| other_script(*c).is_some());
        }
        word.clear();
    }
    disguised.filter(|_| !is_foreign_text).map(of)
}

/// Dotless i is a letter of Turkish, and Latin.
fn is_look_alike(c: char) -> bool {
    c != '\u{131}' && (latin(c).is_some() || is_styled(c))
}

/// The script of a letter that is not Latin. Some that look like Latin ones are, from other alphabets.
fn other_script(c: char) -> Option<&'static str> {
    script(c).filter(|script| *script != "Latin")
}

fn of((index, letter): (usize, char)) -> Foreign {
    Foreign {
        letter,
        script: other_script(letter).unwrap_or("unusual"),
        place: index + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_letter_in_a_latin_word_is_found() {
        let found = foreign("A p\u{430}yment").unwrap();
        assert_eq!(
            (found.letter, found.script, found.place),
            ('\u{430}', "Cyrillic", 4)
        );
        assert_eq!(foreign("\u{440}\u{430}\u{443} now").unwrap().place, 1);
    }

    #[test]
    fn other_languages_and_formulas_are_fine() {
        for fine in [
            "\u{43f}\u{440}\u{43e}\u{431}\u{430} \u{440}\u{430}\u{43a}",
            "\u{394}t, 5 \u{b5}s, \u{3c0}r\u{b2}, \u{3bb}x",
            "na\u{ef}ve \u{65e5}\u{672c}",
            "\u{131}rmak",
        ] {
            assert_eq!(foreign(fine), None, "{fine}");
        }
    }
}
