//! Penalised negatives before positives.

use minimand_tensor::Tensor;

use crate::embedding::distance::cosines;
use crate::embedding::pairs::{Pairs, count, embedded};
use crate::embedding::reduction::ratio;
use crate::labels::Labels;
use crate::numbers::{check_divisor, check_finite};

/// How the negatives before a positive, R of them, are charged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum PnpVariant {
    /// `R`.
    #[default]
    Original,
    /// `ln(1 + R)`: the slope falls slowly, outliers matter less.
    DecreasingSlow,
    /// `1 − (1 + R)^−α`: the slope falls fast.
    DecreasingFast(f64),
    /// `(1 + R) ln(1 + R)`: the slope grows without bound.
    IncreasingUnbounded,
    /// `(b R − ln(1 + b R)) / b²`: the slope grows to `1/b`.
    IncreasingBounded(f64),
}

/// Options of [`pnp`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PnpOptions {
    /// The difference of cosines over which an order becomes certain.
    pub temperature: f64,
    /// How the negatives before a positive are charged.
    pub variant: PnpVariant,
}

impl Default for PnpOptions {
    /// Temperature 0.01, each negative before a positive costs 1.
    fn default() -> PnpOptions {
        PnpOptions { temperature: 0.01, variant: PnpVariant::Original }
    }
}

/// How many negatives stand before each positive of an example, counted softly and charged by a function of that number.
///
/// ```text
/// ℓᵢ = Σ{j : labelsⱼ = labelsᵢ} Rᵢⱼ / pᵢ if pᵢ > 1 else 0
/// pᵢ = Σ{j : labelsⱼ = labelsᵢ} 1
/// Rᵢⱼ = Σ{n : labelsₙ ≠ labelsᵢ} σ((sᵢₙ − sᵢⱼ) / temperature)
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// ```
///
/// This is [`PnpVariant::Original`]; the other variants charge a function of R. The example itself counts as its first positive; one without
/// another has loss 0.
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, normalised here; the loss is `[examples]`. Temperature, α and b are greater than 0. Anything else panics.
///
/// # Gradient
/// By `Rᵢⱼ` f′ over the number of positives: 1, `1/(1 + R)`, `α (1 + R)^(−α − 1)`, `1 + ln(1 + R)`, `R/(1 + b R)`; R by the difference of two cosines `σ (1 − σ)/τ`.
///
/// # Estimates
/// A **rank**: the mean number of negatives before a positive, or a function of it. From 0 up to f of the number of negatives; it is about 0 for separated classes.
///
/// # Stability
/// Each term is a sigmoid, which neither overflows nor is NaN; the sum over the negatives is made without storing the triplets.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, PnpOptions, PnpVariant, pnp};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = pnp(&embeddings, &labels, PnpOptions { temperature: 0.2, variant: PnpVariant::DecreasingFast(1.0) });
/// assert_eq!(format!("{loss:.3}"), "[0.327, 0.516, 0.516, 0.327]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, 0.262],\n [-0.419, 0.314],\n [0.314, -0.419],\n [0.262, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For retrieval, in place of a smooth average precision, whose slope it chooses: falling slopes give up on hopeless positives, growing ones press for them. It misleads at low
/// temperatures, where wrong orders that are far apart have no gradient.
///
/// # Reference
/// Li et al., *Rethinking the Optimization of Average Precision: Only Penalizing Negative Instances before Positive Ones is Enough*, AAAI 2022, equations 6 to 12. Usual: τ = 0.01,
/// the fast falling slope with α = 4, b = 2. The sum over positives includes the example itself, as in the authors' code.
///
/// # See also
/// [`fast_ap`](crate::fast_ap); [`smooth_ap`](crate::smooth_ap).
#[doc(alias = "PNPLoss")]
#[track_caller]
pub fn pnp(embeddings: &Tensor, labels: &Labels, options: PnpOptions) -> Tensor {
    let PnpOptions { temperature, variant } = options;
    let z = embedded("pnp", embeddings, labels);
    check_divisor("pnp", ("temperature", temperature), z.dtype());
    let s = cosines(&z, &z) / temperature;
    let pairs = Pairs::of(labels, z.dtype());
    let before = (s.unsqueeze(-2) - s.unsqueeze(-1)).sigmoid();
    let r = pairs.negative.unsqueeze(-2).select(before, 0).sum_axis(-1);
    let cost = match variant {
        PnpVariant::Original => r,
        PnpVariant::DecreasingSlow => r.ln_1p(),
        PnpVariant::DecreasingFast(alpha) => {
            check_finite("pnp", ("alpha", alpha), z.dtype());
            -(-alpha * r.ln_1p()).exp_m1()
        }
        PnpVariant::IncreasingUnbounded => (1.0 + &r) * r.ln_1p(),
        PnpVariant::IncreasingBounded(b) => {
            check_divisor("pnp", ("b", b), z.dtype());
            (b * &r - (b * &r).ln_1p()) / (b * b)
        }
    };
    let alike = Pairs::between(labels, labels, z.dtype()).positive;
    let (found, _) = pairs.found();
    found.select(ratio(alike.select(cost, 0).sum_axis(-1), count(&alike, z.dtype())), 0)
}
