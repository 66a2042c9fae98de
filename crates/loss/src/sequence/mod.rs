//! Losses of sequences whose alignment is not known.

pub(crate) mod catalog;
