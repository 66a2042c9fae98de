//! The digits again, now as pictures: a network that looks at them through small windows.
//!
//! `cargo run --release --example 05_convolution`

use minimand::prelude::*;
use minimand_examples::digits;

const EPOCHS: u64 = 12;

/// Two convolutions, each followed by a pooling, and a linear layer. A window of 3 by 3 pixels is weighed the same wherever it lies:
/// what a stroke looks like is learnt once, not for each place.
fn network(rng: &mut Rng) -> Sequential {
    let same_size = Conv2dOptions { padding: [1, 1], ..Default::default() };
    Sequential::new()
        .then(Conv2d::with_options(1, 16, [3, 3], same_size, rng)) // 16 pictures of 8 by 8
        .then(Activation::Relu)
        .then(MaxPool2d::new([2, 2])) // of 4 by 4
        .then(Conv2d::with_options(16, 32, [3, 3], same_size, rng)) // 32 of 4 by 4
        .then(Activation::Relu)
        .then(MaxPool2d::new([2, 2])) // of 2 by 2
        .then(Flatten) // 128 numbers
        .then(Linear::new(128, 10, rng)) // one logit per digit
}

/// Trains the network on four fifths of the pictures; gives the share of the others that it reads right.
fn train(seed: u64) -> Result<f64, Box<dyn std::error::Error>> {
    let (pixels, labels) = digits()?;
    let pictures = pixels.reshape([labels.len(), 1, 8, 8]); // batch, channels, height, width
    let mut rng = Rng::seed(seed);
    let order = rng.permutation(labels.len());
    let (test, train) = order.split_at(labels.len() / 5);
    let select = |rows: &[usize]| {
        let index: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        (pictures.index_select(0, Tensor::from(index)), labels.select(rows))
    };
    let ((train_x, train_labels), (test_x, test_labels)) = (select(train), select(test));

    let model = network(&mut rng);
    let parameters: usize = model.parameters().iter().map(|parameter| parameter.value().elements()).sum();
    println!("The network has {parameters} parameters, a third of what the perceptron of example 04 has.\n");

    let batches = Batches::new([&train_x], 32);
    let schedule = Schedule::Cosine { period: EPOCHS * batches.len() as u64, minimum: 0.0 };
    let options = AdamOptions { learning_rate: 5e-3, ..Default::default() };
    let mut adam = Adam::new(model.parameters(), options).with_schedule(schedule);

    println!("epoch   training loss   test accuracy");
    let mut accuracy = 0.0;
    for epoch in 1..=EPOCHS {
        let mut total = 0.0;
        for (rows, [x]) in batches.shuffled(&mut rng).with_rows() {
            let loss = cross_entropy(&model.forward(&x), &train_labels.select(&rows)).mean();
            total += adam.step(&loss)?.loss() * rows.len() as f64;
        }
        let hits = model.forward(&test_x).argmax_axis(-1).eq(test_labels.index());
        accuracy = hits.cast(DType::F32).mean().item();
        println!("{epoch:5} {:15.4} {:14.1}%", total / batches.rows() as f64, 100.0 * accuracy);
    }
    Ok(accuracy)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("\nOf the pictures that it had never seen, it reads {:.1} % right.", 100.0 * train(7)?);
    Ok(())
}

/// It is 97.8 % on the mean of six other seeds; which 359 pictures are tested makes a standard deviation of 0.8 %.
#[test]
fn at_least_95_percent_are_read_right_whatever_the_seed() {
    for seed in [7, 8, 9] {
        let accuracy = train(seed).unwrap();
        assert!(accuracy >= 0.95, "seed {seed}: {accuracy}");
    }
}
