//! Pairs of examples of a batch, by their labels.

use minimand_tensor::{DType, Tensor};

use crate::labels::Labels;
use crate::numbers::numbers;
use crate::odds::log_odds_against;

/// Which pairs are two examples of one label, and which are examples of two: `[anchor, other]`. No example is paired with itself, none
/// whose label is ignored with any.
pub(super) struct Pairs {
    pub(super) positive: Tensor,
    pub(super) negative: Tensor,
}

impl Pairs {
    pub(super) fn of(labels: &Labels, dtype: DType) -> Pairs {
        let pairs = Pairs::between(labels, labels, dtype);
        let i = numbers((0..labels.len()).map(|example| example as f64), comparable(labels, dtype));
        Pairs { positive: pairs.positive & i.unsqueeze(-1).ne(&i), negative: pairs.negative }
    }

    /// Pairs of one example of the first labels and one of the second.
    pub(super) fn between(first: &Labels, second: &Labels, dtype: DType) -> Pairs {
        let dtype = if comparable(first, dtype) == dtype { comparable(second, dtype) } else { DType::F64 };
        let same = first.index().cast(dtype).unsqueeze(-1).eq(second.index().cast(dtype));
        let kept = match (first.kept(), second.kept()) {
            (None, None) => return Pairs { negative: !&same, positive: same },
            (Some(kept), None) => kept.unsqueeze(-1).expand(same.shape()),
            (None, Some(kept)) => kept.expand(same.shape()),
            (Some(first), Some(second)) => first.unsqueeze(-1) & second,
        };
        Pairs { positive: &same & &kept, negative: !same & kept }
    }

    /// The anchors that have a positive, and those that have a negative.
    pub(super) fn found(&self) -> (Tensor, Tensor) {
        (any(&self.positive), any(&self.negative))
    }
}

/// Numbers of the distances' type tell so many classes apart: compared in the same pass.
fn comparable(labels: &Labels, dtype: DType) -> DType {
    if labels.classes() < 1 << 24 { dtype } else { DType::F64 }
}

/// Whether a row holds a true.
pub(super) fn any(mask: &Tensor) -> Tensor {
    mask.cast(DType::F32).max_axis(-1).gt(0)
}

/// How many of each row are true.
pub(super) fn count(mask: &Tensor, dtype: DType) -> Tensor {
    mask.cast(dtype).sum_axis(-1)
}

/// `ln Σ e^s` over those of each row that count; −∞, with gradient 0, where none does.
pub(super) fn log_sum(mask: &Tensor, scores: &Tensor) -> Tensor {
    let scores = mask.select(scores, f64::NEG_INFINITY);
    let zero = scores.max_axis(-1).zeros_like();
    log_odds_against(&zero, &scores, -1)
}

/// The embeddings with zeros where the label is ignored.
#[track_caller]
pub(super) fn embedded(loss: &str, embeddings: &Tensor, labels: &Labels) -> Tensor {
    let (found, labelled) = (embeddings.shape(), labels.shape());
    assert!(
        embeddings.rank() == 2 && labelled[..] == found[..1],
        "{loss}: embeddings {found} and labels {labelled} do not fit: embeddings must be [examples, dimensions], with one label per \
         example"
    );
    assert!(!labels.is_empty(), "{loss}: embeddings {found} hold no example");
    assert!(embeddings.dtype().is_float(), "{loss}: embeddings must be floating point, not {}", embeddings.dtype());
    labels.without_ignored(embeddings)
}
