//! Broken definition files and hostile catalogs: whatever they say, reading them ends in time and never panics.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test reads its own files, and fails by panicking"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bailiwick_compiler::source::Memory;
use bailiwick_compiler::{Date, Report, check};
use bailiwick_organisation::Dice;

#[cfg(test)]
mod definitions;

/// Mutations of each file.
const MUTATIONS: u64 = 150;

/// How long one catalog of a megabyte may take, unoptimised on a busy machine. What grows with the
/// square of the input takes minutes.
const IN_TIME: Duration = Duration::from_secs(40);

#[test]
fn mutated_definition_files_are_refused_or_survive_being_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = [
        "../examples/environments/catalogs/support/lock/time@2026.10.19.json",
        "../examples/environments/catalogs/support/lock/fetch@2026.10.24.json",
        "tests/everything/catalogs/lock/kb@1.1.4.json",
        "tests/recordings/time.json",
    ];
    let (mut accepted, mut refused) = (0, 0);
    for file in files {
        let bytes = fs::read(root.join(file)).unwrap();
        for seed in 1..=MUTATIONS {
            if definitions::check_bytes(&mutate(&bytes, &mut Dice::new(seed))) {
                accepted += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert!(accepted > 100, "only {accepted} were accepted");
    assert!(refused > 100, "only {refused} were refused");
}

#[test]
fn hostile_catalogs_end_in_time() {
    let head = "catalog a language=1\nteam t\nenvironment dev\n";
    let many = |line: &str| line.repeat(1_000_000 / line.len());
    let numbered = |line: &str| -> String {
        let lines =
            (0..900_000 / (line.len() + 12)).map(|number| line.replace('#', &number.to_string()));
        lines.collect()
    };
    let server = "server s team=t version=\"1\" {\n    command \"c\"\n";
    let hostile = [
        ("braces", many("a {")),
        ("closing braces", many("}")),
        ("quotes", many("\"")),
        ("slashdashes", many("/-")),
        ("unknown nodes", many("servre x\n")),
        (
            "unknown properties",
            format!("{head}group g {}", many("idq=x ")),
        ),
        ("equal names", format!("{head}{}", many("team t\n"))),
        ("many names", format!("{head}{}", numbered("team t#\n"))),
        (
            "dangling names",
            format!("{head}overlay dev {{\n    deploy {}\n}}\n", numbered("s# ")),
        ),
        (
            "dangling grants",
            format!("{head}overlay dev {{\n{}}}\n", numbered("grant a# r#\n")),
        ),
        (
            "equal tools",
            format!("{head}{server}{}}}\n", many("tool t\n")),
        ),
        (
            "many tools and patterns",
            format!(
                "{head}{server}{}}}\nrole r {{\n    allow {}\n}}\n",
                numbered("tool t#\n")
                    .lines()
                    .take(25_000)
                    .collect::<Vec<_>>()
                    .join("\n"),
                "s:t1* s:x* ".repeat(400)
            ),
        ),
        (
            "volumes",
            format!(
                "{head}{server}{}}}\n",
                numbered("volume \"/v#\" size=\"1Mi\"\n")
            ),
        ),
        (
            "exceptions",
            format!(
                "{head}{server}{}}}\n",
                many("suppress NET008 reason=r until=\"2027-01-01\"\n")
            ),
        ),
        (
            "circle",
            format!(
                "{head}{}environment e0 after=e1\n",
                numbered("environment e# after=e0\n")
            ),
        ),
        ("line", format!("{head}{}", line_of_environments(20_000))),
        ("long name", format!("{head}team {}\n", many("a"))),
        (
            "secrets",
            format!(
                "{head}{server}    args {}\n}}\n",
                many("ghp_0123456789abcdef0 ")
            ),
        ),
    ];
    for (name, text) in hostile.into_iter().chain(multiplied()) {
        let start = Instant::now();
        let report = compile(text.as_bytes());
        let took = start.elapsed();
        assert!(took < IN_TIME, "{name}: {took:?}");
        println!("{name}: {took:?}, {} findings", report.findings.len());
    }
}

/// Short lists that multiply.
fn multiplied() -> [(&'static str, String); 9] {
    let head = "catalog a language=1\nteam t\nteam u\nenvironment dev\n";
    let agent = "agent a team=t\n";
    let words = |word: &str, nodes: usize, node: &str, end: &str| -> String {
        let line = format!("{node} {}{end}\n", word.repeat(1_000));
        line.repeat(nodes)
    };
    let numbered = |count: usize, line: &str| -> String {
        let lines = (0..count).map(|number| line.replace('#', &number.to_string()));
        lines.collect()
    };
    let server = |owner: &str, tools: usize| {
        let tools = numbered(tools, "tool t#\n");
        format!("server s team={owner} version=\"1\" {{\ncommand c\n{tools}}}\n")
    };
    let deployed = format!("{head}{agent}{}", server("t", 20_000));
    let overlay = |inside: &str| format!("overlay dev {{\ndeploy s\n{inside}}}\n");
    let role = |patterns: &str| format!("role r {{\n{patterns}}}\n");
    let tests = |inside: &str| format!("test t env=dev {{\n{inside}}}\n");
    [
        (
            "grants and patterns",
            format!("{deployed}{}", overlay(&words("s:* ", 100, "grant a", ""))),
        ),
        (
            "grants and roles of what is not visible",
            format!(
                "{head}{agent}{}{}{}",
                server("u", 10),
                role(&words("s:t1 ", 80, "allow", "")),
                overlay(&words("r ", 200, "grant a", ""))
            ),
        ),
        (
            "grants and roles",
            format!(
                "{head}{agent}{}{}{}",
                server("t", 10),
                role(&words("s:t1 ", 80, "allow", "")),
                overlay(&words("r ", 200, "grant a", ""))
            ),
        ),
        (
            "grants and ceilings",
            format!(
                "{head}{agent}environment e {{\n{}}}\n{}overlay e {{\ndeploy s\n{}}}\n",
                words("* ", 200, "deny", "reason=r"),
                server("t", 1),
                words("s:* ", 100, "grant a", "")
            ),
        ),
        (
            "assertions and tools",
            format!(
                "{deployed}{}{}",
                overlay(""),
                tests(&words("* ", 300, "cannot a", ""))
            ),
        ),
        (
            "assertions and grants of a role that is missing",
            format!(
                "{deployed}{}{}",
                overlay(&words("r ", 150, "grant a", "")),
                tests(&words("s:t1 ", 50, "can a", ""))
            ),
        ),
        (
            "environments and overlays",
            format!("{head}{}", numbered(20_000, "environment e#\noverlay e#\n")),
        ),
        (
            "environments and deployed servers",
            format!(
                "{head}{}{}",
                server("t", 10_000),
                numbered(12_000, "environment e#\noverlay e# { deploy s; }\n")
            ),
        ),
        (
            "agents with one subject and clients of their own",
            format!(
                "{head}{}environment e {{\nissuer i kind=oidc url=\"https://i.example\"\ndispatch {{\nimage \"r.example/d:1\"\nurl \"https://d.example/mcp\"\ntls none\ndeployers me\n}}\n}}\noverlay e {{\n{}}}\n",
                numbered(
                    9_000,
                    "agent a# team=t { identity oidc subject=s client=c#; }\n"
                ),
                numbered(9_000, "grant a# s:t\n")
            ),
        ),
    ]
}

fn line_of_environments(length: usize) -> String {
    let lines = (1..length).map(|number| format!("environment e{number} after=e{}\n", number - 1));
    let lines: Vec<String> = lines.collect();
    lines.concat()
}

fn compile(text: &[u8]) -> Report {
    let mut files = Memory::default();
    files.insert("catalogs/org.kdl", text);
    check(&files, &Date::parse("2026-12-01").unwrap()).unwrap()
}

/// One to four edits: bytes removed, doubled, swapped with others, or replaced by what has a meaning.
fn mutate(text: &[u8], dice: &mut Dice) -> Vec<u8> {
    const PIECES: [&[u8]; 14] = [
        b"{",
        b"}",
        b"]",
        b"\"",
        b",",
        b":",
        b"\\u0000",
        b"\\ud800",
        b"null",
        b"1e400",
        b"-0.0",
        b"\n",
        b"\xff",
        b"\"name\":1,",
    ];
    let mut bytes = text.to_vec();
    for _ in 0..=dice.below(4) {
        let start = dice.below(bytes.len());
        let end = (start + dice.below(12)).min(bytes.len());
        let edit = match dice.below(3) {
            0 => Vec::new(),
            1 => bytes[start..end].repeat(2),
            _ => dice.pick(&PIECES).to_vec(),
        };
        bytes.splice(start..end, edit);
    }
    bytes
}
