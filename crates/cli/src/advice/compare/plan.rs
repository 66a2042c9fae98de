//! How much is trained: a pure function of a number of fits, so that the same number repeats a run to the bit.
//!
//! Plans stand on a ladder, from rows that are a sample to ten repeats of the folds; the number of fits says the rung. A budget of
//! seconds picks a rung by the time of a few fits, and the clock where on its flight the run ends; what was trained
//! then is written down as a number of fits. What does not fit is given up in this order: the second start of the network, repeats
//! of the folds, rows, the network. Every loss always sees the same splits, starts and batches.

use serde::Serialize;

use super::entry::Entry;
use crate::model::{ModelKind, Objective};

/// SplitParts of the rows, each a test part once in a repeat.
pub const FOLDS: usize = 5;

/// Settings of the model that are tried for each loss in each split.
pub const TUNED: usize = 3;

/// Repeats of the folds at most: beyond ten the interval hardly changes any more (Bouckaert & Frank 2004).
pub const MOST_REPEATS: usize = 10;

/// Splits from which on the network has a second start.
const SPLITS_OF_TWO_STARTS: usize = 2 * FOLDS;

/// Starts of the network at most where time divides the rows in one way only.
const MOST_STARTS_IN_TIME: usize = 5;

/// Share of the time that is planned for: one fit is like another only about.
const CAUTION: f64 = 0.95;

/// Splits that have to come to an end have this share of the time: nothing can be left out of them.
const CAUTION_OF_ALL: f64 = 0.85;

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
    /// Test parts in all: the last repeat need not be whole.
    pub splits: usize,
    /// How often the rows are divided anew.
    pub repeats: usize,
    /// Initial weights of the network in each split, averaged; the linear model has one minimum.
    pub starts: usize,
    /// Rows that are used; the others stay out.
    pub rows: usize,
    /// Trainings that it comes to, if no loss is dropped.
    pub trainings: usize,
    /// What keeps it from being more.
    pub limit: PlanLimit,
}

/// What keeps a plan from being more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanLimit {
    /// The number of fits, or the time.
    Fits,
    /// More repeats would tell little more.
    Repeats,
    /// The rows' time divides them in one way only.
    OrderInTime,
}

/// A step of the ladder of plans on all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rung {
    splits: usize,
    starts: usize,
}

/// Seconds of a fit, for its rows: a line through what was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitTime {
    /// Of any fit.
    pub fixed: f64,
    /// For each row that the folds divide.
    pub per_row: f64,
}

impl FitTime {
    fn at(self, rows: usize) -> f64 {
        self.fixed + self.per_row * rows as f64
    }
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
    fn fits_of_model(&self, model: ModelKind, rung: Rung) -> usize {
        let each = self.entries.iter().map(|entry| fits_of(entry, model, rung.starts));
        // Winner and default are not known yet: two of the costliest.
        let held_out = if self.held_out { 2 * each.clone().max().unwrap_or(0) } else { 0 };
        rung.splits * each.sum::<usize>() + held_out
    }

    fn total(&self, models: &[ModelKind], rung: Rung) -> usize {
        models.iter().map(|&model| self.fits_of_model(model, rung)).sum()
    }

    /// Plans on all rows, each of more fits than the one before.
    fn ladder(&self, models: &[ModelKind]) -> Vec<Rung> {
        let has_network = models.contains(&ModelKind::Mlp);
        if self.in_time {
            let most = if has_network { MOST_STARTS_IN_TIME } else { 1 };
            return (1..=most).map(|starts| Rung { splits: FOLDS, starts }).collect();
        }
        let all = FOLDS..=FOLDS * MOST_REPEATS;
        if !has_network {
            return all.map(|splits| Rung { splits, starts: 1 }).collect();
        }
        let first = Rung { splits: SPLITS_OF_TWO_STARTS, starts: 2 };
        let below = self.total(models, first);
        let of_one = all.clone().map(|splits| Rung { splits, starts: 1 });
        let of_one = of_one.take_while(|&rung| self.total(models, rung) < below);
        of_one.chain((first.splits..=*all.end()).map(|splits| Rung { splits, starts: 2 })).collect()
    }

    /// Rungs beside the ladder: more splits with one start than a number of fits leads to.
    fn beside(&self, models: &[ModelKind]) -> Vec<Rung> {
        if self.in_time || !models.contains(&ModelKind::Mlp) {
            return Vec::new();
        }
        let on_it = self.ladder(models).iter().filter(|rung| rung.starts == 1).count();
        (FOLDS + on_it..=FOLDS * MOST_REPEATS).map(|splits| Rung { splits, starts: 1 }).collect()
    }

    /// Whether a number of fits says that a plan ended after so many splits.
    pub fn may_end_after(&self, plan: &FitPlan, splits: usize) -> bool {
        let ended = self.ended_after(plan, splits);
        let repeated = self.plan_of_models(&plan.models, ended.fits);
        (repeated.splits, repeated.starts, repeated.rows) == (ended.splits, ended.starts, ended.rows)
    }

    /// The models without the network; none where that is no other choice.
    fn linear_alone(&self) -> Option<Vec<ModelKind>> {
        let has_both = self.models.contains(&ModelKind::Linear) && self.models.contains(&ModelKind::Mlp);
        has_both.then(|| vec![ModelKind::Linear])
    }

    /// The plan of so many fits.
    pub fn plan(&self, fits: u32) -> FitPlan {
        let plan = self.plan_of_models(&self.models, fits);
        match self.linear_alone() {
            Some(linear) if plan.rows < self.fewest_with_network() => self.plan_of_models(&linear, fits),
            _ => plan,
        }
    }

    fn fewest_with_network(&self) -> usize {
        FEWEST_ROWS_WITH_NETWORK.min(self.rows)
    }

    fn plan_of_models(&self, models: &[ModelKind], fits: u32) -> FitPlan {
        let ladder = self.ladder(models);
        let asked = fits as usize;
        let rung = ladder.iter().rev().copied().find(|&rung| self.total(models, rung) <= asked);
        let rung = rung.unwrap_or(ladder[0]);
        // A run by the clock that went on with one start has a number of its own.
        let beside = self.beside(models).into_iter().find(|&beside| self.total(models, beside) == asked);
        self.plan_of_rung(models, beside.filter(|_| self.total(models, rung) != asked).unwrap_or(rung), fits)
    }

    fn plan_of_rung(&self, models: &[ModelKind], rung: Rung, fits: u32) -> FitPlan {
        let trainings = self.total(models, rung);
        let share = (f64::from(fits) / trainings as f64).min(1.0);
        let rows = ((share * self.rows as f64).floor() as usize).max(FEWEST_ROWS.min(self.rows));
        let is_last = self.ladder(models).last() == Some(&rung) || rung.splits == FOLDS * MOST_REPEATS;
        FitPlan {
            fits,
            models: models.to_vec(),
            folds: FOLDS,
            splits: rung.splits,
            repeats: rung.splits.div_ceil(FOLDS),
            starts: rung.starts,
            rows,
            trainings,
            limit: match (is_last, self.in_time) {
                (false, _) => PlanLimit::Fits,
                (true, true) => PlanLimit::OrderInTime,
                (true, false) => PlanLimit::Repeats,
            },
        }
    }

    /// The plan of a rung, by the number of fits that it has.
    fn whole(&self, models: &[ModelKind], rung: Rung) -> FitPlan {
        self.plan_of_rung(models, rung, u32::try_from(self.total(models, rung)).unwrap_or(u32::MAX))
    }

    /// What was trained where a plan ended after another number of splits, as a plan of its own.
    pub fn ended_after(&self, plan: &FitPlan, splits: usize) -> FitPlan {
        if splits == plan.splits {
            plan.clone()
        } else {
            self.whole(&plan.models, Rung { splits, starts: plan.starts })
        }
    }

    /// How many splits a run by the clock may end after: from and to.
    pub fn flight(&self, plan: &FitPlan) -> (usize, usize) {
        if plan.rows < self.rows {
            return (plan.splits, plan.splits);
        }
        let all = [self.ladder(&plan.models), self.beside(&plan.models)].concat();
        let splits = || all.iter().filter(|rung| rung.starts == plan.starts).map(|rung| rung.splits);
        (splits().min().unwrap_or(plan.splits), splits().max().unwrap_or(plan.splits))
    }

    /// The plan that these seconds allow, given the time of one fit of each model, in the order of
    /// [`models`](Self::models), and the seconds that it is thought to take. At least the smallest plan, whatever it takes.
    pub fn plan_in(&self, seconds: f64, of_one_fit: &[FitTime]) -> (FitPlan, f64) {
        let plan = self.plan_of_models_in(&self.models, seconds, of_one_fit);
        let plan = match self.linear_alone() {
            Some(linear) if plan.rows < self.fewest_with_network() => {
                self.plan_of_models_in(&linear, seconds, of_one_fit)
            }
            _ => plan,
        };
        let time = self.time(&plan, of_one_fit);
        (plan, time)
    }

    fn time(&self, plan: &FitPlan, of_one_fit: &[FitTime]) -> f64 {
        let rung = Rung { splits: plan.splits, starts: plan.starts };
        let of_model = |(model, time): (&ModelKind, &FitTime)| {
            let fits = if plan.models.contains(model) { self.fits_of_model(*model, rung) } else { 0 };
            fits as f64 * time.at(plan.rows)
        };
        self.models.iter().zip(of_one_fit).map(of_model).sum::<f64>()
    }

    fn plan_of_models_in(&self, models: &[ModelKind], seconds: f64, of_one_fit: &[FitTime]) -> FitPlan {
        let ladder = self.ladder(models);
        let fits_in = |rung: Rung| {
            let plan = self.whole(models, rung);
            // Where it cannot end earlier, it must be sure to end in time.
            let caution = if self.flight(&plan).0 == rung.splits { CAUTION_OF_ALL } else { CAUTION };
            self.time(&plan, of_one_fit) <= caution * seconds
        };
        if let Some(&rung) = ladder.iter().rev().find(|&&rung| fits_in(rung)) {
            return self.whole(models, rung);
        }
        // The largest sample that is in time.
        let (mut low, mut high) = (1, self.whole(models, ladder[0]).fits);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let plan = self.plan_of_rung(models, ladder[0], middle);
            *if self.time(&plan, of_one_fit) <= CAUTION_OF_ALL * seconds { &mut low } else { &mut high } = middle;
        }
        self.plan_of_rung(models, ladder[0], low)
    }
}
