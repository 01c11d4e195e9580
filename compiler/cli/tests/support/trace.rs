//! What a program asks of the kernel.

use std::process::Command;

/// A system call, such as `fsync(3</a/file>) = 0`.
pub(crate) struct Call {
    pub(crate) text: String,
    /// When it began and ended, seconds of the clock.
    pub(crate) began: f64,
    pub(crate) ended: f64,
}

impl Call {
    /// Reads `1700000000.000001 fsync(3</a/file>) = 0 <0.000002>`; the last is how long it took. A call that never
    /// came back, `<unfinished ...>`, has no end.
    fn parse(line: &str) -> Option<Self> {
        let (began, call) = line.split_once(' ')?;
        let began: f64 = began.parse().ok()?;
        let timed = call.strip_suffix('>').and_then(|call| {
            let (text, took) = call.rsplit_once(" <")?;
            Some((text, took.parse::<f64>().ok()?))
        });
        let (text, took) = timed.unwrap_or((call, f64::INFINITY));
        Some(Self {
            text: text.trim_end().to_owned(),
            began,
            ended: began + took,
        })
    }
}

/// Runs a program under strace; gives its calls of these kinds, those of a thread in their order. None when
/// strace may not trace here and that is allowed.
pub(crate) fn trace(command: &Command, kinds: &str) -> Option<Vec<Call>> {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut strace = Command::new("strace");
    strace
        // A file for each thread: in one for all, calls at one time would be torn apart.
        .args(["-ff", "-qq", "-yy", "-s", "4096", "-ttt", "-T", "-e"])
        .arg(format!("trace=execve,{kinds}"))
        .arg("-o")
        .arg(&log)
        .arg(command.get_program())
        .args(command.get_args());
    // Cargo sets it for tests, and libraries would be looked for there.
    strace.env_remove("LD_LIBRARY_PATH");
    if let Some(here) = command.get_current_dir() {
        strace.current_dir(here);
    }
    let output = strace.output();
    let logs = std::fs::read_dir(folder.path()).unwrap();
    let logs: Vec<String> = logs
        .map(|log| std::fs::read_to_string(log.unwrap().path()).unwrap())
        .collect();
    let calls = logs.iter().flat_map(|log| log.lines());
    let calls: Vec<Call> = calls.filter_map(Call::parse).collect();
    if calls.iter().any(|call| call.text.starts_with("execve(")) {
        return Some(calls);
    }
    let is_allowed = std::env::var_os("ALLOW_SKIP").is_some_and(|value| value == "1");
    assert!(
        is_allowed,
        "strace is missing, or may not trace: {output:?}"
    );
    println!("skipped: strace is missing, or may not trace");
    None
}

#[test]
fn a_call_that_never_came_back_is_seen() {
    let finished = Call::parse("12.5 fsync(3</a>) = 0 <0.25>").unwrap();
    assert_eq!(
        (finished.text.as_str(), finished.ended),
        ("fsync(3</a>) = 0", 12.75)
    );
    let unfinished = Call::parse("12.5 connect(3, 0x1 <unfinished ...>").unwrap();
    assert!(unfinished.text.starts_with("connect(") && unfinished.ended.is_infinite());
}
