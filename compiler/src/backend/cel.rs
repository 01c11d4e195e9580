//! Text of CEL expressions. Literals are written so that cel-go types them: one type in a list or
//! map, and no expression longer than its parser takes.

use std::collections::BTreeMap;

/// A string literal.
pub(super) fn text(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        match character {
            '\\' => literal.push_str("\\\\"),
            '"' => literal.push_str("\\\""),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            control if control.is_control() => {
                let escape = format!("\\u{:04x}", u32::from(control));
                literal.push_str(&escape);
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

/// A list of strings.
pub(super) fn list<'t>(items: impl IntoIterator<Item = &'t String>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| text(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A map from strings to strings, in one line.
pub(super) fn map(entries: &BTreeMap<String, String>) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|(key, value)| format!("{}: {}", text(key), text(value)))
        .collect();
    format!("{{{}}}", entries.join(", "))
}

/// Longest map literal, characters. cel-go takes 100,000 for a whole expression.
const LITERAL_LIMIT: usize = 80_000;

/// Variables that together hold a map from strings to values of one type, and one that looks a key
/// up in them. More than one only when the map is too long for one expression.
pub(super) struct Table {
    /// Name and expression of each variable, in the order to declare them.
    pub(super) variables: Vec<(String, String)>,
}

/// A table called `name` of `rows`, whose values are CEL already. `name` is then the value at
/// `key`, which is a `what`, and `absent` where there is none.
pub(super) fn table(
    name: &str,
    what: &str,
    key: &str,
    absent: &str,
    rows: impl IntoIterator<Item = (String, String)>,
) -> Table {
    let mut parts: Vec<String> = Vec::new();
    let mut open = String::new();
    for (row, value) in rows {
        let line = format!("  {}: {value}", text(&row));
        if !open.is_empty() && open.len() + line.len() > LITERAL_LIMIT {
            parts.push(std::mem::take(&mut open));
        }
        if !open.is_empty() {
            open.push_str(",\n");
        }
        open.push_str(&line);
    }
    parts.push(open);
    let mut variables: Vec<(String, String)> = parts
        .iter()
        .enumerate()
        .map(|(number, rows)| {
            let part = if number == 0 {
                String::new()
            } else {
                (number + 1).to_string()
            };
            (format!("{name}By{what}{part}"), format!("{{\n{rows}\n}}"))
        })
        .collect();
    let lookup = variables
        .iter()
        .rev()
        .fold(absent.to_owned(), |rest, (part, _)| {
            format!("{key} in variables.{part} ? variables.{part}[{key}] :\n{rest}")
        });
    variables.push((name.to_owned(), lookup));
    Table { variables }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(text("a\"b\\c\n\u{1}ü"), r#""a\"b\\c\n\u0001ü""#);
    }

    #[test]
    fn a_long_table_is_several_variables() {
        let rows = (0..2_000).map(|number| {
            let value = format!("{{\"server\": \"{}\"}}", "x".repeat(80));
            (format!("server-{number}"), value)
        });
        let table = table("images", "Workload", "variables.workload", "{}", rows);
        assert_eq!(table.variables.len(), 4);
        assert!(table.variables.iter().all(|(_, text)| text.len() < 100_000));
        let (name, lookup) = &table.variables[3];
        assert_eq!(name, "images");
        assert_eq!(lookup.matches(" ? ").count(), 3);
    }
}
