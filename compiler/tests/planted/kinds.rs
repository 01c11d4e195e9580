//! All kinds of mistakes, by the group of their code.

mod definitions;
mod environments;
mod flows;
mod harmless;
mod language;
mod limits;
mod names;
mod network;
mod nodes;
mod permissions;
mod syntax;
mod tests;
mod tools;

use super::kind::Kind;

/// All of them.
pub(crate) const ALL: &[&[Kind]] = &[
    harmless::KINDS,
    syntax::KINDS,
    nodes::KINDS,
    language::KINDS,
    names::KINDS,
    tools::KINDS,
    definitions::KINDS,
    permissions::KINDS,
    flows::KINDS,
    limits::KINDS,
    network::KINDS,
    environments::KINDS,
    tests::KINDS,
];
