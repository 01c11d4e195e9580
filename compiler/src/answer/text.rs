//! Answers for people. Texts of the catalog are made safe to show.

use super::{
    CallableTool, CallingAgent, FlowsAnswer, MissingAnswer, OtherCaller, Step, Terms,
    WhatCanAnswer, WhoCanAnswer, WhyAnswer,
};
use crate::diagnostic::visible::visible;

pub(super) fn why(answer: &WhyAnswer) -> String {
    let WhyAnswer {
        environment,
        agent,
        tool,
        ways,
        ..
    } = answer;
    let mut lines = Vec::new();
    match (ways.first(), &answer.missing) {
        (Some(way), _) if way.caller == *agent && !way.terms.suspended.is_empty() => {
            let refused = "but calls are refused: it is suspended";
            lines.push(format!(
                "{agent} is granted {tool} in {environment}, {refused}"
            ));
        }
        (Some(way), _) if way.caller == *agent => {
            lines.push(format!("{agent} can call {tool} in {environment}"));
        }
        (Some(way), _) => lines.push(format!(
            "{agent} cannot call {tool} in {environment} itself, but can have {} call it",
            way.caller
        )),
        (None, Some(missing)) => {
            lines.push(format!("{agent} cannot call {tool} in {environment}"));
            describe(answer.describe.as_deref(), &mut lines);
            lack(missing, &mut lines);
            return finish(&lines);
        }
        (None, None) => lines.push(format!("{agent} cannot call {tool} in {environment}")),
    }
    describe(answer.describe.as_deref(), &mut lines);
    let mut last: Option<&str> = None;
    for (number, way) in (1..).zip(ways) {
        if ways.len() > 1 {
            lines.push(format!("way {number} of {}:", ways.len()));
        }
        steps(&way.steps, "  ", &mut lines);
        // All ways that end with one agent's grants have the same terms.
        if last != Some(&way.caller) {
            terms(&way.terms, "  ", &mut lines);
        }
        last = Some(&way.caller);
    }
    finish(&lines)
}

pub(super) fn who_can(answer: &WhoCanAnswer) -> String {
    let WhoCanAnswer {
        environment,
        tool,
        agents,
        ..
    } = answer;
    let mut lines = vec![match agents.len() {
        0 => format!("nobody can call {tool} in {environment}"),
        1 => format!("1 agent can call {tool} in {environment}"),
        count => format!("{count} agents can call {tool} in {environment}"),
    }];
    describe(answer.describe.as_deref(), &mut lines);
    for agent in agents {
        let CallingAgent {
            caller,
            needs_approval,
            terms: own,
            others: also,
            ..
        } = agent;
        let marks = marks(&agent.agent, caller, *needs_approval, own, also);
        lines.push(format!("{}{marks}", agent.agent));
        describe(agent.describe.as_deref(), &mut lines);
        steps(&agent.steps, "  ", &mut lines);
        terms(own, "  ", &mut lines);
        others(also, "  ", &mut lines);
    }
    finish(&lines)
}

pub(super) fn what_can(answer: &WhatCanAnswer) -> String {
    let WhatCanAnswer {
        environment,
        agent,
        tools,
        ..
    } = answer;
    let mut lines = Vec::new();
    if let Some(difference) = &answer.difference {
        let than = &difference.than;
        lines.push(if difference.is_empty() {
            format!(
                "{agent} can call the same tools in {environment} and {than}, on the same terms"
            )
        } else {
            format!("{agent} in {environment}, compared with {than}")
        });
        describe(answer.describe.as_deref(), &mut lines);
        let added = |tool: &&CallableTool| difference.added.contains(&tool.tool);
        for tool in tools.iter().filter(added) {
            one_tool('+', agent, tool, &mut lines);
        }
        for tool in &difference.removed {
            one_tool('-', agent, tool, &mut lines);
        }
        for changed in &difference.changed {
            lines.push(format!("~ {}", changed.tool));
            lines.push(format!("    {environment}: {}", visible(&changed.here)));
            lines.push(format!("    {than}: {}", visible(&changed.there)));
        }
        return finish(&lines);
    }
    lines.push(match tools.len() {
        0 => format!("{agent} can call nothing in {environment}"),
        1 => format!("{agent} can call 1 tool in {environment}"),
        count => format!("{agent} can call {count} tools in {environment}"),
    });
    describe(answer.describe.as_deref(), &mut lines);
    for tool in tools {
        one_tool(' ', agent, tool, &mut lines);
    }
    finish(&lines)
}

pub(super) fn flows(answer: &FlowsAnswer) -> String {
    let FlowsAnswer {
        environment,
        from,
        to,
        flows,
        unguarded,
        ..
    } = answer;
    let total: usize = flows.iter().map(|flows| flows.count).sum();
    let mut lines = vec![if total == 0 {
        format!("no flow from {from} to {to} in {environment}")
    } else {
        format!("flows from {from} to {to} in {environment}: {total}, {unguarded} without approval")
    }];
    for flow in flows {
        let guard = match flow.unguarded {
            0 => "all wait for approval".to_owned(),
            open => format!("{open} without approval"),
        };
        lines.push(format!("{}: {}, {guard}", flow.agent, flow.count));
        lines.push(format!("  {}", flow.shortest));
        steps(&flow.read, "    ", &mut lines);
        steps(&flow.send, "    ", &mut lines);
    }
    finish(&lines)
}

fn one_tool(mark: char, agent: &str, tool: &CallableTool, lines: &mut Vec<String>) {
    let effect = tool.effect.as_deref().unwrap_or_default();
    let CallableTool {
        caller,
        needs_approval,
        terms: own,
        others: also,
        ..
    } = tool;
    let marks = marks(agent, caller, *needs_approval, own, also);
    let line = format!("{mark} {} ({effect}){marks}", tool.tool);
    lines.push(line.trim_start().to_owned());
    steps(&tool.steps, "    ", lines);
    terms(own, "    ", lines);
    others(also, "    ", lines);
}

/// What to know before the details.
fn marks(
    agent: &str,
    caller: &str,
    needs_approval: bool,
    terms: &Terms,
    others: &[OtherCaller],
) -> String {
    let mut marks = String::new();
    if agent != caller {
        marks.extend([", through ", caller]);
    }
    if needs_approval {
        marks.push_str(", waits for approval");
    } else if !terms.approvals.is_empty() {
        let mut open = others
            .iter()
            .filter(|other| other.terms.approvals.is_empty());
        let open = open.next().into_iter();
        marks.extend(open.flat_map(|other| [", without approval through ", &other.caller]));
    }
    if !terms.suspended.is_empty() {
        marks.push_str(", suspended");
    }
    marks
}

fn lack(missing: &MissingAnswer, lines: &mut Vec<String>) {
    lines.push(format!("  missing: {}", visible(&missing.message)));
    let width = missing.lines.iter().map(|line| line.says.chars().count());
    let width = width.max().unwrap_or_default();
    for line in &missing.lines {
        lines.push(format!("    {:<width$}  {}", line.says, line.place));
    }
    lines.extend(
        missing
            .help
            .iter()
            .map(|help| format!("  help: {}", visible(help))),
    );
}

fn describe(text: Option<&str>, lines: &mut Vec<String>) {
    lines.extend(text.map(|text| format!("  \"{}\"", visible(text))));
}

fn steps(steps: &[Step], indent: &str, lines: &mut Vec<String>) {
    let says = steps.iter().map(|step| {
        let Step {
            from, relation, to, ..
        } = step;
        format!("{from} {relation} {to}")
    });
    let says: Vec<String> = says.collect();
    let width = says.iter().map(|text| text.chars().count()).max();
    let width = width.unwrap_or_default();
    for (step, says) in steps.iter().zip(&says) {
        let place = step.place.as_ref().map(ToString::to_string);
        lines.push(format!(
            "{indent}{says:<width$}  {}",
            place.unwrap_or_default()
        ));
    }
}

fn terms(terms: &Terms, indent: &str, lines: &mut Vec<String>) {
    lines.push(format!("{indent}{}", visible(&terms.summary)));
    for approval in &terms.approvals {
        for place in &approval.places {
            lines.push(format!("{indent}approval of {}  {place}", approval.group));
        }
    }
    for place in &terms.suspended {
        lines.push(format!(
            "{indent}suspended, so that calls are refused  {place}"
        ));
    }
}

/// A line for each further agent that can make the call.
fn others(others: &[OtherCaller], indent: &str, lines: &mut Vec<String>) {
    let others = others.iter().map(OtherCaller::summary);
    lines.extend(others.map(|other| format!("{indent}also {}", visible(&other))));
}

fn finish(lines: &[String]) -> String {
    let trimmed = lines.iter().flat_map(|line| [line.trim_end(), "\n"]);
    trimmed.collect()
}
