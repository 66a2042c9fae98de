//! What dropout drops, and when.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use minimand_nn::{Dropout, Mlp, MlpOptions, Module};
use minimand_tensor::{DType, Rng, Tensor};

#[test]
fn the_mean_is_kept_and_the_variance_is_that_of_bernoulli() {
    for probability in [0.1, 0.5, 0.8] {
        let dropout = Dropout::new(probability, &mut Rng::seed(31));
        let n = 100_000;
        let output = dropout.forward(&Tensor::full([n], 3.0)).to_vec::<f64>();
        let stays = 1.0 - probability;
        assert!(output.iter().all(|&value| value == 0.0 || abs_diff_eq!(value, 3.0 / stays, epsilon = 1e-5)));
        // A share s̄ of n entries stays, with standard error √(s(1-s)/n); value 3/s.
        let share = output.iter().filter(|&&value| value != 0.0).count() as f64 / n as f64;
        assert_abs_diff_eq!(share, stays, epsilon = 5.0 * (stays * probability / n as f64).sqrt());
        let mean = output.iter().sum::<f64>() / n as f64;
        let variance = output.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n as f64;
        assert_abs_diff_eq!(mean, 3.0, epsilon = 15.0 * (probability / stays / n as f64).sqrt());
        let expected = 9.0 * probability / stays;
        assert_abs_diff_eq!(variance, expected, epsilon = 0.03 * expected);
    }
}

#[test]
fn evaluation_is_the_identity_and_draws_nothing() {
    let run = |evaluations: usize| {
        let dropout = Dropout::new(0.5, &mut Rng::seed(31));
        let x = Tensor::normal([20], &mut Rng::seed(1));
        dropout.eval();
        for _ in 0..evaluations {
            assert_eq!(dropout.forward(&x).to_vec::<f32>(), x.to_vec::<f32>());
        }
        dropout.train();
        [dropout.forward(&x), dropout.forward(&x)].map(|output| output.to_vec::<f32>())
    };
    let [first, second] = run(0);
    assert_ne!(first, second, "every call draws a new mask");
    assert_eq!(run(3), [first, second], "the same seed gives the same masks, whatever is evaluated in between");
}

#[test]
fn layers_from_one_generator_drop_different_entries() {
    let mut rng = Rng::seed(31);
    let (a, b) = (Dropout::new(0.5, &mut rng), Dropout::new(0.5, &mut rng));
    let x = Tensor::ones([64]);
    assert_ne!(a.forward(&x).to_vec::<f32>(), b.forward(&x).to_vec::<f32>());
}

#[test]
fn the_gradient_passes_where_the_value_passed() {
    let dropout = Dropout::new(0.25, &mut Rng::seed(31));
    let x = Tensor::ones([4, 8]).cast(DType::F64);
    let output = dropout.forward(&x);
    assert_eq!(output.dtype(), DType::F64);
    assert_eq!(output.sum().grad(&x).to_vec::<f64>(), output.to_vec::<f64>());
}

/// An infinite activation that is dropped must not come back as NaN (0 · ∞).
#[test]
fn what_is_dropped_is_gone() {
    let dropout = Dropout::new(0.5, &mut Rng::seed(31));
    let output = dropout.forward(&Tensor::full([64], f64::INFINITY)).to_vec::<f32>();
    assert!(output.contains(&0.0) && output.iter().all(|value| !value.is_nan()));
}

#[test]
fn an_mlp_drops_its_hidden_activations_only_in_training() {
    let options = |dropout| MlpOptions { dropout, ..MlpOptions::default() };
    let model = |dropout| Mlp::with_options([4, 32, 32, 1], options(dropout), &mut Rng::seed(5));
    let x = Tensor::normal([8, 4], &mut Rng::seed(6));
    let (with, without) = (model(0.5), model(0.0));
    let expected = without.forward(&x).to_vec::<f32>();
    assert_eq!(expected, without.forward(&x).to_vec::<f32>());
    assert_ne!(expected, with.forward(&x).to_vec::<f32>());
    assert_ne!(with.forward(&x).to_vec::<f32>(), with.forward(&x).to_vec::<f32>());
    with.eval();
    assert_eq!(expected, with.forward(&x).to_vec::<f32>(), "dropout changes neither the weights nor their names");
    // The outputs are never dropped: with a bias of 1 none is 0.
    with.train();
    with.layers()[2].bias().unwrap().set(Tensor::ones([1]));
    assert!(with.forward(&x).to_vec::<f32>().iter().all(|&output| output != 0.0));
}

#[test]
fn probabilities_are_checked() {
    for wrong in [-0.1, 1.0, 1.5, f64::NAN] {
        let panic = std::panic::catch_unwind(|| Dropout::new(wrong, &mut Rng::seed(1))).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert_eq!(*message, format!("dropout: the probability {wrong} is not in 0.0..1.0"));
    }
    let none = Dropout::new(0.0, &mut Rng::seed(1));
    assert_eq!(none.forward(&Tensor::ones([3])).to_string(), "[1, 1, 1]");
    assert_eq!(none.probability(), 0.0);
}
