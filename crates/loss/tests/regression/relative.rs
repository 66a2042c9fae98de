//! Relative errors and deviances: near the target, far from it, at zeros.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor, grad};

use crate::common::{assert_close_within, panic_of, slope, values};

type Loss<'a> = &'a dyn Fn(&Tensor) -> Tensor;

fn constant(numbers: &[f64]) -> Tensor {
    Tensor::from(numbers.to_vec())
}

/// By the series of the residual, where the formulas cancel: a deviance is `r²/m^p` there, up to third order.
#[test]
fn deviances_near_the_target_keep_their_digits() {
    let (y, r) = (3.0, 1e-9);
    let (x, target) = (constant(&[y + r, y - r, y]), constant(&[y; 3]));
    let r = [(y + r) - y, (y - r) - y, 0.0]; // as the numbers have it
    for power in [0.0, 0.3, 1.0, 1.0 + 1e-9, 1.0 - 1e-12, 1.5, 2.0, 2.0 - 1e-9, 2.0 + 1e-12, 3.0, 4.5] {
        let expected: Vec<f64> = r.iter().map(|r| r * r / y.powf(power)).collect();
        let found = values(&tweedie_deviance(&x, &target, power));
        assert_close_within(&format!("power {power}"), &found, &expected, 1e-8, 0.0);
        let slopes = slope(|x| tweedie_deviance(x, &target, power), &x);
        let expected: Vec<f64> = r.iter().map(|r| 2.0 * r / (y + r).powf(power)).collect();
        assert_close_within(&format!("power {power}, slope"), &slopes, &expected, 1e-6, 1e-15);
    }
    let squares: Vec<f64> = r.iter().map(|r| r * r).collect();
    let of = |scale: f64| squares.iter().map(|square| square * scale).collect::<Vec<f64>>();
    assert_close_within("gamma", &values(&gamma_deviance(&x, &target)), &of(1.0 / 9.0), 1e-8, 0.0);
    assert_close_within(
        "inverse Gaussian",
        &values(&inverse_gaussian_deviance(&x, &target)),
        &of(1.0 / 27.0),
        1e-8,
        0.0,
    );
    assert_close_within("logarithms", &values(&squared_logarithmic_error(&x, &target)), &of(1.0 / 16.0), 1e-8, 0.0);
}

/// The powers with a name are those deviances, and powers beside them differ little; by mean and by its logarithm alike.
#[test]
fn named_powers_and_their_neighbours() {
    let (x, y) = (constant(&[0.01, 0.7, 2.0, 5.0, 400.0]), constant(&[3.0, 0.8, 2.1, 1e-3, 40.0]));
    let poisson = |x: &Tensor| 2.0 * (x - &y + &y * (&y / x).ln());
    let gamma = |x: &Tensor| gamma_deviance(x, &y);
    let inverse_gaussian = |x: &Tensor| inverse_gaussian_deviance(x, &y);
    let named: [(f64, Loss); 4] =
        [(0.0, &|x| squared_error(x, &y)), (1.0, &poisson), (2.0, &gamma), (3.0, &inverse_gaussian)];
    for (power, loss) in named {
        for distance in [0.0, 1e-12, -1e-12, 1e-8, -1e-8, 1e-5, -1e-5, 1e-3, -1e-3] {
            if power + distance < 0.0 {
                continue;
            }
            let tolerance = 20.0 * f64::abs(distance) + 1e-11;
            let what = format!("power {power} + {distance}");
            let by_mean = |x: &Tensor| tweedie_deviance(x, &y, power + distance);
            assert_close_within(&what, &values(&by_mean(&x)), &values(&loss(&x)), tolerance, 0.0);
            assert_close_within(&what, &slope(by_mean, &x), &slope(loss, &x), tolerance, 1e-12);
            let by_logarithm = |x: &Tensor| tweedie_deviance_log_mean(&x.ln(), &y, power + distance);
            assert_close_within(&what, &values(&by_logarithm(&x)), &values(&by_mean(&x)), 1e-11, 0.0);
            assert_close_within(&what, &slope(by_logarithm, &x), &slope(by_mean, &x), 1e-10, 1e-12);
        }
    }
}

/// `2 m^(2 − p)/(2 − p)` at a target of 0, and ∞ for powers that have no zeros.
#[test]
fn deviances_of_zeros() {
    let (x, zero) = (constant(&[4.0, 0.25]), constant(&[0.0, 0.0]));
    for power in [0.0, 1.0, 1.2, 1.5, 1.999] {
        let b = 2.0 - power;
        let expected: Vec<f64> = values(&x).iter().map(|m| 2.0 * m.powf(b) / b).collect();
        let slopes: Vec<f64> = values(&x).iter().map(|m| 2.0 * m.powf(b - 1.0)).collect();
        let of_logarithm = |x: &Tensor| tweedie_deviance_log_mean(&x.ln(), &zero, power);
        assert_close_within("value", &values(&tweedie_deviance(&x, &zero, power)), &expected, 1e-13, 0.0);
        assert_close_within("slope", &slope(|x| tweedie_deviance(x, &zero, power), &x), &slopes, 1e-13, 0.0);
        assert_close_within("log mean", &values(&of_logarithm(&x)), &expected, 1e-13, 0.0);
        assert_close_within("log mean, slope", &slope(of_logarithm, &x), &slopes, 1e-13, 0.0);
    }
    for power in [2.0, 2.5, 3.0] {
        assert_eq!(values(&tweedie_deviance(&x, &zero, power)), [f64::INFINITY; 2]);
        assert!(slope(|x| tweedie_deviance(x, &zero, power), &x).iter().all(|slope| !slope.is_nan()));
    }
    assert_eq!(values(&gamma_deviance(&x, &zero)), [f64::INFINITY; 2]);
}

/// Far apart in f32: what f64 rounds to, infinities among it, and never NaN.
#[test]
fn deviances_far_from_the_target() {
    let x = constant(&[1e-30, 1e30, 1e-3, 1e5, 1.0, 7.0]);
    let y = constant(&[1e10, 1e-30, 1e20, 1e-20, 0.0, 0.0]);
    let single = |tensor: &Tensor| tensor.cast(DType::F32).computed().detach();
    for power in [0.0, 0.4, 0.95, 1.0, 1.05, 1.5, 1.95, 2.0, 2.05, 3.0] {
        for by_logarithm in [false, true] {
            let loss = |x: &Tensor, y: &Tensor| match by_logarithm {
                true => tweedie_deviance_log_mean(&x.ln(), y, power),
                false => tweedie_deviance(x, y, power),
            };
            let expected: Vec<f64> = values(&loss(&x, &y)).into_iter().map(|number| f64::from(number as f32)).collect();
            let found = values(&loss(&single(&x), &single(&y)));
            assert_close_within(&format!("power {power}, {by_logarithm}"), &found, &expected, 1e-4, 0.0);
            let slopes = slope(|x| loss(x, &single(&y)), &single(&x));
            assert!(slopes.iter().all(|slope| !slope.is_nan()), "power {power}, {by_logarithm}: {slopes:?}");
        }
    }
    let log_mean = single(&constant(&[-1e4, 1e4, 1e4, -1e4]));
    let target = single(&constant(&[1.0, 1.0, 0.0, 0.0]));
    for power in [0.0, 0.4, 0.95, 1.0, 1.05, 1.5, 1.95, 2.0, 3.0] {
        let loss = tweedie_deviance_log_mean(&log_mean, &target, power);
        let numbers = [values(&loss), values(&loss.sum().grad(&log_mean))].concat();
        assert!(numbers.iter().all(|number| !number.is_nan()), "power {power}: {numbers:?}");
    }
}

/// Zeros on both sides agree; a series without a scale does not count; MAPE's ε is what a zero target is divided by.
#[test]
fn percentages_of_zeros() {
    let (x, y) = (constant(&[0.0, 0.0, 2.0]), constant(&[0.0, -2.0, 0.0]));
    let losses = symmetric_absolute_percentage_error(&x, &y);
    assert_eq!(values(&losses), [0.0, 200.0, 200.0]);
    for gradient in grad(&losses.sum(), [&x, &y]) {
        assert!(values(&gradient).iter().all(|number| number.is_finite()), "{gradient}");
        assert_eq!(values(&gradient)[0], 0.0);
    }
    assert_eq!(values(&absolute_percentage_error(&x, &y, 0.5)), [0.0, 100.0, 400.0]);
    let zeros = Tensor::from([[0.0, 0.0]]);
    let x = Tensor::from([[1.0, 2.0]]);
    let loss = weighted_absolute_percentage_error(&x, &zeros);
    assert_eq!((values(&loss), values(&loss.sum().grad(&x))), (vec![0.0], vec![0.0, 0.0]));
    let constant = Tensor::from([[5.0, 5.0, 5.0]]);
    let loss = absolute_scaled_error(&x, &zeros, &constant, 1);
    assert_eq!((values(&loss), values(&loss.sum().grad(&x))), (vec![0.0, 0.0], vec![0.0, 0.0]));
    let panic = panic_of(|| absolute_scaled_error(&x, &zeros, &constant, 3));
    let message = "absolute_scaled_error: history [1, 3] must be [1] with an axis of more than 3 entries, and the period at least 1";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
}

/// Keras clamps at 1e-7, so that predictions between −1 and 0 have no gradient.
#[test]
fn logarithmic_errors_below_zero_have_a_gradient() {
    let (x, y) = (constant(&[-0.5, -0.999, 0.0]), constant(&[0.0, 1.0, -0.9]));
    let expected: Vec<f64> = [(-0.5f64, 0.0f64), (-0.999, 1.0), (0.0, -0.9)]
        .iter()
        .map(|(x, y)| 2.0 * (x.ln_1p() - y.ln_1p()) / (1.0 + x))
        .collect();
    assert_close_within("slope", &slope(|x| squared_logarithmic_error(x, &y), &x), &expected, 1e-12, 0.0);
}

/// A common factor costs `(1 − λ) ln²`; what is masked or not measured has no part, whatever stands there.
#[test]
fn depth_is_judged_up_to_a_factor() {
    let y = Tensor::from([[1.0, 2.0, 5.0, 0.0], [3.0, f64::INFINITY, 0.5, 1.0], [0.0, 0.0, 1.0, 1.0]]);
    let x = Tensor::from([[2.0, 4.0, 10.0, 7.0], [6.0, 0.0, 1.0, f64::NAN], [1.0, 2.0, 3.0, 4.0]]);
    let mask = Tensor::from([[true, true, true, true], [true, false, true, false], [true, true, false, false]]);
    for lambda in [0.0, 0.5, 1.0] {
        let loss = scale_invariant_log_error(&x, &y, Some(&mask), lambda);
        let square = (1.0 - lambda) * std::f64::consts::LN_2.powi(2);
        assert_close_within("value", &values(&loss), &[square, square, 0.0], 1e-12, 1e-28);
        let gradient = values(&loss.sum().grad(&x));
        assert!([3, 5, 7, 8, 9, 10, 11].iter().all(|&at| gradient[at] == 0.0), "{gradient:?}");
        assert!(gradient.iter().all(|number| number.is_finite()), "{gradient:?}");
    }
}
