//! Run-time choice of the instruction set. A kernel is written once, generically over its [`Arithmetic`], and compiled
//! once for each [`Level`]; the level that runs is the best that the processor has.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::sync::OnceLock;

use super::environment::Choice;
use super::functions::{self, Arithmetic};
use super::vectors::VectorKernel;
#[cfg(target_arch = "x86_64")]
use super::vectors::{Avx2, Avx512};
use crate::jit::{AVAILABLE, Isa};

/// A computation that is compiled for every level. [`run`](Kernel::run) and all that it calls must be
/// `#[inline(always)]` (closures are inlined as a rule): only code that is inlined into the level's entry function is
/// compiled with its instructions. Code that is not inlined stays right and becomes slow.
pub(crate) trait Kernel {
    /// What the computation returns.
    type Output;
    /// Computes.
    fn run<A: Arithmetic>(self) -> Self::Output;
}

/// An instruction set that this processor has. The field is private and only detection makes values, so that holding a
/// `Level` proves that its instructions may be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Level(InstructionSet);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum InstructionSet {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

/// What a plan is made for: a level, and the instruction set of the machine code, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    level: Level,
    isa: Option<Isa>,
}

impl Target {
    /// What evaluations on this thread run on.
    pub fn current() -> Target {
        let level = Level::current();
        Target { level, isa: level.isa() }
    }

    /// All that this machine can run on, best first: each instruction set that it has, with machine code and with interpreted passes.
    pub fn available() -> Vec<Target> {
        let mut targets = Vec::new();
        for &level in Level::available() {
            targets.push(Target { level, isa: level.isa() });
            if level.isa().is_some() {
                targets.push(Target { level, isa: None });
            }
        }
        targets
    }

    /// Runs `body` with this target as the current one of this thread: for tests, and to compare.
    ///
    /// ```
    /// use minimand_engine::Target;
    /// for target in Target::available() {
    ///     target.force(|| assert_eq!(Target::current(), target));
    /// }
    /// ```
    pub fn force<T>(self, body: impl FnOnce() -> T) -> T {
        self.level.force(|| if self.isa.is_none() { without_code(body) } else { body() })
    }

    /// The instruction set that passes become machine code of, where there is some for what they do.
    pub(crate) fn isa(self) -> Option<Isa> {
        self.isa
    }
}

thread_local! {
    static FORCED: Cell<Option<Level>> = const { Cell::new(None) };
    static WITHOUT_CODE: Cell<bool> = const { Cell::new(false) };
}

/// Runs `body` with all passes of this thread interpreted.
pub(crate) fn without_code<T>(body: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            WITHOUT_CODE.set(self.0);
        }
    }
    let _restore = Restore(WITHOUT_CODE.replace(true));
    body()
}

impl Level {
    /// The levels that this processor has, best first. The last one is the portable one: what the compilation target
    /// guarantees (SSE2 on x86-64), without fused multiply-add.
    pub(crate) fn available() -> &'static [Level] {
        static AVAILABLE: OnceLock<Vec<Level>> = OnceLock::new();
        AVAILABLE.get_or_init(|| {
            let mut levels = Level::detected();
            levels.push(Level(InstructionSet::Portable));
            levels
        })
    }

    #[cfg(target_arch = "x86_64")]
    fn detected() -> Vec<Level> {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        let sets = [(avx2 && avx512, InstructionSet::Avx512), (avx2, InstructionSet::Avx2)];
        sets.into_iter().filter_map(|(has, set)| has.then_some(Level(set))).collect()
    }

    /// Every processor of this kind has NEON.
    #[cfg(target_arch = "aarch64")]
    fn detected() -> Vec<Level> {
        vec![Level(InstructionSet::Neon)]
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn detected() -> Vec<Level> {
        Vec::new()
    }

    /// The level to compute with on this thread: the best one, or the one forced by [`Level::force`]. An evaluation
    /// asks once, on the thread that starts it, and hands the answer to its workers.
    pub(crate) fn current() -> Level {
        FORCED.get().unwrap_or_else(|| Choice::made().level)
    }

    /// Runs `body` with this level as the current one of this thread.
    pub(crate) fn force<T>(self, body: impl FnOnce() -> T) -> T {
        struct Restore(Option<Level>);
        impl Drop for Restore {
            fn drop(&mut self) {
                FORCED.set(self.0);
            }
        }
        let _restore = Restore(FORCED.replace(Some(self)));
        body()
    }

    /// The name of the instruction set.
    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => "neon",
            InstructionSet::Portable => "portable",
        }
    }

    /// The instruction set that machine code is generated for.
    pub(crate) fn isa(self) -> Option<Isa> {
        if !AVAILABLE || !Choice::made().generate {
            return None;
        }
        if WITHOUT_CODE.get() {
            return None;
        }
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => Some(Isa::Avx512),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => Some(Isa::Avx2),
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => None,
            InstructionSet::Portable => None,
        }
    }

    /// Runs the kernel with the instructions of this level.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            // SAFETY: a `Level` with this instruction set is only made by `available`, where the processor has been
            // found to have every feature that `run_avx512` enables.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => unsafe { run_avx512(kernel) },
            // SAFETY: as above, with the features of `run_avx2`.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => unsafe { run_avx2(kernel) },
            // NEON, fused multiply-add included, is part of every 64-bit ARM target: nothing to enable.
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => kernel.run::<functions::Fused>(),
            InstructionSet::Portable => kernel.run::<functions::Unfused>(),
        }
    }

    /// Whether there are [vectors](super::vectors) of this level.
    pub(crate) fn has_vectors(self) -> bool {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 | InstructionSet::Avx2 => true,
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => false,
            InstructionSet::Portable => false,
        }
    }

    /// How many numbers of so many bytes a vector has.
    ///
    /// # Panics
    /// Where there are none.
    pub(crate) fn lanes(self, bytes: usize) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => 64 / bytes,
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => 32 / bytes,
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => unreachable!("no vectors of this level, of {bytes} bytes"),
            InstructionSet::Portable => unreachable!("no vectors of this level, of {bytes} bytes"),
        }
    }

    /// Runs a loop over the vectors of this level.
    ///
    /// # Safety
    /// What the kernel says of the memory that it reads and writes.
    ///
    /// # Panics
    /// Where there are none.
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_variables, clippy::needless_pass_by_value))]
    #[inline]
    pub(crate) unsafe fn run_vectors<K: VectorKernel>(self, kernel: K) {
        match self.0 {
            // SAFETY: a `Level` with this instruction set is only made by `available`, where the processor has been
            // found to have every feature that `vectors_avx512` enables; the memory is the caller's promise.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => unsafe { vectors_avx512(kernel) },
            // SAFETY: as above, with the features of `vectors_avx2`.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => unsafe { vectors_avx2(kernel) },
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => unreachable!("no vectors of this level"),
            InstructionSet::Portable => unreachable!("no vectors of this level"),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
unsafe fn vectors_avx512<K: VectorKernel>(kernel: K) {
    // SAFETY: these are the features that AVX-512's vectors need; the memory is the caller's promise.
    unsafe { kernel.run::<Avx512>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn vectors_avx2<K: VectorKernel>(kernel: K) {
    // SAFETY: these are the features that AVX2's vectors need; the memory is the caller's promise.
    unsafe { kernel.run::<Avx2>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<functions::Fused>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<functions::Fused>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the rounding error of a product, which only fused multiply-add sees.
    struct ProductError(f32);
    impl Kernel for ProductError {
        type Output = (f32, bool);
        #[inline(always)]
        fn run<A: Arithmetic>(self) -> (f32, bool) {
            (A::mul_add(self.0, self.0, -(self.0 * self.0)), A::FUSED)
        }
    }

    #[test]
    fn levels_are_those_of_the_processor() {
        let levels = Level::available();
        assert_eq!(levels.last().expect("never empty").name(), "portable");
        #[cfg(target_arch = "x86_64")]
        for level in levels {
            // Detection of the whole instruction set, independent of the order in `available`.
            match level.name() {
                "avx512" => assert!(
                    ["avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"].iter().all(|name| detected(name))
                ),
                "avx2" => assert!(["avx2", "fma"].iter().all(|name| detected(name))),
                name => assert_eq!(name, "portable"),
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn detected(name: &str) -> bool {
        match name {
            "avx2" => is_x86_feature_detected!("avx2"),
            "fma" => is_x86_feature_detected!("fma"),
            "avx512f" => is_x86_feature_detected!("avx512f"),
            "avx512bw" => is_x86_feature_detected!("avx512bw"),
            "avx512dq" => is_x86_feature_detected!("avx512dq"),
            "avx512vl" => is_x86_feature_detected!("avx512vl"),
            _ => unreachable!(),
        }
    }

    #[test]
    fn every_level_runs_with_its_own_arithmetic() {
        let x = 1.0 + f32::EPSILON;
        for &level in Level::available() {
            let (error, fused) = level.run(ProductError(std::hint::black_box(x)));
            assert_eq!(fused, level.name() != "portable");
            assert_eq!(error, if fused { f32::EPSILON * f32::EPSILON } else { 0.0 }, "{}", level.name());
        }
    }

    #[test]
    fn a_level_is_forced_for_its_thread_and_scope_only() {
        let best = Choice::made().level;
        let portable = *Level::available().last().expect("never empty");
        portable.force(|| {
            assert_eq!(Level::current(), portable);
            best.force(|| assert_eq!(Level::current(), best));
            assert_eq!(Level::current(), portable);
            std::thread::scope(|scope| scope.spawn(|| assert_eq!(Level::current(), best)).join()).expect("no panic");
        });
        assert_eq!(Level::current(), best);
        let panicked = std::panic::catch_unwind(|| portable.force(|| panic!("expected")));
        assert!(panicked.is_err());
        assert_eq!(Level::current(), best);
    }
}
