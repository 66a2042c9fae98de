//! Losses of times until an event, some of which were not waited for (censored).

pub(crate) mod catalog;
