//! Findings for people: the lines of the sources with what is wrong beneath them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};

use super::excerpt::Excerpt;
use super::visible::visible;
use super::{Diagnostic, Label, Severity};
use crate::source::{FileId, Sources};

/// Whether the text may have the escape sequences that colour it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// For a terminal.
    Always,
}

/// A finding as lines of text, with a line break at the end.
///
/// Nothing in it that came from a user acts on a terminal or is invisible.
pub fn render(finding: &Diagnostic, sources: &Sources, colour: Colour) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let check = finding.check;
    let mut group = level
        .primary_title(visible(&finding.message))
        .id(format!("{} {}", check.code, check.name))
        .elements(std::iter::empty::<Origin<'_>>());
    let files = places(finding);
    let excerpts: Vec<Option<Excerpt<'_>>> = files
        .iter()
        .map(|(file, labels)| {
            let spans = labels.iter().map(|(_, label)| label.loc.span);
            Excerpt::around(sources.get(*file)?, &spans)
        })
        .collect();
    for ((file, labels), excerpt) in files.iter().zip(&excerpts) {
        let Some(source) = sources.get(*file) else {
            continue;
        };
        let path = visible(&source.path);
        let Some(excerpt) = excerpt else {
            group = group.elements(labels.iter().map(|(_, label)| {
                let place = source.position(label.loc.span.start);
                Origin::path(path.clone())
                    .line(place.line)
                    .char_column(place.column)
            }));
            continue;
        };
        let annotations = labels
            .iter()
            .map(|(kind, label)| annotation(*kind, label, excerpt));
        group = group.element(
            Snippet::source(excerpt.text())
                .line_start(excerpt.first_line())
                .path(path)
                .annotations(annotations),
        );
    }
    for note in &finding.notes {
        group = group.element(match note.strip_prefix("path: ") {
            Some(path) => Level::NOTE.with_name("path").message(visible(path)),
            None => Level::NOTE.message(visible(note)),
        });
    }
    if let Some(environment) = &finding.environment {
        group = group.element(
            Level::NOTE
                .with_name("environment")
                .message(visible(environment)),
        );
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let explain = format!("bailiwick explain {}", check.code);
    group = group.element(Level::NOTE.with_name("explain").message(explain));
    let renderer = match colour {
        Colour::Never => Renderer::plain(),
        Colour::Always => Renderer::styled(),
    };
    renderer.render(&[group]) + "\n"
}

/// The labels of each file; the file of the primary one comes first, the others sorted.
fn places(finding: &Diagnostic) -> Vec<(FileId, Vec<(AnnotationKind, &Label)>)> {
    let primary = finding.primary.iter();
    let labels = primary.map(|label| (AnnotationKind::Primary, label)).chain(
        finding
            .secondary
            .iter()
            .map(|label| (AnnotationKind::Context, label)),
    );
    let mut files: BTreeMap<FileId, Vec<(AnnotationKind, &Label)>> = BTreeMap::new();
    for (kind, label) in labels {
        files.entry(label.loc.file).or_default().push((kind, label));
    }
    let first = finding.primary.as_ref().map(|label| label.loc.file);
    let mut files: Vec<_> = files.into_iter().collect();
    // The sort is stable, so the others stay sorted.
    files.sort_by_key(|(file, _)| Some(*file) != first);
    files
}

fn annotation<'a>(kind: AnnotationKind, label: &'a Label, excerpt: &Excerpt<'_>) -> Annotation<'a> {
    let text: Option<Cow<'a, str>> = (!label.text.is_empty()).then(|| visible(&label.text));
    kind.span(excerpt.range(label.loc.span)).label(text)
}
