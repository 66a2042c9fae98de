//! Objectives of a batch of losses: limits, ties, groups that do not occur.

mod common;

use common::{assert_close, assert_close_within, normal, panic_of, values};
use minimand_loss::*;
use minimand_tensor::{DType, Tensor, grad};

fn labels(groups: &[i64], count: usize) -> Labels {
    Labels::new(groups, count).unwrap()
}

/// From the mean to the maximum; by the program of Rockafellar and Uryasev, whose minimum a grid finds as well.
#[test]
fn conditional_value_at_risk_is_the_minimum_of_its_program() {
    let losses = normal(1, [3, 7]).abs();
    let rows = values(&losses);
    for tail in [0.01, 1.0 / 7.0, 0.3, 3.0 / 7.0, 0.5, 0.99, 1.0] {
        let found = values(&conditional_value_at_risk(&losses, tail));
        for (row, found) in rows.chunks(7).zip(found) {
            let at = |t: f64| t + row.iter().map(|loss| (loss - t).max(0.0)).sum::<f64>() / (7.0 * tail);
            let least = row.iter().map(|t| at(*t)).fold(f64::INFINITY, f64::min);
            assert_close("tail", &[found], &[least]);
            assert!(
                (0..300).all(|step| at(f64::from(step) * 0.01) > found - 1e-12),
                "{tail}: a smaller value is found"
            );
        }
    }
    assert_close("mean", &values(&conditional_value_at_risk(&losses, 1.0)), &values(&losses.mean_axis(-1)));
    assert_close("maximum", &values(&conditional_value_at_risk(&losses, 1e-9)), &values(&losses.max_axis(-1)));
}

/// The weights sum to 1, and equal losses at the border share.
#[test]
fn ties_at_the_border_of_the_tail_share() {
    let losses = Tensor::from([2.0, 5.0, 2.0, 2.0, 1.0]);
    let weights = |tail: f64| values(&conditional_value_at_risk(&losses, tail).grad(&losses));
    assert_close("0.4", &weights(0.4), &[1.0 / 6.0, 0.5, 1.0 / 6.0, 1.0 / 6.0, 0.0]);
    assert_close("0.3", &weights(0.3), &[1.0 / 9.0, 2.0 / 3.0, 1.0 / 9.0, 1.0 / 9.0, 0.0]);
    assert_close("0.2", &weights(0.2), &[0.0, 1.0, 0.0, 0.0, 0.0]);
    assert_close("0.9", &weights(0.9), &[2.0 / 9.0, 2.0 / 9.0, 2.0 / 9.0, 2.0 / 9.0, 1.0 / 9.0]);
}

/// From the least over the mean to the greatest; tiny tilts are no division of a rounding error: `mean + t var/2`.
#[test]
fn tilted_between_its_limits() {
    let losses = normal(2, [2, 9]).abs();
    for (tilt, limit) in [(1e8, losses.max_axis(-1)), (-1e8, losses.min_axis(-1)), (0.0, losses.mean_axis(-1))] {
        assert_close_within("limit", &values(&tilted(&losses, tilt)), &values(&limit), 1e-5, 0.0);
    }
    for tilt in [1e-300, 1e-20, 1e-12, -1e-8, 1e-5] {
        let above = values(&(tilted(&losses, tilt) - losses.mean_axis(-1)));
        let expected = values(&(0.5 * tilt * losses.var_axis(-1, 0)));
        assert_close_within("half the variance", &above, &expected, 1e-4, 3e-16);
        let weights = values(&tilted(&losses, tilt).sum().grad(&losses));
        assert_close_within("weights", &weights, &values(&(tilt * &losses).softmax(-1)), 1e-12, 0.0);
    }
    let single = Tensor::from([1e4, -1e4, 0.0]).cast(DType::F32).computed().detach();
    for tilt in [-1e3, -1.0, 1e-40, 1e-6, 1.0, 1e3] {
        let loss = tilted(&single, tilt);
        let numbers = [values(&loss), values(&loss.grad(&single))].concat();
        assert!(numbers.iter().all(|number| number.is_finite()), "{tilt}: {numbers:?}");
    }
}

/// Groups without an example, examples without a group, and no example at all.
#[test]
fn groups_that_do_not_occur_do_not_count() {
    let losses = Tensor::from([-1.0, -3.0, f64::INFINITY]);
    let groups = Labels::with_ignored([3i64, 1, -1], 5, -1).unwrap();
    let check = |value: Tensor, expected: f64, gradient: [f64; 3]| {
        assert_close("value", &[value.item()], &[expected]);
        assert_close("gradient", &values(&value.grad(&losses)), &gradient);
    };
    check(worst_group(&losses, &groups), -1.0, [1.0, 0.0, 0.0]);
    check(risk_extrapolation(&losses, &groups, 2.0), -4.0 + 2.0, [1.0 + 2.0, 1.0 - 2.0, 0.0]);
    let uniform = Tensor::from([0.2; 5]);
    check(group_dro(&losses, &groups, &uniform, 0.0), -0.8, [0.2, 0.2, 0.0]);
    let nothing = Labels::with_ignored([-1i64, -1, -1], 5, -1).unwrap();
    for value in [
        worst_group(&losses, &nothing),
        risk_extrapolation(&losses, &nothing, 2.0),
        group_dro(&losses, &nothing, &uniform, 1.0),
    ] {
        assert_eq!((value.item(), values(&value.grad(&losses))), (0.0, vec![0.0; 3]));
    }
    let penalty = invariant_risk_penalty(&Tensor::from([1.0, 2.0, 3.0]), &nothing, |x| x.square());
    assert_eq!(values(&penalty), [0.0; 5]);
    let empty = Tensor::zeros([0]);
    assert_eq!(worst_group(&empty, &labels(&[], 2)).item(), 0.0);
    assert_eq!(conditional_value_at_risk(&empty, 0.1).item(), 0.0);
    assert_eq!(tilted(&empty, 1.0).item(), 0.0);
}

/// The weights are held fixed, and a batch's step is the one that the next batch starts from: towards the worst group.
#[test]
fn group_weights_follow_the_worst_group() {
    let (losses, groups) = (Tensor::from([1.0, 3.0, 2.0, 2.0]), labels(&[0, 1, 2, 2], 3));
    let mut weights = GroupWeights::uniform(3);
    for _ in 0..40 {
        weights = weights.updated(&losses, &groups, 0.5);
    }
    assert_close_within("weights", &values(weights.tensor()), &[0.0, 1.0, 0.0], 1e-6, 1e-6);
    let start = Tensor::from([0.5, 0.25, 0.25]);
    let loss = group_dro(&losses, &groups, &start, 0.7);
    let [a, b, c] = [0.5 * 0.7f64.exp(), 0.25 * 2.1f64.exp(), 0.25 * 1.4f64.exp()].map(|w| w);
    let q = [a, b, c].map(|w| w / (a + b + c));
    assert_close("value", &[loss.item()], &[q[0] + 3.0 * q[1] + 2.0 * q[2]]);
    assert_close("gradient", &values(&loss.grad(&losses)), &[q[0], q[1], 0.5 * q[2], 0.5 * q[2]]);
    let steep = group_dro(&(1e4 * &losses), &groups, &start, 10.0);
    assert_close("no overflow", &[steep.item()], &[3e4]);
}

#[test]
fn equally_bad_groups_share_the_gradient() {
    let (losses, groups) = (Tensor::from([2.0, 1.0, 3.0, 0.0]), labels(&[0, 1, 1, 2], 3));
    assert_eq!(values(&worst_group(&losses, &groups).grad(&losses)), [0.5, 0.25, 0.25, 0.0]);
}

/// Of the logistic loss: `(mean of (σ(x) − y) x)²`, with its gradient by hand; also for predictions of several columns.
#[test]
fn invariance_penalty_of_logits() {
    let (x, y) = (Tensor::from([0.7, -1.2, 2.0]), Tensor::from([1.0, 0.0, 0.0]));
    let penalty = invariant_risk_penalty(&x, &labels(&[0, 0, 1], 2), |x| binary_cross_entropy_with_logits(x, &y));
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let slope = |x: f64, y: f64| (sigmoid(x) - y) * x;
    let (first, second) = (0.5 * (slope(0.7, 1.0) + slope(-1.2, 0.0)), slope(2.0, 0.0));
    assert_close("value", &values(&penalty), &[first * first, second * second]);
    let by = |x: f64, y: f64| sigmoid(x) - y + x * sigmoid(x) * sigmoid(-x);
    let expected = [first * by(0.7, 1.0), first * by(-1.2, 0.0), 2.0 * second * by(2.0, 0.0)];
    assert_close("gradient", &values(&grad(&penalty.sum(), [&x])[0]), &expected);
    let logits = normal(3, [4, 3]);
    let classes = labels(&[0, 2, 1, 1], 3);
    let penalty = invariant_risk_penalty(&logits, &labels(&[0, 1, 1, 0], 2), |x| cross_entropy(x, &classes));
    assert_eq!(penalty.shape().sizes(), [2]);
    assert!(values(&penalty).iter().all(|number| *number > 0.0));
}

#[test]
fn what_does_not_fit_is_refused_at_the_callers_line() {
    let (losses, groups) = (Tensor::from([1.0, 2.0]), labels(&[0, 1, 1], 2));
    let says = |run: &dyn Fn() -> Tensor, expected: &str| {
        let panic = panic_of(run);
        assert_eq!((&*panic.message, &*panic.file), (expected, file!()));
    };
    says(
        &|| worst_group(&losses, &groups),
        "worst_group: losses [2] and groups [3] must be one number and one label per example",
    );
    let both = labels(&[0, 1], 2);
    says(
        &|| group_dro(&losses, &both, &Tensor::from([1.0]), 0.1),
        "group_dro: weights [1] must have one number for each of the 2 groups",
    );
    says(&|| risk_extrapolation(&losses, &both, -1.0), "risk_extrapolation: beta is -1 and must not be below 0");
    says(
        &|| conditional_value_at_risk(&losses, 0.0),
        "conditional_value_at_risk: tail is 0 and must be above 0 and at most 1",
    );
    says(&|| tilted(&losses, f64::INFINITY), "tilted: tilt is inf and must be finite");
    says(&|| tilted(&Tensor::from(1.0), 1.0), "tilted: losses [] must have an axis");
    says(
        &|| invariant_risk_penalty(&losses, &groups, |x| x.square()),
        "invariant_risk_penalty: groups [3] must be one for each of the examples of prediction [2]",
    );
}
