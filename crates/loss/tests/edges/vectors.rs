//! Vectors: temperatures and margins, lengths from the least to the greatest, NaN.

use minimand_loss::*;
use minimand_tensor::{DType, Rng, Tensor};

use crate::common::{assert_close_within, normal, panic_of, slope, values};
use crate::{Loss, Loss2, single, singles};

#[test]
fn a_temperature_is_one_number() {
    let (a, b) = (normal(1, [4, 3]), normal(2, [4, 3]));
    let losses: [(&str, Loss); 3] = [
        ("info_nce", &|t| info_nce(&a, &b, t)),
        ("info_nce_symmetric", &|t| info_nce_symmetric(&a, &b, t)),
        ("nt_xent", &|t| nt_xent(&a, &b, t)),
    ];
    for (name, loss) in losses {
        for shape in [&[3][..], &[4], &[4, 1], &[1, 1], &[1, 1, 1], &[4, 3], &[0]] {
            let panic = panic_of(|| loss(&Tensor::ones(shape)));
            let shape = Tensor::ones(shape).shape().clone();
            let message = format!("{name}: temperature {shape} must be a number, or a tensor of shape [] or [1]");
            assert_eq!((panic.message, &*panic.file), (message, file!()));
        }
        let one = loss(&Tensor::from([0.5]));
        assert_eq!(one.shape(), loss(&Tensor::from(0.5)).shape());
        assert_eq!(values(&one), values(&loss(&Tensor::from(0.5))));
    }
}

/// A key that is far nearer than the others: the loss is exact, not rounded to 0.
#[test]
fn info_nce_keeps_the_tail_of_a_right_answer() {
    let queries = singles(&[[1.0, 0.0], [0.0, 1.0]]);
    for temperature in [0.05, 0.02, 0.0125] {
        let t = f64::from(temperature as f32);
        let expected = [(-1.0 / t).exp().ln_1p(); 2];
        assert_close_within("info_nce", &values(&info_nce(&queries, &queries, temperature)), &expected, 2e-5, 0.0);
        let expected = (2.0 * (-1.0 / t).exp()).ln_1p();
        assert_close_within("nt_xent", &values(&nt_xent(&queries, &queries, temperature)), &[expected; 4], 2e-5, 0.0);
    }
}

#[test]
fn margins_are_numbers_of_the_type() {
    let x = singles(&[[1.0, 2.0]]);
    let labels = Labels::new([0], 1).unwrap();
    let same = Tensor::from([false]);
    let says = |run: &dyn Fn() -> Tensor, expected: &str| {
        let panic = panic_of(run);
        assert_eq!((&*panic.message, &*panic.file), (expected, file!()));
    };
    let contrast = |margin| contrastive(&x, &x, &same, margin);
    says(&|| contrast(1e-46), "contrastive: margin is 1e-46, which is 0 in f32, and must be greater than 0");
    says(&|| contrast(f64::INFINITY), "contrastive: margin is inf and must be finite");
    let unit = &singles(&[[1.0, 0.0], [0.0, 1.0]]);
    let contrasts: [(&str, &dyn Fn(f64) -> Tensor); 3] = [
        ("info_nce", &|tau| info_nce(unit, unit, tau)),
        ("info_nce_symmetric", &|tau| info_nce_symmetric(unit, unit, tau)),
        ("nt_xent", &|tau| nt_xent(unit, unit, tau)),
    ];
    for (name, loss) in contrasts {
        let refused = |tau, why: &str| says(&|| loss(tau), &format!("{name}: temperature is {why}"));
        refused(1e-46, "1e-46, which is 0 in f32, and must be greater than 0");
        refused(1e-39, "1e-39, whose reciprocal is infinite in f32, and must be greater");
        refused(0.0, "0 and must be greater than 0");
        refused(-0.5, "-0.5 and must be greater than 0");
        refused(f64::NAN, "NaN and must be greater than 0");
        refused(f64::INFINITY, "inf and must be finite");
        assert_eq!(values(&loss(1e-38)), [0.0; 4][..values(&loss(1.0)).len()]);
    }
    let triplet = |margin| triplet_margin(&x, &x, &x, TripletOptions { margin, ..Default::default() });
    says(&|| triplet(1e39), "triplet_margin: margin is 1e39, which is infinite in f32, and must be finite");
    let hard = |m| batch_hard_triplet(&x, &labels, BatchHardOptions { margin: Margin::Hard(m), ..Default::default() });
    says(&|| hard(f64::INFINITY), "batch_hard_triplet: margin is inf and must be finite");
}

#[test]
fn distances_whose_squares_are_no_numbers() {
    let zero = Tensor::zeros([1, 2]);
    for size in [1e-40, 1e-30, 1e-23, 1.0, 1e19, 1e30, 3e37] {
        let a = singles(&[[3.0 * size, 4.0 * size]]);
        let euclidean = |a: &Tensor| Distance::Euclidean.between(a, &zero);
        assert_close_within("distance", &values(&euclidean(&a)), &[5.0 * size], 1e-4, 0.0);
        assert_close_within("direction", &slope(euclidean, &a), &[0.6, 0.8], 1e-4, 0.0);
        let loss = |a: &Tensor| {
            triplet_margin(a, &zero, &(2.0 * a).detach(), TripletOptions { margin: 0.0, ..Default::default() })
        };
        assert!(slope(loss, &a).iter().all(|slope| slope.is_finite()));
    }
    // Different things in nearly one place part at full strength; the half comes before the square of what is far.
    let near = singles(&[[3e-30, 4e-30]]);
    let apart = |a: &Tensor| contrastive(a, &zero, &Tensor::from([false]), 2.0);
    assert_close_within("repulsion", &slope(apart, &near), &[-1.2, -1.6], 1e-6, 0.0);
    let far = singles(&[[2.5e19, 0.0], [1e30, 0.0]]);
    let together = |a: &Tensor| contrastive(a, &a.zeros_like(), &Tensor::from([true, true]), 1.0);
    assert_close_within("attraction", &values(&together(&far)), &[3.125e38, f64::INFINITY], 1e-6, 0.0);
    assert_close_within("its slope", &slope(together, &far), &values(&far), 1e-6, 0.0);
    let wide = |a: &Tensor| contrastive(a, &a.zeros_like(), &Tensor::from([false; 2]), 2.5e19);
    assert_close_within("shortfall", &values(&wide(&singles(&[[0.0, 0.0]; 2]))), &[3.125e38; 2], 1e-6, 0.0);
}

/// A batch chooses the same triplets at every size of its embeddings.
#[test]
fn the_hardest_triplets_of_every_size() {
    let shape = [[0.0, 0.0], [3.0, 4.0], [0.0, 5.5], [0.0, 8.0]];
    let labels = Labels::new([0, 0, 1, 1], 2).unwrap();
    // Distances 5, 5.5, 8 from the first, √11.25, 5 from the second, 2.5 between the others: d(far) - d(near) + 8, a margin with which every
    // choice costs something of its own.
    let (margin, near) = (8.0, 11.25f64.sqrt());
    let expected = [5.0 - 5.5, 5.0 - near, 2.5 - near, 2.5 - 5.0].map(|difference| difference + margin);
    for (dtype, sizes) in [
        (DType::F32, &[1e-36, 1e-22, 1e-10, 1.0, 1e12, 1e20, 1e37][..]),
        (DType::F64, &[1e-300, 1e-170, 1.0, 1e170, 1e300]),
    ] {
        for &size in sizes {
            let x = Tensor::from(shape.map(|row| row.map(|entry| entry * size))).cast(dtype).detach();
            let options = BatchHardOptions { margin: Margin::Hard(margin * size), distance: Distance::Euclidean };
            let loss = |x: &Tensor| batch_hard_triplet(x, &labels, options);
            let expected = expected.map(|expected| expected * size);
            assert_close_within(&format!("{dtype}, {size:e}"), &values(&loss(&x)), &expected, 1e-5, 0.0);
        }
    }
}

/// A cosine is never beyond ±1, nor its distance beyond 0 and 2; and rounding does not take its gradient.
#[test]
fn a_cosine_is_never_beyond_1() {
    let mut rng = Rng::seed(5);
    for dtype in [DType::F32, DType::F64] {
        for width in [2, 3, 7, 64, 257] {
            let a = Tensor::normal([2000, width], &mut rng).cast(dtype).detach();
            for factor in [1.0, 3.0, -1.0, -0.3] {
                let b = (factor * &a).detach();
                let cosine = values(&a.cosine_similarity(&b, -1));
                assert!(cosine.iter().all(|cosine| cosine.abs() <= 1.0 && cosine.abs() > 0.999), "{width}");
                let distance = values(&Distance::Cosine.between(&a, &b));
                assert!(distance.iter().all(|distance| (0.0..=2.0).contains(distance)), "{width}");
            }
        }
    }
    // As steep as the angle, also where the cosine rounds to 1 or beyond.
    let a = Tensor::normal([500, 3], &mut Rng::seed(6));
    let b = (&a + 1e-4 * Tensor::normal([500, 3], &mut Rng::seed(7))).detach();
    let found = slope(|a| a.cosine_similarity(&b, -1), &a);
    let exact = slope(|a| a.cosine_similarity(&b.cast(DType::F64), -1), &a.cast(DType::F64).detach());
    assert_close_within("slope", &found, &exact, 0.02, 2e-6);
}

/// NaN in a vector comes out wherever that vector is looked at.
#[test]
fn nan_comes_out() {
    let nan = f64::NAN;
    let (a, b) = (Tensor::from([[1.0, nan], [0.5, 1.0]]), Tensor::from([[0.2, 0.3], [1.0, -1.0]]));
    let distances = [Distance::Euclidean, Distance::SquaredEuclidean, Distance::Manhattan, Distance::Cosine];
    for distance in distances {
        let options = |swap| TripletOptions { margin: 1.0, distance, swap };
        let losses: [Loss2; 4] = [
            &|a, b| triplet_margin(a, b, &b.zeros_like(), options(false)),
            &|a, b| triplet_margin(b, &b.zeros_like(), a, options(true)),
            &|a, b| triplet_margin(b, a, &b.zeros_like(), options(true)),
            &|a, b| contrastive(a, b, &Tensor::from([false, true]), 1.0),
        ];
        for (which, loss) in losses.into_iter().enumerate() {
            let (value, gradient) = (values(&loss(&a, &b)), slope(|a| loss(a, &b), &a));
            assert!(value[0].is_nan() && value[1].is_finite(), "loss {which}, {distance:?}: {value:?}");
            assert!(gradient[..2].iter().any(|slope| slope.is_nan()), "loss {which}, {distance:?}: {gradient:?}");
        }
    }
    let temperature = Tensor::from(nan);
    for loss in
        [info_nce(&b, &b, &temperature), info_nce(&a, &b, 0.5), info_nce_symmetric(&a, &b, 0.5), nt_xent(&a, &b, 0.5)]
    {
        assert!(values(&loss)[0].is_nan());
    }
    let labels = Labels::new([0, 0, 1], 2).unwrap();
    let z = Tensor::from([[1.0, nan], [0.5, 1.0], [2.0, 0.0]]);
    for distance in distances {
        let loss = batch_hard_triplet(&z, &labels, BatchHardOptions { margin: Margin::Soft, distance });
        let value = values(&loss);
        assert!(value[0].is_nan() && value[1].is_nan() && value[2] == 0.0, "{distance:?}: {value:?}");
    }
    assert_eq!(single(&[1.0]).dtype(), DType::F32);
}

/// An ignored example is neither anchor nor positive nor negative: the others fare as if it were not there.
#[test]
fn hard_triplets_beside_ignored_examples() {
    let named = [0, 1, 9, 0, 2, 1, 9, 0];
    let kept = [0usize, 1, 3, 4, 5, 7];
    let labels = Labels::with_ignored(named, 3, 9).unwrap();
    let z = normal(3, [8, 4]);
    let part = z.index_select(0, Tensor::from(kept.map(|row| row as i64)));
    let alone = Labels::new(kept.map(|row| named[row]), 3).unwrap();
    for distance in [Distance::Euclidean, Distance::SquaredEuclidean, Distance::Manhattan, Distance::Cosine] {
        for margin in [Margin::Hard(0.5), Margin::Soft] {
            let options = BatchHardOptions { margin, distance };
            let found = values(&batch_hard_triplet(&z, &labels, options));
            let expected = values(&batch_hard_triplet(&part, &alone, options));
            assert_close_within("kept", &kept.map(|row| found[row]), &expected, 1e-14, 0.0);
            assert!(expected.iter().filter(|&&loss| loss > 0.0).count() >= 3, "{expected:?}");
            assert_eq!((found[2], found[6]), (0.0, 0.0));
        }
    }
}

/// More classes than f32 can tell apart.
#[test]
fn hard_triplets_of_very_many_classes() {
    let first = 1i64 << 24;
    let labels = Labels::new([first, first, first + 1], (1 << 24) + 2).unwrap();
    let z = singles(&[[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]]);
    let loss = batch_hard_triplet(&z, &labels, BatchHardOptions::default());
    assert_close_within("loss", &values(&loss), &[4.0, 6.0 - 13f64.sqrt(), 0.0], 1e-6, 0.0);
}
