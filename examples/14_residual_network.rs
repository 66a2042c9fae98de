//! The digits once more: a small residual network, trained on pictures that are shifted a little, with one cycle of the learning rate.
//!
//! `cargo run --release --example 14_residual_network`

use minimand::data::split::folds_stratified;
use minimand::prelude::*;
use minimand_examples::{digits, drawn};

const EPOCHS: usize = 16;
const BATCH: usize = 32;
const SIDE: usize = 8;

/// Where a picture may lie in a frame that is a pixel wider on each side: in the middle, or a pixel further left, right, up or down.
const PLACES: [[usize; 2]; 5] = [[1, 1], [1, 0], [1, 2], [0, 1], [2, 1]];

/// Convolution, normalisation over the batch, ReLU, convolution, normalisation: added to what came in, and a ReLU behind. He et al. 2016.
///
/// A block that has nothing to add can learn to add nothing, so that depth does no harm; and the gradient has a way past every block.
fn block(channels: [usize; 2], stride: usize, rng: &mut Rng) -> Sequential {
    let [from, to] = channels;
    let inner = Sequential::new()
        .then(window(from, to, stride, rng))
        .then(BatchNorm::new(to))
        .then(Activation::Relu)
        .then(window(to, to, 1, rng))
        .then(BatchNorm::new(to));
    let mut residual = Residual::new(inner);
    if from != to || stride != 1 {
        // Another shape cannot be added: a window of one pixel brings the input to it.
        let pixel = Conv2dOptions { stride: [stride; 2], ..Default::default() };
        let pixels = Conv2d::with_options(from, to, [1, 1], pixel, rng);
        residual = residual.with_shortcut(Sequential::new().then(pixels).then(BatchNorm::new(to)));
    }
    Sequential::new().then(residual).then(Activation::Relu)
}

/// A convolution of 3 by 3 pixels, without a bias: the normalisation that follows has one.
fn window(from: usize, to: usize, stride: usize, rng: &mut Rng) -> Conv2d {
    let options = Conv2dOptions { stride: [stride; 2], padding: [1, 1], ..Default::default() };
    let parameters = ParameterOptions { bias: false, ..Default::default() };
    Conv2d::with_parameters(from, to, [3, 3], options, parameters, rng)
}

fn network(rng: &mut Rng) -> Sequential {
    Sequential::new()
        .then(window(1, 16, 1, rng)) // 16 pictures of 8 by 8
        .then(BatchNorm::new(16))
        .then(Activation::Relu)
        .then(block([16, 16], 1, rng))
        .then(block([16, 32], 2, rng)) // 32 of 4 by 4
        .then(block([32, 32], 1, rng))
        .then(Flatten)
        .then(Linear::new(512, 10, rng)) // one logit per digit
}

/// The pictures in each place, one place after the other: row `r` in place `p` is row `p · pictures + r`.
fn shifted(pictures: &Tensor) -> Tensor {
    let frame = pictures.pad(2, 1, 1).pad(3, 1, 1);
    let placed = PLACES.map(|[y, x]| frame.slice(2, y..y + SIDE).slice(3, x..x + SIDE));
    Tensor::concatenate(&placed, 0).computed()
}

/// What came of a training: how many test pictures there were, and those that were read wrong: the picture, what it meant, what was read.
struct Outcome {
    pictures: usize,
    wrong: Vec<(Tensor, i64, i64)>,
}

impl Outcome {
    fn accuracy(&self) -> f64 {
        1.0 - self.wrong.len() as f64 / self.pictures as f64
    }
}

/// Trains on four fifths of each digit's pictures, and reads the others once, at the end.
fn train(seed: u64) -> Result<Outcome, Box<dyn std::error::Error>> {
    let (pixels, labels) = digits()?;
    let pictures = pixels.reshape([labels.len(), 1, SIDE, SIDE]);
    let classes: Vec<usize> = labels.index().to_vec::<i64>().into_iter().map(|label| label as usize).collect();
    let fold = folds_stratified(&classes, 5, seed)?.swap_remove(0);
    let train_x = pictures.index_select(0, &fold.train).computed();
    let (copies, train_labels) = (shifted(&train_x), labels.select(&fold.train));

    let mut rng = Rng::seed(seed);
    let model = network(&mut rng);
    // The rate rises from a small one to the peak and falls to almost nothing; at the peak it is greater than one could start with.
    let batches = Batches::new([&train_x], BATCH).drop_last();
    let cycle = Schedule::OneCycle(OneCycle::new((EPOCHS * batches.len()) as u64));
    let options = AdamWOptions { learning_rate: 1e-2, weight_decay: 1e-2, ..Default::default() };
    let mut adam = AdamW::new(model.parameters(), options).with_schedule(cycle);

    println!("epoch   learning rate   training loss");
    for epoch in 1..=EPOCHS {
        let (rate, mut total) = (adam.learning_rate(), 0.0);
        for (rows, _) in batches.shuffled(&mut rng).with_rows() {
            // Each picture in a place drawn anew: it is hardly ever the same twice.
            let mut placed = |row: usize| (rng.uniform() * PLACES.len() as f64) as usize * fold.train.len() + row;
            let index: Vec<usize> = rows.iter().map(|&row| placed(row)).collect();
            let logits = model.forward(&copies.index_select(0, &index));
            total += adam.step(&cross_entropy(&logits, &train_labels.select(&rows)).mean())?.loss();
        }
        println!("{epoch:5} {rate:15.5} {:15.4}", total / batches.len() as f64);
    }

    model.eval(); // means and variances as they ran in training, not those of the test pictures
    let test_x = pictures.index_select(0, &fold.test);
    let read = model.forward(&test_x).argmax_axis(-1).to_vec::<i64>();
    let meant = labels.select(&fold.test).index().to_vec::<i64>();
    let wrong = (0..read.len()).filter(|&row| read[row] != meant[row]);
    let wrong = wrong.map(|row| (test_x.at(0, row).flatten(), meant[row], read[row])).collect();
    Ok(Outcome { pictures: read.len(), wrong })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}\n", network(&mut Rng::seed(7)).summary_for(&Tensor::zeros([1, 1, SIDE, SIDE])));
    let outcome = train(7)?;
    println!("\nIt reads {:.1} % of {} new pictures right.", 100.0 * outcome.accuracy(), outcome.pictures);
    for (picture, meant, read) in &outcome.wrong {
        println!("\n{}\nwas meant as {meant} and read as {read}.", drawn(picture));
    }
    Ok(())
}

/// Of three splits together, so that one picture more or less decides nothing.
#[test]
fn at_least_98_and_a_half_percent_are_read_right() {
    let outcomes = [7, 8, 9].map(|seed| train(seed).unwrap());
    let pictures: usize = outcomes.iter().map(|outcome| outcome.pictures).sum();
    let wrong: usize = outcomes.iter().map(|outcome| outcome.wrong.len()).sum();
    assert!(pictures >= 3 * 359, "{pictures}");
    assert!(wrong as f64 <= 0.015 * pictures as f64, "{wrong} of {pictures}");
}
