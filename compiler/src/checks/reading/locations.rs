//! DSC005: places where secrets are, by a list.

/// The list, longer entries before those that they contain.
fn locations() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("locations.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The places that a text names, as the list has them, each with its character from 1. An entry that
/// stands inside another that was found is left out.
pub(super) fn find(text: &str) -> Vec<(&'static str, usize)> {
    let text = text.replace('\\', "/").to_lowercase();
    let mut found: Vec<(std::ops::Range<usize>, &'static str)> = Vec::new();
    for location in locations() {
        if let Some(start) = first(&text, location) {
            found.push((start..start + location.len(), location));
        }
    }
    let outermost = |one: &std::ops::Range<usize>| {
        !found
            .iter()
            .any(|(other, _)| other != one && other.start <= one.start && one.end <= other.end)
    };
    let kept = found.iter().filter(|(range, _)| outermost(range));
    let mut kept: Vec<_> = kept
        .map(|(range, location)| {
            let before = text.get(..range.start).unwrap_or_default();
            (*location, before.chars().count() + 1)
        })
        .collect();
    kept.sort_by_key(|(_, place)| *place);
    kept
}

/// Where `location` stands by itself in the text.
fn first(text: &str, location: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(location) {
        let start = from + at;
        let end = start + location.len();
        let before = text.get(..start)?.chars().next_back();
        let after = text.get(end..)?.chars().next();
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let begins = location.starts_with('/')
            || before.is_none_or(|c| !(is_name(c) || location.starts_with('.') && c == '.'));
        // `.env.example` and `node.env-file` hold no secret.
        let ends = location.ends_with('/')
            || after.is_none_or(|c| !is_name(c) && c != '-')
                && !text.get(end..)?.starts_with(".example")
                && !text.get(end..)?.starts_with(".template");
        if begins && ends {
            return Some(start);
        }
        from = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        find(text)
            .into_iter()
            .map(|(location, _)| location)
            .collect()
    }

    #[test]
    fn a_place_stands_by_itself() {
        assert_eq!(
            find("Reads ~/.aws/credentials first."),
            [(".aws/credentials", 9)]
        );
        assert_eq!(names("%USERPROFILE%\\.SSH\\ID_RSA"), ["/.ssh/", "id_rsa"]);
        assert_eq!(
            names("like /etc/passwd, and `.env`"),
            ["/etc/passwd", ".env"]
        );
        assert_eq!(
            names("process.env, .environment, .env.example, id_rsa_path"),
            [""; 0]
        );
    }

    #[test]
    fn of_two_places_in_one_the_longer_is_named() {
        assert_eq!(names("~/.cursor/mcp.json"), [".cursor/mcp.json"]);
    }
}
