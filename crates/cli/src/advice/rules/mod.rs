//! The rules: what they look for, what they say, and the papers behind them.

pub mod catalog;
pub mod limits;
mod page;
pub mod triggers;

pub use page::explain;
