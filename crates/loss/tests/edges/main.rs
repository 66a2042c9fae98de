//! Every loss at the edges of its domain and of its type: tails that f32 would round away, options that are 0 or infinite there, the
//! ends of documented ranges, NaN. Oracles are in f64, from the formula or from mpmath 1.4.1 with 50 digits.

#[path = "../common/mod.rs"]
mod common;

mod classification;
mod distribution;
mod lists;
mod regression;
mod second_order;
mod vectors;

use minimand_tensor::{DType, Tensor};

/// A loss of one tensor.
type Loss<'a> = &'a dyn Fn(&Tensor) -> Tensor;
/// A loss of two tensors.
type Loss2<'a> = &'a dyn Fn(&Tensor, &Tensor) -> Tensor;

/// Numbers as f32.
fn single(numbers: &[f64]) -> Tensor {
    Tensor::from_vec(numbers.to_vec(), [numbers.len()]).cast(DType::F32).detach()
}

/// Rows of numbers as f32.
fn singles<const N: usize>(rows: &[[f64; N]]) -> Tensor {
    Tensor::from_vec(rows.as_flattened().to_vec(), [rows.len(), N]).cast(DType::F32).detach()
}
