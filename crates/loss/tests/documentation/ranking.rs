//! Where the formulas of the ranking losses are compared with their functions.

use minimand_loss::*;
use minimand_tensor::Tensor;

use crate::common::normal;
use crate::example::Example;

const RELEVANCES: [[f64; 5]; 4] = [[2.0, 0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0], [1.0; 5], [0.0; 5]];

pub fn examples() -> Vec<(&'static str, Vec<Example>)> {
    vec![
        ("pairwise_logistic", of_lists(|s, y| Example::of(&pairwise_logistic(s, y, None)))),
        ("pairwise_logistic_sum", of_lists(|s, y| Example::of(&pairwise_logistic_sum(s, y, None)))),
        ("list_net", of_lists(|s, y| Example::of(&list_net(s, y, None)))),
        ("ranking_softmax", of_lists(|s, y| Example::of(&ranking_softmax(s, y, None)))),
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

fn by_smooth_ranks(scores: &Tensor, relevance: &Tensor, temperature: f64) -> Example {
    Example::of(&approx_ndcg(scores, relevance, None, temperature)).number("temperature", temperature)
}
