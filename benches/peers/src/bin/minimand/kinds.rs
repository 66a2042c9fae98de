//! The losses of the table of unseen kinds, written as a user would write them.

use minimand::nn::{AttentionMask, layer_norm, scaled_dot_product_attention};
use minimand::prelude::*;
use minimand_peers::Case;

use crate::Formula;
use crate::models::{linear, normalised};

/// The formula of a case, if it is of this table.
pub fn formula(case: &Case) -> Option<Formula> {
    let number = |name: &str| case.number(name);
    Some(match case.loss.as_str() {
        "kernel_discrepancy" => Box::new(|x| {
            let kernel = |a: &Tensor, b: &Tensor| (a.pairwise_squared_distances(b) / (-2.0 * width(a))).exp().mean();
            kernel(&x[0], &x[0]) + kernel(&x[1], &x[1]) - 2.0 * kernel(&x[0], &x[1])
        }),
        "energy_distance" => Box::new(|x| {
            let mean = |a: &Tensor, b: &Tensor| a.pairwise_distances(b).mean();
            2.0 * mean(&x[0], &x[1]) - mean(&x[0], &x[0]) - mean(&x[1], &x[1])
        }),
        "chamfer" => Box::new(|x| {
            let distances = x[0].pairwise_squared_distances(&x[1]);
            distances.min_axis(1).mean() + distances.min_axis(0).mean()
        }),
        "soft_ranks" => {
            let temperature = number("temperature");
            Box::new(move |x| {
                let rank = (ahead(&x[0]) / temperature).sigmoid().sum_axis(-1);
                let centred = |x: &Tensor| x - x.mean_keepdim(-1);
                1.0 - centred(&rank).cosine_similarity(&centred(&x[1]), -1).mean()
            })
        }
        "weighted_pairs" => Box::new(|x| {
            let weight = ahead(&(std::f64::consts::LN_2 * &x[1]).exp()).relu();
            (weight * (-ahead(&x[0])).softplus()).sum_axis([-2, -1]).mean()
        }),
        "hinge_pairs" => Box::new(|x| {
            let hinge = (1.0 - ahead(&x[0])).relu().square();
            ahead(&x[1]).gt(0.0).select(&hinge, 0.0).sum_axis([-2, -1]).mean()
        }),
        "total_variation" => Box::new(|x| down(&x[0]).abs().mean() + right(&x[0]).abs().mean()),
        "gradient_difference" => Box::new(|x| {
            let along =
                |difference: fn(&Tensor) -> Tensor| (difference(&x[0]).abs() - difference(&x[1]).abs()).square().mean();
            along(down) + along(right)
        }),
        "laplacian" => Box::new(|x| {
            let (rows, columns) = (x[0].shape()[1], x[0].shape()[2]);
            let part = |x: &Tensor, row: usize, column: usize| {
                x.slice(1, row..row + rows - 2).slice(2, column..column + columns - 2)
            };
            let around = part(&x[0], 0, 1) + part(&x[0], 2, 1) + part(&x[0], 1, 0) + part(&x[0], 1, 2);
            (around - 4.0 * part(&x[0], 1, 1) - part(&x[1], 1, 1)).square().mean()
        }),
        "autoregression" => Box::new(|x| {
            let length = x[0].shape()[1];
            let before = |steps: usize| x[0].slice(1, 3 - steps..length - steps);
            let expected = (0..3)
                .map(|at| x[1].slice(0, at..at + 1) * before(at + 1))
                .reduce(|sum, term| sum + term)
                .expect("three");
            (before(0) - expected).square().mean()
        }),
        "wasserstein" => Box::new(|x| (x[0].sort(-1).0 - x[1].sort(-1).0).abs().mean()),
        "worst_tenth" => Box::new(|x| {
            let losses = (&x[0] - &x[1]).square();
            losses.top_k(0, losses.elements() / 10).0.mean()
        }),
        "word_vectors" => Box::new(|x| {
            let [first, second] = [1, 2].map(|at| x[0].index_select(0, &x[at]));
            (-(first * second).sum_axis(-1)).softplus().mean()
        }),
        "group_means" => Box::new(|x| {
            let sums = x[0].scatter_add(0, &x[1], 1000);
            let counts = x[0].ones_like().scatter_add(0, &x[1], 1000);
            (sums / counts.maximum(1.0)).square().mean()
        }),
        "gradient_penalty" => Box::new(|x| {
            let hidden = linear(&linear(&x[6], &x[0..]).tanh(), &x[2..]).tanh();
            let slope = linear(&hidden, &x[4..]).sum().grad(&x[6]);
            (slope.norm_axis(-1) - 1.0).square().mean()
        }),
        "least_squares" => Box::new(|x| (x[1].matmul(&x[0]) - &x[2]).square().mean()),
        "small_products" => Box::new(|x| x[0].matmul(&x[1]).square().mean()),
        "normalised_layer" => {
            Box::new(|x| normalised(&linear(&x[4], &x[0..]), &x[2], &x[3], &[0]).gelu().square().mean())
        }
        "attention" => {
            Box::new(|x| scaled_dot_product_attention(&x[0], &x[1], &x[2], &AttentionMask::causal()).square().mean())
        }
        "layer_norm" => Box::new(|x| (layer_norm(&x[0], -1, 1e-5) * &x[1] + &x[2]).gelu().square().mean()),
        "sinkhorn" => {
            let (iterations, epsilon) = (number("iterations") as usize, number("epsilon"));
            Box::new(move |x| sinkhorn(&x[0], iterations, epsilon))
        }
        "recurrence" => Box::new(|x| {
            let weight = x[0].transpose();
            let mut state = x[1].at(0, 0).zeros_like();
            for step in 0..x[1].shape()[0] {
                state = (x[1].at(0, step) + state.matmul(&weight)).tanh();
            }
            state.square().mean()
        }),
        "smoothing" => Box::new(|x| {
            let share = x[1].sigmoid();
            let mut level = x[0].at(0, 0);
            let mut total = level.zeros_like();
            for step in 1..x[0].shape()[0] {
                let error = x[0].at(0, step) - &level;
                total += error.square();
                level += &share * error;
            }
            total.mean()
        }),
        _ => return None,
    })
}

fn width(x: &Tensor) -> f64 {
    x.shape()[x.rank() - 1] as f64
}

/// How far each entry of a list is ahead of each.
fn ahead(x: &Tensor) -> Tensor {
    x.unsqueeze(-1) - x.unsqueeze(-2)
}

fn down(x: &Tensor) -> Tensor {
    let rows = x.shape()[1];
    x.slice(1, 1..) - x.slice(1, ..rows - 1)
}

fn right(x: &Tensor) -> Tensor {
    let columns = x.shape()[2];
    x.slice(2, 1..) - x.slice(2, ..columns - 1)
}

/// Entropic transport between two even distributions, in log space.
fn sinkhorn(cost: &Tensor, iterations: usize, epsilon: f64) -> Tensor {
    let n = width(cost);
    let cost = n * cost;
    let scaled = &cost / -epsilon;
    let even = -n.ln();
    let (mut f, mut g) = (Tensor::zeros([cost.shape()[0], 1]), Tensor::zeros([1, cost.shape()[1]]));
    for _ in 0..iterations {
        f = even - (&scaled + &g).logsumexp_keepdim(1);
        g = even - (&scaled + &f).logsumexp_keepdim(0);
    }
    ((scaled + f + g).exp() * cost).sum()
}
