//! Losses for labels of which some are wrong.

mod common;

use common::{assert_close, assert_close_within, finite_at_extremes, normal, panic_of, values};
use minimand_loss::*;
use minimand_tensor::{DType, Tensor};

const CLASSES: usize = 4;

fn logits() -> Tensor {
    2.0 * normal(21, [6, CLASSES])
}

fn all(label: usize) -> Labels {
    Labels::new([label; 6], CLASSES).unwrap()
}

fn labels() -> Labels {
    Labels::new([0, 3, 1, 2, 2, 0], CLASSES).unwrap()
}

type Loss = Box<dyn Fn(&Tensor, &Labels) -> Tensor>;

/// Every loss of the family that takes logits and labels, with options of its own.
fn losses() -> Vec<(&'static str, Loss)> {
    let even = TransitionMatrix::even(CLASSES, 0.3).unwrap();
    let (transition, inverse) = (even.tensor(), even.inverse().unwrap());
    let targets = |x: &Tensor| x.full_like(0.2).detach();
    vec![
        ("symmetric", Box::new(|x, y| symmetric_cross_entropy(x, y, Default::default()))),
        ("reverse", Box::new(|x, y| reverse_cross_entropy(x, y, -4.0))),
        ("normalised", Box::new(normalised_cross_entropy)),
        ("active passive", Box::new(|x, y| active_passive(x, y, Default::default()))),
        ("soft bootstrap", Box::new(|x, y| bootstrapped_cross_entropy(x, y, 0.8))),
        ("hard bootstrap", Box::new(|x, y| hard_bootstrapped_cross_entropy(x, y, 0.8))),
        ("forward", Box::new(move |x, y| forward_corrected_cross_entropy(x, y, &transition.cast(x.dtype())))),
        ("backward", Box::new(move |x, y| backward_corrected_cross_entropy(x, y, &inverse.cast(x.dtype())))),
        ("early learning", Box::new(move |x, y| early_learning_regularisation(x, y, &targets(x), 3.0))),
        ("truncated", Box::new(|x, y| truncated_generalised_cross_entropy(x, y, Default::default()))),
    ]
}

/// Ghosh et al. 2017: a loss whose sum over all labels is constant does not mind labels that are wrong evenly.
#[test]
fn robust_losses_sum_to_a_constant_over_the_labels() {
    let total = |loss: &dyn Fn(&Labels) -> Tensor| {
        (0..CLASSES).fold(Tensor::zeros([6]).cast(DType::F64), |sum, label| sum + loss(&all(label)))
    };
    let x = logits();
    assert_close("normalised", &values(&total(&|y| normalised_cross_entropy(&x, y))), &[1.0; 6]);
    assert_close("reverse", &values(&total(&|y| reverse_cross_entropy(&x, y, -4.0))), &[12.0; 6]);
    let both = values(&total(&|y| active_passive(&x, y, Default::default())));
    assert_close("active passive", &both, &[13.0; 6]);
}

#[test]
fn at_the_ends_of_their_options_they_are_cross_entropy() {
    let (x, y) = (logits(), labels());
    let expected = values(&cross_entropy(&x, &y));
    let symmetric = SymmetricCrossEntropyOptions { alpha: 1.0, beta: 0.0, ..Default::default() };
    let identity = Tensor::eye(CLASSES).cast(DType::F64);
    let targets = x.full_like(0.0);
    let truncation = TruncationOptions { power: 1e-9, threshold: 0.0 };
    for (name, loss) in [
        ("symmetric", symmetric_cross_entropy(&x, &y, symmetric)),
        ("soft bootstrap", bootstrapped_cross_entropy(&x, &y, 1.0)),
        ("hard bootstrap", hard_bootstrapped_cross_entropy(&x, &y, 1.0)),
        ("forward", forward_corrected_cross_entropy(&x, &y, &identity)),
        ("backward", backward_corrected_cross_entropy(&x, &y, &identity)),
        ("early learning", early_learning_regularisation(&x, &y, &targets, 3.0)),
        ("truncated", truncated_generalised_cross_entropy(&x, &y, truncation)),
    ] {
        assert_close_within(name, &values(&loss), &expected, 1e-7, 1e-9);
    }
}

/// Patrini et al. 2017, theorem 1: averaged over the ways in which a label goes wrong, it is the loss of the true one.
#[test]
fn backward_correction_is_unbiased() {
    let rows =
        vec![vec![0.7, 0.2, 0.1, 0.0], vec![0.1, 0.8, 0.0, 0.1], vec![0.0, 0.1, 0.9, 0.0], vec![0.2, 0.0, 0.2, 0.6]];
    let transition = TransitionMatrix::new(rows.clone()).unwrap();
    let (x, inverse) = (logits(), transition.inverse().unwrap());
    for (truth, row) in rows.iter().enumerate() {
        let mean = row.iter().enumerate().fold(Tensor::zeros([6]).cast(DType::F64), |sum, (label, &share)| {
            sum + share * backward_corrected_cross_entropy(&x, &all(label), &inverse)
        });
        assert_close("mean", &values(&mean), &values(&cross_entropy(&x, &all(truth))));
    }
}

/// Theorem 2: on labels that go wrong by T, the minimiser is the true probabilities, where cross-entropy's is the wrong ones.
#[test]
fn forward_correction_finds_the_true_probabilities() {
    let truth = [0.6f64, 0.3, 0.1];
    let rows = [[0.8, 0.1, 0.1], [0.3, 0.7, 0.0], [0.0, 0.2, 0.8]];
    let transition = Tensor::from(rows);
    let x = Tensor::from(truth.map(f64::ln));
    let seen = |label: usize| (0..3).map(|class| truth[class] * rows[class][label]).sum::<f64>();
    let expected = (0..3).fold(Tensor::from(0.0), |sum, label| {
        let y = Labels::new([label], 3).unwrap().reshape([]);
        sum + seen(label) * forward_corrected_cross_entropy(&x, &y, &transition)
    });
    assert_close("slope", &values(&expected.grad(&x)), &[0.0; 3]);
}

/// The mixture underflows, its logarithm does not: `−ln(e⁻²⁰⁰⁰ + 0.25 e⁻²⁰⁰⁰) …` in f32.
#[test]
fn mixtures_are_taken_in_log_space() {
    let x = Tensor::from([[0f32, -2000.0, -2000.0]]);
    let transition = Tensor::from([[1f32, 0.0, 0.0], [0.0, 0.75, 0.25], [0.0, 0.5, 0.5]]);
    let loss = forward_corrected_cross_entropy(&x, &Labels::new([1], 3).unwrap(), &transition);
    assert_close_within("loss", &values(&loss), &[2000.0 - 1.25f64.ln()], 1e-7, 0.0);
    assert_close_within("slope", &values(&loss.sum().grad(&x)), &[1.0, -0.6, -0.4], 1e-4, 1e-6);
    // What cannot occur costs ∞, with gradient 0, not NaN.
    let never = Tensor::from([[1f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.5, 0.0, 0.5]]);
    let loss = forward_corrected_cross_entropy(&x, &Labels::new([1], 3).unwrap(), &never);
    assert_eq!(values(&loss), [f64::INFINITY]);
    assert!(values(&loss.sum().grad(&x)).iter().all(|slope| slope.is_finite()));
    // By the matrix −q/T where T is above 0, and 0 where it is 0.
    let x = Tensor::from([[0.0, 0.0, 0.0]]);
    let transition = Tensor::from([[1.0, 0.0, 0.0], [0.0, 0.75, 0.25], [0.0, 0.5, 0.5]]);
    let loss = forward_corrected_cross_entropy(&x, &Labels::new([1], 3).unwrap(), &transition);
    let expected = [0.0, 0.0, 0.0, 0.0, -0.8, 0.0, 0.0, -0.8, 0.0];
    assert_close("slope by the matrix", &values(&loss.sum().grad(&transition)), &expected);
}

/// `1 − Σ p t` of a sure model that agrees with its sure past is not rounded to 0, nor clipped.
#[test]
fn agreement_is_taken_in_log_space() {
    let x = Tensor::from([[40f32, 0.0, 0.0]]);
    let t = Tensor::from([[1f32, 0.0, 0.0]]);
    let loss = early_learning_regularisation(&x, &Labels::new([0], 3).unwrap(), &t, 1.0);
    assert_close_within("loss", &values(&loss), &[2f64.ln() - 40.0], 1e-6, 0.0);
    assert_close_within("slope", &values(&loss.sum().grad(&x)), &[-1.0, 0.5, 0.5], 1e-5, 1e-6);
    assert!(values(&loss.sum().grad(&t)).iter().all(|slope| slope.is_finite()));
}

/// Pereyra et al. 2017: with cross-entropy it makes `−ln p_y − β H`.
#[test]
fn the_confidence_penalty_is_the_entropy() {
    let x = logits();
    let p = x.softmax(-1);
    let entropy = 0.0 - (&p * p.ln()).sum_axis(-1);
    assert_close("penalty", &values(&confidence_penalty(&x, 0.3)), &values(&(-0.3 * entropy)));
    let excluded = Tensor::from([[0.0, f64::NEG_INFINITY, 0.0]]);
    let penalty = confidence_penalty(&excluded, 1.0);
    assert_close("excluded", &values(&penalty), &[-(2f64.ln())]);
    assert_close("excluded, slope", &values(&penalty.sum().grad(&excluded)), &[0.0; 3]);
}

/// Below the threshold nothing is learnt, above it is generalised cross-entropy.
#[test]
fn truncation_gives_up_on_unlikely_labels() {
    let x = Tensor::from([[0.0, 1.0], [1.0, 0.0]]);
    let loss = truncated_generalised_cross_entropy(&x, &Labels::new([0, 0], 2).unwrap(), Default::default());
    let p = 1.0 / (1.0 + (-1f64).exp());
    let (given_up, kept) = ((1.0 - 0.5f64.powf(0.7)) / 0.7, (1.0 - p.powf(0.7)) / 0.7);
    assert_close("loss", &values(&loss), &[given_up, kept]);
    let slope = p.powf(0.7) * (1.0 - p);
    assert_close("slope", &values(&loss.sum().grad(&x)), &[0.0, 0.0, -slope, slope]);
}

/// Logits of ±1e4 in f32, right and wrong, ties, two classes that tie for the greatest.
#[test]
fn extremes_are_finite() {
    let rows = [
        [1e4, -1e4, 0.0, 0.0],
        [-1e4, 1e4, 1e4, 0.0],
        [0.0; 4],
        [1e4; 4],
        [88.0, -88.0, 1.0, 0.0],
        [-1e4, 0.0, 0.0, 1e4],
    ];
    for label in 0..CLASSES {
        for (_, loss) in losses() {
            finite_at_extremes(|x| loss(&x[0], &all(label)), &[Tensor::from(rows)]);
        }
    }
    finite_at_extremes(|x| confidence_penalty(&x[0], 0.1), &[Tensor::from(rows)]);
}

#[test]
fn excluded_classes_take_no_part() {
    let x = Tensor::from([[0.3, f64::NEG_INFINITY, -1.0, f64::NEG_INFINITY]]);
    let fewer = Tensor::from([[0.3, -1.0]]);
    let (y, of_fewer) = (Labels::new([2], 4).unwrap(), Labels::new([1], 2).unwrap());
    for (name, loss) in losses().into_iter().filter(|(name, _)| !["forward", "backward"].contains(name)) {
        let value = loss(&x, &y);
        assert_close(name, &values(&value), &values(&loss(&fewer, &of_fewer)));
        let slope = values(&value.sum().grad(&x));
        assert_close(name, &[slope[0], slope[2]], &values(&loss(&fewer, &of_fewer).sum().grad(&fewer)));
        assert_eq!((slope[1], slope[3]), (0.0, 0.0), "{name}");
    }
    assert_eq!(values(&normalised_cross_entropy(&x, &Labels::new([1], 4).unwrap())), [1.0]);
    let single = Tensor::from([[3.0]]);
    assert_eq!(values(&normalised_cross_entropy(&single, &Labels::new([0], 1).unwrap())), [0.0]);
}

#[test]
fn ignored_labels_count_nothing_whatever_stands_there() {
    let nan = f64::NAN;
    let x = Tensor::from([[0.5, 1.0, -1.0, 0.0], [nan, nan, nan, nan], [2.0, 0.0, 0.3, 1.0]]);
    let y = Labels::with_ignored([1, -1, 0], CLASSES, -1).unwrap();
    let (kept, of_kept) = (x.index_select(0, [0, 2]), Labels::new([1, 0], CLASSES).unwrap());
    for (name, loss) in losses() {
        let found = loss(&x, &y);
        let expected = values(&loss(&kept, &of_kept));
        assert_close(name, &values(&found), &[expected[0], 0.0, expected[1]]);
        assert_close(name, &values(&found.sum().grad(&x).at(0, 1)), &[0.0; CLASSES]);
    }
}

/// A label of shape [] and labels with axes in front.
#[test]
fn any_leading_axes() {
    let (x, y) = (logits(), labels());
    for (name, loss) in losses() {
        let expected = values(&loss(&x, &y));
        let grid = loss(&x.reshape([3, 2, CLASSES]), &y.reshape([3, 2]));
        assert_eq!(grid.shape().to_vec(), [3, 2], "{name}");
        assert_close(name, &values(&grid), &expected);
        let single = loss(&x.at(0, 0), &y.select([0]).reshape([]));
        assert_eq!(single.rank(), 0, "{name}");
        assert_close(name, &[single.item()], &expected[..1]);
    }
}

#[test]
fn what_is_no_transition_matrix_says_why() {
    let refused = |rows: Vec<Vec<f64>>| TransitionMatrix::new(rows).unwrap_err().to_string();
    assert_eq!(refused(vec![vec![1.0], vec![0.5, 0.5]]), "row 0 has 1 entries: with 2 rows it must have as many");
    assert_eq!(
        refused(vec![vec![0.5, 0.5], vec![1.5, -0.5]]),
        "the entry in row 1, column 0 is 1.5, which is no probability"
    );
    assert_eq!(refused(vec![vec![0.5, 0.25], vec![0.5, 0.5]]), "row 0 sums to 0.75, not to 1");
    let alike = TransitionMatrix::even(2, 0.5).unwrap();
    assert_eq!(alike.inverse().unwrap_err(), TransitionError::Singular);
}

#[test]
fn inverses_undo_their_matrix() {
    let rows = vec![vec![0.0, 1.0, 0.0], vec![0.5, 0.25, 0.25], vec![0.1, 0.2, 0.7]]; // needs another pivot
    let transition = TransitionMatrix::new(rows).unwrap();
    let product = transition.tensor().matmul(&transition.inverse().unwrap());
    assert_close("product", &values(&product), &values(&Tensor::eye(3)));
}

#[test]
fn wrong_arguments_panic_at_the_callers_line() {
    let (x, y) = (logits(), labels());
    let (panic, line) = (panic_of(|| reverse_cross_entropy(&x, &y, 4.0)), line!());
    assert_eq!(
        (panic.message.as_str(), panic.line),
        ("reverse_cross_entropy: log_zero is 4 and must be less than 0", line)
    );
    let (panic, line) = (panic_of(|| bootstrapped_cross_entropy(&x, &y, 1.5)), line!());
    let message = "bootstrapped_cross_entropy: beta is 1.5 and must be in [0, 1]";
    assert_eq!((panic.message.as_str(), panic.line), (message, line));
    let (panic, line) = (panic_of(|| forward_corrected_cross_entropy(&x, &y, &x)), line!());
    let message = "forward_corrected_cross_entropy: transition [6, 4] must be [4, 4], a row for each class";
    assert_eq!((panic.message.as_str(), panic.line), (message, line));
    let narrow = x.slice(1, ..3);
    let (panic, line) = (panic_of(|| active_passive(&narrow, &y, Default::default())), line!());
    assert!(panic.message.starts_with("active_passive: logits [6, 3] and labels [6] of 4 classes do not fit"));
    assert_eq!(panic.line, line);
}
