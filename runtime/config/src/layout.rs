//! JSON text laid out for people. Only the space between tokens changes: member order and the
//! spelling of numbers stay as they are.

/// `json`, which must be valid, with two spaces for each level and a final line feed. What is
/// inside of `levels` objects or lists stays on one line.
pub fn indented(json: &str, levels: usize) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    lay_out(json, levels, |piece| text.push_str(piece));
    text
}

/// How many bytes [`indented`] makes of `json`.
pub fn indented_length(json: &str, levels: usize) -> usize {
    let mut length = 0;
    lay_out(json, levels, |piece| length += piece.len());
    length
}

/// Gives the text piece by piece.
fn lay_out(json: &str, levels: usize, write: impl FnMut(&str)) {
    let mut out = Layout {
        write,
        level: 0,
        levels,
    };
    let mut rest = json;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '"' => string_length(rest),
            other => other.len_utf8(),
        };
        let (token, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = behind;
        match character {
            '{' | '[' => {
                (out.write)(token);
                rest = rest.trim_ascii_start();
                match rest.strip_prefix(['}', ']']) {
                    Some(behind) => {
                        (out.write)(if character == '{' { "}" } else { "]" });
                        rest = behind;
                    }
                    None => out.deeper(),
                }
            }
            '}' | ']' => {
                out.shallower();
                (out.write)(token);
            }
            ',' => {
                (out.write)(token);
                out.separate();
            }
            ':' => (out.write)(": "),
            space if space.is_ascii_whitespace() => {}
            _ => (out.write)(token),
        }
    }
    (out.write)("\n");
}

/// Bytes of the string that `json` begins with, its quotes included.
fn string_length(json: &str) -> usize {
    let mut escaped = false;
    let end = json.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(json.len(), |end| end + 2)
}

struct Layout<W> {
    write: W,
    level: usize,
    levels: usize,
}

impl<W: FnMut(&str)> Layout<W> {
    fn line(&mut self) {
        if self.level > self.levels {
            return;
        }
        (self.write)("\n");
        for _ in 0..self.level {
            (self.write)("  ");
        }
    }

    /// Behind a comma.
    fn separate(&mut self) {
        if self.level > self.levels {
            (self.write)(" ");
        } else {
            self.line();
        }
    }

    fn deeper(&mut self) {
        self.level += 1;
        self.line();
    }

    fn shallower(&mut self) {
        let closes_line = self.level > self.levels;
        self.level = self.level.saturating_sub(1);
        if !closes_line {
            self.line();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_space_between_tokens_changes() {
        let json = r#"{"b":[1.0,2e3,{}, [ ]],	"a" : "x: \"{,\\"}"#;
        let expected = r#"{
  "b": [
    1.0,
    2e3,
    {},
    []
  ],
  "a": "x: \"{,\\"
}
"#;
        assert_eq!(indented(json, usize::MAX), expected);
    }

    #[test]
    fn the_layout_is_that_of_serde_json() {
        let json = r#"{"a":{"b":[{"c":null},true,"d"]},"e":{}}"#;
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(indented(json, usize::MAX).trim_end(), pretty);
    }

    #[test]
    fn what_is_deep_stays_on_one_line() {
        let json = r#"{"a":{"b":{"c":[1,2],"d":{}}},"e":[{"f":1}]}"#;
        let expected = r#"{
  "a": {
    "b": {"c": [1, 2], "d": {}}
  },
  "e": [
    {"f": 1}
  ]
}
"#;
        assert_eq!(indented(json, 2), expected);
    }
}
