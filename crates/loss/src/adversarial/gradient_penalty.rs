//! Penalties on the slope of a critic, by differentiating its scores once and the penalty again.

use minimand_tensor::{DType, Rng, Tensor};

use crate::shape::same_shapes;

/// Squared distance of a critic's slope from 1, at points between real and generated examples.
///
/// ```text
/// ℓᵢ = w (√(Σⱼ gᵢⱼ²) − 1)²
/// gᵢⱼ = gradientsᵢⱼ
/// w = weight
/// ```
///
/// where `gradients` are those of the sum of the scores by the points, one row per point.
///
/// # Shapes
/// `interpolates` is `[examples, …]`, as [`Interpolates`] makes it; `scores`, of any shape, must be computed from just this tensor, example by example.
/// The loss is `[examples]`. Panics when `interpolates` has no axis or is not floating point. If no score depends on the points, the slope is 0.
///
/// # Gradient
/// `∂ℓᵢ/∂gᵢ = 2 w (‖gᵢ‖ − 1) gᵢ/‖gᵢ‖`, and from there to the critic's parameters through its second derivatives. 0 where the slope is 0.
///
/// # Estimates
/// Nothing of the data: an optimal Wasserstein critic has slope 1 almost everywhere between matched examples, and the penalty is 0 there. In [0, ∞).
///
/// # Stability
/// The length is that of [`Tensor::norm`]: no overflow on the way, and gradient 0, not NaN, at slope 0, where a critic with dead units is.
///
/// # Example
/// ```
/// use minimand_loss::{Interpolates, gradient_penalty};
/// use minimand_tensor::{Rng, Tensor};
///
/// let (real, fake) = (Tensor::from([[1.0, 2.0], [0.0, 1.0]]), Tensor::from([[0.0, 0.0], [1.0, -1.0]]));
/// let between = Interpolates::between(&real, &fake, &mut Rng::seed(1));
/// let w = Tensor::from([[3.0], [4.0]]); // the critic: its slope is 5 everywhere
/// let loss = gradient_penalty(&between.matmul(&w), &between, 10.0);
/// assert_eq!(format!("{loss:.4}"), "[160.0000, 160.0000]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&w)), "[[48.0000],\n [64.0000]]");
/// ```
///
/// # When to use
/// Added to [`wasserstein_critic`](crate::wasserstein_critic). It misleads with batch normalisation in the critic, by which a score depends on all
/// examples: use layer normalisation. It also forces the slope up to 1 where it should be less;
/// [`one_sided_gradient_penalty`] does not. It costs a second differentiation.
///
/// # Reference
/// Gulrajani et al., *Improved Training of Wasserstein GANs*, NeurIPS 2017, equation 3. Usual: weight λ = 10; 0.1 to 100.
///
/// # See also
/// [`one_sided_gradient_penalty`], [`r1_penalty`], [`path_length_penalty`].
#[doc(alias = "WGAN-GP")]
#[doc(alias = "DRAGAN")]
#[track_caller]
pub fn gradient_penalty(scores: &Tensor, interpolates: &Tensor, weight: f64) -> Tensor {
    weight * (slopes("gradient_penalty", scores, ("interpolates", interpolates)).norm_axis(-1) - 1.0).square()
}

/// Squared excess of a critic's slope over 1: a Lipschitz penalty that lets it be less steep.
///
/// ```text
/// ℓᵢ = w max(√(Σⱼ gᵢⱼ²) − 1, 0)²
/// gᵢⱼ = gradientsᵢⱼ
/// w = weight
/// ```
///
/// where `gradients` are those of the sum of the scores by the points, one row per point.
///
/// # Shapes
/// As [`gradient_penalty`].
///
/// # Gradient
/// `∂ℓᵢ/∂gᵢ = 2 w max(‖gᵢ‖ − 1, 0) gᵢ/‖gᵢ‖`; continuous at slope 1.
///
/// # Estimates
/// Nothing of the data; 0 for every critic of slope at most 1. In [0, ∞).
///
/// # Stability
/// As [`gradient_penalty`].
///
/// # Example
/// ```
/// use minimand_loss::one_sided_gradient_penalty;
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[0.1, 0.0], [2.0, 1.0]]);
/// let scale = Tensor::from(1.0);
/// let scores = &scale * x.square().sum_axis(-1);
/// let loss = one_sided_gradient_penalty(&scores, &x, 5.0);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 60.2786]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&scale)), "77.6393");
/// ```
///
/// # When to use
/// As [`gradient_penalty`], where points are interpolated between examples that do not belong together: less sensitive to its weight. It misleads as a
/// proof of the Lipschitz condition: it sees only the points that it is given.
///
/// # Reference
/// Petzka, Fischer, Lukovnikov, *On the Regularization of Wasserstein GANs*, ICLR 2018, equation 8. Usual: λ = 5 to 10.
///
/// # See also
/// [`gradient_penalty`], [`wasserstein_critic`](crate::wasserstein_critic).
#[doc(alias = "WGAN-LP")]
#[track_caller]
pub fn one_sided_gradient_penalty(scores: &Tensor, interpolates: &Tensor, weight: f64) -> Tensor {
    let slopes = slopes("one_sided_gradient_penalty", scores, ("interpolates", interpolates));
    weight * (slopes.norm_axis(-1) - 1.0).relu().square()
}

/// Half the squared slope of a discriminator at the examples: the zero-centred penalties R1, on real ones, and R2, on generated ones.
///
/// ```text
/// ℓᵢ = ½ γ Σⱼ gᵢⱼ²
/// gᵢⱼ = gradientsᵢⱼ
/// γ = gamma
/// ```
///
/// where `gradients` are those of the sum of the scores by the examples, one row per example.
///
/// # Shapes
/// `examples` is `[examples, …]`; `scores`, of any shape, must be computed from just this tensor, example by example. The loss is `[examples]`. Panics
/// when `examples` has no axis or is not floating point.
///
/// # Gradient
/// `∂ℓᵢ/∂gᵢ = γ gᵢ`, and from there to the discriminator's parameters through its second derivatives. No kinks.
///
/// # Estimates
/// Nothing of the data: it is 0 where the discriminator is flat, as it must be on the data when the generator has succeeded. In [0, ∞).
///
/// # Stability
/// A sum of squares, without a root: smooth at slope 0.
///
/// # Example
/// ```
/// use minimand_loss::r1_penalty;
/// use minimand_tensor::Tensor;
///
/// let real = Tensor::from([[1.0, 2.0], [0.0, 1.0]]);
/// let w = Tensor::from([[3.0], [4.0]]);
/// let loss = r1_penalty(&real.matmul(&w), &real, 10.0);
/// assert_eq!(format!("{loss:.4}"), "[125.0000, 125.0000]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&w)), "[[30.0000],\n [40.0000]]");
/// ```
///
/// # When to use
/// Beside [`minimax_discriminator`](crate::minimax_discriminator), on real examples, every step or every sixteenth with sixteen times the weight. It
/// misleads when γ is taken from other data: it scales with the square of the resolution, and too much of it blinds the discriminator.
///
/// # Reference
/// Mescheder, Geiger, Nowozin, *Which Training Methods for GANs do actually Converge?*, ICML 2018, equations 9 and 10. Usual: γ = 10; 0.1 to 100.
///
/// # See also
/// [`gradient_penalty`], [`minimax_discriminator`](crate::minimax_discriminator).
#[doc(alias = "R1")]
#[doc(alias = "R2")]
#[doc(alias = "r2_penalty")]
#[track_caller]
pub fn r1_penalty(scores: &Tensor, examples: &Tensor, gamma: f64) -> Tensor {
    0.5 * gamma * slopes("r1_penalty", scores, ("examples", examples)).square().sum_axis(-1)
}

/// Squared distance of the length of the generator's projected Jacobian from its running mean.
///
/// ```text
/// ℓᵢ = (√(Σⱼ gᵢⱼ²) − a)²
/// gᵢⱼ = gradientsᵢⱼ
/// a = mean_length
/// ```
///
/// where `gradients` are those of `Σ images · noise` by the latents, one row per latent.
///
/// # Shapes
/// `latents` is `[examples, …]`; `projections` is the product of the generated images with normal noise over the root of the number of pixels, or its
/// sums, computed from just this tensor. The loss is `[examples]`. `mean_length` is the running mean of `‖gᵢ‖` (decay 0.01), kept by the caller. Panics
/// when `latents` has no axis or is not floating point.
///
/// # Gradient
/// `∂ℓᵢ/∂gᵢ = 2 (‖gᵢ‖ − a) gᵢ/‖gᵢ‖`, and from there through second derivatives; 0 where the length is 0.
///
/// # Estimates
/// Nothing of the data; 0 where the Jacobian is a multiple of an orthogonal matrix of one size everywhere. In [0, ∞).
///
/// # Stability
/// As [`gradient_penalty`].
///
/// # Example
/// ```
/// use minimand_loss::path_length_penalty;
/// use minimand_tensor::Tensor;
///
/// let latents = Tensor::from([[1.0, 2.0], [0.0, 1.0]]);
/// let w = Tensor::from([[3.0], [4.0]]); // the generator, of one pixel; the noise is 1
/// let loss = path_length_penalty(&latents.matmul(&w), &latents, 4.0);
/// assert_eq!(format!("{loss:.4}"), "[1.0000, 1.0000]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&w)), "[[1.2000],\n [1.6000]]");
/// ```
///
/// # When to use
/// To make a generator's latents even, so that it can be inverted and interpolated: every eighth step, weight 2. It misleads early in training: the
/// running mean begins at 0 and pulls all lengths down until it has caught up.
///
/// # Reference
/// Karras et al., *Analyzing and Improving the Image Quality of StyleGAN*, CVPR 2020, equation 4. Usual: weight 2, decay 0.01.
///
/// # See also
/// [`gradient_penalty`], [`r1_penalty`].
#[doc(alias = "path_length_regularization")]
#[track_caller]
pub fn path_length_penalty(projections: &Tensor, latents: &Tensor, mean_length: f64) -> Tensor {
    (slopes("path_length_penalty", projections, ("latents", latents)).norm_axis(-1) - mean_length).square()
}

/// The gradients of the sum of the scores by the points, `[examples, numbers]`.
#[track_caller]
fn slopes(loss: &str, scores: &Tensor, (name, points): (&str, &Tensor)) -> Tensor {
    let shape = points.shape();
    assert!(
        points.rank() > 0 && points.dtype().is_float(),
        "{loss}: {name} {shape} must be floating point, [examples, …]"
    );
    let examples = shape[0];
    let numbers = shape[1..].iter().product::<usize>();
    scores.sum().grad(points).reshape([examples, numbers])
}

/// Points at which the slope of a critic is penalised.
///
/// ```
/// use minimand_loss::Interpolates;
/// use minimand_tensor::{Rng, Tensor};
///
/// let (real, fake) = (Tensor::from([[0.0, 0.0]]), Tensor::from([[1.0, 2.0]]));
/// let point = Interpolates::between(&real, &fake, &mut Rng::seed(3)).to_vec::<f64>();
/// assert!(point[0] > 0.0 && point[0] < 1.0 && (point[1] - 2.0 * point[0]).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Interpolates;

impl Interpolates {
    /// A random point on the line between each real and its generated example, cut off from the graph: for
    /// [`gradient_penalty`].
    ///
    /// # Panics
    /// When the shapes differ or have no axis.
    #[track_caller]
    pub fn between(real: &Tensor, fake: &Tensor, rng: &mut Rng) -> Tensor {
        same_shapes("interpolates", ("real", real), ("fake", fake));
        let share = Interpolates::shares(real, rng);
        (real + share * (fake - real)).detach()
    }

    /// Each real example with noise of half the batch's standard deviation, uniform in [0, 1) per number, cut off from the graph: the points of DRAGAN
    /// (Kodali et al. 2017, as its authors' code has it), for [`gradient_penalty`].
    ///
    /// # Panics
    /// When the tensor has no axis.
    #[track_caller]
    pub fn around(real: &Tensor, rng: &mut Rng) -> Tensor {
        let share = Interpolates::shares(real, rng);
        let noise = Tensor::uniform(real.shape(), 0.0, 1.0, rng).cast(real.dtype());
        (real + share * (0.5 * real.std(0) * noise)).detach()
    }

    /// One share per example, uniform in [0, 1).
    #[track_caller]
    fn shares(real: &Tensor, rng: &mut Rng) -> Tensor {
        assert!(real.rank() > 0, "interpolates: real {} has no axis of examples", real.shape());
        let mut shape = vec![1; real.rank()];
        shape[0] = real.shape()[0];
        let dtype = if real.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
        Tensor::uniform(shape, 0.0, 1.0, rng).cast(dtype)
    }
}
