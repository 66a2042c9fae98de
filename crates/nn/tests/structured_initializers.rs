//! Initialisers that fill a weight as a whole, and those with bounds or a mean: against the laws that define them.

use approx::assert_abs_diff_eq;
use minimand_nn::{Conv1dOptions, Conv2dOptions, Initializer, Linear, ParameterOptions, conv_1d, conv_2d};
use minimand_tensor::{DType, Rng, Tensor};

fn draw(initializer: Initializer, shape: impl Into<minimand_tensor::Shape>, seed: u64) -> Tensor {
    initializer.draw(shape, DType::F64, &mut Rng::seed(seed))
}

fn assert_close(found: &Tensor, expected: &Tensor, tolerance: f64) {
    assert_eq!(found.shape(), expected.shape());
    assert_abs_diff_eq!((found - expected).abs().max().item(), 0.0, epsilon = tolerance);
}

#[test]
fn the_shorter_sides_of_an_orthogonal_weight_are_orthonormal() {
    for (rows, columns) in [(7, 7), (5, 12), (12, 5), (1, 4), (4, 1), (60, 60)] {
        let weight = draw(Initializer::Orthogonal { gain: 2.0 }, [rows, columns], 3);
        let shorter = if rows <= columns { weight.clone() } else { weight.transpose() };
        let gram = shorter.matmul(&shorter.transpose());
        assert_close(&gram, &(4.0 * Tensor::eye(rows.min(columns)).cast(DType::F64)), 1e-13);
    }
    let kernel = draw(Initializer::Orthogonal { gain: 1.0 }, [6, 3, 2, 2], 4).reshape([6, 12]);
    assert_close(&kernel.matmul(&kernel.transpose()), &Tensor::eye(6).cast(DType::F64), 1e-13);
}

/// Of matrices that are alike in all directions each entry has mean 0, variance 1/n and fourth moment 3 / (n (n + 2)).
#[test]
fn orthogonal_weights_have_no_preferred_direction() {
    let (size, count) = (4, 4000);
    let mut rng = Rng::seed(5);
    let draws: Vec<Vec<f64>> = (0..count)
        .map(|_| Initializer::Orthogonal { gain: 1.0 }.draw([size, size], DType::F64, &mut rng).to_vec::<f64>())
        .collect();
    for entry in 0..size * size {
        let moment = |power| draws.iter().map(|draw| draw[entry].powi(power)).sum::<f64>() / count as f64;
        // Standard errors: 0.5 / √4000 of the mean, and less than 0.2 / √4000 of the others; five of each are accepted.
        assert_abs_diff_eq!(moment(1), 0.0, epsilon = 0.04);
        assert_abs_diff_eq!(moment(2), 0.25, epsilon = 0.02);
        assert_abs_diff_eq!(moment(4), 3.0 / 24.0, epsilon = 0.02);
    }
}

/// Variance `σ² (1 − 2βφ(β) / (2Φ(β) − 1))` with β = bound / σ, by Simpson's rule for Φ.
#[test]
fn a_truncated_normal_has_its_bounds_and_its_variance() {
    for (deviation, bound) in [(1.0, 2.0), (0.02, 0.04), (2.0, 1.0), (5.0, 0.5)] {
        let values = draw(Initializer::TruncatedNormal { deviation, bound }, [200, 300], 6).to_vec::<f64>();
        let n = values.len() as f64;
        let beta: f64 = bound / deviation;
        let density = |t: f64| (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
        let step = beta / 1000.0;
        let half: f64 = (0..1000)
            .map(|k| k as f64 * step)
            .map(|t| (density(t) + 4.0 * density(t + step / 2.0) + density(t + step)) * step / 6.0)
            .sum();
        let variance = deviation.powi(2) * (1.0 - beta * density(beta) / half);
        assert!(values.iter().all(|value| value.abs() <= bound));
        assert!(values.iter().any(|value| value.abs() > 0.99 * bound));
        let found = values.iter().map(|value| value * value).sum::<f64>() / n;
        assert_abs_diff_eq!(found / variance, 1.0, epsilon = 5.0 * (2.0 / n).sqrt());
        let mean = values.iter().sum::<f64>() / n;
        assert_abs_diff_eq!(mean / variance.sqrt(), 0.0, epsilon = 5.0 / n.sqrt());
    }
}

#[test]
fn distributions_lie_where_they_are_said_to() {
    let values = draw(Initializer::UniformBetween { low: 2.0, high: 5.0 }, [100, 500], 7);
    let (least, greatest) = (values.min().item(), values.max().item());
    assert!((2.0..2.001).contains(&least) && (4.999..=5.0).contains(&greatest), "{least} {greatest}");
    assert_abs_diff_eq!(values.mean().item(), 3.5, epsilon = 0.02);
    assert_abs_diff_eq!(values.var(1).item(), 0.75, epsilon = 0.02);
    let values = draw(Initializer::NormalAround { mean: 1.0, deviation: 0.02 }, [50_000], 8);
    assert_abs_diff_eq!(values.mean().item(), 1.0, epsilon = 5.0 * 0.02 / 50_000f64.sqrt());
    assert_abs_diff_eq!(values.std(1).item(), 0.02, epsilon = 5.0 * 0.02 / 100_000f64.sqrt());
}

#[test]
fn each_column_of_a_sparse_weight_has_its_zeros() {
    let (rows, columns) = (25, 400);
    let weight = draw(Initializer::Sparse { sparsity: 0.13, deviation: 0.5 }, [rows, columns], 9);
    // ⌈0.13 · 25⌉
    assert_eq!(weight.eq(0).sum_axis(0).to_vec::<i64>(), vec![4; columns]);
    let in_rows = weight.eq(0).sum_axis(1).to_vec::<f64>();
    assert!(in_rows.iter().all(|&zeros| (30.0..100.0).contains(&zeros)), "64 are expected of each: {in_rows:?}");
    let deviation = (weight.square().sum().item() / (21.0 * columns as f64)).sqrt();
    assert_abs_diff_eq!(deviation, 0.5, epsilon = 5.0 * 0.5 / (2.0 * 21.0 * columns as f64).sqrt());
    let nothing = draw(Initializer::Sparse { sparsity: 1.0, deviation: 0.5 }, [3, 2], 9);
    assert_eq!(nothing.to_vec::<f64>(), [0.0; 6]);
}

#[test]
fn a_dirac_kernel_passes_channels_on() {
    let mut rng = Rng::seed(10);
    let x = Tensor::normal([2, 6, 5, 4], &mut rng).cast(DType::F64);
    for groups in [1, 2, 3] {
        let kernel = draw(Initializer::Dirac { groups }, [6, 6 / groups, 3, 3], 1);
        let y = conv_2d(&x, &kernel, None, Conv2dOptions { padding: [1, 1], groups, ..Default::default() });
        assert_eq!(y.to_vec::<f64>(), x.to_vec::<f64>());
    }
    // More outputs than inputs: the others are 0.
    let row = x.at(2, 0);
    let kernel = draw(Initializer::Dirac { groups: 1 }, [8, 6, 5], 1);
    let y = conv_1d(&row, &kernel, None, Conv1dOptions { padding: 2, ..Default::default() });
    assert_eq!(y.slice(1, ..6).to_vec::<f64>(), row.to_vec::<f64>());
    assert_eq!(y.slice(1, 6..).to_vec::<f64>(), [0.0; 16]);
    // torch.nn.init.dirac_(torch.empty(4, 2, 4), 2): an even window has its middle to the right.
    let kernel = draw(Initializer::Dirac { groups: 2 }, [4, 2, 4], 1);
    let expected = [[[0, 0, 1, 0], [0; 4]], [[0; 4], [0, 0, 1, 0]], [[0, 0, 1, 0], [0; 4]], [[0; 4], [0, 0, 1, 0]]];
    let expected: Vec<i64> = expected.as_flattened().as_flattened().to_vec();
    assert_eq!(kernel.to_vec::<i64>(), expected);
}

#[test]
fn an_identity_matrix_passes_inputs_on() {
    let options = ParameterOptions {
        weight_initializer: Initializer::IdentityMatrix,
        bias_initializer: Initializer::Constant(0.0),
        ..Default::default()
    };
    let layer = Linear::with_options(3, 2, options, &mut Rng::seed(1));
    assert_eq!(layer.weight().value().to_string(), "[[1, 0, 0],\n [0, 1, 0]]");
}

#[test]
fn the_same_seed_draws_the_same_in_both_types() {
    for initializer in [
        Initializer::Orthogonal { gain: 1.0 },
        Initializer::TruncatedNormal { deviation: 1.0, bound: 2.0 },
        Initializer::Sparse { sparsity: 0.5, deviation: 1.0 },
    ] {
        let double = draw(initializer, [5, 6], 11);
        let single = initializer.draw([5, 6], DType::F32, &mut Rng::seed(11));
        assert_eq!(single.to_vec::<f32>(), double.to_vec::<f32>(), "{initializer:?}");
    }
}

#[test]
#[should_panic(expected = "draw: [5] is no weight: orthogonal rows are of [outputs, inputs, …]")]
fn a_vector_is_not_orthogonal() {
    let _ = draw(Initializer::Orthogonal { gain: 1.0 }, [5], 1);
}

#[test]
#[should_panic(expected = "draw: [2, 3, 4] is no matrix [outputs, inputs], as sparse asks for")]
fn a_kernel_is_not_sparse() {
    let _ = draw(Initializer::Sparse { sparsity: 0.5, deviation: 1.0 }, [2, 3, 4], 1);
}

#[test]
#[should_panic(expected = "draw: the sparsity 1.5 is not in 0.0..=1.0")]
fn a_sparsity_is_a_share() {
    let _ = draw(Initializer::Sparse { sparsity: 1.5, deviation: 1.0 }, [2, 3], 1);
}

#[test]
#[should_panic(expected = "draw: 2 groups do not divide 3 outputs")]
fn groups_divide_the_outputs_of_a_dirac_kernel() {
    let _ = draw(Initializer::Dirac { groups: 2 }, [3, 1, 3], 1);
}

#[test]
#[should_panic(expected = "deviation and bound must be above 0")]
fn nothing_lies_within_no_bounds() {
    let _ = draw(Initializer::TruncatedNormal { deviation: 1.0, bound: 0.0 }, [3], 1);
}
