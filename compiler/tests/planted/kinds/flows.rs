//! FLO: what comes together in one agent.

use crate::kind::Kind;

pub(crate) const KINDS: &[Kind] = &[
    Kind::new(
        "FLO004",
        "a flow that nobody accepted",
        "prod.kdl",
        r"^(    grant \S+-scout .*?)(\S+:ask_about_\w+)(.*) \{\n +suppress .*\n    \}$",
        "$1«$2»$3",
    ),
    Kind::new(
        "FLO008",
        "a partner's tool that is said to send nothing",
        "catalog.kdl",
        r"^    tool (rank_\w+)",
        "    tool $1 sends=«none»",
    ),
    Kind::new(
        "FLO009",
        "a partner that is trusted",
        "catalog.kdl",
        r"^    tool (look_up_\w+)",
        "    tool $1 content=«trusted»",
    ),
];
