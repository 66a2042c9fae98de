//! Losses over lists of scores.
//!
//! All take a mask of the items that exist: lists shorter than the tensor is wide are filled up with items that are masked.

mod approx_metrics;
mod approx_ndcg;
pub(crate) mod catalog;
pub(crate) mod catalog_metrics;
mod generator;
mod gumbel;
mod lambda;
mod list_net;
mod lists;
mod margin;
mod neural_ndcg;
mod pairs;
mod pairwise;
mod pairwise_margins;
mod plackett_luce;
mod ranks;
mod recommender;
mod smooth_ap;

use minimand_tensor::{DType, Tensor};

use crate::shape::same_shapes;

pub use approx_metrics::{
    ApproxOptions, approx_average_precision, approx_dcg, approx_mrr, approx_ordered_pair_accuracy, approx_precision,
    approx_recall,
};
pub use approx_ndcg::{approx_ndcg, bound_ndcg};
pub use generator::{LambdaWeights, PairwiseOptions, pairwise};
pub use gumbel::{Gumbel, GumbelOptions, gumbel_approx_ndcg};
pub use lambda::{LambdaOptions, lambda_rank, ndcg_loss1, ndcg_loss2, ndcg_loss2_plus_plus};
pub use list_net::{list_net, poly1_softmax, ranking_softmax, unique_softmax};
pub use lists::{ListError, Lists};
pub use margin::margin_ranking;
pub use neural_ndcg::{NeuralNdcgOptions, neural_ndcg};
pub use pairwise::{pairwise_logistic, pairwise_logistic_sum};
pub use pairwise_margins::{
    PairwiseQuantileOptions, pairwise_hinge, pairwise_quantile, pairwise_soft_zero_one, pairwise_squared_error,
};
pub use plackett_luce::{list_mle, p_list_mle};
pub use recommender::{bpr, bpr_max, top1, wmrb};
pub use smooth_ap::{smooth_ap, smooth_ap_of_embeddings};

/// What a list holds, with a number of one's own in the places of items that do not exist: whatever is there, NaN
/// included, has no influence.
fn filled(list: &Tensor, mask: Option<&Tensor>, filling: f64) -> Tensor {
    mask.map_or_else(|| list.clone(), |exists| exists.select(list, filling))
}

#[track_caller]
fn check(loss: &str, scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) {
    same_shapes(loss, ("scores", scores), ("relevance", relevance));
    assert!(scores.rank() > 0, "{loss}: scores {} must have an axis for the items", scores.shape());
    if let Some(mask) = mask {
        same_shapes(loss, ("scores", scores), ("mask", mask));
        assert!(mask.dtype() == DType::Bool, "{loss}: mask must be bool, not {}", mask.dtype());
    }
}
