//! Ranking losses.

mod approx_ndcg;
#[path = "../common/mod.rs"]
mod common;
mod every_list;
mod list_net;
mod lists;
mod pairwise_logistic;
mod relations;

use minimand_tensor::{DType, Tensor};

/// Grades 0, 1 and 2 without a pattern; ties are frequent.
fn grades(seed: u64, lists: usize, items: usize) -> Tensor {
    common::normal(seed, [lists, items]).abs().clamp_max(2.99).cast(DType::I64)
}

/// Which items exist, without a pattern: about three of four.
fn some(seed: u64, lists: usize, items: usize) -> (Vec<bool>, Tensor) {
    let exists: Vec<bool> = common::values(&common::normal(seed, [lists, items])).iter().map(|&x| x < 0.7).collect();
    (exists.clone(), Tensor::from_vec(exists, [lists, items]))
}

/// A list without the items that do not exist, in plain numbers.
fn existing(list: &[f64], exists: &[bool]) -> Vec<f64> {
    list.iter().zip(exists).filter(|(_, exists)| **exists).map(|(&x, _)| x).collect()
}
