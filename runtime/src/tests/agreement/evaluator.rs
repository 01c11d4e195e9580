//! The rules of the language on who may call what, read a second time and written down as
//! plainly as it goes: all values that apply are listed, and the strictest is taken.

use serde_json::{Value, json};

use super::answer::{Decision, Field, Numbers, Pair, Place};
use super::universe::{
    Approval, Arg, Arguments, DAY, Demand, Environment, PATTERNS, Pattern, Schema, Settings,
    Subject, Tool, Universe, values,
};

/// All fields, with what is built in for calls of one agent to one tool.
const FIELDS: [(Field, Option<u64>); 6] = [
    (Field::CallsPerDay, None),
    (Field::Burst, None),
    (Field::Concurrent, Some(16)),
    (Field::MaxArgs, Some(65_536)),
    (Field::MaxResult, Some(1_048_576)),
    (Field::Timeout, Some(30_000)),
];

/// The lines that give a tool, and the last day of each grant among them.
type Given<'u> = (Vec<&'u Settings>, Vec<Option<&'static str>>);

pub(super) fn covers(pattern: &Pattern, server: usize, tool: &Tool) -> bool {
    let is_named = match pattern.tool.strip_suffix('*') {
        Some(start) => tool.name.starts_with(start),
        None => tool.name == pattern.tool,
    };
    is_named && pattern.server.is_none_or(|one| one == server)
}

/// What grants, or shadow grants, give; none where it is nothing, not deployed or not locked.
pub(super) fn given(all: &Universe, at: Place, shadow: bool) -> Option<Given<'_>> {
    let here = &all.environments[at.environment];
    let tool = &all.servers[at.server].tools[at.tool];
    let covers = |pattern: &Pattern| covers(pattern, at.server, tool);
    let (mut lines, mut ends) = (Vec::new(), Vec::new());
    for grant in &here.grants {
        let roles = grant.roles.iter().map(|role| &all.roles[*role]);
        let roles: Vec<_> = roles.filter(|role| role.allow.iter().any(covers)).collect();
        let gives = !roles.is_empty() || grant.tools.iter().any(covers);
        if gives && grant.agent == at.agent && grant.is_shadow == shadow {
            lines.extend(roles.iter().map(|role| &role.own).chain([&grant.own]));
            ends.push(grant.until);
        }
    }
    let is_there = here.deployed.contains(&at.server) && tool.is_locked;
    (is_there && !ends.is_empty()).then_some((lines, ends))
}

/// What a thing writes in an environment: patches replace whole settings.
fn patched(own: &Settings, here: &Environment, of: Subject) -> Settings {
    let mut own = own.clone();
    for (_, patch) in here.patches.iter().filter(|(subject, _)| *subject == of) {
        own.limit = patch.limit.clone().or(own.limit);
        own.timeout = patch.timeout.or(own.timeout);
        own.retry = patch.retry.or(own.retry);
        let has_group = |group| patch.approvals.iter().any(|one| one.group == group);
        own.approvals.retain(|one| !has_group(one.group));
        own.approvals.extend(patch.approvals.clone());
        let has_argument = |name| patch.args.iter().any(|one| one.name == name);
        own.args.retain(|one| !has_argument(one.name));
        own.args.extend(patch.args.clone());
    }
    own
}

/// What one node writes. A burst that nobody wrote is the calls of the same node.
fn written(settings: &Settings, field: Field) -> Option<u64> {
    let limit = settings.limit.as_ref();
    match field {
        Field::CallsPerDay => limit?.rate.map(|(calls, per)| calls * (DAY / per)),
        Field::Burst => limit?.burst.or(limit?.rate.map(|(calls, _)| calls)),
        Field::Concurrent => limit?.concurrent,
        Field::MaxArgs => limit?.max_args,
        Field::MaxResult => limit?.max_result,
        Field::Timeout => settings.timeout,
    }
}

/// What a server or an agent counts: calls to it, or of it, whatever the tool.
pub(super) fn counter(own: &Settings, here: &Environment, of: Subject) -> Numbers {
    let own = patched(own, here, of);
    let number = |(field, _): &(Field, _)| Some((*field, written(&own, *field)?));
    FIELDS[..3].iter().filter_map(number).collect()
}

/// What holds for a pair, and all that narrows its arguments.
pub(super) fn pair(all: &Universe, at: Place) -> Option<(Pair, Vec<Arg>)> {
    let (lines, ends) = given(all, at, false)?;
    let here = &all.environments[at.environment];
    let server = &all.servers[at.server];
    let (tool, subjects) = (&server.tools[at.tool], at.subjects());
    let of_agent = patched(&all.agents[at.agent], here, subjects[0]);
    let of_server = patched(&server.own, here, subjects[1]);
    let of_tool = patched(&tool.own, here, subjects[2]);
    let mut pair = Pair::default();
    for (field, built_in) in FIELDS {
        let outer = if field == Field::Timeout {
            &of_server
        } else {
            &server.defaults
        };
        let definition = [&of_tool, outer, &here.own];
        let definition = definition.iter().find_map(|one| written(one, field));
        let mut narrowing = [lines.as_slice(), &[&here.own]].concat();
        if matches!(field, Field::MaxArgs | Field::MaxResult) {
            narrowing.extend([&of_server, &of_agent]);
        }
        let written = narrowing.iter().filter_map(|one| written(one, field));
        let least = written.chain(definition.or(built_in)).min();
        pair.numbers.extend(least.map(|least| (field, least)));
    }
    // Nobody said what it does: then it destroys.
    let effect = tool.effect.unwrap_or("destructive");
    let is_meant = |one: &&Approval| match effect {
        "destructive" => true,
        "write" => one.for_write,
        _ => false,
    };
    let asked = lines.iter().flat_map(|one| &one.approvals);
    let asked = asked.chain(here.own.approvals.iter().filter(is_meant));
    for one in asked.chain(&of_tool.approvals) {
        let (quorum, ttl) = (one.quorum.unwrap_or(1), one.ttl.unwrap_or(15));
        let all = pair.approvals.entry(one.group).or_insert((quorum, ttl));
        *all = (all.0.max(quorum), all.1.min(ttl));
    }
    if tool.is_repeat_safe.unwrap_or(effect == "read") {
        pair.tries = of_tool.retry.or(of_server.retry).unwrap_or(0);
    }
    if !ends.contains(&None) {
        pair.until = ends.into_iter().flatten().max().map(str::to_owned);
    }
    pair.is_suspended = here.suspended.iter().any(|one| subjects.contains(one));
    let args = lines.iter().flat_map(|one| &one.args).chain(&of_tool.args);
    Some((pair, args.cloned().collect()))
}

fn allows(demand: &Demand, value: &Value) -> bool {
    match (demand, value.as_str(), value.as_i64()) {
        (Demand::Fix(one), ..) => value == one,
        (Demand::OneOf(values), ..) => values.contains(value),
        (Demand::Pattern(one), Some(text), _) => PATTERNS[*one].1(text),
        (Demand::MaxLength(most), Some(text), _) => text.len() <= *most,
        (Demand::Between(least, most), _, Some(number)) => (*least..=*most).contains(&number),
        _ => false,
    }
}

fn fits(schema: &Schema, name: &str, value: &Value) -> bool {
    match (name, value.as_str(), value.as_i64()) {
        ("word", Some(text), _) => schema.longest_word.is_none_or(|most| text.len() <= most),
        ("count", _, Some(number)) => schema.least_count.is_none_or(|least| least <= number),
        _ => false,
    }
}

/// Whether no value of an argument is left: the catalog does not compile, and nobody may call.
pub(super) fn is_impossible(schema: &Schema, args: &[Arg]) -> bool {
    args.iter().any(|one| {
        let same = args.iter().filter(|arg| arg.name == one.name);
        let allowed = |value: &Value| same.clone().all(|arg| allows(&arg.demand, value));
        let mut values = values().into_iter().flatten().flatten();
        !values.any(|value| fits(schema, one.name, &value) && allowed(&value))
    })
}

/// What becomes of a call on `day`. An argument that is narrowed must be sent, a fixed one must not.
pub(super) fn decide(
    found: Option<&(Pair, Vec<Arg>)>,
    schema: &Schema,
    sent: &Arguments,
    day: &str,
) -> Decision {
    let Some((pair, args)) = found.filter(|(_, args)| !is_impossible(schema, args)) else {
        return Decision::Unknown;
    };
    if pair.is_suspended || pair.until.as_deref().is_some_and(|until| until < day) {
        return Decision::Unknown;
    }
    if json!(sent).to_string().len() as u64 > pair.numbers[&Field::MaxArgs] {
        return Decision::TooLarge;
    }
    let fixed = |arg: &Arg| Some((arg.name, arg.demand.fixed()?));
    let fixed: Arguments = args.iter().filter_map(fixed).collect();
    if fixed.keys().any(|name| sent.contains_key(name)) {
        return Decision::Invalid;
    }
    let mut whole = sent.clone();
    whole.extend(fixed);
    let is_held = |arg: &Arg| allows(&arg.demand, whole.get(arg.name).unwrap_or(&Value::Null));
    let is_whole = whole.contains_key("word") || !schema.needs_word;
    let fits_all = whole.iter().all(|(name, value)| fits(schema, name, value));
    if is_whole && fits_all && args.iter().all(is_held) {
        Decision::Goes(whole)
    } else {
        Decision::Invalid
    }
}
