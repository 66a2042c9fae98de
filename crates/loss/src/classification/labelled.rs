//! What the losses over class labels share: agreement of shapes, and the entry of the label.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::odds;

impl Labels {
    /// Panics unless `scores` holds one number per label and class.
    #[track_caller]
    pub(crate) fn check_scores(&self, loss: &str, name: &str, scores: &Tensor) {
        let (labels, classes) = (self.shape(), self.classes());
        let fits = scores.shape().split_last().is_some_and(|(&last, rest)| last == classes && *rest == **labels);
        assert!(
            fits,
            "{loss}: {name} {} and labels {labels} of {classes} classes do not fit: {name} must have the shape of the labels and \
             the classes as last axis",
            scores.shape()
        );
        assert!(scores.dtype().is_float(), "{loss}: {name} must be floating point, not {}", scores.dtype());
    }

    /// The scores, or embeddings, with 0 in the rows of ignored labels: whatever those hold, NaN included, has no
    /// influence.
    pub(crate) fn without_ignored(&self, scores: &Tensor) -> Tensor {
        match self.kept() {
            Some(kept) => kept.unsqueeze(-1).select(scores, 0),
            None => scores.clone(),
        }
    }

    /// The score of each label's own class; 0 where the label is ignored.
    ///
    /// A masked sum, not a gather: it runs in the same pass over the scores as the formula around it, forwards and backwards.
    pub(crate) fn pick(&self, scores: &Tensor) -> Tensor {
        self.truth().select(scores, 0).sum_axis(-1)
    }

    /// `ln ((1 - p_y)/p_y)` for softmax(scores) p: by how much the other classes together outweigh the label. From it come p_y,
    /// `1 - p_y` and their logarithms, exact however near to 0 or 1 they are.
    pub(crate) fn log_odds_against(&self, scores: &Tensor) -> Tensor {
        let own = self.pick(scores);
        let rivals = scores - self.truth().select(own.full_like(f64::INFINITY).unsqueeze(-1), 0);
        odds::log_odds_against(&own, &rivals, -1)
    }

    /// `-ln p_y` for softmax(scores) p; 0 where the label is ignored.
    pub(crate) fn surprisal(&self, scores: &Tensor) -> Tensor {
        self.zero_if_ignored(self.log_odds_against(scores).softplus())
    }

    /// Numbers of the labels, but 0 where the label is ignored.
    pub(crate) fn zero_if_ignored(&self, numbers: Tensor) -> Tensor {
        match self.kept() {
            Some(kept) => kept.select(numbers, 0),
            None => numbers,
        }
    }
}
