//! GRA: grants that give too much, too little or for too long, and who holds them.

use crate::kind::Kind;

pub(crate) const KINDS: &[Kind] = &[
    Kind::new(
        "GRA001",
        "a grant of what a role gives",
        ".kdl",
        r"^(    grant (\S+)-clerk \S+ \S+ )([^ ]*desk:comment_on_)(\w+)",
        "$1$3$4 «$2-records:get_$4»",
    ),
    Kind::new(
        "GRA001",
        "a role that is granted twice",
        ".kdl",
        r"^(    grant \S+-controller) (\S+-auditor)",
        "$1 $2 «$2»",
    ),
    Kind::new(
        "GRA001",
        "a tool that is granted in two lines",
        ".kdl",
        r"^(    grant (\S+)-people .*?)(\S+-desk:\w+)(.*)$",
        "$1$3$4\n    grant $2-people «$3»",
    ),
    Kind::new(
        "GRA003",
        "an agent without a grant",
        "catalog.kdl",
        r"\z",
        "agent «idle» { identity kubernetes namespace=idle service-account=idle; }\n",
    ),
    Kind::new(
        "GRA004",
        "a pattern in a grant",
        ".kdl",
        r"^(    grant \S+-people .*) (\S+-desk:summarize_\w)(\w+)$",
        "$1 «$2*»",
    ),
    Kind::new(
        "GRA006",
        "a delegation in a circle",
        "catalog.kdl",
        r"^(agent (\S+)-keeper \{)$",
        "$1\n    delegate $2-clerk",
    )
    .at("$2/catalog.kdl", r"delegate (?<at>$2-keeper)"),
    Kind::new(
        "GRA007",
        "who proposes approves too",
        "dev.kdl",
        r"^(    grant (\S+)-keeper) (\S+-proposer)",
        "$1 «$3» $2-approver",
    )
    .implies(&[("TST001", "a test says that the keeper cannot approve")]),
    Kind::new(
        "GRA010",
        "a grant of what is denied",
        "org.kdl",
        r"^    deny \*:delete_\*",
        "    deny *:get_* *:delete_*",
    )
    .at("billing/prod.kdl", r"(?<at>billing-reader)")
    .implies(&[("GRA010", "each team has that role")]),
    Kind::new(
        "GRA011",
        "a grant that writes and has no end",
        "prod.kdl",
        r#"^(    grant \S+-clerk \S+) (\S+) (.*) until=".*"$"#,
        "$1 «$2» $3",
    ),
    Kind::new(
        "GRA012",
        "a grant that has ended",
        "prod.kdl",
        r#"^(    grant .* until=)"20.*"$"#,
        "$1«\"2026-11-30\"»",
    ),
    Kind::new(
        "GRA013",
        "two agents with one identity",
        "catalog.kdl",
        r"(identity kubernetes namespace=\S+) service-account=keeper",
        "$1 service-account=controller",
    )
    .at(
        "catalog.kdl",
        r"(?<at>$1 service-account=controller)\n\}\nagent \S+-controller",
    ),
    Kind::new(
        "GRA014",
        "an agent without an identity",
        "catalog.kdl",
        r"^(agent )(\S+-keeper)( \{\n)    identity .*\n",
        "$1«$2»$3",
    ),
    Kind::new(
        "GRA015",
        "a role of nothing",
        "org.kdl",
        r"^role (\S+) \{.*\}$",
        "role «$1» { }",
    ),
    Kind::new(
        "GRA017",
        "a team that nobody owns",
        "org.kdl",
        r"^team (\S+) \{.*\}$",
        "team «$1»",
    ),
    Kind::new(
        "GRA019",
        "a limit that another grant makes smaller",
        "dev.kdl",
        r"^(    grant (\S+)-controller) (\S+) (\S+)$",
        "$1 $3 $4 { limit 9 per=\"1m\"; }\n    grant $2-controller $3 { limit «10» per=\"1m\"; }",
    ),
    Kind::new(
        "GRA020",
        "any program of a group's members",
        "catalog.kdl",
        r#"(identity oidc issuer=corp group=\S+) client=".*"$"#,
        "«$1»",
    )
    .implies(&[("GRA013", "who is in both groups can be either agent")]),
    Kind::new(
        "GRA021",
        "two values that one argument is fixed to",
        "dev.kdl",
        r"^(    grant (\S+)-clerk) (\S+ )(\S+) (.*)$",
        "$1 $3$5\n    grant $2-clerk $4 { arg channel fix=«phone»; }",
    ),
];
