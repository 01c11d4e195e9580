//! What shapes the workload of a server.

use crate::checks::language::{CONFLICTING_NODES, MISSING_PART};
use crate::diagnostic::Diagnostic;
use crate::grammar::Item;
use crate::model::{Name, Probe, Resources};
use crate::source::At;

use super::read;

/// The `resources` of a server or a patch.
pub(super) fn resources(parent: &Item, found: &mut Vec<Diagnostic>) -> Option<At<Resources>> {
    let item = parent.child("resources")?;
    let written = |property: &str| Some(item.property(property).and_then(read::text)?.value);
    let (cpu, memory) = (written("cpu"), written("memory"));
    if cpu.is_none() && memory.is_none() && !item.broken {
        found.push(MISSING_PART.at(item.head, "`resources` needs `cpu=` or `memory=`"));
        return None;
    }
    let default = Resources::default();
    Some(At {
        value: Resources {
            cpu: cpu.unwrap_or(default.cpu),
            memory: memory.unwrap_or(default.memory),
        },
        loc: item.loc,
    })
}

/// The id of a `run-as`.
pub(super) fn run_as(server: &Item) -> Option<At<u32>> {
    let id = server.child("run-as")?.argument("id");
    id.and_then(read::small)
}

/// The `probe` of a server.
pub(super) fn probe(server: &Item, found: &mut Vec<Diagnostic>) -> Option<At<Probe>> {
    let item = server.child("probe")?;
    let kind = item.argument("kind")?;
    let path = item.argument("path").and_then(read::text);
    let value = match (read::word(kind)?, path) {
        ("http", Some(path)) => Probe::Http(path.value),
        ("http", None) => {
            if !item.broken {
                let missing = "`probe http` needs a path, such as \"/healthz\"";
                found.push(MISSING_PART.at(item.head, missing));
            }
            return None;
        }
        (_, Some(path)) => {
            found.push(
                CONFLICTING_NODES
                    .at(path.loc, "a `tcp` probe asks for no path")
                    .and(kind.loc, "the kind is here")
                    .help("leave the path out, or write `probe http`"),
            );
            return None;
        }
        (_, None) => Probe::Tcp,
    };
    Some(At {
        value,
        loc: item.loc,
    })
}

/// The Secret of a `pull-secret`.
pub(super) fn pull_secret(server: &Item) -> Option<At<Name>> {
    let secret = server.child("pull-secret")?.argument("secret")?;
    let secret = read::text(secret)?;
    Some(At {
        value: Name::trusted(&secret.value),
        loc: secret.loc,
    })
}
