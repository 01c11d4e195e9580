//! Changes that do no harm: the control of all others.

use crate::kind::Kind;

pub(crate) const KINDS: &[Kind] = &[
    Kind::harmless(
        "a comment",
        ".kdl",
        r"^(    \w)",
        "    // looked at in spring\n$1",
    ),
    Kind::harmless("an empty line", ".kdl", r"^(    \w)", "\n$1"),
    Kind::harmless(
        "a line in two",
        ".kdl",
        r" (until|per|reason)=",
        " \\\n        $1=",
    ),
    Kind::harmless(
        "other words in a description",
        ".kdl",
        r#"describe "The"#,
        "describe \"All the",
    ),
    Kind::harmless(
        "a name in quotes",
        "catalog.kdl",
        r"tool (\w+)",
        "tool \"$1\"",
    ),
    Kind::harmless(
        "a later end",
        "prod.kdl",
        r#"until="2027-\d\d"#,
        "until=\"2028-01",
    ),
    Kind::harmless(
        "a lower limit",
        "catalog.kdl",
        r"limit (\d)\d+ per=",
        "limit $1 per=",
    )
    .implies(&[("ENV010", "a patch in production stays where it was")]),
    Kind::harmless(
        "a shorter deadline",
        "catalog.kdl",
        r#"timeout "\d+s""#,
        "timeout \"2500ms\"",
    ),
    Kind::harmless(
        "other words in a definition",
        ".json",
        r"Why this is done",
        "The reason, in a sentence",
    ),
];
