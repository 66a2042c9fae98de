//! How many threads an evaluation may use. Results do not depend on it, to the last bit.

#[cfg(feature = "parallel")]
use crate::exec::pool;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

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

/// Lets several threads do what is to be done with so many parts, each of which is given to one of them, in order.
pub(super) fn share_chunks<P>(count: usize, parts: impl Iterator<Item = P> + Send, work: impl Fn(P) + Sync) {
    let waiting = Mutex::new(parts);
    share_out(count, |next| {
        while next().is_some() {
            let part = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            work(part.expect("there are as many parts as blocks"));
        }
    });
}

/// Lets several threads run `work`, each of which takes block after block from `next` until none is left.
pub(super) fn share_out(blocks: usize, work: impl Fn(&dyn Fn() -> Option<usize>) + Sync) {
    let taken = AtomicUsize::new(0);
    let next = || Some(taken.fetch_add(1, Ordering::Relaxed)).filter(|&block| block < blocks);
    let workers = threads().min(blocks);
    if workers < 2 {
        return work(&next);
    }
    #[cfg(feature = "parallel")]
    pool::with_help(workers - 1, &|| work(&next));
    #[cfg(not(feature = "parallel"))]
    work(&next);
}
