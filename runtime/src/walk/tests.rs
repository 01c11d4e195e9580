//! The walk against servers on loopback that behave well, badly, or not at all.

mod audit;
mod calls;
mod failures;
mod limits;
mod lists;
mod narrowed;
mod property;
mod reload;
mod stub;
mod tls;
mod world;
