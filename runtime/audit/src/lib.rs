//! The audit log: format, writer, verifier.
