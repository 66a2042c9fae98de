//! The loss of each row, or of each list, by the losses of the library.

use minimand::{
    loss::{
        CrossEntropyOptions, FocalOptions, LabelError, Labels, LambdaOptions, OrderedThresholds,
        absolute_percentage_error, approx_ndcg, beta_nll, binary_brier_score, binary_cross_entropy_with_logits,
        binary_focal, class_balanced_cross_entropy, corn, cross_entropy, cross_entropy_with, cumulative_link,
        expectile, gamma_nll, gaussian_nll_log_variance, generalised_cross_entropy, hinge, huber, huberised_quantile,
        lambda_rank, log_normal_nll, logit_adjusted_cross_entropy, negative_binomial_nll, pairwise_logistic,
        poisson_nll_log_rate, quantile, ranking_softmax, smooth_l1, squared_error, student_t_nll, tukey_biweight,
        tweedie_deviance_log_mean, weighted_binary_cross_entropy_with_logits, zero_inflated_negative_binomial_nll,
        zero_inflated_poisson_nll,
    },
    tensor::{DType, Tensor},
};

use super::{
    Objective,
    formulation::{Family, Formulation, PERCENTAGE_FLOOR},
};
use crate::model::{FitError, Sample, lists::buckets};

/// The targets of some rows, without their unit, as tensors.
#[derive(Clone)]
pub(in crate::model) struct Targets {
    /// One for each row; for classes nothing that is looked at.
    pub(in crate::model) numbers: Tensor,
    /// For classes.
    labels: Option<Labels>,
}

impl Targets {
    /// Of one element type, f32 or f64.
    pub(in crate::model) fn of(formulation: &Formulation, target: &[f64], dtype: DType) -> Result<Self, LabelError> {
        let numbers: Vec<f64> = target.iter().map(|&y| formulation.without_unit(y)).collect();
        let labels = match formulation.objective.family() {
            Family::Classes | Family::Ordered => Some(Labels::new(target, formulation.counts.len())?),
            Family::Number
            | Family::LogNumber
            | Family::LogOneMore
            | Family::LogMean
            | Family::PositiveLogMean
            | Family::Count
            | Family::Binary
            | Family::Relevance => None,
        };
        Ok(Self { numbers: as_type(numbers, &[target.len()], dtype), labels })
    }

    /// Numbers, as they are.
    pub(in crate::model) fn of_numbers(numbers: Tensor) -> Self {
        Self { numbers, labels: None }
    }

    /// Whether they are classes.
    pub(in crate::model) fn are_labels(&self) -> bool {
        self.labels.is_some()
    }

    /// Those of some rows.
    pub(in crate::model) fn select(&self, rows: &Tensor) -> Self {
        let numbers = self.numbers.index_select(0, rows).computed();
        Self { numbers, labels: self.labels.as_ref().map(|labels| labels.select(rows)) }
    }
}

/// Numbers as a tensor of this element type.
pub(in crate::model) fn as_type(numbers: Vec<f64>, shape: &[usize], dtype: DType) -> Tensor {
    match dtype {
        DType::F32 => Tensor::from_vec(numbers.into_iter().map(|number| number as f32).collect(), shape.to_vec()),
        _ => Tensor::from_vec(numbers, shape.to_vec()),
    }
}

/// A number that differs from fit to fit, of the type of the tensor beside it: no constant of the plan.
fn number(value: f64, beside: &Tensor) -> Tensor {
    as_type(vec![value], &[], beside.dtype())
}

impl Formulation {
    /// The loss of each row, of the outputs `[rows, outputs]` and the shared numbers. A loss with a kink is rounded off over `width`, if
    /// one is given.
    pub(in crate::model) fn losses(
        &self,
        outputs: &Tensor,
        shared: Option<&Tensor>,
        targets: &Targets,
        width: Option<&Tensor>,
    ) -> Tensor {
        if let Some(labels) = &targets.labels {
            return self.losses_of_classes(outputs, shared, labels);
        }
        let output = |place: usize| outputs.slice(1, place..=place).squeeze(-1);
        let (x, t) = (&output(0), &targets.numbers);
        let shared = || {
            let shared = shared.expect("an objective with shared numbers is given them");
            shared.cast(x.dtype()).expand([x.elements()])
        };
        match self.objective {
            Objective::SquaredError | Objective::LogSquaredError | Objective::SquaredLogarithmicError => {
                squared_error(x, t)
            }
            Objective::AbsoluteError => rounded_absolute(x, t, width),
            Objective::Huber { delta } => {
                let delta = number(delta / self.scale, x);
                huber(&(x / &delta), &(t / &delta), 1.0) * &delta * &delta
            }
            Objective::Quantile { level } => rounded_quantile(x, t, level, width),
            Objective::TwoQuantiles { lower, upper } => {
                rounded_quantile(x, t, lower, width) + rounded_quantile(&output(1), t, upper, width)
            }
            Objective::Expectile { level } => expectile(x, t, level),
            Objective::AbsolutePercentageError => match width {
                None => absolute_percentage_error(x, t, PERCENTAGE_FLOOR) / 100.0,
                Some(_) => {
                    let size = t.abs().clamp_min(PERCENTAGE_FLOOR);
                    rounded_absolute(&(x / &size), &(t / &size), width)
                }
            },
            Objective::Tukey { c } => {
                let c = number(c / self.scale, x);
                tukey_biweight(&(x / &c), &(t / &c), 1.0) * &c * &c
            }
            Objective::Poisson => poisson_nll_log_rate(x, t, false),
            Objective::Gamma => tweedie_deviance_log_mean(x, t, 2.0),
            Objective::Tweedie { power } => tweedie_deviance_log_mean(x, t, power),
            Objective::InverseGaussian => tweedie_deviance_log_mean(x, t, 3.0),
            Objective::Gaussian => gaussian_nll_log_variance(x, t, &output(1)),
            Objective::BetaGaussian { beta } => beta_nll(x, t, &output(1), beta),
            Objective::StudentT { freedom } => student_t_nll(x, t, &output(1), &number(freedom, x)),
            Objective::LogNormal => log_normal_nll(x, t, &output(1)),
            Objective::GammaLikelihood => gamma_nll(x, t, &output(1)),
            Objective::NegativeBinomial => negative_binomial_nll(x, t, &shared()),
            Objective::ZeroInflatedPoisson => zero_inflated_poisson_nll(&output(1), x, t),
            Objective::ZeroInflatedNegativeBinomial => zero_inflated_negative_binomial_nll(&output(1), x, t, &shared()),
            Objective::TwoPart => {
                let positive = t.gt(0);
                let amount = tweedie_deviance_log_mean(x, &positive.select(t, 1), 2.0);
                binary_cross_entropy_with_logits(&output(1), &positive.cast(x.dtype())) + positive.select(amount, 0)
            }
            Objective::CrossEntropy => binary_cross_entropy_with_logits(x, t),
            Objective::WeightedCrossEntropy { weight } => {
                weighted_binary_cross_entropy_with_logits(x, t, number(weight, x))
            }
            Objective::Focal { gamma, alpha } => binary_focal(x, t, FocalOptions { alpha: Some(alpha), gamma }),
            Objective::Brier => binary_brier_score(&x.sigmoid(), t),
            Objective::Hinge => {
                let sign = 2.0 * t - 1.0;
                match width {
                    None => hinge(x, &sign),
                    // max(0, u) = (u + |u|)/2.
                    Some(_) => {
                        let margin = x * sign;
                        0.5 * (1.0 - &margin + rounded_absolute(&margin, &margin.ones_like(), width))
                    }
                }
            }
            Objective::LogitAdjusted { tau } => {
                let prior = number((self.counts[1] / self.counts[0]).ln(), x);
                binary_cross_entropy_with_logits(&(x + tau * prior), t)
            }
            Objective::Pointwise if self.is_binary => binary_cross_entropy_with_logits(x, t),
            Objective::Pointwise => squared_error(x, t),
            Objective::PairwiseLogistic
            | Objective::ListSoftmax
            | Objective::ListPairwise
            | Objective::LambdaRank
            | Objective::ApproxNdcg
            | Objective::MulticlassCrossEntropy
            | Objective::ClassBalanced { .. }
            | Objective::MulticlassLogitAdjusted { .. }
            | Objective::LabelSmoothing { .. }
            | Objective::GeneralisedCrossEntropy { .. }
            | Objective::Corn
            | Objective::CumulativeLink => unreachable!("{} is a loss of lists or of labels", self.objective.name()),
        }
    }

    fn losses_of_classes(&self, logits: &Tensor, shared: Option<&Tensor>, labels: &Labels) -> Tensor {
        match self.objective {
            Objective::ClassBalanced { beta } => class_balanced_cross_entropy(logits, labels, &self.prior(), beta),
            Objective::MulticlassLogitAdjusted { tau } => {
                logit_adjusted_cross_entropy(logits, labels, &self.prior(), tau)
            }
            Objective::LabelSmoothing { epsilon } => {
                let options = CrossEntropyOptions { label_smoothing: epsilon, ..CrossEntropyOptions::default() };
                cross_entropy_with(logits, labels, options)
            }
            Objective::GeneralisedCrossEntropy { q } => generalised_cross_entropy(logits, labels, q),
            Objective::Corn => corn(logits, labels),
            Objective::CumulativeLink => {
                let free = shared.expect("a cumulative link has thresholds").cast(logits.dtype());
                cumulative_link(&logits.squeeze(-1), labels, &OrderedThresholds::of(&free))
            }
            Objective::MulticlassCrossEntropy => cross_entropy(logits, labels),
            other => unreachable!("{} is no loss of labels", other.name()),
        }
    }

    /// The loss of each list, of scores, relevance and a mask, all `[lists, items]`.
    pub(in crate::model) fn losses_of_lists(&self, scores: &Tensor, relevance: &Tensor, mask: &Tensor) -> Tensor {
        match self.objective {
            Objective::ListSoftmax => {
                // Its sum over the relevance would make a list with more of it count more.
                let total = mask.select(relevance, 0).sum_axis(-1);
                ranking_softmax(scores, relevance, Some(mask)) / total.eq(0).select(1, total)
            }
            Objective::LambdaRank => lambda_rank(scores, relevance, Some(mask), LambdaOptions::default()),
            Objective::ApproxNdcg => approx_ndcg(scores, relevance, Some(mask), 1.0),
            Objective::PairwiseLogistic | Objective::ListPairwise => pairwise_logistic(scores, relevance, Some(mask)),
            other => unreachable!("{} is no loss of lists", other.name()),
        }
    }
}

impl Formulation {
    /// The weighted mean loss of rows with these outputs, or of their lists.
    pub(in crate::model) fn mean_loss(
        &self,
        sample: &Sample,
        outputs: &[f64],
        shared: &[f64],
    ) -> Result<f64, FitError> {
        let objective = self.objective;
        let outputs = Tensor::from_vec(outputs.to_vec(), [sample.rows(), self.outputs()]);
        let targets =
            Targets::of(self, sample.target, DType::F64).map_err(|error| FitError::diverged(objective, error))?;
        let (losses, weight) = if objective.is_of_lists() {
            let (mut losses, mut weight) = (Vec::new(), Vec::new());
            for bucket in buckets(objective, sample, 0)? {
                let index = bucket.index();
                let shaped = |values: &Tensor| values.index_select(0, &index).reshape([bucket.len(), bucket.length]);
                let (scores, relevance) = (shaped(&outputs.squeeze(-1)), shaped(&targets.numbers));
                losses.extend(self.losses_of_lists(&scores, &relevance, &bucket.mask()).to_vec::<f64>());
                weight.extend(bucket.weight);
            }
            (losses, weight)
        } else {
            let shared = (!shared.is_empty()).then(|| Tensor::from(shared));
            let losses = self.losses(&outputs, shared.as_ref(), &targets, None).to_vec();
            (losses, sample.weight.map_or_else(|| vec![1.0; sample.rows()], <[f64]>::to_vec))
        };
        let total: f64 = weight.iter().sum();
        Ok(losses.iter().zip(&weight).map(|(loss, weight)| loss * weight).sum::<f64>() / total)
    }

    /// ∂loss/∂output of each row and output, row-major; of a loss of lists that of its list, by the list's weight.
    pub(in crate::model) fn slopes(
        &self,
        sample: &Sample,
        outputs: &[f64],
        shared: &[f64],
    ) -> Result<Vec<f64>, FitError> {
        let objective = self.objective;
        let outputs = Tensor::from_vec(outputs.to_vec(), [sample.rows(), self.outputs()]);
        let targets =
            Targets::of(self, sample.target, DType::F64).map_err(|error| FitError::diverged(objective, error))?;
        if !objective.is_of_lists() {
            let shared = (!shared.is_empty()).then(|| Tensor::from(shared));
            return Ok(self.losses(&outputs, shared.as_ref(), &targets, None).sum().grad(&outputs).to_vec());
        }
        let mut total = Tensor::from(0.0);
        for bucket in buckets(objective, sample, 0)? {
            let index = bucket.index();
            let shaped = |values: &Tensor| values.index_select(0, &index).reshape([bucket.len(), bucket.length]);
            let (scores, relevance) = (shaped(&outputs.squeeze(-1)), shaped(&targets.numbers));
            let losses = self.losses_of_lists(&scores, &relevance, &bucket.mask());
            total += (losses * Tensor::from(bucket.weight)).sum();
        }
        Ok(total.grad(&outputs).to_vec())
    }

    /// Σ slope² / Σ curvature of the loss at the constant that a fit starts from: how large a penalty on weights of one size has to be beside
    /// this loss. 1 for a likelihood that is right; c for one times c; at least 1e-6.
    pub(in crate::model) fn penalty_unit(&self, sample: &Sample) -> Result<f64, FitError> {
        let start: Vec<f64> = self.start.iter().copied().cycle().take(sample.rows() * self.outputs()).collect();
        // The trace of the curvature by random signs (Hutchinson 1990), wide enough to see over a kink.
        let sign =
            |place: usize| if (place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 0 { 1.0 } else { -1.0 };
        let moved = |step: f64| {
            let moved: Vec<f64> = start.iter().enumerate().map(|(place, output)| output + step * sign(place)).collect();
            self.slopes(sample, &moved, &self.shared)
        };
        let (above, below) = (moved(STEP)?, moved(-STEP)?);
        let change = above.iter().zip(&below).enumerate().map(|(place, (above, below))| sign(place) * (above - below));
        let curvature = change.sum::<f64>() / (2.0 * STEP);
        let squares: f64 = self.slopes(sample, &start, &self.shared)?.iter().map(|slope| slope * slope).sum();
        let unit = squares / curvature;
        // A loss that flattens far out may bend down on the whole.
        Ok(if unit > 0.0 && unit.is_finite() { unit.max(1e-6) } else { 1.0 })
    }
}

/// Half the width that curvature is measured over, in the loss's own unit.
const STEP: f64 = 0.25;

/// |x − t|, its kink rounded off over a width.
fn rounded_absolute(x: &Tensor, t: &Tensor, width: Option<&Tensor>) -> Tensor {
    match width {
        None => minimand::loss::absolute_error(x, t),
        // By the width, so that it need not be a constant.
        Some(width) => smooth_l1(&(x / width), &(t / width), 1.0) * width,
    }
}

/// The pinball loss, its kink rounded off over a width.
fn rounded_quantile(x: &Tensor, t: &Tensor, level: f64, width: Option<&Tensor>) -> Tensor {
    match width {
        None => quantile(x, t, level),
        Some(width) => huberised_quantile(&(x / width), &(t / width), level, 1.0) * width,
    }
}
