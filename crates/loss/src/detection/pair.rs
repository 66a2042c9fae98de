//! Two boxes: their sizes, what they share, and the box that encloses both.

use minimand_tensor::Tensor;

use crate::shape::same_shape;

/// A box: left, top, right, bottom, each of the shape of the loss.
struct Corners {
    left: Tensor,
    top: Tensor,
    right: Tensor,
    bottom: Tensor,
}

impl Corners {
    fn of(boxes: &Tensor) -> Corners {
        let [left, top, right, bottom] = [0, 1, 2, 3].map(|edge| boxes.at(-1, edge));
        Corners { left, top, right, bottom }
    }
}

/// A quotient of which 0/0 is 0, with gradient 0.
fn quotient(numerator: &Tensor, denominator: &Tensor) -> Tensor {
    numerator / denominator.eq(0).select(1, denominator)
}

/// A predicted box and the true one.
pub(super) struct Pair {
    /// Of the prediction.
    pub(super) width: Tensor,
    /// Of the prediction.
    pub(super) height: Tensor,
    /// Of the target.
    pub(super) target_width: Tensor,
    /// Of the target.
    pub(super) target_height: Tensor,
    /// From the target's centre to that of the prediction.
    pub(super) across: Tensor,
    /// From the target's centre to that of the prediction.
    pub(super) down: Tensor,
    /// Of the box that encloses both.
    pub(super) outer_width: Tensor,
    /// Of the box that encloses both.
    pub(super) outer_height: Tensor,
    /// The area that both cover.
    pub(super) intersection: Tensor,
    /// The area that exactly one covers.
    pub(super) apart: Tensor,
    /// Squared distances of the corners: left and top, right and bottom.
    pub(super) corners: Tensor,
    identical: Tensor,
}

impl Pair {
    #[track_caller]
    pub(super) fn of(loss: &str, prediction: &Tensor, target: &Tensor) -> Pair {
        same_shape(loss, prediction, target);
        let shape = prediction.shape();
        assert!(shape.last() == Some(&4), "{loss}: prediction {shape} must hold boxes: a last axis of 4 edges");
        let (p, t) = (Corners::of(prediction), Corners::of(target));
        let (width, height) = (&p.right - &p.left, &p.bottom - &p.top);
        let (target_width, target_height) = (&t.right - &t.left, &t.bottom - &t.top);
        let (left, top) = (&p.left - &t.left, &p.top - &t.top);
        let (right, bottom) = (&p.right - &t.right, &p.bottom - &t.bottom);
        let common_width = (p.right.minimum(&t.right) - p.left.maximum(&t.left)).relu();
        let common_height = (p.bottom.minimum(&t.bottom) - p.top.maximum(&t.top)).relu();
        let intersection = common_width * common_height;
        let areas = &width * &height + &target_width * &target_height;
        Pair {
            across: 0.5 * (&left + &right),
            down: 0.5 * (&top + &bottom),
            outer_width: p.right.maximum(&t.right) - p.left.minimum(&t.left),
            outer_height: p.bottom.maximum(&t.bottom) - p.top.minimum(&t.top),
            apart: areas - 2.0 * &intersection,
            identical: left.eq(0) & top.eq(0) & right.eq(0) & bottom.eq(0),
            corners: left.square() + top.square() + right.square() + bottom.square(),
            width,
            height,
            target_width,
            target_height,
            intersection,
        }
    }

    /// `1 − IoU`: 0 for identical boxes, with or without an area; 1 for others without an area.
    pub(super) fn distance(&self) -> Tensor {
        let union = &self.intersection + &self.apart;
        let void = union.eq(0) & self.identical.logical_not();
        void.select(1, quotient(&self.apart, &union))
    }

    /// The share of the enclosing box that neither covers.
    pub(super) fn emptiness(&self) -> Tensor {
        let outer = &self.outer_width * &self.outer_height;
        quotient(&(&outer - &self.intersection - &self.apart), &outer)
    }

    /// Squared distance of the centres.
    pub(super) fn centres(&self) -> Tensor {
        self.across.square() + self.down.square()
    }

    /// Squared diagonal of the enclosing box.
    pub(super) fn diagonal(&self) -> Tensor {
        self.outer_width.square() + self.outer_height.square()
    }

    /// Squared distance of the centres over the squared diagonal.
    pub(super) fn displacement(&self) -> Tensor {
        quotient(&self.centres(), &self.diagonal())
    }

    /// The difference of the widths, and that of the heights, from the target to the prediction.
    pub(super) fn growth(&self) -> [Tensor; 2] {
        [&self.width - &self.target_width, &self.height - &self.target_height]
    }

    /// `ln IoU`, exact near IoU = 1, and whether it is −∞, where 0 stands for it.
    pub(super) fn log_overlap(&self) -> (Tensor, Tensor) {
        let disjoint = self.intersection.eq(0);
        let ratio = &self.apart / disjoint.select(1, &self.intersection);
        let logarithm = -disjoint.select(0, ratio).ln_1p();
        (logarithm, disjoint & self.identical.logical_not())
    }
}

/// `(a/b)²`, of which 0/0 is 0.
pub(super) fn squared_ratio(a: &Tensor, b: &Tensor) -> Tensor {
    quotient(a, b).square()
}

/// `a/b`, of which 0/0 is 0.
pub(super) fn ratio(a: &Tensor, b: &Tensor) -> Tensor {
    quotient(a, b)
}
