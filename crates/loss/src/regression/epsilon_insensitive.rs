//! Losses with a free zone.

use minimand_tensor::Tensor;

use crate::shape::same_shape;

/// How far the absolute residual exceeds `epsilon`: nothing for what is close enough.
///
/// ```text
/// ℓ = max(|prediction − target| − ε, 0)
/// ε = epsilon
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `epsilon ≥ 0`, in the unit of the
/// target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = sign r` for `|r| > ε`, and 0 inside and at the kinks `|r| = ε`.
///
/// # Estimates
/// A **median** of targets that may give way by ε: any number for which as many targets lie more than ε above as below.
/// From 0, for `|r| ≤ ε`, to ∞.
///
/// # Stability
/// Nothing can overflow but the residual itself.
///
/// # Example
/// ```
/// use minimand_loss::epsilon_insensitive;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, 2.0, -3.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = epsilon_insensitive(&prediction, &target, 1.0);
/// assert_eq!(loss.to_string(), "[0, 1, 2]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[0, 1, -1]");
/// ```
///
/// # When to use
/// For tolerances: errors below ε cost nothing, and with a kernel only the examples outside, the support vectors,
/// matter. It misleads when ε is near the spread of the targets: then many answers cost nothing, and the loss says
/// nothing of which.
///
/// # Reference
/// Vapnik, *The Nature of Statistical Learning Theory*, 1995; Drucker et al., *Support Vector Regression Machines*,
/// NIPS 1996. Usual: ε = 0.1 of a standardised target (scikit-learn).
///
/// # See also
/// [`squared_epsilon_insensitive`]; [`absolute_error`](crate::absolute_error), ε = 0.
#[doc(alias = "SVR")]
#[doc(alias = "EpsilonInsensitive")]
#[track_caller]
pub fn epsilon_insensitive(prediction: &Tensor, target: &Tensor, epsilon: f64) -> Tensor {
    excess("epsilon_insensitive", prediction, target, epsilon)
}

/// Square of how far the absolute residual exceeds `epsilon`: nothing for what is close enough, and smooth.
///
/// ```text
/// ℓ = max(|prediction − target| − ε, 0)²
/// ε = epsilon
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `epsilon ≥ 0`, in the unit of the
/// target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = 2 (|r| − ε) sign r` for `|r| > ε`, else 0: continuous. The second derivative is 2 outside and 0
/// inside, `|r| = ε` included.
///
/// # Estimates
/// Near the **mean**, of what lies outside. From 0, for `|r| ≤ ε`, to ∞.
///
/// # Stability
/// The square overflows in f32 beyond `|r| ≈ 1.8e19`.
///
/// # Example
/// ```
/// use minimand_loss::squared_epsilon_insensitive;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, 2.0, -3.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = squared_epsilon_insensitive(&prediction, &target, 1.0);
/// assert_eq!(loss.to_string(), "[0, 1, 4]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[0, 2, -4]");
/// ```
///
/// # When to use
/// As [`epsilon_insensitive`], when large errors are worse than in proportion and the optimizer wants a continuous
/// slope. It misleads where outliers are: they own the gradient, as with squared error.
///
/// # Reference
/// As [`epsilon_insensitive`]; the L2 form: Ho and Lin, *Large-scale Linear Support Vector Regression*, JMLR 13, 2012.
/// Usual: ε = 0.1.
///
/// # See also
/// [`epsilon_insensitive`]; [`squared_error`](crate::squared_error), ε = 0.
#[doc(alias = "LinearSVR")]
#[track_caller]
pub fn squared_epsilon_insensitive(prediction: &Tensor, target: &Tensor, epsilon: f64) -> Tensor {
    let excess = excess("squared_epsilon_insensitive", prediction, target, epsilon);
    // Without |r|, whose slope at 0 would lose the second derivative there.
    if epsilon == 0.0 { (prediction - target).square() } else { excess.square() }
}

/// `max(|r| − ε, 0)`.
#[track_caller]
fn excess(loss: &str, prediction: &Tensor, target: &Tensor, epsilon: f64) -> Tensor {
    same_shape(loss, prediction, target);
    assert!(epsilon >= 0.0 && epsilon.is_finite(), "{loss}: epsilon is {epsilon} and must be finite and not below 0");
    ((prediction - target).abs() - epsilon).relu()
}
