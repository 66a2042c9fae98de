//! minimand: the library's own losses, layers and optimizers. A loss with its gradient, and a training step, are traced once, by `compile` and
//! `CompiledStep`, as the peers' are.

use minimand::prelude::*;
use minimand::tensor::set_threads;
use minimand_peers::{Case, Input, Work, serve, threads};

fn main() {
    set_threads(threads());
    serve(prepare);
}

fn tensor(input: &Input) -> Tensor {
    Tensor::from_vec(input.data.clone(), input.shape.clone())
}

fn class_labels(input: &Input) -> Labels {
    Labels::new(input.indices(), input.classes.expect("classes")).expect("labels below the number of classes")
}

fn prepare(case: &Case) -> Option<Work> {
    let number = |name: &str| case.number(name);
    let inputs: Vec<Tensor> = case.inputs.iter().map(tensor).collect();
    let labels = case.inputs.iter().find(|input| input.classes.is_some()).map(class_labels);
    let known = move || labels.clone().expect("the case has labels");
    type Loss = Box<dyn Fn(&[Tensor]) -> Tensor>;
    let loss: Loss = match case.loss.as_str() {
        "mse" => Box::new(|x| squared_error(&x[0], &x[1])),
        "mae" => Box::new(|x| absolute_error(&x[0], &x[1])),
        "huber" => {
            let delta = number("delta");
            Box::new(move |x| huber(&x[0], &x[1], delta))
        }
        "bce" => Box::new(|x| binary_cross_entropy_with_logits(&x[0], &x[1])),
        "binary_focal" => {
            let options = FocalOptions { alpha: Some(number("alpha")), gamma: number("gamma") };
            Box::new(move |x| binary_focal(&x[0], &x[1], options))
        }
        "cross_entropy" => {
            let (labels, label_smoothing) = (known(), number("smoothing"));
            let options = CrossEntropyOptions { label_smoothing, ..Default::default() };
            Box::new(move |x| cross_entropy_with(&x[0], &labels, options.clone()))
        }
        "softmax_focal" => {
            let (labels, options) = (known(), CategoricalFocalOptions { gamma: number("gamma"), ..Default::default() });
            Box::new(move |x| categorical_focal(&x[0], &labels, options.clone()))
        }
        "kl" => Box::new(|x| kl_divergence(&x[0].log_softmax(-1), &x[1])),
        "vae_kl" => Box::new(|x| gaussian_kl_to_standard_normal(&x[0], &x[1])),
        "info_nce" => {
            let temperature = number("temperature");
            Box::new(move |x| info_nce_symmetric(&x[0], &x[1], temperature))
        }
        "triplet" => {
            let margin = number("margin");
            Box::new(move |x| triplet_margin(&x[0], &x[1], &x[2], TripletOptions { margin, ..Default::default() }))
        }
        "batch_hard_triplet" => {
            let (labels, margin) = (known(), Margin::Hard(number("margin")));
            let options = BatchHardOptions { margin, ..Default::default() };
            Box::new(move |x| batch_hard_triplet(&x[0], &labels, options))
        }
        "pairwise_logistic" => Box::new(|x| pairwise_logistic(&x[0], &x[1], None)),
        "list_net" => Box::new(|x| list_net(&x[0], &x[1], None)),
        "approx_ndcg" => {
            let temperature = number("temperature");
            Box::new(move |x| approx_ndcg(&x[0], &x[1], None, temperature))
        }
        "gaussian_nll" => Box::new(|x| gaussian_nll_log_variance(&x[0], &x[2], &x[1])),
        "poisson_nll" => Box::new(|x| poisson_nll_log_rate(&x[0], &x[1], false)),
        "quantile" => {
            let tau = number("tau");
            Box::new(move |x| quantile(&x[0], &x[1], tau))
        }
        "log_cosh" => Box::new(|x| log_cosh(&x[0], &x[1])),
        "tiny_mlp" => return Some(descend(case, &inputs)),
        "mlp" => {
            let labels = known();
            let loss = move |p: &[Tensor], data: &[Tensor]| cross_entropy(&perceptron(p, &data[0]), &labels).mean();
            return Some(train(case, &inputs, adam(case), loss));
        }
        "cnn" => {
            let labels = known();
            let loss = move |p: &[Tensor], data: &[Tensor]| cross_entropy(&cnn(p, &data[0]), &labels).mean();
            return Some(train(case, &inputs, adam(case), loss));
        }
        "vae" => return Some(train(case, &inputs, adam(case), |p, data| vae(p, &data[0], &data[1]))),
        _ => return None,
    };
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
fn descend(case: &Case, inputs: &[Tensor]) -> Work {
    let count = case.gradients;
    let rate = Tensor::scalar(case.number("learning_rate") as f32);
    let step = compile(move |x: &[Tensor]| {
        let (parameters, rest) = x.split_at(count);
        let loss = squared_error(&perceptron(parameters, &rest[0]), &rest[1]).mean();
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

fn linear(x: &Tensor, layer: &[Tensor]) -> Tensor {
    x.matmul(&layer[0].transpose()) + &layer[1]
}

fn perceptron(layers: &[Tensor], x: &Tensor) -> Tensor {
    let mut x = x.clone();
    for (at, layer) in layers.chunks(2).enumerate() {
        x = linear(&if at > 0 { x.relu() } else { x }, layer);
    }
    x
}

fn cnn(layers: &[Tensor], x: &Tensor) -> Tensor {
    let options = Conv2dOptions { padding: [1, 1], ..Default::default() };
    let mut x = x.clone();
    for layer in layers[..4].chunks(2) {
        x = max_pool_2d(&conv_2d(&x, &layer[0], Some(&layer[1]), options).relu(), [2, 2], Pool2dOptions::default());
    }
    linear(&x.reshape([x.shape()[0], layers[4].shape()[1]]), &layers[4..])
}

/// Binary cross-entropy summed over the pixels, and the code's divergence from a standard normal; mean over the batch.
fn vae(layers: &[Tensor], x: &Tensor, noise: &Tensor) -> Tensor {
    let hidden = linear(x, layers).relu();
    let (mean, log_variance) = (linear(&hidden, &layers[2..]), linear(&hidden, &layers[4..]));
    let code = &mean + (0.5 * &log_variance).exp() * noise;
    let pixels = binary_cross_entropy_with_logits(&perceptron(&layers[6..], &code), x).sum_axis(-1);
    (pixels + gaussian_kl_to_standard_normal(&mean, &log_variance)).mean()
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
