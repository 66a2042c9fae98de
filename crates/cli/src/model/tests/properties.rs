//! What holds of every fit.

use std::sync::Mutex;

use approx::assert_relative_eq;
use minimand::tensor::{Rng, memory_statistics, plan_statistics, set_threads, threads};

use super::EVERY;
use crate::model::{FitSetting, FittedModel, ModelKind, Objective, Prediction, Sample, Validation, fit};

/// The number of threads is that of the whole process.
static THREADS: Mutex<()> = Mutex::new(());

struct Table {
    features: Vec<f32>,
    positive: Vec<f64>,
    count: Vec<f64>,
    binary: Vec<f64>,
    classes: Vec<f64>,
    lists: Vec<u32>,
}

const ROWS: usize = 480;

fn table(seed: u64) -> Table {
    let mut rng = Rng::seed(seed);
    let features: Vec<f32> = (0..ROWS * 4).map(|_| rng.normal() as f32).collect();
    let eta: Vec<f64> = features.chunks_exact(4).map(|x| 0.6 * f64::from(x[0]) - 0.4 * f64::from(x[1])).collect();
    let positive: Vec<f64> = eta.iter().map(|eta| 30.0 * (eta + 0.5 * rng.normal()).exp()).collect();
    let count = positive.iter().map(|y| (y / 15.0).floor()).collect();
    let binary = eta.iter().map(|eta| f64::from(eta + rng.normal() > 1.0)).collect();
    let classes = eta.iter().map(|eta| (eta + rng.normal() + 1.5).floor().clamp(0.0, 2.0)).collect();
    Table { features, positive, count, binary, classes, lists: (0..ROWS as u32).map(|row| row / 6).collect() }
}

impl Table {
    fn sample(&self, objective: Objective) -> Sample<'_> {
        let target = [&self.classes, &self.positive, &self.count, &self.binary]
            .into_iter()
            .find(|target| match objective.name() {
                "zero_inflated_poisson_nll" | "two_part" | "negative_binomial_nll" => {
                    std::ptr::eq(*target, &self.count)
                }
                "zero_inflated_negative_binomial_nll" => std::ptr::eq(*target, &self.count),
                _ if objective.is_of_lists() || objective == Objective::Pointwise => {
                    std::ptr::eq(*target, &self.binary)
                }
                _ => match objective.link() {
                    crate::model::Link::Softmax | crate::model::Link::Ordinal => std::ptr::eq(*target, &self.classes),
                    crate::model::Link::Logit | crate::model::Link::Score => std::ptr::eq(*target, &self.binary),
                    crate::model::Link::Identity | crate::model::Link::Log => std::ptr::eq(*target, &self.positive),
                },
            })
            .unwrap();
        Sample {
            features: &self.features,
            width: 4,
            target,
            weight: None,
            offset: None,
            lists: Some(&self.lists),
            classes: 3,
        }
    }
}

fn setting() -> FitSetting {
    FitSetting { epochs: 3, ..FitSetting::usual(9) }
}

fn fitted(kind: ModelKind, objective: Objective, sample: &Sample) -> FittedModel {
    fit(kind, objective, sample, None, &setting()).unwrap_or_else(|error| panic!("{objective:?}: {error}"))
}

#[test]
fn features_tell_something() {
    let (train, test) = (table(1), table(2));
    for objective in EVERY {
        let (sample, unseen) = (train.sample(objective), test.sample(objective));
        for kind in [ModelKind::Linear, ModelKind::Mlp] {
            let setting = FitSetting { epochs: 12, learning_rate: 1e-2, ..setting() };
            let model = fit(kind, objective, &sample, None, &setting).unwrap();
            let constant = Sample { width: 0, features: &[], ..sample };
            let constant_unseen = Sample { width: 0, features: &[], ..unseen };
            let without = fit(ModelKind::Linear, objective, &constant, None, &setting).unwrap();
            let (with, without) = (model.mean_loss(&unseen).unwrap(), without.mean_loss(&constant_unseen).unwrap());
            assert!(with < without, "{objective:?}, {}: {with} with features, {without} without", kind.name());
        }
    }
}

#[test]
fn the_unit_of_the_target_decides_nothing() {
    let table = table(1);
    for objective in EVERY {
        let is_scaled = |objective: Objective| match objective {
            Objective::Huber { delta } => Some(Objective::Huber { delta: 1024.0 * delta }),
            Objective::Tukey { c } => Some(Objective::Tukey { c: 1024.0 * c }),
            // One more is in a unit; counts have none.
            Objective::SquaredLogarithmicError
            | Objective::NegativeBinomial
            | Objective::ZeroInflatedPoisson
            | Objective::ZeroInflatedNegativeBinomial => None,
            other => matches!(other.link(), crate::model::Link::Identity | crate::model::Link::Log).then_some(other),
        };
        let Some(scaled_objective) = is_scaled(objective) else { continue };
        let sample = table.sample(objective);
        let target: Vec<f64> = sample.target.iter().map(|y| 1024.0 * y).collect();
        let scaled = Sample { target: &target, ..sample };
        for kind in [ModelKind::Linear, ModelKind::Mlp] {
            let plain = fitted(kind, objective, &sample).predict(&sample).numbers();
            let found = fitted(kind, scaled_objective, &scaled).predict(&scaled).numbers();
            let tolerance = if kind == ModelKind::Linear { 1e-6 } else { 1e-3 };
            for (found, plain) in found.iter().zip(&plain) {
                assert_relative_eq!(*found, 1024.0 * plain, max_relative = tolerance, epsilon = tolerance * 1e4);
            }
        }
    }
}

#[test]
fn the_number_of_threads_decides_nothing() {
    let _alone = THREADS.lock().unwrap();
    let before = threads();
    let table = table(1);
    let all = |count: usize| -> Vec<Vec<u64>> {
        set_threads(count);
        let outputs = EVERY.into_iter().flat_map(|objective| {
            let sample = table.sample(objective);
            [ModelKind::Linear, ModelKind::Mlp].map(|kind| fitted(kind, objective, &sample).outputs(&sample))
        });
        outputs.map(|outputs| outputs.into_iter().map(f64::to_bits).collect()).collect()
    };
    let (one, two) = (all(1), all(2));
    set_threads(before);
    assert_eq!(one, two);
}

#[test]
fn logarithms_never_predict_below_zero() {
    let table = table(1);
    for objective in EVERY.into_iter().filter(|objective| objective.link() == crate::model::Link::Log) {
        let sample = table.sample(objective);
        let far: Vec<f32> = table.features.iter().map(|x| 30.0 * x).collect();
        let numbers = fitted(ModelKind::Linear, objective, &sample).predict(&Sample { features: &far, ..sample });
        assert!(numbers.numbers().iter().all(|number| *number >= 0.0), "{objective:?}");
    }
}

#[test]
fn the_judge_chooses_the_epoch() {
    let table = table(1);
    let sample = table.sample(Objective::SquaredError);
    let worse_and_worse = Mutex::new(0.0);
    let judge = |_: &Prediction| {
        let mut value = worse_and_worse.lock().unwrap();
        *value += 1.0;
        *value
    };
    let validation = Validation { sample, judge: &judge };
    let model = fit(ModelKind::Mlp, Objective::SquaredError, &sample, Some(&validation), &setting()).unwrap();
    assert_eq!(model.kept_epoch(), Some(1));
    assert_eq!(*worse_and_worse.lock().unwrap(), 3.0);
    assert_eq!(fitted(ModelKind::Mlp, Objective::SquaredError, &sample).kept_epoch(), Some(3));
}

#[test]
fn weights_and_repeated_rows_are_the_same() {
    let table = table(1);
    for objective in EVERY.into_iter().filter(|objective| !objective.is_of_lists()) {
        let sample = table.sample(objective);
        // Every third row counts twice; the counts of the class-balanced loss are weighted too.
        let weight: Vec<f64> = (0..ROWS).map(|row| if row % 3 == 0 { 2.0 } else { 1.0 }).collect();
        let rows: Vec<usize> = (0..ROWS).chain((0..ROWS).step_by(3)).collect();
        let features: Vec<f32> = rows.iter().flat_map(|&row| sample.features[4 * row..4 * row + 4].to_vec()).collect();
        let target: Vec<f64> = rows.iter().map(|&row| sample.target[row]).collect();
        let repeated = Sample { features: &features, target: &target, lists: None, ..sample };
        let weighted = Sample { weight: Some(&weight), ..sample };
        let (a, b) = (fitted(ModelKind::Linear, objective, &weighted), fitted(ModelKind::Linear, objective, &repeated));
        let (a, b) = (a.predict(&sample).numbers(), b.predict(&sample).numbers());
        let size = b.iter().map(|b| b.abs()).sum::<f64>() / b.len() as f64;
        let tolerance = if objective.has_kink() { 1e-3 } else { 1e-4 };
        for (a, b) in a.iter().zip(&b) {
            assert!((a - b).abs() < tolerance * size, "{objective:?}: {a} for {b}");
        }
    }
}

#[test]
fn an_offset_is_added_to_the_predictor() {
    let table = table(1);
    let offset: Vec<f64> = (0..ROWS).map(|row| if row % 2 == 0 { 1.0 } else { -0.5 }).collect();
    // Twice the exposure, twice the mean.
    let target: Vec<f64> = table.positive.iter().zip(&offset).map(|(y, offset)| y * offset.exp()).collect();
    for objective in [Objective::Poisson, Objective::Gamma, Objective::LogSquaredError, Objective::LogNormal] {
        let sample = table.sample(objective);
        let exposed = Sample { target: &target, offset: Some(&offset), ..sample };
        let (plain, exposed_model) =
            (fitted(ModelKind::Linear, objective, &sample), fitted(ModelKind::Linear, objective, &exposed));
        let (plain, found) = (plain.predict(&sample).numbers(), exposed_model.predict(&exposed).numbers());
        for (row, (plain, found)) in plain.iter().zip(&found).enumerate() {
            let tolerance = if objective == Objective::Poisson { 0.15 } else { 1e-3 };
            assert_relative_eq!(*found, plain * offset[row].exp(), max_relative = tolerance);
        }
    }
    let moved: Vec<f64> = table.positive.iter().zip(&offset).map(|(y, offset)| y + 20.0 * offset).collect();
    let by_twenty: Vec<f64> = offset.iter().map(|offset| 20.0 * offset).collect();
    for objective in [Objective::SquaredError, Objective::AbsoluteError, Objective::Quantile { level: 0.9 }] {
        let sample = table.sample(objective);
        let exposed = Sample { target: &moved, offset: Some(&by_twenty), ..sample };
        let plain = fitted(ModelKind::Linear, objective, &sample).predict(&sample).numbers();
        let found = fitted(ModelKind::Linear, objective, &exposed).predict(&exposed).numbers();
        for (row, (plain, found)) in plain.iter().zip(&found).enumerate() {
            assert_relative_eq!(*found, plain + by_twenty[row], max_relative = 1e-4, epsilon = 1e-2);
        }
    }
}

#[test]
fn many_fits_keep_no_more_plans_than_one_of_each() {
    let _alone = THREADS.lock().unwrap();
    let table = table(1);
    let round = |seed: u64| {
        for objective in EVERY {
            let sample = table.sample(objective);
            for kind in [ModelKind::Linear, ModelKind::Mlp] {
                let setting = FitSetting { epochs: 1, seed, ..setting() };
                fit(kind, objective, &sample, None, &setting).unwrap();
            }
        }
    };
    round(1);
    let (plans, memory) = (plan_statistics(), memory_statistics());
    (2..5).for_each(round);
    let (later, later_memory) = (plan_statistics(), memory_statistics());
    // Other tests run beside this one; three rounds alone would compile and hold some two thousand more.
    assert!(later.compiled < plans.compiled + 700, "{plans:?} {later:?}");
    assert!(later_memory.in_use < memory.in_use + (64 << 20), "{memory:?} {later_memory:?}");
}
