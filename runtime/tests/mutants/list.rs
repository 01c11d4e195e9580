//! Mistakes in what decides, one a row: the expression or the statements `right` of `file` become `wrong`.

/// One mistake.
pub(crate) struct Mutant {
    /// What goes wrong.
    pub(crate) name: &'static str,
    /// Below the root of the repository.
    pub(crate) file: &'static str,
    /// What is there, once.
    pub(crate) right: &'static str,
    /// What takes its place, of the same type.
    pub(crate) wrong: &'static str,
}

const fn mutant(
    name: &'static str,
    file: &'static str,
    right: &'static str,
    wrong: &'static str,
) -> Mutant {
    Mutant {
        name,
        file,
        right,
        wrong,
    }
}

const REACH: &str = "compiler/src/environment/reach.rs";
const PATCH: &str = "compiler/src/environment/patch.rs";
const LIMITS: &str = "compiler/src/environment/limits.rs";
const PERMISSIONS: &str = "compiler/src/environment/permissions.rs";
const CONDITIONS: &str = "compiler/src/environment/conditions.rs";
const SUSPENDED: &str = "compiler/src/environment/suspended.rs";
const PATTERN: &str = "compiler/src/model/pattern.rs";
const LEFT: &str = "compiler/src/environment/arguments.rs";
const NARROWING: &str = "compiler/src/narrowing.rs";
const KNOWN: &str = "compiler/src/narrowing/known.rs";
const FIT: &str = "compiler/src/narrowing/fit.rs";
const CEILING: &str = "compiler/src/checks/permissions.rs";
const ENFORCEMENT: &str = "compiler/src/checks/enforcement.rs";
const CONFIG: &str = "compiler/src/backend/runtime_config.rs";
const NARROW: &str = "runtime/schema/src/narrow.rs";
const POLICY: &str = "runtime/src/policy.rs";
const VIEW: &str = "runtime/src/view/mod.rs";
const LIST: &str = "runtime/src/view/list.rs";
const NARROWED: &str = "runtime/src/view/narrowed.rs";
const SNAPSHOT: &str = "runtime/src/config/snapshot.rs";
const ARGUMENTS: &str = "runtime/src/arguments.rs";

/// All of them, in the order of the pipeline.
#[rustfmt::skip]
pub(crate) const MUTANTS: &[Mutant] = &[
    mutant("a prefix is looked for anywhere", PATTERN, "tool.starts_with(prefix.as_str())", "tool.contains(prefix.as_str())"),
    mutant("a pattern means every server", PATTERN, "own == server", "own == server || !own.is_empty()"),
    mutant("a shadow grant gives reach", REACH, "grant.shadow.is_none()", "true"),
    mutant("an enforced grant is a shadow too", REACH, "grant.shadow.is_some()", "true"),
    mutant("tools that are not locked are reached", REACH, "deployed.lock.tools.contains_key(*tool)", "true"),
    mutant("the first end counts", REACH, "ends?.into_iter().max()", "ends?.into_iter().min()"),
    mutant("a grant without end does not outlive others", REACH, "ends?.into_iter().max()", "self.grants.iter().filter_map(|grant| grant.until.as_ref()).map(|until| until.value.as_str()).max()"),
    mutant("only one grant constrains", REACH, "reach.grants.push(granted.grant);", "if reach.grants.is_empty() { reach.grants.push(granted.grant); }"),
    mutant("a patch only adds", PATCH, "*setting = Some(patch.clone());", "if setting.is_none() { *setting = Some(patch.clone()); }"),
    mutant("a patched approval stays beside its patch", PATCH, "patch.by.value == approval.by.value", "false"),
    mutant("a patched approval replaces all groups", PATCH, "patch.by.value == approval.by.value", "true"),
    mutant("a patched argument stays beside its patch", PATCH, "patch.path.value == narrowing.path.value", "false"),
    mutant("a patch of an agent is forgotten", PATCH, "replace(&mut agent.limit, patch.limit.as_ref());", ";"),
    mutant("the larger of two limits holds", LIMITS, "Some(one.min(other))", "Some(one.max(other))"),
    mutant("an outer rate goes before an inner one", LIMITS, "self.rate.or(outer.rate)", "outer.rate.or(self.rate)"),
    mutant("an outer deadline goes before an inner one", LIMITS, "self.timeout.or(outer.timeout)", "outer.timeout.or(self.timeout)"),
    mutant("a rate has no burst of its own", LIMITS, "rate.map(|rate| rate.value.0)", "None"),
    mutant("sizes of servers and agents are forgotten", LIMITS, "all.max_args", "None"),
    mutant("rates compare by their calls alone", LIMITS, "own.cmp(&others).then(self.1.cmp(&other.1))", "self.0.cmp(&other.0)"),
    mutant("there is a bucket without a rate", LIMITS, "self.rate.and(self.burst)", "self.rate.map(|rate| rate.0)"),
    mutant("nothing narrows calls in flight", LIMITS, "smaller(self.concurrent, by.concurrent)", "self.concurrent.or(by.concurrent)"),
    mutant("roles do not limit", PERMISSIONS, "bounds = bounds.narrowed(Bounds::of(role.limit.as_ref(), role.timeout.as_ref()));", ";"),
    mutant("grants do not limit", PERMISSIONS, "bounds = bounds.narrowed(Bounds::of(grant.limit.as_ref(), grant.timeout.as_ref()));", ";"),
    mutant("a server's rate counts pairs", PERMISSIONS, "Bounds::sizes(server.settings.limit.as_ref())", "Bounds::of(server.settings.limit.as_ref(), None)"),
    mutant("an agent's sizes are forgotten", PERMISSIONS, "Bounds::sizes(agent.agent.limit.as_ref())", "Bounds::default()"),
    mutant("the smaller quorum holds", CONDITIONS, "one.quorum.max(quorum)", "one.quorum.min(quorum)"),
    mutant("the longer wait holds", CONDITIONS, "one.ttl.min(ttl)", "one.ttl.max(ttl)"),
    mutant("approvals for what destroys miss it", CONDITIONS, "effect >= from.map_or(Effect::Destructive, |from| from.value)", "effect > from.map_or(Effect::Destructive, |from| from.value)"),
    mutant("what may do harm twice is tried again", CONDITIONS, "is_repeat_safe(server, tool)", "true"),
    mutant("a server's tries go before a tool's", CONDITIONS, "written.or(server.settings.retry.as_ref())", "server.settings.retry.as_ref().or(written)"),
    mutant("only one narrowing holds", CONDITIONS, "by_place.into_values().cloned().collect()", "by_place.into_values().take(1).cloned().collect()"),
    mutant("suspended tools are callable", SUSPENDED, "places.is_empty()", "true"),
    mutant("a tool is suspended on every server", SUSPENDED, "of == server && name == tool", "name == tool"),
    mutant("agents share what narrows a tool", LEFT, "permission.narrowings.iter().map(|one| one.loc).collect()", "Vec::new()"),
    mutant("what narrows a tool is remembered as the same", KNOWN, "(tool.clone(), words(narrowings))", "(tool.clone(), String::new())"),
    mutant("a pattern matches a part", NARROWING, "whole(&pattern.value)", "format!(\"^{}$\", pattern.value)"),
    mutant("the largest number is left out", NARROWING, "add(\"maximum\", max.value.clone().into());", "add(\"exclusiveMaximum\", max.value.clone().into());"),
    mutant("no text is too long", NARROWING, "add(\"maxLength\", length.value.into());", ";"),
    mutant("two fixed values do not contradict", FIT, "other.value != fix.value", "false"),
    mutant("an argument that is narrowed may be left out", NARROW, "demand(property, rest, what);\n        need(schema, name);", "demand(property, rest, what);"),
    mutant("the looser of two numbers holds", NARROW, "stricter(Ordering::Greater)", "stricter(Ordering::Less)"),
    mutant("a ceiling is for one server", CEILING, "!denied.matches(server, tool)", "denied.server.is_none() || !denied.matches(server, tool)"),
    mutant("a retry is promised and not held", ENFORCEMENT, "retry.tries > 0", "retry.tries > 9"),
    mutant("arguments and results have one size", CONFIG, "own.max_args", "own.max_result"),
    mutant("permissions never end", CONFIG, "own.until.clone()", "None"),
    mutant("everybody has the first agent's identity", CONFIG, "serving.identities.get(name)?", "serving.identities.values().next()?"),
    mutant("an agent's counter is not written", CONFIG, "limit(&granted.limit)", "Limit::default()"),
    mutant("a server's counter is not written", CONFIG, "limit(&deployed.limit)", "Limit::default()"),
    mutant("a burst is as large as the calls", CONFIG, "resolved.burst.unwrap_or(calls)", "calls"),
    mutant("fixed arguments are not put in", CONFIG, "fixed.collect()", "Vec::new()"),
    mutant("what cannot be narrowed is not narrowed", CONFIG, "continue", "None"),
    mutant("everybody is the first agent", POLICY, "caller.agent()", "\"a0\""),
    mutant("what has ended can be called", VIEW, "entry.holds_on(today)", "true"),
    mutant("the last day does not count", VIEW, "today <= until", "today < until"),
    mutant("narrowed arguments are only shown", VIEW, "narrowed.unwrap_or_else(|| self.definition.schema())", "self.definition.schema()"),
    mutant("a list ends a day early", LIST, "today <= through", "today < through"),
    mutant("what has ended is listed", LIST, "entry.holds_on(today)", "true"),
    mutant("all narrowed schemas are one", NARROWED, "self.0.get_key_value(text.as_str())", "self.0.first_key_value()"),
    mutant("deadlines are seconds", SNAPSHOT, "Duration::from_millis(permission.timeout)", "Duration::from_secs(permission.timeout)"),
    mutant("results are as large as arguments", SNAPSHOT, "usize::try_from(permission.max_result)", "usize::try_from(permission.max_args)"),
    mutant("an agent counts as its tool does", SNAPSHOT, "agent.limit.clone()", "permission.limit.clone()"),
    mutant("each agent counts a server by itself", SNAPSHOT, "Counted::Server(permission.server.clone())", "Counted::Server(format!(\"{name} {}\", permission.server))"),
    mutant("the server is asked for the exposed name", SNAPSHOT, "permission.tool.as_str().into()", "exposed.as_str().into()"),
    mutant("arguments of the largest size are too large", ARGUMENTS, "text.len() > entry.max_args", "text.len() >= entry.max_args"),
];
