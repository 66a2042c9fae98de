//! Losses of pictures and of signals.

pub(crate) mod catalog;
