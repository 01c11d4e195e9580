//! Patterns of tools: `server:tool`, `server:prefix*`, and with `*` for the server.

use crate::model::{Name, Pattern, ToolPattern};

use super::names::is_tool;

/// Tools of one server.
pub(super) fn of_one_server(text: &str) -> Option<Pattern> {
    any(text).filter(|pattern| pattern.server.is_some())
}

/// Tools of one server or of all.
pub(super) fn any(text: &str) -> Option<Pattern> {
    if text == "*" {
        return Some(Pattern {
            server: None,
            tool: ToolPattern::Prefix(String::new()),
        });
    }
    let (server, tool) = text.split_once(':')?;
    let tool = match tool.strip_suffix('*') {
        Some("") => ToolPattern::Prefix(String::new()),
        Some(prefix) if is_tool(prefix) => ToolPattern::Prefix(prefix.to_owned()),
        None if is_tool(tool) => ToolPattern::Exact(Name::trusted(tool)),
        Some(_) | None => return None,
    };
    let server = match server {
        "*" => None,
        // Whether it names a server is looked up later, with suggestions.
        name if !name.is_empty() && !name.contains('*') => Some(Name::trusted(name)),
        _ => return None,
    };
    Some(Pattern { server, tool })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_one_server() {
        assert_eq!(
            of_one_server("kb:get_*"),
            Some(Pattern {
                server: Some(Name::trusted("kb")),
                tool: ToolPattern::Prefix("get_".to_owned())
            })
        );
        for bad in [
            "kb", "kb:", ":x", "*:x", "*", "kb:a*b", "k*:a", "kb:a b", "kb:**",
        ] {
            assert_eq!(of_one_server(bad), None, "{bad}");
        }
    }

    #[test]
    fn ceilings_reach_all_servers() {
        let all = any("*").unwrap();
        assert!(all.matches("kb", "anything"));
        let deletes = any("*:delete_*").unwrap();
        assert!(deletes.matches("kb", "delete_article"));
        assert!(!deletes.matches("kb", "get_article"));
        assert!(any("*:merge").unwrap().matches("git", "merge"));
    }
}
