//! Losses of boxes: what holds at the edges, and the trap into which another library fell.

mod common;

use common::{assert_close, values};
use minimand_loss::{
    Assignment, BoxError, Boxes, DetrOptions, Labels, alpha_iou, ciou, detr, diou, distribution_focal, eiou, giou,
    heatmap_focal, iou, log_iou, mpd_iou, oks_keypoint, quality_focal, siou, varifocal, wise_iou,
};
use minimand_tensor::{DType, Rng, Tensor, grad};

type OfBoxes = (&'static str, fn(&Tensor, &Tensor) -> Tensor);

fn losses() -> [OfBoxes; 10] {
    [
        ("iou", iou),
        ("log_iou", log_iou),
        ("giou", giou),
        ("diou", diou),
        ("ciou", ciou),
        ("eiou", eiou),
        ("siou", |p, t| siou(p, t, 4.0)),
        ("mpd_iou", |p, t| mpd_iou(p, t, 10.0, 10.0)),
        ("alpha_iou", |p, t| alpha_iou(p, t, 3.0)),
        ("wise_iou", wise_iou),
    ]
}

/// Boxes with an area, a line in either direction, and a point.
const SHAPES: [[f64; 4]; 4] = [[0.1, 0.2, 0.7, 0.9], [0.1, 0.2, 0.1, 0.9], [0.1, 0.2, 0.7, 0.2], [0.3, 0.3, 0.3, 0.3]];

#[test]
fn identical_boxes_cost_exactly_nothing() {
    for dtype in [DType::F32, DType::F64] {
        let boxes = Tensor::from(SHAPES).cast(dtype).computed().detach();
        for (name, loss) in losses() {
            assert_eq!(values(&loss(&boxes, &boxes)), [0.0; 4], "{name}");
        }
    }
}

#[test]
fn trap_24_boxes_without_a_size() {
    let (mut predictions, mut targets) = (Vec::new(), Vec::new());
    for prediction in SHAPES {
        for target in SHAPES {
            for offset in [0.0, 0.3, 1e4] {
                predictions.push(prediction.map(|edge| edge + offset));
                targets.push(target);
            }
        }
    }
    for dtype in [DType::F32, DType::F64] {
        let boxes =
            |rows: &Vec<[f64; 4]>| Tensor::from_vec(rows.concat(), [rows.len(), 4]).cast(dtype).computed().detach();
        let (p, t) = (boxes(&predictions), boxes(&targets));
        for (name, loss) in losses() {
            let found = loss(&p, &t);
            let regular = |value: &f64| value.is_finite() || (name == "log_iou" && *value == f64::INFINITY);
            assert!(values(&found).iter().all(regular), "{name}: {found}");
            for slope in grad(&found.sum(), [&p, &t]) {
                let slope = values(&slope);
                assert!(slope.iter().all(|slope| slope.is_finite()), "{name}: {slope:?}");
            }
        }
    }
    let none = Tensor::zeros([0, 4]);
    for (name, loss) in losses() {
        assert_eq!(loss(&none, &none).sum().item(), 0.0, "{name}");
    }
}

#[test]
fn disjoint_boxes() {
    let (p, t) = (Tensor::from([[0.0, 0.0, 1.0, 1.0]]), Tensor::from([[3.0, 0.0, 4.0, 1.0]]));
    for (loss, expected) in [
        (iou(&p, &t), 1.0),
        (log_iou(&p, &t), f64::INFINITY),
        (giou(&p, &t), 1.0 + 2.0 / 4.0),
        (diou(&p, &t), 1.0 + 9.0 / 17.0),
        (ciou(&p, &t), 1.0 + 9.0 / 17.0),
        (alpha_iou(&p, &t, 0.5), 1.0),
    ] {
        assert_close("disjoint", &values(&loss), &[expected]);
    }
    // What draws them together.
    assert!(values(&giou(&p, &t).sum().grad(&p))[2] < 0.0 && values(&diou(&p, &t).sum().grad(&p))[2] < 0.0);
    assert_eq!(values(&iou(&p, &t).sum().grad(&p)), [0.0; 4]);
    assert_eq!(values(&log_iou(&p, &t).sum().grad(&p)), [0.0; 4]);
}

/// Both ways round, moved and enlarged.
#[test]
fn the_measures_are_symmetric_and_scale() {
    let (p, t) = (Tensor::from([[0.0, 0.0, 2.0, 1.0]]), Tensor::from([[1.0, 0.25, 2.5, 3.0]]));
    for (name, loss) in losses().into_iter().filter(|(name, _)| *name != "mpd_iou") {
        let found = values(&loss(&p, &t));
        assert_close(name, &values(&loss(&t, &p)), &found);
        assert_close(name, &values(&loss(&(8.0 * &p + 16.0), &(8.0 * &t + 16.0))), &found);
    }
}

#[test]
fn the_weight_of_the_aspect_ratio_is_held_fixed() {
    let (p, t) = (Tensor::from([[0.0, 0.0, 2.0, 2.0]]), Tensor::from([[0.0, 0.0, 2.0, 1.0]]));
    // Square against 2 : 1: v = 4/π² (atan 2 − π/4)², α = v/(½ + v).
    let turn = 2.0f64.atan() - std::f64::consts::FRAC_PI_4;
    let v = 4.0 / std::f64::consts::PI.powi(2) * turn * turn;
    let alpha = v / (0.5 + v);
    assert_close("value", &values(&(ciou(&p, &t) - diou(&p, &t))), &[alpha * v]);
    // ∂v/∂(left, top, right, bottom) by the angle atan2(w, h), whose derivatives are h/(w² + h²) and −w/(w² + h²).
    let slope = -8.0 / std::f64::consts::PI.powi(2) * turn * alpha * 2.0 / 8.0;
    let found = values(&(ciou(&p, &t) - diou(&p, &t)).sum().grad(&p));
    assert_close("gradient", &found, &[-slope, slope, slope, -slope]);
}

#[test]
fn scores_at_the_ends() {
    let logits = Tensor::from([1e4f32, -1e4, 1e4, -1e4, 0.0]);
    let target = Tensor::from([1.0f32, 0.0, 0.0, 1.0, 0.5]);
    for (name, loss) in [
        ("quality_focal", quality_focal(&logits, &target, 0.5)),
        ("varifocal", varifocal(&logits, &target, Default::default())),
        ("heatmap_focal", heatmap_focal(&logits, &target, Default::default())),
    ] {
        let (found, slope) = (values(&loss), values(&loss.sum().grad(&logits)));
        assert_eq!(found[..2], [0.0, 0.0], "{name}");
        assert!(found[2] >= 7e3 && found[3] >= 1e4, "{name}: {found:?}");
        assert!(slope.iter().all(|slope| slope.is_finite()), "{name}: {slope:?}");
    }
    let half = quality_focal(&Tensor::from([0.0]), &Tensor::from([0.5]), 0.5);
    assert_eq!(half.item(), 0.0);
}

#[test]
fn distribution_focal_at_its_ends() {
    let logits = Tensor::from([[1.0, 2.0, 0.5], [1.0, 2.0, 0.5], [1.0, 2.0, 0.5]]);
    let found = values(&distribution_focal(&logits, &Tensor::from([0.0, 2.0, 7.0])));
    let log_p = values(&-logits.log_softmax(-1));
    assert_close("whole targets", &found, &[log_p[0], log_p[5], log_p[8]]);
}

#[test]
fn no_visible_key_point_is_no_loss() {
    let points = Tensor::full([1, 2, 2], f64::NAN).cast(DType::F64);
    let (area, falloff) = (Tensor::from([1.0]), Tensor::from([0.1, 0.1]));
    let loss = oks_keypoint(&points, &points, &Tensor::from([[false, false]]), &area, &falloff);
    assert_eq!(loss.item(), 0.0);
    assert_eq!(values(&loss.sum().grad(&points)), [0.0; 4]);
}

/// Against all permutations.
#[test]
fn assignments_are_the_cheapest() {
    fn cheapest(cost: &[f64], columns: usize, row: usize, rows: usize, taken: &mut Vec<bool>) -> f64 {
        if row == rows {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for column in 0..columns {
            if !taken[column] {
                taken[column] = true;
                best = best.min(cost[row * columns + column] + cheapest(cost, columns, row + 1, rows, taken));
                taken[column] = false;
            }
        }
        best
    }
    let mut rng = Rng::seed(3);
    for (rows, columns) in [(1, 1), (2, 5), (4, 4), (5, 6), (6, 6)] {
        for _ in 0..20 {
            // Halves, so that there are ties.
            let numbers: Vec<f64> = (0..rows * columns).map(|_| (rng.normal() * 4.0).round() / 2.0).collect();
            let cost = Tensor::from_vec(numbers.clone(), [rows, columns]);
            let found = Assignment::least(&cost);
            let total: f64 = found.pairs().iter().map(|&(row, column)| numbers[row * columns + column]).sum();
            let least = cheapest(&numbers, columns, 0, rows, &mut vec![false; columns]);
            assert_close("total", &[total], &[least]);
            assert_eq!(found.rows(), (0..rows).collect::<Vec<_>>());
            let turned: Vec<(usize, usize)> = Assignment::least(&cost.transpose()).pairs().to_vec();
            let total: f64 = turned.iter().map(|&(column, row)| numbers[row * columns + column]).sum();
            assert_close("transposed", &[total], &[least]);
        }
    }
    assert!(Assignment::least(&Tensor::zeros([3, 0])).pairs().is_empty());
    let forbidden = Tensor::from([[1.0, f64::INFINITY], [0.0, 5.0]]);
    assert_eq!(Assignment::least(&forbidden).pairs(), [(0, 0), (1, 1)]);
}

#[test]
fn an_image_without_objects_has_only_the_cross_entropy() {
    let logits = Tensor::from([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]);
    let boxes = Tensor::from([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5]]);
    let none = Labels::new::<i64>([], 2).unwrap();
    let loss = detr(&logits, &boxes, &none, &Tensor::zeros([0, 4]).cast(DType::F64), DetrOptions::default());
    assert_close("detr", &[loss.item()], &[3.0f64.ln()]);
    assert_eq!(values(&loss.grad(&boxes)), [0.0; 8]);
}

/// The order of the objects does not matter, nor that of the queries.
#[test]
fn detr_is_a_loss_of_sets() {
    let logits = common::normal(1, [4, 3]);
    let boxes = Tensor::from([[0.0, 0.0, 0.5, 0.5], [0.4, 0.4, 1.0, 1.0], [0.1, 0.5, 0.3, 0.9], [0.2, 0.2, 0.9, 0.4]]);
    let objects = Tensor::from([[0.0, 0.1, 0.5, 0.6], [0.2, 0.5, 0.3, 0.8]]);
    let loss = |logits: &Tensor, boxes: &Tensor, labels: [i64; 2], objects: &Tensor| {
        detr(logits, boxes, &Labels::new(labels, 2).unwrap(), objects, DetrOptions::default()).item()
    };
    let found = loss(&logits, &boxes, [0, 1], &objects);
    assert_close("objects", &[loss(&logits, &boxes, [1, 0], &objects.flip(0))], &[found]);
    assert_close("queries", &[loss(&logits.flip(0), &boxes.flip(0), [0, 1], &objects)], &[found]);
}

#[test]
fn boxes_name_the_row_and_the_value() {
    let reversed = BoxError::Reversed { row: 1, first: "top", start: 2.0, second: "bottom", end: 1.0 };
    assert_eq!(Boxes::new([[0.0; 4], [0.0, 2.0, 1.0, 1.0]]).unwrap_err(), reversed);
    let error = Boxes::new([[0.0, f64::NAN, 1.0, 1.0]]).unwrap_err();
    assert_eq!(error.to_string(), "the box in row 0 has NaN as its top, which is not finite");
    let error = Boxes::from_sizes([[0.0, 0.0, -1.0, 1.0]]).unwrap_err();
    assert_eq!(error.to_string(), "the box in row 0 has the width -1, which is below 0");
    assert_eq!(values(Boxes::from_sizes([[1.0, 2.0, 3.0, 4.0]]).unwrap().tensor()), [1.0, 2.0, 4.0, 6.0]);
    assert!(Boxes::new([]).unwrap().is_empty());
}

/// What a panic says, which must name a line of this file.
fn message(run: impl FnOnce() -> Tensor) -> String {
    let panic = common::panic_of(run);
    assert!(panic.file.ends_with(file!()) || file!().ends_with(&panic.file), "{}", panic.file);
    panic.message
}

#[test]
fn wrong_shapes_panic_at_the_caller() {
    let boxes = Tensor::from(SHAPES);
    let found = message(|| giou(&boxes, &boxes.at(0, 0)));
    assert_eq!(found, "giou: prediction [4, 4] and target [4] must have the same shape");
    let three = boxes.slice(-1, 0..3);
    let found = message(|| ciou(&three, &three));
    assert_eq!(found, "ciou: prediction [4, 3] must hold boxes: a last axis of 4 edges");
}
