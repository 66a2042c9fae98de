//! Gradient clipping: a bound on what one step can do.

use minimand_tensor::{DType, Tensor};

use crate::rule::OptionsError;

/// How gradients are bounded before an optimizer uses them.
///
/// ```
/// use minimand_optim::{Clipping, Optimizer, Sgd, SgdOptions};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([3.0, 4.0]));
/// let mut sgd = Sgd::new([&w], SgdOptions { learning_rate: 1.0, ..Default::default() })
///     .with_clipping(Clipping::GlobalNorm(1.0));
/// let step = sgd.step(&w.value().square().sum())?; // the gradient is [6, 8], its norm 10
/// assert_eq!(step.gradient_norm(), 10.0);
/// assert_eq!(format!("{:.6}", w.value()), "[2.400000, 3.200000]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clipping {
    /// Every entry is limited to ±limit: [`clip_by_value`]. It bends the gradient's direction.
    Value(f64),
    /// All gradients are scaled together, so that their common Euclidean norm is at most the limit: [`clip_by_global_norm`]. It keeps the
    /// direction.
    GlobalNorm(f64),
}

impl Clipping {
    /// The gradients, clipped.
    ///
    /// # Panics
    /// When the limit is not a finite number above 0.
    #[track_caller]
    pub fn apply(self, gradients: &[Tensor]) -> Vec<Tensor> {
        match self {
            Clipping::Value(limit) => clip_by_value(gradients, limit),
            Clipping::GlobalNorm(limit) => clip_by_global_norm(gradients, limit),
        }
    }

    /// Checks the limit.
    ///
    /// # Errors
    /// When the limit is not a finite number above 0.
    pub fn validate(self) -> Result<(), OptionsError> {
        let (owner, limit) = match self {
            Clipping::Value(limit) => ("clip_by_value", limit),
            Clipping::GlobalNorm(limit) => ("clip_by_global_norm", limit),
        };
        OptionsError::unless(limit.is_finite() && limit > 0.0, owner, "limit", limit, "finite and above 0")
    }
}

/// Every entry limited to `−limit ≤ g ≤ limit`. NaN stays NaN.
///
/// ```
/// use minimand_optim::clip_by_value;
/// use minimand_tensor::Tensor;
/// let clipped = clip_by_value(&[Tensor::from([-3.0, 0.25, 1.5])], 1.0);
/// assert_eq!(clipped[0].to_string(), "[-1, 0.25, 1]");
/// ```
///
/// # Panics
/// When the limit is not a finite number above 0, or is 0 in the type of a gradient.
#[track_caller]
pub fn clip_by_value(gradients: &[Tensor], limit: f64) -> Vec<Tensor> {
    require(Clipping::Value(limit));
    let limited = |gradient: &Tensor| {
        let kept = gradient.dtype() != DType::F32 || limit as f32 > 0.0;
        assert!(kept, "clip_by_value: limit is {limit:e}: for a gradient in f32 it is 0, and so would be the gradient");
        gradient.clamp(-limit, limit)
    };
    gradients.iter().map(limited).collect()
}

/// All gradients times `min(1, limit/‖g‖)`, where ‖g‖ is their [`global_norm`].
///
/// Exact: a gradient within the limit keeps its bits, zero stays zero, and one beyond it has norm `limit` up to rounding. (PyTorch divides
/// by ‖g‖ + 1e-6.)
///
/// ```
/// use minimand_optim::clip_by_global_norm;
/// use minimand_tensor::Tensor;
/// let clipped = clip_by_global_norm(&[Tensor::from([3.0]), Tensor::from([4.0])], 2.5);
/// assert_eq!([clipped[0].item(), clipped[1].item()], [1.5, 2.0]);
/// ```
///
/// Paper: R. Pascanu, T. Mikolov, Y. Bengio, *On the difficulty of training recurrent neural networks*, ICML 2013, Algorithm 1.
///
/// # Panics
/// When the limit is not a finite number above 0.
#[track_caller]
pub fn clip_by_global_norm(gradients: &[Tensor], limit: f64) -> Vec<Tensor> {
    require(Clipping::GlobalNorm(limit));
    // At norm 0 the quotient is infinite, and the least of it and 1 is 1.
    let share = (limit / global_norm(gradients)).minimum(1.0);
    // A share that f32 does not hold with all its digits is multiplied by in two steps; else the second is by 1.
    let first = share.maximum(2f64.powi(-100));
    let second = &share / &first;
    let scaled = |gradient: &Tensor| gradient * first.cast(gradient.dtype()) * second.cast(gradient.dtype());
    gradients.iter().map(scaled).collect()
}

/// `‖g‖ = √Σ g²` over all entries of all gradients: a scalar, f64 whatever their types. No square overflows or vanishes on the way.
///
/// ```
/// use minimand_optim::global_norm;
/// use minimand_tensor::Tensor;
/// assert_eq!(global_norm(&[Tensor::from([2.0, 3.0]), Tensor::from([[6.0]])]).item(), 7.0);
/// ```
#[track_caller]
pub fn global_norm(gradients: &[Tensor]) -> Tensor {
    let (double, single): (Vec<_>, Vec<_>) = gradients.iter().partition(|gradient| gradient.dtype() == DType::F64);
    let squares = single.into_iter().map(squared_norm).reduce(|sum, square| sum + square);
    let norms: Vec<Tensor> =
        squares.map(|sum| sum.safe_sqrt()).into_iter().chain(double.into_iter().map(norm)).collect();
    match norms.as_slice() {
        [] => Tensor::from(0.0),
        [norm] => norm.clone(),
        norms => Tensor::stack(norms, 0).norm(),
    }
}

/// `‖g‖` of one gradient, in f64.
pub(crate) fn norm(gradient: &Tensor) -> Tensor {
    if gradient.dtype() == DType::F64 { gradient.norm() } else { squared_norm(gradient).safe_sqrt() }
}

/// `Σ g²` in f64, which holds the square of every f32 number.
fn squared_norm(gradient: &Tensor) -> Tensor {
    gradient.cast(DType::F64).square().sum()
}

#[track_caller]
fn require(clipping: Clipping) {
    if let Err(error) = clipping.validate() {
        panic!("{error}");
    }
}
