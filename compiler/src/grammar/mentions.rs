//! The names by which a top-level node hangs together with others.

use std::collections::BTreeSet;

use crate::model::{Kind, Name};

use super::types::Type;
use super::value::Value;
use super::walk::Item;

/// Top-level nodes that every part of a catalog has in common: names of theirs tie nothing together.
const COMMON: [&str; 3] = ["catalog", "group", "team"];

/// Top-level nodes that give a name to what only some parts have.
const DEFINING: [&str; 4] = ["environment", "server", "role", "agent"];

impl Item {
    /// Whether every part of a catalog has this top-level node.
    pub(crate) fn is_common(&self) -> bool {
        COMMON.contains(&self.row.name)
    }

    /// The environments, servers, roles and agents that the node defines or names, of whichever kind.
    pub(crate) fn mentions(&self) -> BTreeSet<Name> {
        let mut names = BTreeSet::new();
        if self.is_common() {
            return names;
        }
        if DEFINING.contains(&self.row.name) {
            // A definition with a mistake still is what others mean.
            names.extend(self.label.clone());
        }
        self.mention(&mut names);
        names
    }

    fn mention(&self, names: &mut BTreeSet<Name>) {
        for argument in self.row.arguments {
            if ties(argument.of) {
                let values = self.arguments(argument.name).iter();
                names.extend(values.filter_map(|at| named(argument.of, &at.value)));
            }
        }
        for property in self.row.properties {
            if ties(property.of) {
                let value = self.property(property.name);
                names.extend(value.and_then(|at| named(property.of, &at.value)));
            }
        }
        for child in &self.children {
            child.mention(names);
        }
    }
}

/// Whether a value of this type names what only some parts of a catalog have. Groups, teams and data classes
/// are common, and issuers are inside an environment.
fn ties(of: Type) -> bool {
    matches!(
        of,
        Type::Name(Kind::Environment | Kind::Server | Kind::Role | Kind::Agent)
            | Type::RoleOrTools
            | Type::AgentOrAll
            | Type::Subject
            | Type::Tools
            | Type::AnyTools
    )
}

fn named(of: Type, value: &Value) -> Option<Name> {
    if let Value::Pattern(pattern) = value {
        return pattern.server.clone();
    }
    let Value::Name(name) = value else {
        return None;
    };
    // A tool that is patched or suspended stands behind the name of its server.
    let server = name.split_once(':').filter(|_| of == Type::Subject);
    Some(server.map_or_else(|| name.clone(), |(server, _)| Name::trusted(server)))
}
