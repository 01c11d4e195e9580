//! Where a node may begin: its annotation and name.

use super::problems::{BAD_TYPE_ANNOTATION, EXPECTED_NODE_NAME, INPUT_TOO_LARGE, UNMATCHED_BRACE};
use super::reader::{Begun, Next, Reader};
use super::space::Slashdash;
use super::{Node, Text, Value, number};

impl<'s> Reader<'s, '_> {
    /// Reads up to the name of the next node of the innermost open block.
    pub(super) fn next_node(&mut self) -> Next<'s> {
        loop {
            self.skip_line_space();
            let slashed = match self.skip_slashdash() {
                Slashdash::None => false,
                Slashdash::Passed => true,
                Slashdash::Dangling => continue,
            };
            match self.peek() {
                None => return Next::End,
                Some(_) if self.must_stop() => return Next::End,
                Some(b'}') if !self.open.is_empty() => {
                    self.at += 1;
                    return Next::Close;
                }
                Some(b'}') => self.skip_stray_braces(),
                Some(b'{') => {
                    if let Some(begun) = self.misplaced_block(slashed) {
                        return Next::Block(begun);
                    }
                }
                Some(_) if self.peek() == Some(b'(') || self.at_name() => {
                    if let Some(begun) = self.begin_node(slashed) {
                        return Next::Node(begun);
                    }
                }
                Some(byte) => self.skip_nameless(byte),
            }
        }
    }

    /// Whether a string, number or keyword begins here: what [`Reader::token`] reads.
    pub(super) fn at_name(&self) -> bool {
        match self.peek() {
            Some(b'"') => true,
            Some(b'#') => self.at_raw_string(),
            Some(_) => self.at_word(),
            None => false,
        }
    }

    /// Whether what begins here can be nothing but the name of a node or text.
    pub(super) fn at_plain_name(&self) -> bool {
        let word = self.slice(self.at, self.glued_end(self.at));
        self.at_name() && !number::starts_like_one(word)
    }

    fn begin_node(&mut self, slashed: bool) -> Option<Begun<'s>> {
        let start = self.at;
        let mut broken = false;
        let annotation = if self.peek() == Some(b'(') {
            let annotation = self.annotation();
            broken = annotation.is_none();
            self.skip_node_space();
            annotation
        } else {
            None
        };
        let findings = self.found.len();
        let Some(token) = self.token() else {
            if !broken {
                self.report(
                    &EXPECTED_NODE_NAME,
                    start..self.at,
                    "expected a node name after the type annotation",
                    "write the name behind the `)`",
                );
            }
            self.skip_rest_of_nameless();
            return None;
        };
        broken |= self.found.len() > findings;
        let raw = self.slice(token.start, token.end);
        let text = match token.value {
            Value::Text(text) => text,
            Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Null => {
                if !broken {
                    self.report(
                        &EXPECTED_NODE_NAME,
                        token.start..token.end,
                        format!("`{raw}` cannot be the name of a node"),
                        "a line must start with a node name; numbers and keywords come behind it",
                    );
                }
                broken = true;
                raw.into()
            }
        };
        let name = Text {
            text,
            span: self.span(token.start, token.end),
        };
        broken |= self.is_suspicious(&name);
        self.begun += 1;
        self.entries.clear();
        Some(Begun {
            node: Node {
                name,
                annotation,
                entries: Vec::new(),
                children: Vec::new(),
                block: None,
                span: self.span(start, token.end),
                broken,
            },
            slashed,
            after_block: false,
        })
    }

    /// Reads `(name)`. What is wrong with it was reported when there is none.
    pub(super) fn annotation(&mut self) -> Option<Text<'s>> {
        let start = self.at;
        self.at += 1;
        self.skip_node_space();
        let token = if self.at_name() { self.token() } else { None };
        self.skip_node_space();
        let closed = self.peek() == Some(b')');
        if closed {
            self.at += 1;
        }
        let message = match token {
            _ if !closed => "type annotation is not closed",
            None => "type annotation is empty",
            Some(token) => {
                if let Value::Text(text) = token.value {
                    let text = Text {
                        text,
                        span: self.span(token.start, token.end),
                    };
                    self.is_suspicious(&text);
                    return Some(text);
                }
                "type annotation is no name"
            }
        };
        self.report(
            &BAD_TYPE_ANNOTATION,
            start..self.at.max(start + 1),
            message,
            "it is one name between `(` and `)`; catalogs need none, so it can be deleted",
        );
        None
    }

    /// Several `}` after each other are one mistake.
    fn skip_stray_braces(&mut self) {
        let start = self.at;
        let mut end = start;
        while let Some(b'}' | b';') = self.peek() {
            self.at += 1;
            end = self.at;
            self.skip_line_space();
        }
        self.report(
            &UNMATCHED_BRACE,
            start..start + 1,
            if end == start + 1 {
                "`}` closes nothing"
            } else {
                "`}` closes nothing, nor does what follows it"
            },
            "delete it, or look above for a `{` that is missing or was closed too early",
        );
    }

    /// A block whose node is missing most likely belongs to the node on the line before.
    fn misplaced_block(&mut self, slashed: bool) -> Option<Begun<'s>> {
        self.report(
            &EXPECTED_NODE_NAME,
            self.at..self.at + 1,
            "this block has no node name before it",
            "put the `{` on the line of the node that the block belongs to",
        );
        self.at += 1;
        let first = self.open.last().map_or(0, |open| open.first_child);
        let too_deep = self.open.len() >= self.limits.depth;
        let previous = if self.nodes.len() > first && !slashed && !too_deep {
            self.nodes.pop_if(|node| node.block.is_none())
        } else {
            None
        };
        let Some(mut node) = previous else {
            self.skip_block();
            return None;
        };
        node.broken = true;
        Some(Begun {
            node,
            slashed: false,
            after_block: false,
        })
    }

    fn skip_nameless(&mut self, byte: u8) {
        let start = self.at;
        if byte == b';' {
            while self.peek() == Some(b';') {
                self.at += 1;
                self.skip_line_space();
            }
            self.report(
                &EXPECTED_NODE_NAME,
                start..start + 1,
                "`;` ends no node",
                "delete it; `;` stands between nodes on one line",
            );
            return;
        }
        self.report(
            &EXPECTED_NODE_NAME,
            start..self.glued_end(start),
            "a line must start with a node name",
            "comments start with `//`",
        );
        if byte == b'#' {
            self.at = self.line_end(start);
        } else {
            self.skip_rest_of_nameless();
        }
    }

    /// Skips to the end of the line, and the block that belongs to it.
    fn skip_rest_of_nameless(&mut self) {
        self.skip_rest_of_node();
        while self.peek() == Some(b'{') {
            self.at += 1;
            self.skip_block();
            self.skip_rest_of_node();
        }
        self.skip_node_end();
    }

    /// Stops before one node or mistake too many, with a finding.
    fn must_stop(&mut self) -> bool {
        let message = if self.begun >= self.limits.nodes && self.peek() != Some(b'}') {
            format!("more than {} nodes in one file", self.limits.nodes)
        } else if self.mistakes() >= self.limits.mistakes {
            format!("{} mistakes in one file", self.limits.mistakes)
        } else {
            return false;
        };
        self.swallowed_rest = true;
        let loc = self.loc(self.at, self.at + 1);
        // Not through `push`, which would drop it.
        self.found.push(
            INPUT_TOO_LARGE
                .at(loc, message)
                .help("the file is read up to here; correct or split it"),
        );
        true
    }
}
