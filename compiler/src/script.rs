//! Scripts of letters, and letters that look like those of another script.

mod foreign;
mod latin;

pub(crate) use foreign::foreign;
pub(crate) use latin::latin;

/// Two scripts whose letters look alike and that one text has both of.
///
/// East Asian scripts stand beside Latin in ordinary names, and look like nothing else.
pub(crate) fn mixed(text: &str) -> Option<(&'static str, &'static str)> {
    let mut scripts = text.chars().filter_map(script);
    let first = scripts.next()?;
    let other = scripts.find(|&other| other != first)?;
    Some((first, other))
}

/// The script of a letter, where letters of others look like some of its own.
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
