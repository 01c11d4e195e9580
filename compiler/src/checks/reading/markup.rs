//! What a text has in it that is no prose: tags, links and encoded data.

/// Names of tags that set a part of a text apart for models.
const FOR_MODELS: &[&str] = &[
    "admin",
    "assistant",
    "attention",
    "critical",
    "developer",
    "hidden",
    "im_end",
    "im_start",
    "important",
    "inst",
    "instruction",
    "instructions",
    "internal",
    "note_to_model",
    "override",
    "prompt",
    "secret",
    "sys",
    "system",
    "system_prompt",
    "thinking",
    "urgent",
];

/// Names of HTML elements that have an effect or hide something.
const HTML: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "body",
    "br",
    "button",
    "center",
    "code",
    "details",
    "div",
    "em",
    "embed",
    "font",
    "form",
    "h1",
    "h2",
    "h3",
    "head",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "li",
    "link",
    "meta",
    "object",
    "ol",
    "p",
    "pre",
    "script",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "th",
    "tr",
    "u",
    "ul",
    "video",
];

/// A tag in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// It sets a part apart for models: `<IMPORTANT>`, `[INST]`, `<|system|>`.
    ForModels,
    /// An element of HTML, a comment, or a name with a closing tag.
    Markup,
}

/// The tags of a text, each with its character from 1. `<owner>` alone is a gap to fill in, and none.
pub(super) fn tags(text: &str) -> Vec<(Tag, usize)> {
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    let mut rest = lower.as_str();
    let mut place = 1;
    while let Some(at) = rest.find(['<', '[', '\u{FF1C}', '\u{3008}']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        place += before.chars().count();
        if let Some(tag) = tag(from, &lower) {
            found.push((tag, place));
        }
        let mut following = from.chars();
        following.next();
        place += 1;
        rest = following.as_str();
    }
    let heading = |line: &str| {
        let line = line.trim_start().trim_start_matches('#').trim_start();
        ["instruction:", "instructions:", "system:", "assistant:"]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let headings = lower.match_indices("### ");
    found.extend(headings.filter_map(|(at, _)| {
        let (before, from) = lower.split_at_checked(at)?;
        heading(from).then(|| (Tag::ForModels, before.chars().count() + 1))
    }));
    found
}

/// The tag that `text` begins with.
fn tag(text: &str, whole: &str) -> Option<Tag> {
    const LONGEST: usize = 200;
    if text.starts_with("<!--") {
        return Some(Tag::Markup);
    }
    let mut rest = text.chars();
    let is_square = rest.next() == Some('[');
    let rest = rest.as_str();
    let inner = rest.trim_start_matches(['<', '|', '/', '!', '[', ' ', '\n', '\t']);
    let name: String = inner
        .chars()
        .take(LONGEST)
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        .collect();
    if name.is_empty() {
        return None;
    }
    let behind = inner.strip_prefix(name.as_str()).unwrap_or_default();
    // `a < b` is no tag, and `[important](...)` is one only of this kind: [INST].
    let end = if is_square { ']' } else { '>' };
    let closes = behind
        .chars()
        .take(LONGEST)
        .take_while(|c| *c != '<')
        .any(|c| c == end || c == '\u{FF1E}' || c == '\u{3009}');
    if !closes {
        return None;
    }
    let name = name.replace('-', "_");
    if is_square {
        let marks = ["inst", "sys", "system"].contains(&name.as_str());
        let is_link = behind.starts_with("](");
        return (marks && behind.starts_with(']') && !is_link).then_some(Tag::ForModels);
    }
    if FOR_MODELS.contains(&name.as_str()) || rest.starts_with('|') {
        return Some(Tag::ForModels);
    }
    let spaced = rest.starts_with([' ', '\n', '\t']);
    let is_html = HTML.contains(&name.as_str()) && !spaced;
    let is_closed = whole.contains(&format!("</{name}>"));
    (is_html || is_closed).then_some(Tag::Markup)
}

/// The first link, by URL or as a Markdown image, by its character from 1.
pub(super) fn link(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let marks = [
        "http://",
        "https://",
        "ftp://",
        "data:text",
        "data:image",
        "javascript:",
        "![",
        "](//",
    ];
    let first = marks.iter().filter_map(|mark| lower.find(mark)).min()?;
    lower.get(..first).map(|before| before.chars().count() + 1)
}

/// How long the longest run of base64 or hex is, and where it begins; runs that go on in the next line
/// are one.
pub(super) fn blob(text: &str) -> Option<(usize, usize)> {
    /// What a digest has, and a little more.
    const SHORTEST: usize = 72;
    let mut best: Option<(usize, usize)> = None;
    let mut run = Run::default();
    for (index, c) in text.chars().chain(std::iter::once(' ')).enumerate() {
        let is_data = c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
        if is_data {
            run.take(c, index);
            continue;
        }
        // Lines of a wrapped blob are long.
        if matches!(c, '\n' | '\r') && run.line >= SHORTEST / 2 {
            run.line = 0;
            continue;
        }
        if run.count >= SHORTEST
            && run.is_encoded()
            && best.is_none_or(|(count, _)| run.count > count)
        {
            best = Some((run.count, run.start + 1));
        }
        run = Run::default();
    }
    best
}

/// Characters that may be encoded data, in a row.
#[derive(Debug, Default)]
struct Run {
    start: usize,
    count: usize,
    line: usize,
    upper: usize,
    lower: usize,
    digits: usize,
    others: usize,
    hex: usize,
}

impl Run {
    fn take(&mut self, c: char, index: usize) {
        if self.count == 0 {
            self.start = index;
        }
        self.count += 1;
        self.line += 1;
        self.upper += usize::from(c.is_ascii_uppercase());
        self.lower += usize::from(c.is_ascii_lowercase());
        self.digits += usize::from(c.is_ascii_digit());
        self.others += usize::from(!c.is_ascii_alphanumeric());
        self.hex += usize::from(c.is_ascii_hexdigit());
    }

    /// All hex digits with figures among them, or letters of both cases and figures, and few separators:
    /// no long word, path or line.
    fn is_encoded(&self) -> bool {
        let is_hex = self.hex == self.count && self.digits > 0;
        let is_base64 = self.upper * 8 > self.count
            && self.lower * 8 > self.count
            && self.digits > 0
            && self.others * 8 < self.count;
        is_hex || is_base64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Tag> {
        tags(text).into_iter().map(|(tag, _)| tag).collect()
    }

    #[test]
    fn what_is_set_apart_for_models_is_told_from_markup() {
        for text in [
            "<IMPORTANT>x",
            "a [INST] b",
            "<|im_start|>",
            "< system >",
            "<<SYS>>",
            "### Instruction: x",
        ] {
            assert_eq!(kinds(text).first(), Some(&Tag::ForModels), "{text}");
        }
        for text in [
            "<b>x</b>",
            "<!-- x -->",
            "<script src=x>",
            "<x>1</x>",
            "<img\nsrc=y>",
        ] {
            assert_eq!(kinds(text).first(), Some(&Tag::Markup), "{text}");
        }
    }

    #[test]
    fn gaps_to_fill_in_and_comparisons_are_no_tags() {
        for text in [
            "<owner>/<repo>",
            "a < b and c > d",
            "[optional] x",
            "Vec<String>",
            "[system](x",
            "i<3",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn a_tag_has_its_place() {
        assert_eq!(tags("\u{e9}a <b>"), [(Tag::Markup, 4)]);
    }

    #[test]
    fn links_and_images_are_found_in_any_case() {
        assert_eq!(link("see HTTPS://x.example"), Some(5));
        assert_eq!(link("![](x)"), Some(1));
        assert_eq!(link("http, https: //"), None);
    }

    #[test]
    fn blobs_are_longer_than_digests_and_no_words() {
        let base64 = "aWdub3JlIHByZXZpb3VzIGluc3RydWN0aW9ucw9k".repeat(3);
        assert_eq!(blob(&format!("x {base64} y")), Some((120, 3)));
        let wrapped = format!(
            "{}\n{}",
            "aWdub3JlIHByZXZpb3VzIGluc3RydWN0aW9ucw9k", "aWdub3JlIHByZXZpb3VzIGluc3RydWN0aW9ucw9k"
        );
        assert_eq!(blob(&wrapped), Some((80, 1)));
        assert_eq!(blob(&"0123456789abcdef".repeat(4)), None);
        assert_eq!(blob(&"0123456789abcdef".repeat(5)), Some((80, 1)));
        assert_eq!(blob(&"=".repeat(200)), None);
        assert_eq!(blob(&"a_long_name_of_something_".repeat(5)), None);
    }
}
