//! The reader: one pass over the text, an explicit stack of open blocks, one finding per mistake.

use super::characters::class;
use super::limits::Limits;
use super::problems::{
    EXPECTED_VALUE, INPUT_TOO_LARGE, MISPLACED_CHILD_BLOCK, NESTED_TOO_DEEPLY, UNCLOSED_BLOCK,
};
use super::space::Slashdash;
use super::{Document, Entry, Node};
use crate::diagnostic::{Check, Diagnostic};
use crate::source::{FileId, Loc, Span};

/// Reads one file. What a file is made of has a module each: [`super::space`], [`super::name`],
/// [`super::entry`], [`super::string`], [`super::word`].
pub(super) struct Reader<'s, 'f> {
    pub(super) file: FileId,
    pub(super) text: &'s str,
    /// Byte that is looked at next.
    pub(super) at: usize,
    pub(super) limits: Limits,
    pub(super) found: &'f mut Vec<Diagnostic>,
    /// Findings that were there before this file.
    pub(super) found_before: usize,
    /// Something without an end took the rest of the file, so a missing `}` means nothing.
    pub(super) swallowed_rest: bool,
    /// Nodes begun so far.
    pub(super) begun: usize,
    /// The look for a `=` has passed spaces behind the last entry.
    pub(super) passed_space: bool,
    /// Finished nodes of all open levels; each level knows where it starts.
    pub(super) nodes: Vec<Node<'s>>,
    /// Finished nodes that are commented out.
    commented: Vec<Node<'s>>,
    /// Finished entries of the node that is read; they move into it before a block opens.
    pub(super) entries: Vec<Entry<'s>>,
    /// Nodes whose block is open, outermost first.
    pub(super) open: Vec<Open<'s>>,
}

/// A node that is not finished.
pub(super) struct Begun<'s> {
    pub(super) node: Node<'s>,
    /// It is commented out.
    pub(super) slashed: bool,
    /// A child block was closed, commented out or not.
    pub(super) after_block: bool,
}

/// A node whose child block is being read.
pub(super) struct Open<'s> {
    begun: Begun<'s>,
    pub(super) brace: usize,
    /// The block alone is commented out.
    slashed_block: bool,
    /// Where its children start in `nodes`.
    pub(super) first_child: usize,
}

/// What stands where a node may begin.
pub(super) enum Next<'s> {
    /// A node, whose name was read.
    Node(Begun<'s>),
    /// A block on a line of its own; `{` was passed. It is read as the block of the node before it.
    Block(Begun<'s>),
    /// The `}` of the innermost open block; it was passed.
    Close,
    /// The end of what shall be read.
    End,
}

/// Why the reading of a node stopped.
enum Pause {
    /// The node is complete.
    Finished,
    /// The `{` at `brace` was passed.
    Block { brace: usize, slashed: bool },
}

impl<'s, 'f> Reader<'s, 'f> {
    pub(super) fn new(
        file: FileId,
        text: &'s str,
        limits: Limits,
        found: &'f mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            file,
            text,
            at: 0,
            limits,
            found_before: found.len(),
            found,
            swallowed_rest: false,
            begun: 0,
            passed_space: false,
            nodes: Vec::new(),
            commented: Vec::new(),
            entries: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Reads all of it.
    pub(super) fn document(mut self) -> Document<'s> {
        if self.text.len() > self.limits.file {
            self.report_file_too_large();
            return Document::default();
        }
        self.report_disallowed();
        self.skip_file_start();
        loop {
            match self.next_node() {
                Next::Node(begun) => self.read_node(begun),
                Next::Block(begun) => {
                    let brace = self.at.saturating_sub(1);
                    self.open_block(begun, brace, false);
                }
                Next::Close => {
                    if let Some(begun) = self.close_block() {
                        self.read_node(begun);
                    }
                }
                Next::End => break,
            }
        }
        self.close_unclosed();
        Document {
            nodes: self.nodes,
            commented: self.commented,
        }
    }

    /// Reads on until the node is complete or its block opens.
    fn read_node(&mut self, mut begun: Begun<'s>) {
        loop {
            let pause = self.rest_of_node(&mut begun);
            self.settle_entries(&mut begun.node);
            match pause {
                Pause::Finished => return self.finish(begun),
                Pause::Block { brace, .. } if self.open.len() >= self.limits.depth => {
                    self.skip_too_deep(brace);
                    begun.node.broken = true;
                    begun.after_block = true;
                }
                Pause::Block { brace, slashed } => return self.open_block(begun, brace, slashed),
            }
        }
    }

    /// Reads entries and what may follow a closed block, up to the end of the node or a `{`.
    fn rest_of_node(&mut self, begun: &mut Begun<'s>) -> Pause {
        loop {
            let spaced = self.skip_node_space() | std::mem::take(&mut self.passed_space);
            let start = self.at;
            let slashed = match self.skip_slashdash() {
                Slashdash::None => false,
                Slashdash::Passed => true,
                Slashdash::Dangling => {
                    begun.node.broken = true;
                    continue;
                }
            };
            if self.peek() == Some(b'{') {
                let brace = self.at;
                if begun.node.block.is_some() && !slashed {
                    self.report_second_block(brace);
                    begun.node.broken = true;
                }
                self.at += 1;
                return Pause::Block { brace, slashed };
            }
            if !slashed && self.skip_node_end() {
                return Pause::Finished;
            }
            if begun.after_block {
                begun.node.broken = true;
                self.report_after_block(start);
                // What looks like a node is one whose line break was forgotten.
                if !slashed && self.at_plain_name() {
                    return Pause::Finished;
                }
                self.skip_rest_of_node();
            } else if spaced || slashed {
                self.entry(begun, slashed);
            } else {
                if !begun.node.broken {
                    self.report_no_space(start);
                }
                begun.node.broken = true;
                self.skip_rest_of_node();
            }
        }
    }

    fn open_block(&mut self, begun: Begun<'s>, brace: usize, slashed_block: bool) {
        self.open.push(Open {
            begun,
            brace,
            slashed_block,
            first_child: self.nodes.len(),
        });
    }

    /// Puts the children into the innermost open node, whose block ends here.
    fn close_block(&mut self) -> Option<Begun<'s>> {
        let Open {
            mut begun,
            brace,
            slashed_block,
            first_child,
        } = self.open.pop()?;
        begun.after_block = true;
        if slashed_block {
            self.nodes.truncate(first_child);
            return Some(begun);
        }
        let children = self.nodes.drain(first_child.min(self.nodes.len())..);
        if begun.node.children.is_empty() {
            begun.node.children = children.collect();
        } else {
            begun.node.children.extend(children);
        }
        let block = self.span(brace, self.at);
        begun.node.block = Some(block);
        begun.node.span.end = block.end;
        Some(begun)
    }

    /// Puts a complete node into the tree, unless it is commented out.
    fn finish(&mut self, begun: Begun<'s>) {
        if begun.slashed {
            self.commented.push(begun.node);
        } else {
            self.nodes.push(begun.node);
        }
    }

    /// One finding for all that is deeper; its text is skipped.
    fn skip_too_deep(&mut self, brace: usize) {
        self.report(
            &NESTED_TOO_DEEPLY,
            brace..brace + 1,
            format!("more than {} levels of blocks", self.limits.depth),
            "take the blocks apart; nothing in a catalog needs more than a few levels",
        );
        self.skip_block();
    }

    /// Closes what the end of the file leaves open. The indentation tells which nodes were not
    /// meant to be in a block, so that they do not seem to be misplaced.
    fn close_unclosed(&mut self) {
        self.report_unclosed();
        while let Some(open) = self.open.last() {
            let indentation = self
                .indentation(open.begun.node.span.start)
                .unwrap_or_default();
            let children = self.nodes.iter().enumerate().skip(open.first_child);
            let mut outside = children.filter(|(_, child)| {
                self.indentation(child.span.start)
                    .is_some_and(|child| child <= indentation)
            });
            let first_outside = outside
                .next()
                .map_or(self.nodes.len(), |(number, _)| number);
            let outside = self.nodes.split_off(first_outside);
            let end = outside.first().map(|node| node.span.start);
            self.at = end.map_or(self.text.len(), |end| {
                usize::try_from(end).unwrap_or_default()
            });
            if let Some(begun) = self.close_block() {
                self.finish(begun);
            }
            self.nodes.extend(outside);
        }
    }

    /// Bytes before a place, when it is the first on its line.
    fn indentation(&self, at: u32) -> Option<usize> {
        let before = self.slice(0, usize::try_from(at).ok()?);
        let line = before.trim_end_matches([' ', '\t']);
        (line.is_empty() || line.ends_with('\n')).then(|| before.len() - line.len())
    }

    /// One finding for all blocks that the end of the file leaves open.
    fn report_unclosed(&mut self) {
        let Some((last, outer)) = self.open.split_last() else {
            return;
        };
        if self.swallowed_rest {
            return;
        }
        let mut finding = UNCLOSED_BLOCK
            .at(
                self.loc(last.brace, last.brace + 1),
                "this `{` is never closed",
            )
            .help("add a `}` where its block ends");
        if let Some(outermost) = outer.first() {
            let loc = self.loc(outermost.brace, outermost.brace + 1);
            finding = finding.and(
                loc,
                match outer.len() {
                    1 => "nor is the block around it".to_owned(),
                    count => format!("nor are the {count} blocks around it, from here on"),
                },
            );
        }
        self.push(finding);
    }

    fn report_file_too_large(&mut self) {
        self.report(
            &INPUT_TOO_LARGE,
            0..0,
            format!("file has more than {} bytes", self.limits.file),
            "split it into several files",
        );
    }

    fn report_second_block(&mut self, brace: usize) {
        self.report(
            &MISPLACED_CHILD_BLOCK,
            brace..brace + 1,
            "a node has only one child block",
            "put all child nodes into one block, or begin a new node on a new line",
        );
    }

    fn report_after_block(&mut self, start: usize) {
        self.report(
            &MISPLACED_CHILD_BLOCK,
            start..self.glued_end(self.at),
            "nothing may follow a child block on its line",
            "begin a new node on a new line or after `;`; what belongs to this node goes before its `{`",
        );
    }

    fn report_no_space(&mut self, start: usize) {
        self.report(
            &EXPECTED_VALUE,
            start..self.glued_end(start),
            "expected a space before this",
            "separate values by spaces; text with other characters goes in quotes",
        );
    }

    /// Adds a finding.
    pub(super) fn report(
        &mut self,
        check: &'static Check,
        bytes: std::ops::Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let loc = self.loc(bytes.start, bytes.end);
        self.push(check.at(loc, message).help(help));
    }

    /// Adds a finding, unless there are too many; see [`Reader::must_stop`].
    pub(super) fn push(&mut self, finding: Diagnostic) {
        if self.mistakes() < self.limits.mistakes {
            self.found.push(finding);
        }
    }

    pub(super) fn mistakes(&self) -> usize {
        self.found.len().saturating_sub(self.found_before)
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    pub(super) fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    /// The text between two places; empty when one is not at the border of a character.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'s str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The first place from `from` on whose byte has one of the classes `stop`.
    pub(super) fn scan(&self, from: usize, stop: u8) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let length = rest.iter().position(|&byte| class(byte) & stop != 0);
        from + length.unwrap_or(rest.len())
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            start: offset(start),
            end: offset(end.min(self.text.len()).max(start)),
        }
    }

    pub(super) fn loc(&self, start: usize, end: usize) -> Loc {
        Loc {
            file: self.file,
            span: self.span(start, end),
        }
    }
}
