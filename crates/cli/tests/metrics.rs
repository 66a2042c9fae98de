//! The tour's own figures.

use approx::assert_relative_eq;
use minimand::data::metrics::{PrecisionRecall, mean_absolute_error, precision_recall_curve};
use minimand_cli::metrics::*;
use proptest::prelude::*;

#[track_caller]
fn same(actual: f64, expected: f64) {
    assert_relative_eq!(actual, expected, epsilon = 1e-12, max_relative = 1e-12);
}

/// SciPy 1.17.1.
#[test]
fn skewness_is_scipy_s() {
    same(skewness(&[1.0, 2.0, 3.0, 10.0, 2.5]), 1.3397835746076068);
    same(skewness(&[0.0, 0.0, 0.0, 1.0]), 1.1547005383792515);
    same(skewness(&[-5.0, 1.0, 2.0, 2.5, 3.0, 3.0]), -1.5664637654224445);
    assert_eq!(skewness(&[2.0, 2.0]), 0.0);
}

#[test]
fn deciles_hold_the_rows_in_the_order_of_their_truth() {
    let truth: Vec<f64> = (0..25).rev().map(f64::from).collect();
    let prediction: Vec<f64> = truth.iter().map(|t| t + 0.5 - 0.1 * t).collect();
    let deciles = residuals_by_decile(&prediction, &truth);
    assert_eq!(deciles.len(), 10);
    assert_eq!(deciles.iter().map(|d| d.rows).sum::<usize>(), 25);
    assert_eq!((deciles[0].lowest, deciles[0].highest, deciles[0].rows), (0.0, 1.0, 2));
    assert_eq!((deciles[9].lowest, deciles[9].highest, deciles[9].rows), (22.0, 24.0, 3));
    for (number, decile) in (1..).zip(&deciles) {
        assert_eq!(decile.number, number);
        same(decile.mean_residual, 0.5 - 0.1 * decile.mean_truth);
        same(decile.mean_prediction - decile.mean_truth, decile.mean_residual);
    }
    assert_eq!(residuals_by_decile(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]).len(), 3);
}

#[test]
fn the_bottom_leaves_the_top_out() {
    let truth: Vec<f64> = (1..=10).map(f64::from).collect();
    let mut prediction = truth.clone();
    prediction[9] = 1e6;
    prediction[0] = 10.0;
    same(mean_absolute_error_up_to(0.9, &prediction, &truth), 1.0);
    same(mean_absolute_error_up_to(1.0, &prediction, &truth), mean_absolute_error(&prediction, &truth).unwrap());
}

#[test]
fn shares_are_of_absolute_values() {
    same(share_held_by(&[-3.0, 1.0, 0.0, -1.0], |row| row == 0), 0.6);
    same(share_held_by(&[-3.0, 1.0, 0.0, -1.0], |_| true), 1.0);
}

#[test]
fn nothing_is_held_of_nothing() {
    assert_eq!(share_held_by(&[0.0, 0.0], |_| true), 0.0);
}

#[test]
fn one_seed_has_no_spread() {
    let single = Spread::of(vec![2.5]);
    assert_eq!((single.mean(), single.standard_deviation()), (2.5, 0.0));
    let three = Spread::of(vec![1.0, 2.0, 6.0]);
    same(three.mean(), 3.0);
    same(three.standard_deviation(), 7.0f64.sqrt());
}

/// Few different scores, so that ties abound; labels of both classes.
fn rows() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    prop::collection::vec((0u8..12, any::<bool>()), 2..60).prop_map(|rows| {
        let mut rows: (Vec<f64>, Vec<bool>) =
            rows.into_iter().map(|(score, label)| (f64::from(score) / 8.0 - 0.25, label)).unzip();
        rows.1[0] = true;
        rows.1[1] = false;
        rows
    })
}

proptest! {
    #[test]
    fn thinning_keeps_the_drawn_curve((scores, labels) in rows()) {
        let curve = precision_recall_curve(&scores, &labels).unwrap();
        let thin = thinned(&curve);
        prop_assert_eq!(thin.first(), curve.first());
        prop_assert_eq!(thin.last(), curve.last());
        for point in &curve {
            let of_recall = |points: &[PrecisionRecall]| -> (f64, f64) {
                let precisions = points.iter().filter(|p| p.recall == point.recall).map(|p| p.precision);
                precisions.fold((f64::INFINITY, 0.0), |(low, high), p| (low.min(p), high.max(p)))
            };
            prop_assert_eq!(of_recall(&thin).1, of_recall(&curve).1);
            prop_assert_eq!(of_recall(&thin).0, of_recall(&curve).0);
        }
    }
}
