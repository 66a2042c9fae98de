//! A network learns what digits look like without being told one label: two views of one picture shall be near to each other, and far from all others.
//!
//! `cargo run --release --example 10_contrastive_learning`

use minimand::data::metrics::{MetricError, Nearness, Retrieval};
use minimand::prelude::*;

const DIMENSIONS: usize = 8;
const BATCH: usize = 128;
const TEMPERATURE: f64 = 0.2;

/// Pictures that are learnt from, without labels; the others judge.
const TRAIN: usize = 1200;

/// What the network is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Aim {
    /// A view's partner is nearer than every other view of the batch: NT-Xent, the loss of SimCLR.
    Contrast,
    /// A view's partner is near. No more.
    Nearness,
}

/// What came of it, on pictures that were not trained on.
struct Learnt {
    /// Share of the pictures whose nearest other shows the same digit.
    recall: f64,
    /// Mean squared distance of two views of a picture, on the sphere.
    alignment: f64,
    /// 0 where everything is in one place; the lower, the more evenly spread.
    uniformity: f64,
}

/// Another view of each picture: moved by a pixel in any direction, lighter or darker, and with grains.
fn seen_anew(pictures: &Tensor, rng: &mut Rng) -> Tensor {
    let pixels: Vec<f32> = pictures.to_vec();
    let mut view = Vec::with_capacity(pixels.len());
    for picture in pixels.chunks(64) {
        let (down, right) = (rng.below(3) as i64 - 1, rng.below(3) as i64 - 1);
        let contrast = 0.7 + 0.6 * rng.uniform();
        for place in 0..64 {
            let (row, column) = (place / 8 - down, place % 8 - right);
            let inside = (0..8).contains(&row) && (0..8).contains(&column);
            let ink = if inside { picture[(8 * row + column) as usize] } else { 0.0 };
            view.push((contrast * f64::from(ink) + 0.1 * rng.normal()) as f32);
        }
    }
    Tensor::from_vec(view, pictures.shape().clone())
}

fn judge(network: &Mlp, pictures: &Tensor, digits: &[usize]) -> Result<Learnt, MetricError> {
    let embedded = |pictures: &Tensor| network.forward(pictures).normalize(-1);
    let embeddings = embedded(pictures);
    let retrieval = Retrieval::of(&embeddings.to_vec::<f64>(), digits, DIMENSIONS, Nearness::Euclidean)?;
    let view = embedded(&seen_anew(pictures, &mut Rng::seed(1)));
    Ok(Learnt {
        recall: retrieval.recall_at(1),
        alignment: alignment(&embeddings, &view, 2.0).mean().item(),
        uniformity: uniformity(&embeddings, 2.0).item(),
    })
}

/// Learns from pictures alone.
fn learn(aim: Aim, pictures: &Tensor, steps: u64, seed: u64) -> Result<Mlp, StepError> {
    let mut rng = Rng::seed(seed);
    let network = Mlp::new([64, 128, DIMENSIONS], Activation::Relu, &mut rng);
    let options = AdamOptions { learning_rate: 3e-3, ..Default::default() };
    let mut adam =
        Adam::new(network.parameters(), options).with_schedule(Schedule::Cosine { period: steps, minimum: 0.0 });
    for step in 1..=steps {
        let rows: Vec<i64> = rng.permutation(pictures.shape()[0]).iter().take(BATCH).map(|&row| row as i64).collect();
        let batch = pictures.index_select(0, Tensor::from(rows));
        let [first, second] = [(); 2].map(|()| network.forward(&seen_anew(&batch, &mut rng)));
        let loss = match aim {
            Aim::Contrast => nt_xent(&first, &second, TEMPERATURE),
            Aim::Nearness => alignment(&first, &second, 2.0),
        };
        let taken = adam.step(&loss.mean())?;
        if step == 1 || step % (steps / 4) == 0 {
            println!("  {step:4} {:8.4}", taken.loss());
        }
    }
    Ok(network)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (pictures, labels) = minimand_examples::digits()?;
    let (train, test) = (pictures.slice(0, ..TRAIN), pictures.slice(0, TRAIN..));
    let digits: Vec<usize> = labels.index().to_vec::<i64>()[TRAIN..].iter().map(|&digit| digit as usize).collect();
    println!("Two views of one picture: only this tells the network what belongs together.\n");
    let one = pictures.slice(0, 3..4);
    let views = [one.clone(), seen_anew(&one, &mut Rng::seed(3)), seen_anew(&one, &mut Rng::seed(4))];
    println!("{}", minimand_examples::drawn_in_a_row(&Tensor::concatenate(&views, 0)));

    let said = |name: &str, learnt: &Learnt| {
        let Learnt { recall, alignment, uniformity } = learnt;
        println!("  {name:28} {:8.1} % {alignment:10.3} {uniformity:11.2}", 100.0 * recall);
    };
    println!("  step     loss   (the partner is nearer than all others)");
    let contrast = judge(&learn(Aim::Contrast, &train, 400, 7)?, &test, &digits)?;
    println!("\n  step     loss   (the partner is near, and nothing else)");
    let nearness = judge(&learn(Aim::Nearness, &train, 400, 7)?, &test, &digits)?;
    let untrained = judge(&Mlp::new([64, 128, DIMENSIONS], Activation::Relu, &mut Rng::seed(7)), &test, &digits)?;

    println!("\n  {} pictures never seen      same digit  alignment  uniformity", digits.len());
    said("untrained network", &untrained);
    said("contrast", &contrast);
    said("nearness alone", &nearness);
    println!(
        "\nThe nearest of {DIMENSIONS} numbers shows the same digit, though no label was seen. Without the others to be far from,"
    );
    println!("the loss is lowest where all pictures are in one place: alignment and uniformity both go to 0.");
    Ok(())
}

#[test]
fn digits_are_told_apart_without_labels_and_nearness_alone_collapses() {
    let (pictures, labels) = minimand_examples::digits().unwrap();
    let (train, test) = (pictures.slice(0, ..TRAIN), pictures.slice(0, TRAIN..));
    let digits: Vec<usize> = labels.index().to_vec::<i64>()[TRAIN..].iter().map(|&digit| digit as usize).collect();
    let untrained = Mlp::new([64, 128, DIMENSIONS], Activation::Relu, &mut Rng::seed(7));
    let before = judge(&untrained, &test, &digits).unwrap();
    let contrast = judge(&learn(Aim::Contrast, &train, 200, 7).unwrap(), &test, &digits).unwrap();
    assert!(contrast.recall > before.recall + 0.08 && contrast.recall > 0.85, "{} {}", contrast.recall, before.recall);
    assert!(contrast.uniformity < before.uniformity - 1.0, "{} {}", contrast.uniformity, before.uniformity);
    let nearness = judge(&learn(Aim::Nearness, &train, 200, 7).unwrap(), &test, &digits).unwrap();
    assert!(nearness.uniformity > -0.1 && nearness.alignment < 0.05, "{} {}", nearness.uniformity, nearness.alignment);
    assert!(nearness.recall < contrast.recall - 0.1, "{}", nearness.recall);
}
