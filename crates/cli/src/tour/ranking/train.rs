//! The chapter's trainings, and what came of them.

use minimand::{
    data::{
        metrics::mean,
        split::{Fold, folds, shuffled},
    },
    prelude::*,
};

use super::{
    OrderLoss, Orders, RankedLoss, RankedSet,
    lists::{ListPart, ListTable},
};
use crate::{
    metrics::Spread,
    model::side_by_side,
    run::Failure,
    statistics::{differences, randomisation},
    tour::{
        chapter::{Begin, Conditions, Watch},
        fit::{Fit, Recipe},
        training::TrainingError,
    },
};

/// Folds of the cross-validation.
const FOLDS: usize = 5;

/// One in so many of a fold's training lists chooses epoch and learning rate.
const CHOOSING: usize = 5;

/// Weight of the first part of NDCG-Loss2++.
pub(super) const MU: f64 = 5.0;

/// Random signs of the randomisation test.
const DRAWS: usize = 4000;

/// Everything that a split decides before a loss comes into play.
struct ListSplit {
    train: ListPart,
    choosing: ListPart,
    test: ListPart,
    /// The numbers of the test lists.
    lists: Vec<usize>,
    seed: u64,
}

/// The best training of one loss on one split.
struct TunedOrder {
    ndcg: Vec<f64>,
    best_first: f64,
    chosen_by: f64,
    learning_rate: f64,
    kept: usize,
}

impl Orders {
    /// Trains with every loss on every split of every kind of lists.
    pub fn measure(conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Self, Failure> {
        let tables = [ListTable::travel()?, ListTable::made(conditions.seed)];
        let mut found = Self {
            seed: conditions.seed,
            folds: FOLDS,
            repeats: conditions.choose(3, 1),
            epochs: conditions.choose(60, 25),
            learning_rates: conditions.choose(vec![3e-3, 1e-2, 3e-2], vec![1e-2, 3e-2]),
            sets: tables.iter().map(described).collect(),
        };
        begin(&found.opening())?;

        let mut prepared: Vec<(usize, ListSplit)> = Vec::new();
        for (set, table) in tables.iter().enumerate() {
            for seed in conditions.seeds(found.repeats) {
                let folds = folds(table.lists(), FOLDS, seed)?;
                prepared.extend(folds.into_iter().map(|fold| (set, prepare(table, fold, seed))));
            }
        }
        let jobs: Vec<_> =
            (prepared.iter()).flat_map(|(set, prepared)| OrderLoss::ALL.map(|loss| (*set, prepared, loss))).collect();
        let recipe = |set: usize, learning_rate: f64| Recipe {
            sizes: vec![found.sets[set].features, 24, 1],
            epochs: found.epochs,
            batch: 32,
            learning_rate,
            weight_decay: 1e-2,
        };
        let steps = |set: usize, prepared: &ListSplit| recipe(set, 0.0).steps(prepared.train.features.shape()[0]);
        let steps = jobs.iter().map(|&(set, prepared, _)| steps(set, prepared)).sum::<u64>();
        let rates = found.learning_rates.len();
        let watch = conditions.watch(7, rates * jobs.len(), rates as u64 * steps);
        let outcomes = side_by_side(&jobs, |&(set, prepared, loss)| {
            let recipes: Vec<Recipe> = found.learning_rates.iter().map(|&rate| recipe(set, rate)).collect();
            tuned(loss, prepared, &recipes, &watch)
        })?;
        for (place, set) in found.sets.iter_mut().enumerate() {
            let of_set: Vec<(&ListSplit, OrderLoss, &TunedOrder)> = (jobs.iter().zip(&outcomes))
                .filter(|((set, _, _), _)| *set == place)
                .map(|(&(_, prepared, loss), outcome)| (prepared, loss, outcome))
                .collect();
            set.losses = findings(&of_set, set.lists, conditions.seed);
        }
        Ok(found)
    }
}

fn described(table: &ListTable) -> RankedSet {
    RankedSet {
        kind: table.kind,
        lists: table.lists(),
        items: table.items,
        features: table.features(),
        by_chance: table.by_chance(),
        losses: Vec::new(),
    }
}

fn prepare(table: &ListTable, fold: Fold, seed: u64) -> ListSplit {
    let order: Vec<usize> = shuffled(fold.train.len(), seed).into_iter().map(|place| fold.train[place]).collect();
    let (choosing, train) = order.split_at(order.len() / CHOOSING);
    let standardiser = table.standardiser(train);
    ListSplit {
        train: table.part(train, &standardiser),
        choosing: table.part(choosing, &standardiser),
        test: table.part(&fold.test, &standardiser),
        lists: fold.test,
        seed,
    }
}

/// One training with each recipe; lists of the training part that were kept from it choose, also the epoch, by NDCG: the same
/// measure for every loss.
fn tuned(
    loss: OrderLoss,
    prepared: &ListSplit,
    recipes: &[Recipe],
    watch: &Watch<'_>,
) -> Result<TunedOrder, TrainingError> {
    let formula = |scores: &Tensor, lists: &[usize]| {
        let (scores, relevance) = (scores.squeeze(-1), prepared.train.relevance(lists));
        match loss {
            OrderLoss::Pointwise => squared_error(&scores, &relevance).mean_axis(-1),
            OrderLoss::Pairwise => pairwise_logistic(&scores, &relevance, None),
            OrderLoss::Lambda => ndcg_loss2_plus_plus(&scores, &relevance, None, MU, LambdaOptions::default()),
            OrderLoss::ListNet => list_net(&scores, &relevance, None),
            OrderLoss::Softmax => ranking_softmax(&scores, &relevance, None),
            OrderLoss::ApproxNdcg => approx_ndcg(&scores, &relevance, None, ApproxOptions::default()),
        }
    };
    let choose = |model: &Mlp| {
        let scores: Vec<f64> = model.forward(&prepared.choosing.features).to_vec();
        if scores.iter().all(|score| score.is_finite()) { mean(&prepared.choosing.ndcg(&scores)) } else { f64::NAN }
    };
    let mut best: Option<TunedOrder> = None;
    for recipe in recipes {
        let fit = Fit {
            name: loss.name(),
            features: &prepared.train.features,
            loss: &formula,
            choose: Some(&choose),
            seed: prepared.seed,
        };
        let fitted = fit.run(recipe, watch)?;
        let chosen_by = fitted.best.unwrap_or_default();
        if best.as_ref().is_none_or(|best| chosen_by > best.chosen_by) {
            let scores = fitted.outputs(&prepared.test.features)?;
            best = Some(TunedOrder {
                ndcg: prepared.test.ndcg(&scores),
                best_first: prepared.test.best_first(&scores),
                chosen_by,
                learning_rate: recipe.learning_rate,
                kept: fitted.kept,
            });
        }
    }
    best.ok_or_else(|| {
        let cause = "no learning rate was tried".into();
        TrainingError::Diverged { loss: loss.name().into(), epoch: 0, cause }
    })
}

fn findings(outcomes: &[(&ListSplit, OrderLoss, &TunedOrder)], lists: usize, seed: u64) -> Vec<RankedLoss> {
    let of = |wanted: OrderLoss| outcomes.iter().filter(move |(_, loss, _)| *loss == wanted);
    // Every list once: by the folds of the first repetition.
    let by_list = |loss: OrderLoss| {
        let mut ndcg = vec![f64::NAN; lists];
        for (prepared, _, outcome) in of(loss).filter(|(prepared, _, _)| prepared.seed == seed) {
            prepared.lists.iter().zip(&outcome.ndcg).for_each(|(&list, &figure)| ndcg[list] = figure);
        }
        ndcg
    };
    let pointwise = by_list(OrderLoss::Pointwise);
    let of_loss = |loss: OrderLoss| {
        let each =
            |figure: &dyn Fn(&TunedOrder) -> f64| Spread::of(of(loss).map(|(_, _, found)| figure(found)).collect());
        let p = || randomisation(&differences(&by_list(loss), &pointwise, true), DRAWS, seed);
        RankedLoss {
            loss,
            ndcg: each(&|outcome| mean(&outcome.ndcg)),
            best_first: each(&|outcome| outcome.best_first),
            p: (loss != OrderLoss::Pointwise).then(p),
            learning_rate: each(&|outcome| outcome.learning_rate),
            kept_epoch: each(&|outcome| outcome.kept as f64),
        }
    };
    OrderLoss::ALL.map(of_loss).into()
}
