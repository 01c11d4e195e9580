//! The page of limits says what the code does.

#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "it reads the sources themselves")]

use std::path::Path;

#[test]
fn every_limit_of_the_page_is_the_constant_of_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let mut rows = 0;
    for row in read("docs/limits.md").lines() {
        let Some((_, last)) = row.trim_end_matches(" |").rsplit_once("| `") else {
            continue;
        };
        let (file, constant) = last.trim_end_matches('`').split_once("` `").unwrap();
        let (name, value) = constant.split_once(" = ").unwrap();
        let source = read(file);
        let found = source
            .lines()
            .filter_map(|line| line.trim().split_once("const ")?.1.split_once(": "))
            .find(|(found, _)| *found == name)
            .unwrap_or_else(|| panic!("{file} has no {name}"));
        let (_, found) = found.1.split_once(" = ").unwrap();
        assert_eq!(found.trim_end_matches(';'), value, "{file} {name}");
        rows += 1;
    }
    assert!(rows > 20, "the page has only {rows} limits");
}
