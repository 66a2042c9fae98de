//! Known answers on the data of the examples.

use std::path::PathBuf;

use approx::{assert_abs_diff_eq, assert_relative_eq};

use crate::{
    advice::problem::{Problem, TargetKind},
    frame::{Cells, Frame, Roles},
    model::{FitSetting, ModelKind, Objective, Probe, Sample, fit, probe},
};

fn frame(name: &str) -> Frame {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../examples/data", name].iter().collect();
    Frame::from_path(&path).unwrap()
}

fn probed(name: &str, target: &str, group: Option<&str>, drop: &[&str], kind: Option<TargetKind>) -> (Problem, Probe) {
    let roles = Roles {
        target: target.into(),
        group: group.map(str::to_owned),
        drop: drop.iter().map(|&name| name.to_owned()).collect(),
        ..Roles::default()
    };
    let problem = Problem::new(frame(name), &roles, kind, kind == Some(TargetKind::Relevance)).unwrap();
    let probe = probe(&problem, 1).unwrap();
    (problem, probe)
}

/// Koenker's quantile regressions of food expenditure on income (R's `quantreg`: `rq(foodexp ~ income)`).
#[test]
fn engels_quantiles_are_koenkers() {
    let frame = frame("engel.csv.gz");
    let column = |name: &str| match &frame.columns.iter().find(|column| column.name == name).unwrap().cells {
        Cells::Number(numbers) => numbers.clone(),
        other => panic!("{other:?}"),
    };
    let (income, target) = (column("income"), column("foodexp"));
    let features: Vec<f32> = income.iter().map(|&x| x as f32).collect();
    let sample =
        Sample { features: &features, width: 1, target: &target, weight: None, offset: None, lists: None, classes: 0 };
    for (level, slope, constant) in [
        (0.1, 0.4018, 110.14),
        (0.25, 0.4741, 95.48),
        (0.5, 0.5602, 81.48),
        (0.75, 0.6440, 62.40),
        (0.9, 0.6863, 67.35),
    ] {
        let setting = FitSetting { penalty: 0.0, ..FitSetting::usual(1) };
        let fitted = fit(ModelKind::Linear, Objective::Quantile { level }, &sample, None, &setting).unwrap();
        let at = [0.0f32, 1000.0];
        let ends = Sample { features: &at, target: &[0.0, 0.0], ..sample };
        let line = fitted.predict(&ends).numbers();
        assert_abs_diff_eq!((line[1] - line[0]) / 1000.0, slope, epsilon = 2e-3);
        assert_abs_diff_eq!(line[0], constant, epsilon = 1.0);
    }
}

#[test]
fn doctor_visits_are_probed_by_person() {
    let drop = ["meddol", "totadm", "inpdol"];
    let (problem, probe) = probed("randhie_claims.csv.gz", "mdvis", Some("person_id"), &drop, None);
    assert_eq!((probe.objective, probe.rows.len()), (Objective::Poisson, problem.rows()));
    let total: f64 = probe.prediction.iter().sum();
    assert_relative_eq!(total, problem.target.values.iter().sum(), max_relative = 0.01);
    // What a Poisson law with these means expects: 9 to 11 % of zeros, where 31 % are seen.
    let zeros = probe.prediction.iter().map(|mean| (-mean).exp()).sum::<f64>() / probe.rows.len() as f64;
    assert!((0.08..0.12).contains(&zeros), "{zeros}");
    for (row, of_group) in problem.groups.of_row.iter().enumerate().skip(1) {
        if *of_group == problem.groups.of_row[row - 1] {
            assert_eq!(probe.fold_of_row[row], probe.fold_of_row[row - 1]);
        }
    }
}

#[test]
fn wines_are_probed_as_numbers_and_as_ordered_classes() {
    let (problem, numbers) = probed("winequality_red.csv.gz", "quality", None, &[], Some(TargetKind::Count));
    assert_eq!(numbers.objective, Objective::Poisson);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert_relative_eq!(mean(&numbers.prediction), mean(&problem.target.values), max_relative = 1e-2);
    let (problem, classes) = probed("winequality_red.csv.gz", "quality", None, &[], Some(TargetKind::Ordered));
    assert_eq!(classes.per_row, problem.target.levels.len());
    let right = |probe: &[f64]| {
        let is_right = |(row, &class): (&[f64], &f64)| {
            let best = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
            f64::from(best as f64 == class)
        };
        mean(&probe.chunks_exact(classes.per_row).zip(&problem.target.values).map(is_right).collect::<Vec<f64>>())
    };
    let (out, of_training) = (right(&classes.prediction), right(&classes.training_prediction));
    assert!(0.55 < out && out < of_training && of_training < 0.65, "{out} out of fold, {of_training} on training rows");
}
