//! minimand: the library's own losses, layers and optimizers. A loss with its gradient, and a training step, are traced once, by `compile` and
//! `CompiledStep`, as the peers' are.

mod kinds;
mod losses;
mod models;
mod plan;

use minimand::prelude::*;
use minimand::tensor::set_threads;
use minimand_peers::{Case, Input, Work, serve_and_describe, threads};

/// A loss as a function of a case's inputs.
type Formula = Box<dyn Fn(&[Tensor]) -> Tensor>;

fn main() {
    set_threads(threads());
    serve_and_describe(prepare, |case| case.map_or_else(plan::machine, plan::of));
}

/// Labels are whole numbers.
fn tensor(input: &Input) -> Tensor {
    let numbers = Tensor::from_vec(input.data.clone(), input.shape.clone());
    if input.classes.is_some() { numbers.cast(DType::I64) } else { numbers }
}

fn inputs(case: &Case) -> Vec<Tensor> {
    case.inputs.iter().map(tensor).collect()
}

fn prepare(case: &Case) -> Option<Work> {
    let inputs = inputs(case);
    if let Some(model) = models::model(case) {
        return Some(match case.loss.as_str() {
            "tiny_mlp" => descend(case, &inputs, model),
            "normalised_mlp" => train(case, &inputs, sgd(case), model),
            _ => train(case, &inputs, adam(case), model),
        });
    }
    let loss = losses::formula(case).or_else(|| kinds::formula(case))?;
    let gradients = case.gradients;
    let function = compile(move |x: &[Tensor]| {
        let mean = loss(x).mean();
        let mut results = grad(&mean, &x[..gradients]);
        results.push(mean);
        results
    });
    Some(Box::new(move || {
        let mut slopes = function.call(&inputs);
        Box::new(move || {
            let mean = slopes.pop().expect("the value comes last").item();
            (mean, slopes.iter().flat_map(Tensor::to_vec::<f32>).collect())
        })
    }))
}

/// Gradient descent on the tiny perceptron: the whole step is one compiled function of parameters and data.
fn descend(case: &Case, inputs: &[Tensor], model: models::Model) -> Work {
    let count = case.gradients;
    let rate = Tensor::scalar(case.number("learning_rate") as f32);
    let step = compile(move |x: &[Tensor]| {
        let (parameters, rest) = x.split_at(count);
        let loss = model(parameters, rest);
        let slopes = grad(&loss, parameters);
        let mut results: Vec<Tensor> = parameters.iter().zip(slopes).map(|(p, slope)| p - &rest[2] * slope).collect();
        results.push(loss);
        results
    });
    let (before, data) = (inputs[..count].to_vec(), inputs[count..].to_vec());
    let mut parameters = before.clone();
    Box::new(move || {
        let mut results = step.call(parameters.iter().chain(&data).chain([&rate]));
        let loss = results.pop().expect("the loss comes last");
        parameters = results;
        let (parameters, before) = (parameters.clone(), before.clone());
        Box::new(move || {
            let changes = parameters.iter().zip(&before).map(|(now, before)| now - before);
            (loss.item(), changes.flat_map(|change| change.to_vec::<f32>()).collect())
        })
    })
}

fn sgd(case: &Case) -> impl FnOnce(&[Parameter]) -> Sgd {
    let options = SgdOptions { learning_rate: case.number("learning_rate"), ..Default::default() };
    move |parameters| Sgd::new(parameters, options)
}

fn adam(case: &Case) -> impl FnOnce(&[Parameter]) -> Adam {
    let options = AdamOptions { learning_rate: case.number("learning_rate"), ..Default::default() };
    move |parameters| Adam::new(parameters, options)
}

/// A training step, traced once; the case's inputs are the parameters, then the data.
fn train<R: UpdateRule + 'static>(
    case: &Case,
    inputs: &[Tensor],
    optimizer: impl FnOnce(&[Parameter]) -> Descent<R>,
    loss: impl Fn(&[Tensor], &[Tensor]) -> Tensor + 'static,
) -> Work {
    let (before, data) = inputs.split_at(case.gradients);
    let named = before.iter().enumerate().map(|(at, x)| Parameter::new(format!("p{at}"), x.clone()));
    let parameters: Vec<Parameter> = named.collect();
    let read = parameters.clone();
    let mut training = CompiledStep::new(optimizer(&parameters), move |data| {
        let values: Vec<Tensor> = read.iter().map(Parameter::value).collect();
        loss(&values, data)
    });
    let (before, data) = (before.to_vec(), data.to_vec());
    Box::new(move || {
        let value = training.step(&data).expect("a finite step").loss();
        let (parameters, before) = (parameters.clone(), before.clone());
        Box::new(move || {
            let changes = parameters.iter().zip(&before).map(|(now, before)| now.value() - before);
            (value, changes.flat_map(|change| change.to_vec::<f32>()).collect())
        })
    })
}
