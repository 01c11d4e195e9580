//! Compiles catalogs of MCP tools: checks, permissions, manifests, policies, dispatch config.
