//! Compiles catalogs of MCP tools: checks, permissions, manifests, policies, dispatch config.
//!
//! The modules are the pipeline, in this order: source, diagnostic, syntax, grammar, model, lock,
//! environment, checks, bundle, backend, template, output.

pub mod assertion;
mod backend;
mod build;
mod bundle;
pub mod checks;
pub mod diagnostic;
pub mod environment;
mod grammar;
pub mod lock;
pub mod model;
pub mod output;
pub mod source;
pub mod syntax;
mod template;

pub use backend::runtime_config::{RuntimeFiles, for_laptop};
pub use build::{BuildError, Built, build};
pub use bundle::{Laptop, LaptopServer};
pub use template::Templates;
