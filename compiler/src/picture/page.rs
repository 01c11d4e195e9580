//! The graph as one page that a browser shows by itself: it asks no network, and the browser holds it to that.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Sketch;
use crate::answer::Place;

const HTML: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// What the script reads.
#[derive(Serialize)]
struct Data<'s> {
    /// Files that places are in.
    files: Vec<&'s str>,
    environments: Vec<Drawn<'s>>,
}

/// One environment.
#[derive(Serialize)]
struct Drawn<'s> {
    name: &'s str,
    nodes: Vec<Node<'s>>,
    /// First node, relation, second node, gated, place.
    edges: Vec<(usize, &'s str, usize, u8, Option<Line>)>,
}

#[derive(Serialize)]
struct Node<'s> {
    kind: &'s str,
    name: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    describe: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<&'s str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    suspended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Line>,
}

/// Number of the file, and the line.
type Line = (usize, usize);

/// The page, with these environments of the catalog called `catalog`.
///
/// # Errors
/// When the graph cannot be written as JSON.
pub fn page(catalog: &str, sketches: &[Sketch]) -> Result<String, serde_json::Error> {
    let data = in_script(&serde_json::to_string(&data(sketches))?);
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(SCRIPT),
        digest(STYLE)
    );
    let catalog = in_markup(catalog);
    let parts = [
        ("{{policy}}", policy.as_str()),
        ("{{catalog}}", &catalog),
        ("{{style}}", STYLE),
        ("{{data}}", &data),
        ("{{script}}", SCRIPT),
    ];
    Ok(fill(HTML, &parts))
}

/// The template with its marks replaced, each part as it is: a mark inside of a part stays text.
fn fill(template: &str, parts: &[(&str, &str)]) -> String {
    let mut page = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let mark = format!("{{{{{name}}}}}");
        let part = parts.iter().find(|(known, _)| *known == mark);
        page.push_str(part.map_or("", |(_, part)| part));
        rest = after;
    }
    page.push_str(rest);
    page
}

fn data(sketches: &[Sketch]) -> Data<'_> {
    let places = sketches.iter().flat_map(|sketch| {
        let nodes = sketch.nodes.iter().filter_map(|node| node.place.as_ref());
        let edges = sketch.edges.iter().filter_map(|edge| edge.place.as_ref());
        nodes.chain(edges)
    });
    let mut files: BTreeMap<&str, usize> = places.map(|place| (&*place.file, 0)).collect();
    for (number, known) in files.values_mut().enumerate() {
        *known = number;
    }
    let line = |place: &Option<Place>| {
        let place = place.as_ref()?;
        Some((*files.get(place.file.as_str())?, place.line))
    };
    let environments = sketches.iter().map(|sketch| Drawn {
        name: &sketch.environment,
        nodes: {
            let nodes = sketch.nodes.iter().map(|node| Node {
                kind: &node.kind,
                name: &node.name,
                team: node.team.as_deref(),
                describe: node.describe.as_deref(),
                effect: node.effect.as_deref(),
                suspended: node.suspended,
                place: line(&node.place),
            });
            nodes.collect()
        },
        edges: {
            let edges = sketch.edges.iter().map(|edge| {
                let gated = u8::from(edge.gated);
                (
                    edge.from,
                    &*edge.relation,
                    edge.to,
                    gated,
                    line(&edge.place),
                )
            });
            edges.collect()
        },
    });
    Data {
        environments: environments.collect(),
        files: files.keys().copied().collect(),
    }
}

/// JSON that cannot end the element it stands in, nor begin another.
fn in_script(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            c => safe.push(c),
        }
    }
    safe
}

fn in_markup(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

fn digest(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}
