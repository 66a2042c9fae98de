//! Losses for classes in an order.

mod common;

use common::{assert_close, assert_close_within, finite_at_extremes, normal, panic_of, values};
use minimand_loss::*;
use minimand_tensor::{DType, Tensor};

const CLASSES: usize = 5;

fn all(label: usize) -> Labels {
    Labels::new([label; 3], CLASSES).unwrap()
}

/// The probabilities that a negative log-likelihood gives to all classes, summed.
fn total_probability(loss: impl Fn(&Labels) -> Tensor) -> Vec<f64> {
    (0..CLASSES)
        .map(|label| values(&loss(&all(label))))
        .fold(vec![0.0; 3], |sums, losses| sums.iter().zip(losses).map(|(sum, loss)| sum + (-loss).exp()).collect())
}

#[test]
fn likelihoods_of_all_classes_sum_to_1() {
    let x = 2.0 * normal(31, [3, CLASSES - 1]);
    assert_close("corn", &total_probability(|y| corn(&x, y)), &[1.0; 3]);
    let thresholds = Tensor::from([-1.5, 0.0, 0.25, 2.0]);
    assert_close("cumulative link", &total_probability(|y| cumulative_link(&x.at(1, 0), y, &thresholds)), &[1.0; 3]);
}

/// Shi et al. 2023: `P(y > k) = Πⱼ≤ₖ σ(xⱼ)`.
#[test]
fn corn_is_the_likelihood_of_a_chain() {
    let x = normal(32, [3, CLASSES - 1]);
    let p = values(&x.sigmoid());
    for label in 0..CLASSES {
        let chain = |row: &[f64]| {
            let climbed: f64 = row[..label].iter().product();
            climbed * row.get(label).map_or(1.0, |p| 1.0 - p)
        };
        let expected: Vec<f64> = p.chunks(CLASSES - 1).map(|row| -chain(row).ln()).collect();
        assert_close("chain", &values(&corn(&x, &all(label))), &expected);
    }
}

/// Each rank is a question of its own, and a weight multiplies it.
#[test]
fn coral_is_a_sum_of_binary_cross_entropies() {
    let x = normal(33, [3, CLASSES - 1]);
    let weights = Tensor::from([1.0, 0.5, 2.0, 0.0]);
    for label in 0..CLASSES {
        let levels = Tensor::from([0, 1, 2, 3].map(|rank| f64::from(u8::from(label > rank)))).expand([3, CLASSES - 1]);
        let each = binary_cross_entropy_with_logits(&x, &levels);
        assert_close("plain", &values(&coral(&x, &all(label), None)), &values(&each.sum_axis(-1)));
        let weighted = values(&(each * &weights).sum_axis(-1));
        assert_close("weighted", &values(&coral(&x, &all(label), Some(&weights))), &weighted);
    }
}

/// Far from the thresholds both sigmoids round to the same number; the loss does not: `−ln((σ(u) − σ(l)))` with u = t₁ − x, l = t₀ − x is
/// `|x| − t − ln(1 − e^(t₀ − t₁))` up to e⁻ˣ.
#[test]
fn cumulative_links_are_exact_in_the_tails() {
    let width = f64::ln(1.0 - (-2f64).exp());
    let thresholds = Tensor::from([-1.0, 1.0]);
    for dtype in [DType::F32, DType::F64] {
        let x = Tensor::from([800.0, -800.0, 0.0]).cast(dtype);
        let y = Labels::new([1, 1, 1], 3).unwrap();
        let loss = cumulative_link(&x, &y, &thresholds.cast(dtype));
        let middle = -((1.0 / (1.0 + (-1f64).exp())) - 1.0 / (1.0 + 1f64.exp())).ln();
        let tolerance = if dtype == DType::F32 { 1e-6 } else { 1e-14 };
        assert_close_within("tails", &values(&loss), &[799.0 - width, 799.0 - width, middle], tolerance, 0.0);
        assert_close_within("slopes", &values(&loss.sum().grad(&x)), &[1.0, -1.0, 0.0], 1e-6, 1e-7);
    }
    let x = [Tensor::from([1e4, -1e4, 0.0, 1e4, -1e4, 1e4, -1e4])];
    let y = Labels::new([0, 0, 1, 1, 1, 2, 2], 3).unwrap();
    finite_at_extremes(|x| cumulative_link(&x[0], &y, &thresholds.cast(DType::F32)), &x);
}

/// Thresholds that all but touch: `−ln(σ(u) − σ(l))` is `−ln(w/4)` for the width w between them; and the ends have a slope by the
/// threshold that bounds them alone.
#[test]
fn narrow_classes_keep_their_digits() {
    let width = 3e-12;
    let t = Tensor::from([-width / 2.0, width / 2.0]);
    let x = Tensor::from([0.0, 0.0, 0.0]);
    let loss = cumulative_link(&x, &Labels::new([0, 1, 2], 3).unwrap(), &t);
    assert_close_within("losses", &values(&loss), &[2f64.ln(), f64::ln(4.0 / width), 2f64.ln()], 1e-11, 0.0);
    let ends = cumulative_link(&x, &Labels::new([0, 0, 2], 3).unwrap(), &t);
    assert_close_within("slopes", &values(&ends.sum().grad(&t)), &[-1.0, 0.5], 1e-12, 0.0);
}

/// A class between equal thresholds cannot occur.
#[test]
fn equal_thresholds_leave_nothing_between() {
    let t = Tensor::from([0.5, 0.5]);
    let x = Tensor::from([0.0, 0.0, 0.0]);
    let y = Labels::new([0, 1, 2], 3).unwrap();
    let loss = cumulative_link(&x, &y, &t);
    let half = (0.5f64).exp().ln_1p();
    assert_close("loss", &values(&loss), &[half - 0.5, f64::INFINITY, half]);
    assert!(values(&loss.sum().grad(&x)).iter().all(|slope| slope.is_finite()));
}

/// Two classes: logistic regression with the threshold for an intercept. One class: nothing to decide.
#[test]
fn few_classes() {
    let x = normal(34, [4]);
    let y = Labels::new([0, 1, 1, 0], 2).unwrap();
    let link = cumulative_link(&x, &y, &Tensor::from([0.3]));
    let target = y.index().cast(DType::F64);
    let expected = values(&binary_cross_entropy_with_logits(&(&x - 0.3), &target));
    assert_close("two", &values(&link), &expected);
    let column = (&x - 0.3).unsqueeze(-1);
    assert_close("coral", &values(&coral(&column, &y, None)), &expected);
    assert_close("corn", &values(&corn(&column, &y)), &expected);
    let p = column.sigmoid().squeeze(-1);
    let two = Tensor::stack([&x.full_like(0.0), &(&x - 0.3)], 1);
    assert_close("emd", &values(&ordinal_emd(&two, &y)), &values(&binary_brier_score(&p, &target)));
    let only = Labels::new([0, 0, 0, 0], 1).unwrap();
    let none = Tensor::from_vec(Vec::<f64>::new(), [4, 0]);
    for (name, loss) in [
        ("coral", coral(&none, &only, None)),
        ("corn", corn(&none, &only)),
        ("link", cumulative_link(&x, &only, &Tensor::from_vec(Vec::<f64>::new(), [0]))),
        ("emd", ordinal_emd(&x.unsqueeze(-1), &only)),
        ("soft", soft_ordinal(&x.unsqueeze(-1), &only, Default::default())),
    ] {
        assert_eq!(values(&loss), [0.0; 4], "{name}");
    }
}

#[test]
fn ordered_thresholds_go_there_and_back() {
    let thresholds = [-2.0, -1.999, 0.5, 60.0];
    let found = OrderedThresholds::of(&OrderedThresholds::free(&thresholds));
    assert_close("there and back", &values(&found), &thresholds);
    let wild = OrderedThresholds::of(&(10.0 * normal(35, [20])));
    let wild = values(&wild);
    assert!(wild.windows(2).all(|pair| pair[0] < pair[1]), "{wild:?}");
}

/// Without spread it is cross-entropy; with endless spread, that of the uniform target.
#[test]
fn the_spread_of_the_soft_target() {
    let x = normal(36, [3, CLASSES]);
    let y = Labels::new([0, 2, 4], CLASSES).unwrap();
    let of = |scale| values(&soft_ordinal(&x, &y, SoftOrdinalOptions { scale, power: 1.0 }));
    assert_close("sharp", &of(1e3), &values(&cross_entropy(&x, &y)));
    let uniform = x.full_like(0.2);
    assert_close("flat", &of(0.0), &values(&cross_entropy_with_probabilities(&x, &uniform, Default::default())));
}

/// A near miss costs less than a far one, which cross-entropy does not know.
#[test]
fn far_errors_cost_more() {
    let x = Tensor::from([[5.0, 0.0, 0.0, 0.0, 0.0], [5.0, 0.0, 0.0, 0.0, 0.0], [5.0, 0.0, 0.0, 0.0, 0.0]]);
    let y = Labels::new([1, 2, 4], CLASSES).unwrap();
    let rising = |loss: Tensor| values(&loss).windows(2).all(|pair| pair[0] < pair[1]);
    assert!(rising(ordinal_emd(&x, &y)) && rising(soft_ordinal(&x, &y, Default::default())));
    let plain = values(&cross_entropy(&x, &y));
    assert_close("cross-entropy", &plain, &[plain[0]; 3]);
}

/// Epstein 1969: the ranked probability score is the sum of the Brier scores of all thresholds; and it is exact where all but
/// nothing lies beyond the label.
#[test]
fn squared_emd_is_the_ranked_probability_score() {
    let x = normal(37, [3, CLASSES]);
    let y = Labels::new([0, 2, 4], CLASSES).unwrap();
    let up_to = x.softmax(-1).cumulative_sum(-1).slice(-1, ..CLASSES - 1);
    let reached = Tensor::from([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]);
    let expected = binary_brier_score(&up_to, &reached).sum_axis(-1);
    assert_close("score", &values(&ordinal_emd(&x, &y)), &values(&expected));
    let sure = Tensor::from([[20f32, 0.0, 0.0]]);
    let beyond = (-20f64).exp() / (1.0 + 2.0 * (-20f64).exp());
    let loss = ordinal_emd(&sure, &Labels::new([0], 3).unwrap());
    assert_close_within("sure", &values(&loss), &[5.0 * beyond * beyond], 1e-5, 0.0);
}

type Loss = fn(&Tensor, &Labels) -> Tensor;
const OF_RANKS: [(&str, Loss); 2] = [("coral", |x, y| coral(x, y, None)), ("corn", corn)];
const OF_CLASSES: [(&str, Loss); 2] =
    [("soft", |x, y| soft_ordinal(x, y, SoftOrdinalOptions { scale: 1.0, power: 2.0 })), ("emd", ordinal_emd)];

#[test]
fn extremes_and_excluded_and_ignored() {
    for (columns, losses) in [(CLASSES - 1, OF_RANKS), (CLASSES, OF_CLASSES)] {
        let rows: Vec<f64> = (0..4 * columns).map(|at| [1e4, -1e4, 0.0, 1e4, 88.0, -88.0, 1e4][at % 7]).collect();
        let x = Tensor::from_vec(rows, [4, columns]);
        for (name, loss) in losses {
            for label in 0..CLASSES {
                let y = Labels::new([label; 4], CLASSES).unwrap();
                finite_at_extremes(|x| loss(&x[0], &y), std::slice::from_ref(&x));
            }
            let y = Labels::with_ignored([1, -1, 4, 0], CLASSES, -1).unwrap();
            let nan = Tensor::from([0.0, f64::NAN, 0.0, 0.0]).unsqueeze(-1) + normal(38, [4, columns]);
            let found = loss(&nan, &y);
            assert_eq!(values(&found)[1], 0.0, "{name}");
            assert!(values(&found).iter().all(|loss| loss.is_finite()), "{name}");
            let slope = found.sum().grad(&nan);
            assert_close(name, &values(&slope.at(0, 1)), &vec![0.0; columns]);
            let single = loss(&nan.at(0, 0), &y.select([0]).reshape([]));
            assert_close(name, &[single.item()], &values(&found)[..1]);
        }
    }
    let x = Tensor::from([0.0, f64::NAN]);
    let y = Labels::with_ignored([1, -1], 3, -1).unwrap();
    let loss = cumulative_link(&x, &y, &Tensor::from([-1.0, 1.0]));
    assert_eq!((values(&loss)[1], values(&loss.sum().grad(&x))[1]), (0.0, 0.0));
}

#[test]
fn wrong_shapes_panic_at_the_callers_line() {
    let (x, y) = (normal(39, [3, CLASSES]), all(1));
    let (panic, line) = (panic_of(|| coral(&x, &y, None)), line!());
    assert!(
        panic.message.starts_with("coral: logits [3, 5] and labels [3] of 5 classes do not fit"),
        "{}",
        panic.message
    );
    assert_eq!(panic.line, line);
    let (panic, line) = (panic_of(|| corn(&x, &y)), line!());
    assert_eq!((panic.message.starts_with("corn: logits [3, 5]"), panic.line), (true, line));
    let (panic, line) = (panic_of(|| cumulative_link(&x.at(1, 0), &y, &x.at(0, 0))), line!());
    let message =
        "cumulative_link: thresholds [5] and labels of 5 classes do not fit: there must be one less than classes";
    assert_eq!((panic.message.as_str(), panic.line), (message, line));
    let (panic, line) = (panic_of(|| OrderedThresholds::free(&[1.0, 0.0])), line!());
    assert_eq!((panic.message.as_str(), panic.line), ("OrderedThresholds: 0 is not above 1", line));
}
