//! Settings that several things take.

use std::sync::Arc;

use crate::checks::language::{CONFLICTING_NODES, MISSING_PART};
use crate::diagnostic::Diagnostic;
use crate::grammar::{Item, Value};
use crate::model::{
    Approval, ArgumentPath, Effect, Kept, Limit, Narrowing, Record, Retry, ToolSettings,
};
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

/// The settings that a tool or a patch of one writes.
pub(super) fn of_tool(item: &Item, found: &mut Vec<Diagnostic>) -> ToolSettings {
    ToolSettings {
        limit: limit(item, found),
        timeout: timeout(item),
        retry: retry(item),
        approvals: approvals(item),
        narrowings: narrowings(item, found),
    }
}

/// The prose of a `describe`.
pub(super) fn describe(parent: &Item) -> Option<String> {
    let text = parent.child("describe")?.argument("text");
    Some(text.and_then(read::text)?.value)
}

/// The `retry` of a node.
pub(super) fn retry(parent: &Item) -> Option<Retry> {
    let item = parent.child("retry")?;
    Some(Retry {
        tries: item.argument("tries").and_then(read::small)?,
        backoff: item.property("backoff").and_then(read::number),
        max_backoff: item.property("max-backoff").and_then(read::number),
        loc: item.loc,
    })
}

/// The `record` of a node.
pub(super) fn record(parent: &Item, found: &mut Vec<Diagnostic>) -> Option<Record> {
    let item = parent.child("record")?;
    let kept = |property: &str| {
        let at = item.property(property)?;
        let kept = match read::word(at)? {
            "full" => Kept::Full,
            "none" => Kept::Nothing,
            _ => Kept::Digest,
        };
        Some(read::with(at, kept))
    };
    let record = Record {
        arguments: kept("arguments"),
        result: kept("result"),
        sync_outcome: item
            .property("sync")
            .map(|at| read::with(at, read::word(at) != Some("intent"))),
        loc: item.loc,
    };
    let empty =
        record.arguments.is_none() && record.result.is_none() && record.sync_outcome.is_none();
    if empty && !item.broken {
        found.push(MISSING_PART.at(
            item.head,
            "`record` needs `arguments=`, `result=` or `sync=`",
        ));
    }
    Some(record)
}

/// The `approval` nodes of a node.
pub(super) fn approvals(parent: &Item) -> Vec<Approval> {
    parent.all("approval").filter_map(approval).collect()
}

fn approval(item: &Item) -> Option<Approval> {
    let effect = item.property("for").map(|at| {
        let effect = match read::word(at) {
            Some("write") => Effect::Write,
            _ => Effect::Destructive,
        };
        read::with(at, effect)
    });
    Some(Approval {
        by: item.property("by").and_then(read::name)?,
        effect,
        quorum: item.property("quorum").and_then(read::small),
        ttl: item.property("ttl").and_then(read::number),
        loc: item.loc,
    })
}

/// The `arg` nodes of a node.
pub(super) fn narrowings(parent: &Item, found: &mut Vec<Diagnostic>) -> Vec<Arc<Narrowing>> {
    let items = parent.all("arg");
    items
        .filter_map(|item| narrowing(item, found).map(Arc::new))
        .collect()
}

fn narrowing(item: &Item, found: &mut Vec<Diagnostic>) -> Option<Narrowing> {
    let narrowing = Narrowing {
        path: item.argument("path").and_then(path)?,
        one_of: item
            .arguments("value")
            .iter()
            .filter_map(read::scalar)
            .collect(),
        fix: item.property("fix").and_then(read::scalar),
        pattern: item.property("pattern").and_then(read::text),
        min: item.property("min").and_then(read::json_number),
        max: item.property("max").and_then(read::json_number),
        max_length: item.property("max-length").and_then(read::number),
        loc: item.loc,
    };
    let others = [
        narrowing.one_of.first().map(|at| at.loc),
        narrowing.pattern.as_ref().map(|at| at.loc),
        narrowing.min.as_ref().map(|at| at.loc),
        narrowing.max.as_ref().map(|at| at.loc),
        narrowing.max_length.as_ref().map(|at| at.loc),
    ];
    let other = others.into_iter().flatten().next();
    match (&narrowing.fix, other) {
        (Some(fix), Some(other)) => found.push(
            CONFLICTING_NODES
                .at(other, "a fixed argument leaves nothing to narrow")
                .and(fix.loc, "the value is fixed here"),
        ),
        (None, None) if !item.broken => found.push(MISSING_PART.at(
            item.head,
            "`arg` needs allowed values, `fix=`, `pattern=`, `min=`, `max=` or `max-length=`",
        )),
        (Some(_), None) | (None, _) => {}
    }
    Some(narrowing)
}

/// The argument paths of the `sensitive` nodes of a tool.
pub(super) fn sensitive(tool: &Item) -> Vec<At<ArgumentPath>> {
    let written = tool
        .all("sensitive")
        .flat_map(|item| item.arguments("path"));
    written.filter_map(path).collect()
}

fn path(at: &At<Value>) -> Option<At<ArgumentPath>> {
    let Value::Argument(path) = &at.value else {
        return None;
    };
    Some(read::with(at, path.clone()))
}
