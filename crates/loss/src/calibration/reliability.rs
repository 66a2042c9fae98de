//! The data of a reliability diagram, and the parts of the Brier score.

use minimand_tensor::Tensor;

use super::forecasts::check_bins;
use crate::labels::Labels;
use crate::shape::same_shapes;

/// How often forecasts came true, bin by bin of their probability: the data of a reliability diagram.
///
/// ```
/// use minimand_loss::ReliabilityDiagram;
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([0.75, 1.0, 0.25, 0.0]);
/// let diagram = ReliabilityDiagram::of_event(&probabilities, &Tensor::from([1.0, 0.0, 0.0, 0.0]), 2);
/// let bin = diagram.bins()[1];
/// assert_eq!((bin.count, bin.confidence, bin.frequency), (2, Some(0.875), Some(0.5)));
/// assert_eq!(diagram.expected_calibration_error(), 0.25);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ReliabilityDiagram {
    bins: Vec<ReliabilityBin>,
}

/// One bin of a [`ReliabilityDiagram`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// Probabilities above this one are in the bin; in the first, 0 too.
    pub lower: f64,
    /// Probabilities up to this one are in the bin.
    pub upper: f64,
    /// Number of forecasts in the bin.
    pub count: usize,
    /// Their mean probability; `None` in an empty bin.
    pub confidence: Option<f64>,
    /// The share of them that came true; `None` in an empty bin.
    pub frequency: Option<f64>,
}

impl ReliabilityDiagram {
    /// Of the probabilities of an event, with targets 0 and 1, in bins of equal width.
    ///
    /// # Panics
    /// When the shapes differ, `bins` is 0, or a probability is not in [0, 1].
    #[track_caller]
    pub fn of_event(probabilities: &Tensor, target: &Tensor, bins: usize) -> ReliabilityDiagram {
        same_shapes("reliability_diagram", ("probabilities", probabilities), ("target", target));
        check_bins("reliability_diagram", bins);
        let pairs = probabilities.to_vec::<f64>().into_iter().zip(target.to_vec::<f64>());
        ReliabilityDiagram::of_pairs(pairs, bins)
    }

    /// Of the probability of each example's likeliest class, and whether it is the right one, in bins of equal width. Ignored
    /// labels do not count.
    ///
    /// # Panics
    /// When the shapes do not fit, `bins` is 0, or a probability is not in [0, 1].
    #[track_caller]
    pub fn of_likeliest_class(probabilities: &Tensor, labels: &Labels, bins: usize) -> ReliabilityDiagram {
        labels.check_scores("reliability_diagram", "probabilities", probabilities);
        check_bins("reliability_diagram", bins);
        let confidence: Vec<f64> = probabilities.max_axis(-1).to_vec();
        let right: Vec<bool> = probabilities.argmax_axis(-1).eq(labels.index()).to_vec();
        let kept: Vec<bool> = labels.kept().map_or_else(|| vec![true; right.len()], Tensor::to_vec);
        let pairs = confidence.into_iter().zip(right).zip(kept);
        let pairs = pairs.filter(|(_, kept)| *kept).map(|((c, right), _)| (c, f64::from(u8::from(right))));
        ReliabilityDiagram::of_pairs(pairs, bins)
    }

    #[track_caller]
    fn of_pairs(pairs: impl Iterator<Item = (f64, f64)>, count: usize) -> ReliabilityDiagram {
        let mut sums = vec![(0usize, 0.0, 0.0); count];
        for (p, outcome) in pairs {
            // Rounding may put a sum of probabilities a little above 1.
            assert!((0.0..=1.0 + 1e-5).contains(&p), "reliability_diagram: {p} is no probability");
            let (number, confidence, happened) = &mut sums[bin_of(p, count)];
            *number += 1;
            *confidence += p;
            *happened += outcome;
        }
        let bin = |(m, (number, confidence, happened)): (usize, (usize, f64, f64))| ReliabilityBin {
            lower: m as f64 / count as f64,
            upper: (m + 1) as f64 / count as f64,
            count: number,
            confidence: (number > 0).then(|| confidence / number as f64),
            frequency: (number > 0).then(|| happened / number as f64),
        };
        ReliabilityDiagram { bins: sums.into_iter().enumerate().map(bin).collect() }
    }

    /// The bins, from probability 0 to 1.
    pub fn bins(&self) -> &[ReliabilityBin] {
        &self.bins
    }

    /// Number of forecasts.
    pub fn count(&self) -> usize {
        self.bins.iter().map(|bin| bin.count).sum()
    }

    /// The mean gap between confidence and frequency, each bin with the share of its forecasts; 0 of nothing.
    pub fn expected_calibration_error(&self) -> f64 {
        let total: f64 = self.bins.iter().map(|bin| bin.count as f64 * bin.gap()).sum();
        total / self.count().max(1) as f64
    }

    /// The widest gap between confidence and frequency; 0 of nothing.
    pub fn maximum_calibration_error(&self) -> f64 {
        self.bins.iter().map(ReliabilityBin::gap).fold(0.0, f64::max)
    }
}

impl ReliabilityBin {
    /// How far the mean confidence is from the frequency; 0 in an empty bin.
    pub fn gap(&self) -> f64 {
        self.confidence.zip(self.frequency).map_or(0.0, |(confidence, frequency)| (confidence - frequency).abs())
    }
}

/// `((m − 1)/M, m/M]`, by the same edges as the calibration errors.
fn bin_of(p: f64, count: usize) -> usize {
    (1..count).take_while(|&m| p > m as f64 / count as f64).count()
}

/// The Brier score of an event in parts: `score = reliability − resolution + uncertainty`, exactly, by grouping equal
/// probabilities.
///
/// ```
/// use minimand_loss::BrierDecomposition;
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([0.75, 0.75, 0.25, 0.25]);
/// let parts = BrierDecomposition::of(&probabilities, &Tensor::from([1.0, 1.0, 0.0, 1.0]));
/// assert_eq!((parts.reliability, parts.resolution, parts.uncertainty), (0.0625, 0.0625, 0.1875));
/// assert_eq!(parts.score(), 0.1875);
/// ```
///
/// Murphy 1973, "A new vector partition of the probability score". Where every probability is another one each is its own group:
/// round them first, to hundredths perhaps, to see something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrierDecomposition {
    /// How far the probabilities are from the frequencies: `Σ n_g (p_g − f_g)²/n`. Less is better, 0 is calibrated.
    pub reliability: f64,
    /// How far the frequencies of the groups are from the overall one: `Σ n_g (f_g − f)²/n`. More is better.
    pub resolution: f64,
    /// The variance of the target, `f (1 − f)`: what nobody can help.
    pub uncertainty: f64,
}

impl BrierDecomposition {
    /// Of the probabilities of an event and targets 0 and 1. Of nothing, all parts are 0.
    ///
    /// # Panics
    /// When the shapes differ.
    #[track_caller]
    pub fn of(probabilities: &Tensor, target: &Tensor) -> BrierDecomposition {
        same_shapes("brier_decomposition", ("probabilities", probabilities), ("target", target));
        let mut pairs: Vec<(f64, f64)> =
            probabilities.to_vec::<f64>().into_iter().zip(target.to_vec::<f64>()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let n = pairs.len().max(1) as f64;
        let overall = pairs.iter().map(|pair| pair.1).sum::<f64>() / n;
        let (mut reliability, mut resolution) = (0.0, 0.0);
        for group in pairs.chunk_by(|a, b| a.0 == b.0) {
            let count = group.len() as f64;
            let frequency = group.iter().map(|pair| pair.1).sum::<f64>() / count;
            reliability += count * (group[0].0 - frequency).powi(2) / n;
            resolution += count * (frequency - overall).powi(2) / n;
        }
        BrierDecomposition { reliability, resolution, uncertainty: overall * (1.0 - overall) }
    }

    /// The Brier score: `reliability − resolution + uncertainty`.
    pub fn score(&self) -> f64 {
        self.reliability - self.resolution + self.uncertainty
    }

    /// How much better than always forecasting the overall frequency: 1 is perfect, 0 no better, negative worse. 0 where the
    /// target never varies.
    pub fn skill(&self) -> f64 {
        if self.uncertainty == 0.0 { 0.0 } else { (self.resolution - self.reliability) / self.uncertainty }
    }
}
