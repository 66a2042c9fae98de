//! What the advisor trains: a linear model and a small network, by any of the [`Objective`]s.

mod objective;

pub use objective::{Link, Objective};
