//! Near misses: what the user may have meant by a name that is not known.

/// More names than this are no help.
const MOST: usize = 3;

/// Up to three of the `known` names close to `word`, closest first, then in alphabetical order.
///
/// Close is a Levenshtein distance of at most a third of the word's characters, and at least one.
pub(crate) fn similar<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let length = word.chars().count();
    let most = (length / 3).max(1);
    let mut near: Vec<(usize, &str)> = known
        // A difference in length is a lower bound of the distance, and far cheaper.
        .filter(|name| name.chars().count().abs_diff(length) <= most)
        .map(|name| (strsim::levenshtein(word, name), name))
        .filter(|&(distance, _)| distance > 0 && distance <= most)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// The help sentence for `word`, when something similar is known.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = similar(word, known);
    let (last, others) = near.split_last()?;
    let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
    Some(if others.is_empty() {
        format!("did you mean `{last}`?")
    } else {
        format!("did you mean {} or `{last}`?", others.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, similar};

    #[test]
    fn a_third_of_the_characters_may_differ() {
        assert_eq!(
            similar(
                "ticket-redaer",
                ["ticket-reader", "ticket-author"].into_iter()
            ),
            ["ticket-reader"]
        );
        assert!(similar("abc", ["xyz", "abxy"].into_iter()).is_empty());
    }

    #[test]
    fn short_words_may_differ_by_one() {
        assert_eq!(similar("a", ["b", "ab", "abc"].into_iter()), ["ab", "b"]);
    }

    #[test]
    fn closest_come_first_and_at_most_three() {
        assert_eq!(
            similar(
                "reader",
                ["readers", "header", "leaderx", "read", "reade"].into_iter()
            ),
            ["header", "reade", "readers"]
        );
    }

    #[test]
    fn the_word_itself_is_no_suggestion() {
        assert!(similar("role", ["role"].into_iter()).is_empty());
    }

    #[test]
    fn the_sentence_names_all_of_them() {
        assert_eq!(did_you_mean("zzz", ["role"].into_iter()), None);
        assert_eq!(
            did_you_mean("rolle", ["role"].into_iter()).as_deref(),
            Some("did you mean `role`?")
        );
        assert_eq!(
            did_you_mean("cat", ["bat", "hat", "mat"].into_iter()).as_deref(),
            Some("did you mean `bat`, `hat` or `mat`?")
        );
    }
}
