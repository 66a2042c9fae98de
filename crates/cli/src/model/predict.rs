//! From a model's outputs to predictions in the user's unit.

use super::{
    Law, Objective,
    objective::{Family, Formulation},
};

/// What a model says about some rows, in their order.
#[derive(Debug, Clone, PartialEq)]
pub enum Prediction {
    /// One number for each row: a mean, a quantile, whatever the objective estimates.
    Number(Vec<f64>),
    /// Two quantiles for each row, the lower not above the upper.
    Interval {
        /// The lower ones.
        low: Vec<f64>,
        /// The upper ones.
        high: Vec<f64>,
    },
    /// The probability of the positive class, as the loss leaves it: shifted under weights, focal loss and logit adjustment.
    Probability(Vec<f64>),
    /// The probabilities of all classes.
    Classes {
        /// Row after row.
        probabilities: Vec<f64>,
        /// Number of classes.
        classes: usize,
    },
    /// Numbers whose order alone counts.
    Score(Vec<f64>),
    /// The law of each row's target.
    Laws(Vec<Law>),
}

impl Prediction {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Number(values) | Self::Probability(values) | Self::Score(values) => values.len(),
            Self::Interval { low, .. } => low.len(),
            Self::Classes { probabilities, classes } => probabilities.len() / classes,
            Self::Laws(laws) => laws.len(),
        }
    }

    /// One number for each row: the number, probability or score itself, the middle of the interval, the mean of the law or of the
    /// classes' numbers.
    pub fn numbers(&self) -> Vec<f64> {
        match self {
            Self::Number(values) | Self::Probability(values) | Self::Score(values) => values.clone(),
            Self::Interval { low, high } => low.iter().zip(high).map(|(low, high)| 0.5 * (low + high)).collect(),
            Self::Classes { probabilities, classes } => {
                let mean = |row: &[f64]| row.iter().enumerate().map(|(class, share)| class as f64 * share).sum();
                probabilities.chunks_exact(*classes).map(mean).collect()
            }
            Self::Laws(laws) => laws.iter().map(Law::mean).collect(),
        }
    }
}

/// exp, but a number for every x.
fn exp(x: f64) -> f64 {
    x.clamp(-700.0, 700.0).exp()
}

fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}

fn softmax(row: &[f64]) -> Vec<f64> {
    let greatest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = row.iter().map(|x| (x - greatest).exp()).collect();
    let total: f64 = parts.iter().sum();
    parts.iter().map(|part| part / total).collect()
}

impl Formulation {
    /// The predictions of rows with these outputs, row-major. `shared` are the fitted shared numbers, `spread` the one that [`spread`] found.
    ///
    /// [`spread`]: Formulation::spread
    pub(super) fn predict(&self, outputs: &[f64], shared: &[f64], spread: f64) -> Prediction {
        let each = |number: fn(&Self, f64) -> f64| outputs.iter().map(|&x| number(self, x)).collect();
        match self.objective {
            Objective::TwoQuantiles { .. } => {
                let pairs = outputs.chunks_exact(2).map(|pair| (self.with_unit(pair[0]), self.with_unit(pair[1])));
                let (low, high) = pairs.map(|(a, b)| (a.min(b), a.max(b))).unzip();
                Prediction::Interval { low, high }
            }
            Objective::Gaussian
            | Objective::BetaGaussian { .. }
            | Objective::StudentT { .. }
            | Objective::LogNormal
            | Objective::GammaLikelihood
            | Objective::NegativeBinomial
            | Objective::ZeroInflatedPoisson
            | Objective::ZeroInflatedNegativeBinomial
            | Objective::TwoPart => {
                Prediction::Laws(self.laws(outputs, shared, spread).expect("each of these predicts a law"))
            }
            Objective::CrossEntropy
            | Objective::WeightedCrossEntropy { .. }
            | Objective::Focal { .. }
            | Objective::Brier
            | Objective::LogitAdjusted { .. } => Prediction::Probability(each(|_, x| sigmoid(x))),
            Objective::MulticlassCrossEntropy
            | Objective::ClassBalanced { .. }
            | Objective::MulticlassLogitAdjusted { .. }
            | Objective::LabelSmoothing { .. }
            | Objective::GeneralisedCrossEntropy { .. } => {
                let probabilities = outputs.chunks_exact(self.outputs()).flat_map(softmax).collect();
                Prediction::Classes { probabilities, classes: self.counts.len() }
            }
            Objective::Corn => self.classes(outputs, conditional),
            Objective::CumulativeLink => {
                let thresholds = ordered(shared);
                self.classes(outputs, |row| cumulative(row[0], &thresholds))
            }
            Objective::Hinge
            | Objective::PairwiseLogistic
            | Objective::ListSoftmax
            | Objective::ListPairwise
            | Objective::LambdaRank
            | Objective::ApproxNdcg
            | Objective::Pointwise => Prediction::Score(outputs.to_vec()),
            Objective::SquaredError
            | Objective::AbsoluteError
            | Objective::Huber { .. }
            | Objective::Quantile { .. }
            | Objective::Expectile { .. }
            | Objective::AbsolutePercentageError
            | Objective::Tukey { .. }
            | Objective::LogSquaredError
            | Objective::SquaredLogarithmicError
            | Objective::Poisson
            | Objective::Gamma
            | Objective::Tweedie { .. }
            | Objective::InverseGaussian => Prediction::Number(each(Self::with_unit)),
        }
    }

    fn classes(&self, outputs: &[f64], of_row: impl Fn(&[f64]) -> Vec<f64>) -> Prediction {
        let probabilities = outputs.chunks_exact(self.outputs()).flat_map(of_row).collect();
        Prediction::Classes { probabilities, classes: self.counts.len() }
    }

    /// The number that an output stands for, in the user's unit.
    fn with_unit(&self, x: f64) -> f64 {
        match self.objective.family() {
            Family::LogNumber => exp(self.shift + self.scale * x),
            Family::LogOneMore => (self.shift + self.scale * x).clamp(-700.0, 700.0).exp_m1().max(0.0),
            Family::LogMean | Family::PositiveLogMean | Family::Count => self.scale * exp(x),
            Family::Number | Family::Binary | Family::Classes | Family::Ordered | Family::Relevance => {
                self.shift + self.scale * x
            }
        }
    }

    /// The laws that rows with these outputs follow, where the objective is the likelihood of one, or of one up to its spread.
    pub(super) fn laws(&self, outputs: &[f64], shared: &[f64], spread: f64) -> Option<Vec<Law>> {
        outputs.chunks_exact(self.outputs()).map(|row| self.law(row, shared, spread)).collect()
    }

    fn law(&self, x: &[f64], shared: &[f64], spread: f64) -> Option<Law> {
        let number = || self.with_unit(x[0]);
        let law = match self.objective {
            Objective::SquaredError => Law::Normal { mean: number(), deviation: self.scale * spread },
            Objective::Gaussian | Objective::BetaGaussian { .. } => {
                Law::Normal { mean: number(), deviation: self.scale * exp(0.5 * x[1]) }
            }
            Objective::StudentT { freedom } => {
                Law::StudentT { location: number(), scale: self.scale * exp(x[1]), freedom }
            }
            Objective::LogSquaredError => {
                Law::LogNormal { log_median: self.shift + self.scale * x[0], log_deviation: self.scale * spread }
            }
            Objective::LogNormal => {
                Law::LogNormal { log_median: self.scale.ln() + x[0], log_deviation: exp(0.5 * x[1]) }
            }
            Objective::Gamma => Law::Gamma { mean: number(), shape: 1.0 / (spread * spread) },
            Objective::GammaLikelihood => Law::Gamma { mean: number(), shape: exp(x[1]) },
            Objective::Poisson => Law::Poisson { mean: number() },
            Objective::NegativeBinomial => Law::NegativeBinomial { mean: number(), size: exp(shared[0]) },
            Objective::ZeroInflatedPoisson => Law::ZeroInflatedPoisson { mean: number(), certain: sigmoid(x[1]) },
            Objective::ZeroInflatedNegativeBinomial => {
                let size = exp(shared[0]);
                Law::ZeroInflatedNegativeBinomial { mean: number(), certain: sigmoid(x[1]), size }
            }
            Objective::TwoPart => {
                Law::TwoPart { positive: sigmoid(x[1]), mean: number(), shape: 1.0 / (spread * spread) }
            }
            Objective::AbsoluteError
            | Objective::Huber { .. }
            | Objective::Quantile { .. }
            | Objective::Expectile { .. }
            | Objective::SquaredLogarithmicError
            | Objective::AbsolutePercentageError
            | Objective::Tweedie { .. }
            | Objective::InverseGaussian
            | Objective::TwoQuantiles { .. }
            | Objective::Tukey { .. }
            | Objective::CrossEntropy
            | Objective::WeightedCrossEntropy { .. }
            | Objective::Focal { .. }
            | Objective::Brier
            | Objective::Hinge
            | Objective::PairwiseLogistic
            | Objective::LogitAdjusted { .. }
            | Objective::MulticlassCrossEntropy
            | Objective::ClassBalanced { .. }
            | Objective::MulticlassLogitAdjusted { .. }
            | Objective::LabelSmoothing { .. }
            | Objective::GeneralisedCrossEntropy { .. }
            | Objective::Corn
            | Objective::CumulativeLink
            | Objective::ListSoftmax
            | Objective::ListPairwise
            | Objective::LambdaRank
            | Objective::ApproxNdcg
            | Objective::Pointwise => return None,
        };
        Some(law)
    }

    /// What is left of the targets at these outputs, as a standard deviation: of the residuals without their unit, or relative to the mean
    /// where the law is a Gamma; 0 where no law asks for it.
    pub(super) fn spread(&self, outputs: &[f64], target: &[f64], weight: Option<&[f64]>, weights: usize) -> f64 {
        let each = outputs.chunks_exact(self.outputs()).zip(target).enumerate();
        let is_normal = matches!(self.objective, Objective::SquaredError | Objective::LogSquaredError);
        let (is_gamma, is_two_part) = (self.objective == Objective::Gamma, self.objective == Objective::TwoPart);
        let square = |x: &[f64], y: f64| {
            if is_normal {
                Some((self.without_unit(y) - x[0]).powi(2))
            } else if is_gamma || (is_two_part && y > 0.0) {
                Some((y / self.with_unit(x[0]) - 1.0).powi(2))
            } else {
                None
            }
        };
        let (mut sum, mut total, mut rows) = (0.0, 0.0, 0.0f64);
        for (row, (x, &y)) in each {
            if let Some(square) = square(x, y) {
                let weight = weight.map_or(1.0, |weight| weight[row]);
                (sum, total, rows) = (sum + weight * square, total + weight, rows + 1.0);
            }
        }
        // Pearson's estimate, which counts the weights that were fitted.
        let freedom = (rows - weights as f64).max(0.5 * rows).max(1.0);
        (sum / total.max(f64::MIN_POSITIVE) * rows / freedom).sqrt().max(1e-9)
    }
}

/// The probabilities of the classes from the conditional logits of being above each.
fn conditional(logits: &[f64]) -> Vec<f64> {
    let mut reached = 1.0;
    let mut probabilities: Vec<f64> = Vec::with_capacity(logits.len() + 1);
    for &logit in logits {
        let above = sigmoid(logit);
        probabilities.push(reached * (1.0 - above));
        reached *= above;
    }
    probabilities.push(reached);
    probabilities
}

/// The thresholds of their free numbers.
fn ordered(free: &[f64]) -> Vec<f64> {
    minimand::loss::OrderedThresholds::of(&minimand::tensor::Tensor::from(free)).to_vec()
}

/// The probabilities of the classes that a number falls into between thresholds.
fn cumulative(x: f64, thresholds: &[f64]) -> Vec<f64> {
    let mut below = 0.0;
    let mut probabilities: Vec<f64> = Vec::with_capacity(thresholds.len() + 1);
    for threshold in thresholds {
        let next = sigmoid(threshold - x);
        probabilities.push((next - below).max(0.0));
        below = next;
    }
    probabilities.push(1.0 - below);
    probabilities
}
