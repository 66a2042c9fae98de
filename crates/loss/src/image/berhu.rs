//! The reverse of Huber's loss.

use minimand_tensor::Tensor;

use crate::numbers::check_positive;
use crate::shape::same_shape;

/// Absolute for small residuals, squared for large ones, from a part of the largest residual of the batch on.
///
/// ```text
/// ℓ = |r| if |r| ≤ c else (r² + c²) / (2 c)
/// r = prediction − target
/// c = fraction × max over the batch of |r|, held fixed
/// ```
///
/// # Shapes
/// `prediction` and `target` have one shape, or it panics; the loss is of that shape. `fraction` is positive.
///
/// # Gradient
/// `sign(r)` for `|r| ≤ c`, else `r/c`; 0 at r = 0. The threshold c is held fixed.
///
/// # Estimates
/// Between the **median** and the **mean**: far residuals pull more than in the absolute error. From 0 on.
///
/// # Stability
/// Far residuals as `½ (|r| (|r|/c) + c)`, with a ratio of at most `1/fraction`; where all residuals are 0 the loss is 0, not 0/0.
///
/// # Example
/// ```
/// use minimand_loss::berhu;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, 2.0, 5.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = berhu(&prediction, &target, 0.2); // c = 1
/// assert_eq!(loss.to_string(), "[0.5, 2.5, 13]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[1, 2, 5]");
/// ```
///
/// # When to use
/// For depth, where small errors should still pull and large ones more. It misleads with outliers: a single one sets the threshold for the
/// whole batch, and its own weight. The loss of an example depends on its batch.
///
/// # Reference
/// Laina et al., *Deeper Depth Prediction with Fully Convolutional Residual Networks*, 3DV 2016, equation 1. Usual: fraction 0.2 (c = ⅕ max
/// |r|).
///
/// # See also
/// [`huber`](crate::huber), its reverse; [`absolute_error`](crate::absolute_error).
#[doc(alias = "reverse Huber")]
#[track_caller]
pub fn berhu(prediction: &Tensor, target: &Tensor, fraction: f64) -> Tensor {
    same_shape("berhu", prediction, target);
    check_positive("berhu", ("fraction", fraction), prediction.dtype());
    let r = (prediction - target).abs();
    let c = fraction * r.detach().max_keepdim(..);
    let near = r.le(&c);
    let c = c.eq(0).select(1, c);
    near.select(&r, 0.5 * (&r * (&r / &c) + c))
}
