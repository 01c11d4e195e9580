//! Prints the reference page of the language, `docs/reference/nodes.md`.

#![expect(clippy::print_stdout, reason = "it prints a page")]

fn main() {
    print!("{}", bailiwick_compiler::reference());
}
