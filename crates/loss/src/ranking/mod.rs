//! Losses over lists of scores.
//!
//! All take a mask of the items that exist: lists shorter than the tensor is wide are filled up with items that are masked.

mod approx_ndcg;
pub(crate) mod catalog;
mod list_net;
mod pairwise;

use minimand_tensor::{DType, Tensor};

use crate::shape::same_shapes;

pub use approx_ndcg::approx_ndcg;
pub use list_net::{list_net, ranking_softmax};
pub use pairwise::{pairwise_logistic, pairwise_logistic_sum};

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
