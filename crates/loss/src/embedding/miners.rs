//! Which pairs and triplets of a batch to learn from.

use minimand_tensor::{Rng, Tensor};

use crate::embedding::Distance;
use crate::embedding::distance::scaled;
use crate::embedding::pairs::{Pairs, embedded};
use crate::labels::Labels;

/// Pairs of rows of a batch: anchor and other.
pub type MinedPairs = Vec<(usize, usize)>;

/// Like and unlike pairs that a miner has chosen, each anchor before its other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mined {
    /// Pairs of one label.
    pub positive: MinedPairs,
    /// Pairs of two labels.
    pub negative: MinedPairs,
}

impl Mined {
    /// The chosen pairs as masks (bool) `[examples, examples]`, of positives and of negatives, for [`Masked`](crate::Masked).
    pub fn masks(&self, examples: usize) -> (Tensor, Tensor) {
        let mask = |pairs: &MinedPairs| {
            let mut chosen = vec![false; examples * examples];
            pairs.iter().for_each(|&(anchor, other)| chosen[anchor * examples + other] = true);
            Tensor::from_vec(chosen, [examples, examples])
        };
        (mask(&self.positive), mask(&self.negative))
    }
}

/// Triplets of rows of a batch: anchor, positive, negative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Triplets(pub Vec<[usize; 3]>);

impl Triplets {
    /// The embeddings of the anchors, the positives and the negatives, for [`triplet_margin`](crate::triplet_margin).
    ///
    /// # Panics
    /// When the embeddings have no such rows.
    #[track_caller]
    pub fn of(&self, embeddings: &Tensor) -> [Tensor; 3] {
        [0, 1, 2].map(|which| {
            let rows: Vec<i64> = self.0.iter().map(|triplet| triplet[which] as i64).collect();
            embeddings.index_select(0, Tensor::from(rows))
        })
    }
}

/// Distances of a batch in plain numbers, and who is alike.
struct Batch {
    d: Vec<Vec<f64>>,
    positives: Vec<Vec<usize>>,
    negatives: Vec<Vec<usize>>,
}

impl Batch {
    #[track_caller]
    fn of(embeddings: &Tensor, labels: &Labels, distance: Distance, normalize: bool) -> Batch {
        let z = scaled(&embedded("miner", embeddings, labels), normalize).detach();
        let n = labels.len();
        let d: Vec<f64> = distance.matrix(&z, &z).to_vec();
        let pairs = Pairs::of(labels, z.dtype());
        let rows = |mask: &Tensor| {
            let mask: Vec<bool> = mask.to_vec();
            mask.chunks(n).map(|row| (0..n).filter(|&j| row[j]).collect()).collect()
        };
        Batch {
            d: d.chunks(n).map(<[f64]>::to_vec).collect(),
            positives: rows(&pairs.positive),
            negatives: rows(&pairs.negative),
        }
    }

    fn triplets(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        (0..self.d.len()).flat_map(move |a| {
            self.positives[a].iter().flat_map(move |&p| self.negatives[a].iter().map(move |&n| [a, p, n]))
        })
    }

    fn pairs(groups: &[Vec<usize>]) -> MinedPairs {
        groups.iter().enumerate().flat_map(|(a, others)| others.iter().map(move |&other| (a, other))).collect()
    }

    fn between(&self, &(a, other): &(usize, usize)) -> f64 {
        self.d[a][other]
    }

    /// The first of some rows that is farthest (or, with sign −1, nearest) and fits.
    fn extreme(&self, a: usize, of: &[usize], sign: f64, fits: impl Fn(f64) -> bool) -> Option<usize> {
        let fitting = of.iter().copied().filter(|&j| fits(self.d[a][j]));
        fitting.fold(None, |best: Option<usize>, j| match best {
            Some(found) if sign * self.d[a][j] <= sign * self.d[a][found] => Some(found),
            _ => Some(j),
        })
    }
}

/// All pairs and all triplets of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllMiner;

impl AllMiner {
    /// All like and all unlike pairs.
    ///
    /// ```
    /// # use minimand_loss::{AllMiner, LabelError, Labels};
    /// let labels = Labels::new([0, 0, 1], 2)?;
    /// assert_eq!(AllMiner.pairs(&labels).positive, [(0, 1), (1, 0)]);
    /// assert_eq!(AllMiner.triplets(&labels).0, [[0, 1, 2], [1, 0, 2]]);
    /// # Ok::<(), LabelError>(())
    /// ```
    #[track_caller]
    pub fn pairs(self, labels: &Labels) -> Mined {
        let batch = AllMiner::batch(labels);
        Mined { positive: Batch::pairs(&batch.positives), negative: Batch::pairs(&batch.negatives) }
    }

    /// All triplets.
    #[track_caller]
    pub fn triplets(self, labels: &Labels) -> Triplets {
        Triplets(AllMiner::batch(labels).triplets().collect())
    }

    #[track_caller]
    fn batch(labels: &Labels) -> Batch {
        Batch::of(&Tensor::zeros([labels.len(), 1]), labels, Distance::Euclidean, false)
    }
}

/// Which triplets a [`TripletMarginMiner`] keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TripletKind {
    /// All that violate the margin.
    #[default]
    All,
    /// Those whose negative is no farther than the positive.
    Hard,
    /// Those whose negative is farther than the positive, within the margin.
    SemiHard,
    /// Those that keep the margin.
    Easy,
}

/// Triplets by their margin.
#[derive(Clone, Copy, Debug)]
pub struct TripletMarginMiner {
    /// By how much the negative should be farther.
    pub margin: f64,
    /// Which triplets are kept.
    pub kind: TripletKind,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for TripletMarginMiner {
    /// Margin 0.2, all that violate it, Euclidean distance of normalised embeddings.
    fn default() -> TripletMarginMiner {
        TripletMarginMiner { margin: 0.2, kind: TripletKind::All, distance: Distance::Euclidean, normalize: true }
    }
}

impl TripletMarginMiner {
    /// The triplets, by anchor, positive, negative.
    ///
    /// # Panics
    /// When the embeddings are not `[examples, dimensions]` with one label each.
    #[track_caller]
    pub fn mine(&self, embeddings: &Tensor, labels: &Labels) -> Triplets {
        let batch = Batch::of(embeddings, labels, self.distance, self.normalize);
        let keeps = |&[a, p, n]: &[usize; 3]| {
            let gap = batch.d[a][n] - batch.d[a][p];
            match self.kind {
                TripletKind::All => gap <= self.margin,
                TripletKind::Hard => gap <= self.margin && gap <= 0.0,
                TripletKind::SemiHard => gap <= self.margin && gap > 0.0,
                TripletKind::Easy => gap > self.margin,
            }
        };
        Triplets(batch.triplets().filter(keeps).collect())
    }
}

/// Which positive, or which negative, of an anchor is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardness {
    /// The farthest positive, the nearest negative.
    Hard,
    /// The hardest that is easier than the chosen one of the other kind: a negative farther than the positive, a positive nearer than the negative.
    SemiHard,
    /// The nearest positive, the farthest negative.
    Easy,
}

/// One triplet for each anchor: batch hard by default.
#[derive(Clone, Copy, Debug)]
pub struct BatchEasyHardMiner {
    /// Which positive.
    pub positive: Hardness,
    /// Which negative.
    pub negative: Hardness,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for BatchEasyHardMiner {
    /// The hardest of both, Euclidean distance of normalised embeddings.
    fn default() -> BatchEasyHardMiner {
        BatchEasyHardMiner {
            positive: Hardness::Hard,
            negative: Hardness::Hard,
            distance: Distance::Euclidean,
            normalize: true,
        }
    }
}

impl BatchEasyHardMiner {
    /// A triplet for each anchor that has one of the kind asked for; the first of equal ones.
    ///
    /// # Panics
    /// When both sides are semi-hard, or the embeddings are not `[examples, dimensions]` with one label each.
    #[doc(alias = "BatchHardMiner")]
    #[track_caller]
    pub fn mine(&self, embeddings: &Tensor, labels: &Labels) -> Triplets {
        assert!(
            (self.positive, self.negative) != (Hardness::SemiHard, Hardness::SemiHard),
            "batch easy-hard miner: one of the two sides must not be semi-hard"
        );
        let batch = Batch::of(embeddings, labels, self.distance, self.normalize);
        let triplet = |a: usize| {
            let positive = |fits: &dyn Fn(f64) -> bool| {
                let sign = if self.positive == Hardness::Easy { -1.0 } else { 1.0 };
                batch.extreme(a, &batch.positives[a], sign, fits)
            };
            let negative = |fits: &dyn Fn(f64) -> bool| {
                let sign = if self.negative == Hardness::Easy { 1.0 } else { -1.0 };
                batch.extreme(a, &batch.negatives[a], sign, fits)
            };
            if self.positive == Hardness::SemiHard {
                let n = negative(&|_| true)?;
                return Some([a, positive(&|d| d < batch.d[a][n])?, n]);
            }
            let p = positive(&|_| true)?;
            let beyond = |d: f64| self.negative != Hardness::SemiHard || d > batch.d[a][p];
            Some([a, p, negative(&beyond)?])
        };
        Triplets((0..labels.len()).filter_map(triplet).collect())
    }
}

/// Like pairs less similar than the most similar unlike one of their anchor, and the reverse, with some slack.
#[derive(Clone, Copy, Debug)]
pub struct MultiSimilarityMiner {
    /// The slack.
    pub epsilon: f64,
}

impl Default for MultiSimilarityMiner {
    /// Slack 0.1.
    fn default() -> MultiSimilarityMiner {
        MultiSimilarityMiner { epsilon: 0.1 }
    }
}

impl MultiSimilarityMiner {
    /// The pairs, by their cosines, in the order of anchors and others. An anchor without a like or an unlike pair has none.
    ///
    /// # Panics
    /// When the embeddings are not `[examples, dimensions]` with one label each.
    #[track_caller]
    pub fn mine(&self, embeddings: &Tensor, labels: &Labels) -> Mined {
        let batch = Batch::of(embeddings, labels, Distance::Cosine, false);
        let mut mined = Mined::default();
        for a in 0..labels.len() {
            let row = |of: &[usize]| of.iter().map(|&j| batch.d[a][j]).collect::<Vec<f64>>();
            let nearest = row(&batch.negatives[a]).into_iter().fold(f64::INFINITY, f64::min);
            let farthest = row(&batch.positives[a]).into_iter().fold(f64::NEG_INFINITY, f64::max);
            let (hard, close) = (nearest - self.epsilon, farthest + self.epsilon);
            mined.positive.extend(batch.positives[a].iter().filter(|&&j| batch.d[a][j] > hard).map(|&j| (a, j)));
            mined.negative.extend(batch.negatives[a].iter().filter(|&&j| batch.d[a][j] < close).map(|&j| (a, j)));
        }
        mined
    }
}

/// Like pairs beyond one distance and unlike pairs within another.
#[derive(Clone, Copy, Debug)]
pub struct PairMarginMiner {
    /// The distance beyond which like pairs are kept.
    pub positive_margin: f64,
    /// The distance within which unlike pairs are kept.
    pub negative_margin: f64,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for PairMarginMiner {
    /// 0.2 and 0.8, Euclidean distance of normalised embeddings.
    fn default() -> PairMarginMiner {
        PairMarginMiner { positive_margin: 0.2, negative_margin: 0.8, distance: Distance::Euclidean, normalize: true }
    }
}

impl PairMarginMiner {
    /// The pairs, in the order of anchors and others.
    ///
    /// # Panics
    /// When the embeddings are not `[examples, dimensions]` with one label each.
    #[track_caller]
    pub fn mine(&self, embeddings: &Tensor, labels: &Labels) -> Mined {
        let batch = Batch::of(embeddings, labels, self.distance, self.normalize);
        let mut positive = Batch::pairs(&batch.positives);
        let mut negative = Batch::pairs(&batch.negatives);
        positive.retain(|pair| batch.between(pair) > self.positive_margin);
        negative.retain(|pair| batch.between(pair) < self.negative_margin);
        Mined { positive, negative }
    }
}

/// Triplets whose negative sees the like pair under a wide angle.
#[derive(Clone, Copy, Debug)]
pub struct AngularMiner {
    /// The least angle, in degrees.
    pub angle: f64,
}

impl Default for AngularMiner {
    /// 20 degrees.
    fn default() -> AngularMiner {
        AngularMiner { angle: 20.0 }
    }
}

impl AngularMiner {
    /// The triplets with `atan(‖a − p‖ / (2 ‖n − (a + p)/2‖))` above the angle, for normalised embeddings. pytorch-metric-learning scales the middle of
    /// anchor and positive to length 1 first, which the paper of [`angular`](crate::angular) does not.
    ///
    /// # Panics
    /// When the embeddings are not `[examples, dimensions]` with one label each.
    #[track_caller]
    pub fn mine(&self, embeddings: &Tensor, labels: &Labels) -> Triplets {
        let batch = Batch::of(embeddings, labels, Distance::Euclidean, true);
        let wide = |&[a, p, n]: &[usize; 3]| {
            let (ap, an, pn) = (batch.d[a][p], batch.d[a][n], batch.d[p][n]);
            // The median of the triangle, by Apollonius.
            let median = (0.5 * (an * an + pn * pn) - 0.25 * ap * ap).max(0.0).sqrt();
            ap.atan2(2.0 * median).to_degrees() > self.angle
        };
        Triplets(batch.triplets().filter(wide).collect())
    }
}

/// A negative for each like pair, drawn so that all distances are about equally frequent.
#[derive(Clone, Copy, Debug)]
pub struct DistanceWeightedMiner {
    /// Distances below are taken as this one.
    pub cutoff: f64,
    /// Negatives from this distance on are not drawn: their loss is 0.
    pub nonzero_loss_cutoff: f64,
}

impl Default for DistanceWeightedMiner {
    /// From 0.5 to 1.4.
    fn default() -> DistanceWeightedMiner {
        DistanceWeightedMiner { cutoff: 0.5, nonzero_loss_cutoff: 1.4 }
    }
}

impl DistanceWeightedMiner {
    /// A triplet of each like pair whose anchor has a negative in reach, for normalised embeddings.
    ///
    /// # Panics
    /// When the embeddings are not `[examples, dimensions]` with one label each.
    #[track_caller]
    pub fn mine(&self, embeddings: &Tensor, labels: &Labels, rng: &mut Rng) -> Triplets {
        let batch = Batch::of(embeddings, labels, Distance::Euclidean, true);
        let dimensions = embeddings.shape()[1] as f64;
        // Minus the logarithm of the density of distances between random points of a sphere.
        let log_weight = |d: f64| {
            let d = d.max(self.cutoff);
            (2.0 - dimensions) * d.ln() - 0.5 * (dimensions - 3.0) * (1.0 - 0.25 * d * d).ln()
        };
        let mut triplets = Vec::new();
        for (a, others) in batch.negatives.iter().enumerate() {
            let reach = |&&n: &&usize| batch.d[a][n].max(self.cutoff) < self.nonzero_loss_cutoff;
            let reached: Vec<(usize, f64)> = others
                .iter()
                .filter(reach)
                .map(|&n| (n, log_weight(batch.d[a][n])))
                .filter(|(_, weight)| weight.is_finite())
                .collect();
            let greatest = reached.iter().map(|(_, weight)| *weight).fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = reached.iter().map(|(_, weight)| (weight - greatest).exp()).sum();
            for &p in batch.positives[a].iter().filter(|_| !reached.is_empty()) {
                let mut left = rng.uniform() * total;
                let drawn = reached.iter().find(|(_, weight)| {
                    left -= (weight - greatest).exp();
                    left < 0.0
                });
                triplets.push([a, p, drawn.unwrap_or(&reached[reached.len() - 1]).0]);
            }
        }
        Triplets(triplets)
    }
}

/// The hardest share of the like and of the unlike pairs.
#[doc(alias = "HDCMiner")]
#[derive(Clone, Copy, Debug)]
pub struct HardAwareMiner {
    /// The share that is kept, rounded up.
    pub share: f64,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for HardAwareMiner {
    /// Half, Euclidean distance of normalised embeddings.
    fn default() -> HardAwareMiner {
        HardAwareMiner { share: 0.5, distance: Distance::Euclidean, normalize: true }
    }
}

impl HardAwareMiner {
    /// The pairs, hardest first; of equal ones the first.
    ///
    /// # Panics
    /// When the embeddings are not `[examples, dimensions]` with one label each, or the share is not from 0 to 1.
    #[track_caller]
    pub fn mine(&self, embeddings: &Tensor, labels: &Labels) -> Mined {
        assert!((0.0..=1.0).contains(&self.share), "hard-aware miner: share is {} and must be from 0 to 1", self.share);
        let batch = Batch::of(embeddings, labels, self.distance, self.normalize);
        let hardest = |groups: &[Vec<usize>], sign: f64| {
            let mut pairs = Batch::pairs(groups);
            pairs.sort_by(|a, b| (sign * batch.between(b)).total_cmp(&(sign * batch.between(a))));
            pairs.truncate((self.share * pairs.len() as f64).ceil() as usize);
            pairs
        };
        Mined { positive: hardest(&batch.positives, 1.0), negative: hardest(&batch.negatives, -1.0) }
    }
}

/// As many pairs of every distance: some from each of many equal bins.
#[derive(Clone, Copy, Debug)]
pub struct UniformHistogramMiner {
    /// The bins between the least and the greatest distance.
    pub bins: usize,
    /// How many like pairs are drawn from a bin that has one.
    pub positives_per_bin: usize,
    /// How many unlike pairs are drawn from a bin that has one.
    pub negatives_per_bin: usize,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for UniformHistogramMiner {
    /// 100 bins, 10 of each, Euclidean distance of normalised embeddings.
    fn default() -> UniformHistogramMiner {
        UniformHistogramMiner {
            bins: 100,
            positives_per_bin: 10,
            negatives_per_bin: 10,
            distance: Distance::Euclidean,
            normalize: true,
        }
    }
}

impl UniformHistogramMiner {
    /// The pairs, bin by bin, drawn with replacement.
    ///
    /// # Panics
    /// When there is no bin, or the embeddings are not `[examples, dimensions]` with one label each.
    #[track_caller]
    pub fn mine(&self, embeddings: &Tensor, labels: &Labels, rng: &mut Rng) -> Mined {
        assert!(self.bins > 0, "uniform histogram miner: there must be at least one bin");
        let batch = Batch::of(embeddings, labels, self.distance, self.normalize);
        let mut drawn = |groups: &[Vec<usize>], count: usize| {
            let pairs = Batch::pairs(groups);
            let distances = pairs.iter().map(|pair| batch.between(pair));
            let low = distances.clone().fold(f64::INFINITY, f64::min);
            let width = (distances.fold(f64::NEG_INFINITY, f64::max) - low) / self.bins as f64;
            let mut bins = vec![Vec::new(); self.bins];
            for pair in pairs {
                let bin = if width > 0.0 { ((batch.between(&pair) - low) / width) as usize } else { 0 };
                bins[bin.min(self.bins - 1)].push(pair);
            }
            let mut chosen = Vec::new();
            for bin in bins.iter().filter(|bin| !bin.is_empty()) {
                chosen.extend((0..count).map(|_| bin[rng.below(bin.len())]));
            }
            chosen
        };
        let positive = drawn(&batch.positives, self.positives_per_bin);
        Mined { positive, negative: drawn(&batch.negatives, self.negatives_per_bin) }
    }
}
