//! Losses of bounding boxes and of their scores.

pub(crate) mod catalog;
