//! How much is trained: a pure function of a number of fits, so that the same number repeats a run to the bit.
//!
//! A budget of seconds is turned into that number once, from the time of a few fits; nothing afterwards depends on the clock. What
//! does not fit is given up in this order: the second start of the network, the second repeat of the folds, rows, the
//! network. Every loss always sees the same splits, starts and batches.

use serde::Serialize;

use super::entry::Entry;
use crate::model::{ModelKind, Objective};

/// SplitParts of the rows, each a test part once in a repeat.
pub const FOLDS: usize = 5;

/// Settings of the model that are tried for each loss in each split.
pub const TUNED: usize = 3;

/// Share of the time that is planned for: one fit is like another only about.
const CAUTION: f64 = 0.8;

/// Fewer rows than these tell nothing of the losses: the network goes before.
const FEWEST_ROWS_WITH_NETWORK: usize = 2_000;

/// Fewer rows than these are not taken.
const FEWEST_ROWS: usize = 500;

/// What there is to train.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Rows that the folds divide.
    pub rows: usize,
    /// The losses to train.
    pub entries: Vec<Entry>,
    /// The models, as asked for.
    pub models: Vec<ModelKind>,
    /// Whether winner and default are fitted once more for the rows that were kept out.
    pub held_out: bool,
    /// Whether the rows have a time, which divides them in one way only.
    pub in_time: bool,
}

/// What is trained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FitPlan {
    /// The number that repeats it: fits on all rows; one on a sample of the rows counts as its share.
    pub fits: u32,
    /// The models.
    pub models: Vec<ModelKind>,
    /// SplitParts of the rows.
    pub folds: usize,
    /// How often the rows are divided anew.
    pub repeats: usize,
    /// Initial weights of the network in each split, averaged; the linear model has one minimum.
    pub starts: usize,
    /// Rows that are used; the others stay out.
    pub rows: usize,
    /// Trainings that it comes to, if no loss is dropped.
    pub trainings: usize,
}

/// How often a loss is fitted in one split.
pub fn fits_of(entry: &Entry, model: ModelKind, starts: usize) -> usize {
    let more_starts = match model {
        ModelKind::Linear => 0,
        ModelKind::Mlp => starts - 1,
    };
    TUNED + entry.neighbours().len() + more_starts
}

/// The same loss with its own parameter a step lower and a step higher; none for a loss without one, or whose parameter is the
/// question's.
pub fn neighbours(objective: Objective) -> Vec<Objective> {
    let around = |one: Objective, other: Objective| vec![one, other];
    match objective {
        Objective::Huber { delta } => {
            around(Objective::Huber { delta: delta / 2.0 }, Objective::Huber { delta: delta * 2.0 })
        }
        Objective::Tukey { c } => around(Objective::Tukey { c: c / 2.0 }, Objective::Tukey { c: c * 2.0 }),
        Objective::Tweedie { power } => around(
            Objective::Tweedie { power: (power - 0.2).max(1.05) },
            Objective::Tweedie { power: (power + 0.2).min(1.95) },
        ),
        Objective::BetaGaussian { beta } => around(
            Objective::BetaGaussian { beta: (beta - 0.25).max(0.0) },
            Objective::BetaGaussian { beta: (beta + 0.25).min(1.0) },
        ),
        Objective::StudentT { freedom } => around(
            Objective::StudentT { freedom: (freedom / 2.0).max(2.0) },
            Objective::StudentT { freedom: freedom * 2.0 },
        ),
        Objective::Focal { gamma, alpha } => {
            around(Objective::Focal { gamma: gamma / 2.0, alpha }, Objective::Focal { gamma: gamma * 2.0, alpha })
        }
        Objective::LogitAdjusted { tau } => {
            around(Objective::LogitAdjusted { tau: tau / 2.0 }, Objective::LogitAdjusted { tau: tau * 1.5 })
        }
        Objective::MulticlassLogitAdjusted { tau } => around(
            Objective::MulticlassLogitAdjusted { tau: tau / 2.0 },
            Objective::MulticlassLogitAdjusted { tau: tau * 1.5 },
        ),
        Objective::ClassBalanced { beta } => around(
            Objective::ClassBalanced { beta: (1.0 - (1.0 - beta) * 10.0).max(0.0) },
            Objective::ClassBalanced { beta: 1.0 - (1.0 - beta) / 10.0 },
        ),
        Objective::LabelSmoothing { epsilon } => around(
            Objective::LabelSmoothing { epsilon: epsilon / 2.0 },
            Objective::LabelSmoothing { epsilon: (epsilon * 2.0).min(0.5) },
        ),
        Objective::GeneralisedCrossEntropy { q } => around(
            Objective::GeneralisedCrossEntropy { q: (q - 0.2).max(0.1) },
            Objective::GeneralisedCrossEntropy { q: (q + 0.2).min(1.0) },
        ),
        Objective::SquaredError
        | Objective::AbsoluteError
        | Objective::Quantile { .. }
        | Objective::Expectile { .. }
        | Objective::LogSquaredError
        | Objective::SquaredLogarithmicError
        | Objective::AbsolutePercentageError
        | Objective::Poisson
        | Objective::Gamma
        | Objective::InverseGaussian
        | Objective::Gaussian
        | Objective::LogNormal
        | Objective::GammaLikelihood
        | Objective::NegativeBinomial
        | Objective::ZeroInflatedPoisson
        | Objective::ZeroInflatedNegativeBinomial
        | Objective::TwoPart
        | Objective::TwoQuantiles { .. }
        | Objective::CrossEntropy
        | Objective::WeightedCrossEntropy { .. }
        | Objective::Brier
        | Objective::Hinge
        | Objective::PairwiseLogistic
        | Objective::MulticlassCrossEntropy
        | Objective::Corn
        | Objective::CumulativeLink
        | Objective::ListSoftmax
        | Objective::ListPairwise
        | Objective::LambdaRank
        | Objective::ApproxNdcg
        | Objective::Pointwise => Vec::new(),
    }
}

impl Work {
    /// Fits of one model, on all rows of the plan.
    fn fits_of_model(&self, model: ModelKind, repeats: usize, starts: usize) -> usize {
        let each = self.entries.iter().map(|entry| fits_of(entry, model, starts));
        // Winner and default are not known yet: two of the costliest.
        let held_out = if self.held_out { 2 * each.clone().max().unwrap_or(0) } else { 0 };
        FOLDS * repeats * each.sum::<usize>() + held_out
    }

    fn total(&self, models: &[ModelKind], repeats: usize, starts: usize) -> usize {
        models.iter().map(|&model| self.fits_of_model(model, repeats, starts)).sum()
    }

    /// The plan of so many fits.
    pub fn plan(&self, fits: u32) -> FitPlan {
        let asked = fits as usize;
        let linear: Vec<ModelKind> = self.models.iter().copied().filter(|&model| model == ModelKind::Linear).collect();
        let without_network = !linear.is_empty() && linear.len() < self.models.len();
        let mut plan = self.plan_of_models(&self.models, asked, fits);
        if without_network && plan.rows < FEWEST_ROWS_WITH_NETWORK.min(self.rows) {
            plan = self.plan_of_models(&linear, asked, fits);
        }
        plan.rows = plan.rows.max(FEWEST_ROWS.min(self.rows));
        plan
    }

    fn plan_of_models(&self, models: &[ModelKind], asked: usize, fits: u32) -> FitPlan {
        let designs: &[(usize, usize)] = if self.in_time { &[(1, 2), (1, 1)] } else { &[(2, 2), (2, 1), (1, 1)] };
        let fitting = designs.iter().copied().find(|&(repeats, starts)| self.total(models, repeats, starts) <= asked);
        let (repeats, starts) = fitting.unwrap_or((1, 1));
        let trainings = self.total(models, repeats, starts);
        let share = (asked as f64 / trainings as f64).min(1.0);
        let rows = (share * self.rows as f64).floor() as usize;
        FitPlan { fits, models: models.to_vec(), folds: FOLDS, repeats, starts, rows, trainings }
    }

    /// The plan that these seconds allow, given the seconds of one fit of each model on all rows, in the order of
    /// [`models`](Self::models). At least the smallest plan, whatever it takes.
    pub fn plan_in(&self, seconds: f64, of_one_fit: &[f64]) -> (FitPlan, f64) {
        let time = |plan: &FitPlan| {
            let share = plan.rows as f64 / self.rows as f64;
            let of_model = |(model, cost): (&ModelKind, &f64)| {
                let fits =
                    if plan.models.contains(model) { self.fits_of_model(*model, plan.repeats, plan.starts) } else { 0 };
                fits as f64 * cost * share
            };
            self.models.iter().zip(of_one_fit).map(of_model).sum::<f64>()
        };
        // More fits never take less time, but where the network goes: the largest number that is in time.
        let repeats = if self.in_time { 1 } else { 2 };
        let (mut low, mut high) = (1, u32::try_from(self.total(&self.models, repeats, 2)).unwrap_or(u32::MAX));
        let allowed = CAUTION * seconds;
        if time(&self.plan(high)) > allowed {
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                let end = if time(&self.plan(middle)) <= allowed { &mut low } else { &mut high };
                *end = middle;
            }
        } else {
            low = high;
        }
        let plan = self.plan(low);
        let time = time(&plan);
        (plan, time)
    }

    /// The same work with the linear model alone; none where that is no other.
    pub fn without_network(&self) -> Option<Self> {
        let has_both = self.models.contains(&ModelKind::Linear) && self.models.contains(&ModelKind::Mlp);
        has_both.then(|| Self { models: vec![ModelKind::Linear], ..self.clone() })
    }
}
