use approx::assert_abs_diff_eq;
use minimand::tensor::Rng;

use crate::{
    advice::problem::TargetKind,
    model::{
        SampleRows,
        probe::{Probe, ProbeFold, probe_folds},
    },
};

/// Rows with two features, dealt into five folds; the target by the linear predictor `0.8 x + 0.2` and a uniform number.
fn probed(
    kind: TargetKind,
    classes: usize,
    rows: usize,
    target: impl Fn(f64, f64) -> f64,
) -> (Probe, Vec<f64>, Vec<f64>) {
    let mut rng = Rng::seed(3);
    let features: Vec<f32> = (0..2 * rows).map(|_| rng.normal() as f32).collect();
    let predictor: Vec<f64> = features.chunks_exact(2).map(|x| 0.8 * f64::from(x[0]) + 0.2).collect();
    let target: Vec<f64> = predictor.iter().map(|&eta| target(eta, rng.uniform())).collect();
    let part = |rows: &[usize]| SampleRows {
        features: rows.iter().flat_map(|&row| features[2 * row..2 * row + 2].to_vec()).collect(),
        width: 2,
        target: rows.iter().map(|&row| target[row]).collect(),
        weight: None,
        offset: None,
        lists: (kind == TargetKind::Relevance).then(|| rows.iter().map(|&row| (row / 5) as u32).collect()),
        classes,
    };
    let folds: Vec<ProbeFold> = (0..5)
        .map(|fold| {
            let (test_rows, train_rows): (Vec<usize>, Vec<usize>) = (0..rows).partition(|row| row / 5 % 5 == fold);
            ProbeFold { train: part(&train_rows), test: part(&test_rows), train_rows, test_rows }
        })
        .collect();
    (probe_folds(kind, rows, &folds, 1).unwrap(), predictor, target)
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[test]
fn every_kind_of_target_is_probed() {
    let rows = 2000;
    let quantile = |share: f64| (share / (1.0 - share)).ln();
    let (probe, eta, target) = probed(TargetKind::Real, 0, rows, |eta, u| 1000.0 * (eta + 0.3 * quantile(u)));
    assert_eq!(probe.rows, (0..rows).collect::<Vec<_>>());
    for (row, eta) in eta.iter().enumerate() {
        assert_eq!(probe.fold_of_row[row], row / 5 % 5);
        assert_abs_diff_eq!(probe.prediction[row], 1000.0 * eta, epsilon = 100.0);
        assert_abs_diff_eq!(probe.training_prediction[row], 1000.0 * eta, epsilon = 100.0);
    }
    // Out of fold, the model knows less.
    let error = |found: &[f64]| found.iter().zip(&target).map(|(found, y)| (found - y).powi(2)).sum::<f64>();
    assert!(error(&probe.prediction) > error(&probe.training_prediction));

    let (probe, eta, _) = probed(TargetKind::Count, 0, rows, |eta, u| {
        // The least k with P(Poisson ≤ k) ≥ u.
        let (mut k, mut term) = (0.0, (-eta.exp()).exp());
        let mut sum = term;
        while sum < u && k < 200.0 {
            k += 1.0;
            term *= eta.exp() / k;
            sum += term;
        }
        k
    });
    for (row, eta) in eta.iter().enumerate() {
        assert_abs_diff_eq!(probe.linear_predictor[row], *eta, epsilon = 0.25);
        assert_abs_diff_eq!(probe.linear_predictor[row], probe.prediction[row].ln(), epsilon = 1e-12);
    }

    let (probe, eta, _) = probed(TargetKind::Binary, 2, rows, |eta, u| f64::from(u < logistic(eta)));
    for (row, eta) in eta.iter().enumerate() {
        assert_abs_diff_eq!(probe.prediction[row], logistic(*eta), epsilon = 0.12);
        assert_abs_diff_eq!(probe.prediction[row], logistic(probe.linear_predictor[row]), epsilon = 1e-12);
    }

    let ordered = |eta: f64, u: f64| f64::from(u < logistic(eta + 1.0)) + f64::from(u < logistic(eta - 1.0));
    for kind in [TargetKind::Ordered, TargetKind::Classes] {
        let (probe, eta, _) = probed(kind, 3, rows, ordered);
        assert_eq!((probe.per_row, probe.prediction.len()), (3, 3 * rows));
        for (row, eta) in eta.iter().enumerate() {
            let highest = logistic(eta - 1.0);
            assert_abs_diff_eq!(probe.prediction[3 * row + 2], highest, epsilon = 0.15);
            assert_abs_diff_eq!(probe.prediction[3 * row..3 * row + 3].iter().sum::<f64>(), 1.0, epsilon = 1e-12);
        }
    }

    let (probe, eta, _) = probed(TargetKind::Relevance, 0, rows, |eta, u| f64::from(u < logistic(2.0 * eta)));
    let same_order = (0..rows - 1)
        .filter(|row| row % 5 != 4)
        .map(|row| f64::from((probe.prediction[row] > probe.prediction[row + 1]) == (eta[row] > eta[row + 1])));
    assert!(same_order.sum::<f64>() > 0.75 * rows as f64);
}

#[test]
fn many_features_for_the_rows_are_penalised() {
    let (few, _, _) = probed(TargetKind::Real, 0, 200, |_, u| u);
    assert_eq!(few.penalty, 1e-4);
    let (many, _, _) = probed(TargetKind::Real, 0, 30, |_, u| u);
    assert!(many.penalty > 1e-4, "noise alone: {}", many.penalty);
}
