//! Single precision at ±10⁴: every composed operation and its first two derivatives stay finite.

use approx::{abs_diff_eq, assert_abs_diff_eq, assert_relative_eq, relative_eq};
use minimand_tensor::{DType, Tensor};

fn extremes() -> Tensor {
    Tensor::from([[-1e4f32, 1e4, 0.0], [1e4, 1e4, 1e4], [-1e4, -1e4, -1e4], [0.0, 0.0, 0.0], [1.0, -1.0, 0.5]])
}

#[test]
fn every_composite_is_finite() {
    let other = extremes().flip([0, 1]);
    type Function = Box<dyn Fn(&Tensor) -> Tensor>;
    let functions: Vec<(&str, Function)> = vec![
        ("relu", Box::new(Tensor::relu)),
        ("leaky_relu", Box::new(|x| x.leaky_relu(0.01))),
        ("elu", Box::new(|x| x.elu(1.0))),
        ("gelu", Box::new(Tensor::gelu)),
        ("gelu_tanh", Box::new(Tensor::gelu_tanh)),
        ("silu", Box::new(Tensor::silu)),
        ("mish", Box::new(Tensor::mish)),
        ("sigmoid", Box::new(Tensor::sigmoid)),
        ("softplus", Box::new(Tensor::softplus)),
        ("log_sigmoid", Box::new(Tensor::log_sigmoid)),
        ("tanh", Box::new(Tensor::tanh)),
        ("erf", Box::new(Tensor::erf)),
        ("atan", Box::new(Tensor::atan)),
        ("asinh", Box::new(Tensor::asinh)),
        ("atan2", Box::new(|x| x.atan2(x.flip([0, 1])))),
        ("softmax", Box::new(|x| x.softmax(-1))),
        ("softmax of all", Box::new(|x| x.softmax(..))),
        ("log_softmax", Box::new(|x| x.log_softmax(-1))),
        ("logsumexp", Box::new(|x| x.logsumexp_axis(-1))),
        ("logsumexp of all", Box::new(|x| x.logsumexp())),
        ("log1mexp", Box::new(|x| (-x.abs() - 1e-3).log1mexp())),
        ("square", Box::new(Tensor::square)),
        ("safe_sqrt", Box::new(|x| x.abs().safe_sqrt())),
        ("clamp", Box::new(|x| x.clamp(-1, 1))),
        ("mean", Box::new(Tensor::mean)),
        ("var", Box::new(|x| x.var_axis(-1, 1))),
        ("std", Box::new(|x| x.std_axis(-1, 0))),
        ("norm", Box::new(|x| x.norm_axis(-1))),
        ("normalize", Box::new(|x| x.normalize(-1))),
        ("sort", Box::new(|x| x.sort(-1).0)),
        ("top_k", Box::new(|x| x.top_k(0, 2).0)),
        ("cumulative_sum", Box::new(|x| x.cumulative_sum(0))),
        ("tril", Box::new(|x| x.tril(0))),
        ("pairwise_distances", Box::new(|x| x.pairwise_distances(x))),
        (
            "logaddexp",
            Box::new({
                let other = other.clone();
                move |x| x.logaddexp(&other)
            }),
        ),
        ("logaddexp of equals", Box::new(|x| x.logaddexp(x))),
        ("xlogy", Box::new(|x| x.abs().xlogy(x.abs()))),
        ("cosine_similarity", Box::new(move |x| x.cosine_similarity(&other, -1))),
    ];
    let mut failures = Vec::new();
    for (name, function) in functions {
        let x = extremes();
        let value = function(&x);
        let slope = value.sum().grad(&x);
        let curvature = slope.square().sum().grad(&x);
        for (what, tensor) in [("value", &value), ("gradient", &slope), ("second derivative", &curvature)] {
            // x ln x has an infinite slope at 0, and so has its gradient.
            let values = tensor.to_vec::<f64>();
            let allowed = |value: f64| value.is_finite() || name == "xlogy" && what != "value" && !value.is_nan();
            if !values.iter().all(|&value| allowed(value)) {
                failures.push(format!("{name}: {what} {values:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Sums of many small numbers do not lose them: single precision is added up in double.
#[test]
fn sums_in_single_precision() {
    let x = Tensor::full([1 << 20], 0.1);
    let mean = f64::from(0.1f32);
    let sum = mean * f64::from(1 << 20);
    assert_relative_eq!(x.sum().item(), sum, max_relative = 1e-7);
    assert_abs_diff_eq!(x.mean().item(), mean, epsilon = 1e-8);
    assert_relative_eq!(x.reshape([1 << 10, 1 << 10]).sum_axis(0).sum().item(), sum, max_relative = 1e-6);
    assert_relative_eq!(x.cumulative_sum(0).at(0, (1 << 20) - 1).item(), sum, max_relative = 1e-6);
}

/// Lengths and directions of vectors whose squares overflow or vanish in single precision.
#[test]
fn long_and_short_vectors_have_lengths_and_directions() {
    for scale in [1e-30f32, 1e-20, 1.0, 1e20, 1e30] {
        let x = Tensor::from([3.0 * scale, -4.0 * scale]);
        let length = x.norm_axis(-1);
        let slope = length.grad(&x);
        let close = relative_eq!(length.item(), f64::from(5.0 * scale), epsilon = 0.0, max_relative = 1e-6);
        assert!(close, "{scale}: {length}");
        let direction = x.normalize(-1);
        for unit in [slope, direction.clone()] {
            let close = abs_diff_eq!(unit.to_vec::<f64>()[..], [0.6, -0.8][..], epsilon = 1e-6);
            assert!(close, "{scale}: {unit}");
        }
        // d/dx₀ of x₀/‖x‖ is x₁²/‖x‖³: of the order of 1/scale.
        let turn = direction.at(0, 0).grad(&x).to_vec::<f64>()[0] * f64::from(scale);
        assert!(abs_diff_eq!(turn, 16.0 / 125.0, epsilon = 1e-6), "{scale}: {turn}");
    }
}

/// Value, slope and curvature where everything has long settled: no infinity meets a 0.
#[test]
fn activations_at_huge_and_infinite_numbers() {
    type Function = fn(&Tensor) -> Tensor;
    // Value at the far left; at the far right, whether the value is x and the slope 1, or else the value.
    let functions: [(&str, Function, f64, Option<f64>); 13] = [
        ("relu", Tensor::relu, 0.0, None),
        ("elu", |x| x.elu(1.0), -1.0, None),
        ("gelu", Tensor::gelu, 0.0, None),
        ("gelu_tanh", Tensor::gelu_tanh, 0.0, None),
        ("silu", Tensor::silu, 0.0, None),
        ("mish", Tensor::mish, 0.0, None),
        ("softplus", Tensor::softplus, 0.0, None),
        ("tanh", Tensor::tanh, -1.0, Some(1.0)),
        ("sigmoid", Tensor::sigmoid, 0.0, Some(1.0)),
        ("erf", Tensor::erf, -1.0, Some(1.0)),
        ("normal_cdf", Tensor::normal_cdf, 0.0, Some(1.0)),
        ("exp_m1", |x| x.clamp_max(0).exp_m1(), -1.0, Some(0.0)),
        ("softmax of two", |x| (x.unsqueeze(-1) * Tensor::from([0.0f32, 1.0])).softmax(-1).at(-1, 1), 0.0, Some(1.0)),
    ];
    let mut faults = Vec::new();
    for (name, function, left, right) in functions {
        for dtype in [DType::F32, DType::F64] {
            for x in [1e4, f64::from(1e20f32), f64::from(f32::MAX), f64::INFINITY] {
                // 0 · ∞ is in the formula of the last one itself.
                if name == "softmax of two" && x.is_infinite() {
                    continue;
                }
                for x in [x, -x] {
                    let expected = match right {
                        _ if x < 0.0 => [left, 0.0, 0.0, 0.0],
                        None => [x, 1.0, 0.0, 0.0],
                        Some(right) => [right, 0.0, 0.0, 0.0],
                    };
                    let argument = Tensor::from([x]).cast(dtype);
                    let mut value = function(&argument);
                    for (order, expected) in expected.into_iter().enumerate() {
                        if value.to_vec::<f64>() != [expected] {
                            faults.push(format!("{name} at {x:e} ({dtype}), derivative {order}: {value}"));
                        }
                        value = value.sum().grad(&argument);
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Sizes of vectors whose squares overflow, vanish or are denormal, with what is as large as their rounding errors.
fn sizes() -> Vec<(DType, f64, f64)> {
    let single = [1e-44, 1e-40, 1e-38, 1e-30, 1e-20, 3e-15, 1.0, 3e14, 1e18, 1e20, 1e30, 6e37];
    let double = [5e-323, 1e-310, 1e-300, 1e-200, 1e-162, 1.0, 1e120, 1e154, 1e200, 3e307];
    let with = |dtype, sizes: &[f64], epsilon: f64, smallest: f64| -> Vec<(DType, f64, f64)> {
        sizes.iter().map(|&size| (dtype, size, 8.0 * epsilon + 2.0 * smallest / size)).collect()
    };
    let mut all = with(DType::F32, &single, f64::from(f32::EPSILON), f64::from(f32::from_bits(1)));
    all.extend(with(DType::F64, &double, f64::EPSILON, f64::from_bits(1)));
    all
}

/// Values and gradients of lengths, deviations, distances and angles, whatever the size of the vectors, with a factor before and after.
#[test]
fn what_is_made_of_squares_is_right_at_every_size() {
    let close = |found: f64, expected: f64, tolerance: f64| {
        relative_eq!(found, expected, epsilon = 0.0, max_relative = tolerance)
    };
    for (dtype, size, tolerance) in sizes() {
        // Whole multiples of the size, so that denormal ones are exact.
        let numbers = |numbers: &[f64]| {
            Tensor::from_vec(numbers.iter().map(|n| n * size).collect::<Vec<_>>(), [numbers.len()]).cast(dtype)
        };
        let case = format!("{dtype} {size:e}");
        let x = numbers(&[3.0, -4.0, 0.0]);
        let unit = numbers(&[1.0, 0.0]).at(0, 0).item();
        assert!(close(x.norm_axis(-1).item(), 5.0 * unit, tolerance), "{case}: norm {}", x.norm_axis(-1));
        for factor in [1e3, 1e-3] {
            let slopes = (factor * x.norm_axis(-1)).grad(&x).to_vec::<f64>();
            for (found, expected) in slopes.into_iter().zip([0.6, -0.8, 0.0]) {
                assert!(close(found, factor * expected, tolerance), "{case}: slope of norm {found}");
            }
        }
        let y = numbers(&[1.0, -1.0, 2.0, -2.0]);
        let exact = (10.0f64 / 4.0).sqrt();
        assert!(close(y.std(0).item(), exact * unit, tolerance), "{case}: std {}", y.std(0));
        for (found, deviation) in y.std(0).grad(&y).to_vec::<f64>().into_iter().zip([1.0, -1.0, 2.0, -2.0]) {
            assert!(close(found, deviation / (4.0 * exact), tolerance), "{case}: slope of std {found}");
        }
        let (a, b) = (numbers(&[3.0, 0.0]).unsqueeze(0), numbers(&[0.0, 4.0]).unsqueeze(0));
        let distance = a.pairwise_distances(&b);
        assert!(close(distance.item(), 5.0 * unit, tolerance), "{case}: distance {distance}");
        for (found, expected) in distance.sum().grad(&a).to_vec::<f64>().into_iter().zip([0.6, -0.8]) {
            assert!(close(found, expected, tolerance), "{case}: slope of distance {found}");
        }
        let (a, b) = (numbers(&[1.0, 1.0]), numbers(&[1.0, 0.0]));
        let cosine = a.cosine_similarity(&b, -1).item();
        assert!(close(cosine, 0.5f64.sqrt(), tolerance), "{case}: cosine {cosine}");
    }
}

/// Rounding takes no cosine beyond 1, nor the gradient beside it to 0.
#[test]
fn cosines_are_at_most_one() {
    let x = Tensor::normal([2000, 7], &mut minimand_tensor::Rng::seed(3));
    for factor in [3.0, -0.7] {
        let cosine = x.cosine_similarity(&(factor * &x), -1);
        assert!(cosine.abs().max().item() <= 1.0, "{}", cosine.abs().max());
    }
    let near = &x + 1e-4 * Tensor::normal([2000, 7], &mut minimand_tensor::Rng::seed(4));
    let cosine = x.cosine_similarity(&near, -1);
    assert!(cosine.max().item() <= 1.0);
    let slopes = cosine.sum().grad(&near).abs().max_axis(-1);
    assert!(slopes.min().item() > 0.0);
}

/// NaN is never dropped: the value is NaN, and the slope is NaN or passes the gradient on, as documented, but is not 0.
#[test]
fn nan_stays_in_choices() {
    type Function = fn(&Tensor) -> Tensor;
    let functions: [(&str, Function, Option<f64>); 20] = [
        ("relu", Tensor::relu, Some(1.0)),
        ("leaky_relu", |x| x.leaky_relu(0.1), Some(1.0)),
        ("elu", |x| x.elu(1.0), Some(1.0)),
        ("clamp", |x| x.clamp(-1, 1), Some(1.0)),
        ("maximum", |x| x.maximum(0.0), Some(1.0)),
        ("minimum", |x| x.minimum(0.0), Some(1.0)),
        ("maximum on the right", |x| x.zeros_like().maximum(x), Some(1.0)),
        ("sort", |x| x.sort(0).0, Some(1.0)),
        ("top_k", |x| x.top_k(0, 1).0, Some(1.0)),
        ("abs", Tensor::abs, None),
        ("max", Tensor::max, None),
        ("min", Tensor::min, None),
        ("safe_sqrt", Tensor::safe_sqrt, None),
        ("norm", |x| x.norm_axis(0), None),
        ("gelu", Tensor::gelu, None),
        ("silu", Tensor::silu, None),
        ("mish", Tensor::mish, None),
        ("logaddexp", |x| x.logaddexp(0.0), None),
        ("log1mexp", Tensor::log1mexp, None),
        ("xlogy", |x| x.xlogy(x), None),
    ];
    for (name, function, slope) in functions {
        let x = Tensor::from([f64::NAN]);
        let value = function(&x);
        assert!(value.to_vec::<f64>().iter().all(|value| value.is_nan()), "{name}: {value}");
        let found = value.sum().grad(&x).item();
        assert!(slope.map_or(found.is_nan(), |slope| found == slope), "{name}: slope {found}");
    }
    for other in [-1.0, 1.0] {
        let (a, b) = (Tensor::from([f64::NAN]), Tensor::from([other]));
        for value in [a.maximum(&b), a.minimum(&b)] {
            assert!(value.item().is_nan());
            assert_eq!([value.sum().grad(&a).item(), value.sum().grad(&b).item()], [1.0, 1.0]);
        }
    }
    assert!(Tensor::from([f64::NAN]).sign().item().is_nan());
    assert!(Tensor::from([f64::NAN]).floor().item().is_nan());
}
