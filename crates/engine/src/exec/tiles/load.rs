//! Strided and converted operands, brought into a register.

use smallvec::SmallVec;

use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::tiles::kernels::Lane;
use crate::op::Real;
use crate::plan::Load;
use crate::storage::Element;
use crate::storage::Storage;

/// Entries brought at a time: a short run is brought with those behind it, which the next run overwrites.
const WIDTH: usize = 16;
/// Runs from this length on are brought entry by entry, which the compiler makes vectors of.
const LONG: usize = 4 * WIDTH;

/// Entries `position..` of an operand, in the order of the loop.
pub(super) fn load<T: Lane>(level: Level, load: &Load, storage: &Storage, position: usize, out: &mut [T]) {
    match storage {
        Storage::Bool(values) => {
            walk(level, load, values, position, out, |value| if value { <T as Real>::ONE } else { <T as Real>::ZERO })
        }
        Storage::I64(values) => walk(level, load, values, position, out, T::from_i64),
        Storage::F32(values) => walk(level, load, values, position, out, |value| T::narrow(f64::from(value))),
        Storage::F64(values) => walk(level, load, values, position, out, T::narrow),
    }
}

#[inline(always)]
fn walk<S: Element, T: Lane>(
    level: Level,
    load: &Load,
    values: &[S],
    position: usize,
    out: &mut [T],
    convert: impl Fn(S) -> T,
) {
    let (steps, offset, convert) = (&load.steps[..], load.offset, &convert);
    // Very short runs are taken together with the axis around them.
    let group = match steps {
        &[(size @ 2..=4, _), _, ..] if position.is_multiple_of(size) && out.len().is_multiple_of(size) => size,
        _ => 1,
    };
    let path = if group == 1 {
        Path { steps, offset, position, inner: 0 }
    } else {
        Path { steps: &steps[1..], offset, position: position / group, inner: steps[0].1 }
    };
    match group {
        2 => level.run(Walk { path, values, out: out.as_chunks_mut::<2>().0, convert }),
        3 => level.run(Walk { path, values, out: out.as_chunks_mut::<3>().0, convert }),
        4 => level.run(Walk { path, values, out: out.as_chunks_mut::<4>().0, convert }),
        _ => level.run(Walk { path, values, out: out.as_chunks_mut::<1>().0, convert }),
    }
}

/// How a walk goes from one group of entries to the next.
struct Path<'a> {
    steps: &'a [(usize, isize)],
    offset: isize,
    /// The number of the group that it begins with.
    position: usize,
    /// How far apart the entries of a group are.
    inner: isize,
}

/// Brings groups of `N` entries.
struct Walk<'a, S, T, F, const N: usize> {
    path: Path<'a>,
    values: &'a [S],
    out: &'a mut [[T; N]],
    convert: &'a F,
}

impl<S: Copy, T: Copy, F: Fn(S) -> T, const N: usize> Kernel for Walk<'_, S, T, F, N> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Walk { path: Path { steps, offset, position, inner }, values, out, convert } = self;
        let (length, stride) = steps[0];
        let (count, step) = steps.get(1).copied().unwrap_or((1, 0));
        let outer = steps.get(2..).unwrap_or_default();
        // Where it begins: along the innermost axis, the one around it, and the others.
        let mut first = position % length;
        let mut number = position / length % count;
        let mut left = position / length / count;
        let mut start = offset;
        let mut index: SmallVec<[usize; 4]> = SmallVec::new();
        for &(size, stride) in outer {
            index.push(left % size);
            start += (left % size) as isize * stride;
            left /= size;
        }
        let mut at = 0;
        // Loops and no closures: only what is inlined is compiled for the level. Vectors are complete before they are written, so that they
        // are shuffled, not put together entry by entry.
        while at < out.len() {
            while number < count && at < out.len() {
                let run = (length - first).min(out.len() - at);
                let from = (start + number as isize * step + first as isize * stride) as usize;
                let to = &mut out[at..];
                let ahead = &values[from..];
                if N == 1 && stride == 1 && run >= LONG {
                    // A plain loop: in vectors of sixteen, conversions to another size would be taken apart lane by lane.
                    for (to, &value) in to[..run].iter_mut().zip(ahead) {
                        *to = [convert(value); N];
                    }
                    at += run;
                    first = 0;
                    number += 1;
                    continue;
                }
                // Whole vectors, if there is something behind the run to read and to write; otherwise, without the last of them.
                let reach = match (N, inner, stride) {
                    (1, _, 0) | (_, 0, 0) => Some(0),
                    (1, _, 1) | (_, 0, 1) => Some(1),
                    (1, _, 2) => Some(2),
                    _ => None,
                };
                let whole = run.next_multiple_of(WIDTH);
                let wide = match reach {
                    Some(reach) if whole <= to.len() && whole * reach <= ahead.len() => whole,
                    Some(_) => whole - WIDTH,
                    None => 0,
                };
                let vectors = to[..wide].as_chunks_mut::<WIDTH>().0;
                match reach {
                    Some(0) => vectors.fill([[convert(ahead[0]); N]; WIDTH]),
                    Some(1) => {
                        for (to, ahead) in vectors.iter_mut().zip(ahead.as_chunks::<WIDTH>().0) {
                            let ahead = *ahead;
                            let mut vector = [[convert(ahead[0]); N]; WIDTH];
                            for lane in 0..WIDTH {
                                vector[lane] = [convert(ahead[lane]); N];
                            }
                            *to = vector;
                        }
                    }
                    Some(_) => {
                        for (to, ahead) in vectors.iter_mut().zip(ahead.as_chunks::<{ 2 * WIDTH }>().0) {
                            let ahead = *ahead;
                            let mut vector = [[convert(ahead[0]); N]; WIDTH];
                            for lane in 0..WIDTH {
                                vector[lane] = [convert(ahead[2 * lane]); N];
                            }
                            *to = vector;
                        }
                    }
                    None => {}
                }
                for k in wide..run {
                    let group = from as isize + k as isize * stride;
                    for (entry, to) in to[k].iter_mut().enumerate() {
                        *to = convert(values[(group + entry as isize * inner) as usize]);
                    }
                }
                at += run;
                first = 0;
                number += 1;
            }
            // On to the next run that is not reached by counting.
            number = 0;
            for (index, &(size, stride)) in index.iter_mut().zip(outer) {
                *index += 1;
                start += stride;
                if *index < size {
                    break;
                }
                *index = 0;
                start -= size as isize * stride;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::DType;
    use crate::plan::Advance;

    /// Entry by entry, each at its own position.
    fn expected(load: &Load, values: &[f32], position: usize, count: usize) -> Vec<f32> {
        let entry = |number: usize| {
            let mut left = number;
            let mut at = load.offset;
            for &(size, stride) in &load.steps {
                at += (left % size) as isize * stride;
                left /= size;
            }
            values[at as usize]
        };
        (position..position + count).map(entry).collect()
    }

    fn check(steps: &[(usize, isize)]) {
        let entries: usize = steps.iter().map(|&(size, _)| size).product();
        let reach = |sign: isize| -> isize {
            steps.iter().map(|&(size, stride)| (size as isize - 1) * stride).filter(|by| by * sign > 0).sum()
        };
        // Nothing lies before the first entry or behind the last.
        let offset = -reach(-1);
        let values: Vec<f32> = (0..offset + reach(1) + 1).map(|at| at as f32 + 0.5).collect();
        let spec = Load { value: 0, dtype: DType::F32, offset, steps: steps.into(), advance: Advance::Full };
        let storage = Storage::F32(values.clone().into());
        for &level in Level::available() {
            for position in [0, 1, 2, 3, 4, 12, entries / 2] {
                for count in [1, 2, 4, 12, 33, 48, entries] {
                    let count = count.min(entries.saturating_sub(position));
                    let wanted = expected(&spec, &values, position, count);
                    let mut single = vec![f32::NAN; count];
                    load(level, &spec, &storage, position, &mut single);
                    assert_eq!(single, wanted, "{steps:?} from {position}, {}", level.name());
                    let mut double = vec![f64::NAN; count];
                    load(level, &spec, &storage, position, &mut double);
                    assert!(double.iter().zip(&wanted).all(|(&found, &wanted)| found == f64::from(wanted)));
                }
            }
        }
    }

    #[test]
    fn every_walk_brings_the_entries_that_its_steps_name() {
        for length in [1, 5, 7, 14, 16, 17, 32, 40] {
            for stride in [0, 1, 2, 3, -1, -2] {
                check(&[(length, stride)]);
                check(&[(length, stride), (3, 90), (2, 0), (2, 300)]);
                for group in [2, 3, 4] {
                    for inner in [0, 1, 5, -1] {
                        check(&[(group, inner), (length, stride)]);
                        check(&[(group, inner), (length, stride), (2, 0), (3, 90)]);
                    }
                }
            }
        }
    }
}
