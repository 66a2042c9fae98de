//! What tensors mean: when they are computed, which types they have, what the edges of their domains give.

mod accumulation;
mod angles;
mod edges;
mod extremes;
mod facts;
mod integers;
mod laziness;
mod masks;
mod order;
mod passes;
mod powers;
mod random;
mod reductions;
mod signed_zeros;
mod threads;
mod types;
mod windows;
