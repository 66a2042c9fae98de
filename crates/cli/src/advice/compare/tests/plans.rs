use crate::{
    advice::compare::{
        entry::Entry,
        plan::{FOLDS, FitPlan, TUNED, Work, fits_of, neighbours},
    },
    model::{ModelKind, Objective},
};

fn entry(objective: Objective) -> Entry {
    Entry { objective, is_tuned: true, variants: Vec::new(), leading: None }
}

fn work() -> Work {
    Work {
        rows: 10_000,
        entries: [Objective::SquaredError, Objective::Poisson, Objective::Tweedie { power: 1.5 }].map(entry).to_vec(),
        models: vec![ModelKind::Linear, ModelKind::Mlp],
        held_out: true,
        in_time: false,
    }
}

/// 3 settings for each loss, 2 more for the one with a parameter, 1 more for each further start of the network.
#[test]
fn fits_are_counted() {
    assert_eq!(fits_of(&entry(Objective::Poisson), ModelKind::Linear, 2), TUNED);
    assert_eq!(fits_of(&entry(Objective::Poisson), ModelKind::Mlp, 2), TUNED + 1);
    let tweedie = entry(Objective::Tweedie { power: 1.5 });
    assert_eq!(fits_of(&tweedie, ModelKind::Mlp, 2), TUNED + 3);
    assert_eq!(fits_of(&Entry { is_tuned: false, ..tweedie }, ModelKind::Linear, 2), TUNED);
    let plan = work().plan(1_000);
    let linear = FOLDS * 2 * (3 + 3 + 5) + 2 * 5;
    let network = FOLDS * 2 * (4 + 4 + 6) + 2 * 6;
    assert_eq!(plan.trainings, linear + network);
    assert_eq!((plan.rows, plan.repeats, plan.starts), (10_000, 2, 2));
}

/// Starts go before repeats, repeats before rows, rows before the network.
#[test]
fn what_does_not_fit_is_given_up_in_order() {
    let shape = |fits: u32| {
        let plan = work().plan(fits);
        (plan.starts, plan.repeats, plan.rows, plan.models.len())
    };
    assert_eq!(shape(272), (2, 2, 10_000, 2));
    assert_eq!(shape(271), (1, 2, 10_000, 2));
    assert_eq!(shape(239), (1, 1, 10_000, 2));
    assert_eq!(shape(129), (1, 1, 9_923, 2));
    assert_eq!(shape(26), (1, 1, 2_000, 2));
    // The linear model alone has as many fits for itself.
    assert_eq!(shape(25), (1, 1, 3_846, 1));
    assert_eq!(shape(1), (1, 1, 500, 1));
}

/// A plan is a function of its number alone.
#[test]
fn the_number_repeats_the_plan() {
    for seconds in [0.5, 3.0, 20.0, 60.0, 1e4] {
        let (plan, _) = work().plan_in(seconds, &[0.1, 0.5]);
        assert_eq!(work().plan(plan.fits), plan);
    }
}

/// The time that a plan is thought to take never exceeds the budget, but for the smallest plan.
#[test]
fn a_budget_is_kept_and_used() {
    let (least, time_of_least) = work().plan_in(1e-9, &[0.1, 0.5]);
    assert_eq!((least.fits, least.rows), (1, 500));
    for seconds in [5.0, 10.0, 20.0, 40.0, 80.0] {
        let (plan, time) = work().plan_in(seconds, &[0.1, 0.5]);
        assert!(time <= 0.8 * seconds || time <= time_of_least, "{seconds} s: {time} s, {plan:?}");
        assert!(time > 0.3 * seconds, "{seconds} s: {time} s, {plan:?}");
    }
    let (all, _) = work().plan_in(1e6, &[0.1, 0.5]);
    assert_eq!((all.starts, all.repeats, all.rows), (2, 2, 10_000));
}

#[test]
fn time_divides_rows_in_one_way_only() {
    let plan: FitPlan = Work { in_time: true, ..work() }.plan(1_000);
    assert_eq!((plan.repeats, plan.starts), (1, 2));
}

#[test]
fn few_rows_are_all_taken() {
    let plan = Work { rows: 200, held_out: false, ..work() }.plan(1);
    assert_eq!(plan.rows, 200);
}

/// The question's levels are not tuned, a loss's own parameters are, within their range.
#[test]
fn own_parameters_have_neighbours() {
    assert!(neighbours(Objective::Quantile { level: 0.9 }).is_empty());
    assert!(neighbours(Objective::WeightedCrossEntropy { weight: 9.0 }).is_empty());
    assert_eq!(
        neighbours(Objective::Tweedie { power: 1.8 }),
        [Objective::Tweedie { power: 1.6 }, Objective::Tweedie { power: 1.95 }]
    );
    assert_eq!(
        neighbours(Objective::Focal { gamma: 2.0, alpha: 0.25 }),
        [Objective::Focal { gamma: 1.0, alpha: 0.25 }, Objective::Focal { gamma: 4.0, alpha: 0.25 }]
    );
}
