//! Servers that come with this program: reviewed, and copied as they are.

use bailiwick_compiler::lock::{DefinitionFile, Listing, Origin};

use super::source::Server;
use crate::failure::Failure;

/// Name, block and definition file of each.
const SERVERS: &[(&str, &str, &str)] = &[(
    "git",
    include_str!("../../../../catalogs/servers/git.kdl"),
    include_str!("../../../../catalogs/servers/lock/git@2026.10.19.json"),
)];

/// The shipped server of this name.
///
/// # Errors
/// When there is none.
pub(super) fn server(name: &str) -> Result<Server, Failure> {
    let Some((_, block, definitions)) = SERVERS.iter().find(|(shipped, ..)| *shipped == name)
    else {
        let names: Vec<&str> = SERVERS.iter().map(|(name, ..)| *name).collect();
        return Err(Failure::Usage(format!(
            "no server `{name}` comes with this program (there are: {}); name yours with -- PROGRAM ARG..., --url URL or --from FILE",
            names.join(", ")
        )));
    };
    let definitions =
        DefinitionFile::parse(definitions.as_bytes()).map_err(Failure::definitions)?;
    Ok(Server {
        listing: Listing {
            instructions: definitions.instructions.clone(),
            protocol: definitions.protocol.clone(),
            server_info: definitions.server_info.clone(),
            tools: definitions.tools.clone(),
        },
        origin: Origin::default(),
        revision: definitions.revision.clone(),
        variables: std::collections::BTreeMap::new(),
        block: Some((*block).to_owned()),
        definitions: Some(definitions),
    })
}

/// A shipped block, with its team written where the folder does not imply it.
pub(super) fn owned_by(block: &str, team: Option<&str>) -> String {
    let Some(team) = team else {
        return block.to_owned();
    };
    let lines = block.split_inclusive('\n').map(|line| {
        match line
            .strip_prefix("server ")
            .and_then(|rest| rest.split_once(' '))
        {
            Some((name, rest)) => format!("server {name} team={team} {rest}"),
            None => line.to_owned(),
        }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_server_is_what_its_name_says() {
        for (name, block, _) in SERVERS {
            let server = server(name).unwrap();
            let definitions = server.definitions.unwrap();
            assert_eq!(definitions.server, *name);
            assert!(
                block.contains(&format!(
                    "\nserver {name} version=\"{}\" {{\n",
                    definitions.revision
                )),
                "{name}"
            );
            assert!(!block.contains("review:"), "{name}");
            for tool in definitions.tools_by_name().unwrap().keys() {
                assert!(block.contains(&format!("\n    tool {tool} ")), "{tool}");
            }
        }
    }

    #[test]
    fn the_team_is_written_where_nothing_implies_it() {
        let block = "// x\nserver git version=\"1\" {\n    tool server\n}\n";
        assert_eq!(owned_by(block, None), block);
        assert_eq!(
            owned_by(block, Some("docs")),
            "// x\nserver git team=docs version=\"1\" {\n    tool server\n}\n"
        );
    }
}
