//! minimand: the library's own losses, nothing prepared but the inputs. Each run builds the graph anew, as a training loop does.

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
    let labels = case.inputs.iter().find(|input| input.classes.is_some() && input.shape.len() == 1).map(class_labels);
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
        "pairwise_logistic" => Box::new(|x| pairwise_logistic(&x[0], &x[1], PairwiseOptions::default())),
        "gaussian_nll" => Box::new(|x| gaussian_nll_log_variance(&x[0], &x[2], &x[1])),
        "quantile" => {
            let tau = number("tau");
            Box::new(move |x| quantile(&x[0], &x[1], tau))
        }
        "log_cosh" => Box::new(|x| log_cosh(&x[0], &x[1])),
        "tiny_mlp" => {
            let options = SgdOptions { learning_rate: number("learning_rate"), ..Default::default() };
            return Some(train(case, &inputs, |p| Sgd::new(p, options), |x, input| squared_error(x, &input[7])));
        }
        "mlp" => {
            let (labels, learning_rate) = (known(), number("learning_rate"));
            let options = AdamOptions { learning_rate, ..Default::default() };
            return Some(train(case, &inputs, |p| Adam::new(p, options), move |x, _| cross_entropy(x, &labels)));
        }
        _ => return None,
    };
    let gradients = case.gradients;
    Some(Box::new(move || {
        let mean = loss(&inputs).mean();
        let slopes = grad(&mean, &inputs[..gradients]);
        eval(slopes.iter().chain([&mean]));
        Box::new(move || (mean.item(), slopes.iter().flat_map(Tensor::to_vec::<f32>).collect()))
    }))
}

/// A perceptron with three layers; parameters, then the input, are the case's inputs.
fn train<O: Optimizer + 'static>(
    case: &Case,
    inputs: &[Tensor],
    optimizer: impl FnOnce(&[Parameter]) -> O,
    loss: impl Fn(&Tensor, &[Tensor]) -> Tensor + 'static,
) -> Work {
    let count = case.gradients;
    let parameters: Vec<Parameter> =
        inputs[..count].iter().enumerate().map(|(at, x)| Parameter::new(format!("p{at}"), x.clone())).collect();
    let mut optimizer = optimizer(&parameters);
    let inputs = inputs.to_vec();
    Box::new(move || {
        let mut x = inputs[count].clone();
        for (at, layer) in parameters.chunks(2).enumerate() {
            x = if at > 0 { x.relu() } else { x }.matmul(&layer[0].value().transpose()) + layer[1].value();
        }
        let value = optimizer.step(&loss(&x, &inputs).mean()).expect("a finite step").loss();
        let (parameters, inputs) = (parameters.clone(), inputs.clone());
        Box::new(move || {
            let changes = parameters.iter().zip(&inputs).map(|(now, before)| now.value() - before);
            (value, changes.flat_map(|change| change.to_vec::<f32>()).collect())
        })
    })
}
