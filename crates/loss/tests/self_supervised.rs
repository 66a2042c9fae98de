//! Losses of views: batches of one, collapse, targets that are held fixed.

mod common;

use common::{assert_close, normal, panic_of, values};
use minimand_loss::*;
use minimand_tensor::Tensor;

/// One thing alone has no variance and no negatives: only what is left of the loss counts, and nothing is NaN.
#[test]
fn trap_13_a_batch_of_one() {
    let (a, b) = (normal(1, [1, 4]), normal(2, [1, 4]));
    let options = VicregOptions::default();
    let alike = 25.0 * values(&(&a - &b).square().mean())[0];
    assert_close("vicreg", &values(&vicreg(&a, &b, options)), &[alike]);
    let losses = [
        vicreg(&a, &b, options),
        barlow_twins(&a, &b, BarlowTwinsOptions::default()),
        decoupled_contrastive(&a, &b, 0.1),
        weighted_decoupled_contrastive(&a, &b, WeightedDecoupledOptions::default()),
        debiased_contrastive(&a, &b, DebiasedContrastiveOptions::default()),
        uniformity(&a, 2.0),
        koleo(&a, 1e-8),
    ];
    for (which, loss) in losses.iter().enumerate() {
        let numbers = [values(loss), values(&loss.sum().grad(&a))].concat();
        assert!(numbers.iter().all(|x| x.is_finite()), "{which}: {numbers:?}");
        if which > 1 {
            assert!(numbers.iter().all(|x| *x == 0.0), "{which}: {numbers:?}");
        }
    }
}

/// A batch in one point has neither spread nor neighbours at a distance.
#[test]
fn collapsed_embeddings_have_finite_losses_and_gradients() {
    let a = Tensor::from([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]);
    for z in [a.clone(), a.zeros_like()] {
        let losses = [
            vicreg(&z, &a, VicregOptions::default()),
            barlow_twins(&z, &a, BarlowTwinsOptions::default()),
            alignment(&z, &a, 1.0),
            uniformity(&z, 2.0),
            koleo(&z, 1e-8),
        ];
        for (which, loss) in losses.iter().enumerate() {
            let numbers = [values(loss), values(&loss.sum().grad(&z))].concat();
            assert!(numbers.iter().all(|x| x.is_finite()), "{which}: {numbers:?}");
        }
    }
    assert_close("collapse", &values(&uniformity(&a, 2.0)), &[0.0]);
    assert_close("nearest", &values(&koleo(&a, 1e-8)), &[-(1e-8f64.ln()); 3]);
}

/// Without false negatives and hardness, and above the floor, it is NT-Xent.
#[test]
fn debiased_of_nothing_is_nt_xent() {
    let (a, b) = (normal(1, [5, 4]), normal(2, [5, 4]));
    let options = DebiasedContrastiveOptions { temperature: 0.4, positive_share: 0.0, hardness: 0.0 };
    assert_close("value", &values(&debiased_contrastive(&a, &b, options)), &values(&nt_xent(&a, &b, 0.4)));
}

/// Shares of 1/K for each of K prototypes, even where exp(t/ε) would overflow.
#[test]
fn balanced_targets_do_not_overflow() {
    let target_scores = Tensor::from([[100.0f32, -100.0], [90.0, -100.0], [100.0, 100.0], [-100.0, 50.0]]);
    let options = SwavOptions { epsilon: 0.05, iterations: 50, temperature: 1.0 };
    let scores = target_scores.zeros_like();
    let loss = values(&swav(&scores, &target_scores, options));
    assert!(loss.iter().all(|l| (l - 2f64.ln()).abs() < 1e-6), "{loss:?}");
}

#[test]
fn what_is_held_fixed_receives_no_gradient() {
    let (a, b, c) = (normal(1, [3, 4]), normal(2, [3, 4]), normal(3, [4]));
    let losses = [
        negative_cosine_similarity(&a, &b),
        dino(&a, &b, &c, DinoOptions::default()),
        swav(&a, &b, SwavOptions::default()),
    ];
    for loss in losses {
        assert_eq!(values(&loss.sum().grad(&b)), [0.0; 12]);
        assert!(values(&loss.sum().grad(&a)).iter().any(|g| *g != 0.0));
    }
}

#[test]
fn shapes_that_do_not_fit_panic_at_the_callers_line() {
    let (a, b) = (normal(1, [3, 4]), normal(2, [2, 4]));
    let line = line!() + 1;
    let panic = panic_of(|| vicreg(&a, &b, VicregOptions::default()));
    assert_eq!((panic.file.as_str(), panic.line), (file!(), line));
    assert_eq!(panic.message, "vicreg: first_views [3, 4] and second_views [2, 4] must have the same shape");
}
