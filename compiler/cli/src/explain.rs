//! `bailiwick explain`: says what a finding means and what to do.

use bailiwick_compiler::checks;
use bailiwick_compiler::diagnostic::Level;

use crate::Terminal;
use crate::arguments::Explain;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(options: &Explain, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Some(code) = &options.code else {
        for check in checks::all() {
            terminal.write(&format!(
                "{} {:<24} {:<14} {}\n",
                check.code,
                check.name,
                level(check.level),
                check.summary
            ))?;
        }
        return Ok(0);
    };
    let wanted = code.to_uppercase();
    match checks::explain(&wanted) {
        Some(page) => {
            terminal.write(page)?;
            Ok(0)
        }
        None => Err(Failure::Usage(format!(
            "no check `{code}`; `bailiwick explain` lists all"
        ))),
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::ErrorInProd => "error in prod",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}
