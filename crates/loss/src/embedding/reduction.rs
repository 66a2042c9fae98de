//! Means over the losses that count.

use minimand_tensor::{DType, Tensor};

use crate::labels::Labels;

/// Unreduced losses of pairs or examples, and which of them count.
///
/// ```
/// use minimand_loss::Masked;
/// use minimand_tensor::Tensor;
///
/// let loss = Tensor::from([[0.0, 3.0], [1.0, 5.0]]);
/// let pairs = Masked::new(&loss, &Tensor::from([[true, true], [true, false]]));
/// assert_eq!(format!("{:.4}", pairs.mean()), "1.3333");
/// assert_eq!(pairs.mean_nonzero().to_string(), "2");
/// assert_eq!(pairs.per_anchor().to_string(), "[1.5, 1]");
/// assert_eq!(pairs.mean_between(0.5, 2.0).to_string(), "1");
/// ```
///
/// Where nothing counts a mean is 0, with gradient 0.
#[derive(Clone, Debug)]
pub struct Masked {
    loss: Tensor,
    mask: Tensor,
}

impl Masked {
    /// Losses and a mask (bool) of one shape.
    ///
    /// # Panics
    /// When the shapes differ, or the mask is not bool.
    #[track_caller]
    pub fn new(loss: &Tensor, mask: &Tensor) -> Masked {
        crate::shape::same_shapes("masked", ("loss", loss), ("mask", mask));
        assert!(mask.dtype() == DType::Bool, "masked: mask must be bool, not {}", mask.dtype());
        Masked { loss: loss.clone(), mask: mask.clone() }
    }

    /// The sum of those that count.
    #[doc(alias = "SumReducer")]
    pub fn sum(&self) -> Tensor {
        self.mask.select(&self.loss, 0).sum()
    }

    /// The mean of those that count.
    #[doc(alias = "MeanReducer")]
    pub fn mean(&self) -> Tensor {
        ratio(self.sum(), self.mask.cast(self.loss.dtype()).sum())
    }

    /// The mean of those that count and are greater than 0, so that what is settled does not thin out what is not.
    #[doc(alias = "AvgNonZeroReducer")]
    pub fn mean_nonzero(&self) -> Tensor {
        self.mean_between(0.0, f64::INFINITY)
    }

    /// The mean of those that count and lie between two thresholds, these excluded.
    #[doc(alias = "ThresholdReducer")]
    pub fn mean_between(&self, low: f64, high: f64) -> Tensor {
        let mask =
            &self.mask & self.loss.gt(low) & if high < f64::INFINITY { self.loss.lt(high) } else { self.mask.clone() };
        Masked { loss: self.loss.clone(), mask }.mean()
    }

    /// The mean of each anchor: over the last axis of the pairs `[anchor, other]`.
    #[doc(alias = "PerAnchorReducer")]
    pub fn per_anchor(&self) -> Tensor {
        ratio(self.mask.select(&self.loss, 0).sum_axis(-1), self.mask.cast(self.loss.dtype()).sum_axis(-1))
    }

    /// The mean of those that count, each times the weight of its anchor's class (the divisor is their number, not the weight).
    ///
    /// # Panics
    /// When the labels are not those of the first axis, or the weights not one per class.
    #[doc(alias = "ClassWeightedReducer")]
    #[track_caller]
    pub fn mean_weighted(&self, labels: &Labels, class_weights: &Tensor) -> Tensor {
        assert!(
            labels.shape()[..] == self.loss.shape()[..1],
            "masked: loss {} and labels {} must agree in the first axis",
            self.loss.shape(),
            labels.shape()
        );
        let mut weight = labels.weights(Some(class_weights)).cast(self.loss.dtype());
        for _ in 1..self.loss.rank() {
            weight = weight.unsqueeze(-1);
        }
        Masked { loss: &self.loss * weight, mask: self.mask.clone() }.mean()
    }
}

/// A quotient that is 0, with gradient 0, where the divisor is 0.
pub(super) fn ratio(dividend: Tensor, divisor: Tensor) -> Tensor {
    let none = divisor.eq(0);
    none.select(0, dividend / none.select(1, divisor))
}
