//! What can be wrong with the text of a file, before anything is known of its meaning.

use crate::diagnostic::{Check, Level};

pub(crate) static UNTERMINATED_STRING: Check = Check {
    code: "SYN001",
    name: "unterminated-string",
    summary: "a string is not closed",
    level: Level::Error,
};

pub(crate) static VALUE_NEEDS_QUOTES: Check = Check {
    code: "SYN002",
    name: "value-needs-quotes",
    summary: "a value that is neither a number nor a bare word must be quoted",
    level: Level::Error,
};

pub(crate) static UNCLOSED_BLOCK: Check = Check {
    code: "SYN003",
    name: "unclosed-block",
    summary: "a `{` is never closed",
    level: Level::Error,
};

pub(crate) static UNMATCHED_BRACE: Check = Check {
    code: "SYN004",
    name: "unmatched-brace",
    summary: "a `}` closes nothing",
    level: Level::Error,
};

pub(crate) static EXPECTED_NODE_NAME: Check = Check {
    code: "SYN005",
    name: "expected-node-name",
    summary: "a line must start with a node name",
    level: Level::Error,
};

pub(crate) static EXPECTED_VALUE: Check = Check {
    code: "SYN006",
    name: "expected-value",
    summary: "a value is missing, or something else stands where one belongs",
    level: Level::Error,
};

pub(crate) static BARE_KEYWORD: Check = Check {
    code: "SYN007",
    name: "bare-keyword",
    summary: "keywords are written with `#`",
    level: Level::Error,
};

pub(crate) static BAD_TYPE_ANNOTATION: Check = Check {
    code: "SYN008",
    name: "bad-type-annotation",
    summary: "a type annotation is not closed, empty or misplaced",
    level: Level::Error,
};

pub(crate) static UNTERMINATED_COMMENT: Check = Check {
    code: "SYN009",
    name: "unterminated-comment",
    summary: "a block comment is never closed",
    level: Level::Error,
};

pub(crate) static DANGLING_SLASHDASH: Check = Check {
    code: "SYN010",
    name: "dangling-slashdash",
    summary: "a `/-` comments out nothing",
    level: Level::Error,
};

pub(crate) static DISALLOWED_CODE_POINT: Check = Check {
    code: "SYN011",
    name: "disallowed-code-point",
    summary: "a control or text-direction character, not allowed even in a comment",
    level: Level::Error,
};

pub(crate) static NESTED_TOO_DEEPLY: Check = Check {
    code: "SYN012",
    name: "nested-too-deeply",
    summary: "more than 64 levels of child blocks",
    level: Level::Error,
};

pub(crate) static MISPLACED_CHILD_BLOCK: Check = Check {
    code: "SYN013",
    name: "misplaced-child-block",
    summary: "something follows a child block on its line",
    level: Level::Error,
};

pub(crate) static BAD_MULTILINE_STRING: Check = Check {
    code: "SYN014",
    name: "bad-multiline-string",
    summary: "the lines of a multi-line string do not fit its closing quotes",
    level: Level::Error,
};

pub(crate) static BAD_ESCAPE: Check = Check {
    code: "SYN015",
    name: "bad-escape",
    summary: "an unknown escape in a string",
    level: Level::Error,
};

pub(crate) static INPUT_TOO_LARGE: Check = Check {
    code: "SYN016",
    name: "input-too-large",
    summary: "a file or the whole catalog is larger than allowed",
    level: Level::Error,
};

pub(crate) static UNQUOTED_URL: Check = Check {
    code: "SYN017",
    name: "unquoted-url",
    summary: "the `//` of an unquoted URL starts a comment",
    level: Level::Error,
};

pub(crate) static DUPLICATE_PROPERTY: Check = Check {
    code: "SYN018",
    name: "duplicate-property",
    summary: "a property is given twice",
    level: Level::Error,
};

pub(crate) static SUSPICIOUS_NAME: Check = Check {
    code: "SYN019",
    name: "suspicious-name",
    summary: "a name has invisible characters or mixes scripts",
    level: Level::Error,
};

pub(crate) static KDL_V1_SYNTAX: Check = Check {
    code: "SYN020",
    name: "kdl-v1-syntax",
    summary: "written in version 1 of KDL",
    level: Level::Error,
};

pub(crate) static NOT_UTF8: Check = Check {
    code: "SYN021",
    name: "not-utf8",
    summary: "a file is not UTF-8",
    level: Level::Error,
};
