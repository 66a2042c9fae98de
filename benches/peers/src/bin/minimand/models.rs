//! The models of the training steps, as functions of their parameters.

use minimand::nn::{AttentionMask, layer_norm, scaled_dot_product_attention};
use minimand::prelude::*;
use minimand_peers::Case;

use crate::losses::labels;

/// The loss of a model, of its parameters and the data.
pub type Model = Box<dyn Fn(&[Tensor], &[Tensor]) -> Tensor>;

/// The model of a training step, if the case is one.
pub fn model(case: &Case) -> Option<Model> {
    let classified = |logits: fn(&[Tensor], &Tensor) -> Tensor| -> Model {
        let labels = labels(case);
        Box::new(move |parameters, data| cross_entropy(&logits(parameters, &data[0]), &labels).mean())
    };
    Some(match case.loss.as_str() {
        "tiny_mlp" => Box::new(|parameters, data| squared_error(&perceptron(parameters, &data[0]), &data[1]).mean()),
        "mlp" => classified(perceptron),
        "cnn" => classified(cnn),
        "vae" => Box::new(|parameters, data| vae(parameters, &data[0], &data[1])),
        "transformer" => Box::new(|parameters, data| transformer(parameters, &data[0], &data[1])),
        "gru" => classified(gru),
        "resnet_block" => classified(resnet_block),
        "normalised_mlp" => classified(normalised_mlp),
        _ => return None,
    })
}

/// A layer with weight and bias.
pub fn linear(x: &Tensor, layer: &[Tensor]) -> Tensor {
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

/// By the batch's own statistics.
pub fn normalised(x: &Tensor, scale: &Tensor, shift: &Tensor, axes: &[isize]) -> Tensor {
    let centred = x - x.mean_keepdim(axes);
    let variance = centred.square().mean_keepdim(axes);
    centred / (variance + 1e-5).sqrt() * scale + shift
}

/// Blocks that normalise first; squared error.
fn transformer(parameters: &[Tensor], x: &Tensor, target: &Tensor) -> Tensor {
    const HEADS: usize = 4;
    let mut x = x.clone();
    let [rows, length, width] = [0, 1, 2].map(|axis| x.shape()[axis]);
    for block in parameters.chunks(11) {
        let y = (layer_norm(&x, -1, 1e-5) * &block[0] + &block[1]).matmul(&block[2].transpose());
        let [query, key, value] = [0, 1, 2].map(|at| {
            y.slice(2, at * width..(at + 1) * width).reshape([rows, length, HEADS, width / HEADS]).swap_axes(1, 2)
        });
        let mixed = scaled_dot_product_attention(&query, &key, &value, &AttentionMask::causal());
        x = &x + linear(&mixed.swap_axes(1, 2).reshape([rows, length, width]), &block[3..]);
        let y = layer_norm(&x, -1, 1e-5) * &block[5] + &block[6];
        x = &x + linear(&linear(&y, &block[7..]).gelu(), &block[9..]);
    }
    (x - target).square().mean()
}

fn gru(parameters: &[Tensor], x: &Tensor) -> Tensor {
    let inputs = linear(x, parameters);
    let width = parameters[2].shape()[1];
    let gates = |x: &Tensor| [0, 1, 2].map(|at| x.slice(-1, at * width..(at + 1) * width));
    let mut state = Tensor::zeros([x.shape()[1], width]);
    for step in 0..inputs.shape()[0] {
        let [reset, update, new] = gates(&inputs.at(0, step));
        let [reset_state, update_state, new_state] = gates(&linear(&state, &parameters[2..]));
        let update = (update + update_state).sigmoid();
        let candidate = (new + (reset + reset_state).sigmoid() * new_state).tanh();
        state = &candidate + update * (state - &candidate);
    }
    linear(&state, &parameters[4..])
}

fn resnet_block(parameters: &[Tensor], x: &Tensor) -> Tensor {
    let convolved =
        |x: &Tensor, kernel: &Tensor| conv_2d(x, kernel, None, Conv2dOptions { padding: [1, 1], ..Default::default() });
    let normalised = |x: &Tensor, at: usize| {
        let [scale, shift] = [at, at + 1].map(|at| parameters[at].reshape([parameters[at].elements(), 1, 1]));
        normalised(x, &scale, &shift, &[0, 2, 3])
    };
    let inner = normalised(&convolved(x, &parameters[0]), 1).relu();
    let x = (x + normalised(&convolved(&inner, &parameters[3]), 4)).relu();
    linear(&x.mean_axis([2, 3]), &parameters[6..])
}

fn normalised_mlp(parameters: &[Tensor], x: &Tensor) -> Tensor {
    let layer = |x: &Tensor, at: usize| {
        normalised(&x.matmul(&parameters[at].transpose()), &parameters[at + 1], &parameters[at + 2], &[0]).relu()
    };
    linear(&layer(&layer(x, 0), 3), &parameters[6..])
}
