use crate::{
    advice::compare::{
        entry::Entry,
        plan::{FOLDS, FitTime, PlanLimit, TUNED, Work, fits_of, neighbours},
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
    let plan = work().plan(280);
    let linear = FOLDS * 2 * (3 + 3 + 5) + 2 * 5;
    let network = FOLDS * 2 * (4 + 4 + 6) + 2 * 6;
    assert_eq!(plan.trainings, linear + network);
    assert_eq!((plan.rows, plan.splits, plan.repeats, plan.starts), (10_000, 10, 2, 2));
}

/// Repeats go before starts, starts before the first repeat, the first repeat before rows, rows before the network.
#[test]
fn what_does_not_fit_is_given_up_in_order() {
    let shape = |fits: u32| {
        let plan = work().plan(fits);
        (plan.starts, plan.splits, plan.rows, plan.models.len())
    };
    assert_eq!(shape(100_000), (2, 50, 10_000, 2));
    assert_eq!(shape(272 + 25), (2, 11, 10_000, 2));
    assert_eq!(shape(272), (2, 10, 10_000, 2));
    // With one start 11 splits are fewer fits than 10 with two.
    assert_eq!(shape(271), (1, 11, 10_000, 2));
    assert_eq!(shape(239), (1, 9, 10_000, 2));
    assert_eq!(shape(130), (1, 5, 10_000, 2));
    assert_eq!(shape(129), (1, 5, 9_923, 2));
    assert_eq!(shape(26), (1, 5, 2_000, 2));
    // The linear model alone has as many fits for itself.
    assert_eq!(shape(25), (1, 5, 3_846, 1));
    assert_eq!(shape(1), (1, 5, 500, 1));
}

const TIMES: [FitTime; 2] = [FitTime { fixed: 0.02, per_row: 8e-6 }, FitTime { fixed: 0.1, per_row: 4e-5 }];

/// A plan is a function of its number alone, given the models that it trains; so is one that ended earlier or later.
#[test]
fn the_number_repeats_the_plan() {
    for in_time in [false, true] {
        for seconds in [0.5, 3.0, 20.0, 60.0, 1e4] {
            let work = Work { in_time, ..work() };
            let (plan, _) = work.plan_in(seconds, &TIMES);
            let alone = Work { models: plan.models.clone(), ..work.clone() };
            assert_eq!(alone.plan(plan.fits), plan, "{seconds}");
            let (least, most) = work.flight(&plan);
            assert!(least <= plan.splits && plan.splits <= most, "{plan:?}");
            for splits in least..=most {
                let ended = work.ended_after(&plan, splits);
                assert_eq!((ended.splits, ended.starts, ended.rows), (splits, plan.starts, plan.rows));
                assert_eq!(alone.plan(ended.fits) == ended, work.may_end_after(&plan, splits), "{ended:?}");
            }
            // With one start and with two so many splits are seldom as many fits.
            let unsaid = (least..=most).filter(|&splits| !work.may_end_after(&plan, splits)).count();
            assert!(unsaid <= (most - least) / 5 && work.may_end_after(&plan, most), "{unsaid}: {plan:?}");
            if plan.rows == work.rows && !in_time {
                assert_eq!(most, 50);
            }
        }
    }
}

/// The time that a plan is thought to take never exceeds the budget, but for the smallest plan, and is no less than most of it while
/// there is more to do.
#[test]
fn a_budget_is_kept_and_used() {
    let (least, time_of_least) = work().plan_in(1e-9, &TIMES);
    assert_eq!((least.fits, least.rows), (1, 500));
    let (all, time_of_all) = work().plan_in(1e6, &TIMES);
    assert_eq!((all.starts, all.splits, all.rows, all.limit), (2, 50, 10_000, PlanLimit::Repeats));
    let mut seconds = 1.0;
    while seconds < 2.0 * time_of_all {
        let (plan, time) = work().plan_in(seconds, &TIMES);
        assert!(time <= seconds || time <= time_of_least, "{seconds} s: {time} s, {plan:?}");
        assert!(time > 0.72 * seconds || plan.limit != PlanLimit::Fits, "{seconds} s: {time} s, {plan:?}");
        seconds *= 1.07;
    }
}

#[test]
fn time_divides_rows_in_one_way_only() {
    let work = Work { in_time: true, ..work() };
    let plan = work.plan(100_000);
    assert_eq!((plan.repeats, plan.splits, plan.starts, plan.limit), (1, 5, 5, PlanLimit::OrderInTime));
    let linear = Work { models: vec![ModelKind::Linear], ..work };
    assert_eq!((linear.plan(100_000).starts, linear.plan(100_000).splits), (1, 5));
}

/// Without a network there is one start, whatever the number of repeats.
#[test]
fn one_start_is_enough_for_one_minimum() {
    let plan = Work { models: vec![ModelKind::Linear], ..work() }.plan(100_000);
    assert_eq!((plan.splits, plan.starts, plan.limit), (50, 1, PlanLimit::Repeats));
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
