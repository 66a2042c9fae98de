//! Games of two sides: penalties through second derivatives, reversal, extremes.

mod common;

use common::{assert_close, normal, panic_of, slope, values};
use minimand_loss::*;
use minimand_tensor::{Rng, Tensor};

/// The penalty of a critic of one hidden layer, and its gradient by the weights, against differences of the penalty.
#[test]
fn a_critic_learns_from_the_penalty_on_its_slope() {
    let (x, v) = (normal(1, [4, 3]), normal(2, [5, 1]));
    let penalty = |w: &Tensor, x: &Tensor| gradient_penalty(&x.matmul(w).tanh().matmul(&v), x, 10.0);
    let w = normal(3, [3, 5]);
    let slopes = {
        let hidden = x.matmul(&w).tanh();
        let inner = (1.0 - hidden.square()) * v.transpose();
        inner.matmul(&w.transpose()).square().sum_axis(-1).sqrt()
    };
    assert_close("penalty", &values(&penalty(&w, &x)), &values(&(10.0 * (slopes - 1.0).square())));
    let gradient = values(&penalty(&w, &x).sum().grad(&w));
    let step = 1e-5;
    for entry in 0..15 {
        let mut moved = [values(&w), values(&w)];
        moved[0][entry] += step;
        moved[1][entry] -= step;
        let [up, down] = moved.map(|w| values(&penalty(&Tensor::from_vec(w, [3, 5]), &x)).iter().sum::<f64>());
        let measured = (up - down) / (2.0 * step);
        assert!((gradient[entry] - measured).abs() < 1e-6 * measured.abs().max(1.0), "entry {entry}");
    }
}

/// A critic of dead units has slope 0: the penalty is 1 and has gradient 0, not NaN.
#[test]
fn a_flat_critic_has_a_finite_penalty() {
    let (x, w) = (normal(1, [2, 3]), Tensor::from([[0.0], [0.0], [0.0]]));
    let loss = gradient_penalty(&x.matmul(&w), &x, 1.0);
    assert_eq!((values(&loss), values(&loss.sum().grad(&w))), (vec![1.0; 2], vec![0.0; 3]));
    let constant = Tensor::from([1.0, 2.0]);
    assert_eq!(values(&r1_penalty(&constant, &x, 1.0)), [0.0, 0.0]);
    assert_eq!(values(&one_sided_gradient_penalty(&constant, &x, 1.0)), [0.0, 0.0]);
}

/// Images have more axes than one.
#[test]
fn penalties_are_of_whole_examples() {
    let x = normal(1, [2, 3, 4]);
    let expected = values(&(2.0 * &x).square().sum_axis([1, 2]));
    let scores = x.square().sum_axis([1, 2]);
    assert_close("r1", &values(&r1_penalty(&scores, &x, 2.0)), &expected);
}

#[test]
fn interpolates_lie_between_the_examples() {
    let (real, fake) = (normal(1, [6, 2]), normal(2, [6, 2]));
    let points = values(&Interpolates::between(&real, &fake, &mut Rng::seed(5)));
    let (r, f) = (values(&real), values(&fake));
    let shares: Vec<f64> = (0..12).map(|i| (points[i] - r[i]) / (f[i] - r[i])).collect();
    assert!(shares.iter().all(|s| (0.0..=1.0).contains(s)));
    assert!(shares.chunks(2).all(|pair| (pair[0] - pair[1]).abs() < 1e-9), "one share for each example: {shares:?}");
    assert!((shares[0] - shares[2]).abs() > 1e-3, "examples have shares of their own");
    let noise = values(&(Interpolates::around(&real, &mut Rng::seed(5)) - &real));
    assert!(noise.iter().any(|n| *n != 0.0) && noise.iter().all(|n| (0.0..2.0).contains(n)), "{noise:?}");
}

/// The value is the features', the slope is reversed and scaled.
#[test]
fn gradients_come_back_reversed() {
    let x = normal(1, [5]);
    assert_eq!(values(&gradient_reversal(&x, 0.3)), values(&x));
    let plain = slope(|x| x.sin(), &x);
    let reversed = slope(|x| gradient_reversal(x, 0.3).sin(), &x);
    assert_close("slope", &reversed, &plain.iter().map(|s| -0.3 * s).collect::<Vec<_>>());
}

/// The generator's side of a relativistic game is the discriminator's with the two exchanged; where nothing is told apart both are ln 2 or 2 ln 2.
#[test]
fn relativistic_games_begin_at_chance() {
    let x = Tensor::from([0.7, 0.7]);
    assert_close("pairs", &values(&relativistic_logistic(&x, &x)), &[2f64.ln(); 2]);
    assert_close("average", &values(&relativistic_average_logistic(&x, &x)), &[2.0 * 2f64.ln(); 2]);
    assert_close("squares", &values(&relativistic_average_least_squares(&x, &x)), &[2.0; 2]);
    assert_close("hinge", &values(&relativistic_average_hinge(&x, &x)), &[2.0; 2]);
}

#[test]
fn a_single_example_has_no_covariance() {
    let (one, many) = (normal(1, [1, 3]), normal(2, [4, 3]));
    let loss = correlation_alignment(&one, &many);
    assert!(values(&loss)[0].is_finite());
    assert_eq!(values(&loss.grad(&one)), [0.0; 3]);
}

/// No sure example: 0, with gradient 0; the threshold itself is sure enough.
#[test]
fn unsure_examples_do_not_count() {
    let (weak, strong) = (Tensor::from([[0.0, 0.0], [0.1, 0.0]]), normal(1, [2, 2]));
    let loss = |strong: &Tensor| fix_match(&weak, strong, 0.95);
    assert_eq!((values(&loss(&strong)), slope(loss, &strong)), (vec![0.0; 2], vec![0.0; 4]));
    assert!(values(&fix_match(&weak, &strong, 0.5))[0] > 0.0);
}

#[test]
fn shapes_that_do_not_fit_panic_at_the_callers_line() {
    let (real, fake) = (normal(1, [3, 1]), normal(2, [3]));
    let line = line!() + 1;
    let panic = panic_of(|| minimax_discriminator(&real, &fake));
    assert_eq!((panic.file.as_str(), panic.line), (file!(), line));
    assert_eq!(panic.message, "minimax_discriminator: real [3, 1] and fake [3] must have the same shape");
    let panic = panic_of(|| gradient_penalty(&fake, &Tensor::from(1.0), 1.0));
    assert_eq!(panic.message, "gradient_penalty: interpolates [] must be floating point, [examples, …]");
}
