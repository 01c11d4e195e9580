//! Plants one mistake into an organisation, and says where it is.

use std::collections::BTreeMap;
use std::ops::Range;

use bailiwick_organisation::Dice;
use regex::{Captures, Regex};

use super::kind::{Kind, Place};

/// Files by path.
pub(crate) type Files = BTreeMap<String, String>;

/// An organisation with one mistake in it.
#[derive(Debug)]
pub(crate) struct Plant {
    /// The files that are otherwise.
    pub(crate) changed: Files,
    /// Where the mistake has to be found.
    pub(crate) path: String,
    /// The bytes.
    pub(crate) span: Range<usize>,
}

/// Places where a kind can be planted: the path, and which match in that file.
pub(crate) fn sites(files: &Files, kind: &Kind) -> Vec<(String, usize)> {
    let find = regex(kind.find);
    let files = files.iter().filter(|(path, _)| path.ends_with(kind.file));
    files
        .flat_map(|(path, text)| {
            let count = find.find_iter(text).count();
            (0..count).map(move |index| (path.clone(), index))
        })
        .collect()
}

/// Plants a kind at one of its sites; none when its place is not there.
pub(crate) fn plant(
    files: &Files,
    kind: &Kind,
    (path, index): &(String, usize),
    dice: &mut Dice,
) -> Option<Plant> {
    let text = &files[path];
    let find = regex(kind.find);
    let captures = find.captures_iter(text).nth(*index)?;
    let whole = captures.get(0)?.range();
    let (put, marked) = fill(kind.put, &captures, dice);
    let planted = [&text[..whole.start], &*put, &text[whole.end..]].concat();
    let changed = Files::from([(path.clone(), planted)]);
    let (path, span) = match kind.place {
        Place::Here => {
            let span = whole.start + marked.start..whole.start + marked.end;
            (path.clone(), span)
        }
        Place::At(end, find) => {
            let end = expand(end, &captures, str::to_owned);
            let find = expand(find, &captures, regex::escape);
            find_at(files, &changed, &end, &find)?
        }
        Place::Tool => {
            let (team, lock) = path.strip_prefix("catalogs/")?.split_once("/lock/")?;
            let (server, _) = lock.split_once('@')?;
            let (_, named) = text[whole.start..].split_once("\"name\": \"")?;
            let (tool, _) = named.split_once('"')?;
            let find = format!(r"^server {server} (?:.*\n)*?    (?<at>tool {tool}\b.*)$");
            // Of what nobody is granted nothing is said.
            let is_granted = !tool.starts_with("delete_");
            let end = format!("{team}/catalog.kdl");
            find_at(files, &changed, &end, &find).filter(|_| is_granted)?
        }
    };
    Some(Plant {
        changed,
        path,
        span,
    })
}

/// The first place that a regular expression calls `at` in the files whose path ends so.
fn find_at(
    files: &Files,
    changed: &Files,
    end: &str,
    find: &str,
) -> Option<(String, Range<usize>)> {
    let find = regex(find);
    let mut all = files.keys().filter(|path| path.ends_with(end));
    all.find_map(|path| {
        let text = changed.get(path).unwrap_or(&files[path]);
        let at = find.captures(text)?.name("at")?.range();
        Some((path.clone(), at))
    })
}

fn regex(text: &str) -> Regex {
    Regex::new(&format!("(?m){text}")).unwrap()
}

/// Puts what was matched into a text.
fn expand(text: &str, captures: &Captures<'_>, how: impl Fn(&str) -> String) -> String {
    let groups = (1..captures.len()).map(|group| {
        let matched = captures.get(group).map_or("", |matched| matched.as_str());
        (format!("${group}"), how(matched))
    });
    groups.fold(text.to_owned(), |text, (name, with)| {
        text.replace(&name, &with)
    })
}

/// What a template says, and what of it is between the marks: all of it without any.
fn fill(template: &str, captures: &Captures<'_>, dice: &mut Dice) -> (String, Range<usize>) {
    let mut text = String::new();
    let (mut start, mut end) = (None, None);
    let mut rest = template.chars().peekable();
    while let Some(c) = rest.next() {
        let group = rest.peek().and_then(|next| next.to_digit(10));
        match (c, group) {
            ('«', _) => start = Some(text.len()),
            ('»', _) => end = Some(text.len()),
            ('$' | '~', Some(group)) => {
                rest.next();
                let matched = captures.get(usize::try_from(group).unwrap());
                let matched = matched.map_or("", |matched| matched.as_str());
                text.push_str(&if c == '~' {
                    slip(matched, dice)
                } else {
                    matched.to_owned()
                });
            }
            _ => text.push(c),
        }
    }
    let marked = start.unwrap_or(0)..end.unwrap_or(text.len());
    (text, marked)
}

/// The word with two letters in the wrong order, one doubled or one left out.
fn slip(word: &str, dice: &mut Dice) -> String {
    let letters: Vec<char> = word.chars().collect();
    loop {
        let mut other = letters.clone();
        // The first letter says what kind of word it is; signs between words stay as they are.
        let at = 1 + dice.below(letters.len().saturating_sub(2).max(1));
        let is_inside = |at: usize| letters.get(at).is_some_and(char::is_ascii_alphabetic);
        match dice.below(3) {
            _ if !is_inside(at) => continue,
            0 => other.insert(at, letters[at]),
            1 if is_inside(at + 1) => other.swap(at, at + 1),
            2 if is_inside(at + 1) && is_inside(at - 1) => drop(other.remove(at)),
            _ => continue,
        }
        if other != letters {
            return other.into_iter().collect();
        }
    }
}
