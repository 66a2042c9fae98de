//! Losses of regions: what holds at the edges, and the traps into which other libraries fell.

mod common;

use common::{assert_close, assert_close_within, normal, values};
use minimand_loss::{
    ClDiceOptions, DiceOptions, DistanceMap, FocalTverskyOptions, HausdorffErosionOptions, Labels, LovaszClasses,
    TverskyOptions, active_contour, cl_dice, dice, dice_cross_entropy, dice_with_logits, focal_tversky,
    generalised_dice, hausdorff_erosion, jaccard, log_dice, log_jaccard, lovasz_hinge, lovasz_softmax, mcc,
    top_k_cross_entropy, tversky,
};
use minimand_tensor::{DType, Tensor};

/// One image of one class.
fn mask<const N: usize>(pixels: [f64; N]) -> Tensor {
    Tensor::from(pixels).reshape([1, N, 1])
}

fn smooth(smooth: f64) -> DiceOptions {
    DiceOptions { smooth, ..Default::default() }
}

type Region = (&'static str, fn(&Tensor, &Tensor) -> Tensor);

/// The overlap losses with `smooth` 1.
fn overlaps() -> [Region; 7] {
    [
        ("dice", |p, t| dice(p, t, DiceOptions::default())),
        ("squared dice", |p, t| dice(p, t, DiceOptions { squared: true, ..Default::default() })),
        ("log_dice", |p, t| log_dice(p, t, DiceOptions::default())),
        ("jaccard", |p, t| jaccard(p, t, 1.0)),
        ("log_jaccard", |p, t| log_jaccard(p, t, 1.0)),
        ("tversky", |p, t| tversky(p, t, TverskyOptions::default())),
        ("generalised_dice", |p, t| generalised_dice(p, t, 1.0)),
    ]
}

#[test]
fn trap_18_empty_masks() {
    let (empty, full) = (mask([0.0; 4]), mask([1.0; 4]));
    for (name, loss) in overlaps() {
        assert_close(name, &values(&loss(&empty, &empty)), &[0.0]);
        let found = loss(&full, &empty);
        assert!(found.item() > 0.6, "{name}: a region where there is none costs {found}");
        let slope = values(&found.sum().grad(&full));
        assert!(slope.iter().all(|&slope| slope > 0.0), "{name}: nothing pulls a false region down: {slope:?}");
    }
    assert_close("dice", &values(&dice(&full, &empty, smooth(1.0))), &[4.0 / 5.0]);
    // Without `smooth`: a defined value and no NaN.
    for (found, expected) in [
        (dice(&empty, &empty, smooth(0.0)), 0.0),
        (dice(&full, &empty, smooth(0.0)), 1.0),
        (log_dice(&empty, &empty, smooth(0.0)), 0.0),
        (log_dice(&full, &empty, smooth(0.0)), f64::INFINITY),
        (jaccard(&empty, &empty, 0.0), 0.0),
        (log_jaccard(&full, &empty, 0.0), f64::INFINITY),
        (generalised_dice(&empty, &empty, 0.0), 0.0),
    ] {
        assert_eq!(found.item(), expected);
        assert!(values(&found.sum().grad(&full)).iter().all(|slope| slope.is_finite()));
    }
}

#[test]
fn perfect_regions_cost_nothing_and_disjoint_ones_everything() {
    let (left, right) = (mask([1.0, 1.0, 0.0, 0.0]), mask([0.0, 0.0, 1.0, 1.0]));
    for (name, loss) in overlaps() {
        assert_eq!(loss(&left, &left).item(), 0.0, "{name}");
        assert!(values(&loss(&left, &left).sum().grad(&left)).iter().all(|slope| slope.is_finite()), "{name}");
    }
    for loss in [dice(&left, &right, smooth(0.0)), jaccard(&left, &right, 0.0)] {
        assert_eq!(loss.item(), 1.0);
    }
    // A prediction equal to a soft target.
    let soft = mask([0.3, 0.7]);
    assert_eq!(jaccard(&soft, &soft, 0.0).item(), 0.0);
}

#[test]
fn the_overlaps_are_functions_of_each_other() {
    let p = normal(1, [2, 6, 3]).sigmoid();
    let t = normal(2, [2, 6, 3]).gt(0).cast(DType::F64);
    let d = dice(&p, &t, smooth(1.0));
    let same = tversky(&p, &t, TverskyOptions { smooth: 0.5, ..Default::default() });
    assert_close("Tversky at one half", &values(&same), &values(&d));
    assert_close("log Dice", &values(&log_dice(&p, &t, smooth(1.0))), &values(&-(1.0 - &d).ln()));
    let d = dice(&p, &t, smooth(0.0));
    assert_close("Jaccard", &values(&jaccard(&p, &t, 0.0)), &values(&(2.0 * &d / (1.0 + &d))));
    let one = FocalTverskyOptions { alpha: 0.5, beta: 0.5, gamma: 1.0, smooth: 0.5 };
    assert_close("focal Tversky", &values(&focal_tversky(&p, &t, one)), &values(&same));
    let logits = normal(3, [2, 6, 1]);
    let t = t.slice(-1, 0..1);
    let by_hand = dice(&logits.sigmoid(), &t, smooth(1.0));
    assert_close("one class", &values(&dice_with_logits(&logits, &t, smooth(1.0))), &values(&by_hand));
}

/// Any number of pixel axes, in any layout.
#[test]
fn pixels_may_have_any_number_of_axes() {
    let p = normal(1, [2, 6, 3]).sigmoid();
    let t = normal(2, [2, 6, 3]).gt(0).cast(DType::F64);
    for (name, loss) in overlaps() {
        let flat = values(&loss(&p, &t));
        let image = loss(&p.reshape([2, 2, 3, 3]), &t.reshape([2, 2, 3, 3]));
        assert_close(name, &values(&image), &flat);
    }
    let pixel = loss_of_one_pixel();
    assert_close("no pixel axis", &values(&pixel), &[0.0]);
}

fn loss_of_one_pixel() -> Tensor {
    dice(&Tensor::from([[1.0]]), &Tensor::from([[1.0]]), smooth(0.0))
}

#[test]
fn focal_tversky_at_agreement_has_a_finite_gradient() {
    let region = mask([1.0, 0.0]);
    let loss = focal_tversky(&region, &region, FocalTverskyOptions::default());
    assert_eq!(loss.item(), 0.0);
    assert_eq!(values(&loss.sum().grad(&region)), [0.0, 0.0]);
}

/// A class that the image lacks weighs as the smallest it has, not 10⁷.
#[test]
fn generalised_dice_is_not_ruled_by_absent_classes() {
    let t = Tensor::from([[[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]);
    let p = Tensor::from([[[0.9, 0.05, 0.05], [0.9, 0.05, 0.05], [0.1, 0.8, 0.1]]]);
    // Weights 1/4, 1 and 1: common 1.8/4 + 0.8, sizes (1.9 + 2)/4 + 0.9 + 1 + 0.2.
    let expected = 1.0 - 2.0 * (0.45 + 0.8) / (3.9 / 4.0 + 1.9 + 0.2);
    assert_close("generalised_dice", &values(&generalised_dice(&p, &t, 0.0)), &[expected]);
}

#[test]
fn mcc_of_large_images_does_not_overflow() {
    // Four counts of 10¹⁰ each: their product is beyond f32.
    let t = Tensor::from([1.0f32, 1.0, 0.0, 0.0]).expand([4]).reshape([1, 4]);
    let p = Tensor::from([1.0f32, 0.0, 0.0, 1.0]).reshape([1, 4]);
    assert_close_within("mcc", &values(&mcc(&p, &t, 1e10)), &[1.0], 1e-6, 0.0);
    assert_close("agreement", &values(&mcc(&t, &t, 0.0)), &[0.0]);
    assert_close("opposition", &values(&mcc(&(1.0 - &t), &t, 0.0)), &[2.0]);
    let empty = t.zeros_like();
    let loss = mcc(&t, &empty, 0.0);
    assert_eq!(loss.item(), 1.0);
    assert!(values(&loss.sum().grad(&t)).iter().all(|slope| slope.is_finite()));
}

/// The Jaccard distance at the corners: Lovász's extension is the distance itself for errors 0 and 1.
#[test]
fn trap_17_lovasz_sorts_the_foreground() {
    // Four classes; certain predictions, of which one is wrong.
    let labels = Labels::new([0, 1, 2, 3, 3, 1], 4).unwrap().reshape([1, 6]);
    let predicted = Labels::new([0, 1, 2, 3, 1, 1], 4).unwrap();
    let logits = 1e4 * predicted.one_hot().cast(DType::F64).reshape([1, 6, 4]);
    let loss = lovasz_softmax(&logits, &labels, LovaszClasses::Present);
    // Class 1: two of three; class 3: one of two.
    assert_close("lovasz_softmax", &values(&loss), &[(1.0 / 3.0 + 1.0 / 2.0) / 4.0]);
    // The hinges are 0 or 2: twice the distance.
    let target = Tensor::from([[1.0, 1.0, 0.0, 0.0]]);
    let loss = lovasz_hinge(&Tensor::from([[1.0, -1.0, -1.0, 1.0]]), &target);
    assert_close("lovasz_hinge", &values(&loss), &[2.0 * 2.0 / 3.0]);
}

#[test]
fn lovasz_without_foreground_and_without_labels() {
    let logits = Tensor::from([[2.0, -0.5, 0.25]]);
    let loss = lovasz_hinge(&logits, &logits.zeros_like());
    assert_close("the greatest hinge", &values(&loss), &[3.0]);
    assert_close("its slope", &values(&loss.sum().grad(&logits)), &[1.0, 0.0, 0.0]);
    let logits = normal(5, [2, 3, 2]);
    let ignored = Labels::with_ignored([-1, -1, -1, 0, 1, -1], 2, -1).unwrap().reshape([2, 3]);
    for classes in [LovaszClasses::Present, LovaszClasses::All] {
        let loss = lovasz_softmax(&logits, &ignored, classes);
        assert_eq!(values(&loss)[0], 0.0);
        let slope = values(&loss.sum().grad(&logits));
        assert!(slope[..6].iter().all(|&slope| slope == 0.0) && slope[10..].iter().all(|&slope| slope == 0.0));
        let kept = Labels::new([0, 1], 2).unwrap().reshape([1, 2]);
        let without = lovasz_softmax(&logits.slice(0, 1..2).slice(1, 0..2), &kept, classes);
        assert_close("ignored pixels count nowhere", &values(&loss)[1..], &values(&without));
    }
}

#[test]
fn hausdorff_erosion_passes_over_thin_errors() {
    let target = Tensor::zeros([1, 5, 5, 1]).cast(DType::F64);
    let options = HausdorffErosionOptions::default();
    let mut thin = vec![0.0; 25];
    thin[12] = 1.0;
    let thin = Tensor::from_vec(thin, [1, 5, 5, 1]);
    assert_eq!(hausdorff_erosion(&thin, &target, options).sum().item(), 0.0);
    assert!(hausdorff_erosion(&target.full_like(1.0), &target, options).sum().item() > 1.0);
    assert_eq!(hausdorff_erosion(&target, &target, options).sum().item(), 0.0);
}

/// Against every pixel pair.
#[test]
fn distance_maps_are_exact() {
    let shape = [2, 5, 7, 2];
    let mask = normal(7, shape).gt(0.8).cast(DType::F64);
    let found = values(&DistanceMap::new(&mask).outside());
    let mask = values(&mask);
    let at = |batch: usize, row: usize, column: usize, class: usize| ((batch * 5 + row) * 7 + column) * 2 + class;
    let pixels: Vec<(usize, usize)> = (0..5).flat_map(|row| (0..7).map(move |column| (row, column))).collect();
    for (batch, class) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        for &(row, column) in &pixels {
            let foreground = pixels.iter().filter(|(r, c)| mask[at(batch, *r, *c, class)] > 0.5);
            let nearest = foreground
                .map(|&(r, c)| (row.abs_diff(r).pow(2) + column.abs_diff(c).pow(2)) as f64)
                .fold(f64::INFINITY, f64::min)
                .sqrt();
            assert_close("distance", &[found[at(batch, row, column, class)]], &[nearest]);
        }
    }
    let empty = DistanceMap::new(&Tensor::zeros([1, 3, 1]));
    assert_eq!(values(&empty.outside()), [f64::INFINITY; 3]);
    assert_eq!((values(&empty.signed()), values(&empty.field())), (vec![0.0; 3], vec![0.0; 3]));
    let full = DistanceMap::new(&Tensor::ones([1, 3, 1]));
    assert_eq!((values(&full.signed()), values(&full.field())), (vec![0.0; 3], vec![0.0; 3]));
}

#[test]
fn cl_dice_sees_a_gap() {
    let line = mask([1.0; 7]).reshape([1, 1, 7, 1]).pad(1, 1, 1);
    let options = ClDiceOptions { iterations: 2, smooth: 0.0 };
    assert_close("the same", &values(&cl_dice(&line, &line, options)), &[0.0]);
    let broken = mask([1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0]).reshape([1, 1, 7, 1]).pad(1, 1, 1);
    assert_close("broken", &values(&cl_dice(&broken, &line, options)), &[1.0 - 2.0 * (6.0 / 7.0) / (13.0 / 7.0)]);
    let empty = line.zeros_like();
    let loss = cl_dice(&empty, &line, options);
    assert_eq!(loss.item(), 1.0);
    assert!(values(&loss.sum().grad(&empty)).iter().all(|slope| slope.is_finite()));
}

#[test]
fn a_level_prediction_has_no_outline() {
    let level = Tensor::full([3, 4], 0.5).cast(DType::F64);
    let loss = active_contour(&level, &level.zeros_like(), 0.0);
    assert_eq!(loss.item(), 0.0);
    assert_eq!(values(&loss.grad(&level)), [0.0; 12]);
    let one = Tensor::from([[1.0], [0.0]]);
    assert_close("one column", &values(&active_contour(&one, &one, 1.0)), &[0.0]);
}

#[test]
fn ignored_pixels_count_nowhere() {
    let logits = normal(4, [2, 4, 3]);
    let labels = Labels::with_ignored([0, 9, 2, 9, 9, 9, 9, 9], 3, 9).unwrap().reshape([2, 4]);
    let kept = Labels::new([0, 2], 3).unwrap().reshape([1, 2]);
    let only = Tensor::stack([&logits.at(0, 0).at(0, 0), &logits.at(0, 0).at(0, 2)], 0).reshape([1, 2, 3]);
    for (found, expected) in [
        (
            dice_cross_entropy(&logits, &labels, Default::default()),
            dice_cross_entropy(&only, &kept, Default::default()),
        ),
        (top_k_cross_entropy(&logits, &labels, 0.5), top_k_cross_entropy(&only, &kept, 0.5)),
    ] {
        assert_close("loss", &values(&found), &[expected.item(), 0.0]);
        let slope = values(&found.sum().grad(&logits));
        assert!(slope[12..].iter().all(|&slope| slope == 0.0), "{slope:?}");
    }
}

/// What a panic says, which must name a line of this file.
fn message(run: impl FnOnce() -> Tensor) -> String {
    let panic = common::panic_of(run);
    assert!(panic.file.ends_with(file!()) || file!().ends_with(&panic.file), "{}", panic.file);
    panic.message
}

#[test]
fn wrong_shapes_panic_at_the_caller() {
    let p = normal(1, [2, 3, 2]).sigmoid();
    let found = message(|| dice(&p, &p.at(0, 0), DiceOptions::default()));
    assert_eq!(found, "dice: prediction [2, 3, 2] and target [3, 2] must have the same shape");
    let found = message(|| dice(&p.flatten(), &p.flatten(), DiceOptions::default()));
    assert_eq!(found, "dice: prediction [12] must have the axes [batch, pixels…, classes]");
    let found = message(|| jaccard(&p, &p, -1.0));
    assert_eq!(found, "jaccard: smooth is -1 and must not be below 0");
    let found = message(|| hausdorff_erosion(&p.at(0, 0), &p.at(0, 0), Default::default()));
    assert_eq!(found, "hausdorff_erosion: prediction [3, 2] must have the axes [batch, pixels…, classes]");
}
