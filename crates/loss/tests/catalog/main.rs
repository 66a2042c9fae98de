//! What holds for every loss of the catalogue: entries and functions belong together, derivatives, extremes, the statistic that a loss
//! estimates, values recorded from other libraries.

#[path = "../common/mod.rs"]
mod common;

mod derivatives;
mod entries;
mod extremes;
mod recorded;
mod statistics;
