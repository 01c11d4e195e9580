//! The assertions of tests.

use crate::grammar::Item;
use crate::model::{Assertion, Claim, FlowSink, FlowSource};

use super::read;

/// `can`, `cannot`, `needs-approval` or `no-flow`.
pub(super) fn assertion(item: &Item) -> Option<Assertion> {
    let patterns = || {
        let written = item.arguments("tools").iter();
        written.filter_map(read::pattern).collect()
    };
    let claim = match item.row.name {
        "can" => Claim::Can(patterns()),
        "cannot" => Claim::Cannot(patterns()),
        "needs-approval" => Claim::NeedsApproval(patterns()),
        "no-flow" => no_flow(item)?,
        _ => return None,
    };
    Some(Assertion {
        agent: read::name(item.argument("agent")?),
        claim,
        loc: item.loc,
    })
}

fn no_flow(item: &Item) -> Option<Claim> {
    let from = item.property("from")?;
    let source = read::name(from).map_or(FlowSource::Untrusted, |class| {
        FlowSource::Class(class.value)
    });
    let to = item.property("to")?;
    let sink = match read::word(to)? {
        "internal" => FlowSink::Internal,
        "external" => FlowSink::External,
        "write" => FlowSink::Write,
        _ => FlowSink::Destructive,
    };
    Some(Claim::NoFlow {
        from: read::with(from, source),
        to: read::with(to, sink),
    })
}
