//! How many threads an evaluation may use. Results do not depend on it, to the last bit.

#[cfg(feature = "parallel")]
use crate::exec::pool;
use std::cell::Cell;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use smallvec::SmallVec;

/// 0 stands for "as many as the machine has".
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Sets how many threads an evaluation may use; the initial number is that of the machine's processors. The results are the same bits for
/// every number.
///
/// # Panics
/// When `count` is 0.
#[track_caller]
pub fn set_threads(count: usize) {
    assert!(count > 0, "set_threads: at least one thread is needed");
    THREADS.store(count, Ordering::Relaxed);
}

/// How many threads an evaluation may use.
pub fn threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        count => count,
    }
}

/// Lets several threads do what is to be done with so many parts, each of which is given to one of them.
pub(super) fn share_chunks<P: Send>(count: usize, parts: impl Iterator<Item = P>, work: impl Fn(P) + Sync) {
    let parts: Vec<Mutex<Option<P>>> = parts.map(|part| Mutex::new(Some(part))).collect();
    debug_assert_eq!(parts.len(), count);
    share_out(count, |next| {
        while let Some(number) = next() {
            let part = parts[number].lock().unwrap_or_else(PoisonError::into_inner).take();
            work(part.expect("each is given to one"));
        }
    });
}

/// Lets several threads run `work`, each of which takes block after block from `next` until none is left.
///
/// Each begins with a range of its own, and helps with the others then: what lies at the same place in the next step is in the caches of the
/// processor that has computed it.
pub(super) fn share_out(blocks: usize, work: impl Fn(&dyn Fn() -> Option<usize>) + Sync) {
    let workers = threads().min(blocks);
    if workers < 2 {
        let taken = Cell::new(0);
        return work(&|| Some(taken.replace(taken.get() + 1)).filter(|&block| block < blocks));
    }
    let end = |range: usize| (range + 1) * blocks / workers;
    let taken: SmallVec<[AtomicUsize; 8]> =
        (0..workers).map(|range| AtomicUsize::new(range * blocks / workers)).collect();
    let work = |number: usize| {
        let range = Cell::new(number % workers);
        let left = Cell::new(workers);
        work(&|| {
            while left.get() > 0 {
                let block = taken[range.get()].fetch_add(1, Ordering::Relaxed);
                if block < end(range.get()) {
                    return Some(block);
                }
                range.set((range.get() + 1) % workers);
                left.set(left.get() - 1);
            }
            None
        });
    };
    #[cfg(feature = "parallel")]
    pool::with_help(workers - 1, &work);
    #[cfg(not(feature = "parallel"))]
    work(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each block is done once by whichever threads come, and each part of a sequence as well.
    #[test]
    fn every_block_is_given_out_once() {
        let before = threads();
        for count in 1..=5 {
            set_threads(count);
            for blocks in [0, 1, 2, 3, 4, 5, 7, 64] {
                let done: Vec<AtomicUsize> = (0..blocks).map(|_| AtomicUsize::new(0)).collect();
                share_out(blocks, |next| {
                    while let Some(block) = next() {
                        done[block].fetch_add(1, Ordering::Relaxed);
                        std::thread::yield_now();
                    }
                    assert_eq!(next(), None, "and none after the last");
                });
                share_chunks(blocks, done.iter().enumerate(), |(number, done)| {
                    done.fetch_add(10 + number, Ordering::Relaxed);
                });
                let done: Vec<usize> = done.into_iter().map(AtomicUsize::into_inner).collect();
                assert_eq!(done, (0..blocks).map(|block| 11 + block).collect::<Vec<_>>(), "{count} threads");
            }
        }
        set_threads(before);
    }
}
