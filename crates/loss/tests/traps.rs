//! What other libraries get wrong, where no family's tests hold it already: each trap of the field's list has a test that bears its
//! number.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{assert_close_within, values};
use minimand_loss::catalog::catalog;
use minimand_loss::*;
use minimand_tensor::{Tensor, grad};

/// The mean of a divergence is over distributions; PyTorch's "mean" is over all entries, and so too small by the number of classes.
#[test]
fn trap_01_the_mean_of_a_divergence_is_over_distributions() {
    let log_q = Tensor::from([[0.2f64, 0.8], [0.5, 0.5]]).ln();
    let p = Tensor::from([[0.7, 0.3], [0.1, 0.9]]);
    let rows: [[f64; 2]; 2] = [[0.7, 0.3], [0.1, 0.9]];
    let given: [[f64; 2]; 2] = [[0.2, 0.8], [0.5, 0.5]];
    let total: f64 = (0..2)
        .flat_map(|i| (0..2).map(move |j| (i, j)))
        .map(|(i, j)| rows[i][j] * (rows[i][j] / given[i][j]).ln())
        .sum();
    let loss = kl_divergence(&log_q, &p);
    assert_eq!(loss.shape().to_vec(), [2], "one divergence for each distribution");
    assert_close_within("the mean", &[loss.mean().item()], &[total / 2.0], 1e-12, 0.0);
}

/// A class without probability adds nothing to a divergence or a cross-entropy, however impossible the other side calls it.
#[test]
fn trap_02_a_class_without_probability_adds_nothing() {
    let logits = Tensor::from([[0.3, f64::NEG_INFINITY, -0.4]]);
    let p = Tensor::from([[0.6, 0.0, 0.4]]);
    let log_q = logits.log_softmax(-1);
    let expected: f64 =
        values(&kl_divergence(&Tensor::from([[0.3, -0.4]]).log_softmax(-1), &Tensor::from([[0.6, 0.4]])))[0];
    for (what, loss) in [
        ("kl_divergence", kl_divergence(&log_q, &p)),
        ("kl_divergence_log_target", kl_divergence_log_target(&log_q, &p.ln())),
        ("cross_entropy_with_probabilities", cross_entropy_with_probabilities(&logits, &p, Default::default())),
        ("generalised_kl_divergence", generalised_kl_divergence(&log_q, &p)),
        ("jensen_shannon", jensen_shannon(&p.ln(), &log_q)),
    ] {
        assert!(values(&loss)[0].is_finite(), "{what}: {loss}");
        for gradient in grad(&loss.sum(), [&logits]) {
            assert!(values(&gradient).iter().all(|slope| slope.is_finite()), "{what}: {gradient}");
            assert_eq!(values(&gradient)[1], 0.0, "{what}");
        }
    }
    assert_close_within("KL", &values(&kl_divergence(&log_q, &p)), &[expected], 1e-12, 1e-15);
    // One-hot targets, which dfdx makes NaN of.
    let one_hot = Tensor::from([[0.0, 1.0, 0.0]]);
    let loss = kl_divergence(&Tensor::from([[0.1, 0.2, 0.3]]).log_softmax(-1), &one_hot);
    assert!(values(&loss)[0] > 0.0 && values(&loss)[0].is_finite());
}

/// What is not chosen has a gradient of 0, not NaN: `select` does not make its argument safe, the formula has to.
#[test]
fn trap_14_what_is_not_chosen_has_no_gradient() {
    let x = Tensor::from([0.0, 1.0, 0.5]);
    let safe = x.gt(0).select(x.gt(0).select(&x, 1).ln(), 0);
    assert_eq!(values(&safe.sum().grad(&x)), [0.0, 1.0, 2.0]);
    assert_eq!(values(&x.xlogy(&x).sum().grad(&x))[0], 0.0);
    // Entropies of certain distributions, deviances at 0, norms of equal points, powers of 0.
    let certain = Tensor::from([[1.0, 0.0]]);
    let log_certain = Tensor::from([[0.0, f64::NEG_INFINITY]]);
    let zero = Tensor::from([0.0, 0.0]);
    for (what, loss, by) in [
        ("kl_divergence", kl_divergence(&Tensor::from([[0.0, 0.0]]).log_softmax(-1), &certain), &certain),
        ("poisson_nll", poisson_nll(&zero, &zero, true), &zero),
        ("lp", lp(&zero, &Tensor::from([0.0, 0.0]), 1.5), &zero),
        ("root_mean_squared_error", root_mean_squared_error(&zero, &Tensor::from([0.0, 0.0])), &zero),
        ("squared_hellinger", squared_hellinger(&log_certain, &Tensor::from([[-0.7, -0.7]])), &log_certain),
    ] {
        let slopes = values(&loss.sum().grad(by));
        assert!(slopes.iter().all(|slope| !slope.is_nan()), "{what}: {slopes:?}");
    }
}

/// A predicted variance below the least one still has a gradient by which it can rise, and the logarithm of a variance needs no bound.
#[test]
fn trap_21_a_variance_that_fell_too_low_can_rise() {
    let (mean, target) = (Tensor::from([1.0]), Tensor::from([3.0]));
    let variance = Tensor::from([1e-9]);
    let loss = gaussian_nll(&mean, &target, &variance, GaussianNllOptions { full: false, epsilon: 1e-6 });
    let slope = values(&loss.sum().grad(&variance))[0];
    assert!(slope < 0.0 && slope.is_finite(), "more variance costs less: {slope}");
    let log_variance = Tensor::from([-20.0]);
    let slope = values(&gaussian_nll_log_variance(&mean, &target, &log_variance).sum().grad(&log_variance))[0];
    assert_close_within("by the logarithm", &[slope], &[0.5 - 2.0 * 20f64.exp()], 1e-12, 0.0);
}

/// The constant of a Poisson likelihood is `ln y!`, not Stirling's approximation of it.
#[test]
fn trap_22_the_constant_of_a_count_is_its_factorial() {
    let count = Tensor::from([0.0, 1.0, 2.0, 3.0, 10.0]);
    let difference = poisson_nll(&Tensor::ones([5]), &count, true) - poisson_nll(&Tensor::ones([5]), &count, false);
    let factorials: [f64; 5] = [1.0, 1.0, 2.0, 6.0, 3_628_800.0];
    assert_close_within("ln y!", &values(&difference), &factorials.map(f64::ln), 1e-6, 1e-6);
}

/// Every argument has an effect, and a loss made with its defaults works.
#[test]
fn trap_26_defaults_work_and_every_input_counts() {
    let mut idle = Vec::new();
    for entry in catalog() {
        let arguments = entry.sample(2);
        let value = entry.evaluate(&arguments).unwrap_or_else(|error| panic!("{error}"));
        for input in entry.inputs.iter().filter(|input| input.differentiable) {
            let Some(tensor) = arguments.find(input.name) else { continue };
            let moved = (0..3).any(|seed| {
                let arguments = entry.sample(seed);
                let tensor = arguments.find(input.name).expect("a sample is alike for every seed").clone();
                let value = entry.evaluate(&arguments).unwrap_or_else(|error| panic!("{error}"));
                value.sum().grad(&tensor).to_vec::<f64>().iter().any(|slope| *slope != 0.0)
            });
            if !moved && tensor.elements() > 0 {
                idle.push(format!("{} by {}", entry.name, input.name));
            }
        }
        assert!(value.elements() > 0, "{}", entry.name);
    }
    assert!(idle.is_empty(), "without any gradient: {idle:?}");
}

/// Every one of the field's 28 traps has a test that bears its number.
#[test]
fn every_trap_has_a_test() {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")];
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(path).expect("a test file");
            let numbers =
                text.lines().filter_map(|line| line.strip_prefix("fn trap_")?.split('_').next()?.parse::<u32>().ok());
            found.extend(numbers);
        }
    }
    assert_eq!(found, (1..=28).collect(), "traps with a test");
}
