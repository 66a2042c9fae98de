//! Losses and miners of a batch of embeddings with labels.

use minimand_loss::catalog::{Arguments, Entry, Family, catalog, find};
use minimand_loss::*;
use minimand_tensor::{DType, Rng, Tensor};

use crate::common::{assert_close, normal, panic_of, values};

/// The losses that take embeddings and labels.
fn losses() -> impl Iterator<Item = &'static Entry> {
    catalog().filter(|entry| entry.family() == Family::Embedding && entry.input("labels").is_some())
}

fn arguments(embeddings: &Tensor, labels: &[i64]) -> Arguments {
    Arguments::new().tensor("embeddings", embeddings.clone()).tensor("labels", Tensor::from(labels.to_vec()))
}

fn labels(of: &[i64]) -> Labels {
    Labels::new(of, 10).unwrap()
}

/// A batch of one, of one class, of classes of one; identical, zero, opposite and great embeddings: neither value nor gradient is NaN.
#[test]
fn trap_13_batches_without_pairs_and_degenerate_embeddings() {
    let four = |rows: [[f32; 3]; 4]| Tensor::from(rows);
    let same = four([[1.0, 2.0, 3.0]; 4]);
    let odd = four([[0.0; 3], [1e4, -1e4, 0.0], [-1e4, 1e4, 0.0], [1e-30, 0.0, 0.0]]);
    let random = normal(3, [4, 3]).cast(DType::F32).detach();
    assert!(losses().count() >= 20);
    for entry in losses() {
        for z in [&same, &odd, &random, &four([[0.0; 3]; 4])] {
            for named in [[0, 0, 0, 0], [0, 1, 2, 3], [0, 0, 1, 1], [0, 1, 1, 2]] {
                let given = arguments(z, &named);
                let (loss, mean) = (entry.evaluate(&given).unwrap(), entry.mean(&given).unwrap());
                let found = [values(&loss), values(&mean), values(&loss.sum().grad(z)), values(&mean.grad(z))].concat();
                assert!(found.iter().all(|x| x.is_finite()), "{}: {named:?} {z}: {found:?}", entry.name);
            }
        }
        let one = normal(1, [1, 3]);
        let loss = entry.evaluate(&arguments(&one, &[4])).unwrap();
        assert_eq!(values(&loss.sum()), [0.0], "{}: a batch of one has no pair", entry.name);
    }
}

/// What an ignored example holds has no influence on the others.
#[test]
fn ignored_examples_are_in_no_pair() {
    let (z, other) = (normal(5, [5, 3]), normal(6, [5, 3]));
    let ignored = Labels::with_ignored([0, 1, -1, 0, 1], 2, -1).unwrap();
    let mixed = Tensor::from([false, false, true, false, false]).unsqueeze(-1).select(&other, &z);
    let kept = z.index_select(0, Tensor::from([0i64, 1, 3, 4]));
    let losses: [fn(&Tensor, &Labels) -> Tensor; 7] = [
        |z: &Tensor, y: &Labels| supcon(z, y, 0.2).sum(),
        |z: &Tensor, y: &Labels| circle(z, y, CircleOptions::default()).sum(),
        |z: &Tensor, y: &Labels| lifted_structure(z, y, LiftedStructureOptions::default()).sum(),
        |z: &Tensor, y: &Labels| angular(z, y, 40.0).sum(),
        |z: &Tensor, y: &Labels| pnp(z, y, PnpOptions::default()).sum(),
        |z: &Tensor, y: &Labels| histogram(z, y, 10),
        |z: &Tensor, y: &Labels| n_pairs(z, y, true).sum(),
    ];
    for loss in losses {
        let expected = values(&loss(&kept, &labels(&[0, 1, 0, 1])));
        assert_close("ignored", &values(&loss(&z, &ignored)), &expected);
        assert_close("ignored, changed", &values(&loss(&mixed, &ignored)), &expected);
    }
}

/// PyTorch: −4.5e5.
#[test]
fn trap_11_cosine_of_a_zero_vector_has_no_gradient() {
    let (zero, other) = (Tensor::from([[0.0, 0.0]]), Tensor::from([[3.0, 4.0]]));
    for sign in [1.0, -1.0] {
        let loss = cosine_embedding(&zero, &other, &Tensor::from([sign]), -0.5);
        assert_eq!(values(&loss.sum().grad(&zero)), [0.0, 0.0]);
    }
}

#[test]
fn trap_10_a_distance_of_0_is_0_with_gradient_0() {
    let x = Tensor::from([[1.0, 2.0]]);
    for p in [1.0, 1.5, 2.0, 3.0, f64::INFINITY] {
        let loss = pairwise_distance(&x, &x.detach().computed(), p);
        assert_eq!((loss.item(), values(&loss.sum().grad(&x))), (0.0, vec![0.0, 0.0]), "p = {p}");
    }
    assert_eq!(
        pairwise_distance(&Tensor::from([[3e200, 4e200]]), &Tensor::from([[0.0, 0.0]]), 3.0).item() / 1e200,
        91f64.cbrt()
    );
}

/// pytorch-metric-learning drops the second anchor, whose probability underflows.
#[test]
fn trap_12_a_probability_that_underflows_keeps_its_loss() {
    let z = Tensor::from([[0.0], [30.0], [31.0]]);
    let options = NcaOptions { normalize: false, ..Default::default() };
    let loss = nca(&z, &labels(&[0, 0, 1]), options);
    assert_close("nca", &values(&loss), &[(-61f64).exp().ln_1p(), 899.0, 0.0]);
    assert!(values(&loss.sum().grad(&z))[0].abs() > 50.0);
}

#[test]
fn trap_15_identical_embeddings_have_a_finite_angle() {
    let z = Tensor::from([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8]]);
    let options = TupletMarginOptions { margin: 30.0, scale: 2.0 };
    let loss = tuplet_margin(&z, &labels(&[0, 0, 1]), options);
    let expected = (2.0 * (0.6 - 30f64.to_radians().cos())).exp().ln_1p();
    assert_close("tuplet margin", &values(&loss)[1..2], &[expected]);
    assert!(values(&loss.sum().grad(&z)).iter().all(|x| x.is_finite()));
}

/// pytorch-metric-learning indexes beyond its bins.
#[test]
fn trap_26_identical_embeddings_stand_in_the_last_bin() {
    let z = Tensor::from([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]]);
    assert_eq!(histogram(&z, &labels(&[0, 0, 1]), 10).item(), 0.0);
    assert_close("histogram", &[histogram(&z, &labels(&[0, 1, 0]), 10).item()], &[1.0]);
    let pairs = [&z, &-&z];
    let histogram = MarginHistogram::new(4);
    for positives in pairs {
        let loss = dynamic_soft_margin(&z, positives, histogram.tensor(), DynamicSoftMarginOptions::default());
        assert!(values(&loss).iter().all(|x| x.is_finite()));
    }
}

/// pytorch-metric-learning: the same for references and their negatives.
#[test]
fn trap_26_references_matter() {
    let (z, references) = (normal(1, [4, 3]), normal(2, [4, 3]));
    let named = labels(&[0, 1, 0, 1]);
    let of = |references: &Tensor| tcm(&z, &named, Some((references, &named)), TcmOptions::default()).item();
    assert!((of(&references) - of(&-&references)).abs() > 1e-3);
}

/// The weights of Circle are constants: its gradient is that of the formula at fixed weights.
#[test]
fn the_weights_of_circle_are_held_fixed() {
    let z = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, -0.6]]);
    let loss = circle(&z, &labels(&[0, 0, 1]), CircleOptions { margin: 0.25, gamma: 2.0 }).slice_step(0, 0..1, 1);
    let (sp, sn) = (0.6, 0.8);
    let (wp, wn): (f64, f64) = (1.25 - sp, sn + 0.25);
    let odds = 2.0 * (wn * (sn - 0.25) - wp * (sp - 0.75));
    let sigma = 1.0 / (1.0 + (-odds).exp());
    // By the anchor's second component, across which both cosines change as their others' does.
    let expected = sigma * 2.0 * (wn * -0.6 - wp * 0.8);
    assert_close("circle", &values(&loss.sum().grad(&z))[1..2], &[expected]);
}

#[test]
fn miners_choose_as_they_say() {
    // On a line: 0 and 3 of one class, 1 and 7 of another.
    let z = Tensor::from([[0.0], [3.0], [1.0], [7.0]]);
    let named = labels(&[0, 0, 1, 1]);
    let hard = BatchEasyHardMiner { normalize: false, ..Default::default() };
    assert_eq!(hard.mine(&z, &named).0, [[0, 1, 2], [1, 0, 2], [2, 3, 0], [3, 2, 1]]);
    let semi = BatchEasyHardMiner { negative: Hardness::SemiHard, ..hard };
    assert_eq!(semi.mine(&z, &named).0, [[0, 1, 3], [1, 0, 3], [3, 2, 0]]);
    let within =
        TripletMarginMiner { margin: 1.0, kind: TripletKind::SemiHard, normalize: false, ..Default::default() };
    assert_eq!(within.mine(&z, &named).0, [[1, 0, 3], [3, 2, 0]]);
    let pairs = PairMarginMiner { positive_margin: 4.0, negative_margin: 2.5, normalize: false, ..Default::default() };
    let mined = pairs.mine(&z, &named);
    assert_eq!((mined.positive, mined.negative), (vec![(2, 3), (3, 2)], vec![(0, 2), (1, 2), (2, 0), (2, 1)]));
    let half = HardAwareMiner { share: 0.25, normalize: false, ..Default::default() };
    assert_eq!(half.mine(&z, &named).negative, [(0, 2), (2, 0)]);
    assert_eq!(AllMiner.triplets(&named).0.len(), 8);
}

#[test]
fn random_miners_are_determined_by_their_generator() {
    let (z, named) = (normal(4, [12, 5]), labels(&[0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]));
    let weighted = |seed| DistanceWeightedMiner::default().mine(&z, &named, &mut Rng::seed(seed));
    let uniform = |seed| UniformHistogramMiner::default().mine(&z, &named, &mut Rng::seed(seed));
    assert_eq!((weighted(1), uniform(1)), (weighted(1), uniform(1)));
    assert_ne!(uniform(1), uniform(2));
    for [a, p, n] in weighted(3).0 {
        assert!(a != p && a % 3 == p % 3 && a % 3 != n % 3);
    }
    let many = uniform(3);
    assert!(many.positive.len().is_multiple_of(10) && many.negative.iter().all(|(a, n)| a % 3 != n % 3));
}

#[test]
fn wrong_shapes_panic_at_the_callers_line() {
    let (z, named) = (normal(1, [4, 3]), labels(&[0, 1, 0]));
    let panic = panic_of(|| supcon(&z, &named, 0.1));
    assert!(panic.message.starts_with("supcon: embeddings [4, 3] and labels [3] do not fit"), "{}", panic.message);
    assert!(panic.file.ends_with("batches.rs"));
    let panic = panic_of(|| cosine_embedding(&z, &z, &Tensor::from([1.0, -1.0]), 0.0));
    assert!(panic.message.starts_with("cosine_embedding: first [4, 3] and target [2] do not fit"));
    assert!(find("supcon").is_some());
}
