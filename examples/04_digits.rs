//! A classifier of handwritten digits, from the file to the accuracy.
//!
//! `cargo run --release --example 04_digits`

use minimand::prelude::*;
use minimand_examples::{digits, drawn};

const EPOCHS: u64 = 30;

/// Trains a perceptron on four fifths of the pictures; gives the share of the others that it reads right.
fn train(seed: u64) -> Result<f64, Box<dyn std::error::Error>> {
    let (pixels, labels) = digits()?;
    // One generator for all that is random: the same seed gives the same split, weights, order and accuracy, to the last bit.
    let mut rng = Rng::seed(seed);
    let order = rng.permutation(labels.len());
    let (test, train) = order.split_at(labels.len() / 5);
    let select = |rows: &[usize]| {
        let index: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        (pixels.index_select(0, Tensor::from(index)), labels.select(rows))
    };
    let ((train_x, train_labels), (test_x, test_labels)) = (select(train), select(test));

    // 64 pixels in, one logit per digit out. The dropout keeps the network from learning the training pictures by heart.
    let options = MlpOptions { activation: Activation::Gelu, dropout: 0.2, ..Default::default() };
    let model = Mlp::with_options([64, 128, 64, 10], options, &mut rng);

    // Great steps at first, and small ones at the end, so that the last batches do not undo what the others did.
    let batches = Batches::new([&train_x], 32);
    let schedule = Schedule::Cosine { period: EPOCHS * batches.len() as u64, minimum: 0.0 };
    let options = AdamOptions { learning_rate: 3e-3, ..Default::default() };
    let mut adam = Adam::new(model.parameters(), options).with_schedule(schedule);

    println!("epoch   training loss   test loss   test accuracy");
    for epoch in 1..=EPOCHS {
        model.train();
        let mut total = 0.0;
        for (rows, [x]) in batches.shuffled(&mut rng).with_rows() {
            let loss = cross_entropy(&model.forward(&x), &train_labels.select(&rows)).mean();
            // Loss, gradients, new parameters and Adam's moments, in one evaluation.
            total += adam.step(&loss)?.loss() * rows.len() as f64;
        }
        model.eval(); // no dropout
        let (loss, accuracy, _) = test_of(&model, &test_x, &test_labels);
        println!("{epoch:5} {:15.4} {loss:11.4} {:14.1}%", total / batches.rows() as f64, 100.0 * accuracy);
    }

    let (_, accuracy, (worst, read, probability)) = test_of(&model, &test_x, &test_labels);
    println!("\nWhere it is most wrong, it reads {read} with probability {probability:.3}:\n");
    println!("{}\nwhich was meant as {}.\n", drawn(&test_x.at(0, worst)), test_labels.index().at(0, worst));
    Ok(accuracy)
}

/// Mean loss, share of pictures read right, and the picture with the greatest loss: which one, read as what, how surely.
fn test_of(model: &Mlp, x: &Tensor, labels: &Labels) -> (f64, f64, (usize, usize, f64)) {
    let logits = model.forward(x);
    let losses = cross_entropy(&logits, labels); // one for each picture: so we can ask for the worst
    let hits = logits.argmax_axis(-1).eq(labels.index()).cast(DType::F32);
    let worst = losses.argmax_axis(0).item() as usize;
    let probabilities = logits.at(0, worst).softmax(-1);
    let read = probabilities.argmax_axis(-1).item() as usize;
    (losses.mean().item(), hits.mean().item(), (worst, read, probabilities.at(0, read).item()))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("Of the pictures that it had never seen, it reads {:.1} % right.", 100.0 * train(7)?);
    Ok(())
}

#[test]
fn at_least_96_percent_are_read_right_whatever_the_seed() {
    for seed in [7, 8, 9] {
        let accuracy = train(seed).unwrap();
        assert!(accuracy >= 0.96, "seed {seed}: {accuracy}");
    }
}
