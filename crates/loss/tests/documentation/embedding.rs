//! Where the formulas of the embedding losses are compared with their functions.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor};

use crate::common::normal;
use crate::example::Example;

pub fn examples() -> Vec<(&'static str, Vec<Example>)> {
    let both = [false, true];
    let seeds = 0..6;
    vec![
        ("contrastive", seeds.clone().flat_map(|seed| both.map(|same| pair(seed, same))).collect()),
        ("triplet_margin", seeds.clone().flat_map(|seed| both.map(|swap| triplet(seed, swap))).collect()),
        ("triplet_margin_with_distance", seeds.flat_map(|seed| both.map(|swap| by_own_distance(seed, swap))).collect()),
        (
            "batch_hard_triplet",
            both.into_iter().flat_map(|soft| (0..4).map(move |seed| of_batch(seed, soft))).collect(),
        ),
        ("info_nce", [0.1, 1.0].map(one_direction).into()),
        ("info_nce_symmetric", [0.1, 1.0].map(both_directions).into()),
        ("nt_xent", [0.1, 1.0].map(views).into()),
    ]
}

fn flag(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn pair(seed: u64, same: bool) -> Example {
    let (first, second) = (normal(seed, [3]), normal(seed + 10, [3]));
    Example::of(&contrastive(&first, &second, &Tensor::from(same), 2.5))
        .with("first", &first)
        .with("second", &second)
        .number("same", flag(same))
        .number("margin", 2.5)
        .range("k", 3)
}

fn triplet(seed: u64, swap: bool) -> Example {
    let [anchor, positive, negative] = [0, 10, 20].map(|more| normal(seed + more, [3]));
    let options = TripletOptions { margin: 1.5, swap, ..Default::default() };
    Example::of(&triplet_margin(&anchor, &positive, &negative, options))
        .with("anchor", &anchor)
        .with("positive", &positive)
        .with("negative", &negative)
        .number("swap", flag(swap))
        .number("margin", 1.5)
        .range("k", 3)
}

fn by_own_distance(seed: u64, swap: bool) -> Example {
    let [anchor, positive, negative] = [0, 10, 20].map(|more| normal(seed + more, [3]));
    let chebyshev = |a: &Tensor, b: &Tensor| (a - b).abs().max_axis(-1);
    let options = TripletWithDistanceOptions { margin: 0.8, swap };
    Example::of(&triplet_margin_with_distance(&anchor, &positive, &negative, chebyshev, options))
        .with("d_ap", &chebyshev(&anchor, &positive))
        .with("d_an", &chebyshev(&anchor, &negative))
        .with("d_pn", &chebyshev(&positive, &negative))
        .number("swap", flag(swap))
        .number("margin", 0.8)
}

/// Two classes of several examples and one of a single one, which has no positive.
fn of_batch(seed: u64, soft: bool) -> Example {
    let (embeddings, labels) = (normal(seed, [7, 3]), [0, 1, 0, 2, 1, 1, 0]);
    let margin = if soft { Margin::Soft } else { Margin::Hard(0.4) };
    let options = BatchHardOptions { margin, ..Default::default() };
    let labels = Labels::new(labels, 3).unwrap();
    Example::of(&batch_hard_triplet(&embeddings, &labels, options))
        .with("embeddings", &embeddings)
        .with("labels", &labels.index().cast(DType::F64))
        .number("soft", flag(soft))
        .number("margin", 0.4)
        .range("j", 7)
        .range("k", 3)
}

fn one_direction(temperature: f64) -> Example {
    let (queries, keys) = (normal(1, [4, 3]), normal(2, [4, 3]));
    among_rows(Example::of(&info_nce(&queries, &keys, temperature)), 4, temperature)
        .with("queries", &queries)
        .with("keys", &keys)
}

fn both_directions(temperature: f64) -> Example {
    let (first, second) = (normal(1, [4, 3]), normal(2, [4, 3]));
    among_rows(Example::of(&info_nce_symmetric(&first, &second, temperature)), 4, temperature)
        .with("first", &first)
        .with("second", &second)
}

fn views(temperature: f64) -> Example {
    let (first, second) = (normal(1, [4, 3]), normal(2, [4, 3]));
    among_rows(Example::of(&nt_xent(&first, &second, temperature)), 8, temperature)
        .with("views", &Tensor::concatenate([&first, &second], 0))
        .number("N", 4.0)
}

fn among_rows(example: Example, rows: usize, temperature: f64) -> Example {
    example.number("temperature", temperature).range("j", rows).range("k", 3).range("l", 3)
}
