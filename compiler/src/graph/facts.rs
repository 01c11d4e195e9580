//! What a tool does to data: the worst where nobody said, and the best where what was said has a mistake,
//! which is reported there.

use crate::model::{DataClasses, Effect, Server, Tool, ToolFacts};
use crate::source::At;

/// How far the arguments of a tool travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sends {
    /// No further than the server.
    None,
    /// Inside the organisation.
    Internal,
    /// To anybody.
    External,
}

/// What a tool does, each fact with the line that says it; of what nobody wrote, the `tool` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What it does.
    pub effect: At<Effect>,
    /// Rank of the most sensitive class it returns.
    pub reads: At<usize>,
    /// Whether strangers can write what it returns.
    pub untrusted: At<bool>,
    /// How far its arguments travel.
    pub sends: At<Sends>,
}

impl Facts {
    pub(super) fn of(server: &Server, tool: &Tool, classes: &DataClasses) -> Self {
        let (own, defaults) = (&tool.facts, &server.tool_defaults.facts);
        let unwritten = tool.name.loc;
        let is_broken = server.is_unclear(tool);
        let effect = written(own, defaults, |facts| &facts.effect);
        let effect = effect.map_or(
            At {
                value: server.effect(tool),
                loc: unwritten,
            },
            At::clone,
        );
        let reads = written(own, defaults, |facts| &facts.reads);
        let reads = At {
            value: match reads {
                None if is_broken => 0,
                _ => rank(classes, reads.map(|class| &*class.value)),
            },
            loc: reads.map_or(unwritten, |class| class.loc),
        };
        let untrusted = written(own, defaults, |facts| &facts.untrusted);
        let untrusted = untrusted.map_or(
            At {
                value: !is_broken,
                loc: unwritten,
            },
            At::clone,
        );
        let sends = written(own, defaults, |facts| &facts.sends);
        let sends = At {
            value: match sends.map(|sends| &*sends.value) {
                Some("none") => Sends::None,
                Some("internal") => Sends::Internal,
                None if is_broken || effect.value == Effect::Read => Sends::None,
                Some(_) | None => Sends::External,
            },
            loc: sends.map_or(unwritten, |sends| sends.loc),
        };
        Self {
            effect,
            reads,
            untrusted,
            sends,
        }
    }
}

/// Rank of the class that a tool writes, or of the one that holds where it writes none. What is no class is
/// reported.
fn rank(classes: &DataClasses, written: Option<&str>) -> usize {
    let class = written.or(classes.unwritten().map(|name| &**name));
    class
        .and_then(|class| classes.rank(class))
        .unwrap_or_default()
}

fn written<'s, T>(
    own: &'s ToolFacts,
    defaults: &'s ToolFacts,
    fact: impl Fn(&'s ToolFacts) -> &'s Option<At<T>>,
) -> Option<&'s At<T>> {
    fact(own).as_ref().or(fact(defaults).as_ref())
}
