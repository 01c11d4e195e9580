//! Host names that look like others.

use crate::checks::network::CONFUSABLE_HOST;
use crate::diagnostic::visible::is_invisible;
use crate::script;

use super::network::is_host;
use super::punycode::unicode;
use super::{Misfit, quote};

/// Why a host name is not to be read as what it looks like; none when it is what it looks like. The ASCII
/// form of an international name is read as what it stands for.
pub(crate) fn confusable(host: &str) -> Option<Misfit> {
    let shown = unicode(host);
    if shown.is_ascii() {
        return None;
    }
    let mut quoted = format!("host name {}", quote(host));
    if *shown != *host {
        quoted = format!("{quoted} stands for {}, which", quote(&shown));
    }
    let invisible = shown.chars().find(|c| is_invisible(*c));
    let mixed = shown.split('.').find_map(script::mixed);
    let message = if let Some(c) = invisible {
        format!("{quoted} has the invisible U+{:04X}", u32::from(c))
    } else if let Some((one, other)) = mixed {
        let letter = shown.chars().find(|c| !c.is_ascii() && c.is_alphabetic());
        let letter = letter.map_or(0, u32::from);
        format!("{quoted} mixes {one} and {other} letters, such as U+{letter:04X}")
    } else {
        let foreign = script::foreign(&shown)?;
        let (script, letter) = (foreign.script, u32::from(foreign.letter));
        format!(
            "{quoted} is written in {script} letters that look like Latin ones, such as U+{letter:04X}"
        )
    };
    let looks_like: String = shown
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| script::latin(c).map_or(c, |latin| latin.to_ascii_lowercase()))
        .collect();
    let help = if is_host(&looks_like) {
        format!("it looks like `{looks_like}`; if that is meant, type the name anew")
    } else {
        "type the name anew".to_owned()
    };
    Some(Misfit::new(&CONFUSABLE_HOST, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misfit(host: &str) -> Option<(String, String)> {
        let misfit = confusable(host)?;
        Some((misfit.message, misfit.help?))
    }

    #[test]
    fn letters_of_two_scripts_in_one_label() {
        let (message, help) = misfit("g\u{456}thub.com").unwrap();
        assert_eq!(
            message,
            "host name `g\u{456}thub.com` mixes Latin and Cyrillic letters, such as U+0456"
        );
        assert_eq!(
            help,
            "it looks like `github.com`; if that is meant, type the name anew"
        );
        assert!(misfit("xn--gthub-n2e.com").is_some());
    }

    #[test]
    fn a_name_in_look_alikes_only() {
        let (message, _) = misfit("xn--80ak6aa92e.com").unwrap();
        assert_eq!(
            message,
            "host name `xn--80ak6aa92e.com` stands for `\u{430}\u{440}\u{440}\u{4cf}\u{435}.com`, which is written in Cyrillic letters that look like Latin ones, such as U+0430"
        );
        assert!(misfit("git\u{200b}hub.com").is_some());
    }

    #[test]
    fn other_names_are_what_they_look_like() {
        for host in [
            "api.github.com",
            "xn--bcher-kva.example",
            "b\u{fc}cher.example",
            "xn--e1afmkfd.xn--p1ai",
            "\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}.com",
            "20.1.2.3",
            "*.example.com",
        ] {
            assert_eq!(misfit(host), None, "{host}");
        }
    }
}
