use std::f64::consts::FRAC_1_SQRT_2;

use minimand_loss::{
    Distance, TripletOptions, TripletWithDistanceOptions, triplet_margin, triplet_margin_with_distance,
};
use minimand_tensor::{Tensor, grad};
use proptest::prelude::*;

use crate::common::{
    assert_close, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope, values,
};
use crate::{DISTANCES, in_plain_numbers, reversed, rows};

fn oracle(anchor: &Tensor, positive: &Tensor, negative: &Tensor, options: TripletOptions) -> Vec<f64> {
    let d = |a: &[f64], b: &[f64]| in_plain_numbers(options.distance, a, b);
    let (a, p, n) = (rows(anchor), rows(positive), rows(negative));
    let loss = |i: usize| {
        let far = if options.swap { d(&a[i], &n[i]).min(d(&p[i], &n[i])) } else { d(&a[i], &n[i]) };
        (d(&a[i], &p[i]) - far + options.margin).max(0.0)
    };
    (0..a.len()).map(loss).collect()
}

#[test]
fn agrees_with_recorded_values() {
    let cases = check_recorded("triplet_margin", |case| {
        let distance = if case.number("p") == 2.0 { Distance::Euclidean } else { Distance::Manhattan };
        let options = TripletOptions { margin: case.number("margin"), distance, swap: case.flag("swap") };
        triplet_margin(case.input("anchor"), case.input("positive"), case.input("negative"), options)
    });
    assert_eq!(cases, 9);
    let cases = check_recorded("triplet_margin_with_cosine_distance", |case| {
        let options =
            TripletOptions { margin: case.number("margin"), distance: Distance::Cosine, swap: case.flag("swap") };
        triplet_margin(case.input("anchor"), case.input("positive"), case.input("negative"), options)
    });
    assert_eq!(cases, 3);
}

#[test]
fn agrees_with_its_formula_in_plain_numbers() {
    for (seed, scale) in [(1, 0.3), (2, 1.0), (3, 50.0)] {
        let [a, p, n] = [0, 100, 200].map(|more| scale * normal(seed + more, [20, 3]));
        for distance in DISTANCES {
            for (margin, swap) in [(0.0, false), (0.2, true), (1.0, false), (2.0, true)] {
                let options = TripletOptions { margin, distance, swap };
                let loss = triplet_margin(&a, &p, &n, options);
                assert_close(&format!("{options:?}"), &values(&loss), &oracle(&a, &p, &n, options));
            }
        }
    }
}

#[test]
fn defaults_are_the_usual_ones() {
    let usual = TripletOptions { margin: 1.0, distance: Distance::Euclidean, swap: false };
    assert_eq!(TripletOptions::default(), usual);
    assert_eq!(TripletWithDistanceOptions::default(), TripletWithDistanceOptions { margin: 1.0, swap: false });
    assert_eq!(Distance::default(), Distance::Euclidean);
}

#[test]
fn derivatives_are_right_on_both_sides_of_the_margin_and_of_the_swap() {
    // In turn: a violated triplet, a satisfied one, and one whose positive is nearer to the negative than its anchor is.
    let a = Tensor::from([[1.0, 0.2, -0.3], [0.5, 1.5, 0.7], [-1.0, 0.4, 0.9]]);
    let p = Tensor::from([[0.4, -0.8, 0.6], [0.6, 1.3, 0.9], [0.3, 1.1, 0.2]]);
    let n = Tensor::from([[1.3, 0.5, -0.9], [-2.0, -3.1, -1.4], [0.8, 0.9, -0.6]]);
    for distance in DISTANCES {
        for swap in [false, true] {
            let options = TripletOptions { margin: 0.3, distance, swap };
            let loss = values(&triplet_margin(&a, &p, &n, options));
            assert!(loss[0] > 0.1 && loss[1] == 0.0, "{options:?}: both sides of the margin: {loss:?}");
            check_derivatives(|x| triplet_margin(&x[0], &x[1], &x[2], options), &[a.clone(), p.clone(), n.clone()]);
        }
    }
}

#[test]
fn exactly_at_the_margin_the_gradient_is_zero() {
    let (a, p, n) = (Tensor::from([[0.0, 0.0]]), Tensor::from([[3.0, 4.0]]), Tensor::from([[0.0, 6.0]]));
    let loss = |a: &Tensor| triplet_margin(a, &p, &n, TripletOptions::default());
    assert_eq!(values(&loss(&a)), [0.0]);
    assert_eq!(slope(loss, &a), [0.0, 0.0]);
}

#[test]
fn at_distance_zero_the_gradient_is_zero() {
    let x = Tensor::from([[1.5, -0.5]]);
    for distance in [Distance::Euclidean, Distance::SquaredEuclidean, Distance::Manhattan] {
        for swap in [false, true] {
            let [a, p, n] = [x.detach(), x.detach(), x.detach()];
            let loss = triplet_margin(&a, &p, &n, TripletOptions { margin: 1.0, distance, swap });
            assert_eq!(values(&loss), [1.0], "three equal embeddings: exactly the margin");
            for gradient in grad(&loss.sum(), [&a, &p, &n]) {
                assert_eq!(values(&gradient), [0.0, 0.0], "{distance:?}");
            }
        }
    }
    // Only the negative lies apart: what is left of the gradient comes from it alone.
    let (p, n) = (x.detach(), Tensor::from([[1.5, 0.0]]));
    let loss = |a: &Tensor| triplet_margin(a, &p, &n, TripletOptions::default());
    assert_eq!(values(&loss(&x)), [0.5]);
    assert_eq!(slope(loss, &x), [0.0, 1.0]);
}

#[test]
fn a_zero_vector_has_cosine_distance_one_and_gradient_zero() {
    let (zero, p, n) = (Tensor::from([[0.0, 0.0]]), Tensor::from([[1.0, 1.0]]), Tensor::from([[-2.0, 1.0]]));
    let options = TripletOptions { margin: 0.5, distance: Distance::Cosine, swap: false };
    let loss = |a: &Tensor| triplet_margin(a, &p, &n, options);
    assert_eq!(values(&loss(&zero)), [0.5]);
    assert_eq!(slope(loss, &zero), [0.0, 0.0]);
}

#[test]
fn at_a_tie_of_the_swap_both_distances_share_the_gradient() {
    let a = Tensor::from([[0.0, 0.0]]);
    let p = Tensor::from([[2.0, 0.0]]);
    let n = Tensor::from([[1.0, 1.0]]);
    let loss = triplet_margin(&a, &p, &n, TripletOptions { swap: true, ..Default::default() });
    assert_close("value", &values(&loss), &[3.0 - 2.0f64.sqrt()]);
    let gradients = grad(&loss.sum(), [&a, &p, &n]);
    let half = 0.5 * FRAC_1_SQRT_2;
    assert_close("by the anchor", &values(&gradients[0]), &[-1.0 + half, half]);
    assert_close("by the positive", &values(&gradients[1]), &[1.0 - half, half]);
    assert_close("by the negative", &values(&gradients[2]), &[0.0, -FRAC_1_SQRT_2]);
}

/// Vectors lie along the last axis, however many there are before it.
#[test]
fn distances_are_along_the_last_axis() {
    let (a, b) = (normal(21, [2, 3, 4]), normal(22, [2, 3, 4]));
    let flat = |x: &Tensor| rows(&x.reshape([6, 4]));
    for distance in DISTANCES {
        let expected: Vec<f64> =
            flat(&a).iter().zip(flat(&b)).map(|(a, b)| in_plain_numbers(distance, a, &b)).collect();
        let found = distance.between(&a, &b);
        assert_eq!(found.shape()[..], [2, 3]);
        assert_close("several axes", &values(&found), &expected);
        let single = distance.between(&a.at(0, 1).at(0, 2), &b.at(0, 1).at(0, 2));
        assert_close("one vector", &values(&single), &expected[5..]);
    }
}

#[test]
fn any_distance_can_be_given() {
    let [a, p, n] = [1, 2, 3].map(|seed| normal(seed, [9, 4]));
    for distance in DISTANCES {
        for swap in [false, true] {
            let options = TripletWithDistanceOptions { margin: 0.7, swap };
            let own = triplet_margin_with_distance(&a, &p, &n, |x, y| distance.between(x, y), options);
            let named = triplet_margin(&a, &p, &n, TripletOptions { margin: 0.7, distance, swap });
            assert_eq!(values(&own), values(&named));
        }
    }
    // The greatest difference of a component (Chebyshev), which no option offers.
    let chebyshev = |x: &Tensor, y: &Tensor| (x - y).abs().max_axis(-1);
    let greatest = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(u, v)| (u - v).abs()).fold(0.0, f64::max);
    let (rows_a, rows_p, rows_n) = (rows(&a), rows(&p), rows(&n));
    let expected: Vec<f64> = (0..9)
        .map(|i| {
            let (ap, an) = (greatest(&rows_a[i], &rows_p[i]), greatest(&rows_a[i], &rows_n[i]));
            (ap - an.min(greatest(&rows_p[i], &rows_n[i])) + 0.4).max(0.0)
        })
        .collect();
    let loss =
        triplet_margin_with_distance(&a, &p, &n, chebyshev, TripletWithDistanceOptions { margin: 0.4, swap: true });
    assert_close("Chebyshev", &values(&loss), &expected);
}

#[test]
fn stays_finite_at_extremes() {
    for distance in DISTANCES {
        for swap in [false, true] {
            let options = TripletOptions { margin: 1.0, distance, swap };
            for scale in [1e4, 1.0, 1e-4, 0.0] {
                let [a, p, n] = [1, 2, 3].map(|seed| scale * normal(seed, [6, 8]));
                let loss = |x: &[Tensor]| triplet_margin(&x[0], &x[1], &x[2], options);
                finite_at_extremes(loss, &[a.clone(), p.clone(), n.clone()]);
                finite_at_extremes(loss, &[a.clone(), a.clone(), n]);
                finite_at_extremes(loss, &[a.clone(), p, a.clone()]);
                finite_at_extremes(loss, &[a.clone(), a.clone(), a]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn obeys_its_laws(
        seed in 0u64..1000,
        which in 0usize..4,
        swap: bool,
        margin in 0.0f64..2.0,
        shift in -5.0f64..5.0,
        scale in 0.1f64..10.0,
    ) {
        let distance = DISTANCES[which];
        let [a, p, n] = [0, 1000, 2000].map(|more| normal(seed + more, [7, 3]));
        let options = TripletOptions { margin, distance, swap };
        let loss = values(&triplet_margin(&a, &p, &n, options));
        prop_assert!(loss.iter().all(|&l| l >= 0.0));
        let mixed = triplet_margin(&reversed(&a), &reversed(&p), &reversed(&n), options);
        assert_close("reversed", &values(&reversed(&mixed)), &loss);
        if swap {
            assert_close("anchor and positive exchanged", &values(&triplet_margin(&p, &a, &n, options)), &loss);
            let plain = values(&triplet_margin(&a, &p, &n, TripletOptions { swap: false, ..options }));
            prop_assert!(loss.iter().zip(plain).all(|(&swapped, plain)| swapped >= plain), "a swap only makes it harder");
        }
        // Zero where the negative is far enough; a collapsed embedding costs exactly the margin.
        let far = if distance == Distance::Cosine { -&a } else { &a + 100.0 };
        let loss_of = |p: &Tensor, n: &Tensor| values(&triplet_margin(&a, p, n, options));
        prop_assert!(loss_of(&(&a + 1e-3 * &p), &far).iter().all(|&l| l == 0.0));
        assert_close("collapsed", &loss_of(&a, &a), &[margin; 7]);
        let (inner, outer) = match distance {
            Distance::Euclidean | Distance::Manhattan => (scale, scale),
            Distance::SquaredEuclidean => (scale, scale * scale),
            Distance::Cosine => (scale, 1.0),
            _ => unreachable!("not among the distances tried"),
        };
        let options = TripletOptions { margin: outer * margin, ..options };
        let scaled = triplet_margin(&(inner * &a), &(inner * &p), &(inner * &n), options);
        assert_close("scaled", &values(&(scaled / outer)), &loss);
        if distance != Distance::Cosine {
            let options = TripletOptions { margin, distance, swap };
            let moved = triplet_margin(&(&a + shift), &(&p + shift), &(&n + shift), options);
            assert_close("moved", &values(&moved), &loss);
        }
    }
}

#[test]
fn mistakes_are_named_at_the_callers_line() {
    let (a, b) = (Tensor::zeros([4, 2]), Tensor::zeros([4]));
    let norm = |x: &Tensor, y: &Tensor| (x - y).norm_axis(-1);
    let panics = [
        (
            panic_of(|| triplet_margin(&a, &b, &a, TripletOptions::default())),
            "triplet_margin: anchor [4, 2] and positive [4] must have the same shape",
        ),
        (
            panic_of(|| triplet_margin(&a, &a, &b, TripletOptions::default())),
            "triplet_margin: anchor [4, 2] and negative [4] must have the same shape",
        ),
        (
            panic_of(|| triplet_margin_with_distance(&a, &a, &b, norm, TripletWithDistanceOptions::default())),
            "triplet_margin_with_distance: anchor [4, 2] and negative [4] must have the same shape",
        ),
        (
            panic_of(|| Distance::Manhattan.between(&a, &b)),
            "distance: first [4, 2] and second [4] must have the same shape",
        ),
    ];
    for (panic, message) in panics {
        assert_eq!(panic.message, message);
        assert!(panic.file.ends_with("tests/embedding/triplet.rs"), "{}", panic.file);
    }
    let scalar = Tensor::from(1.0);
    let panic = panic_of(|| triplet_margin(&scalar, &scalar, &scalar, TripletOptions::default()));
    assert_eq!(panic.message, "triplet_margin: anchor [] must have an axis for the embedding");
    for margin in [-0.1, f64::NAN] {
        let options = TripletOptions { margin, ..Default::default() };
        let panic = panic_of(|| triplet_margin(&a, &a, &a, options));
        assert_eq!(panic.message, format!("triplet_margin: margin is {margin} and must not be below 0"));
        assert!(panic.file.ends_with("tests/embedding/triplet.rs"), "{}", panic.file);
    }
}
