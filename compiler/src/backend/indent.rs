//! JSON text laid out for people. Only the space between tokens changes: member order and the
//! spelling of numbers stay as the server gave them.

/// `json`, which must be valid, with two spaces for each level.
pub(super) fn indented(json: &str) -> String {
    let mut out = Layout {
        text: String::with_capacity(json.len() * 2),
        level: 0,
    };
    let mut rest = json.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => {
                out.text.push('"');
                let mut escaped = false;
                for inner in rest.by_ref() {
                    out.text.push(inner);
                    if inner == '"' && !escaped {
                        break;
                    }
                    escaped = inner == '\\' && !escaped;
                }
            }
            '{' | '[' => {
                out.text.push(character);
                while rest.next_if(char::is_ascii_whitespace).is_some() {}
                match rest.next_if(|next| matches!(next, '}' | ']')) {
                    Some(close) => out.text.push(close),
                    None => out.deeper(),
                }
            }
            '}' | ']' => {
                out.shallower();
                out.text.push(character);
            }
            ',' => {
                out.text.push(',');
                out.line();
            }
            ':' => out.text.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => out.text.push(other),
        }
    }
    out.text
}

struct Layout {
    text: String,
    level: usize,
}

impl Layout {
    fn line(&mut self) {
        self.text.push('\n');
        for _ in 0..self.level {
            self.text.push_str("  ");
        }
    }

    fn deeper(&mut self) {
        self.level += 1;
        self.line();
    }

    fn shallower(&mut self) {
        self.level = self.level.saturating_sub(1);
        self.line();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_space_between_tokens_changes() {
        let json = "{\"b\":[1.0,2e3,{}, [ ]],\n\t\"a\" : \"x: \\\"{,\\\\\"}";
        let expected = "{\n  \"b\": [\n    1.0,\n    2e3,\n    {},\n    []\n  ],\n  \"a\": \"x: \\\"{,\\\\\"\n}";
        assert_eq!(indented(json), expected);
    }

    #[test]
    fn text_agrees_with_serde_json() {
        let json = r#"{"a":{"b":[{"c":null},true,"d"]},"e":{}}"#;
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(indented(json), pretty);
    }
}
