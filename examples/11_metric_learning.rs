//! Letters are put near to their like, also letters that were never seen. The loss is one line; what decides is which triplets it is given.
//!
//! `cargo run --release --example 11_metric_learning`

use minimand::data::{
    Standardiser,
    metrics::{Nearness, Retrieval},
};
use minimand::prelude::*;

/// Printed letters, sixteen numbers each.
static LETTERS: &[u8] = include_bytes!("data/letter.csv.gz");

/// Of the 26 letters the first to appear in the file are learnt from; the others judge.
const SEEN: usize = 20;

const DIMENSIONS: usize = 4;
const MARGIN: f64 = 1.0;

/// Letters in a batch, and rows of each.
const BATCH: (usize, usize) = (12, 8);

struct Rows {
    features: Tensor,
    letters: Vec<usize>,
}

/// The letters that are seen, and those that are not; standardised by those that are.
fn letters() -> Result<[Rows; 2], Box<dyn std::error::Error>> {
    let mut table = minimand_examples::table(LETTERS)?;
    let letters: Vec<usize> = table.remove("letter").ok_or("no column")?.iter().map(|&code| code as usize).collect();
    let mut columns: Vec<(String, Vec<f64>)> = table.into_iter().collect();
    columns.sort_by(|a, b| a.0.cmp(&b.0));
    let columns: Vec<Vec<f64>> = columns.into_iter().map(|(_, column)| column).collect();
    let of = |seen: bool| (0..letters.len()).filter(|&row| (letters[row] < SEEN) == seen).collect::<Vec<usize>>();
    let standardiser = Standardiser::fit(&columns, &of(true));
    Ok([true, false].map(|seen| {
        let rows = of(seen);
        let values = standardiser.transform(&columns, &rows).into_iter().map(|value| value as f32).collect();
        let features = Tensor::from_vec(values, [rows.len(), columns.len()]);
        Rows { features, letters: rows.iter().map(|&row| letters[row]).collect() }
    }))
}

/// What came of a training.
struct Learnt {
    /// The loss of the last step; the margin where all triplets are in one place.
    loss: f64,
    /// Mean distance of two letters that were not seen.
    apart: f64,
    /// Share of the rows of letters not seen whose nearest other is of their letter.
    recall: f64,
}

/// For each row of a batch the farthest of its letter, and as negative the nearest other (hard) or the nearest beyond that farthest (semi-hard).
fn learn(negative: Hardness, seen: &Rows, unseen: &Rows, steps: u64, seed: u64) -> Result<Learnt, StepError> {
    let mut rng = Rng::seed(seed);
    let network = Mlp::new([seen.features.shape()[1], 64, DIMENSIONS], Activation::Relu, &mut rng);
    let options = AdamWOptions { learning_rate: 3e-3, ..Default::default() };
    let mut adam =
        AdamW::new(network.parameters(), options).with_schedule(Schedule::Cosine { period: steps, minimum: 0.0 });
    let members: Vec<Vec<usize>> =
        (0..SEEN).map(|letter| (0..seen.letters.len()).filter(|&row| seen.letters[row] == letter).collect()).collect();
    let miner = BatchEasyHardMiner { positive: Hardness::Hard, negative, normalize: false, ..Default::default() };
    let apart = |network: &Mlp| {
        let embeddings = network.forward(&unseen.features.slice(0, ..500));
        embeddings.pairwise_distances(&embeddings).mean().item()
    };

    println!("  step     loss    apart");
    println!("  {:4} {:>8} {:8.3}", 0, "", apart(&network));
    let mut loss = f64::NAN;
    for step in 1..=steps {
        let chosen: Vec<usize> = rng.permutation(SEEN).into_iter().take(BATCH.0).collect();
        let drawn = chosen.iter().flat_map(|&letter| [letter; BATCH.1]);
        let (rows, own): (Vec<i64>, Vec<usize>) =
            drawn.map(|letter| (members[letter][rng.below(members[letter].len())] as i64, letter)).unzip();
        let labels = Labels::new(own, SEEN).expect("letters that are seen");
        let embeddings = network.forward(&seen.features.index_select(0, Tensor::from(rows)));
        let triplets = miner.mine(&embeddings, &labels);
        if triplets.0.is_empty() {
            continue; // nothing to learn from in this batch
        }
        let [anchor, positive, negative] = triplets.of(&embeddings);
        let options = TripletOptions { margin: MARGIN, ..Default::default() };
        loss = adam.step(&triplet_margin(&anchor, &positive, &negative, options).mean())?.loss();
        if step % (steps / 4) == 0 {
            println!("  {step:4} {loss:8.4} {:8.3}", apart(&network));
        }
    }
    let embeddings: Vec<f64> = network.forward(&unseen.features).to_vec();
    let retrieval = Retrieval::of(&embeddings, &unseen.letters, DIMENSIONS, Nearness::Euclidean);
    Ok(Learnt { loss, apart: apart(&network), recall: retrieval.map_or(f64::NAN, |found| found.recall_at(1)) })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [seen, unseen] = letters()?;
    println!("Twenty letters are learnt from, six judge; each becomes {DIMENSIONS} numbers. The margin is {MARGIN}.");
    println!("\nThe hardest negative of the batch:");
    let hard = learn(Hardness::Hard, &seen, &unseen, 400, 7)?;
    println!("\nThe hardest that is farther than the positive:");
    let semi_hard = learn(Hardness::SemiHard, &seen, &unseen, 400, 7)?;
    println!("\n  Of {} rows of letters never seen, the nearest other is of the same letter", unseen.letters.len());
    println!("    with the hardest negatives    {:.1} %", 100.0 * hard.recall);
    println!("    with semi-hard negatives      {:.1} %", 100.0 * semi_hard.recall);
    println!(
        "\nAt the start the hardest negative is nearer than the farthest positive, whatever the network does: the quickest way"
    );
    println!(
        "down is to make all distances small. In one place the loss is the margin, {:.4} here, and nothing",
        hard.loss
    );
    println!(
        "pulls out of it: the letters are {:.3} apart, with semi-hard negatives {:.3}.",
        hard.apart, semi_hard.apart
    );
    Ok(())
}

#[test]
fn semi_hard_negatives_learn_where_the_hardest_collapse() {
    let [seen, unseen] = letters().unwrap();
    let hard = learn(Hardness::Hard, &seen, &unseen, 200, 7).unwrap();
    assert!((hard.loss - MARGIN).abs() < 0.1 && hard.apart < 0.1, "{} {}", hard.loss, hard.apart);
    for seed in [7, 8] {
        let semi_hard = learn(Hardness::SemiHard, &seen, &unseen, 200, seed).unwrap();
        assert!(semi_hard.recall > hard.recall + 0.1 && semi_hard.apart > 5.0 * hard.apart, "{}", semi_hard.recall);
    }
}
