//! A model with other weights: derivatives with respect to them, of first and second order, and through a training step.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use approx::assert_relative_eq;
use minimand_nn::{Activation, Checkpoint, Mlp, MlpOptions, Module, ParameterOptions, Sequential, with_parameters};
use minimand_optim::{CompiledStep, Optimizer, Sgd, SgdOptions, hessian_vector_product};
use minimand_tensor::{DType, Parameter, Rng, Tensor, grad};

/// In f64, small enough for a whole Hessian: 2·3 + 3 + 3·1 + 1 = 13 numbers.
fn model(seed: u64) -> Mlp {
    let parameters = ParameterOptions { dtype: DType::F64, ..Default::default() };
    Mlp::with_options(
        [2, 3, 1],
        MlpOptions { activation: Activation::Tanh, parameters, ..Default::default() },
        &mut Rng::seed(seed),
    )
}

fn data() -> (Tensor, Tensor) {
    let mut rng = Rng::seed(9);
    (Tensor::normal([5, 2], &mut rng).cast(DType::F64), Tensor::normal([5, 1], &mut rng).cast(DType::F64))
}

fn loss(model: &Mlp) -> Tensor {
    let (x, y) = data();
    (model.forward(&x) - y).square().mean()
}

fn values(model: &dyn Module) -> Vec<Tensor> {
    model.parameters().iter().map(Parameter::value).collect()
}

/// Cuts one vector into tensors of the shapes of a model's parameters.
fn cut(model: &Mlp, vector: &Tensor) -> Vec<Tensor> {
    let mut start = 0;
    let part = |value: Tensor| {
        let end = start + value.elements();
        let part = vector.slice(0, start..end).reshape(value.shape());
        start = end;
        part
    };
    values(model).into_iter().map(part).collect()
}

fn joined(tensors: &[Tensor]) -> Tensor {
    Tensor::concatenate(&tensors.iter().map(Tensor::flatten).collect::<Vec<_>>(), 0)
}

#[test]
fn a_model_with_the_weights_of_another_is_that_other() {
    let (one, other) = (model(1), model(2));
    let expected = loss(&other).to_vec::<f64>();
    assert_eq!(with_parameters(&one, &values(&other), || loss(&one)).to_vec::<f64>(), expected);
    assert_ne!(loss(&one).to_vec::<f64>(), expected);
    // Behind a trait object, and the gradient with respect to what was given.
    let boxed: Box<dyn Module> = Box::new(one.clone());
    let given = values(&other);
    let found = with_parameters(&*boxed, &given, || (boxed.forward(&data().0) - data().1).square().mean());
    for (slope, expected) in grad(&found, &given).iter().zip(grad(&loss(&other), &given)) {
        assert_eq!(slope.to_vec::<f64>(), expected.to_vec::<f64>());
    }
    let message = |run: &dyn Fn()| *catch_unwind(AssertUnwindSafe(run)).unwrap_err().downcast::<String>().unwrap();
    let few = || with_parameters(&one, &given[1..], || ());
    assert_eq!(message(&few), "with_parameters: 3 values for a model of 4 parameters");
    let mixed: Vec<Tensor> = given.iter().rev().cloned().collect();
    let text = "with_values: parameter layers.0.weight holds f64[3, 2] and cannot take f64[1]";
    assert_eq!(message(&|| with_parameters(&one, &mixed, || ())), text);
    assert_eq!(with_parameters(&Sequential::new(), &[], || 7), 7);
}

/// The model as a function of one vector has a Hessian; its product with a direction is known without it.
#[test]
fn the_product_with_the_hessian_of_all_parameters_is_that_of_the_whole_matrix() {
    let model = model(1);
    let theta = joined(&values(&model)).computed();
    let direction = Tensor::normal([13], &mut Rng::seed(5)).cast(DType::F64);
    let hessian = with_parameters(&model, &cut(&model, &theta), || loss(&model)).hessian(&theta);
    let expected = hessian.matmul(&direction).to_vec::<f64>();
    let products = hessian_vector_product(&loss(&model), &values(&model), &cut(&model, &direction));
    for (found, expected) in joined(&products).to_vec::<f64>().into_iter().zip(expected) {
        assert_relative_eq!(found, expected, max_relative = 1e-9, epsilon = 1e-12);
    }
    assert!(hessian_vector_product(&loss(&model), &[], &[]).is_empty());
    let message = |run: &dyn Fn()| *catch_unwind(AssertUnwindSafe(run)).unwrap_err().downcast::<String>().unwrap();
    let targets = values(&model);
    let few = || drop(hessian_vector_product(&loss(&model), &targets, &targets[1..]));
    assert_eq!(message(&few), "hessian_vector_product: 3 directions for 4 targets");
    let other = || drop(hessian_vector_product(&loss(&model), &targets[..1], &targets[1..2]));
    let text = "hessian_vector_product: the direction [3] and the target [3, 2] must have the same shape";
    assert_eq!(message(&other), text);
}

/// The loss after one step of gradient descent; its gradient goes through the step (MAML).
fn meta(model: &Mlp) -> Tensor {
    let weights = values(model);
    let slopes = grad(&loss(model), &weights);
    let stepped: Vec<Tensor> = weights.iter().zip(&slopes).map(|(weight, slope)| weight - 0.3 * slope).collect();
    let x = data().0;
    with_parameters(model, &stepped, || (model.forward(&x) - x.at(1, 0).unsqueeze(-1)).square().mean())
}

/// `(I − α H) g(θ − α ∇)`, against differences of the whole.
#[test]
fn the_gradient_goes_through_a_training_step() {
    let model = model(1);
    let slopes = joined(&grad(&meta(&model), &values(&model))).to_vec::<f64>();
    let start = joined(&values(&model)).to_vec::<f64>();
    let h = 1e-5;
    for entry in 0..start.len() {
        let at = |shift: f64| {
            let mut moved = start.clone();
            moved[entry] += shift;
            let copy = model.clone();
            for (parameter, value) in copy.parameters().iter().zip(cut(&model, &Tensor::from(moved))) {
                parameter.set(value);
            }
            meta(&copy).item()
        };
        assert_relative_eq!(slopes[entry], (at(h) - at(-h)) / (2.0 * h), max_relative = 1e-6, epsilon = 1e-8);
    }
}

#[test]
fn meta_learning_in_traced_steps_has_the_same_bits() {
    let (plain, traced) = (model(1), model(1));
    let options = SgdOptions { learning_rate: 0.05, ..Default::default() };
    let mut sgd = Sgd::new(plain.parameters(), options);
    let parameters = traced.parameters();
    let mut training = CompiledStep::new(Sgd::new(&parameters, options), move |_| meta(&traced));
    let mut last = f64::INFINITY;
    for step in 0..20 {
        let taken = sgd.step(&meta(&plain)).unwrap();
        assert_eq!(training.step([]).unwrap(), taken, "step {step}");
        assert!(taken.loss() < last, "it learns");
        last = taken.loss();
    }
    let bits = |value: Tensor| value.to_vec::<f64>().into_iter().map(f64::to_bits).collect::<Vec<_>>();
    let expected: BTreeMap<String, Tensor> = Checkpoint::of(&plain).into();
    for parameter in &parameters {
        assert_eq!(bits(parameter.value()), bits(expected[&**parameter.name()].clone()));
    }
}
