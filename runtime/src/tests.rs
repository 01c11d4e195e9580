//! What no module can show alone.

mod agreement;
