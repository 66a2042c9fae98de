//! candle, on its CPU backend, with its own losses where it has them and stable ones.

use std::f64::consts::LN_2;

use candle_core::{D, DType, Device, Result, Tensor, Var};
use candle_nn::{Optimizer, ParamsAdamW, loss, ops};
use minimand_peers::{Case, Input, Work, serve};

fn main() {
    serve(|case| prepare(case).expect("candle prepares the case"));
}

fn tensor(input: &Input) -> Result<Tensor> {
    match input.classes {
        Some(_) => Tensor::from_vec(input.indices(), input.shape.as_slice(), &Device::Cpu),
        None => Tensor::from_vec(input.data.clone(), input.shape.as_slice(), &Device::Cpu),
    }
}

/// ln (1 + eˣ), stable: max(x, 0) + ln (1 + e^-|x|).
fn softplus(x: &Tensor) -> Result<Tensor> {
    x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?
}

/// candle's own takes the logarithm of a sigmoid, which overflows; this one does not.
fn binary_cross_entropy(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    softplus(x)? - (x * y)?
}

/// Cross-entropy of each row.
fn cross_entropy(x: &Tensor, labels: &Tensor) -> Result<Tensor> {
    ops::log_softmax(x, D::Minus1)?.gather(&labels.unsqueeze(1)?, 1)?.squeeze(1)?.neg()
}

fn unit(x: &Tensor) -> Result<Tensor> {
    x.broadcast_div(&x.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?)
}

fn distance(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    (a - b)?.sqr()?.sum(D::Minus1)?.sqrt()
}

/// Mined without a gradient, then measured.
fn batch_hard_triplet(z: &Tensor, labels: &Tensor, margin: f64) -> Result<Tensor> {
    let x = z.detach();
    let shape = (x.dim(0)?, x.dim(0)?);
    let order = (x.matmul(&x.t()?)? * -2.0)?.broadcast_add(&x.sqr()?.sum(1)?)?;
    let same = labels.unsqueeze(1)?.broadcast_eq(labels)?;
    let bound = |value: f32| Tensor::full(value, shape, &Device::Cpu);
    let farthest = same.where_cond(&order, &bound(f32::NEG_INFINITY)?)?.argmax(1)?;
    let nearest = same.where_cond(&bound(f32::INFINITY)?, &order)?.argmin(1)?;
    let to = |chosen: &Tensor| distance(z, &z.index_select(chosen, 0)?);
    ((to(&farthest)? - to(&nearest)?)? + margin)?.relu()?.mean_all()
}

fn approx_ndcg(s: &Tensor, relevance: &Tensor, temperature: f64) -> Result<Tensor> {
    let behind = s.unsqueeze(1)?.broadcast_sub(&s.unsqueeze(2)?)?;
    let rank = (ops::sigmoid(&(behind / temperature)?)?.sum(2)? + 0.5)?; // σ(0) of the item itself is ½
    let gain = ((relevance * LN_2)?.exp()? - 1.0)?;
    let discount = |rank: &Tensor| (rank + 1.0)?.log();
    let order = Tensor::arange(1_f32, s.dim(1)? as f32 + 1.0, &Device::Cpu)?;
    let best = gain.sort_last_dim(false)?.0.broadcast_div(&discount(&order)?)?.sum(1)?;
    ((gain / discount(&rank)?)?.sum(1)? / best)?.mean_all()?.neg()
}

type Loss = Box<dyn Fn(&[Tensor]) -> Result<Tensor>>;

fn formula(case: &Case) -> Option<Loss> {
    let number = |name: &str| case.number(name);
    Some(match case.loss.as_str() {
        "mse" => Box::new(|x| loss::mse(&x[0], &x[1])),
        "mae" => Box::new(|x| (&x[0] - &x[1])?.abs()?.mean_all()),
        "huber" => {
            let delta = number("delta");
            Box::new(move |x| loss::huber(&x[0], &x[1], delta))
        }
        "bce" => Box::new(|x| binary_cross_entropy(&x[0], &x[1])?.mean_all()),
        "binary_focal" => {
            let alpha = number("alpha");
            Box::new(move |x| {
                let (p, y) = (ops::sigmoid(&x[0])?, &x[1]);
                let miss = ((&p + y)? - ((p * y)? * 2.0)?)?;
                let weight = y.affine(2.0 * alpha - 1.0, 1.0 - alpha)?;
                (weight * miss.sqr()? * binary_cross_entropy(&x[0], y)?)?.mean_all()
            })
        }
        "cross_entropy" if number("smoothing") == 0.0 => Box::new(|x| loss::cross_entropy(&x[0], &x[1])),
        "cross_entropy" => {
            let smoothing = number("smoothing");
            Box::new(move |x| {
                let log_p = ops::log_softmax(&x[0], D::Minus1)?;
                let hit = loss::nll(&log_p, &x[1])?;
                (hit * (1.0 - smoothing))? - (log_p.mean_all()? * smoothing)?
            })
        }
        "softmax_focal" => Box::new(|x| {
            let cross_entropy = cross_entropy(&x[0], &x[1])?;
            (cross_entropy.neg()?.exp()?.affine(-1.0, 1.0)?.sqr()? * cross_entropy)?.mean_all()
        }),
        "kl" => Box::new(|x| {
            let log_p = ops::log_softmax(&x[0], D::Minus1)?;
            (&x[1] * (x[1].log()? - log_p)?)?.sum(D::Minus1)?.mean_all()
        }),
        "vae_kl" => Box::new(|x| {
            let twice = ((x[0].sqr()? + x[1].exp()?)? - (&x[1] + 1.0)?)?;
            (twice.sum(D::Minus1)?.mean_all()? * 0.5)?.reshape(())
        }),
        "info_nce" => {
            let temperature = number("temperature");
            Box::new(move |x| {
                let similarities = (unit(&x[0])?.matmul(&unit(&x[1])?.t()?)? / temperature)?;
                let partner = Tensor::arange(0, similarities.dim(0)? as u32, &Device::Cpu)?;
                let both =
                    loss::cross_entropy(&similarities, &partner)? + loss::cross_entropy(&similarities.t()?, &partner)?;
                both? * 0.5
            })
        }
        "triplet" => {
            let margin = number("margin");
            Box::new(move |x| ((distance(&x[0], &x[1])? - distance(&x[0], &x[2])?)? + margin)?.relu()?.mean_all())
        }
        "batch_hard_triplet" => {
            let margin = number("margin");
            Box::new(move |x| batch_hard_triplet(&x[0], &x[1], margin))
        }
        "pairwise_logistic" => Box::new(|x| {
            let (rows, columns) = (|x: &Tensor| x.unsqueeze(D::Minus1), |x: &Tensor| x.unsqueeze(1));
            let ahead = rows(&x[0])?.broadcast_sub(&columns(&x[0])?)?;
            let preferred = rows(&x[1])?.broadcast_gt(&columns(&x[1])?)?.to_dtype(DType::F32)?;
            let sums = (softplus(&ahead.neg()?)? * &preferred)?.sum((1, 2))?;
            (sums / preferred.sum((1, 2))?.clamp(1_f32, f32::INFINITY)?)?.mean_all()
        }),
        "list_net" => Box::new(|x| {
            let (p, log_q) = (ops::softmax(&x[1], D::Minus1)?, ops::log_softmax(&x[0], D::Minus1)?);
            (p * log_q)?.sum(D::Minus1)?.mean_all()?.neg()
        }),
        "approx_ndcg" => {
            let temperature = number("temperature");
            Box::new(move |x| approx_ndcg(&x[0], &x[1], temperature))
        }
        "gaussian_nll" => Box::new(|x| {
            let scaled = ((&x[2] - &x[0])?.sqr()? * x[1].neg()?.exp()?)?;
            (&x[1] + scaled)?.mean_all()? * 0.5
        }),
        "poisson_nll" => Box::new(|x| (x[0].exp()? - (&x[1] * &x[0])?)?.mean_all()),
        "quantile" => {
            let tau = number("tau");
            Box::new(move |x| {
                let r = (&x[1] - &x[0])?;
                (&r * tau)?.maximum(&(&r * (tau - 1.0))?)?.mean_all()
            })
        }
        "log_cosh" => Box::new(|x| {
            let r = (&x[0] - &x[1])?;
            ((softplus(&(&r * -2.0)?)? + &r)? - LN_2)?.mean_all()
        }),
        _ => return None,
    })
}

fn prepare(case: &Case) -> Result<Option<Work>> {
    let mut inputs: Vec<Tensor> = case.inputs.iter().map(tensor).collect::<Result<_>>()?;
    let variables: Vec<Var> = inputs[..case.gradients].iter().map(Var::from_tensor).collect::<Result<_>>()?;
    for (input, variable) in inputs.iter_mut().zip(&variables) {
        *input = variable.as_tensor().clone();
    }
    if matches!(case.loss.as_str(), "tiny_mlp" | "mlp" | "cnn" | "vae") {
        return train(case, inputs, variables).map(Some);
    }
    let Some(loss) = formula(case) else { return Ok(None) };
    Ok(Some(Box::new(move || {
        let value = loss(&inputs).expect("candle computes the loss");
        let gradients = value.backward().expect("candle differentiates the loss");
        let slopes: Vec<Tensor> = variables.iter().map(|v| gradients.get(v).expect("a gradient").clone()).collect();
        Box::new(move || (read(&value)[0].into(), slopes.iter().flat_map(read).collect()))
    })))
}

fn read(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().and_then(|flat| flat.to_vec1()).expect("candle reads f32 back")
}

fn linear(x: &Tensor, layer: &[Tensor]) -> Result<Tensor> {
    x.matmul(&layer[0].t()?)?.broadcast_add(&layer[1])
}

fn perceptron(x: &Tensor, layers: &[Tensor]) -> Result<Tensor> {
    let mut x = x.clone();
    for (at, layer) in layers.chunks(2).enumerate() {
        x = linear(&if at > 0 { x.relu()? } else { x }, layer)?;
    }
    Ok(x)
}

/// candle's own pooling has a gradient four times too small; so this is the greatest of each window's two axes.
fn max_pool(x: &Tensor) -> Result<Tensor> {
    let (n, channels, height, width) = x.dims4()?;
    x.reshape((n, channels, height / 2, 2, width / 2, 2))?.max(5)?.max(3)
}

fn cnn(x: &Tensor, layers: &[Tensor]) -> Result<Tensor> {
    let mut x = x.clone();
    for layer in layers[..4].chunks(2) {
        let bias = layer[1].reshape((1, (), 1, 1))?;
        x = max_pool(&x.conv2d(&layer[0], 1, 1, 1, 1)?.broadcast_add(&bias)?.relu()?)?;
    }
    linear(&x.flatten_from(1)?, &layers[4..])
}

/// Binary cross-entropy summed over the pixels, and the code's divergence from a standard normal; mean over the batch.
fn vae(x: &Tensor, noise: &Tensor, layers: &[Tensor]) -> Result<Tensor> {
    let hidden = linear(x, layers)?.relu()?;
    let (mean, log_variance) = (linear(&hidden, &layers[2..])?, linear(&hidden, &layers[4..])?);
    let code = (&mean + ((&log_variance * 0.5)?.exp()? * noise)?)?;
    let pixels = binary_cross_entropy(&perceptron(&code, &layers[6..])?, x)?.sum_all()?;
    let twice = ((mean.sqr()? + log_variance.exp()?)? - (log_variance + 1.0)?)?.sum_all()?;
    (pixels + (twice * 0.5)?)? / x.dim(0)? as f64
}

fn train(case: &Case, inputs: Vec<Tensor>, variables: Vec<Var>) -> Result<Work> {
    let (count, rate, model) = (case.gradients, case.number("learning_rate"), case.loss.clone());
    let before: Vec<Tensor> = inputs[..count].iter().map(Tensor::copy).collect::<Result<_>>()?;
    let options = ParamsAdamW { lr: rate, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.0 };
    let mut adam = if model == "tiny_mlp" { None } else { Some(candle_nn::AdamW::new(variables.clone(), options)?) };
    let mut sgd = candle_nn::SGD::new(variables.clone(), rate)?;
    let mut step = move || -> Result<Tensor> {
        let (layers, data) = inputs.split_at(count);
        let value = match model.as_str() {
            "tiny_mlp" => loss::mse(&perceptron(&data[0], layers)?, &data[1])?,
            "mlp" => loss::cross_entropy(&perceptron(&data[0], layers)?, &data[1])?,
            "cnn" => loss::cross_entropy(&cnn(&data[0], layers)?, &data[1])?,
            _ => vae(&data[0], &data[1], layers)?,
        };
        match adam.as_mut() {
            Some(adam) => adam.backward_step(&value)?,
            None => sgd.backward_step(&value)?,
        }
        Ok(value)
    };
    Ok(Box::new(move || {
        let value = step().expect("candle takes a step");
        let (variables, before) = (variables.clone(), before.clone());
        Box::new(move || {
            let changes =
                variables.iter().zip(&before).map(|(now, before)| (now.as_tensor() - before).expect("a change"));
            (read(&value)[0].into(), changes.flat_map(|change| read(&change)).collect())
        })
    }))
}
