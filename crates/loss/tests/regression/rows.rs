//! Losses of whole rows: zero vectors, perfect fits, constant series, shapes.

use minimand_loss::catalog::{Family, catalog};
use minimand_loss::*;
use minimand_tensor::{Tensor, grad};

use crate::common::{assert_close_within, normal, panic_of, values};

type Loss = fn(&Tensor, &Tensor) -> Tensor;

/// A root has no slope at 0; the perfect row is at rest and spoils no other.
#[test]
fn trap_10_root_of_a_perfect_fit() {
    let losses: [Loss; 2] = [root_mean_squared_error, root_mean_squared_logarithmic_error];
    for loss in losses {
        let (x, y) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([[1.0, 2.0], [3.0, 5.0]]));
        let value = loss(&x, &y);
        for gradient in grad(&value.sum(), [&x, &y]) {
            let numbers = values(&gradient);
            assert!(numbers[..3] == [0.0; 3] && numbers[3] != 0.0 && numbers[3].is_finite(), "{numbers:?}");
        }
        let second = grad(&value.sum(), [&x])[0].sum().grad(&x);
        assert!(values(&second).iter().all(|number| number.is_finite()), "{second}");
    }
    assert_eq!(values(&root_mean_squared_error(&Tensor::zeros([2, 0]), &Tensor::zeros([2, 0]))), [0.0; 2]);
}

/// `1 − cos`, so that minimising pulls together; 1 with gradient 0 at zero vectors, where an ε in the norm gives 1e7 and none gives NaN.
#[test]
fn trap_11_cosine_at_zero_vectors() {
    let x = Tensor::from([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]]);
    let y = Tensor::from([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [5.0, 0.0], [-2.0, 0.0]]);
    let loss = cosine_distance(&x, &y);
    assert_eq!(values(&loss), [1.0, 1.0, 1.0, 0.0, 2.0]);
    for gradient in grad(&loss.sum(), [&x, &y]) {
        assert_eq!(values(&gradient), [0.0; 10]);
    }
}

/// An empty row is in agreement.
#[test]
fn empty_rows_are_zero() {
    let empty = Tensor::zeros([2, 0]);
    let losses: [Loss; 7] = [
        cosine_distance,
        negative_pearson,
        concordance,
        coefficient_of_determination,
        weighted_absolute_percentage_error,
        root_mean_squared_error,
        root_mean_squared_logarithmic_error,
    ];
    for loss in losses {
        assert_eq!(values(&loss(&empty, &empty)), [0.0; 2]);
    }
    assert_eq!(values(&scale_invariant_log_error(&empty, &empty, None, 0.5)), [0.0; 2]);
}

/// Half the squared angle for small angles, where `1 − cos` cancels, and vectors of any length.
#[test]
fn cosine_distance_of_small_angles_and_extreme_lengths() {
    for angle in [1e-9, 1e-5, 0.3] {
        let (x, y) = (Tensor::from([[1.0, angle]]), Tensor::from([[1.0, 0.0]]));
        let expected = 2.0 * (0.5 * f64::atan(angle)).sin().powi(2);
        for (long, short) in [(1.0, 1.0), (1e200, 1e-200), (1e-160, 1e300)] {
            let found = values(&cosine_distance(&(long * &x), &(short * &y)));
            assert_close_within(&format!("{angle}"), &found, &[expected], 1e-9, 0.0);
        }
    }
}

/// Constants are found before rounding makes them vary: 0.1 thrice has a mean that is not 0.1.
#[test]
fn constant_series() {
    let (flat, wave) = (Tensor::from([[0.1, 0.1, 0.1]]), Tensor::from([[0.3, -0.2, 0.7]]));
    let one = |loss: Loss, x: &Tensor, y: &Tensor, expected: f64, still: bool| {
        let value = loss(x, y);
        assert_eq!(values(&value), [expected]);
        for gradient in grad(&value.sum(), [x, y]) {
            let numbers = values(&gradient);
            assert!(
                numbers.iter().all(|number| if still { *number == 0.0 } else { number.is_finite() }),
                "{numbers:?}"
            );
        }
    };
    one(negative_pearson, &flat, &wave, 1.0, true);
    one(negative_pearson, &wave, &flat, 1.0, true);
    one(negative_pearson, &flat, &flat.detach(), 1.0, true);
    one(coefficient_of_determination, &wave, &flat, 1.0, true);
    one(coefficient_of_determination, &flat, &flat.detach(), 0.0, true);
    one(concordance, &flat, &flat.detach(), 0.0, true);
    one(concordance, &(&flat + 1.0), &flat, 1.0, false);
}

/// Correlation is blind to scale and location, concordance is not; all three are 0 at the target.
#[test]
fn agreement_of_series() {
    let (x, y) = (normal(1, [3, 8]), normal(2, [3, 8]));
    let found = values(&negative_pearson(&(3.0 * &x - 7.0), &(0.5 * &y + 100.0)));
    assert_close_within("scaled", &found, &values(&negative_pearson(&x, &y)), 1e-12, 0.0);
    assert_close_within("opposite", &values(&negative_pearson(&-&x, &x)), &[2.0; 3], 1e-14, 0.0);
    assert!(values(&concordance(&(&x + 1.0), &x)).iter().all(|loss| *loss > 0.01));
    let losses: [Loss; 3] = [negative_pearson, concordance, coefficient_of_determination];
    for loss in losses {
        assert_eq!(values(&loss(&x, &x.detach())), [0.0; 3]);
    }
    let mean = y.mean_keepdim(-1).expand([3, 8]);
    assert_close_within("the mean", &values(&coefficient_of_determination(&mean, &y)), &[1.0; 3], 1e-13, 0.0);
}

/// `[n, 1]` against `[n]` is refused by every loss of this family, at the caller's line.
#[test]
fn trap_28_no_loss_broadcasts_its_prediction() {
    let mut refused = 0;
    for entry in catalog().filter(|entry| entry.family() == Family::Regression && entry.name != "quantiles") {
        let arguments = entry.sample(0);
        let target = arguments.find("target").unwrap();
        let bent = arguments.clone().tensor("prediction", arguments.find("prediction").unwrap().unsqueeze(0));
        let panic = panic_of(|| entry.evaluate(&bent).unwrap());
        let message = format!("{}: prediction [1, ", entry.name);
        assert!(
            panic.message.starts_with(&message) && panic.message.ends_with("must have the same shape"),
            "{}",
            panic.message
        );
        assert!(panic.message.contains(&format!("target {}", target.shape())), "{}", panic.message);
        refused += 1;
    }
    assert!(refused > 30);
    let (a, b) = (Tensor::ones([3, 1]), Tensor::ones([3]));
    let panics = [
        ("squared_error", panic_of(|| squared_error(&a, &b))),
        ("gamma_deviance", panic_of(|| gamma_deviance(&a, &b))),
        ("cosine_distance", panic_of(|| cosine_distance(&a, &b))),
        ("concordance", panic_of(|| concordance(&a, &b))),
        ("cauchy", panic_of(|| cauchy(&a, &b, 1.0))),
        ("squared_epsilon_insensitive", panic_of(|| squared_epsilon_insensitive(&a, &b, 0.0))),
        ("tweedie_deviance", panic_of(|| tweedie_deviance(&a, &b, 1.5))),
    ];
    for (name, panic) in panics {
        let message = format!("{name}: prediction [3, 1] and target [3] must have the same shape");
        assert_eq!((panic.message, &*panic.file), (message, file!()));
    }
    let panic = panic_of(|| cosine_distance(&Tensor::from(1.0), &Tensor::from(1.0)));
    assert_eq!((&*panic.message, &*panic.file), ("cosine_distance: prediction [] must have an axis", file!()));
}
