//! The parts of the program `minimand`: data in, findings out.
//!
//! - [`table`], [`data`], [`split`], [`standardise`]: numbers from files, divided by person, on one scale;
//! - [`metrics`]: what a trained model is worth;
//! - [`tour`]: the chapters, their results and their verdicts;
//! - [`page`], [`terminal`], [`report`]: what is shown, as text and as a page with pictures;
//! - [`advice`]: from a table and a purpose to a loss, with proof; on [`frame`], [`model`] and [`statistics`];
//! - [`losses`]: the catalogue of losses, and losses of numbers from outside;
//! - [`arguments`], [`run()`]: the command line.

pub mod advice;
pub mod arguments;
pub mod data;
pub mod frame;
pub mod losses;
pub mod metrics;
pub mod model;
pub mod page;
mod panics;
pub mod report;
mod run;
pub mod split;
pub mod standardise;
pub mod statistics;
pub mod table;
pub mod terminal;
pub mod tour;

pub use run::{Failure, run};
