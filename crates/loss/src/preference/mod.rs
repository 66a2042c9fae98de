//! Losses of preferences and rewards: of two answers, which was liked better?

pub(crate) mod catalog;
