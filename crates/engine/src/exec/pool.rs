//! Threads that help with what is shared out. Whoever shares work out does it as well, and waits in the end only for those that have begun: a
//! thread that is woken too late finds the work closed. A scope of a thread pool would wait for each thread that it has woken, though all is
//! done, and to wake one takes as long as a small step.
#![allow(unsafe_code)]

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So long a thread looks out for more work before it sleeps: the steps of an evaluation follow each other faster than it could be woken.
const LOOKING_OUT: Duration = Duration::from_micros(60);

/// Looks at the clock after so many looks at the work.
const LOOKS: usize = 128;

/// What the threads do: take blocks until none is left. Each is given its number, 0 the one who shares the work out.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

static POOL: Pool = Pool {
    state: Mutex::new(State { number: 0, work: None, wanted: 0, helping: 0, started: 0, asleep: 0, panic: None }),
    number: AtomicUsize::new(0),
    helping: AtomicUsize::new(0),
    there_is_work: Condvar::new(),
    nobody_helps: Condvar::new(),
    taken: AtomicBool::new(false),
};

struct Pool {
    state: Mutex<State>,
    /// `State::number`, for those who look out.
    number: AtomicUsize,
    /// `State::helping`, for the one who waits.
    helping: AtomicUsize,
    there_is_work: Condvar,
    nobody_helps: Condvar,
    /// Whether somebody shares work out: whoever else wants to meanwhile does his alone.
    taken: AtomicBool,
}

struct State {
    /// How often work was shared out.
    number: usize,
    /// The work, until it is closed.
    work: Option<&'static Work<'static>>,
    /// How many threads may still begin.
    wanted: usize,
    /// How many have begun and not ended.
    helping: usize,
    /// How many there are.
    started: usize,
    asleep: usize,
    panic: Option<Box<dyn Any + Send>>,
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does work with the help of so many other threads, as far as they come in time.
pub(super) fn with_help(helpers: usize, work: &Work<'_>) {
    if POOL.taken.swap(true, Ordering::Acquire) {
        return work(0);
    }
    // SAFETY: only the lifetime is another. The work is reached through the pool alone, from `Shared::out` until `Shared` is dropped, which
    // takes it away again and waits for all threads that have it; that happens in this function, also if the work panics.
    let shared = unsafe { Shared::out(helpers, std::mem::transmute::<&Work<'_>, &'static Work<'static>>(work)) };
    work(0);
    drop(shared);
    let panic = POOL.lock().panic.take();
    POOL.taken.store(false, Ordering::Release);
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

/// Work that is shared out, until it is dropped.
struct Shared;

impl Shared {
    /// # Safety
    /// The work must live until this is dropped.
    unsafe fn out(helpers: usize, work: &'static Work<'static>) -> Shared {
        let mut state = POOL.lock();
        while state.started < helpers && start(state.started) {
            state.started += 1;
        }
        (state.work, state.wanted) = (Some(work), helpers.min(state.started));
        state.number = state.number.wrapping_add(1);
        POOL.number.store(state.number, Ordering::Release);
        let woken = state.wanted.min(state.asleep);
        drop(state);
        for _ in 0..woken {
            POOL.there_is_work.notify_one();
        }
        Shared
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        (|| {
            let mut state = POOL.lock();
            state.work = None;
            if state.helping == 0 {
                return;
            }
            drop(state);
            // They are at their last blocks.
            for _ in 0..64 * LOOKS {
                if POOL.helping.load(Ordering::Acquire) == 0 {
                    break;
                }
                std::hint::spin_loop();
            }
            state = POOL.lock();
            while state.helping > 0 {
                state = POOL.nobody_helps.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        })();
        if std::thread::panicking() {
            // `with_help` does not come so far.
            POOL.lock().panic = None;
            POOL.taken.store(false, Ordering::Release);
        }
    }
}

/// Starts a thread, which ends with the process; `false` if there can be no more.
fn start(number: usize) -> bool {
    // More than there are processors would only be in each other's way.
    let looks_out = std::thread::available_parallelism().is_ok_and(|processors| number + 1 < processors.get());
    let name = format!("minimand {}", number + 1);
    std::thread::Builder::new().name(name).spawn(move || help(number + 1, looks_out)).is_ok()
}

/// What a thread does for all its life.
fn help(number: usize, looks_out: bool) {
    let mut seen = 0;
    loop {
        if looks_out {
            let began = Instant::now();
            while POOL.number.load(Ordering::Acquire) == seen && began.elapsed() < LOOKING_OUT {
                for _ in 0..LOOKS {
                    if POOL.number.load(Ordering::Relaxed) != seen {
                        break;
                    }
                    std::hint::spin_loop();
                }
            }
        }
        let mut state = POOL.lock();
        while state.number == seen {
            state.asleep += 1;
            state = POOL.there_is_work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.asleep -= 1;
        }
        seen = state.number;
        let Some(work) = state.work.filter(|_| state.wanted > 0) else { continue };
        state.wanted -= 1;
        state.helping += 1;
        POOL.helping.store(state.helping, Ordering::Relaxed);
        drop(state);
        let result = catch_unwind(AssertUnwindSafe(|| work(number)));
        let mut state = POOL.lock();
        if let Err(panic) = result {
            state.panic.get_or_insert(panic);
        }
        state.helping -= 1;
        POOL.helping.store(state.helping, Ordering::Release);
        if state.helping == 0 {
            POOL.nobody_helps.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// Adds up numbers in blocks that each thread takes, with as many helpers; all are there when it returns, again and again.
    #[test]
    fn all_of_the_work_is_done_when_it_returns() {
        std::thread::scope(|scope| {
            // Several at once, of whom one has help.
            for seed in 0..3 {
                scope.spawn(move || {
                    for round in 0..2000_usize {
                        let blocks = 1 + (round * 7 + seed) % 9;
                        let numbers: Vec<AtomicU64> = (0..blocks).map(|_| AtomicU64::new(0)).collect();
                        let next = AtomicUsize::new(0);
                        with_help(round % 4, &|_| {
                            while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                                if round % 50 == 0 {
                                    std::thread::sleep(Duration::from_micros(100));
                                }
                                number.fetch_add(1, Ordering::Relaxed);
                            }
                        });
                        assert!(numbers.iter().all(|number| number.load(Ordering::Relaxed) == 1), "{round}");
                    }
                });
            }
        });
    }

    /// A panic, of a helper or of the one who shares out, arrives once all have ended, and the next work is done.
    #[test]
    fn a_panic_arrives_and_leaves_the_pool_whole() {
        for round in 0..200 {
            let next = AtomicUsize::new(0);
            let others = AtomicUsize::new(0);
            let result = catch_unwind(AssertUnwindSafe(|| {
                with_help(2, &|_| {
                    while let Some(block) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&block| block < 8) {
                        assert!(block != round % 8, "block {block}");
                        std::thread::sleep(Duration::from_micros(20));
                        others.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }));
            let panic = result.expect_err("a block panics");
            assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some(&*format!("block {}", round % 8)));
            let done = AtomicUsize::new(0);
            with_help(2, &|_| _ = done.fetch_add(1, Ordering::Relaxed));
            assert!(done.load(Ordering::Relaxed) > 0);
        }
    }
}
