//! Compiles catalogs of MCP tools: checks, permissions, manifests, policies, dispatch config.
//!
//! The modules are the pipeline, in this order: source, diagnostic, syntax, grammar, model, lock,
//! environment, checks, bundle, backend, template, output.

pub mod assertion;
pub mod checks;
pub mod diagnostic;
pub mod environment;
mod grammar;
pub mod lock;
pub mod model;
pub mod source;
pub mod syntax;
