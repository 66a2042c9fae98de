//! Entropic optimal transport.

use minimand_tensor::Tensor;

use super::check_points;

/// Options of [`sinkhorn_divergence`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SinkhornOptions {
    /// The cost is the distance (1) or half the squared distance (2).
    pub power: u32,
    /// The length under which details are blurred, in the unit of the points; the temperature is its `power`-th power.
    pub blur: f64,
    /// Steps of Sinkhorn's iteration.
    pub iterations: usize,
}

impl Default for SinkhornOptions {
    /// Half the squared distance, blur 0.05, 100 iterations.
    fn default() -> SinkhornOptions {
        SinkhornOptions { power: 2, blur: 0.05, iterations: 100 }
    }
}

/// Sinkhorn divergence of two samples: the cost of moving one onto the other, blurred, less what blurring alone costs.
///
/// ```text
/// ℓ = OT(first, second) − ½ OT(first, first) − ½ OT(second, second)
/// OT(x, y) = min over plans P with uniform margins of Σᵢⱼ Pᵢⱼ Cᵢⱼ + ε KL(P, uniform)
/// Cᵢⱼ = ½ ‖xᵢ − yⱼ‖² (power 2) or ‖xᵢ − yⱼ‖ (power 1), ε = blur^power
/// ```
///
/// # Shapes
/// `first` is `[points, dimensions]`, `second` `[others, dimensions]`, every point with the same weight; the loss is one number.
/// `power` 1 or 2, `blur > 0`, one iteration at least. Others panic.
///
/// # Gradient
/// The potentials of the last step are held fixed, as the envelope theorem allows at convergence: each point moves along the slope
/// of its own softened cost. For power 1 it is 0 between points that coincide.
///
/// # Estimates
/// A **distance of the two distributions**: from 0, 0 only if they are the same. As blur → 0 the cost of optimal transport, as blur →
/// ∞ that of the means (power 2) or half the energy distance (power 1).
///
/// # Stability
/// In logarithms: every step is a log-sum-exp, and no blur underflows. Few iterations with a blur far below the distances have not
/// converged: double them and compare.
///
/// # Example
/// ```
/// use minimand_loss::{SinkhornOptions, sinkhorn_divergence};
/// use minimand_tensor::Tensor;
///
/// let (first, second) = (Tensor::from([[0.0], [1.0]]), Tensor::from([[1.0], [3.0]]));
/// let options = SinkhornOptions { blur: 0.5, ..Default::default() };
/// let loss = sinkhorn_divergence(&first, &second, options);
/// assert_eq!(format!("{loss:.4}"), "1.2614");
/// assert_eq!(format!("{:.4}", loss.grad(&first)), "[[-0.4584],\n [-1.0416]]");
/// ```
///
/// # When to use
/// To match point clouds, generated samples or histograms by how far mass has to move, when samples need not overlap. It misleads
/// in many dimensions, where distances of samples say little of distributions; n² distances are held.
///
/// # Reference
/// Feydy and others, *Interpolating between Optimal Transport and MMD using Sinkhorn Divergences*, AISTATS 2019, equation 3; Cuturi,
/// *Sinkhorn Distances*, NeurIPS 2013. Usual: blur 0.05 on data scaled to unit size.
///
/// # See also
/// [`sliced_wasserstein`](crate::sliced_wasserstein), cheaper; [`energy_distance`](crate::energy_distance), one of its limits.
#[doc(alias = "SamplesLoss")]
#[track_caller]
pub fn sinkhorn_divergence(first: &Tensor, second: &Tensor, options: SinkhornOptions) -> Tensor {
    check_points("sinkhorn_divergence", first, second);
    let SinkhornOptions { power, blur, iterations } = options;
    assert!(power == 1 || power == 2, "sinkhorn_divergence: power is {power} and must be 1 or 2");
    assert!(
        blur > 0.0 && blur.is_finite(),
        "sinkhorn_divergence: blur is {blur} and must be greater than 0 and finite"
    );
    assert!(iterations > 0, "sinkhorn_divergence: there must be an iteration");
    let transport = Transport { power, epsilon: blur.powi(power as i32), iterations };
    let (own, other) = transport.potentials(first, second);
    let (first_alone, second_alone) = (transport.own_potential(first), transport.own_potential(second));
    (own - first_alone).mean() + (other - second_alone).mean()
}

struct Transport {
    power: u32,
    epsilon: f64,
    iterations: usize,
}

impl Transport {
    fn cost(&self, x: &Tensor, y: &Tensor) -> Tensor {
        if self.power == 2 { 0.5 * x.pairwise_squared_distances(y) } else { x.pairwise_distances(y) }
    }

    /// `−ε ln mean exp((potential − cost)/ε)` along an axis of the cost.
    fn softened(&self, cost: &Tensor, potential: &Tensor, axis: isize) -> Tensor {
        let count = (potential.elements() as f64).ln();
        -self.epsilon
            * (((potential.unsqueeze(if axis == -1 { 0 } else { 1 }) - cost) / self.epsilon).logsumexp_axis(axis)
                - count)
    }

    /// The dual potentials at the points of each side; each has a gradient by its own points only.
    fn potentials(&self, x: &Tensor, y: &Tensor) -> (Tensor, Tensor) {
        let cost = self.cost(&x.detach(), &y.detach());
        let mut g = Tensor::zeros([y.shape()[0]]).cast(x.dtype());
        let mut f = self.softened(&cost, &g, -1);
        for _ in 0..self.iterations {
            g = self.softened(&cost, &f, 0);
            f = self.softened(&cost, &g, -1);
        }
        let (f, g) = (f.detach(), g.detach());
        let (to_y, to_x) = (self.cost(x, &y.detach()), self.cost(&x.detach(), y));
        (self.softened(&to_y, &g, -1), self.softened(&to_x, &f, 0))
    }
    /// The potential of a sample against itself, both sides of which are one: steps averaged with the step before converge soonest.
    fn own_potential(&self, x: &Tensor) -> Tensor {
        let cost = self.cost(&x.detach(), &x.detach());
        let mut f = Tensor::zeros([x.shape()[0]]).cast(x.dtype());
        for _ in 0..self.iterations {
            f = 0.5 * (&f + self.softened(&cost, &f, -1));
        }
        self.softened(&self.cost(x, &x.detach()), &f.detach(), -1)
    }
}
