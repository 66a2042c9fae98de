//! Classification losses for classes that have an order.

pub(crate) mod catalog;
mod cumulative_link;
mod distances;
mod thresholds;

pub use cumulative_link::{OrderedThresholds, cumulative_link};
pub use distances::{SoftOrdinalOptions, ordinal_emd, soft_ordinal};
pub use thresholds::{coral, corn};
