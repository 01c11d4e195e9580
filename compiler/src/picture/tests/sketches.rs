//! Graphs to draw: a hostile and a large one, for the tests of the texts and of the page in a browser.

use super::{Line, Place, Shape, Sketch};

/// Ends strings, elements and comments in every format, and would say so where it runs.
pub(crate) const HOSTILE: &str = "</script><script>window.hacked=1</script>\"'`\\ & \
    <img/src=x onerror=\"window.hacked=2\">${1} <!-- ]]> {{script}} #quot; \u{2028}\u{1}|]";

fn shape(kind: &str, name: &str, team: &str) -> Shape {
    Shape {
        id: format!("{kind}:{name}"),
        kind: kind.into(),
        name: name.into(),
        team: Some(team.into()),
        describe: Some(name.into()),
        effect: (kind == "tool").then(|| "write".into()),
        suspended: false,
        place: Some(Place {
            file: format!("catalogs/{name}.kdl"),
            line: 3,
        }),
    }
}

pub(crate) fn line(from: usize, relation: &str, to: usize) -> Line {
    Line {
        from,
        relation: relation.into(),
        to,
        gated: false,
        place: None,
    }
}

fn sketch(environment: &str, nodes: Vec<Shape>, edges: Vec<Line>) -> Sketch {
    Sketch {
        version: 1,
        environment: environment.into(),
        nodes,
        edges,
    }
}

/// Every text of it is hostile.
pub(crate) fn hostile() -> Sketch {
    let agent = shape("agent", HOSTILE, HOSTILE);
    let tool = shape("tool", HOSTILE, HOSTILE);
    sketch(HOSTILE, vec![agent, tool], vec![line(0, "allows", 1)])
}

/// Agents of 25 teams with tools of their own, each agent with ten.
pub(crate) fn large(agents: usize) -> Sketch {
    let team = |number: usize| format!("team{}", number % 25);
    let mut nodes: Vec<Shape> = (0..agents)
        .map(|number| shape("agent", &format!("bot{number}"), &team(number)))
        .collect();
    let mut edges = Vec::new();
    for tool in 0..agents * 10 {
        let name = format!("srv{}:tool{tool}", tool % 250);
        nodes.push(shape("tool", &name, &team(tool)));
        edges.push(line(tool / 10, "allows", agents + tool));
    }
    sketch("prod", nodes, edges)
}
