//! `limit` and `timeout`, which several things take.

use crate::checks::language::MISSING_PART;
use crate::diagnostic::Diagnostic;
use crate::grammar::Item;
use crate::model::Limit;
use crate::source::At;

use super::read;

/// One minute, the time in which calls are refilled where none is written.
const DEFAULT_PER: u64 = 60_000;

/// The `limit` of a node.
pub(super) fn limit(parent: &Item, found: &mut Vec<Diagnostic>) -> Option<Limit> {
    let item = parent.child("limit")?;
    let calls = item.argument("calls").and_then(read::small);
    let per = item.property("per").and_then(read::number);
    let limit = Limit {
        rate: calls.as_ref().map(|calls| At {
            value: (
                calls.value,
                per.as_ref().map_or(DEFAULT_PER, |per| per.value),
            ),
            loc: calls.loc,
        }),
        burst: item.property("burst").and_then(read::small),
        concurrent: item.property("concurrent").and_then(read::small),
        max_args: item.property("max-args").and_then(read::number),
        max_result: item.property("max-result").and_then(read::number),
        loc: item.loc,
    };
    if !item.broken {
        needs_calls(item, &limit, found);
    }
    Some(limit)
}

fn needs_calls(item: &Item, limit: &Limit, found: &mut Vec<Diagnostic>) {
    let of_calls = ["per", "burst"]
        .into_iter()
        .find(|name| item.property(name).is_some());
    let empty =
        limit.concurrent.is_none() && limit.max_args.is_none() && limit.max_result.is_none();
    if limit.rate.is_some() {
        return;
    }
    if let Some(name) = of_calls {
        found.push(MISSING_PART.at(
            item.head,
            format!("`limit` needs a number of calls before `{name}=`"),
        ));
    } else if empty {
        found.push(MISSING_PART.at(
            item.head,
            "`limit` needs a number of calls, `concurrent=`, `max-args=` or `max-result=`",
        ));
    }
}

/// The `timeout` of a node, milliseconds.
pub(super) fn timeout(parent: &Item) -> Option<At<u64>> {
    parent
        .child("timeout")?
        .argument("duration")
        .and_then(read::number)
}
