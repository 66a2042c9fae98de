//! Regularised argmax: softmax, sparsemax and what lies between, and the maxima that they attain.

use minimand_tensor::Tensor;

/// A convex function Ω of probabilities, the negative of an entropy. With it the greatest score becomes smooth:
/// `Ω*(x) = max Σ pⱼ xⱼ − Ω(p)` over the probabilities p, attained where Ω* has its gradient.
///
/// ```
/// use minimand_loss::Regulariser;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([1.0, 0.5, -2.0]);
/// assert_eq!(format!("{:.3}", Regulariser::Shannon.argmax(&scores)), "[0.604, 0.366, 0.030]");
/// let sparse = Regulariser::Tsallis { alpha: 2.0 };
/// assert_eq!(format!("{:.3}", sparse.argmax(&scores)), "[0.750, 0.250, 0.000]");
/// let slope = sparse.maximum(&scores).grad(&scores);
/// assert_eq!(format!("{slope:.3}"), "[0.750, 0.250, 0.000]");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Regulariser {
    /// `Σ p ln p`: softmax and [`logsumexp`](Tensor::logsumexp).
    Shannon,
    /// `(Σ p^α − 1) / (α (α − 1))`: for α = 2 sparsemax, for α between 1 and 2 entmax.
    Tsallis {
        /// Greater than 1 and at most 2.
        alpha: f64,
    },
}

impl Regulariser {
    /// The probabilities that attain the maximum, along the last axis; their first derivatives are right, for α = 2 all.
    ///
    /// # Panics
    /// When α is not in (1, 2], or the scores have no axis.
    #[track_caller]
    pub fn argmax(self, scores: &Tensor) -> Tensor {
        assert!(scores.rank() > 0, "argmax: scores [] has no axis of classes");
        match self {
            Regulariser::Shannon => scores.softmax(-1),
            Regulariser::Tsallis { alpha } => Sparse::of(scores, alpha).p,
        }
    }

    /// `Ω*` of the scores along the last axis: derivatives up to the third order are right, for α = 2 and softmax all.
    ///
    /// # Panics
    /// When α is not in (1, 2], or the scores have no axis.
    #[track_caller]
    pub fn maximum(self, scores: &Tensor) -> Tensor {
        assert!(scores.rank() > 0, "maximum: scores [] has no axis of classes");
        match self {
            Regulariser::Shannon => scores.logsumexp_axis(-1),
            Regulariser::Tsallis { alpha } => {
                let sparse = Sparse::of(scores, alpha);
                sparse.excess() + sparse.shift.squeeze(-1)
            }
        }
    }
}

/// `p = [(α − 1) x − τ]₊^(1/(α − 1))`, with the τ for which p sums to 1.
pub(super) struct Sparse {
    alpha: f64,
    /// What was taken from the scores: the greatest, cut off from the graph, because all that follows moves along with it.
    pub(super) shift: Tensor,
    /// `(α − 1) (x − shift)`.
    pub(super) u: Tensor,
    /// The threshold of `u`, `[…, 1]`.
    pub(super) tau: Tensor,
    /// Which classes have probability.
    pub(super) support: Tensor,
    pub(super) p: Tensor,
}

/// Halvings that bring the threshold near enough for Newton's method, and its steps.
const HALVINGS: usize = 20;
const STEPS: usize = 4;

impl Sparse {
    #[track_caller]
    pub(super) fn of(x: &Tensor, alpha: f64) -> Sparse {
        assert!(alpha > 1.0 && alpha <= 2.0, "alpha must be greater than 1 and at most 2, not {alpha}");
        let greatest = x.max_keepdim(-1).detach();
        let shift = greatest.is_finite().select(&greatest, 0);
        let u = (alpha - 1.0) * (x - &shift);
        // Below −1 nothing is in the support, whatever the threshold is.
        let fixed = u.detach().clamp_min(-1);
        let found = if alpha == 2.0 { by_sorting(&fixed) } else { by_halving(&fixed, alpha) }.detach();
        let support = u.detach().gt(&found);
        // One step of Newton's method from the solution, which stays where it is: it gives the threshold its derivative.
        let (mass, slope) = mass(&u, &found, &support, alpha);
        let tau = &found + (mass - 1.0) / slope.detach();
        let p = power(&(&u - &tau), &support, 1.0 / (alpha - 1.0));
        Sparse { alpha, shift, u, tau, support, p }
    }

    /// `Ω*(x)` less the shift. Stationary in τ at the solution, so that the first derivative of τ is all that is needed of it.
    pub(super) fn excess(&self) -> Tensor {
        let (alpha, tau) = (self.alpha, &self.tau);
        let moment = (&self.p * self.support.select(&self.u - tau, 0)).sum_axis(-1);
        (1.0 + (alpha - 1.0) * moment + alpha * tau.squeeze(-1)) / (alpha * (alpha - 1.0))
    }
}

/// `gap^exponent` in the support, 0 outside.
fn power(gap: &Tensor, support: &Tensor, exponent: f64) -> Tensor {
    let inside = support.select(gap, 1);
    support.select(if exponent == 1.0 { inside } else { inside.pow(exponent) }, 0)
}

/// The sum of p at a threshold, and by how much it falls as the threshold rises.
fn mass(u: &Tensor, tau: &Tensor, support: &Tensor, alpha: f64) -> (Tensor, Tensor) {
    let n = 1.0 / (alpha - 1.0);
    let gap = u - tau;
    let fall = n * power(&gap, support, n - 1.0).sum_keepdim(-1);
    (power(&gap, support, n).sum_keepdim(-1), fall.eq(0).select(1, fall))
}

/// The threshold of sparsemax (Martins and Astudillo 2016, algorithm 1): the k greatest entries are in the support as long as
/// `1 + k u₍ₖ₎` exceeds their sum.
fn by_sorting(u: &Tensor) -> Tensor {
    let (sorted, _) = u.sort_descending(-1);
    let classes = u.shape()[u.rank() - 1];
    let rank = Tensor::iota(classes).cast(u.dtype()) + 1.0;
    let inside = (1.0 + &rank * &sorted).gt(sorted.cumulative_sum(-1));
    let size = inside.cast(u.dtype()).sum_keepdim(-1).clamp_min(1);
    (inside.select(sorted, 0).sum_keepdim(-1) - 1.0) / size
}

/// The threshold between −1, where p sums to at least 1, and `−C^(1 − α)`, where it sums to at most 1.
fn by_halving(u: &Tensor, alpha: f64) -> Tensor {
    let classes = u.shape()[u.rank() - 1].max(1) as f64;
    let mut low = u.max_keepdim(-1).full_like(-1.0);
    let mut width = 1.0 - classes.powf(1.0 - alpha);
    for _ in 0..HALVINGS {
        width *= 0.5;
        let middle = &low + width;
        let (mass, _) = mass(u, &middle, &u.gt(&middle), alpha);
        low = mass.ge(1).select(middle, low);
    }
    // From below the steps never overshoot: the mass is convex.
    for _ in 0..STEPS {
        let (mass, slope) = mass(u, &low, &u.gt(&low), alpha);
        low = &low + (mass - 1.0) / slope;
    }
    low
}
