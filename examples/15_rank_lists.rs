//! Learning to rank. A loss of lists looks at the order within a list; a loss of items also at what all items of a list share, and may learn
//! that instead.
//!
//! `cargo run --release --example 15_rank_lists`

use minimand::data::metrics::{NdcgOptions, ndcg};
use minimand::prelude::*;

const LISTS: usize = 600;
const ITEMS: usize = 8;

/// Searches for a hotel: for each of the eight that were shown, its price and its rating, and how much the visitor liked it, 0 to 4.
///
/// Within a search a cheaper hotel is liked better. But searches differ by `luxury`: in a rich town all hotels are dear and good.
fn searches(luxury: f64, rng: &mut Rng) -> (Tensor, Tensor) {
    let town = luxury * Tensor::normal([LISTS, 1], rng);
    let price = &town + Tensor::normal([LISTS, ITEMS], rng);
    let rating = Tensor::normal([LISTS, ITEMS], rng);
    let liked = 2.0 + 1.5 * &town - (&price - &town) + 0.5 * &rating + Tensor::normal([LISTS, ITEMS], rng);
    let grade = (liked + 0.5).floor().clamp(0.0, 4.0);
    (Tensor::stack([&price, &rating], -1).computed(), grade.computed())
}

/// What a model of price and rating has learnt, and the NDCG of each list that it was not fitted on.
struct Fit {
    weights: Vec<f64>,
    ndcg: Vec<f64>,
}

/// Fits `score = w · (price, rating) + b` on the first half of the lists.
fn fit(
    x: &Tensor,
    grade: &Tensor,
    loss: impl Fn(&Tensor, &Tensor) -> Tensor,
) -> Result<Fit, Box<dyn std::error::Error>> {
    let half = LISTS / 2;
    let part = |tensor: &Tensor, start: usize| tensor.slice(0, start..start + half).computed();
    let (w, b) = (Parameter::new("w", Tensor::zeros([2])), Parameter::new("b", Tensor::zeros([])));
    let score = |x: &Tensor| (x * w.value()).sum_axis(-1) + b.value();
    let (train_x, train_grade) = (part(x, 0), part(grade, 0));
    let mut adam = Adam::new([&w, &b], AdamOptions { learning_rate: 0.05, ..Default::default() });
    for _ in 0..200 {
        adam.step(&loss(&score(&train_x), &train_grade).mean())?;
    }
    let (scores, grades) = (score(&part(x, half)).to_vec::<f64>(), part(grade, half).to_vec::<f64>());
    let lists = scores.chunks(ITEMS).zip(grades.chunks(ITEMS));
    // A list in which nothing was liked has no order to find.
    let ndcg = lists.filter_map(|(scores, grades)| ndcg(scores, grades, NdcgOptions::default()).ok()).collect();
    Ok(Fit { weights: w.value().to_vec(), ndcg })
}

/// Mean of the differences list by list, and its standard error.
fn difference(one: &[f64], other: &[f64]) -> (f64, f64) {
    let differences: Vec<f64> = one.iter().zip(other).map(|(one, other)| one - other).collect();
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let variance = differences.iter().map(|difference| (difference - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

/// Prints both fits; gives by how much the loss of lists is better, and the standard error of that.
fn compare(luxury: f64) -> Result<(f64, f64), Box<dyn std::error::Error>> {
    let (x, grade) = searches(luxury, &mut Rng::seed(7));
    let of_items = fit(&x, &grade, squared_error)?;
    let of_lists = fit(&x, &grade, |score, grade| ranking_softmax(score, grade, None))?;
    for (name, fit) in [("squared error of each item", &of_items), ("softmax over each list", &of_lists)] {
        let mean = fit.ndcg.iter().sum::<f64>() / fit.ndcg.len() as f64;
        println!("  {name:<27} {:8.2} {:8.2} {mean:8.3}", fit.weights[0], fit.weights[1]);
    }
    let (mean, error) = difference(&of_lists.ndcg, &of_items.ndcg);
    let verdict = if mean.abs() > 2.0 * error { "" } else { ": noise" };
    println!("  The list's loss is better by {mean:.4} ± {:.4} (two standard errors){verdict}.\n", 2.0 * error);
    Ok((mean, error))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("Every town is alike:             price   rating     NDCG");
    compare(0.0)?;
    println!("Rich towns are dear and good:    price   rating     NDCG");
    compare(1.0)?;
    println!(
        "Over all searches, dear hotels are liked as much as cheap ones: so the loss of items learns that price does not"
    );
    println!(
        "matter. The softmax over a list does not change if all its scores rise: it can only learn what differs within."
    );
    Ok(())
}

#[test]
fn the_loss_of_lists_wins_where_lists_differ_and_only_there() {
    let (mean, error) = compare(1.0).unwrap();
    assert!(mean > 10.0 * error && mean > 0.1, "{mean} {error}");
    let (mean, _) = compare(0.0).unwrap();
    assert!(mean.abs() < 0.005, "{mean}");
}
