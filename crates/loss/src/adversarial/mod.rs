//! Losses of a generator and the critic that it has to deceive.

pub(crate) mod catalog;
