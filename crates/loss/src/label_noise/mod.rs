//! Classification losses for labels of which some are wrong.

pub(crate) mod catalog;
