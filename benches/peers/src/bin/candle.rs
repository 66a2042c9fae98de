//! candle, on its CPU backend, with its own losses where it has them and stable ones.

use std::f64::consts::LN_2;

use candle_core::{D, DType, Device, Result, Tensor, Var};
use candle_nn::{Optimizer, ParamsAdamW, loss, ops};
use minimand_peers::{Case, Input, Work, serve};

fn main() {
    serve(|case| prepare(case).expect("candle prepares the case"));
}

fn tensor(input: &Input) -> Result<Tensor> {
    match (input.classes, input.shape.len()) {
        (Some(_), 1) => Tensor::from_vec(input.indices(), input.shape.as_slice(), &Device::Cpu),
        _ => Tensor::from_vec(input.data.clone(), input.shape.as_slice(), &Device::Cpu),
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
        "pairwise_logistic" => Box::new(|x| {
            let (rows, columns) = (|x: &Tensor| x.unsqueeze(D::Minus1), |x: &Tensor| x.unsqueeze(1));
            let ahead = rows(&x[0])?.broadcast_sub(&columns(&x[0])?)?;
            let preferred = rows(&x[1])?.broadcast_gt(&columns(&x[1])?)?.to_dtype(DType::F32)?;
            let sums = (softplus(&ahead.neg()?)? * &preferred)?.sum((1, 2))?;
            (sums / preferred.sum((1, 2))?.clamp(1_f32, f32::INFINITY)?)?.mean_all()
        }),
        "gaussian_nll" => Box::new(|x| {
            let scaled = ((&x[2] - &x[0])?.sqr()? * x[1].neg()?.exp()?)?;
            (&x[1] + scaled)?.mean_all()? * 0.5
        }),
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
    if matches!(case.loss.as_str(), "tiny_mlp" | "mlp") {
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

fn train(case: &Case, inputs: Vec<Tensor>, variables: Vec<Var>) -> Result<Work> {
    let (count, rate, adam) = (case.gradients, case.number("learning_rate"), case.loss == "mlp");
    let before: Vec<Tensor> = inputs[..count].iter().map(Tensor::copy).collect::<Result<_>>()?;
    let options = ParamsAdamW { lr: rate, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.0 };
    let mut adam = if adam { Some(candle_nn::AdamW::new(variables.clone(), options)?) } else { None };
    let mut sgd = candle_nn::SGD::new(variables.clone(), rate)?;
    let mut step = move || -> Result<Tensor> {
        let mut x = inputs[count].clone();
        for (at, layer) in inputs[..count].chunks(2).enumerate() {
            x = if at > 0 { x.relu()? } else { x }.matmul(&layer[0].t()?)?.broadcast_add(&layer[1])?;
        }
        match adam.as_mut() {
            Some(adam) => {
                let value = loss::cross_entropy(&x, &inputs[count + 1])?;
                adam.backward_step(&value)?;
                Ok(value)
            }
            None => {
                let value = loss::mse(&x, &inputs[count + 1])?;
                sgd.backward_step(&value)?;
                Ok(value)
            }
        }
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
