use minimand_loss::contrastive;
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    assert_close, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope, values,
};
use crate::{euclidean, reversed, rows};

/// Hadsell et al. 2006, equation 4, with `same` for their 1 - Y.
fn oracle(first: &Tensor, second: &Tensor, same: &[bool], margin: f64) -> Vec<f64> {
    let pairs = rows(first).into_iter().zip(rows(second)).zip(same);
    let loss = |((a, b), &same): ((Vec<f64>, Vec<f64>), &bool)| {
        let d = euclidean(&a, &b);
        if same { 0.5 * d * d } else { 0.5 * (margin - d).max(0.0).powi(2) }
    };
    pairs.map(loss).collect()
}

#[test]
fn agrees_with_recorded_values() {
    let cases = check_recorded("contrastive", |case| {
        let same = case.input("same").cast(DType::Bool);
        let loss = contrastive(case.input("left"), case.input("right"), &same, case.number("margin"));
        // Here the ½ of the paper is always there.
        if case.flag("half") { loss } else { 2.0 * loss }
    });
    assert_eq!(cases, 5);
}

#[test]
fn agrees_with_its_formula_in_plain_numbers() {
    for (seed, scale) in [(1, 0.2), (2, 1.0), (3, 30.0)] {
        let (a, b) = (scale * normal(seed, [20, 3]), scale * normal(seed + 100, [20, 3]));
        let same: Vec<bool> = (0..20).map(|i| i % 3 == 0).collect();
        for m in [0.3, 1.0, 40.0] {
            let loss = contrastive(&a, &b, &Tensor::from(same.clone()), m);
            assert_close("contrastive", &values(&loss), &oracle(&a, &b, &same, m));
        }
    }
}

#[test]
fn derivatives_are_right_on_both_sides_of_the_margin() {
    // Distances 0.5 and 1.3 (margin 1), each as a pair that is the same and one that is not.
    let a = Tensor::from([[0.3, 0.4], [0.0, 0.0], [0.5, 1.2], [1.0, -1.0]]);
    let b = Tensor::from([[0.0, 0.0], [0.3, -0.4], [0.0, 0.0], [0.5, 0.2]]);
    let same = Tensor::from([true, false, true, false]);
    check_derivatives(|x| contrastive(&x[0], &x[1], &same, 1.0), &[a, b]);
}

#[test]
fn at_the_margin_and_beyond_nothing_pulls() {
    let (a, b) = (Tensor::from([[3.0, 4.0], [30.0, 40.0]]), Tensor::from([[0.0, 0.0], [0.0, 0.0]]));
    let loss = |a: &Tensor| contrastive(a, &b, &Tensor::from([false, false]), 5.0);
    assert_eq!(values(&loss(&a)), [0.0, 0.0]);
    assert_eq!(slope(loss, &a), [0.0; 4]);
    assert_eq!(values(&loss(&a).sum().hessian_vector_product(&a, &a)), [0.0; 4], "at the margin as outside");
    // Just inside it is steep along the line between the two, as the square that it is: H (a − b) = a − b.
    let near = 0.999 * &a.slice(0, ..1);
    let product = contrastive(&near, &b.slice(0, ..1), &Tensor::from([false]), 5.0);
    let product = product.sum().hessian_vector_product(&near, &near);
    assert_close("inside", &values(&product), &values(&near));
}

#[test]
fn a_pair_settles_at_the_margin_times_the_probability_of_being_different() {
    let same = Tensor::from([true, false, false, false]);
    let slope_at = |d: f64| {
        let first = Tensor::from([[d, 0.0]]);
        let batch = first.expand([4, 2]);
        let loss = contrastive(&batch, &batch.zeros_like(), &same, 2.0).mean();
        values(&loss.grad(&first))[0]
    };
    assert_close("slope", &[slope_at(1.5)], &[0.0]);
    assert!(slope_at(1.4) < -0.01 && slope_at(1.6) > 0.01);
}

#[test]
fn at_distance_zero_the_gradient_is_zero() {
    let a = Tensor::from([[0.5, -2.0], [0.5, -2.0]]);
    let loss = |x: &Tensor| contrastive(x, &a, &Tensor::from([true, false]), 3.0);
    assert_eq!(values(&loss(&a.detach())), [0.0, 4.5]);
    assert_eq!(slope(loss, &a.detach()), [0.0; 4]);
    // The pair that belongs together lies at the bottom of a bowl: ½ |a - b|² has curvature 1, also in the middle.
    let x = a.detach();
    let pull = loss(&x).sum().grad(&x).sum().grad(&x);
    assert_eq!(values(&pull), [1.0, 1.0, 0.0, 0.0]);
}

#[test]
fn stays_finite_at_extremes() {
    let same = Tensor::from([true, false, true, false, true, false]);
    for m in [1.0, 1e4] {
        for scale in [1e4, 1.0, 1e-4, 0.0] {
            let (a, b) = (scale * normal(4, [6, 8]), scale * normal(5, [6, 8]));
            finite_at_extremes(|x| contrastive(&x[0], &x[1], &same, m), &[a.clone(), b]);
            finite_at_extremes(|x| contrastive(&x[0], &x[1], &same, m), &[a.clone(), a]);
        }
    }
}

#[test]
fn the_shape_of_a_batch_is_free() {
    let (a, b) = (normal(6, [2, 3, 4]), normal(7, [2, 3, 4]));
    let same = Tensor::from([[true, false, true], [false, true, false]]);
    let batch = contrastive(&a, &b, &same, 2.0);
    assert_eq!(*batch.shape(), [2, 3]);
    let one = contrastive(&a.at(0, 1).at(0, 2), &b.at(0, 1).at(0, 2), &same.at(0, 1).at(0, 2), 2.0);
    assert_eq!(one.item(), values(&batch)[5]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn obeys_its_laws(seed in 0u64..1000, m in 0.1f64..4.0, shift in -5.0f64..5.0, scale in 0.1f64..10.0) {
        let (a, b) = (normal(seed, [7, 3]), normal(seed + 1000, [7, 3]));
        let same: Tensor = Tensor::from((0..7).map(|i| (i + seed) % 2 == 0).collect::<Vec<bool>>());
        let loss = values(&contrastive(&a, &b, &same, m));
        prop_assert!(loss.iter().all(|&l| l >= 0.0));
        // Which of the two comes first is of no importance; nor is where the origin lies, or the order of the batch.
        assert_close("exchanged", &values(&contrastive(&b, &a, &same, m)), &loss);
        let moved = contrastive(&(&a + shift), &(&b + shift), &same, m);
        assert_close("moved", &values(&moved), &loss);
        let mixed = contrastive(&reversed(&a), &reversed(&b), &reversed(&same), m);
        assert_close("reversed", &values(&reversed(&mixed)), &loss);
        // Of degree 2 in embeddings and margin together.
        let scaled = contrastive(&(scale * &a), &(scale * &b), &same, scale * m);
        assert_close("scaled", &values(&(scaled / (scale * scale))), &loss);
    }
}

#[test]
fn mistakes_are_named_at_the_callers_line() {
    let (a, b) = (Tensor::zeros([4, 2]), Tensor::zeros([4, 3]));
    let flags = Tensor::from([true; 4]);

    let panic = panic_of(|| contrastive(&a, &b, &flags, 1.0));
    assert_eq!(panic.message, "contrastive: first [4, 2] and second [4, 3] must have the same shape");
    assert!(panic.file.ends_with("tests/embedding/contrastive.rs"), "{}", panic.file);

    let panic = panic_of(|| contrastive(&a, &a, &flags.unsqueeze(-1), 1.0));
    assert_eq!(panic.message, "contrastive: first [4, 2] and same [4, 1] must agree in all but first's last axis");
    assert!(panic.file.ends_with("tests/embedding/contrastive.rs"), "{}", panic.file);

    let panic = panic_of(|| contrastive(&a, &a, &Tensor::from([1i64, 1, 0, 0]), 1.0));
    assert_eq!(panic.message, "contrastive: same must be bool, not i64");

    for m in [0.0, -1.0, f64::NAN] {
        let panic = panic_of(|| contrastive(&a, &a, &flags, m));
        assert_eq!(panic.message, format!("contrastive: margin is {m} and must be greater than 0"));
        assert!(panic.file.ends_with("tests/embedding/contrastive.rs"), "{}", panic.file);
    }
}
