mod constants;
mod data;
mod fits;
mod laws;
mod odd;
mod probe;
mod properties;
mod speed;

use super::Objective;

/// Every objective, with usual parameters for targets of about 30.
const EVERY: [Objective; 42] = [
    Objective::SquaredError,
    Objective::AbsoluteError,
    Objective::Huber { delta: 10.0 },
    Objective::Quantile { level: 0.9 },
    Objective::Expectile { level: 0.8 },
    Objective::LogSquaredError,
    Objective::SquaredLogarithmicError,
    Objective::AbsolutePercentageError,
    Objective::Poisson,
    Objective::Gamma,
    Objective::Tweedie { power: 1.5 },
    Objective::InverseGaussian,
    Objective::Gaussian,
    Objective::BetaGaussian { beta: 0.5 },
    Objective::StudentT { freedom: 4.0 },
    Objective::LogNormal,
    Objective::GammaLikelihood,
    Objective::NegativeBinomial,
    Objective::ZeroInflatedPoisson,
    Objective::ZeroInflatedNegativeBinomial,
    Objective::TwoPart,
    Objective::TwoQuantiles { lower: 0.1, upper: 0.9 },
    Objective::Tukey { c: 60.0 },
    Objective::CrossEntropy,
    Objective::WeightedCrossEntropy { weight: 4.0 },
    Objective::Focal { gamma: 2.0, alpha: 0.25 },
    Objective::Brier,
    Objective::Hinge,
    Objective::PairwiseLogistic,
    Objective::LogitAdjusted { tau: 1.0 },
    Objective::MulticlassCrossEntropy,
    Objective::ClassBalanced { beta: 0.99 },
    Objective::MulticlassLogitAdjusted { tau: 1.0 },
    Objective::LabelSmoothing { epsilon: 0.1 },
    Objective::GeneralisedCrossEntropy { q: 0.5 },
    Objective::Corn,
    Objective::CumulativeLink,
    Objective::ListSoftmax,
    Objective::ListPairwise,
    Objective::LambdaRank,
    Objective::ApproxNdcg,
    Objective::Pointwise,
];
