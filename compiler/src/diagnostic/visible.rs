//! Text of users made safe to show: nothing in it acts on a terminal or hides from the eye.

use std::borrow::Cow;

/// Whether a character takes no room, turns the direction of text, or carries hidden text.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// The text with control and invisible characters written as `\u{...}`, line breaks and tabs too.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let hidden =
        |c: char| c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}');
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if hidden(c) {
            shown.extend(format!("\\u{{{:X}}}", u32::from(c)).chars());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_acts_on_a_terminal_or_hides_is_written_out() {
        assert_eq!(
            visible("a\u{1b}[31mb\u{202e}c\u{200b}d\ne\u{E0041}"),
            "a\\u{1B}[31mb\\u{202E}c\\u{200B}d\\u{A}e\\u{E0041}"
        );
    }

    #[test]
    fn other_text_stays() {
        assert_eq!(visible("naïve `łódź` 日本"), "naïve `łódź` 日本");
    }
}
