//! Finding the operation that made a number NaN or infinite.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::eval::{in_order, literal};
use crate::tensor::Tensor;
use minimand_engine::{self as engine, NonFinite, Provenance};

static CHECKED: AtomicBool = AtomicBool::new(false);

/// The operation, forward or backward, that made the first number that is not finite among the values of these tensors, looked at in their order:
/// with its line, its operands there, and the way to it; `None` where all are finite. Infinities that are masked away on the way are not met.
///
/// All that the tensors are made of is computed anew and held at once. Nothing of it is kept.
///
/// ```
/// use minimand_tensor::{Tensor, find_non_finite};
/// let x = Tensor::from([3.0, -1.5, 0.5]).named("x");
/// let loss = (&x - 0.5).ln().mean(); // of a negative number, and of 0
/// let found = find_non_finite([&loss]).unwrap();
/// assert_eq!((found.at.operation, found.flawed), ("ln", [1, 1]));
/// assert_eq!((found.reason.as_str(), found.operands[0].of.value), ("a negative number", -2.0));
/// assert!(found.to_string().contains("NaN in 1 of 3, from a negative number"));
/// ```
#[doc(alias("detect_anomaly", "debug_nans", "isnan"))]
pub fn find_non_finite<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) -> Option<NonFinite> {
    found(&tensors.into_iter().collect::<Vec<_>>()).map(|(_, found)| found)
}

/// With the number of the node.
pub(crate) fn found(wanted: &[&Tensor]) -> Option<(u64, NonFinite)> {
    let nodes = in_order(wanted, |_| false);
    let known = |node: &&Tensor| Provenance { name: node.name(), derived: node.0.derived };
    let found = engine::find_non_finite(&literal(wanted, &nodes), &nodes.iter().map(known).collect::<Vec<_>>())?;
    Some((nodes[found.instruction as usize].id(), found))
}

/// Whether every evaluation checks what it gives, and panics with what [`find_non_finite`] finds where a number is not finite; off at first, and
/// without cost then. For the hunt: what is meant to be infinite is refused as well, and a step that an optimizer would refuse ends the program.
///
/// ```should_panic
/// use minimand_tensor::{Tensor, check_finite};
/// check_finite(true);
/// Tensor::from(-1.0).sqrt().item();
/// ```
#[doc(alias = "set_detect_anomaly")]
pub fn check_finite(on: bool) {
    CHECKED.store(on, Ordering::Relaxed);
}

/// Panics with what is found, if that is asked for.
#[track_caller]
pub(crate) fn check(find: impl FnOnce() -> Option<NonFinite>) {
    if CHECKED.load(Ordering::Relaxed)
        && let Some(found) = find()
    {
        panic!("{found}");
    }
}
