//! Classification losses for classes that have an order.

pub(crate) mod catalog;
