//! The parts of the program `minimand`: data in, findings out.
//!
//! - [`table`], [`data`]: numbers from files;
//! - [`metrics`]: what the tour shows of a trained model beside the field's metrics;
//! - [`tour`]: the chapters, their results and their verdicts;
//! - [`page`], [`terminal`], [`report`]: what is shown, as text and as a page with pictures;
//! - [`advice`]: from a table and a purpose to a loss, with proof; on [`frame`], [`model`] and [`statistics`];
//! - [`losses`]: the catalogue of losses, and losses of numbers from outside;
//! - [`arguments`], [`run()`]: the command line.

pub mod advice;
pub mod arguments;
pub mod data;
pub mod frame;
mod interrupt;
pub mod losses;
pub mod metrics;
pub mod model;
pub mod page;
mod panics;
pub mod report;
mod run;
pub mod statistics;
pub mod table;
pub mod terminal;
pub mod tour;

pub use run::{Failure, run};
