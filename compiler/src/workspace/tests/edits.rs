//! Edits as people make them, and as they should not.

use bailiwick_organisation::Dice;

use super::houses::Files;

/// One file that is changed: its new text, or none when it is gone.
pub(super) type Edit = (String, Option<Vec<u8>>);

/// What happens next to `files`, which were `first`: more often than not something is undone, so that the
/// catalog is right again now and then.
pub(super) fn edit(files: &Files, first: &Files, dice: &mut Dice) -> Edit {
    let all = files.keys().chain(first.keys());
    let changed: Vec<&String> = all
        .filter(|path| files.get(*path) != first.get(*path))
        .collect();
    if !changed.is_empty() && dice.below(5) < 3 {
        let path = dice.pick(&changed);
        return (path.clone(), first.get(path).cloned());
    }
    let paths: Vec<&String> = files.keys().collect();
    let path = dice.pick(&paths).clone();
    match dice.below(12) {
        0 => (path, None),
        1 => {
            let beside = path
                .replace(".kdl", "-too.kdl")
                .replace(".json", "-too.json");
            (beside, files.get(&path).cloned())
        }
        2 => (path, Some(vec![0xFF, 0xFE, 0, b'x'])),
        3 => (path, Some(vec![b'/'; (1 << 20) + 1])),
        _ => {
            let text = String::from_utf8_lossy(&files[&path]).into_owned();
            let other = String::from_utf8_lossy(&files[dice.pick(&paths)]).into_owned();
            (path, Some(changed_text(&text, &other, dice).into_bytes()))
        }
    }
}

/// A text with something of it changed, or something of another put into it.
fn changed_text(text: &str, other: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let others: Vec<&str> = other.lines().collect();
    let at = dice.below(lines.len());
    match dice.below(8) {
        0 if !lines.is_empty() => drop(lines.remove(at)),
        1 if !others.is_empty() => lines.insert(at, others[dice.below(others.len())]),
        2 if !lines.is_empty() => lines.insert(at, lines[at]),
        3 => lines.insert(at, "// a note moves everything after it"),
        4 => lines.insert(
            at,
            "// -----BEGIN PRIVATE KEY----- and so on -----END PRIVATE KEY-----",
        ),
        5 => {
            // As when somebody is still typing.
            let end = text.char_indices().nth(dice.below(text.chars().count()));
            return text.split_at(end.map_or(0, |(at, _)| at)).0.to_owned();
        }
        _ => {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let words = |text: &str| -> Vec<String> {
                let all = text.split(|c| !is_word(c)).filter(|word| word.len() > 1);
                all.map(ToOwned::to_owned).collect()
            };
            let (own, others) = (words(text), words(other));
            if own.is_empty() || others.is_empty() {
                return String::new();
            }
            let (from, to) = (dice.pick(&own), dice.pick(&others));
            let places: Vec<usize> = text.match_indices(&from).map(|(at, _)| at).collect();
            let at = dice.pick(&places);
            let (before, after) = text.split_at(at);
            return before.to_owned() + &to + after.split_at(from.len()).1;
        }
    }
    lines.join("\n") + "\n"
}
