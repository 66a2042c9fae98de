//! Strided and converted operands, brought into a register.

use smallvec::SmallVec;

use crate::dtype::Element;
use crate::exec::pass::kernels::Lane;
use crate::op::Real;
use crate::plan::Load;
use crate::storage::Storage;

/// Entries `position..` of an operand, in the order of the loop.
pub(super) fn load<T: Lane>(load: &Load, storage: &Storage, position: usize, out: &mut [T]) {
    match storage {
        Storage::Bool(values) => {
            walk(load, values, position, out, |value| if value { <T as Real>::ONE } else { <T as Real>::ZERO })
        }
        Storage::I64(values) => walk(load, values, position, out, |value| T::narrow(value as f64)),
        Storage::F32(values) => walk(load, values, position, out, |value| T::narrow(f64::from(value))),
        Storage::F64(values) => walk(load, values, position, out, T::narrow),
    }
}

#[inline(always)]
fn walk<S: Element, T: Lane>(load: &Load, values: &[S], position: usize, out: &mut [T], convert: impl Fn(S) -> T) {
    // The index of the first entry: innermost axis first.
    let mut index: SmallVec<[usize; 4]> = SmallVec::new();
    let mut left = position;
    let mut start = load.offset;
    for &(size, stride) in &load.steps {
        index.push(left % size);
        start += (left % size) as isize * stride;
        left /= size;
    }
    let (length, stride) = load.steps[0];
    let mut out = out;
    while !out.is_empty() {
        let run = (length - index[0]).min(out.len());
        let (now, later) = out.split_at_mut(run);
        match stride {
            0 => now.fill(convert(values[start as usize])),
            1 => {
                for (to, &value) in now.iter_mut().zip(&values[start as usize..start as usize + run]) {
                    *to = convert(value);
                }
            }
            _ => {
                for (k, to) in now.iter_mut().enumerate() {
                    *to = convert(values[(start + k as isize * stride) as usize]);
                }
            }
        }
        out = later;
        // On to the next run: the innermost axis starts again, and the others count.
        start -= index[0] as isize * stride;
        index[0] = 0;
        for axis in 1..load.steps.len() {
            let (size, stride) = load.steps[axis];
            index[axis] += 1;
            start += stride;
            if index[axis] < size {
                break;
            }
            index[axis] = 0;
            start -= size as isize * stride;
        }
    }
}
