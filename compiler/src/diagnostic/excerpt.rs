//! The part of a source that a finding shows, with every character visible.

use std::ops::Range;

use super::visible::is_invisible;
use crate::source::{SourceFile, Span};

/// Lines around a place that are kept: the renderer shows short gaps instead of `...`.
const AROUND: usize = 2;
/// Bytes of the longest line that is shown at all; nobody reads longer ones.
const LONGEST_LINE: usize = 4096;
/// Characters of the widest value that is underlined completely.
const WIDEST: usize = 2048;

/// Lines of a file. Each character stands for one of the source, so columns are the same.
pub(super) struct Excerpt<'s> {
    source: &'s str,
    /// First byte of the first line in the source.
    start: usize,
    first_line: usize,
    text: String,
    /// For each line: its start in the source and in `text`.
    lines: Vec<(usize, usize)>,
}

impl<'s> Excerpt<'s> {
    /// The lines of a file that have some of the `spans`, and what is between them. None when a
    /// line is too long to be shown.
    pub(super) fn around(
        file: &'s SourceFile,
        spans: &(impl Iterator<Item = Span> + Clone),
    ) -> Option<Self> {
        let source = file.text.as_str();
        let place = |offset: u32| {
            usize::try_from(offset)
                .unwrap_or(usize::MAX)
                .min(source.len())
        };
        let first = spans.clone().map(|span| place(span.start)).min()?;
        let last = spans.clone().map(|span| place(span.end)).max()?;
        let start = line_start(source, first);
        let end = source
            .get(last..)?
            .find('\n')
            .map_or(source.len(), |length| last + length);
        let mut excerpt = Self {
            source,
            start,
            first_line: file.position(u32::try_from(start).ok()?).line,
            text: String::new(),
            lines: Vec::new(),
        };
        let lines = source.get(start..end)?.split('\n');
        let mut starts = Vec::new();
        let mut at = start;
        for line in lines {
            starts.push((at, line));
            at += line.len() + 1;
        }
        let touched: Vec<bool> = starts
            .iter()
            .map(|&(at, line)| {
                let end = at + line.len();
                spans.clone().any(|span| {
                    let (first, last) = (place(span.start), place(span.end));
                    (at..=end).contains(&first) || (at..=end).contains(&last)
                })
            })
            .collect();
        for (number, &(at, line)) in starts.iter().enumerate() {
            excerpt.lines.push((at, excerpt.text.len()));
            let near = number.saturating_sub(AROUND)..(number + AROUND + 1).min(touched.len());
            if touched.get(near)?.contains(&true) {
                if line.len() > LONGEST_LINE {
                    return None;
                }
                let line = line.strip_suffix('\r').unwrap_or(line);
                excerpt.text.extend(line.chars().map(shown));
            }
            if number + 1 < starts.len() {
                excerpt.text.push('\n');
            }
        }
        Some(excerpt)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Number of the first line, from 1.
    pub(super) fn first_line(&self) -> usize {
        self.first_line
    }

    /// Where a span of the source is in the excerpt. Several lines are shown by their first.
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let start = self.place(span.start);
        let end = self.place(span.end).max(start);
        let line_end = self
            .text
            .get(start..)
            .and_then(|rest| rest.find('\n'))
            .map_or(self.text.len(), |length| start + length);
        start..end.min(line_end).min(start + WIDEST)
    }

    fn place(&self, offset: u32) -> usize {
        let offset = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .clamp(self.start, self.source.len());
        let line = self.lines.partition_point(|&(start, _)| start <= offset);
        let Some(&(start, shown_start)) = self.lines.get(line.saturating_sub(1)) else {
            return self.text.len();
        };
        let before = self.source.get(start..offset).unwrap_or_default();
        let length: usize = before.chars().map(|c| shown(c).len_utf8()).sum();
        (shown_start + length).min(self.text.len())
    }
}

fn line_start(source: &str, at: usize) -> usize {
    let before = source.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// One visible character for each: a picture of a control character, or the replacement character.
fn shown(c: char) -> char {
    match c {
        '\t' => '\t',
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{FFFD}'),
        '\u{7F}' => '\u{2421}',
        '\u{80}'..='\u{9F}' | '\u{2028}' | '\u{2029}' => '\u{FFFD}',
        _ if is_invisible(c) => '\u{FFFD}',
        _ => c,
    }
}
