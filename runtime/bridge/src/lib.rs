//! Puts a stdio MCP server behind HTTP.
