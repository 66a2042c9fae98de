//! Forecasts and what came of them, and the bins that compare the two.

use minimand_tensor::{DType, Tensor};

use crate::labels::Labels;
use crate::numbers::numbers;

/// How sure forecasts were, along the last axis, and how far that was from what came true.
pub(super) struct Forecasts {
    /// Probabilities; 0 for what does not count.
    confidence: Tensor,
    /// The probability less 1 where it came true, less 0 where not; 0 for what does not count.
    excess: Tensor,
    /// Which examples count (bool), if not all do.
    kept: Option<Tensor>,
}

/// Which bin each forecast is in, as numbers 0 and 1 with the bins as last axis; and what the bins hold.
pub(super) struct Bins {
    /// Number of forecasts in each bin.
    pub(super) counts: Tensor,
    /// Sum of the confidences less the number that came true, in each bin.
    pub(super) excess: Tensor,
}

impl Forecasts {
    /// The likeliest class of each example; the first of several.
    #[track_caller]
    pub(super) fn of_likeliest_class(loss: &str, probabilities: &Tensor, labels: &Labels) -> Forecasts {
        labels.check_scores(loss, "probabilities", probabilities);
        let (p, labels) = in_rows(probabilities, labels);
        let confidence = p.max_axis(-1);
        let right = p.argmax_axis(-1).eq(labels.index());
        let excess = labels.zero_if_ignored(&confidence - right.cast(p.dtype()));
        Forecasts { confidence, excess, kept: labels.kept().cloned() }
    }

    /// Every class of each example, shape `[classes, examples]`.
    #[track_caller]
    pub(super) fn of_every_class(loss: &str, probabilities: &Tensor, labels: &Labels) -> Forecasts {
        labels.check_scores(loss, "probabilities", probabilities);
        let (p, labels) = in_rows(probabilities, labels);
        let excess = &p - labels.truth().cast(p.dtype());
        Forecasts { confidence: p.transpose(), excess: excess.transpose(), kept: labels.kept().cloned() }
    }

    /// Of one event, which came true where the target is 1.
    pub(super) fn of_event(probabilities: &Tensor, target: &Tensor) -> Forecasts {
        let p = probabilities.reshape([probabilities.elements()]);
        let excess = &p - target.reshape([target.elements()]);
        Forecasts { confidence: p, excess, kept: None }
    }

    /// `((m − 1)/M, m/M]` for m from 1 to M; 0 is in the first.
    pub(super) fn in_equal_widths(&self, bins: usize) -> Bins {
        let (c, count) = (self.confidence.unsqueeze(-1), bins as f64);
        let edge = |m: usize| match m {
            0 => f64::NEG_INFINITY,
            m if m == bins => f64::INFINITY,
            m => m as f64 / count,
        };
        let lower = numbers((0..bins).map(edge), c.dtype());
        let upper = numbers((1..bins + 1).map(edge), c.dtype());
        self.in_bins(c.gt(lower) & c.le(upper))
    }

    /// As many in each bin as in any other, as far as equal confidences, which stay together, allow: bin `⌊M r / n⌋` of M for a
    /// confidence that is greater than r of n.
    pub(super) fn in_equal_masses(&self, bins: usize) -> Bins {
        let below = self.confidence.unsqueeze(-2).lt(self.confidence.unsqueeze(-1));
        let below = self.counted(below, -2).cast(DType::F64).sum_axis(-1);
        let total = match &self.kept {
            Some(kept) => kept.cast(DType::F64).sum().clamp_min(1),
            None => Tensor::from(self.confidence.shape().last().copied().unwrap_or(1) as f64),
        };
        let bin = (below * bins as f64 / total).floor();
        self.in_bins(bin.unsqueeze(-1).eq(numbers((0..bins).map(|m| m as f64), DType::F64)))
    }

    /// Truth values over examples at the given axis, false for those that do not count.
    fn counted(&self, truth: Tensor, other: isize) -> Tensor {
        match &self.kept {
            Some(kept) => truth & kept.unsqueeze(other),
            None => truth,
        }
    }

    fn in_bins(&self, members: Tensor) -> Bins {
        let members = self.counted(members, -1).cast(self.excess.dtype());
        Bins { counts: members.sum_axis(-2), excess: (members * self.excess.unsqueeze(-1)).sum_axis(-2) }
    }

    /// Confidence and confidence less outcome of each forecast, 0 for what does not count; and 1 for what does.
    pub(super) fn parts(self) -> (Tensor, Tensor, Tensor) {
        let counting = match &self.kept {
            Some(kept) => kept.cast(self.excess.dtype()),
            None => self.excess.full_like(1.0),
        };
        (self.confidence, self.excess, counting)
    }

    /// How many examples count, at least 1.
    pub(super) fn total(&self) -> Tensor {
        match &self.kept {
            Some(kept) => kept.cast(self.excess.dtype()).sum().clamp_min(1),
            None => self.excess.full_like(1.0).sum_axis(-1).clamp_min(1),
        }
    }
}

impl Bins {
    /// `Σ |excess| / n`: the gaps of the bins, each with the share of its examples.
    pub(super) fn expected_gap(&self) -> Tensor {
        self.excess.abs().sum_axis(-1) / self.counts.sum_axis(-1).clamp_min(1)
    }

    /// How far the mean confidence of each bin is from the share that came true; 0 where the bin is empty.
    pub(super) fn gaps(&self) -> Tensor {
        self.excess.abs() / self.counts.clamp_min(1)
    }

    /// The mean gap of the bins that are not empty.
    pub(super) fn average_gap(&self) -> Tensor {
        let used = self.counts.gt(0).cast(self.counts.dtype());
        self.gaps().sum_axis(-1) / used.sum_axis(-1).clamp_min(1)
    }
}

/// One row per example; 0 in the rows of ignored labels.
fn in_rows(probabilities: &Tensor, labels: &Labels) -> (Tensor, Labels) {
    let p = labels.without_ignored(probabilities);
    (p.reshape([labels.len(), labels.classes()]), labels.reshape([labels.len()]))
}

/// Panics unless there is a bin.
#[track_caller]
pub(super) fn check_bins(loss: &str, bins: usize) {
    assert!(bins > 0, "{loss}: bins is 0 and must be at least 1");
}
