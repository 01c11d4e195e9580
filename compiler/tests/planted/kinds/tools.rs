use crate::kind::Kind;

pub(crate) const KINDS: &[Kind] = &[
    Kind::new(
        "TOL016",
        "a name with a space",
        "catalog.kdl",
        r"^    tool (summarize)_(\w+)$",
        "    tool $1_$2\n    tool «\"$1 $2\"»",
    ),
    Kind::new(
        "TOL018",
        "an effect that the server contradicts",
        "catalog.kdl",
        r"^    tool (update_\w+) effect=write sends=internal(.*)$",
        "    «tool $1 effect=read$2»",
    ),
    Kind::new(
        "TOL030",
        "a narrowing of an argument that there is none",
        ".kdl",
        r"arg (reason|priority|limit) ",
        "arg «~1» ",
    ),
    Kind::new(
        "TOL030",
        "a narrowing inside of an argument that there is none",
        "catalog.kdl",
        r"arg change\.(amount)",
        "arg «change.~1»",
    ),
    Kind::new(
        "TOL030",
        "a text that is held to numbers",
        "catalog.kdl",
        r"arg (reason) max-length=200",
        "arg $1 min=«1»",
    ),
    Kind::new(
        "TOL031",
        "a range that no value is in",
        "catalog.kdl",
        r"arg priority min=1 max=3",
        "«arg priority min=7 max=9»",
    ),
    Kind::new(
        "TOL031",
        "a choice of none that there are",
        "catalog.kdl",
        r"arg channel email portal",
        "«arg channel fax telex»",
    ),
    Kind::new(
        "TOL032",
        "a sensitive argument that there is none",
        "catalog.kdl",
        r"sensitive (reason)",
        "sensitive «~1»",
    ),
];
