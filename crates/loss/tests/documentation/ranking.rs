//! Where the formulas of the ranking losses are compared with their functions.

use minimand_loss::*;
use minimand_tensor::Tensor;

use crate::common::normal;
use crate::example::Example;

pub fn examples() -> Vec<(&'static str, Vec<Example>)> {
    let relevances = [[2.0, 0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0], [1.0; 5]];
    let pairs = relevances.iter().flat_map(|relevance| [one_list(relevance, true), one_list(relevance, false)]);
    vec![("pairwise_logistic", pairs.collect())]
}

fn one_list(relevance: &[f64], mean_over_pairs: bool) -> Example {
    let (scores, relevance) = (2.0 * normal(1, [5]), Tensor::from(relevance));
    let options = PairwiseOptions { mask: None, mean_over_pairs };
    Example::of(&pairwise_logistic(&scores, &relevance, options))
        .with("scores", &scores)
        .with("relevance", &relevance)
        .number("mean_over_pairs", f64::from(u8::from(mean_over_pairs)))
        .range("i", 5)
        .range("j", 5)
}
