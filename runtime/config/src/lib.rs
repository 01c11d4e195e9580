//! The contract between compiler and dispatch server.
