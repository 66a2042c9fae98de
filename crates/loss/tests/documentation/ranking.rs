//! Where the formulas of the ranking losses are compared with their functions.

use minimand_loss::*;
use minimand_tensor::Tensor;

use crate::common::normal;
use crate::example::Example;

const RELEVANCES: [[f64; 5]; 4] = [[2.0, 0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0], [1.0; 5], [0.0; 5]];

pub fn examples() -> Vec<(&'static str, Vec<Example>)> {
    vec![
        (
            "pairwise_logistic",
            [true, false].into_iter().flat_map(|mean| of_lists(|s, y| by_pairs(s, y, mean))).collect(),
        ),
        ("list_net", of_lists(|s, y| Example::of(&list_net(s, y, ListOptions::default())))),
        ("ranking_softmax", of_lists(|s, y| Example::of(&ranking_softmax(s, y, ListOptions::default())))),
        ("approx_ndcg", [1.0, 0.2].into_iter().flat_map(|t| of_lists(|s, y| by_smooth_ranks(s, y, t))).collect()),
    ]
}

/// One example for each list of relevances.
fn of_lists(example: impl Fn(&Tensor, &Tensor) -> Example) -> Vec<Example> {
    let scores = 2.0 * normal(1, [5]);
    let one_list = |relevance: [f64; 5]| {
        let relevance = Tensor::from(relevance);
        let example = example(&scores, &relevance).with("scores", &scores).with("relevance", &relevance);
        ["i", "j", "k"].iter().fold(example, |example, index| example.range(index, 5))
    };
    RELEVANCES.map(one_list).into()
}

fn by_pairs(scores: &Tensor, relevance: &Tensor, mean_over_pairs: bool) -> Example {
    let options = PairwiseOptions { mask: None, mean_over_pairs };
    Example::of(&pairwise_logistic(scores, relevance, options))
        .number("mean_over_pairs", f64::from(u8::from(mean_over_pairs)))
}

fn by_smooth_ranks(scores: &Tensor, relevance: &Tensor, temperature: f64) -> Example {
    let options = ApproxNdcgOptions { mask: None, temperature };
    Example::of(&approx_ndcg(scores, relevance, options)).number("temperature", temperature)
}
