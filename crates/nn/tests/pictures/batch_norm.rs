//! `BatchNorm`: values, derivatives and running statistics; when these change, in plain and in compiled steps.

use std::sync::Arc;

use approx::assert_abs_diff_eq;
use minimand_nn::{BatchNorm, BatchNormOptions, Checkpoint, Conv2d, Linear, Module, Sequential, group_norm};
use minimand_optim::{Accumulator, CompiledStep, Optimizer, Sgd, SgdOptions};
use minimand_tensor::{CheckOptions, DType, Rng, Tensor, check_gradient, check_second_order, compile, grad};

use crate::{assert_close, assert_near, cases, compare_layer, count, normal, tensor, tensors};

fn f64_options() -> BatchNormOptions {
    BatchNormOptions { dtype: DType::F64, ..Default::default() }
}

/// Mean, variance and number of batches.
fn statistics(model: &dyn Module) -> Vec<Vec<f64>> {
    model.named_buffers().into_iter().map(|(_, buffer)| buffer.value().to_vec::<f64>()).collect()
}

#[test]
fn values_derivatives_and_statistics_are_those_of_pytorch() {
    for case in cases("normalisation.json", "batch_norm", 4) {
        let shape = case["inputs"][0]["shape"].as_array().unwrap();
        let affine = case["inputs"].as_array().unwrap().len() > 1;
        let momentum = case["options"]["momentum"].as_f64();
        let epsilon = case["options"]["epsilon"].as_f64().unwrap();
        let options = BatchNormOptions { momentum, epsilon, weight: affine, bias: affine, ..f64_options() };
        let layer = BatchNorm::with_options(count(&shape[1]), options);
        for former in tensors(&case["former"]) {
            drop(layer.forward(&former));
        }
        compare_layer(&case, &layer);
        let what = |name: &str| format!("{name} of {}", case["options"]);
        for (name, buffer) in layer.named_buffers() {
            let found = buffer.value();
            match tensor(&case[&name]) {
                Some(expected) => assert_close(&found, &expected, &what(&name)),
                None => assert_eq!(found.to_vec::<i64>(), [count(&case[&name]) as i64], "{}", what(&name)),
            }
        }
        layer.eval();
        compare_layer(&case["evaluation"], &layer);
    }
}

#[test]
fn derivatives_of_first_and_second_order_are_finite_differences() {
    let layer = BatchNorm::with_options(2, BatchNormOptions { weight: false, bias: false, ..f64_options() });
    let x = [normal([3, 2, 2, 2], &mut Rng::seed(3))];
    let loss = |x: &[Tensor]| layer.forward(&x[0]).sin().sum();
    assert_eq!(check_gradient(loss, &x, CheckOptions::default()).unwrap().compared, 24);
    check_second_order(loss, &x, CheckOptions::default()).unwrap();
}

const RATE: SgdOptions = SgdOptions {
    learning_rate: 0.05,
    momentum: 0.9,
    dampening: 0.0,
    nesterov: false,
    weight_decay: 0.0,
    maximize: false,
};

fn model() -> Sequential {
    let rng = &mut Rng::seed(1);
    Sequential::new()
        .then(Conv2d::new(2, 3, [2, 2], rng))
        .then(BatchNorm::new(3))
        .then(minimand_nn::Activation::Tanh)
        .then(minimand_nn::Flatten)
        .then(Linear::new(12, 1, rng))
}

/// Batches of two sizes: two plans.
fn data(step: usize) -> [Tensor; 2] {
    let mut rng = Rng::seed(100 + step as u64);
    let rows = 5 - step % 2;
    [Tensor::normal([rows, 2, 3, 3], &mut rng), Tensor::normal([rows, 1], &mut rng)]
}

fn loss(model: &dyn Module, data: &[Tensor]) -> Tensor {
    (model.forward(&data[0]) - &data[1]).square().mean()
}

/// All that a step changes, to the bit.
fn bits(model: &dyn Module) -> Vec<u64> {
    let tensors = Checkpoint::of(model).into_iter();
    tensors.flat_map(|(_, tensor)| tensor.to_vec::<f64>().into_iter().map(f64::to_bits)).collect()
}

/// The statistics that the formula gives, one batch after the other, from what the layer before them puts out.
#[test]
fn each_step_moves_the_statistics_once() {
    let (plain, compiled) = (model(), Arc::new(model()));
    let mut sgd = Sgd::new(plain.parameters(), RATE);
    let inner = Arc::clone(&compiled);
    let mut step = CompiledStep::new(Sgd::new(compiled.parameters(), RATE), move |data| loss(&*inner, data));
    let (mut mean, mut variance) = ([0.0; 3], [1.0; 3]);
    for number in 0..8 {
        let data = data(number);
        let [weight, bias] = [0, 1].map(|part| plain.parameters()[part].value());
        let hidden = minimand_nn::conv_2d(&data[0], &weight, Some(&bias), Default::default());
        for channel in 0..3 {
            let of_channel = hidden.at(1, channel).cast(DType::F64);
            mean[channel] = 0.9 * mean[channel] + 0.1 * of_channel.mean().item();
            variance[channel] = 0.9 * variance[channel] + 0.1 * of_channel.var(1).item();
        }
        sgd.step(&loss(&plain, &data)).unwrap();
        step.step(&data).unwrap();
        assert_eq!(bits(&plain), bits(&*compiled), "step {number}");
        let found = statistics(&plain);
        for channel in 0..3 {
            assert_abs_diff_eq!(found[0][channel], mean[channel], epsilon = 1e-6);
            assert_abs_diff_eq!(found[1][channel], variance[channel], epsilon = 1e-6);
        }
        assert_eq!(found[2], [(number + 1) as f64]);
    }
    // In evaluation, nothing moves, in compiled steps neither; they are traced anew for it.
    plain.eval();
    compiled.eval();
    let before = statistics(&plain);
    let data = data(9);
    sgd.step(&loss(&plain, &data)).unwrap();
    step.step(&data).unwrap();
    assert_eq!(statistics(&plain), before);
    assert_eq!(bits(&plain), bits(&*compiled));
}

/// Accumulated gradients are of two passes, and so are the statistics; derivatives of any order are of none.
#[test]
fn only_a_forward_pass_moves_the_statistics() {
    let (together, apart) = (model(), model());
    let mut sgd = Sgd::new(together.parameters(), RATE);
    let mut accumulator = Accumulator::new();
    for part in 0..3 {
        accumulator.add(&sgd, &loss(&together, &data(part)), 1.0).unwrap();
        drop(apart.forward(&data(part)[0]).to_vec::<f32>());
    }
    accumulator.step(&mut sgd).unwrap();
    assert_eq!(statistics(&together), statistics(&apart));
    assert_eq!(statistics(&together)[2], [3.0]);

    let layer = BatchNorm::new(3);
    let x = Tensor::normal([4, 3], &mut Rng::seed(5));
    let y = layer.forward(&x);
    let slope = y.sin().sum().grad(&x);
    let curvature = (&slope * &x).sum().grad(&x);
    minimand_tensor::eval([&slope, &curvature]);
    let _ = (y.to_vec::<f32>(), curvature.to_vec::<f32>());
    assert_eq!(statistics(&layer)[2], [1.0]);
    // The same slope in a traced function, which is differentiated twice inside: once for each call.
    let traced = layer.clone();
    let function = compile(|x: &[Tensor]| {
        let penalty = traced.forward(&x[0]).sin().sum().grad(&x[0]).square().sum();
        vec![grad(&penalty, [&x[0]])[0].clone()]
    });
    for _ in 0..3 {
        drop(function.call([&x]));
    }
    assert_eq!(statistics(&traced)[2], [4.0]);
    assert_eq!(statistics(&layer)[2], [1.0], "a clone has statistics of its own");
}

#[test]
fn without_running_statistics_evaluation_is_as_training() {
    let options = BatchNormOptions { running_statistics: false, weight: false, bias: false, ..f64_options() };
    let layer = BatchNorm::with_options(2, options);
    let x = normal([3, 2, 4], &mut Rng::seed(6));
    let y = layer.forward(&x);
    layer.eval();
    assert_close(&layer.forward(&x), &y, "evaluation");
    assert!(layer.named_buffers().is_empty() && layer.running_mean().is_none() && layer.running_variance().is_none());
    // One picture's channels by themselves.
    let one = x.slice(0, ..1);
    assert_close(&layer.forward(&one), &group_norm(&one, 2, 1e-5), "of one");
}

#[test]
fn extreme_batches_spoil_nothing() {
    let layer = BatchNorm::new(3);
    let x = Tensor::from([[0.1f32, 1e18, 3e38], [0.1, -1e18, -3e38], [0.1, 1e18, 3e38]]);
    let y = layer.forward(&x);
    // Equal values: what rounding leaves of the mean vanishes beside ε.
    assert_near(&y.at(1, 0), &Tensor::zeros([3]), 1e-5, "equal values");
    let half = 0.5f64.sqrt();
    assert_near(&y.at(1, 1), &Tensor::from([half, -2.0 * half, half]), 1e-6, "great values");
    let found = statistics(&layer);
    assert_abs_diff_eq!(found[0][0], 0.01, epsilon = 1e-8);
    assert_abs_diff_eq!(found[1][0], 0.9, epsilon = 1e-6);
    // Mean and deviation can be held, but not the variance: the running one stays as it was.
    assert_abs_diff_eq!(found[0][2] / 1e37, 1.0, epsilon = 1e-5);
    assert_eq!(found[1][2], 1.0);
}

#[test]
fn parts_are_named_as_pytorchs() {
    let options = BatchNormOptions { name: "stem".into(), ..Default::default() };
    let layer = BatchNorm::with_options(4, options);
    assert_eq!(&**layer.weight().unwrap().name(), "stem.weight");
    assert_eq!(&**layer.running_variance().unwrap().name(), "stem.running_var");
    assert_eq!((&**layer.bias().unwrap().name(), layer.channels()), ("stem.bias", 4));
    let mut names: Vec<String> = Checkpoint::of(&layer).into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["bias", "num_batches_tracked", "running_mean", "running_var", "weight"]);
    let count = &layer.named_buffers()[2].1;
    assert_eq!((count.value().dtype(), count.value().rank()), (DType::I64, 0));
}

#[test]
#[should_panic(expected = "batch_norm: input [1, 3]: 1 values for each channel have no variance")]
fn one_value_has_no_variance() {
    let _ = BatchNorm::new(3).forward(&Tensor::zeros([1, 3]));
}

#[test]
#[should_panic(expected = "batch_norm: input [2, 4, 3] must be [batch, 3, …]")]
fn channels_are_those_of_the_layer() {
    let _ = BatchNorm::new(3).forward(&Tensor::zeros([2, 4, 3]));
}

#[test]
#[should_panic(expected = "batch_norm: the momentum 1.5 is not in 0.0..=1.0")]
fn momentum_is_a_share() {
    let _ = BatchNorm::with_options(3, BatchNormOptions { momentum: Some(1.5), ..Default::default() });
}
