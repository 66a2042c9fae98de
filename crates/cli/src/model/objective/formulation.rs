//! An objective as it is put to a model: the target's unit, the number of outputs, and where they start.

use minimand::{loss::OrderedThresholds, tensor::Tensor};

use super::{
    Objective,
    summary::{Weighted, logit},
};
use crate::model::{FitError, Sample};

/// What the target is to the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum Family {
    /// A number; the output is in its unit.
    Number,
    /// A positive number by its logarithm.
    LogNumber,
    /// A number from 0 by the logarithm of one more.
    LogOneMore,
    /// A number from 0 by the logarithm of its mean.
    LogMean,
    /// A positive number by the logarithm of its mean or median.
    PositiveLogMean,
    /// A count by the parameters of its law: it has no other unit.
    Count,
    /// 0 or 1, or a share.
    Binary,
    /// The number of a class.
    Classes,
    /// The number of an ordered class.
    Ordered,
    /// The relevance of an item.
    Relevance,
}

/// An objective, made ready for the rows that it is fitted on.
///
/// The losses see targets without a unit, `t = (g(y) − shift)/scale` with g by the [`Family`], so that the unit of y decides nothing.
#[derive(Debug, Clone)]
pub(in crate::model) struct Formulation {
    pub(in crate::model) objective: Objective,
    /// What g(y) is measured from.
    pub(in crate::model) shift: f64,
    /// What it is measured in.
    pub(in crate::model) scale: f64,
    /// Where each output starts, for each row.
    pub(in crate::model) start: Vec<f64>,
    /// Numbers beside the outputs that all rows share, and where they start.
    pub(in crate::model) shared: Vec<f64>,
    /// How often each class occurs, at least ½; of two classes their shares.
    pub(in crate::model) counts: Vec<f64>,
    /// Whether all targets are 0 or 1.
    pub(in crate::model) is_binary: bool,
}

impl Objective {
    /// What the target is to it.
    pub(in crate::model) fn family(self) -> Family {
        match self {
            Self::SquaredError
            | Self::AbsoluteError
            | Self::Huber { .. }
            | Self::Quantile { .. }
            | Self::Expectile { .. }
            | Self::AbsolutePercentageError
            | Self::Gaussian
            | Self::BetaGaussian { .. }
            | Self::StudentT { .. }
            | Self::TwoQuantiles { .. }
            | Self::Tukey { .. } => Family::Number,
            Self::LogSquaredError => Family::LogNumber,
            Self::SquaredLogarithmicError => Family::LogOneMore,
            Self::Poisson | Self::Tweedie { .. } | Self::TwoPart => Family::LogMean,
            Self::Gamma | Self::InverseGaussian | Self::GammaLikelihood | Self::LogNormal => Family::PositiveLogMean,
            Self::NegativeBinomial | Self::ZeroInflatedPoisson | Self::ZeroInflatedNegativeBinomial => Family::Count,
            Self::CrossEntropy
            | Self::WeightedCrossEntropy { .. }
            | Self::Focal { .. }
            | Self::Brier
            | Self::Hinge
            | Self::PairwiseLogistic
            | Self::LogitAdjusted { .. } => Family::Binary,
            Self::MulticlassCrossEntropy
            | Self::ClassBalanced { .. }
            | Self::MulticlassLogitAdjusted { .. }
            | Self::LabelSmoothing { .. }
            | Self::GeneralisedCrossEntropy { .. } => Family::Classes,
            Self::Corn | Self::CumulativeLink => Family::Ordered,
            Self::ListSoftmax | Self::ListPairwise | Self::LambdaRank | Self::ApproxNdcg | Self::Pointwise => {
                Family::Relevance
            }
        }
    }

    /// Whether its loss is one of a whole list.
    pub(in crate::model) fn is_of_lists(self) -> bool {
        matches!(
            self,
            Self::PairwiseLogistic | Self::ListSoftmax | Self::ListPairwise | Self::LambdaRank | Self::ApproxNdcg
        )
    }

    /// Whether its loss has a kink that its minimum sits on.
    pub(in crate::model) fn has_kink(self) -> bool {
        matches!(
            self,
            Self::AbsoluteError
                | Self::Quantile { .. }
                | Self::TwoQuantiles { .. }
                | Self::AbsolutePercentageError
                | Self::Hinge
        )
    }

    /// What its targets have to be, and whether one is.
    fn takes(self, classes: usize) -> (&'static str, impl Fn(f64) -> bool) {
        let family = self.family();
        let takes = match family {
            Family::Number => "finite numbers",
            Family::LogNumber | Family::PositiveLogMean => "numbers above 0",
            Family::LogOneMore | Family::LogMean | Family::Count => "numbers from 0",
            Family::Binary => "numbers from 0 to 1",
            Family::Classes | Family::Ordered => "numbers of classes",
            Family::Relevance => "relevance from 0",
        };
        let is_taken = move |value: f64| {
            value.is_finite()
                && match family {
                    Family::Number => true,
                    Family::LogNumber | Family::PositiveLogMean => value > 0.0,
                    Family::LogOneMore | Family::LogMean | Family::Count | Family::Relevance => value >= 0.0,
                    Family::Binary => (0.0..=1.0).contains(&value),
                    Family::Classes | Family::Ordered => value >= 0.0 && value.fract() == 0.0 && value < classes as f64,
                }
        };
        (takes, is_taken)
    }

    /// Whether it can be fitted to these targets; `classes` is looked at where they are classes.
    pub fn accepts(self, targets: &[f64], classes: usize) -> bool {
        let (_, is_taken) = self.takes(classes);
        targets.iter().all(|&value| is_taken(value))
    }
}

/// What counts look like before anything is fitted.
struct Counted {
    mean: f64,
    /// ln of 1/α of the negative binomial law, by the moments.
    log_size: f64,
    /// Share of zeros that a Poisson law leaves over.
    certain: f64,
}

impl Counted {
    fn of(sample: &Sample) -> Self {
        let counts = Weighted::over_exposure(sample);
        let mean = counts.positive_mean();
        let excess = counts.deviation().powi(2) - mean;
        let log_size = if excess > 0.0 { (mean * mean / excess).ln().clamp(-3.0, 5.0) } else { 5.0 };
        let certain = (1.0 - counts.share_of_positive() - (-mean).exp()).clamp(0.02, 0.9);
        Self { mean, log_size, certain }
    }
}

impl Formulation {
    /// For the rows that are to be fitted on.
    pub(in crate::model) fn of(objective: Objective, sample: &Sample) -> Result<Self, FitError> {
        let (takes, is_taken) = objective.takes(sample.classes);
        if let Some(row) = sample.target.iter().position(|&value| !is_taken(value)) {
            let value = sample.target[row];
            return Err(FitError::Target { objective: objective.name(), takes, row: row + 1, value });
        }
        let total: f64 = sample.weight.map_or(sample.rows() as f64, |weight| weight.iter().sum());
        if sample.rows() == 0 || !(total > 0.0 && total.is_finite()) {
            return Err(FitError::NoRows { objective: objective.name() });
        }
        let mut formulation = Self {
            objective,
            shift: 0.0,
            scale: 1.0,
            start: vec![0.0],
            shared: Vec::new(),
            counts: Vec::new(),
            is_binary: sample.target.iter().all(|&value| value == 0.0 || value == 1.0),
        };
        formulation.place(sample);
        Ok(formulation)
    }

    /// Number of outputs for each row.
    pub(in crate::model) fn outputs(&self) -> usize {
        self.start.len()
    }

    /// Sets unit and start by the data.
    fn place(&mut self, sample: &Sample) {
        let numbers = || Weighted::less_offset(sample, |y| y);
        match self.objective {
            Objective::SquaredError | Objective::Expectile { .. } => self.standardise(&numbers()),
            Objective::AbsoluteError | Objective::Huber { .. } | Objective::Tukey { .. } => {
                self.robustly(&numbers(), 0.5);
            }
            Objective::Quantile { level } => self.robustly(&numbers(), level),
            Objective::TwoQuantiles { lower, upper } => {
                let values = numbers();
                self.robustly(&values, 0.5);
                self.start = [lower, upper].map(|level| (values.quantile(level) - self.shift) / self.scale).to_vec();
            }
            Objective::StudentT { .. } => {
                self.robustly(&numbers(), 0.5);
                self.start = vec![0.0, 0.0];
            }
            Objective::Gaussian | Objective::BetaGaussian { .. } => {
                self.standardise(&numbers());
                self.start = vec![0.0, 0.0];
            }
            Objective::AbsolutePercentageError => {
                // Its loss is a share of the target, so that nothing may be subtracted.
                let values = numbers();
                self.scale = values.mean_size();
                let by_inverse = values.reweighted(|y| 1.0 / y.abs().max(PERCENTAGE_FLOOR * self.scale));
                self.start = vec![by_inverse.quantile(0.5) / self.scale];
            }
            Objective::LogSquaredError => self.standardise(&Weighted::less_offset(sample, f64::ln)),
            Objective::SquaredLogarithmicError => self.standardise(&Weighted::less_offset(sample, f64::ln_1p)),
            Objective::Poisson | Objective::Tweedie { .. } | Objective::Gamma | Objective::InverseGaussian => {
                self.scale = Weighted::over_exposure(sample).positive_mean();
            }
            Objective::LogNormal => {
                let logarithms = Weighted::less_offset(sample, f64::ln);
                self.scale = logarithms.mean().exp();
                self.start = vec![0.0, 2.0 * logarithms.deviation().ln()];
            }
            Objective::GammaLikelihood => {
                let amounts = Weighted::over_exposure(sample);
                self.scale = amounts.positive_mean();
                self.start = vec![0.0, 2.0 * (self.scale / amounts.deviation()).ln().clamp(-2.0, 3.0)];
            }
            Objective::TwoPart => {
                let amounts = Weighted::over_exposure(sample);
                let share = amounts.share_of_positive();
                self.scale = amounts.positive_mean() / share;
                self.start = vec![0.0, logit(share)];
            }
            Objective::NegativeBinomial => {
                let Counted { mean, log_size, .. } = Counted::of(sample);
                (self.start, self.shared) = (vec![mean.ln()], vec![log_size]);
            }
            Objective::ZeroInflatedNegativeBinomial => {
                let Counted { mean, log_size, .. } = Counted::of(sample);
                self.start = vec![(mean / 0.95).ln(), logit(0.05)];
                self.shared = vec![log_size];
            }
            Objective::ZeroInflatedPoisson => {
                let Counted { mean, certain, .. } = Counted::of(sample);
                self.start = vec![(mean / (1.0 - certain)).ln(), logit(certain)];
            }
            Objective::CrossEntropy | Objective::Focal { .. } | Objective::Brier => {
                self.place_binary(sample, |prior, offset| prior - offset);
            }
            Objective::WeightedCrossEntropy { weight } => {
                self.place_binary(sample, |prior, offset| prior + weight.max(1e-6).ln() - offset);
            }
            Objective::LogitAdjusted { tau } => self.place_binary(sample, |prior, offset| (1.0 - tau) * prior - offset),
            Objective::Hinge | Objective::PairwiseLogistic => self.place_binary(sample, |_, _| 0.0),
            Objective::MulticlassCrossEntropy
            | Objective::LabelSmoothing { .. }
            | Objective::GeneralisedCrossEntropy { .. } => self.place_classes(sample, 1.0),
            Objective::MulticlassLogitAdjusted { tau } => self.place_classes(sample, 1.0 - tau),
            Objective::ClassBalanced { .. } => self.place_classes(sample, 0.0),
            Objective::Corn | Objective::CumulativeLink => self.place_ordered(sample),
            Objective::Pointwise => self.place_relevance(sample),
            Objective::ListSoftmax | Objective::ListPairwise | Objective::LambdaRank | Objective::ApproxNdcg => {}
        }
    }

    fn standardise(&mut self, values: &Weighted) {
        self.shift = values.mean();
        self.scale = values.deviation();
    }

    /// From a quantile, in units of the mean distance from the median, which one wild value does not rule.
    fn robustly(&mut self, values: &Weighted, level: f64) {
        let median = values.quantile(0.5);
        self.shift = values.quantile(level);
        self.scale = values.mean_distance(median);
    }

    /// The start is a function of the log odds of all rows and of the mean offset.
    fn place_binary(&mut self, sample: &Sample, start: impl Fn(f64, f64) -> f64) {
        let shares = Weighted::less_offset_of(sample, |y| y, false);
        let share = shares.share(shares.mean());
        let offset = sample.offset.map_or(0.0, |offset| offset.iter().sum::<f64>() / offset.len() as f64);
        self.counts = vec![1.0 - share, share];
        self.start[0] = start(logit(share), offset);
    }

    /// From this share of the classes' log frequencies.
    fn place_classes(&mut self, sample: &Sample, share: f64) {
        self.count(sample);
        let logarithms: Vec<f64> = self.counts.iter().map(|count| count.ln()).collect();
        let mean = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
        self.start = logarithms.iter().map(|logarithm| share * (logarithm - mean)).collect();
    }

    fn place_ordered(&mut self, sample: &Sample) {
        self.count(sample);
        let total: f64 = self.counts.iter().sum();
        let ranks = self.counts.len().saturating_sub(1);
        let mut above = total;
        let (mut cumulative, mut conditional) = (Vec::with_capacity(ranks), Vec::with_capacity(ranks));
        for count in &self.counts[..ranks] {
            let reached = above;
            above -= count;
            cumulative.push(logit(1.0 - above / total));
            conditional.push(logit(above / reached));
        }
        if self.objective == Objective::CumulativeLink {
            self.shared = OrderedThresholds::free(&cumulative).to_vec();
        } else {
            self.start = conditional;
        }
    }

    fn place_relevance(&mut self, sample: &Sample) {
        let relevance = Weighted::less_offset_of(sample, |y| y, false);
        if self.is_binary {
            self.start = vec![logit(relevance.share(relevance.mean()))];
        } else {
            self.standardise(&relevance);
        }
    }

    /// How often each class occurs, as it is weighted.
    fn count(&mut self, sample: &Sample) {
        self.counts = vec![0.0; sample.classes];
        for (row, &class) in sample.target.iter().enumerate() {
            self.counts[class as usize] += sample.weight.map_or(1.0, |weight| weight[row]);
        }
        self.counts.iter_mut().for_each(|count| *count = count.max(0.5));
    }

    /// g(y) without its unit.
    pub(in crate::model) fn without_unit(&self, y: f64) -> f64 {
        let number = match self.objective.family() {
            Family::LogNumber => y.ln(),
            Family::LogOneMore => y.ln_1p(),
            Family::Number
            | Family::LogMean
            | Family::PositiveLogMean
            | Family::Count
            | Family::Binary
            | Family::Classes
            | Family::Ordered
            | Family::Relevance => y,
        };
        (number - self.shift) / self.scale
    }

    /// What is added to the outputs of rows with these offsets, row after row.
    pub(in crate::model) fn offsets(&self, offset: &[f64]) -> Vec<f64> {
        let is_moved = |output: usize| match self.objective.family() {
            Family::Classes => false,
            Family::Ordered => true,
            Family::Number => output == 0 || matches!(self.objective, Objective::TwoQuantiles { .. }),
            Family::LogNumber
            | Family::LogOneMore
            | Family::LogMean
            | Family::PositiveLogMean
            | Family::Count
            | Family::Binary
            | Family::Relevance => output == 0,
        };
        let unit = match self.objective.family() {
            Family::Number | Family::LogNumber | Family::LogOneMore | Family::Relevance => self.scale,
            Family::LogMean
            | Family::PositiveLogMean
            | Family::Count
            | Family::Binary
            | Family::Classes
            | Family::Ordered => 1.0,
        };
        let outputs = self.outputs();
        let entry = |&offset: &f64| (0..outputs).map(move |output| if is_moved(output) { offset / unit } else { 0.0 });
        offset.iter().flat_map(entry).collect()
    }

    /// The classes' frequencies as a tensor.
    pub(in crate::model) fn prior(&self) -> Tensor {
        Tensor::from(self.counts.clone())
    }
}

/// Targets nearer to 0 than this share of the mean size count as so far away in a percentage.
pub(in crate::model) const PERCENTAGE_FLOOR: f64 = 1e-3;
