//! The chapter's trainings, and what came of them.

use minimand::{
    data::{
        Standardiser,
        metrics::{
            MetricError, mean, mean_absolute_error, median, median_absolute_deviation, quantile,
            root_mean_squared_error, totals_ratio,
        },
        split::{HeldOut, Split},
    },
    loss::quantile as quantile_loss,
    prelude::*,
};

use super::{AmountLoss, CostData, HeavyTail, LossFindings};
use crate::{
    data::{COST, Claims},
    metrics::{Spread, mean_absolute_error_up_to, residuals_by_decile, share_held_by, skewness},
    model::side_by_side,
    run::Failure,
    terminal::number::dollars,
    tour::{
        Parts, Setting,
        chapter::{Begin, Conditions, Watch},
        training::{Rows, Trained, Training, TrainingError},
    },
};

/// δ over the median absolute deviation.
pub(super) const DELTA_FACTOR: f64 = 1.35;

/// The share of the rows that the quantile loss puts below its prediction.
pub(super) const TAU: f64 = 0.9;

/// The variance grows as this power of the mean: between Poisson's 1 and gamma's 2, as for sums of many claims.
pub(super) const TWEEDIE_POWER: f64 = 1.5;

/// The power that makes Tweedie's deviance that of a gamma distribution.
const GAMMA_POWER: f64 = 2.0;

/// Costs that give Huber's loss no scale.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "{source_name}: column {COST:?}: no Huber loss without a scale: half of the training costs of seed {seed} are {}, or \
     nearly so beside their mean of {}, and δ would be 0; the chapter rare-class needs none",
    dollars(*median),
    dollars(*mean)
)]
pub struct DeltaError {
    /// The table.
    pub source_name: String,
    /// The seed of the split.
    pub seed: u64,
    /// Median of the training costs, dollars: half of them differ from it by nothing, or next to nothing.
    pub median: f64,
    /// Mean of the training costs, dollars: the unit of the network's numbers.
    pub mean: f64,
}

/// Everything that one seed decides before a loss comes into play.
struct Prepared {
    parts: Parts,
    train: Rows,
    validation: Rows,
    test: Rows,
    /// Of the training rows, in dollars.
    cost: Vec<f64>,
    /// Of the test rows, in dollars.
    test_cost: Vec<f64>,
    /// Dollars in a unit of the target.
    scale: f64,
    /// Huber's δ in dollars.
    delta: f64,
    /// From this cost on a training row is among the costliest 1 %.
    top_percent: f64,
}

/// One training, and its predictions in dollars.
struct TrainedAmounts {
    trained: Trained,
    train: Vec<f64>,
    test: Vec<f64>,
}

impl HeavyTail {
    /// Trains with every loss and every seed of the setting on the rows that cost something. What is to be trained is
    /// given to `begin` first.
    pub fn measure(setting: Setting, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Self, Failure> {
        let claims = conditions.claims.where_cost(|cost| cost > 0.0);
        let prepared: Vec<Prepared> =
            setting.seeds.iter().map(|&seed| prepare(&claims, seed)).collect::<Result<_, _>>()?;

        let parts = prepared.first().map(|prepared| prepared.parts).unwrap_or_default();
        let mut found = Self {
            data: describe(&claims, parts),
            huber_delta: Spread::of(prepared.iter().map(|prepared| prepared.delta).collect()),
            setting,
            losses: Vec::new(),
        };
        begin(&found.opening())?;

        let setting = &found.setting;
        let seeds = || prepared.iter().zip(setting.seeds.iter().copied());
        let jobs: Vec<_> = AmountLoss::ALL.into_iter().flat_map(|loss| seeds().map(move |seed| (loss, seed))).collect();
        let steps = jobs.iter().map(|(_, (prepared, _))| setting.steps(prepared.cost.len())).sum();
        let watch = conditions.watch(1, jobs.len(), steps);
        let outcomes = side_by_side(&jobs, |&(loss, (prepared, seed))| train(loss, prepared, setting, seed, &watch))?;
        let of_losses = AmountLoss::ALL.into_iter().zip(outcomes.chunks(prepared.len()));
        found.losses = of_losses.map(|(loss, outcomes)| findings(loss, outcomes, &prepared)).collect();
        Ok(found)
    }
}

fn describe(claims: &Claims, parts: Parts) -> CostData {
    let cost = &claims.cost;
    let (mean, top) = (mean(cost), quantile(cost, 0.99));
    let squares: Vec<f64> = cost.iter().map(|cost| (cost - mean).powi(2)).collect();
    CostData {
        rows: cost.len(),
        people: claims.people(),
        features: claims.features.names().len(),
        parts,
        mean,
        median: median(cost),
        skewness: skewness(cost),
        dollars_in_top_percent: share_held_by(cost, |row| cost[row] > top),
        squares_in_top_percent: share_held_by(&squares, |row| cost[row] > top),
    }
}

fn prepare(claims: &Claims, seed: u64) -> Result<Prepared, Failure> {
    let split = Split::by_group(&claims.person, HeldOut::default(), seed)?;
    let cost_of = |part: &[usize]| -> Vec<f64> { part.iter().map(|&row| claims.cost[row]).collect() };
    let cost = cost_of(&split.train);
    let scale = mean(&cost);
    let delta = DELTA_FACTOR * median_absolute_deviation(&cost);
    // As the network's numbers have it.
    if (delta / scale) as f32 <= 0.0 {
        let source_name = claims.features.source_name().to_owned();
        return Err(DeltaError { source_name, seed, median: median(&cost), mean: scale }.into());
    }
    let standardiser = Standardiser::fit(claims.features.columns(), &split.train);
    let rows = |part: &[usize]| {
        let target: Vec<f64> = cost_of(part).iter().map(|cost| cost / scale).collect();
        Rows::new(&standardiser.transform(claims.features.columns(), part), &target)
    };
    Ok(Prepared {
        train: rows(&split.train),
        validation: rows(&split.validation),
        test: rows(&split.test),
        delta,
        top_percent: quantile(&cost, 0.99),
        scale,
        test_cost: cost_of(&split.test),
        cost,
        parts: Parts::of(&split),
    })
}

fn train(
    loss: AmountLoss,
    prepared: &Prepared,
    setting: &Setting,
    seed: u64,
    watch: &Watch<'_>,
) -> Result<TrainedAmounts, TrainingError> {
    let (cost, delta) = (&prepared.cost, prepared.delta / prepared.scale);
    let formula = move |prediction: &Tensor, target: &Tensor| match loss {
        AmountLoss::SquaredError => squared_error(prediction, target),
        AmountLoss::AbsoluteError => absolute_error(prediction, target),
        AmountLoss::Huber => huber(prediction, target, delta),
        AmountLoss::Quantile => quantile_loss(prediction, target, TAU),
        AmountLoss::Gamma => tweedie_deviance_log_mean(prediction, target, GAMMA_POWER),
        AmountLoss::Tweedie => tweedie_deviance_log_mean(prediction, target, TWEEDIE_POWER),
    };
    let training = Training {
        name: loss.name().to_owned(),
        loss: &formula,
        train: &prepared.train,
        validation: &prepared.validation,
        gradient_share: &|_, slopes| share_held_by(slopes, |row| cost[row] > prepared.top_percent),
        seed,
    };
    let trained = training.run(setting, watch)?;
    let dollars = |rows: &Rows, part| {
        let outputs = training.outputs(&trained, rows, part)?;
        let ratio = |output: f64| if loss.is_of_logarithm() { output.exp() } else { output };
        let dollars: Vec<f64> = outputs.into_iter().map(|output| ratio(output) * prepared.scale).collect();
        match dollars.iter().find(|dollars| !dollars.is_finite()) {
            Some(dollars) => {
                Err(training.diverged(trained.kept, format!("a prediction on the {part} rows is {dollars}")))
            }
            None => Ok(dollars),
        }
    };
    Ok(TrainedAmounts { train: dollars(&prepared.train, "training")?, test: dollars(&prepared.test, "test")?, trained })
}

fn findings(loss: AmountLoss, outcomes: &[TrainedAmounts], prepared: &[Prepared]) -> LossFindings {
    let spread = |values: &mut dyn Iterator<Item = f64>| Spread::of(values.collect());
    let of_training =
        |figure: fn(&Trained) -> f64| spread(&mut outcomes.iter().map(|outcome| figure(&outcome.trained)));
    let known = |figure: Result<f64, MetricError>| figure.expect("outputs that are no numbers were refused");
    let on_train = |figure: fn(&[f64], &[f64]) -> Result<f64, MetricError>| {
        let of = |(outcome, prepared): (&TrainedAmounts, &Prepared)| known(figure(&outcome.train, &prepared.cost));
        spread(&mut outcomes.iter().zip(prepared).map(of))
    };
    let on_test = |figure: fn(&[f64], &[f64]) -> Result<f64, MetricError>| {
        let of = |(outcome, prepared): (&TrainedAmounts, &Prepared)| known(figure(&outcome.test, &prepared.test_cost));
        spread(&mut outcomes.iter().zip(prepared).map(of))
    };
    let first = &outcomes[0];
    LossFindings {
        loss,
        mae_bottom_90: on_test(|prediction, truth| Ok(mean_absolute_error_up_to(0.9, prediction, truth))),
        mae: on_test(mean_absolute_error),
        rmse_train: on_train(root_mean_squared_error),
        rmse_test: on_test(root_mean_squared_error),
        totals_ratio: on_test(totals_ratio),
        share_above_truth: on_test(|prediction, truth| Ok(share_above(prediction, truth))),
        top_percent_gradient_first: of_training(|trained| trained.first_and_last_share().0),
        top_percent_gradient_last: of_training(|trained| trained.first_and_last_share().1),
        kept_epoch: of_training(|trained| trained.kept as f64),
        deciles: residuals_by_decile(&first.test, &prepared[0].test_cost),
        epochs: first.trained.epochs.clone(),
    }
}

/// Share of the rows whose prediction is above the truth.
fn share_above(prediction: &[f64], truth: &[f64]) -> f64 {
    prediction.iter().zip(truth).filter(|(prediction, truth)| prediction > truth).count() as f64 / truth.len() as f64
}
