//! `Residual`, and a small residual network: values, gradients, two steps and running statistics, as PyTorch has them.
//! `fixtures/record_residual.py` says how they are made.

use approx::assert_relative_eq;
use minimand_nn::{
    Activation, AdaptiveAvgPool2d, BatchNorm, BatchNormOptions, Checkpoint, Conv2d, Conv2dOptions, Flatten, Function,
    Linear, Module, ParameterOptions, Residual, Sequential,
};
use minimand_optim::{Optimizer, Sgd, SgdOptions};
use minimand_tensor::{DType, Rng, Tensor, grad};
use serde_json::Value;

use crate::{assert_close, assert_near, recorded, tensor, tensors};

fn convolution(inputs: usize, outputs: usize, side: usize, stride: usize) -> Conv2d {
    let options = Conv2dOptions { stride: [stride; 2], padding: [side / 2; 2], ..Default::default() };
    let parameters = ParameterOptions { bias: false, dtype: DType::F64, ..Default::default() };
    Conv2d::with_parameters(inputs, outputs, [side; 2], options, parameters, &mut Rng::seed(1))
}

fn model() -> Sequential {
    let norm = || BatchNorm::with_options(4, BatchNormOptions { dtype: DType::F64, ..Default::default() });
    let inner = Sequential::new()
        .then(convolution(2, 4, 3, 2))
        .then(norm())
        .then(Activation::Relu)
        .then(convolution(4, 4, 3, 1))
        .then(norm());
    let shortcut = Sequential::new().then(convolution(2, 4, 1, 2)).then(norm());
    let parameters = ParameterOptions { dtype: DType::F64, ..Default::default() };
    Sequential::new()
        .then(Residual::new(inner).with_shortcut(shortcut))
        .then(Activation::Relu)
        .then(AdaptiveAvgPool2d::new([1, 1]))
        .then(Flatten)
        .then(Linear::with_options(4, 3, parameters, &mut Rng::seed(1)))
}

/// A recorded state, with the counts as whole numbers.
fn state(value: &Value) -> Checkpoint {
    let of_name = |(name, value): (&String, &Value)| {
        let dtype = if name.ends_with("num_batches_tracked") { DType::I64 } else { DType::F64 };
        (name.clone(), tensor(value).unwrap().cast(dtype))
    };
    value.as_object().unwrap().iter().map(of_name).collect()
}

#[test]
fn a_residual_network_trains_as_pytorchs() {
    let recorded = recorded("residual.json");
    let model = model();
    // By their names: none is missing, none is left over.
    state(&recorded["state"]).restore(&model).unwrap();
    let (x, targets) = (tensors(&recorded["x"]), tensors(&recorded["target"]));
    let options = SgdOptions { learning_rate: 0.1, momentum: 0.9, weight_decay: 0.01, ..Default::default() };
    let mut sgd = Sgd::new(model.parameters(), options);
    for (step, (x, target)) in x.iter().zip(&targets).enumerate() {
        let output = model.forward(x);
        let loss = (&output - target).square().mean();
        if step == 0 {
            assert_close(&output, &tensor(&recorded["output"]).unwrap(), "output");
            let named = model.named_parameters();
            let values: Vec<Tensor> = named.iter().map(|(_, parameter)| parameter.value()).collect();
            for ((name, _), gradient) in named.iter().zip(grad(&loss, &values)) {
                assert_near(&gradient, &tensor(&recorded["gradients"][name]).unwrap(), 1e-11, name);
            }
        }
        let found = sgd.step(&loss).unwrap().loss();
        assert_relative_eq!(found, recorded["losses"][step].as_f64().unwrap(), max_relative = 1e-11);
    }
    let (found, expected) = (Checkpoint::of(&model), state(&recorded["after"]));
    assert_eq!(found.tensors().len(), expected.tensors().len());
    for (name, expected) in expected.tensors() {
        assert_near(&found.tensors()[name], expected, 1e-10, name);
    }
    model.eval();
    assert_near(&model.forward(&x[2]), &tensor(&recorded["evaluation"]).unwrap(), 1e-10, "evaluation");
}

#[test]
fn an_inner_module_that_gives_nothing_leaves_the_input() {
    let x = Tensor::from([[1.0, 2.0]]);
    let nothing = Residual::new(Function(|x: &Tensor| 0.0 * x));
    assert_eq!(nothing.forward(&x).to_vec::<f64>(), [1.0, 2.0]);
    let twice = nothing.clone().with_shortcut(Function(|x: &Tensor| 2.0 * x));
    assert_eq!(twice.forward(&x).to_vec::<f64>(), [2.0, 4.0]);
}

#[test]
#[should_panic(expected = "residual: the inner module gives [5, 4] and the input is [5, 3]")]
fn shapes_are_not_broadcast() {
    let _ = Residual::new(Linear::new(3, 4, &mut Rng::seed(1))).forward(&Tensor::zeros([5, 3]));
}
