//! TST: tests that fail, or that could not.

use crate::kind::Kind;

pub(crate) const KINDS: &[Kind] = &[
    Kind::new(
        "TST001",
        "a `cannot` of what is granted",
        "prod.kdl",
        r"^    cannot (\S+)-clerk ",
        "    cannot $1-clerk «$1-ledger:propose_*» ",
    ),
    Kind::new(
        "TST001",
        "a `can` of what is not granted",
        ".kdl",
        r"^    can (\S+)-keeper ",
        "    can $1-keeper «$1-ledger:approve_*» ",
    ),
    Kind::new(
        "TST002",
        "a pattern of nothing",
        ".kdl",
        r"^    (can|cannot) (\S+) (\S+?):\w+\*",
        "    $1 $2 «$3:never_*»",
    ),
    Kind::new(
        "TST002",
        "a test that asserts nothing",
        "prod.kdl",
        r#"^(test "(\S+): what nobody may call in .*" env=(\S+) \{)$"#,
        "test «\"$2: to be written\"» env=$3\n$1",
    ),
    Kind::new(
        "TST003",
        "a title that is there already",
        "prod.kdl",
        r#"^test "(\S+): what nobody may call in prod""#,
        "test «\"$1: who approves does not propose in prod\"»",
    ),
    Kind::new(
        "TST005",
        "a switch that no test shows",
        "prod.kdl",
        r"^(    grant \S+-keeper \S+) (\S+-notes:\w+)",
        "    suspend tool «$2» reason=\"under review\"\n$1 $2",
    ),
];
