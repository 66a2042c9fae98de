//! A variational autoencoder: it learns to draw digits, and how likely it thinks each picture is.
//!
//! `cargo run --release --example 08_variational_autoencoder`

use minimand::prelude::*;
use minimand_examples::{digits, drawn_in_a_row};

const LATENT: usize = 16;
const HIDDEN: usize = 128;
const EPOCHS: u64 = 40;
const BATCH: usize = 64;
const LEARNING_RATE: f64 = 3e-3;

/// A pixel says how many of 16 dots are inked.
const DOTS: f64 = 16.0;

/// Two networks. The encoder reads a picture and says which codes may stand for it: a normal distribution. The decoder draws a code.
struct Vae {
    encoder: Mlp,
    decoder: Mlp,
}

/// What a picture costs, in nats: `log p(x) ≥ −(reconstruction + divergence)`, the evidence lower bound (ELBO).
struct Bound {
    /// −log p(x | z), of a code z drawn by what the encoder says.
    reconstruction: Tensor,
    /// How much the encoder says: KL(q(z | x), p(z)), coordinate by coordinate.
    divergence: Tensor,
    negative_elbo: Tensor,
}

impl Vae {
    fn new(dtype: DType, rng: &mut Rng) -> Vae {
        let parameters = ParameterOptions { dtype, ..Default::default() };
        let options = MlpOptions { activation: Activation::Relu, parameters, ..Default::default() };
        Vae {
            encoder: Mlp::with_options([64, HIDDEN, 2 * LATENT], options.clone(), rng),
            decoder: Mlp::with_options([LATENT, HIDDEN, 64], options, rng),
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        [self.encoder.parameters(), self.decoder.parameters()].concat()
    }

    /// Mean and log-variance of a picture's code.
    fn encode(&self, x: &Tensor) -> [Tensor; 2] {
        let halves = self.encoder.forward(x).split(-1, &[LATENT, LATENT]);
        halves.try_into().expect("two halves")
    }

    /// −log p(x | z): each pixel is a binomial count of its dots.
    fn reconstruction(&self, x: &Tensor, z: &Tensor) -> Tensor {
        let logits = self.decoder.forward(z);
        (DOTS * binary_cross_entropy_with_logits(&logits, &x.expand(logits.shape())) - ways(x)).sum_axis(-1)
    }

    /// The noise is drawn outside, so that the code `mean + deviation · noise` has a gradient (the reparametrisation trick).
    fn bound(&self, x: &Tensor, noise: &Tensor) -> Bound {
        let [mean, log_variance] = self.encode(x);
        let reconstruction = self.reconstruction(x, &(&mean + (0.5 * &log_variance).exp() * noise));
        Bound {
            negative_elbo: negative_elbo(&reconstruction, &mean, &log_variance),
            divergence: gaussian_kl_to_standard_normal(&mean.unsqueeze(-1), &log_variance.unsqueeze(-1)),
            reconstruction,
        }
    }

    /// −log p(x), at most, by so many codes for each picture (IWAE): with one it is the ELBO.
    fn importance_weighted(&self, x: &Tensor, samples: usize, rng: &mut Rng) -> f64 {
        let [mean, log_variance] = self.encode(x);
        let noise = Tensor::normal([samples, x.shape()[0], LATENT], rng);
        let z = &mean + (0.5 * &log_variance).exp() * &noise;
        // log p(z) − log q(z | x): what is the same in both normal densities is gone.
        let prior_to_posterior = (0.5 * (noise.square() + &log_variance - z.square())).sum_axis(-1);
        let log_weights = prior_to_posterior - self.reconstruction(x, &z);
        importance_weighted_elbo(&log_weights.transpose()).mean().item()
    }
}

/// The logarithm of the number of ways to ink as many of a pixel's dots.
fn ways(x: &Tensor) -> Tensor {
    let inked = DOTS * x;
    let all: f64 = (1..=DOTS as u64).map(|dot| (dot as f64).ln()).sum();
    all - (1.0 + &inked).lgamma() - (1.0 + DOTS - &inked).lgamma()
}

/// Every fifth picture is for the test.
fn pictures() -> Result<[Tensor; 2], Box<dyn std::error::Error>> {
    let (pixels, labels) = digits()?;
    let select = |test: bool| {
        let rows: Vec<i64> = (0..labels.len() as i64).filter(|row| (row % 5 == 0) == test).collect();
        pixels.index_select(0, Tensor::from(rows)).computed()
    };
    Ok([select(false), select(true)])
}

/// Trains, and gives the model with its negative ELBO on the test pictures.
fn train(epochs: u64, seed: u64) -> Result<(Vae, f64), Box<dyn std::error::Error>> {
    let [train, test] = pictures()?;
    let mut rng = Rng::seed(seed);
    let vae = Vae::new(DType::F32, &mut rng);
    let batches = Batches::new([&train], BATCH);
    let schedule = Schedule::Cosine { period: epochs * batches.len() as u64, minimum: 0.0 };
    let options = AdamOptions { learning_rate: LEARNING_RATE, ..Default::default() };
    let mut adam = Adam::new(vae.parameters(), options).with_schedule(schedule);

    println!("         test pictures, nats");
    println!("epoch   reconstruction   divergence     −ELBO   coordinates in use");
    let mut last = f64::NAN;
    for epoch in 1..=epochs {
        for [x] in batches.shuffled(&mut rng) {
            let noise = Tensor::normal([x.shape()[0], LATENT], &mut rng);
            adam.step(&vae.bound(&x, &noise).negative_elbo.mean())?;
        }
        if epoch == 1 || epoch % 5 == 0 {
            let bound = vae.bound(&test, &Tensor::normal([test.shape()[0], LATENT], &mut rng));
            let [reconstruction, divergence] =
                [bound.reconstruction, bound.divergence.sum_axis(-1)].map(|part| part.mean().item());
            let used = bound.divergence.mean_axis(0).gt(0.05).cast(DType::F32).sum().item();
            last = bound.negative_elbo.mean().item();
            println!("{epoch:5} {reconstruction:16.1} {divergence:12.1} {last:9.1} {used:20}");
        }
    }
    Ok((vae, last))
}

/// −log p of the test pictures where every pixel is drawn for itself, with its mean over the training pictures: there is no code.
fn without_code(train: &Tensor, test: &Tensor) -> f64 {
    let share = train.mean_axis(0).clamp(1e-3, 1.0 - 1e-3);
    (DOTS * binary_cross_entropy(&share.expand(test.shape()), test) - ways(test)).sum_axis(-1).mean().item()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (vae, _) = train(EPOCHS, 7)?;
    let [train, test] = pictures()?;
    let mut rng = Rng::seed(8);
    println!("\nWith no code, each pixel for itself, a picture costs {:.1} nats.", without_code(&train, &test));
    println!("The ELBO is a bound. With more codes for each picture it comes nearer to the truth:");
    for samples in [1, 5, 50, 500] {
        println!("{samples:5} codes: {:.2} nats", vae.importance_weighted(&test, samples, &mut rng));
    }

    let some = test.slice(0, ..6);
    let [codes, _] = vae.encode(&some);
    println!("\nSix test pictures, and below what their codes alone say of them:\n\n{}", drawn_in_a_row(&some));
    println!("{}", drawn_in_a_row(&vae.decoder.forward(&codes).sigmoid()));
    let codes = Tensor::normal([6, LATENT], &mut rng);
    println!(
        "Six codes that stand for no picture, drawn from the standard normal distribution:\n\n{}",
        drawn_in_a_row(&vae.decoder.forward(&codes).sigmoid())
    );
    Ok(())
}

#[cfg(test)]
#[path = "tests/recorded/variational_autoencoder.rs"]
mod recorded;

#[test]
fn it_learns_and_more_codes_tighten_the_bound() {
    let (vae, negative_elbo) = train(10, 7).unwrap();
    let [train, test] = pictures().unwrap();
    assert!(negative_elbo < 0.7 * without_code(&train, &test), "{negative_elbo}");
    let bounds = [1, 5, 50].map(|samples| vae.importance_weighted(&test, samples, &mut Rng::seed(8)));
    assert!((bounds[0] - negative_elbo).abs() < 2.0, "one code is the ELBO: {bounds:?}, {negative_elbo}");
    assert!(bounds[0] > bounds[1] + 1.0 && bounds[1] > bounds[2] + 1.0, "{bounds:?}");
}
