//! Which characters KDL treats how. ASCII is decided by a table, since the reader asks once a byte.

/// Ends a bare word.
pub(super) const WORD_STOP: u8 = 1;
/// May end the run of plain bytes inside a quoted string.
pub(super) const STRING_STOP: u8 = 1 << 1;
/// May end the run of plain bytes inside a raw string.
pub(super) const RAW_STOP: u8 = 1 << 2;
/// May be a line break.
pub(super) const LINE_STOP: u8 = 1 << 3;
/// Not ASCII.
pub(super) const WIDE: u8 = 1 << 4;
/// Space or tab.
pub(super) const BLANK: u8 = 1 << 5;
/// May begin a disallowed code point.
pub(super) const DISALLOWED_START: u8 = 1 << 6;

static CLASSES: [u8; 256] = classes();

/// The classes of a byte, as a set of bits.
pub(super) fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        let mut class = 0;
        if matches!(
            byte,
            b'\\' | b'/' | b'(' | b')' | b'{' | b'}' | b';' | b'[' | b']' | b'"' | b'#' | b'='
        ) {
            class |= WORD_STOP;
        }
        // Line breaks that are not ASCII begin with 0xC2 (U+0085) or 0xE2 (U+2028, U+2029).
        if matches!(byte, b'\n' | b'\r' | 0x0B | 0x0C | 0xC2 | 0xE2) {
            class |= LINE_STOP | STRING_STOP | RAW_STOP;
        }
        if matches!(byte, b'\n' | b'\r' | 0x0B | 0x0C | b' ' | b'\t') {
            class |= WORD_STOP;
        }
        if matches!(byte, b'"' | b'\\') {
            class |= STRING_STOP;
        }
        if matches!(byte, b'"') {
            class |= RAW_STOP;
        }
        if matches!(byte, b' ' | b'\t') {
            class |= BLANK;
        }
        if byte >= 0x80 {
            class |= WIDE | WORD_STOP;
        }
        if matches!(byte, 0..=8 | 0x0E..=0x1F | 0x7F | 0xE2 | 0xEF) {
            class |= DISALLOWED_START;
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "a byte is less than 256; const code has no `get_mut`"
        )]
        {
            table[byte as usize] = class;
        }
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

/// White space inside a line.
pub(super) fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t' | ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// A line break, or the first half of one.
pub(super) fn is_newline(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Not allowed anywhere in a file: control characters and those that turn the text's direction.
pub(super) fn is_disallowed(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}'
            | '\u{E}'..='\u{1F}'
            | '\u{7F}'
            | '\u{200E}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
    )
}
