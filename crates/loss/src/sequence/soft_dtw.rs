//! Soft dynamic time warping: distances between sequences of different tempo.

use minimand_tensor::Tensor;

use super::recursion::{delayed, diagonals, inside, log_sum};
use crate::numbers::check_divisor;

/// Squared distance of two sequences along the best alignments, softly over all of them.
///
/// ```text
/// ℓ = r(N, M)
/// r(i, j) = ‖predictionᵢ − targetⱼ‖² + softmin(r(i − 1, j), r(i, j − 1), r(i − 1, j − 1))
/// softmin(a, b, c) = −γ ln(exp(−a / γ) + exp(−b / γ) + exp(−c / γ))
/// γ = gamma
/// ```
///
/// # Shapes
/// `prediction` is `[batch, steps, dimensions]`, `target` `[batch, others, dimensions]`; the loss is `[batch]`. Other shapes panic, and
/// empty sequences; `gamma` must be positive.
///
/// # Gradient
/// `2 Σⱼ eᵢⱼ (predictionᵢ − targetⱼ)`, with the share eᵢⱼ of the alignments, weighted by `exp(−cost/γ)`, that pair i with j. Derived through
/// the recursion; smooth for γ > 0.
///
/// # Estimates
/// A **barycentre in time**: the minimiser of the mean is the sequence nearest to the targets after warping. It can be negative, down to
/// `−γ ln D` with the number D of alignments, and is least not exactly at the target, but somewhat smoothed.
///
/// # Stability
/// The recursion runs over the `N + M − 1` diagonals, as a log-sum-exp of `−r/γ`: no overflow for small γ, no ∞ − ∞ at the border.
///
/// # Example
/// ```
/// use minimand_loss::soft_dtw;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[0.5], [1.0]]]);
/// let target = Tensor::from([[[0.0], [0.0], [2.0]]]);
/// let loss = soft_dtw(&prediction, &target, 0.01);
/// assert_eq!(format!("{loss:.4}"), "[1.5000]"); // the first step pairs with two
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[[[2.0000],\n  [-2.0000]]]");
/// ```
///
/// # When to use
/// For forecasts of a shape whose timing is uncertain, and to average or cluster time series. It misleads near its minimum: the loss of a
/// sequence with itself is not 0 and not the least, so use [`soft_dtw_divergence`] where that matters. Warping is free: a spike at the wrong
/// time costs nothing. N · M distances are computed.
///
/// # Reference
/// Cuturi, Blondel, *Soft-DTW: a Differentiable Loss Function for Time-Series*, ICML 2017, equations 1 and 2. Usual: γ = 0.1 to 1.
///
/// # See also
/// [`soft_dtw_divergence`]; [`squared_error`](crate::squared_error) without warping.
#[doc(alias = "SoftDTW")]
#[track_caller]
pub fn soft_dtw(prediction: &Tensor, target: &Tensor, gamma: f64) -> Tensor {
    check("soft_dtw", prediction, target, gamma);
    warped(prediction, target, gamma)
}

/// [`soft_dtw`] less what each sequence has with itself: 0 for equal sequences, and least there.
///
/// ```text
/// ℓ = d(prediction, target) − ½ d(prediction, prediction) − ½ d(target, target)
/// d: soft-DTW
/// ```
///
/// # Shapes
/// `prediction` is `[batch, steps, dimensions]`, `target` `[batch, others, dimensions]`; the loss is `[batch]`. Other shapes panic, and
/// empty sequences; `gamma` must be positive.
///
/// # Gradient
/// That of [`soft_dtw`] towards the target, less half of that towards itself, by both places of the sequence; 0 at the target.
///
/// # Estimates
/// The **target**, up to warping: not negative, and 0 if and only if the sequences are equal.
///
/// # Stability
/// As [`soft_dtw`]. Near equality three numbers cancel: the value there is exact to the rounding of each.
///
/// # Example
/// ```
/// use minimand_loss::soft_dtw_divergence;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[0.0], [1.0]]]);
/// let target = Tensor::from([[[0.0], [2.0]]]);
/// let loss = soft_dtw_divergence(&prediction, &target, 1.0);
/// assert_eq!(format!("{loss:.4}"), "[0.9671]");
/// assert_eq!(format!("{:.2}", loss.sum().grad(&prediction)), "[[[0.37],\n  [-1.89]]]");
/// ```
///
/// # When to use
/// As [`soft_dtw`], where the loss should vanish at the target, and for larger γ, where the bias of soft-DTW is greatest. It misleads on cost:
/// three recursions instead of one; the term of the target alone may be left out, as it does not depend on the prediction.
///
/// # Reference
/// Blondel, Mensch, Vert, *Differentiable Divergences Between Time Series*, AISTATS 2021, equation 6. Usual: γ = 1.
///
/// # See also
/// [`soft_dtw`].
#[doc(alias = "SoftDTWDivergence")]
#[track_caller]
pub fn soft_dtw_divergence(prediction: &Tensor, target: &Tensor, gamma: f64) -> Tensor {
    check("soft_dtw_divergence", prediction, target, gamma);
    let own = warped(prediction, prediction, gamma) + warped(target, target, gamma);
    warped(prediction, target, gamma) - 0.5 * own
}

#[track_caller]
fn warped(prediction: &Tensor, target: &Tensor, gamma: f64) -> Tensor {
    let (rows, columns) = (prediction.shape()[1], target.shape()[1]);
    let costs = diagonals(&(prediction.pairwise_squared_distances(target) / gamma));
    let inside = inside(rows, columns);
    let nothing = Tensor::full(costs.at(0, 0).shape(), f64::NEG_INFINITY).cast(costs.dtype());
    // α = −r/γ of the last diagonal and of the one before.
    let start = Tensor::iota(rows).eq(0i64).select(-costs.at(0, 0), f64::NEG_INFINITY);
    let (mut before, mut last) = (nothing, start);
    for diagonal in 1..rows + columns - 1 {
        let least = log_sum([last.clone(), delayed(&last, 1), delayed(&before, 1)]) - costs.at(0, diagonal);
        (before, last) = (last, inside.at(0, diagonal).select(least, f64::NEG_INFINITY));
    }
    -gamma * last.at(-1, rows - 1)
}

#[track_caller]
fn check(loss: &str, prediction: &Tensor, target: &Tensor, gamma: f64) {
    let fits = match (prediction.shape().sizes(), target.shape().sizes()) {
        (&[batch, steps, dimensions], &[other_batch, others, other_dimensions]) => {
            batch == other_batch && dimensions == other_dimensions && steps > 0 && others > 0
        }
        _ => false,
    };
    assert!(
        fits,
        "{loss}: prediction {} and target {} must be [batch, steps, dimensions] with one batch and at least one step",
        prediction.shape(),
        target.shape()
    );
    check_divisor(loss, ("gamma", gamma), prediction.dtype());
}
