//! Dynamic soft margin loss.

use minimand_tensor::Tensor;

use crate::numbers::check_finite;
use crate::shape::same_shapes;

/// Options of [`dynamic_soft_margin`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DynamicSoftMarginOptions {
    /// The least difference that has a bin; the greatest is its opposite.
    pub least: f64,
    /// The weight of a new batch in the histogram.
    pub momentum: f64,
}

impl Default for DynamicSoftMarginOptions {
    /// From −2, the range of normalised embeddings; a hundredth of each batch.
    fn default() -> DynamicSoftMarginOptions {
        DynamicSoftMarginOptions { least: -2.0, momentum: 0.01 }
    }
}

/// The histogram of differences that [`dynamic_soft_margin`] weighs by, from batch to batch.
///
/// ```
/// use minimand_loss::{DynamicSoftMarginOptions, MarginHistogram, dynamic_soft_margin};
/// use minimand_tensor::Tensor;
///
/// let (anchors, positives) = (Tensor::from([[1.0, 0.0], [0.0, 1.0]]), Tensor::from([[0.8, 0.6], [0.6, 0.8]]));
/// let options = DynamicSoftMarginOptions::default();
/// let mut histogram = MarginHistogram::new(10);
/// let loss = dynamic_soft_margin(&anchors, &positives, histogram.tensor(), options);
/// histogram.update(&anchors, &positives, options);
/// assert_eq!(histogram.tensor().shape().to_string(), "[10]");
/// # assert_eq!(loss.rank(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct MarginHistogram(Tensor);

impl MarginHistogram {
    /// No difference seen yet, in so many bins.
    ///
    /// # Panics
    /// When there is no bin.
    #[track_caller]
    pub fn new(bins: usize) -> MarginHistogram {
        assert!(bins > 0, "margin histogram: there must be at least one bin");
        MarginHistogram(Tensor::zeros([bins]))
    }

    /// The shares of the bins; zeros before the first batch.
    pub fn tensor(&self) -> &Tensor {
        &self.0
    }

    /// Takes in the differences of a batch, as the loss itself does for its own weights.
    ///
    /// # Panics
    /// As [`dynamic_soft_margin`].
    #[track_caller]
    pub fn update(&mut self, anchors: &Tensor, positives: &Tensor, options: DynamicSoftMarginOptions) {
        let differences = differences(anchors, positives).detach();
        let (bin, beyond) = binned(&differences, self.0.shape()[0], options.least);
        self.0 = mixed(&self.0.cast(differences.dtype()), &bin, &beyond, options.momentum).computed().detach();
    }
}

/// The distance of each pair less that of its hardest unlike one, weighed by how many pairs of late were easier.
///
/// ```text
/// ℓᵢ = Φ(⌊(Δᵢ − least) / w⌋) Δᵢ
/// Δᵢ = dᵢᵢ − min(min{j ≠ i} dᵢⱼ, min{j ≠ i} dⱼᵢ)
/// Φ(b) = Σ_{c ≤ b} h_c, w = 2 |least| / bins
/// h = ((1 − momentum) histogram + momentum · the histogram of Δ) / its sum
/// dᵢⱼ = ‖uᵢ − vⱼ‖, u = anchors / ‖anchors‖, v = positives / ‖positives‖
/// ```
///
/// A difference between two bins goes to both, by its nearness. The first batch (a histogram of zeros) counts whole.
///
/// # Shapes
/// `anchors` and `positives` are `[pairs, dimensions]`, normalised here, row i of both showing one thing; `histogram` is `[bins]`, at least 0: the [`MarginHistogram`] so far. The loss is `[pairs]`. Anything
/// else panics.
///
/// # Gradient
/// The weights are held fixed: `Φ` by `dᵢᵢ`, `−Φ` by the least distance, shared evenly where several are least. One pair alone has no negative: 0.
///
/// # Estimates
/// An **order** of distances; from −2 to 2. The loss of a pair in the right order is negative, and weighs little among harder ones.
///
/// # Stability
/// Differences beyond the ends stand in the outer bins. Distances come from differences, with gradient 0 where two rows coincide.
///
/// # Example
/// ```
/// use minimand_loss::{DynamicSoftMarginOptions, MarginHistogram, dynamic_soft_margin};
/// use minimand_tensor::Tensor;
///
/// let anchors = Tensor::from([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]);
/// let positives = Tensor::from([[0.8, 0.6], [0.6, 0.8], [0.0, 1.0]]);
/// let histogram = MarginHistogram::new(10);
/// let loss = dynamic_soft_margin(&anchors, &positives, histogram.tensor(), DynamicSoftMarginOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[0.015, 0.387, 0.387]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&anchors)), "[[0.000, -0.040],\n [-0.581, 0.000],\n [0.498, -0.374]]");
/// ```
///
/// # When to use
/// For local descriptors with pairs of patches, in place of a margin that must be found by trial. It misleads as a measure: weights change with the data seen, so that two values do not compare.
///
/// # Reference
/// Zhang, Rusinkiewicz, *Learning Local Descriptors with a CDF-Based Dynamic Soft Margin*, ICCV 2019, section 3.2. Usual: momentum 0.01. pytorch-metric-learning (10 bins) fails for
/// differences at the ends of the range.
///
/// # See also
/// [`batch_hard_triplet`](crate::batch_hard_triplet); [`triplet_margin`](crate::triplet_margin).
#[doc(alias = "DynamicSoftMarginLoss")]
#[track_caller]
pub fn dynamic_soft_margin(
    anchors: &Tensor,
    positives: &Tensor,
    histogram: &Tensor,
    options: DynamicSoftMarginOptions,
) -> Tensor {
    let DynamicSoftMarginOptions { least, momentum } = options;
    let differences = differences(anchors, positives);
    assert!(
        histogram.rank() == 1 && histogram.elements() > 0,
        "dynamic_soft_margin: histogram {} must be [bins], with at least one",
        histogram.shape()
    );
    check_finite("dynamic_soft_margin", ("least", least), differences.dtype());
    assert!(least < 0.0, "dynamic_soft_margin: least is {least} and must be below 0");
    assert!((0.0..=1.0).contains(&momentum), "dynamic_soft_margin: momentum is {momentum} and must be from 0 to 1");
    let (bin, beyond) = binned(&differences.detach(), histogram.elements(), least);
    let shares = mixed(&histogram.cast(differences.dtype()).detach(), &bin, &beyond, momentum);
    // Σ of the shares up to the bin of each difference.
    let reached = Tensor::iota(histogram.elements()).cast(bin.dtype()).le(bin.unsqueeze(-1));
    reached.select(shares, 0).sum_axis(-1) * differences
}

/// Of each pair its distance less that of the nearest row of another pair, to either of its two.
#[track_caller]
fn differences(anchors: &Tensor, positives: &Tensor) -> Tensor {
    same_shapes("dynamic_soft_margin", ("anchors", anchors), ("positives", positives));
    assert!(anchors.rank() == 2, "dynamic_soft_margin: anchors {} must be [pairs, dimensions]", anchors.shape());
    let d = anchors.normalize(-1).pairwise_distances(&positives.normalize(-1));
    let n = anchors.shape()[0];
    let own = Tensor::iota(n).eq(Tensor::iota(n).unsqueeze(-1));
    let others = own.select(f64::INFINITY, &d);
    let nearest = others.min_axis(-1).minimum(others.min_axis(0));
    let found = nearest.lt(f64::INFINITY);
    found.select(own.select(d, 0).sum_axis(-1) - found.select(nearest, 0), 0)
}

/// The lower of the two bins between which a difference lies, and how far beyond it; the outer ones for what is beyond the ends.
fn binned(differences: &Tensor, bins: usize, least: f64) -> (Tensor, Tensor) {
    let place = ((differences - least) / (2.0 * least.abs() / bins as f64)).clamp(0.0, bins as f64 - 1.0);
    let bin = place.floor();
    (bin.clone(), place - bin)
}

fn mixed(histogram: &Tensor, bin: &Tensor, beyond: &Tensor, momentum: f64) -> Tensor {
    let bins = histogram.elements();
    let at = |bin: &Tensor| Tensor::iota(bins).cast(bin.dtype()).unsqueeze(-1).eq(bin);
    let new = (at(bin).select(1.0 - beyond, 0) + at(&(bin + 1.0)).select(beyond, 0)).sum_axis(-1);
    let first = histogram.sum().eq(0);
    let mixed = first.select(&new, (1.0 - momentum) * histogram + momentum * &new);
    &mixed / mixed.sum()
}
