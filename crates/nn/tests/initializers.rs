//! Drawn values against the distributions they are drawn from.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use minimand_nn::{
    Activation, Fan, Initializer, Linear, Module, kaiming_normal, kaiming_uniform, xavier_normal, xavier_uniform,
};
use minimand_tensor::{DType, Rng, Tensor};

/// Mean, variance and the fourth moment over the squared variance (3 for a normal distribution, 9/5 for a uniform one).
fn moments(values: &Tensor) -> (f64, f64, f64) {
    let values = values.to_vec::<f64>();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let moment = |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / n;
    (mean, moment(2), moment(4) / moment(2).powi(2))
}

/// Compares with the distribution of the given variance. Of n values the mean has standard error √(variance/n), the variance
/// relative error √((kurtosis - 1)/n) and the kurtosis of a normal distribution √(96/n) (1968 Fisher): five of each are accepted.
fn assert_distribution(values: &Tensor, variance: f64, uniform: bool, what: &str) {
    let n = values.elements() as f64;
    let kurtosis = if uniform { 1.8 } else { 3.0 };
    let found = moments(values);
    assert!(abs_diff_eq!(found.0, 0.0, epsilon = 5.0 * (variance / n).sqrt()), "{what}: mean {}", found.0);
    let accepted = 5.0 * ((kurtosis - 1.0) / n).sqrt() * variance;
    assert!(abs_diff_eq!(found.1, variance, epsilon = accepted), "{what}: variance {} for {variance}", found.1);
    assert!(abs_diff_eq!(found.2, kurtosis, epsilon = 5.0 * (96.0 / n).sqrt()), "{what}: kurtosis {}", found.2);
    if uniform {
        let (bound, greatest) = ((3.0 * variance).sqrt(), values.abs().max().item());
        assert!(greatest <= bound * (1.0 + 1e-7) && greatest > 0.999 * bound, "{what}: {greatest} of {bound}");
    }
}

#[test]
fn variances_are_those_of_the_papers() {
    let mut rng = Rng::seed(17);
    let (outputs, inputs, gain) = (150, 400, 2f64.sqrt());
    let (fan_in, fan_out) = (inputs as f64, outputs as f64);
    let shape = [outputs, inputs];
    let he_in = gain * gain / fan_in;
    let he_out = gain * gain / fan_out;
    let glorot = gain * gain * 2.0 / (fan_in + fan_out);
    assert_distribution(&kaiming_uniform(shape, Fan::In, gain, &mut rng), he_in, true, "kaiming uniform in");
    assert_distribution(&kaiming_uniform(shape, Fan::Out, gain, &mut rng), he_out, true, "kaiming uniform out");
    assert_distribution(&kaiming_normal(shape, Fan::In, gain, &mut rng), he_in, false, "kaiming normal in");
    assert_distribution(&kaiming_normal(shape, Fan::Out, gain, &mut rng), he_out, false, "kaiming normal out");
    assert_distribution(&xavier_uniform(shape, gain, &mut rng), glorot, true, "xavier uniform");
    assert_distribution(&xavier_normal(shape, gain, &mut rng), glorot, false, "xavier normal");
    let uniform = Initializer::Uniform { bound: 0.3 }.draw(shape, DType::F64, &mut rng);
    assert_distribution(&uniform, 0.03, true, "uniform");
    let normal = Initializer::Normal { deviation: 0.3 }.draw(shape, DType::F64, &mut rng);
    assert_distribution(&normal, 0.09, false, "normal");
    let constant = Initializer::Constant(0.1).draw([2], DType::F64, &mut rng);
    assert_eq!((constant.to_string().as_str(), constant.dtype()), ("[0.1, 0.1]", DType::F64));
}

#[test]
fn the_entries_of_a_window_are_connections() {
    let mut rng = Rng::seed(17);
    let kernel = Initializer::KaimingNormal { fan: Fan::In, gain: 1.0 }.draw([64, 32, 5, 3], DType::F64, &mut rng);
    assert_distribution(&kernel, 1.0 / (32.0 * 15.0), false, "convolution in");
    let kernel = Initializer::KaimingNormal { fan: Fan::Out, gain: 1.0 }.draw([64, 32, 5, 3], DType::F64, &mut rng);
    assert_distribution(&kernel, 1.0 / (64.0 * 15.0), false, "convolution out");
}

#[test]
fn a_linear_layer_starts_as_pytorchs() {
    let mut rng = Rng::seed(17);
    let layer = Linear::new(25, 4000, &mut rng);
    assert_distribution(&layer.weight().value(), 0.04 / 3.0, true, "weight"); // ±1/√25
    assert_distribution(&layer.bias().unwrap().value(), 0.04 / 3.0, true, "bias");
}

/// The point of the gain: ten layers on, standard normal values have neither faded nor exploded. Without it ReLU would halve their
/// mean square in each layer.
#[test]
fn the_gain_keeps_the_mean_square_through_ten_layers() {
    for activation in [Activation::Relu, Activation::Gelu, Activation::Tanh, Activation::Elu { alpha: 1.0 }] {
        let mut rng = Rng::seed(23);
        let mut z = Tensor::normal([200, 512], &mut rng);
        for _ in 0..10 {
            let weight = kaiming_normal([512, 512], Fan::In, activation.gain(), &mut rng);
            z = activation.forward(&z).matmul(&weight.transpose());
        }
        let mean_square = z.square().mean().item();
        assert!((0.7..1.4).contains(&mean_square), "{activation:?}: {mean_square}");
    }
}

#[test]
fn gains_have_their_known_values() {
    assert_abs_diff_eq!(Activation::Identity.gain(), 1.0, epsilon = 1e-9);
    assert_abs_diff_eq!(Activation::Relu.gain(), 2f64.sqrt(), epsilon = 1e-9);
    assert_abs_diff_eq!(Activation::LeakyRelu { slope: 0.2 }.gain(), (2.0f64 / 1.04).sqrt(), epsilon = 1e-9);
    // E tanh(z)² and E σ(z)² by Monte Carlo, from numbers that owe nothing to the trapezoidal rule.
    let mut rng = Rng::seed(29);
    let draws: Vec<f64> = (0..400_000).map(|_| rng.normal()).collect();
    for (activation, function) in
        [(Activation::Tanh, f64::tanh as fn(f64) -> f64), (Activation::Sigmoid, |z| 1.0 / (1.0 + (-z).exp()))]
    {
        let mean_square = draws.iter().map(|&z| function(z).powi(2)).sum::<f64>() / draws.len() as f64;
        let (found, expected) = (activation.gain(), mean_square.sqrt().recip());
        assert!(abs_diff_eq!(found, expected, epsilon = 5e-3 * expected), "{activation:?}: {found} for {expected}");
    }
}

#[test]
#[should_panic(expected = "draw: [5] is no weight")]
fn connections_of_a_vector_cannot_be_counted() {
    let _ = kaiming_uniform([5], Fan::In, 1.0, &mut Rng::seed(1));
}

#[test]
#[should_panic(expected = "draw: values of i64 cannot be trained")]
fn integers_are_not_drawn() {
    let _ = Initializer::Constant(1.0).draw([5], DType::I64, &mut Rng::seed(1));
}
