//! What a model is trained by: a loss of the catalogue, with the link between the model's outputs and the loss.

mod formulation;
mod loss;
mod summary;

use serde::Serialize;

pub(super) use self::{
    formulation::{Family, Formulation},
    loss::{Targets, as_type},
};
use crate::advice::purpose::Functional;

/// A loss with its parameters, as a model is trained by it.
///
/// Targets are positive where the link is a logarithm, 0 or 1 for two classes, numbers of classes from 0 for several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objective {
    /// Squared error, identity link.
    SquaredError,
    /// Absolute error, identity link.
    AbsoluteError,
    /// Huber's loss of this δ (in units of the target), identity link.
    Huber {
        /// Where the square ends.
        delta: f64,
    },
    /// Pinball loss of this level, identity link.
    Quantile {
        /// The level.
        level: f64,
    },
    /// Asymmetric squared error of this level, identity link.
    Expectile {
        /// The level.
        level: f64,
    },
    /// Squared error of ln y (log-OLS): exp of the output is the median where ln y is symmetric.
    LogSquaredError,
    /// Squared error of ln(1 + y).
    SquaredLogarithmicError,
    /// Absolute error over |y|, identity link.
    AbsolutePercentageError,
    /// Poisson, log link.
    Poisson,
    /// Gamma deviance, log link.
    Gamma,
    /// Tweedie deviance of this power, log link.
    Tweedie {
        /// The power.
        power: f64,
    },
    /// Inverse Gaussian deviance, log link.
    InverseGaussian,
    /// Gaussian likelihood: mean and log-variance.
    Gaussian,
    /// Gaussian likelihood weighted by variance^β (Seitzer 2022).
    BetaGaussian {
        /// The exponent.
        beta: f64,
    },
    /// Student-t likelihood: location and log-scale, with these degrees of freedom.
    StudentT {
        /// Degrees of freedom.
        freedom: f64,
    },
    /// Log-normal likelihood: location and log-scale of ln y.
    LogNormal,
    /// Gamma likelihood: log-mean and log-shape.
    GammaLikelihood,
    /// Negative binomial likelihood (NB2): log-mean, and one log-dispersion.
    NegativeBinomial,
    /// Zero-inflated Poisson likelihood: log-mean and logit of a certain zero.
    ZeroInflatedPoisson,
    /// Zero-inflated negative binomial likelihood.
    ZeroInflatedNegativeBinomial,
    /// Zeros by cross-entropy, positives by a Gamma deviance with log link: two outputs.
    TwoPart,
    /// Two quantiles, by the pinball loss of both levels.
    TwoQuantiles {
        /// The lower level.
        lower: f64,
        /// The upper level.
        upper: f64,
    },
    /// Tukey's biweight of this c (in units of the target), identity link.
    Tukey {
        /// Where its influence ends.
        c: f64,
    },
    /// Cross-entropy of two classes, logit.
    CrossEntropy,
    /// Cross-entropy with this weight on positives.
    WeightedCrossEntropy {
        /// The weight.
        weight: f64,
    },
    /// Focal loss.
    Focal {
        /// The exponent.
        gamma: f64,
        /// The weight of positives.
        alpha: f64,
    },
    /// Squared error of the probability.
    Brier,
    /// Hinge.
    Hinge,
    /// Logistic loss of pairs of a positive and a negative row of the batch.
    PairwiseLogistic,
    /// Cross-entropy of two classes with the labels' prior added to the logit (logit adjustment, τ).
    LogitAdjusted {
        /// How much of the prior.
        tau: f64,
    },
    /// Cross-entropy of several classes.
    MulticlassCrossEntropy,
    /// The same, weighted by the effective number of samples (Cui 2019).
    ClassBalanced {
        /// The exponent.
        beta: f64,
    },
    /// The same with logit adjustment.
    MulticlassLogitAdjusted {
        /// How much of the prior.
        tau: f64,
    },
    /// The same with smoothed labels.
    LabelSmoothing {
        /// The share spread over all classes.
        epsilon: f64,
    },
    /// Generalised cross-entropy (Zhang & Sabuncu 2018).
    GeneralisedCrossEntropy {
        /// Its exponent.
        q: f64,
    },
    /// CORN, for ordered classes (Shi 2021).
    Corn,
    /// Cumulative logits (proportional odds), for ordered classes.
    CumulativeLink,
    /// Softmax over a list with one or more relevant items.
    ListSoftmax,
    /// Pairs within a list.
    ListPairwise,
    /// LambdaRank's weighted pairs.
    LambdaRank,
    /// ApproxNDCG.
    ApproxNdcg,
    /// Cross-entropy or squared error of each item by itself.
    Pointwise,
}

/// How the model's outputs become the prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The output is the prediction.
    Identity,
    /// exp of the output.
    Log,
    /// The logistic function of the output.
    Logit,
    /// The softmax of the outputs.
    Softmax,
    /// Cumulative or conditional logits of ordered classes.
    Ordinal,
    /// Scores whose order alone counts.
    Score,
}

impl Objective {
    /// Its name: that of the catalogue where the loss is one of the catalogue, with the link where there are several.
    pub fn name(self) -> &'static str {
        match self {
            Self::SquaredError => "squared_error",
            Self::AbsoluteError => "absolute_error",
            Self::Huber { .. } => "huber",
            Self::Quantile { .. } => "quantile",
            Self::Expectile { .. } => "expectile",
            Self::LogSquaredError => "log_squared_error",
            Self::SquaredLogarithmicError => "squared_logarithmic_error",
            Self::AbsolutePercentageError => "absolute_percentage_error",
            Self::Poisson => "poisson_nll",
            Self::Gamma => "gamma_deviance",
            Self::Tweedie { .. } => "tweedie_deviance",
            Self::InverseGaussian => "inverse_gaussian_deviance",
            Self::Gaussian => "gaussian_nll",
            Self::BetaGaussian { .. } => "beta_nll",
            Self::StudentT { .. } => "student_t_nll",
            Self::LogNormal => "log_normal_nll",
            Self::GammaLikelihood => "gamma_nll",
            Self::NegativeBinomial => "negative_binomial_nll",
            Self::ZeroInflatedPoisson => "zero_inflated_poisson_nll",
            Self::ZeroInflatedNegativeBinomial => "zero_inflated_negative_binomial_nll",
            Self::TwoPart => "two_part",
            Self::TwoQuantiles { .. } => "quantiles",
            Self::Tukey { .. } => "tukey_biweight",
            Self::CrossEntropy | Self::MulticlassCrossEntropy => "cross_entropy",
            Self::WeightedCrossEntropy { .. } => "weighted_cross_entropy",
            Self::Focal { .. } => "focal",
            Self::Brier => "brier",
            Self::Hinge => "hinge",
            Self::PairwiseLogistic | Self::ListPairwise => "pairwise_logistic",
            Self::LogitAdjusted { .. } | Self::MulticlassLogitAdjusted { .. } => "logit_adjusted_cross_entropy",
            Self::ClassBalanced { .. } => "class_balanced_cross_entropy",
            Self::LabelSmoothing { .. } => "label_smoothing",
            Self::GeneralisedCrossEntropy { .. } => "generalised_cross_entropy",
            Self::Corn => "corn",
            Self::CumulativeLink => "cumulative_link",
            Self::ListSoftmax => "ranking_softmax",
            Self::LambdaRank => "lambda_rank",
            Self::ApproxNdcg => "approx_ndcg",
            Self::Pointwise => "pointwise",
        }
    }

    /// Its parameters by name.
    pub fn parameters(self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Huber { delta } => vec![("delta", delta)],
            Self::Quantile { level } | Self::Expectile { level } => vec![("level", level)],
            Self::Tweedie { power } => vec![("power", power)],
            Self::BetaGaussian { beta } | Self::ClassBalanced { beta } => vec![("beta", beta)],
            Self::StudentT { freedom } => vec![("freedom", freedom)],
            Self::TwoQuantiles { lower, upper } => vec![("lower", lower), ("upper", upper)],
            Self::Tukey { c } => vec![("c", c)],
            Self::WeightedCrossEntropy { weight } => vec![("weight", weight)],
            Self::Focal { gamma, alpha } => vec![("gamma", gamma), ("alpha", alpha)],
            Self::LogitAdjusted { tau } | Self::MulticlassLogitAdjusted { tau } => vec![("tau", tau)],
            Self::LabelSmoothing { epsilon } => vec![("epsilon", epsilon)],
            Self::GeneralisedCrossEntropy { q } => vec![("q", q)],
            Self::SquaredError
            | Self::AbsoluteError
            | Self::LogSquaredError
            | Self::SquaredLogarithmicError
            | Self::AbsolutePercentageError
            | Self::Poisson
            | Self::Gamma
            | Self::InverseGaussian
            | Self::Gaussian
            | Self::LogNormal
            | Self::GammaLikelihood
            | Self::NegativeBinomial
            | Self::ZeroInflatedPoisson
            | Self::ZeroInflatedNegativeBinomial
            | Self::TwoPart
            | Self::CrossEntropy
            | Self::Brier
            | Self::Hinge
            | Self::PairwiseLogistic
            | Self::MulticlassCrossEntropy
            | Self::Corn
            | Self::CumulativeLink
            | Self::ListSoftmax
            | Self::ListPairwise
            | Self::LambdaRank
            | Self::ApproxNdcg
            | Self::Pointwise => Vec::new(),
        }
    }

    /// The link between the model's outputs and the prediction.
    pub fn link(self) -> Link {
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
            | Self::Tukey { .. } => Link::Identity,
            Self::LogSquaredError
            | Self::SquaredLogarithmicError
            | Self::Poisson
            | Self::Gamma
            | Self::Tweedie { .. }
            | Self::InverseGaussian
            | Self::LogNormal
            | Self::GammaLikelihood
            | Self::NegativeBinomial
            | Self::ZeroInflatedPoisson
            | Self::ZeroInflatedNegativeBinomial
            | Self::TwoPart => Link::Log,
            Self::CrossEntropy
            | Self::WeightedCrossEntropy { .. }
            | Self::Focal { .. }
            | Self::Brier
            | Self::LogitAdjusted { .. } => Link::Logit,
            Self::MulticlassCrossEntropy
            | Self::ClassBalanced { .. }
            | Self::MulticlassLogitAdjusted { .. }
            | Self::LabelSmoothing { .. }
            | Self::GeneralisedCrossEntropy { .. } => Link::Softmax,
            Self::Corn | Self::CumulativeLink => Link::Ordinal,
            Self::Hinge
            | Self::PairwiseLogistic
            | Self::ListSoftmax
            | Self::ListPairwise
            | Self::LambdaRank
            | Self::ApproxNdcg
            | Self::Pointwise => Link::Score,
        }
    }

    /// The functional that its minimiser is, before anything is repaired.
    pub fn estimates(self) -> Option<Functional> {
        match self {
            Self::SquaredError
            | Self::Poisson
            | Self::Gamma
            | Self::Tweedie { .. }
            | Self::InverseGaussian
            | Self::Gaussian
            | Self::TwoPart
            | Self::GammaLikelihood
            | Self::BetaGaussian { .. } => Some(Functional::Mean),
            Self::AbsoluteError => Some(Functional::Median),
            Self::Quantile { level } => Some(Functional::Quantile(level)),
            Self::Expectile { level } => Some(Functional::Expectile(level)),
            Self::SquaredLogarithmicError => Some(Functional::LogMean),
            Self::AbsolutePercentageError => Some(Functional::MedianByInverse),
            Self::TwoQuantiles { lower, upper } => Some(Functional::Interval(upper - lower)),
            Self::LogNormal
            | Self::StudentT { .. }
            | Self::NegativeBinomial
            | Self::ZeroInflatedPoisson
            | Self::ZeroInflatedNegativeBinomial => Some(Functional::Law),
            Self::CrossEntropy | Self::Brier | Self::MulticlassCrossEntropy | Self::Corn | Self::CumulativeLink => {
                Some(Functional::Probability)
            }
            Self::PairwiseLogistic
            | Self::ListSoftmax
            | Self::ListPairwise
            | Self::LambdaRank
            | Self::ApproxNdcg
            | Self::Pointwise => Some(Functional::Order),
            Self::Hinge => Some(Functional::Mode),
            // Between two functionals, or a shifted probability.
            Self::Huber { .. }
            | Self::LogSquaredError
            | Self::Tukey { .. }
            | Self::WeightedCrossEntropy { .. }
            | Self::Focal { .. }
            | Self::LogitAdjusted { .. }
            | Self::ClassBalanced { .. }
            | Self::MulticlassLogitAdjusted { .. }
            | Self::LabelSmoothing { .. }
            | Self::GeneralisedCrossEntropy { .. } => None,
        }
    }
}
