//! NET, SEC and K8S: places to connect to, secrets in the open, and what Kubernetes would not take.

use crate::kind::Kind;

pub(crate) const KINDS: &[Kind] = &[
    Kind::new(
        "NET001",
        "a partner without TLS",
        "catalog.kdl",
        r#"url "https:(.*)""#,
        "url «\"http:$1\"»",
    ),
    Kind::new(
        "NET001",
        "dispatch without TLS",
        "org.kdl",
        r#"^(        url) "https:(.*)""#,
        "$1 «\"http:$2\"»",
    ),
    Kind::new(
        "NET001",
        "an issuer without TLS",
        "org.kdl",
        r#"^(    issuer .* url=)"https:(.*)""#,
        "$1«\"http:$2\"»",
    ),
    Kind::new(
        "NET002",
        "the metadata of a cloud",
        "catalog.kdl",
        r#"egress "records"#,
        "egress «\"169.254.169.254:80\"» \"records",
    ),
    Kind::new(
        "NET002",
        "a range around the metadata of a cloud",
        "catalog.kdl",
        r#""10\.\d+\.0\.0/16:5432""#,
        "«\"169.254.0.0/16:5432\"»",
    ),
    Kind::new(
        "NET003",
        "a partner inside",
        "catalog.kdl",
        r#"url "https://.*""#,
        "url «\"https://10.0.0.5/mcp\"»",
    )
    .implies(&[("LCK001", "the definitions are of another server")]),
    Kind::new(
        "NET005",
        "a host without a port",
        "catalog.kdl",
        r#"egress "(\S+):443""#,
        "egress «\"$1\"»",
    ),
    Kind::new(
        "NET008",
        "hosts that nothing holds",
        "org.kdl",
        r"(prod .*\n    )network cilium",
        "$1network kubernetes",
    )
    .at(
        "billing/catalog.kdl",
        r#"egress (?<at>"records.billing.acme.internal:443")"#,
    )
    .implies(&[("NET008", "each host is named")]),
    Kind::new(
        "SEC001",
        "a token in a variable",
        "catalog.kdl",
        r#"env LOG_LEVEL "info""#,
        "env LOG_LEVEL «\"ghp_0123456789abcdefghijABCDEFGHIJ\"»",
    ),
    Kind::new(
        "SEC001",
        "a token in a command",
        "catalog.kdl",
        r#"args "http" (.*)$"#,
        "«args \"http\" \"--token=ghp_0123456789abcdefghijABCDEFGHIJ\" $1»",
    )
    .implies(&[("LCK001", "the definitions are of another command line")]),
    Kind::new(
        "SEC002",
        "a password in a variable",
        "catalog.kdl",
        r"^(    env LOG_LEVEL .*)$",
        "$1\n    env DB_PASSWORD «\"tuesday\"»",
    ),
    Kind::new(
        "SEC003",
        "a password in a URL",
        "catalog.kdl",
        r#"env BASE_URL "https://(.*)"$"#,
        "env BASE_URL «\"https://me:tuesday@$1\"»",
    ),
    Kind::new(
        "K8S001",
        "a namespace that is too long",
        "org.kdl",
        r"namespace=mcp-(\w+)",
        "namespace=«mcp-$1-a-name-of-more-than-sixty-three-characters-that-no-cluster-takes»",
    ),
    Kind::new(
        "K8S005",
        "an image without a digest",
        "org.kdl",
        r#"("registry\S*/dispatch:1\.0\.0)@sha256:\w+""#,
        "«$1\"»",
    ),
    Kind::new(
        "K8S011",
        "two of what must be one",
        ".kdl",
        r"deploy (\S+-desk)$",
        "deploy $1 replicas=«2»",
    ),
    Kind::new(
        "K8S013",
        "two environments in one namespace",
        "org.kdl",
        r"namespace=mcp-stage",
        "namespace=«mcp-dev»",
    ),
    Kind::new(
        "K8S014",
        "a program without an image",
        ".kdl",
        r"^(    deploy )(\S+-notes)\n((?:.*\n)*?)    patch server \S+-notes \{.*\}\n",
        "$1«$2»\n$3",
    ),
];
