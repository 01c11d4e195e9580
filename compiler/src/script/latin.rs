//! Letters of other scripts that look like Latin ones.

/// Sorted by the foreign letter. Those that only look alike in few fonts are left out: every row makes words of
/// other languages more alike.
const LATIN: &[(char, char)] = &[
    ('\u{131}', 'i'),
    ('\u{251}', 'a'),
    ('\u{261}', 'g'),
    ('\u{391}', 'A'),
    ('\u{392}', 'B'),
    ('\u{395}', 'E'),
    ('\u{396}', 'Z'),
    ('\u{397}', 'H'),
    ('\u{399}', 'I'),
    ('\u{39a}', 'K'),
    ('\u{39c}', 'M'),
    ('\u{39d}', 'N'),
    ('\u{39f}', 'O'),
    ('\u{3a1}', 'P'),
    ('\u{3a4}', 'T'),
    ('\u{3a5}', 'Y'),
    ('\u{3a7}', 'X'),
    ('\u{3b1}', 'a'),
    ('\u{3b9}', 'i'),
    ('\u{3ba}', 'k'),
    ('\u{3bd}', 'v'),
    ('\u{3bf}', 'o'),
    ('\u{3c1}', 'p'),
    ('\u{3c5}', 'u'),
    ('\u{3f2}', 'c'),
    ('\u{3f3}', 'j'),
    ('\u{405}', 'S'),
    ('\u{406}', 'I'),
    ('\u{408}', 'J'),
    ('\u{410}', 'A'),
    ('\u{412}', 'B'),
    ('\u{415}', 'E'),
    ('\u{41a}', 'K'),
    ('\u{41c}', 'M'),
    ('\u{41d}', 'H'),
    ('\u{41e}', 'O'),
    ('\u{420}', 'P'),
    ('\u{421}', 'C'),
    ('\u{422}', 'T'),
    ('\u{423}', 'Y'),
    ('\u{425}', 'X'),
    ('\u{430}', 'a'),
    ('\u{435}', 'e'),
    ('\u{43e}', 'o'),
    ('\u{440}', 'p'),
    ('\u{441}', 'c'),
    ('\u{443}', 'y'),
    ('\u{445}', 'x'),
    ('\u{455}', 's'),
    ('\u{456}', 'i'),
    ('\u{458}', 'j'),
    ('\u{475}', 'v'),
    ('\u{4ae}', 'Y'),
    ('\u{4af}', 'y'),
    ('\u{4ba}', 'H'),
    ('\u{4bb}', 'h'),
    ('\u{4c0}', 'I'),
    ('\u{4cf}', 'l'),
    ('\u{501}', 'd'),
    ('\u{51b}', 'q'),
    ('\u{51d}', 'w'),
    ('\u{555}', 'O'),
    ('\u{578}', 'n'),
    ('\u{57d}', 'u'),
    ('\u{581}', 'g'),
    ('\u{585}', 'o'),
    ('\u{13a0}', 'D'),
    ('\u{13a1}', 'R'),
    ('\u{13a2}', 'T'),
    ('\u{13aa}', 'A'),
    ('\u{13b3}', 'W'),
    ('\u{13bb}', 'H'),
    ('\u{13c0}', 'G'),
    ('\u{13c3}', 'Z'),
    ('\u{13cf}', 'b'),
    ('\u{13d2}', 'R'),
    ('\u{13d4}', 'W'),
    ('\u{13d5}', 'S'),
    ('\u{13d9}', 'V'),
    ('\u{13da}', 'S'),
    ('\u{13de}', 'L'),
    ('\u{13df}', 'C'),
    ('\u{13e2}', 'P'),
    ('\u{13e6}', 'K'),
];

/// The Latin letter that this one looks like.
pub(crate) fn latin(c: char) -> Option<char> {
    if c.is_ascii() {
        return None;
    }
    let index = LATIN
        .binary_search_by_key(&c, |(foreign, _)| *foreign)
        .ok()?;
    LATIN.get(index).map(|(_, latin)| *latin)
}

/// Whether a letter is a Latin one in another style: wide, bold, script.
pub(super) fn is_styled(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d6a5}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_leads_from_other_letters_to_latin_ones() {
        assert!(LATIN.is_sorted_by(|one, next| one.0 < next.0));
        for (foreign, latin) in LATIN {
            assert!(!foreign.is_ascii() && foreign.is_alphabetic(), "{foreign}");
            assert!(latin.is_ascii_alphabetic(), "{latin}");
        }
        assert_eq!(latin('\u{430}'), Some('a'));
        assert_eq!(latin('a'), None);
    }
}
