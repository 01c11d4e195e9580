//! K8S004: tags that are meant to move.

use std::collections::BTreeSet;

use super::kubernetes::images;
use super::{Resolved, error_in_prod};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::model::ImageReference;
use crate::source::{At, Loc};

pub(crate) const FLOATING_TAG: Check = error_in_prod(
    "K8S004",
    "floating-tag",
    "an image is named by a tag that is meant to move",
);

/// How tags are called that are moved with every build or release.
const MOVING: [&str; 21] = [
    "latest", "main", "master", "trunk", "head", "tip", "dev", "devel", "develop", "edge",
    "nightly", "canary", "unstable", "testing", "staging", "snapshot", "current", "rolling",
    "next", "stable", "lts",
];

/// An image is the same one tomorrow. Each reference is said once, for the environment of the highest tier.
pub(super) fn floating_tag(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<Loc> = BTreeSet::new();
    for (environment, _) in resolved.by_tier() {
        for (image, deployed) in images(environment) {
            if is_floating(&image.value) && seen.insert(image.loc) {
                found.push(floating(environment, image, deployed));
            }
        }
    }
}

/// Whether a reference is one to whatever is newest. A digest names one image, whatever the tag says.
fn is_floating(image: &ImageReference) -> bool {
    image.digest.is_none() && image.tag.as_deref().is_none_or(is_moving)
}

/// `latest`, also `latest-alpine`; `nightly-20261010` is a tag of one build.
fn is_moving(tag: &str) -> bool {
    let first = tag.split(['-', '.', '_']).next().unwrap_or(tag);
    let is_numbered = tag.bytes().any(|b| b.is_ascii_digit());
    !is_numbered && MOVING.iter().any(|word| first.eq_ignore_ascii_case(word))
}

fn floating(
    environment: &Environment,
    image: &At<ImageReference>,
    deployed: Option<Loc>,
) -> Diagnostic {
    let (text, name) = (&image.value.text, environment.name());
    let message = match &image.value.tag {
        Some(tag) => format!("image `{text}` uses `{tag}` in {name}"),
        None => format!("image `{text}` has no tag in {name}, which means `latest`"),
    };
    let mut finding = environment
        .finding(&FLOATING_TAG, image.loc, message)
        .labelled("this tag is meant to move: nobody can say which program it is");
    if let Some(loc) = deployed {
        finding = finding.and(loc, format!("deployed in {name} here"));
    }
    finding.help("write the tag of a release, or add the digest as `...@sha256:...`")
}

#[cfg(test)]
mod tests {
    use super::is_moving;

    #[test]
    fn tags_that_move_are_words_and_have_no_number() {
        for tag in [
            "latest",
            "LATEST",
            "latest-alpine",
            "main",
            "nightly",
            "stable-slim",
        ] {
            assert!(is_moving(tag), "{tag}");
        }
        for tag in [
            "1",
            "1.2",
            "v2.3.0",
            "2026-10-01",
            "nightly-20261010",
            "main-3fa9c12",
            "bookworm",
        ] {
            assert!(!is_moving(tag), "{tag}");
        }
    }
}
