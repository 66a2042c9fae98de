//! An index out of range behind and before random steps: whatever the graph is simplified to, it is refused where the reference refuses it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use minimand_tensor::{DType, Tensor, eval, grad, reference};
use proptest::prelude::*;

use super::build::{Builder, Entry, Numbers};

thread_local! { static EXPECTED: Cell<bool> = const { Cell::new(false) } }

/// The text of a panic, if there is one; nothing is printed.
fn panic_of(work: impl FnOnce()) -> Option<String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |information| {
            if !EXPECTED.get() {
                usual(information);
            }
        }));
    });
    EXPECTED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(false);
    let payload = outcome.err()?;
    let text = payload.downcast_ref::<String>().cloned();
    Some(text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
}

impl Builder<'_> {
    /// Positions along an axis of which one is none.
    fn misplaced(&mut self, shape: &[usize], size: usize) -> Option<Tensor> {
        let count: usize = shape.iter().product();
        if count == 0 || size == 0 {
            return None;
        }
        let mut positions: Vec<i64> = (0..count).map(|_| self.structure.below(size) as i64).collect();
        let wrong = [-1, -3, i64::MIN, i64::MAX, size as i64, size as i64 + 5][self.structure.below(6)];
        positions[self.structure.below(count)] = wrong;
        let positions = Tensor::from_vec(positions, shape);
        Some(match self.structure.below(3) {
            0 => positions.flip(self.axes(&positions).as_slice()),
            1 => positions.maximum(i64::MIN).unsqueeze(0).squeeze(0),
            _ => positions,
        })
    }

    /// Something picked or placed by it.
    fn misused(&mut self) -> Option<Tensor> {
        let mut x = self.any().tensor;
        let axis = self.axis(&x)?;
        let (along, size) = (axis as isize, x.shape()[axis]);
        let mut shape = x.shape().to_vec();
        if self.chance(2) {
            shape.iter_mut().for_each(|size| *size = 1);
        }
        let one = size > 0 && self.chance(2);
        shape[axis] = if one { 1 } else { size };
        Some(match self.structure.below(3) {
            0 => x.take_along_axis(along, self.misplaced(&shape, size)?),
            1 => {
                let count = 1 + self.structure.below(4);
                x.index_select(along, self.misplaced(&[count], size)?)
            }
            _ => {
                if one {
                    x = x.slice(along, ..1);
                }
                let length = 1 + self.structure.below(4);
                x.scatter_add(along, self.misplaced(&shape, length)?, length)
            }
        })
    }

    /// A step after which little or nothing of a value is needed.
    fn hidden(&mut self, x: &Tensor) -> Option<Tensor> {
        let axis = self.axis(x)?;
        let (along, size) = (axis as isize, x.shape()[axis]);
        Some(match self.structure.below(11) {
            0 | 1 => x.sum_axis(axis),
            2 => x.sum_axis(self.axes(x).as_slice()),
            3 => Tensor::concatenate([x, &x.zeros_like()], along).slice(along, size..),
            4 => x.pad(along, 0, 2).slice(along, size..),
            5 => x * 0.0,
            6 => x.zeros_like().lt(1).select(1, x),
            7 => x.slice(along, self.structure.below(size + 1)..),
            8 => x - x.clone(),
            9 => x.max_keepdim(axis).gt(x).cast(DType::F64),
            _ => x.gt(f64::INFINITY).select(x, -1),
        })
    }
}

pub(super) fn check(seed: u64, steps: usize) -> Result<(), TestCaseError> {
    // Nothing is scaled: that would compute it.
    let unscaled = vec![0; 64];
    let build = || {
        let mut builder = Builder::new(seed, Numbers::Of(DType::F64), seed ^ 1, Some(&unscaled));
        let made = builder.movement();
        builder.keep(made);
        let misused = builder.misused()?;
        // Half of what the steps take is behind the index.
        builder.pool.truncate(1);
        builder.keep(Some(Entry { tensor: misused.clone(), exact: true }));
        for _ in 0..steps {
            if builder.chance(2) {
                let last = builder.pool.last()?.tensor.clone();
                let made = builder.hidden(&last).map(|tensor| Entry { tensor, exact: false });
                builder.keep(made);
            } else {
                let made = builder.step();
                builder.keep(made);
            }
        }
        let results: Vec<Tensor> = builder.pool.iter().skip(1).map(|entry| entry.tensor.clone()).collect();
        let loss = results.iter().fold(Tensor::scalar(0.0f64), |sum, result| sum + result.sum());
        let gradients = grad(&loss, builder.leaves());
        Some(results.into_iter().chain(gradients).collect::<Vec<Tensor>>())
    };
    let Some(roots) = build() else { return Ok(()) };
    let again = build().expect("the same graph");
    for (root, same) in roots.iter().zip(&again) {
        if panic_of(|| drop(reference::evaluate(&[root]))).is_some() {
            let found = panic_of(|| eval([same])).unwrap_or_default();
            prop_assert!(found.contains("out of range"), "{found:?}: {}\n{}", same, root.explain());
        }
    }
    let found = panic_of(|| eval(&build().expect("the same graph"))).unwrap_or_default();
    let refused = roots.iter().any(|root| panic_of(|| drop(reference::evaluate(&[root]))).is_some());
    prop_assert!(!refused || found.contains("out of range"), "all at once: {found:?}");
    Ok(())
}
