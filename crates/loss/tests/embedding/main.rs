//! Embedding losses.

mod batch_hard;
mod batches;
#[path = "../common/mod.rs"]
mod common;
mod contrastive;
mod info_nce;
mod miners;
mod nt_xent;
mod triplet;

use minimand_loss::Distance;
use minimand_tensor::Tensor;

const DISTANCES: [Distance; 4] =
    [Distance::Euclidean, Distance::SquaredEuclidean, Distance::Manhattan, Distance::Cosine];

/// A matrix as plain numbers, for the oracles.
fn rows(matrix: &Tensor) -> Vec<Vec<f64>> {
    let width = matrix.shape()[1];
    common::values(matrix).chunks(width).map(<[f64]>::to_vec).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn euclidean(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()
}

fn manhattan(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).sum()
}

/// How far apart two vectors are, in plain numbers.
fn in_plain_numbers(distance: Distance, a: &[f64], b: &[f64]) -> f64 {
    match distance {
        Distance::Euclidean => euclidean(a, b),
        Distance::SquaredEuclidean => euclidean(a, b).powi(2),
        Distance::Manhattan => manhattan(a, b),
        Distance::Cosine => 1.0 - cosine(a, b),
        _ => unreachable!("not among the distances tried"),
    }
}

/// 0 where a vector is zero.
fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths == 0.0 { 0.0 } else { dot(a, b) / lengths }
}

/// `-ln(e^s₀ / Σ e^s)` in plain numbers, `candidates` holding s with the partner's s₀ at `partner`.
fn negative_log_share(candidates: &[f64], partner: usize) -> f64 {
    let greatest = candidates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = candidates.iter().map(|s| (s - greatest).exp()).sum();
    greatest + total.ln() - candidates[partner]
}

/// Rows 4, 3, 2, 1, 0 … of a matrix or list.
fn reversed(x: &Tensor) -> Tensor {
    x.flip(0)
}
