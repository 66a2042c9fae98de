//! Finding the operation that made a number NaN or infinite.

use crate::eval::{in_order, literal};
use crate::tensor::Tensor;
use minimand_engine::{self as engine, NonFinite, Provenance};

/// The operation, forward or backward, that made the first number that is not finite among the values of these tensors, in their order: its line,
/// its operands there, and the way to it. `None` where all are finite; infinities that are masked away on the way are not met. All that the
/// tensors are made of is computed anew and held at once; nothing of it is kept.
///
/// ```
/// use minimand_tensor::{Tensor, find_non_finite};
/// let x = Tensor::from([3.0, -1.5, 0.5]).named("x");
/// let found = find_non_finite([&(&x - 0.5).ln().mean()]).unwrap(); // of a negative number, and of 0
/// assert_eq!((found.at.operation, found.operands[0].of.value), ("ln", -2.0));
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
