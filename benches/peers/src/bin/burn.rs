//! burn, on the CPU backend that the first argument names: `flex` or `ndarray`. Losses are its activations and tensor operations.

use std::f64::consts::LN_2;

use burn::tensor::activation::{log_softmax, relu, sigmoid, softmax, softplus};
use burn::tensor::module::{conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Int, Tensor, TensorData};
use minimand_peers::{Case, Input, Work, serve};

fn main() {
    let device = backend(std::env::args().nth(1).as_deref()).autodiff();
    serve(|case| prepare(case, &device));
}

#[expect(deprecated, reason = "the NDArray backend is still compared while it ships")]
fn backend(name: Option<&str>) -> Device {
    match name {
        Some("ndarray") => Device::ndarray(),
        _ => Device::flex(),
    }
}

fn tensor<const R: usize>(input: &Input, device: &Device) -> Tensor<R> {
    Tensor::from_data(TensorData::new(input.data.clone(), input.shape.clone()), device)
}

fn indices(input: &Input, device: &Device) -> Tensor<1, Int> {
    let labels: Vec<i64> = input.data.iter().map(|&label| label as i64).collect();
    Tensor::from_data(TensorData::new(labels, input.shape.clone()), device)
}

fn read<const R: usize>(tensor: &Tensor<R>) -> Vec<f32> {
    tensor.clone().into_data().try_to_vec().expect("burn reads f32 back")
}

/// The first tensors are what the gradient is for.
fn differentiate<const R: usize>(
    case: &Case,
    mut x: Vec<Tensor<R>>,
    loss: impl Fn(&[Tensor<R>]) -> Tensor<1> + 'static,
) -> Option<Work> {
    let count = case.gradients;
    for input in &mut x[..count] {
        *input = input.clone().require_grad();
    }
    Some(Box::new(move || {
        let value = loss(&x);
        let mut gradients = value.backward();
        let slopes: Vec<Tensor<R>> =
            x[..count].iter().map(|input| input.grad_remove(&mut gradients).expect("a gradient")).collect();
        Box::new(move || (read(&value)[0].into(), slopes.iter().flat_map(read).collect()))
    }))
}

/// max(x, 0) + ln (1 + e^-|x|) - x y.
fn binary_cross_entropy<const R: usize>(x: &Tensor<R>, y: &Tensor<R>) -> Tensor<R> {
    relu(x.clone()) + x.clone().abs().neg().exp().log1p() - x.clone() * y.clone()
}

/// Cross-entropy of each row.
fn cross_entropy(log_p: Tensor<2>, labels: &Tensor<1, Int>) -> Tensor<1> {
    log_p.gather(1, labels.clone().unsqueeze_dim(1)).squeeze_dim::<1>(1).neg()
}

fn unit(x: &Tensor<2>) -> Tensor<2> {
    x.clone() / x.clone().square().sum_dim(1).sqrt()
}

fn distance(a: &Tensor<2>, b: &Tensor<2>) -> Tensor<2> {
    (a.clone() - b.clone()).square().sum_dim(1).sqrt()
}

/// Mined without a gradient, then measured.
fn batch_hard_triplet(z: &Tensor<2>, labels: &Tensor<1, Int>, margin: f64) -> Tensor<1> {
    let x = z.clone().inner();
    let squares = x.clone().square().sum_dim(1).transpose();
    let order = x.clone().matmul(x.transpose()) * -2.0 + squares;
    let labels = labels.clone().inner();
    let count = labels.dims()[0];
    let rows = labels.clone().unsqueeze_dim::<2>(1).expand([count, count]);
    let same = rows.equal(labels.unsqueeze_dim::<2>(0).expand([count, count]));
    let farthest = order.clone().mask_fill(same.clone().bool_not(), f32::NEG_INFINITY).argmax(1);
    let nearest = order.mask_fill(same, f32::INFINITY).argmin(1);
    let to = |chosen: Tensor<2, Int>| {
        let chosen = Tensor::from_inner(chosen.squeeze_dim::<1>(1));
        distance(z, &z.clone().select(0, chosen))
    };
    relu(to(farthest) - to(nearest) + margin).mean()
}

fn approx_ndcg(s: &Tensor<2>, relevance: &Tensor<2>, temperature: f64) -> Tensor<1> {
    let behind = s.clone().unsqueeze_dim::<3>(1) - s.clone().unsqueeze_dim::<3>(2);
    let rank = sigmoid(behind / temperature).sum_dim(2).squeeze_dim::<2>(2) + 0.5; // σ(0) of the item itself is ½
    let gain = (relevance.clone() * LN_2).exp() - 1.0;
    let order = Tensor::<1, Int>::arange(1..s.dims()[1] as i64 + 1, &s.device()).float().unsqueeze_dim::<2>(0);
    let best = (gain.clone().sort_descending(1) / order.log1p()).sum_dim(1);
    ((gain / rank.log1p()).sum_dim(1) / best).mean().neg()
}

fn prepare(case: &Case, device: &Device) -> Option<Work> {
    let number = |name: &str| case.number(name);
    let vectors = || case.inputs.iter().map(|input| tensor::<1>(input, device)).collect();
    let matrices = || {
        let matrices = case.inputs.iter().filter(|input| input.classes.is_none());
        matrices.map(|input| tensor::<2>(input, device)).collect()
    };
    let labels = case.inputs.iter().find(|input| input.classes.is_some());
    let labels = labels.map(|input| indices(input, device));
    let known = move || labels.clone().expect("the case has labels");
    match case.loss.as_str() {
        "mse" => differentiate(case, vectors(), |x| (x[0].clone() - x[1].clone()).square().mean()),
        "mae" => differentiate(case, vectors(), |x| (x[0].clone() - x[1].clone()).abs().mean()),
        "huber" => {
            let delta = number("delta");
            differentiate(case, vectors(), move |x| {
                let r = (x[0].clone() - x[1].clone()).abs();
                let q = r.clone().clamp_max(delta);
                (q.clone().square() * 0.5 + (r - q) * delta).mean()
            })
        }
        "bce" => differentiate(case, vectors(), |x| binary_cross_entropy(&x[0], &x[1]).mean()),
        "binary_focal" => {
            let alpha = number("alpha");
            differentiate(case, vectors(), move |x| {
                let (p, y) = (sigmoid(x[0].clone()), x[1].clone());
                let miss = p.clone() + y.clone() - p * y.clone() * 2.0;
                let weight = y.clone() * (2.0 * alpha - 1.0) + (1.0 - alpha);
                (weight * miss.square() * binary_cross_entropy(&x[0], &y)).mean()
            })
        }
        "cross_entropy" => {
            let (labels, smoothing) = (known(), number("smoothing"));
            differentiate(case, matrices(), move |x| {
                let log_p = log_softmax(x[0].clone(), 1);
                if smoothing == 0.0 {
                    return cross_entropy(log_p, &labels).mean();
                }
                cross_entropy(log_p.clone(), &labels).mean() * (1.0 - smoothing) - log_p.mean() * smoothing
            })
        }
        "softmax_focal" => {
            let labels = known();
            differentiate(case, matrices(), move |x| {
                let cross_entropy = cross_entropy(log_softmax(x[0].clone(), 1), &labels);
                ((cross_entropy.clone().neg().exp().neg() + 1.0).square() * cross_entropy).mean()
            })
        }
        "kl" => differentiate(case, matrices(), |x| {
            (x[1].clone() * (x[1].clone().log() - log_softmax(x[0].clone(), 1))).sum_dim(1).mean()
        }),
        "vae_kl" => differentiate(case, matrices(), |x| {
            (x[0].clone().square() + x[1].clone().exp() - x[1].clone() - 1.0).sum_dim(1).mean() * 0.5
        }),
        "info_nce" => {
            let temperature = number("temperature");
            let partner = Tensor::<1, Int>::arange(0..case.inputs[0].shape[0] as i64, device);
            differentiate(case, matrices(), move |x| {
                let similarities = unit(&x[0]).matmul(unit(&x[1]).transpose()) / temperature;
                let along = |s: Tensor<2>| cross_entropy(log_softmax(s, 1), &partner).mean();
                (along(similarities.clone()) + along(similarities.transpose())) * 0.5
            })
        }
        "triplet" => {
            let margin = number("margin");
            differentiate(case, matrices(), move |x| {
                relu(distance(&x[0], &x[1]) - distance(&x[0], &x[2]) + margin).mean()
            })
        }
        "batch_hard_triplet" => {
            let (labels, margin) = (known(), number("margin"));
            differentiate(case, matrices(), move |x| batch_hard_triplet(&x[0], &labels, margin))
        }
        "pairwise_logistic" => differentiate(case, matrices(), |x| {
            let rows = |x: &Tensor<2>| x.clone().unsqueeze_dim::<3>(2);
            let columns = |x: &Tensor<2>| x.clone().unsqueeze_dim::<3>(1);
            let behind = columns(&x[0]) - rows(&x[0]);
            let preferred = (rows(&x[1]) - columns(&x[1])).greater_elem(0.0).float();
            let sums = (softplus(behind, 1.0) * preferred.clone()).sum_dim(2).sum_dim(1);
            (sums / preferred.sum_dim(2).sum_dim(1).clamp_min(1.0)).mean()
        }),
        "list_net" => differentiate(case, matrices(), |x| {
            (softmax(x[1].clone(), 1) * log_softmax(x[0].clone(), 1)).sum_dim(1).mean().neg()
        }),
        "approx_ndcg" => {
            let temperature = number("temperature");
            differentiate(case, matrices(), move |x| approx_ndcg(&x[0], &x[1], temperature))
        }
        "gaussian_nll" => differentiate(case, vectors(), |x| {
            let r = x[2].clone() - x[0].clone();
            (x[1].clone() + r.square() * x[1].clone().neg().exp()).mean() * 0.5
        }),
        "poisson_nll" => differentiate(case, vectors(), |x| (x[0].clone().exp() - x[1].clone() * x[0].clone()).mean()),
        "quantile" => {
            let tau = number("tau");
            differentiate(case, vectors(), move |x| {
                let r = x[1].clone() - x[0].clone();
                (r.clone() * tau).max_pair(r * (tau - 1.0)).mean()
            })
        }
        "log_cosh" => differentiate(case, vectors(), |x| {
            let r = x[0].clone() - x[1].clone();
            (r.clone() + softplus(r * -2.0, 1.0) - LN_2).mean()
        }),
        "tiny_mlp" => {
            let (x, y) = (tensor::<2>(&case.inputs[6], device), tensor::<2>(&case.inputs[7], device));
            Some(train(case, device, move |p| (perceptron(&x, p) - y.clone()).square().mean()))
        }
        "mlp" => {
            let (x, y) = (tensor::<2>(&case.inputs[6], device), known());
            Some(train(case, device, move |p| cross_entropy(log_softmax(perceptron(&x, p), 1), &y).mean()))
        }
        "cnn" => {
            let (x, y) = (tensor::<4>(&case.inputs[6], device), known());
            Some(train(case, device, move |p| cross_entropy(log_softmax(cnn(&x, p), 1), &y).mean()))
        }
        "vae" => {
            let (x, noise) = (tensor::<2>(&case.inputs[10], device), tensor::<2>(&case.inputs[11], device));
            Some(train(case, device, move |p| vae(&x, &noise, p)))
        }
        _ => None,
    }
}

fn linear(x: Tensor<2>, layer: &[Parameter]) -> Tensor<2> {
    x.matmul(layer[0].value.clone()) + layer[1].value.clone()
}

fn perceptron(x: &Tensor<2>, layers: &[Parameter]) -> Tensor<2> {
    let mut x = x.clone();
    for (at, layer) in layers.chunks(2).enumerate() {
        x = linear(if at > 0 { relu(x) } else { x }, layer);
    }
    x
}

fn cnn(x: &Tensor<4>, layers: &[Parameter]) -> Tensor<2> {
    let mut x = x.clone();
    for layer in layers[..4].chunks(2) {
        let channels = x.dims()[1];
        let kernel = layer[0].value.clone().reshape([-1, channels as i32, 3, 3]);
        let bias = layer[1].value.clone().reshape([-1]);
        let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
        x = relu(conv2d(x, kernel, Some(bias), options));
        x = max_pool2d(x, MaxPoolOptions::new([2, 2]));
    }
    linear(x.flatten(1, 3), &layers[4..])
}

/// Binary cross-entropy summed over the pixels, and the code's divergence from a standard normal; mean over the batch.
fn vae(x: &Tensor<2>, noise: &Tensor<2>, layers: &[Parameter]) -> Tensor<1> {
    let hidden = relu(linear(x.clone(), layers));
    let (mean, log_variance) = (linear(hidden.clone(), &layers[2..]), linear(hidden, &layers[4..]));
    let code = mean.clone() + (log_variance.clone() * 0.5).exp() * noise.clone();
    let pixels = binary_cross_entropy(&perceptron(&code, &layers[6..]), x).sum();
    let twice = (mean.square() + log_variance.clone().exp() - log_variance - 1.0).sum();
    (pixels + twice * 0.5) / x.dims()[0] as f64
}

/// A parameter, as a matrix, and Adam's moments.
struct Parameter {
    value: Tensor<2>,
    moments: Option<[Tensor<2>; 2]>,
}

/// A training step; the updates are burn's tensor operations, in the order of its optimizers.
fn train(case: &Case, device: &Device, loss: impl Fn(&[Parameter]) -> Tensor<1> + 'static) -> Work {
    let (count, rate, adam) = (case.gradients, case.number("learning_rate"), case.loss != "tiny_mlp");
    // A weight is [inputs, outputs]; a kernel is a matrix too, and a bias is a row.
    let matrix = |input: &Input| {
        let rows = if input.shape.len() == 1 { 1 } else { input.shape[0] };
        let shape = [rows, input.data.len() / rows];
        let matrix = Tensor::<2>::from_data(TensorData::new(input.data.clone(), shape), device);
        if input.shape.len() == 2 { matrix.transpose() } else { matrix }
    };
    let before: Vec<Tensor<2>> = case.inputs[..count].iter().map(matrix).collect();
    let mut parameters: Vec<Parameter> =
        before.iter().map(|value| Parameter { value: value.clone().require_grad(), moments: None }).collect();
    let is_weight: Vec<bool> = case.inputs[..count].iter().map(|input| input.shape.len() == 2).collect();
    let mut steps = 0;
    Box::new(move || {
        steps += 1;
        let value = loss(&parameters);
        let mut gradients = value.backward();
        for parameter in &mut parameters {
            let g = parameter.value.grad_remove(&mut gradients).expect("a gradient");
            let change = if adam {
                let [m, v] = match parameter.moments.take() {
                    Some([m, v]) => [m * 0.9 + g.clone() * 0.1, v * 0.999 + g.square() * 0.001],
                    None => [g.clone() * 0.1, g.square() * 0.001],
                };
                let scaled = (v.clone() / (1.0 - 0.999_f64.powi(steps))).sqrt() + 1e-8;
                let change = m.clone() * (rate / (1.0 - 0.9_f64.powi(steps))) / scaled;
                parameter.moments = Some([m, v]);
                change
            } else {
                g * rate
            };
            parameter.value = (parameter.value.clone().inner() - change).autodiff().require_grad();
        }
        let now: Vec<Tensor<2>> = parameters.iter().map(|parameter| parameter.value.clone()).collect();
        let (before, is_weight) = (before.clone(), is_weight.clone());
        Box::new(move || {
            let changes = now.iter().zip(&before).zip(&is_weight).flat_map(|((now, before), &weight)| {
                let change = now.clone().inner() - before.clone().inner();
                read(&if weight { change.transpose() } else { change })
            });
            (read(&value)[0].into(), changes.collect())
        })
    })
}
