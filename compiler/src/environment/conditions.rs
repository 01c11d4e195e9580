//! What a permission asks of a call beside limits: approvals, narrowed arguments, tries, and what is
//! recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::reach::Reach;
use crate::model::{Approval, Effect, Kept, Name, Narrowing, Record, Server, Target, Tool};
use crate::source::Loc;

/// Persons who must approve where no number is written.
pub const DEFAULT_QUORUM: u32 = 1;
/// How long a call waits for approval where nothing is written, milliseconds.
pub const DEFAULT_TTL: u64 = 900_000;
/// Longest first pause before another try where nothing is written, milliseconds.
pub const DEFAULT_BACKOFF: u64 = 200;
/// Longest pause before another try where nothing is written, milliseconds.
pub const DEFAULT_MAX_BACKOFF: u64 = 5_000;

/// Persons of one group who must approve each call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredApproval {
    /// The group.
    pub group: Name,
    /// How many of them.
    pub quorum: u32,
    /// How long a call waits, milliseconds.
    pub ttl: u64,
    /// The `approval` nodes that ask for it.
    pub places: BTreeSet<Loc>,
}

/// Further tries of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedRetry {
    /// How many.
    pub tries: u32,
    /// Longest first pause, milliseconds.
    pub backoff: u64,
    /// Longest pause, milliseconds.
    pub max_backoff: u64,
    /// The `retry` node.
    pub loc: Loc,
}

/// What the audit log keeps of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedRecord {
    /// Of the arguments.
    pub arguments: Kept,
    /// Of the result.
    pub result: Kept,
    /// Whether an answer waits for its outcome to reach the disk.
    pub sync_outcome: bool,
    /// The `record` nodes that take part.
    pub places: BTreeSet<Loc>,
}

/// All approvals that one pair needs, by group: of one group the larger quorum and the shorter time.
pub(super) fn approvals(
    target: &Target,
    effect: Effect,
    tool: &Tool,
    reach: &Reach<'_>,
) -> Vec<RequiredApproval> {
    let is_meant = |approval: &&Approval| {
        let from = approval.effect.as_ref();
        effect >= from.map_or(Effect::Destructive, |from| from.value)
    };
    let roles = reach.roles.iter().flat_map(|role| &role.approvals);
    let grants = reach.grants.iter().flat_map(|grant| &grant.approvals);
    let all = target.approvals.iter().filter(is_meant);
    let all = all
        .chain(&tool.settings.approvals)
        .chain(roles)
        .chain(grants);
    let mut required: BTreeMap<&Name, RequiredApproval> = BTreeMap::new();
    for approval in all {
        let quorum = approval
            .quorum
            .as_ref()
            .map_or(DEFAULT_QUORUM, |at| at.value);
        let ttl = approval.ttl.as_ref().map_or(DEFAULT_TTL, |at| at.value);
        let group = &approval.by.value;
        let one = required.entry(group).or_insert_with(|| RequiredApproval {
            group: group.clone(),
            quorum,
            ttl,
            places: BTreeSet::new(),
        });
        one.quorum = one.quorum.max(quorum);
        one.ttl = one.ttl.min(ttl);
        one.places.insert(approval.loc);
    }
    required.into_values().collect()
}

/// Everything that narrows an argument of one pair, by place. All of it holds at once.
pub(super) fn narrowings(tool: &Tool, reach: &Reach<'_>) -> Vec<Arc<Narrowing>> {
    let roles = reach.roles.iter().flat_map(|role| &role.narrowings);
    let grants = reach.grants.iter().flat_map(|grant| &grant.narrowings);
    let all = tool.settings.narrowings.iter().chain(roles).chain(grants);
    let by_place: BTreeMap<Loc, &Arc<Narrowing>> =
        all.map(|narrowing| (narrowing.loc, narrowing)).collect();
    by_place.into_values().cloned().collect()
}

/// The tool's own `retry`, else the server's. Neither reaches a tool whose second call may do harm.
pub(super) fn retry(server: &Server, tool: &Tool) -> Option<ResolvedRetry> {
    let written = tool.settings.retry.as_ref();
    let written = written.or(server.settings.retry.as_ref())?;
    is_repeat_safe(server, tool).then_some(ResolvedRetry {
        tries: written.tries.value,
        backoff: written
            .backoff
            .as_ref()
            .map_or(DEFAULT_BACKOFF, |at| at.value),
        max_backoff: written
            .max_backoff
            .as_ref()
            .map_or(DEFAULT_MAX_BACKOFF, |at| at.value),
        loc: written.loc,
    })
}

/// Whether a second call does no harm: as written, else for `read` alone.
pub(crate) fn is_repeat_safe(server: &Server, tool: &Tool) -> bool {
    let written = tool.facts.repeat_safe.as_ref();
    let written = written.or(server.tool_defaults.facts.repeat_safe.as_ref());
    written.map_or_else(|| server.effect(tool) == Effect::Read, |safe| safe.value)
}

/// What is recorded, each property by itself: the innermost written value. That an answer need not
/// wait reaches tools that only read.
pub(super) fn record(target: &Target, server: &Server, tool: &Tool) -> ResolvedRecord {
    let written = [&tool.record, &server.record, &target.record];
    let written: Vec<&Record> = written.into_iter().flatten().collect();
    let mut places = BTreeSet::new();
    let mut kept = |of: fn(&Record) -> Option<(Kept, Loc)>| {
        let (kept, loc) = written.iter().find_map(|record| of(record))?;
        places.insert(loc);
        Some(kept)
    };
    let arguments = kept(|record| Some((record.arguments.as_ref()?.value, record.loc)));
    let result = kept(|record| Some((record.result.as_ref()?.value, record.loc)));
    let sync = written
        .iter()
        .find_map(|record| Some((record.sync_outcome.as_ref()?.value, record.loc)))
        .filter(|(sync, _)| *sync || server.effect(tool) == Effect::Read);
    places.extend(sync.map(|(_, loc)| loc));
    ResolvedRecord {
        arguments: arguments.unwrap_or_default(),
        result: result.unwrap_or_default(),
        sync_outcome: sync.is_none_or(|(sync, _)| sync),
        places,
    }
}
