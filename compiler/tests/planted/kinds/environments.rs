//! ENV and LCK: what an environment has otherwise than the one before it, and without its definitions.

use crate::kind::Kind;

pub(crate) const KINDS: &[Kind] = &[
    Kind::new(
        "ENV001",
        "a grant that was not tried before",
        "stage.kdl",
        r"^(    grant (\S+)-controller \S+) \S+$",
        "$1",
    )
    .at("$2/prod.kdl", r"grant \S+-controller \S+ (?<at>\S+)")
    .implies(&[(
        "TST001",
        "the test of stage says that the controller can approve",
    )]),
    Kind::new(
        "ENV003",
        "environments in a circle",
        "org.kdl",
        r"^environment dev tier=dev",
        "environment dev tier=dev after=«prod»",
    ),
    Kind::new(
        "ENV005",
        "a way out that was not tried before",
        "prod.kdl",
        r"^(    patch agent (\S+)-scout .*)$",
        "$1\n    patch server $2-desk { egress «\"new.$2.acme.internal:443\"»; }",
    ),
    Kind::new(
        "ENV006",
        "a patch of what a tool is",
        "prod.kdl",
        r"^(    patch tool \S+) \{$",
        "$1 {\n        «sensitive» id",
    ),
    Kind::new(
        "ENV007",
        "a patch of nothing",
        "prod.kdl",
        r"^(    patch agent (\S+)-scout .*)$",
        "$1\n    patch server $2-records { timeout «\"10s\"»; }",
    ),
    Kind::new(
        "ENV008",
        "two patches of one setting",
        "prod.kdl",
        r"^(    patch agent (\S+)-scout .*)$",
        "$1\n    patch agent $2-scout { «limit 90»; }",
    ),
    Kind::new(
        "ENV008",
        "two deploys of one server",
        ".kdl",
        r"^(    deploy (\S+).*)$",
        "$1\n    deploy «$2»",
    ),
    Kind::new(
        "ENV009",
        "an environment with nothing in it",
        "org.kdl",
        r"\z",
        "environment «lab»\n",
    ),
    Kind::new(
        "ENV010",
        "more calls than were tried before",
        "stage.kdl",
        r"^(    grant (\S+)-controller .*)$",
        "$1 { limit 1 per=\"1h\"; }",
    )
    .at("$2/prod.kdl", r"controller (?<at>\S+-auditor)")
    .implies(&[("ENV010", "the other role that the grant gives")]),
    Kind::new(
        "ENV012",
        "a sandbox in production",
        "catalog.kdl",
        r#"egress "records\.(\S+)""#,
        "egress «\"records-sandbox.$1\"»",
    ),
    Kind::new(
        "ENV013",
        "production beside others",
        "prod.kdl",
        r"^overlay prod(.*)$",
        "overlay dev { }\noverlay «prod»$1",
    ),
    Kind::new(
        "ENV014",
        "tokens in clear text",
        "org.kdl",
        r"tls issuer=\S+",
        "«tls none»",
    ),
    Kind::new(
        "ENV015",
        "counters that are not shared",
        "org.kdl",
        r"^(        tls .*)$",
        "$1\n        replicas «3»",
    ),
    Kind::new(
        "ENV017",
        "an approval that nothing holds",
        "prod.kdl",
        r"^(    patch tool \S+) \{$",
        "$1 {\n        «approval by=security-leads»",
    )
    .implies(&[("ENV016", "nobody can log in to approve either")]),
    Kind::new(
        "LCK001",
        "an image that is not locked",
        "prod.kdl",
        r"patch server (\S+-desk) \{ image (.*):2.2.1",
        "patch server $1 { image $2:2.2.2",
    )
    .at("prod.kdl", r"deploy (?<at>$1)"),
    Kind::new(
        "LCK004",
        "a tool that has vanished",
        "support-desk@2.3.0.json",
        r#""name": "(summarize_ticket)""#,
        "\"name\": \"sum_up_ticket\"",
    )
    .at(
        "payroll/dev.kdl",
        r"grant payroll-people .*(?<at>support-desk:$1)",
    )
    .implies(&[
        ("LCK004", "each grant is named"),
        ("TST001", "what is gone cannot be called"),
        ("ENV001", "production may run a revision that still has it"),
    ]),
];
