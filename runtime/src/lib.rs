//! The dispatch server: lets each agent call exactly its tools, and records it.
