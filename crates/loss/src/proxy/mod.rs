//! Losses over embeddings and learned representatives of the classes: proxies, centres, weights.

pub(crate) mod catalog;
