//! Losses over class representatives: their edges, what they have in common, and what they refuse.

mod common;

use common::{assert_close, normal, panic_of, slope, values};
use minimand_loss::*;
use minimand_tensor::{DType, Tensor};

fn labels(values: &[i64], classes: usize) -> Labels {
    Labels::new(values, classes).expect("labels")
}

/// An embedding that is its class's direction has angle 0: no acos, no infinite slope.
#[test]
fn trap_15_angular_margin_at_identical_directions() {
    for dtype in [DType::F32, DType::F64] {
        let rows = normal(3, [4, 6]).cast(dtype).computed().detach();
        let own = labels(&[0, 1, 2, 3], 4);
        let opposite = (-&rows).computed().detach();
        let weights = rows.unsqueeze(1);
        for embeddings in [&rows, &opposite, &rows.zeros_like()] {
            let all = |x: &Tensor| {
                [
                    arc_face(x, &own, &rows, ArcFaceOptions::default()),
                    sub_center_arc_face(x, &own, &weights, ArcFaceOptions::default()),
                    curricular_face(x, &own, &rows, 0.5, ArcFaceOptions::default()),
                    mag_face(x, &own, &rows, MagFaceOptions::default()),
                    large_margin_softmax(x, &own, &rows, LargeMarginOptions::default()),
                    sphere_face(x, &own, &rows, LargeMarginOptions::default()),
                ]
            };
            for (which, loss) in all(embeddings).iter().enumerate() {
                let numbers = [values(loss), values(&loss.sum().grad(embeddings)), values(&loss.sum().grad(&rows))];
                assert!(numbers.concat().iter().all(|x| x.is_finite()), "{which} in {dtype}: {numbers:?}");
            }
        }
        let target = 64.0 * 0.5f64.cos();
        let cosines = rows.normalize(-1).matmul(&rows.normalize(-1).transpose());
        let others = (64.0 * cosines).cast(DType::F64).to_vec::<f64>();
        let rest: f64 = (1..4).map(|j| others[j].exp()).sum();
        let expected = (rest + target.exp()).ln() - target;
        let found = values(&arc_face(&rows, &own, &rows, ArcFaceOptions::default()))[0];
        assert!((found - expected).abs() < 1e-4 * expected.max(1e-3), "{found} instead of {expected}");
    }
}

/// With m = 1 there is no margin: softmax on inner products.
#[test]
fn multiplied_angles_without_a_margin_are_softmax() {
    let (x, w, y) = (normal(1, [5, 4]), normal(2, [3, 4]), labels(&[0, 2, 1, 1, 0], 3));
    let options = LargeMarginOptions { margin: 1, scale: 1.0 };
    let plain = cross_entropy(&x.matmul(&w.transpose()), &y);
    assert_close("m = 1", &values(&large_margin_softmax(&x, &y, &w, options)), &values(&plain));
}

/// `(−1)ᵏ cos(m θ) − 2 k` falls from 1 to 1 − 2 m and has no step, for every m.
#[test]
fn the_multiplied_angle_falls_without_steps() {
    let w = Tensor::from([[1.0, 0.0], [0.0, 0.0]]);
    for margin in 1..=6usize {
        let angle = |i: usize| i as f64 * std::f64::consts::PI / 600.0;
        let x: Vec<f64> = (0..=600).flat_map(|i| [angle(i).cos(), angle(i).sin()]).collect();
        let x = Tensor::from_vec(x, [601, 2]);
        let loss = values(&sphere_face(&x, &labels(&[0; 601], 2), &w, LargeMarginOptions { margin, scale: 1.0 }));
        // The other class has logit 0, so that softplus(−ψ) is the loss.
        let psi: Vec<f64> = loss.iter().map(|l| -l.exp_m1().ln()).collect();
        assert!((psi[0] - 1.0).abs() < 1e-9 && (psi[600] - (1.0 - 2.0 * margin as f64)).abs() < 1e-9, "m = {margin}");
        assert!(psi.windows(2).all(|w| w[1] < w[0] + 1e-12 && w[0] - w[1] < 0.006 * margin as f64), "m = {margin}");
    }
}

/// One centre per class is ArcFace; twice the same centre, too, and both share the gradient.
#[test]
fn sub_centers_that_are_one_are_arc_face() {
    let (x, w, y) = (normal(1, [5, 4]), normal(2, [3, 4]), labels(&[0, 2, 1, 1, 0], 3));
    let plain = arc_face(&x, &y, &w, ArcFaceOptions::default());
    let twice = Tensor::stack([&w, &w], 1).computed().detach();
    let loss = sub_center_arc_face(&x, &y, &twice, ArcFaceOptions::default());
    assert_close("value", &values(&loss), &values(&plain));
    let (whole, half) = (values(&plain.sum().grad(&w)), values(&loss.sum().grad(&twice).sum_axis(1)));
    assert_close("gradient", &half, &whole);
}

#[test]
fn margins_of_zero_are_the_normalised_softmax() {
    let (x, w, y) = (normal(1, [5, 4]), normal(2, [3, 4]), labels(&[0, 2, 1, 1, 0], 3));
    let plain = values(&normalised_softmax(&x, &y, &w, 0.125));
    let zero = (CosFaceOptions { margin: 0.0, scale: 8.0 }, ArcFaceOptions { margin: 0.0, scale: 8.0 });
    assert_close("cos_face", &values(&cos_face(&x, &y, &w, zero.0)), &plain);
    assert_close("arc_face", &values(&arc_face(&x, &y, &w, zero.1)), &plain);
    assert_close("proxy_nca", &values(&proxy_nca(&x, &y, &w, 4.0)), &plain);
}

/// An ignored example has no influence, whatever it holds.
#[test]
fn ignored_examples_do_not_count() {
    let w = normal(2, [3, 2]);
    let x = Tensor::from([[1.0, 2.0], [f64::NAN, f64::INFINITY]]);
    let y = Labels::with_ignored([1, -100], 3, -100).unwrap();
    let (first, only) = (Tensor::from([[1.0, 2.0]]), labels(&[1], 3));
    let options = ManifoldOptions::default();
    let pairs: Vec<(Tensor, Tensor)> = vec![
        (arc_face(&x, &y, &w, ArcFaceOptions::default()), arc_face(&first, &only, &w, ArcFaceOptions::default())),
        (mag_face(&x, &y, &w, MagFaceOptions::default()), mag_face(&first, &only, &w, MagFaceOptions::default())),
        (p2s_grad(&x, &y, &w), p2s_grad(&first, &only, &w)),
        (center(&x, &y, &w), center(&first, &only, &w)),
    ];
    for (found, expected) in pairs {
        assert_close("value", &values(&found), &[values(&expected)[0], 0.0]);
        assert_eq!(values(&found.sum().grad(&x))[2..], [0.0, 0.0]);
    }
    let anchor = ProxyAnchorOptions::default();
    assert_close(
        "anchor",
        &values(&proxy_anchor(&x, &y, &w, anchor)),
        &values(&proxy_anchor(&first, &only, &w, anchor)),
    );
    assert_eq!(values(&manifold(&x, &y, &w, options))[1], 0.0);
}

/// Classes without support cannot be right; a batch of ignored examples has nothing to draw.
#[test]
fn empty_groups_contribute_nothing() {
    let (x, support) = (normal(1, [2, 3]), normal(2, [2, 3]));
    let loss = |x: &Tensor| prototypical(x, &labels(&[0, 2], 3), &support, &labels(&[0, 1], 3));
    assert_eq!(values(&loss(&x))[1], 0.0);
    assert_eq!(slope(loss, &x)[3..], [0.0; 3]);
    let none = Labels::with_ignored([-1, -1], 3, -1).unwrap();
    let proxies = normal(3, [3, 3]);
    let loss = |x: &Tensor| proxy_anchor(x, &none, &proxies, ProxyAnchorOptions::default());
    assert_eq!((values(&loss(&x)), slope(loss, &x)), (vec![0.0], vec![0.0; 6]));
}

#[test]
fn shapes_that_do_not_fit_panic_at_the_callers_line() {
    let (x, w, y) = (normal(1, [5, 4]), normal(2, [3, 3]), labels(&[0, 2, 1, 1, 0], 3));
    let line = line!() + 1;
    let panic = panic_of(|| arc_face(&x, &y, &w, ArcFaceOptions::default()));
    assert_eq!((panic.file.as_str(), panic.line), (file!(), line));
    let said = "arc_face: weights [3, 3], embeddings [5, 4] and labels of 3 classes do not fit: weights must be [classes, dimensions]";
    assert_eq!(panic.message, said);
    let panic = panic_of(|| cos_face(&x, &y, &normal(2, [3, 4]), CosFaceOptions { margin: -1.0, scale: 1.0 }));
    assert_eq!(panic.message, "cos_face: margin is -1 and must not be below 0");
}
