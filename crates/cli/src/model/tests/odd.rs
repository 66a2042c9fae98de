//! Tables that nobody would choose: no fit panics, and what is wrong is said.

use minimand::tensor::Rng;

use super::EVERY;
use crate::model::{FitError, FitSetting, ModelKind, Objective, Prediction, Sample, Validation, fit};

const BOTH: [ModelKind; 2] = [ModelKind::Linear, ModelKind::Mlp];

/// Fits and predicts; the prediction is finite or the fit is refused.
fn survives(objective: Objective, sample: &Sample, kinds: &[ModelKind]) {
    for &kind in kinds {
        let setting = FitSetting { epochs: 2, ..FitSetting::usual(5) };
        let judge = |prediction: &Prediction| prediction.numbers().iter().sum::<f64>();
        let validation = Validation { sample: *sample, judge: &judge };
        match fit(kind, objective, sample, Some(&validation), &setting) {
            Ok(fitted) => {
                let prediction = fitted.predict(sample);
                assert_eq!(prediction.rows(), sample.rows());
                let numbers = prediction.numbers();
                // The mean of a law may be beyond all numbers.
                let is_law = matches!(prediction, Prediction::Laws(_));
                let fine = |value: &f64| value.is_finite() || is_law && *value == f64::INFINITY;
                assert!(numbers.iter().all(fine), "{objective:?} {}: {numbers:?}", kind.name());
            }
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains(objective.name()) && !text.contains('\n'), "{text}");
            }
        }
    }
}

fn sample<'a>(features: &'a [f32], width: usize, target: &'a [f64], lists: &'a [u32]) -> Sample<'a> {
    Sample { features, width, target, weight: None, offset: None, lists: Some(lists), classes: 3 }
}

#[test]
fn odd_tables_are_fitted_or_refused() {
    let mut rng = Rng::seed(2);
    let rows = 24;
    let features: Vec<f32> = (0..rows * 3).map(|_| rng.normal() as f32).collect();
    let wide: Vec<f32> = (0..rows * 60).map(|_| rng.normal() as f32).collect();
    let huge: Vec<f32> = features.iter().map(|x| x * 1e4).collect();
    let lists: Vec<u32> = (0..rows as u32).map(|row| row / 3).collect();
    let alone: Vec<u32> = (0..rows as u32).collect();
    let together = vec![0; rows];
    let targets: Vec<Vec<f64>> = vec![
        vec![0.0; rows],
        vec![1.0; rows],
        (0..rows).map(|row| f64::from(row == 3)).collect(),
        (0..rows).map(|row| f64::from(features[row * 3] > 0.0)).collect(),
        (0..rows).map(|row| (row % 3) as f64).collect(),
        (0..rows).map(|row| 1e9 * (row + 1) as f64).collect(),
        (0..rows).map(|row| 1e-9 * (row + 1) as f64).collect(),
        (0..rows).map(|row| (3.0 * row as f64).exp()).collect(),
        (0..rows).map(|row| row as f64 - 12.0).collect(),
    ];
    for objective in EVERY {
        for (place, target) in targets.iter().enumerate() {
            // A network takes its time.
            let kinds = if place % 3 == 1 { &BOTH[..] } else { &BOTH[..1] };
            survives(objective, &sample(&features, 3, target, &lists), kinds);
        }
        let target = &targets[3];
        survives(objective, &sample(&wide, 60, target, &lists), &BOTH[..1]);
        survives(objective, &sample(&huge, 3, target, &lists), &BOTH[..1]);
        survives(objective, &sample(&[], 0, target, &lists), &BOTH);
        survives(objective, &sample(&features, 3, target, &alone), &BOTH);
        survives(objective, &sample(&features, 3, target, &together), &BOTH[..1]);
        survives(objective, &sample(&features[..3], 3, &target[..1], &lists[..1]), &BOTH);
        let mut weight = vec![0.0; rows];
        weight[5] = 1e6;
        let offset: Vec<f64> = (0..rows).map(|row| row as f64 - 12.0).collect();
        let extreme = Sample { weight: Some(&weight), offset: Some(&offset), ..sample(&features, 3, target, &lists) };
        survives(objective, &extreme, &BOTH);
    }
}

#[test]
fn mistakes_are_named() {
    let refused = |objective, target: &[f64], lists| {
        let sample = Sample { lists, ..sample(&[], 0, target, &[]) };
        fit(ModelKind::Linear, objective, &sample, None, &FitSetting::usual(1)).unwrap_err()
    };
    let error = refused(Objective::Gamma, &[1.0, 0.0], None);
    assert_eq!(error.to_string(), "gamma_deviance takes numbers above 0, and the target of row 2 of the fit is 0");
    let error = refused(Objective::MulticlassCrossEntropy, &[0.0, 3.0], None);
    assert_eq!(error.to_string(), "cross_entropy takes numbers of classes, and the target of row 2 of the fit is 3");
    assert_eq!(refused(Objective::Poisson, &[], None), FitError::NoRows { objective: "poisson_nll" });
    let error = refused(Objective::ListSoftmax, &[0.0, 1.0], None);
    assert_eq!(error.to_string(), "ranking_softmax ranks within lists, and there are none");
    let error = refused(Objective::SquaredError, &[f64::NAN], None);
    assert!(error.to_string().starts_with("squared_error takes finite numbers"));
    assert!(!Objective::Gamma.accepts(&[0.0], 0) && Objective::Gamma.accepts(&[0.1], 0));
}
