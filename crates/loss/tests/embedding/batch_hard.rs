use std::f64::consts::LN_2;

use minimand_loss::{BatchHardOptions, Distance, Labels, Margin, TripletOptions, batch_hard_triplet, triplet_margin};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope,
    values,
};
use crate::{DISTANCES, in_plain_numbers, reversed, rows};

const IGNORED: i64 = -1;

fn labels(values: &[i64]) -> Labels {
    let classes = values.iter().max().map_or(1, |&greatest| greatest.max(0) as usize + 1);
    Labels::with_ignored(values, classes, IGNORED).unwrap()
}

fn hard(m: f64, distance: Distance) -> BatchHardOptions {
    BatchHardOptions { margin: Margin::Hard(m), distance }
}

fn soft(distance: Distance) -> BatchHardOptions {
    BatchHardOptions { margin: Margin::Soft, distance }
}

/// The farthest positive and the nearest negative of every anchor that has both: of equals the first.
fn hardest(z: &Tensor, labels: &[i64], distance: Distance) -> Vec<Option<(usize, usize)>> {
    let z = rows(z);
    let d = |i: usize, j: usize| in_plain_numbers(distance, &z[i], &z[j]);
    let choose = |i: usize| {
        let (mut positive, mut negative) = (None, None);
        for j in (0..z.len()).filter(|&j| j != i && labels[i] != IGNORED && labels[j] != IGNORED) {
            if labels[i] == labels[j] && positive.is_none_or(|p| d(i, j) > d(i, p)) {
                positive = Some(j);
            } else if labels[i] != labels[j] && negative.is_none_or(|n| d(i, j) < d(i, n)) {
                negative = Some(j);
            }
        }
        positive.zip(negative)
    };
    (0..z.len()).map(choose).collect()
}

/// One term of equation 5 of Hermans et al. 2017 for each anchor.
fn oracle(z: &Tensor, labels: &[i64], options: BatchHardOptions) -> Vec<f64> {
    let points = rows(z);
    let d = |i: usize, j: usize| in_plain_numbers(options.distance, &points[i], &points[j]);
    let loss = |(i, chosen): (usize, Option<(usize, usize)>)| {
        let Some((positive, negative)) = chosen else { return 0.0 };
        let delta = d(i, positive) - d(i, negative);
        match options.margin {
            Margin::Hard(m) => (delta + m).max(0.0),
            Margin::Soft => delta.max(0.0) + (-delta.abs()).exp().ln_1p(),
        }
    };
    hardest(z, labels, options.distance).into_iter().enumerate().map(loss).collect()
}

#[test]
fn agrees_with_recorded_values() {
    let cases = check_recorded("batch_hard_triplet", |case| {
        let distance = match case.text("distance") {
            "euclidean" => Distance::Euclidean,
            "squared euclidean" => Distance::SquaredEuclidean,
            "manhattan" => Distance::Manhattan,
            "cosine" => Distance::Cosine,
            other => panic!("what is {other}?"),
        };
        let options = case.optional_number("margin").map_or(soft(distance), |m| hard(m, distance));
        batch_hard_triplet(case.input("embeddings"), &labels(&case.input("labels").to_vec::<i64>()), options)
    });
    assert_eq!(cases, 17);
}

#[test]
fn agrees_with_its_formula_in_plain_numbers() {
    let batches: [&[i64]; 5] = [
        &[0, 1, 2, 0, 1, 2, 0, 1, 2],
        &[3, 0, 0, 1, 0, 0, 0, 0, 2],
        &[0, IGNORED, 0, 1, 1, IGNORED, 1, 2, IGNORED],
        &[0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    ];
    for (seed, scale) in [(1, 0.3), (2, 1.0), (3, 50.0)] {
        let z = scale * normal(seed, [9, 3]);
        for batch in batches {
            for distance in DISTANCES {
                for options in [hard(0.0, distance), hard(0.2, distance), hard(1.0, distance), soft(distance)] {
                    let loss = batch_hard_triplet(&z, &labels(batch), options);
                    assert_close(&format!("{batch:?} {options:?}"), &values(&loss), &oracle(&z, batch, options));
                }
            }
        }
    }
}

#[test]
fn defaults_are_those_of_the_triplet_loss() {
    let (ours, theirs) = (BatchHardOptions::default(), TripletOptions::default());
    assert_eq!(ours, hard(theirs.margin, theirs.distance));
}

/// The loss of the triplets that were chosen, in value and gradient; all distances order their pairs alike in both.
#[test]
fn is_the_triplet_loss_of_the_hardest_triplets() {
    let (z, batch) = (normal(4, [8, 3]), [0, 1, 0, 1, 0, 1, 2, 2]);
    for distance in DISTANCES {
        let triplets: Vec<(usize, usize)> = hardest(&z, &batch, distance).into_iter().map(Option::unwrap).collect();
        let (positives, negatives): (Vec<i64>, Vec<i64>) = triplets.iter().map(|&(p, n)| (p as i64, n as i64)).unzip();
        let (positives, negatives) = (Tensor::from(positives), Tensor::from(negatives));
        let given = |z: &Tensor| {
            let options = TripletOptions { margin: 0.7, distance, swap: false };
            triplet_margin(z, &z.index_select(0, &positives), &z.index_select(0, &negatives), options)
        };
        let mined = |z: &Tensor| batch_hard_triplet(z, &labels(&batch), hard(0.7, distance));
        assert_close("value", &values(&mined(&z)), &values(&given(&z)));
        assert_close("gradient", &slope(mined, &z), &slope(given, &z));
        assert!(slope(mined, &z).iter().any(|g| g.abs() > 0.1));
    }
}

#[test]
fn derivatives_are_right_on_both_sides_of_the_margin() {
    let z = Tensor::from([
        [1.0, 0.2, -0.3],
        [0.5, 1.5, 0.7],
        [-3.0, 5.4, 0.9],
        [1.4, -0.8, 0.6],
        [-3.1, 5.0, 1.9],
        [2.3, 0.5, -0.9],
    ]);
    let batch = labels(&[0, 0, 1, 0, 1, 2]);
    for distance in DISTANCES {
        let m = if distance == Distance::Cosine { 0.1 } else { 0.3 };
        let loss = values(&batch_hard_triplet(&z, &batch, hard(m, distance)));
        assert!(loss[0] > 0.05 && loss[2] == 0.0, "{distance:?}: both sides of the margin: {loss:?}");
        check_derivatives(|x| batch_hard_triplet(&x[0], &batch, hard(m, distance)), std::slice::from_ref(&z));
        check_derivatives(|x| batch_hard_triplet(&x[0], &batch, soft(distance)), std::slice::from_ref(&z));
    }
}

#[test]
fn exactly_at_the_margin_the_gradient_is_zero() {
    let z = Tensor::from([[0.0, 0.0], [3.0, 4.0], [0.0, 6.0]]);
    let loss = |z: &Tensor| batch_hard_triplet(z, &labels(&[0, 0, 1]), hard(1.0, Distance::Euclidean)).at(0, 0);
    assert_eq!(values(&loss(&z)), [0.0]);
    assert_eq!(slope(loss, &z), [0.0; 6]);
}

/// Two positives and two negatives each equally far: the first of each is chosen, also where they are one point.
#[test]
fn at_a_tie_the_first_takes_the_gradient() {
    let z = Tensor::from([[0.0, 0.0], [0.0, 1.0], [0.0, -2.0], [2.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]]);
    let batch = labels(&[0, 1, 0, 0, 1, 1]);
    let loss = |z: &Tensor| batch_hard_triplet(z, &batch, hard(0.5, Distance::Euclidean)).at(0, 0);
    assert_eq!(values(&loss(&z)), [1.5]);
    // The anchor from the positive at -2 to the negative at +1; the others are at rest.
    assert_eq!(slope(loss, &z), [0.0, 2.0, 0.0, -1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let same = Tensor::from([[0.3, 0.1, 0.7], [0.9, -0.2, 0.4], [0.9, -0.2, 0.4], [-0.5, 0.6, 0.2], [-0.5, 0.6, 0.2]]);
    for distance in DISTANCES {
        let loss = |z: &Tensor| batch_hard_triplet(z, &labels(&[0, 0, 0, 1, 1]), soft(distance)).at(0, 0);
        let gradient = slope(loss, &same);
        for (row, moves) in [true, true, false, true, false].into_iter().enumerate() {
            assert_eq!(gradient[3 * row..3 * row + 3].iter().any(|&g| g != 0.0), moves, "{distance:?}, row {row}");
        }
    }
}

/// Who lacks a positive or a negative costs nothing and pulls nobody, but may be chosen by others.
#[test]
fn an_anchor_without_partner_costs_nothing() {
    let z = normal(5, [5, 3]);
    for options in [hard(1.0, Distance::Euclidean), soft(Distance::Cosine)] {
        for batch in [&[0, 0, 0, 0, 0][..], &[0, 1, 2, 3, 4]] {
            let loss = |z: &Tensor| batch_hard_triplet(z, &labels(batch), options);
            assert_eq!(values(&loss(&z)), [0.0; 5]);
            assert_eq!(slope(loss, &z), [0.0; 15]);
        }
        let loss = |z: &Tensor| batch_hard_triplet(z, &labels(&[7, 0, 0, 0, 0]), options);
        assert_eq!(values(&loss(&z))[0], 0.0);
        assert_eq!(slope(|z| loss(z).at(0, 0), &z), [0.0; 15]);
        assert!(slope(loss, &z)[..3].iter().any(|&g| g != 0.0), "the only negative there is");
    }
    let one = Tensor::from([[1.0, 2.0]]);
    assert_eq!(values(&batch_hard_triplet(&one, &labels(&[0]), BatchHardOptions::default())), [0.0]);
}

/// The mean over those that have partners, as the documentation says it is taken.
#[test]
fn classes_of_one_can_be_left_out_of_the_mean() {
    let (z, batch) = (normal(6, [6, 3]), labels(&[0, 1, 1, 2, 1, IGNORED]));
    let loss = batch_hard_triplet(&z, &batch, soft(Distance::Euclidean));
    let paired: Vec<f64> = batch.counts().iter().map(|&count| f64::from(count > 1)).collect();
    let each = values(&loss);
    assert!(each.iter().zip([false, true, true, false, true, false]).all(|(&l, counts)| (l > 0.0) == counts));
    let expected = (each[1] + each[2] + each[4]) / 3.0;
    assert_close("mean", &[batch.mean(&loss, Some(&Tensor::from(paired))).item()], &[expected]);
}

/// An ignored example is nobody's partner, and what its embedding holds has no influence: also NaN.
#[test]
fn ignored_examples_have_no_influence() {
    let z = normal(7, [4, 2]);
    let row = |filling: f64| Tensor::from([[filling, filling]]);
    for distance in DISTANCES {
        for options in [hard(1.0, distance), soft(distance)] {
            let without = |z: &Tensor| batch_hard_triplet(z, &labels(&[0, 0, 1, 1]), options);
            let (value, gradient) = (values(&without(&z)), slope(without, &z));
            for filling in [0.0, 100.0, f64::NAN, f64::INFINITY] {
                let more = Tensor::concatenate([&row(filling), &z, &row(filling)], 0).detach();
                let loss = |z: &Tensor| batch_hard_triplet(z, &labels(&[IGNORED, 0, 0, 1, 1, IGNORED]), options);
                let (found, moved) = (values(&loss(&more)), slope(loss, &more));
                assert_close("value", &found[1..5], &value);
                assert_close("gradient", &moved[2..10], &gradient);
                assert_eq!((found[0], found[5]), (0.0, 0.0));
                assert_eq!([&moved[..2], &moved[10..]].concat(), [0.0; 4], "filled with {filling}");
            }
        }
    }
}

/// Near each other but far from the origin, where the expansion `a² − 2ab + b²` has lost all digits.
#[test]
fn the_choice_is_right_where_squares_cancel() {
    let offsets = Tensor::from([[0.0f32, 0.0], [0.25, 0.0], [0.0, 0.5], [0.75, 0.0], [0.0, 1.0]]);
    let z = (&offsets + 4096.0f32).detach();
    for distance in [Distance::Euclidean, Distance::SquaredEuclidean, Distance::Manhattan] {
        let loss = batch_hard_triplet(&z, &labels(&[0, 0, 0, 1, 1]), hard(1.0, distance));
        let exact = oracle(&offsets.cast(DType::F64), &[0, 0, 0, 1, 1], hard(1.0, distance));
        assert_close_within("far from the origin", &values(&loss), &exact, 1e-6, 0.0);
    }
}

#[test]
fn stays_finite_at_extremes() {
    let batch = labels(&[0, 1, 0, 1, 2, 2]);
    for distance in DISTANCES {
        for options in [hard(1.0, distance), soft(distance)] {
            let loss = |x: &[Tensor]| batch_hard_triplet(&x[0], &batch, options);
            for scale in [1e4, 1.0, 1e-4, 0.0] {
                finite_at_extremes(loss, &[scale * normal(1, [6, 8])]);
                // All in one place.
                finite_at_extremes(loss, &[(scale * normal(2, [1, 8])).expand([6, 8])]);
            }
        }
    }
    // Farther away than f32 can square: still never an example of the wrong class.
    let z = Tensor::from([[0.0f32], [1.0], [1e30], [-1e30]]);
    let loss = |z: &Tensor| batch_hard_triplet(z, &labels(&[0, 0, 1, 2]), BatchHardOptions::default());
    assert_eq!(values(&loss(&z)), [0.0; 4]);
    assert_eq!(slope(loss, &z), [0.0; 4]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn obeys_its_laws(
        seed in 0u64..1000,
        which in 0usize..4,
        is_soft: bool,
        m in 0.0f64..2.0,
        shift in -5.0f64..5.0,
        scale in 0.1f64..10.0,
    ) {
        let distance = DISTANCES[which];
        let options = if is_soft { soft(distance) } else { hard(m, distance) };
        let (z, batch) = (normal(seed, [7, 3]), [0, 1, 2, 0, 1, 0, 1]);
        let loss_of = |z: &Tensor, batch: &[i64], options| values(&batch_hard_triplet(z, &labels(batch), options));
        let loss = loss_of(&z, &batch, options);
        prop_assert!(loss.iter().all(|&l| l >= 0.0));
        // The order of the batch and the names of the classes do not matter.
        let mut backwards: Vec<i64> = batch.into();
        backwards.reverse();
        let mixed = batch_hard_triplet(&reversed(&z), &labels(&backwards), options);
        assert_close("reversed", &values(&reversed(&mixed)), &loss);
        assert_close("renamed", &loss_of(&z, &batch.map(|y| 5 - 2 * y), options), &loss);
        // No other triplet of the batch is harder.
        let Margin::Hard(_) = options.margin else { return Ok(()) };
        let some = [(0, 3, 1), (0, 5, 6), (3, 5, 2), (1, 4, 0), (4, 6, 3), (6, 1, 5)];
        let [a, p, n] = [0, 1, 2].map(|part| {
            let pick = |&(a, p, n): &(i64, i64, i64)| [a, p, n][part];
            z.index_select(0, Tensor::from(some.iter().map(pick).collect::<Vec<i64>>()))
        });
        let others = values(&triplet_margin(&a, &p, &n, TripletOptions { margin: m, distance, swap: false }));
        prop_assert!(others.iter().zip(some).all(|(&other, (anchor, _, _))| other <= loss[anchor as usize] + 1e-12));
        // Zero where every class has its own far place; a collapsed embedding costs exactly the margin.
        let places = Tensor::from([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        let apart = 100.0 * places.index_select(0, Tensor::from(batch));
        let least = if distance == Distance::Cosine { (m - 1.0).max(0.0) } else { 0.0 };
        assert_close("apart", &loss_of(&apart, &batch, options), &[least, least, 0.0, least, least, least, least]);
        let collapsed = loss_of(&z.slice(0, ..1).expand([7, 3]), &batch, options);
        assert_close_within("collapsed", &collapsed, &[m, m, 0.0, m, m, m, m], 1e-12, 1e-12);
        let (inner, outer) = match distance {
            Distance::Euclidean | Distance::Manhattan => (scale, scale),
            Distance::SquaredEuclidean => (scale, scale * scale),
            Distance::Cosine => (scale, 1.0),
            _ => unreachable!("not among the distances tried"),
        };
        let scaled = batch_hard_triplet(&(inner * &z), &labels(&batch), hard(outer * m, distance));
        assert_close("scaled", &values(&(scaled / outer)), &loss);
        if distance != Distance::Cosine {
            assert_close("moved", &loss_of(&(&z + shift), &batch, options), &loss);
        }
    }
}

#[test]
fn a_collapsed_embedding_costs_the_margin() {
    let z = Tensor::from([[0.3, -0.7]]).expand([4, 2]).detach();
    for distance in DISTANCES {
        let batch = labels(&[0, 0, 1, 1]);
        let loss = batch_hard_triplet(&z, &batch, soft(distance));
        assert_close("soft", &values(&loss), &[LN_2; 4]);
        if distance != Distance::Cosine {
            assert_eq!(values(&loss.sum().grad(&z)), [0.0; 8], "{distance:?}: no direction to part in");
        }
    }
}

#[test]
fn mistakes_are_named_at_the_callers_line() {
    let z = Tensor::zeros([4, 2]);
    let batch = labels(&[0, 0, 1, 1]);
    let options = BatchHardOptions::default();
    let fit = "do not fit: embeddings must be [examples, dimensions], with one label per example";
    let panics = [
        (
            panic_of(|| batch_hard_triplet(&z, &labels(&[0, 0, 1]), options)),
            format!("embeddings [4, 2] and labels [3] {fit}"),
        ),
        (
            panic_of(|| batch_hard_triplet(&z.at(-1, 0), &batch, options)),
            format!("embeddings [4] and labels [4] {fit}"),
        ),
        (
            panic_of(|| batch_hard_triplet(&z, &batch.reshape([4, 1]), options)),
            format!("embeddings [4, 2] and labels [4, 1] {fit}"),
        ),
        (
            panic_of(|| batch_hard_triplet(&Tensor::zeros([0, 2]), &labels(&[]), options)),
            "embeddings [0, 2] hold no example".to_owned(),
        ),
        (
            panic_of(|| batch_hard_triplet(&z, &batch, hard(-0.1, Distance::Euclidean))),
            "margin is -0.1 and must not be below 0".to_owned(),
        ),
        (
            panic_of(|| batch_hard_triplet(&z, &batch, hard(f64::NAN, Distance::Euclidean))),
            "margin is NaN and must not be below 0".to_owned(),
        ),
    ];
    for (panic, message) in panics {
        assert_eq!(panic.message, format!("batch_hard_triplet: {message}"));
        assert!(panic.file.ends_with("tests/embedding/batch_hard.rs"), "{}", panic.file);
    }
}
