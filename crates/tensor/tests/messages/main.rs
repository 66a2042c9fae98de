//! What the user is told: the text of a panic, the line it names, and the explanation of a graph.

mod explanations;
mod graph;
mod panics;
mod places;

#[path = "../common/mod.rs"]
mod common;

use common::{panic_anywhere, panic_of};
