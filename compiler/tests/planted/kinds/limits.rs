//! LIM: rates, deadlines and tries that do not mean what they say.

use crate::kind::Kind;

pub(crate) const KINDS: &[Kind] = &[
    Kind::new(
        "LIM001",
        "a grant over the ceiling",
        "prod.kdl",
        r"limit (\d0) per=.1h.",
        "limit «$1000» per=\"1h\"",
    ),
    Kind::new(
        "LIM001",
        "a patch over the ceiling",
        "prod.kdl",
        r"limit 15 per=",
        "limit «900» per=",
    )
    .implies(&[("ENV010", "before production the limit is lower")]),
    Kind::new(
        "LIM001",
        "a deadline over the ceiling",
        "prod.kdl",
        r#"timeout "\ds""#,
        "timeout «\"50s\"»",
    ),
    Kind::new(
        "LIM001",
        "a result over the ceiling",
        "prod.kdl",
        r#"max-result="128KiB""#,
        "max-result=«\"2MiB\"»",
    ),
    Kind::new(
        "LIM002",
        "a limit of nothing",
        ".kdl",
        r"limit \d+ ",
        "limit «0» ",
    ),
    Kind::new(
        "LIM002",
        "no calls at once",
        ".kdl",
        r"concurrent=\d+",
        "concurrent=«0»",
    ),
    Kind::new(
        "LIM003",
        "a burst of many windows",
        "catalog.kdl",
        r#"limit 600 per="1h" burst=60"#,
        "limit 600 per=\"1h\" burst=«6001»",
    ),
    Kind::new(
        "LIM004",
        "a second try of what must not be tried twice",
        "catalog.kdl",
        r"^    tool ((?:update|propose)_\w+ effect=write sends=internal)$",
        "    tool $1 { «retry 2»; }",
    )
    .implies(&[("ENV017", "no try is held yet")]),
    Kind::new(
        "LIM006",
        "production without a limit",
        "org.kdl",
        r"^    limit 120 .*\n",
        "",
    )
    .at("org.kdl", r"^environment (?<at>prod)"),
    Kind::new(
        "LIM009",
        "an approval that outlives its reason",
        "catalog.kdl",
        r#"ttl="10m""#,
        "ttl=«\"45m\"»",
    ),
];
