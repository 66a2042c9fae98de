//! Memory for values: buffers that start at a cache line, from a pool that keeps its pages. The first touch of a page costs far more
//! than the arithmetic on it, so what one step lets go the next step takes up again.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::environment::{EnvironmentError, SWITCH, chosen};

/// Blocks start at a multiple of this: the width of a cache line and of the widest SIMD register.
const ALIGNMENT: usize = 64;

/// Blocks of at least this size start at a multiple of it and ask the system for huge pages.
const HUGE: usize = 2 << 20;

mod sealed {
    pub trait Sealed {}
    impl Sealed for bool {}
    impl Sealed for i64 {}
    impl Sealed for u32 {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// What buffers hold: plain numbers, and truth values.
pub trait Plain: sealed::Sealed + Copy + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// Whether only some bits are values.
    #[doc(hidden)]
    const IS_TRUTH: bool = false;
}
impl Plain for i64 {}
impl Plain for u32 {}
impl Plain for f32 {}
impl Plain for f64 {}
impl Plain for bool {
    const IS_TRUTH: bool = true;
}

/// What the pool of buffers holds, in bytes, and how often it had to ask the system.
///
/// A training loop should ask the system in its first steps only: afterwards every buffer is one that an earlier step let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStatistics {
    /// Blocks that were requested from the system since the program started.
    pub system_allocations: u64,
    /// Bytes in buffers that are in use now.
    pub in_use: usize,
    /// The most bytes that were in use at a time.
    pub peak: usize,
    /// Bytes in blocks that wait to be used again.
    pub kept: usize,
}

impl MemoryStatistics {
    fn hand_out(&mut self, size: usize) {
        self.in_use += size;
        self.peak = self.peak.max(self.in_use);
    }
}

/// A block of memory that its owner has not divided up: `size(class)` initialised bytes.
struct Chunk(NonNull<u8>);

// SAFETY: a block is plain memory without an owner; whoever takes it out of the pool is its only user.
unsafe impl Send for Chunk {}

struct Pool {
    /// The blocks that nobody uses, by class.
    free: Vec<Vec<Chunk>>,
    statistics: MemoryStatistics,
}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    free: Vec::new(),
    statistics: MemoryStatistics { system_allocations: 0, in_use: 0, peak: 0, kept: 0 },
});

/// What lets go of memory that can be made again, beside the pool.
static OTHERS: OnceLock<fn()> = OnceLock::new();

/// Has this called where memory is short, or unused memory unwanted.
pub(crate) fn release_with(release: fn()) {
    OTHERS.get_or_init(|| release);
}

/// `MINIMAND_POOL`: whether buffers come from a pool. Without it each is an allocation of exactly its size.
pub(crate) fn pooled() -> &'static Result<bool, EnvironmentError> {
    static POOLED: OnceLock<Result<bool, EnvironmentError>> = OnceLock::new();
    POOLED.get_or_init(|| chosen(|name| std::env::var_os(name), "MINIMAND_POOL", &SWITCH))
}

#[inline]
fn is_pooled() -> bool {
    *pooled().as_ref().unwrap_or_else(|error| panic!("{error}"))
}

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The smallest class whose blocks hold so many bytes. Between two powers of two there are three more classes.
fn class_of(bytes: usize) -> usize {
    let bytes = bytes.max(ALIGNMENT);
    let power = bytes.ilog2() as usize;
    let quarters = (bytes - (1 << power)).div_ceil(1 << (power - 2));
    4 * (power - ALIGNMENT.ilog2() as usize) + quarters
}

/// How many bytes a block of this class has.
fn size_of_class(class: usize) -> usize {
    let power = class / 4 + ALIGNMENT.ilog2() as usize;
    (1 << power) + (class % 4) * (1 << (power - 2))
}

/// How a block of this class is allocated. A class is only asked for after [`of_memory`] has looked at its bytes.
fn layout(class: usize) -> Layout {
    let size = size_of_class(class);
    let alignment = if size >= HUGE { HUGE } else { ALIGNMENT };
    Layout::from_size_align(size, alignment).expect("more than half of the address space was refused")
}

/// The bytes of so many entries.
///
/// # Panics
/// When there is not so much memory, not even if nobody else used any.
fn of_memory<T>(length: usize) -> usize {
    /// From here on the system is asked, which may promise more than it has.
    const MUCH: usize = 1 << 30;
    let bytes = length.checked_mul(size_of::<T>()).filter(|&bytes| bytes <= isize::MAX as usize / 2);
    match bytes {
        Some(bytes) if bytes < MUCH || bytes as u128 <= installed() => bytes,
        _ => refuse::<T>(length),
    }
}

/// The memory of the machine in bytes, swap included; where that is not known, as much as any number can be.
fn installed() -> u128 {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: zeros are a value of the structure, which the call fills in.
        let mut found: libc::sysinfo = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is that of the structure, for the time of the call.
        if unsafe { libc::sysinfo(&raw mut found) } == 0 {
            let (ram, swap) = (u128::from(found.totalram), u128::from(found.totalswap));
            return (ram + swap) * u128::from(found.mem_unit);
        }
    }
    u128::MAX
}

#[cold]
fn refuse<T>(length: usize) -> ! {
    let bytes = length as u128 * size_of::<T>() as u128;
    panic!(
        "out of memory: {length} entries of {} bytes take {bytes} bytes, which the system does not have",
        size_of::<T>()
    )
}

/// An empty vector with room for so many entries.
///
/// # Panics
/// When there is not so much memory.
pub fn vector<T>(length: usize) -> Vec<T> {
    let mut values = Vec::new();
    of_memory::<T>(length);
    if values.try_reserve_exact(length).is_err() {
        refuse::<T>(length);
    }
    values
}

/// Takes a block from the pool, or from the system when none is free; `None` if the system has none. Its bytes are initialised, to
/// anything.
fn take(class: usize) -> Option<Chunk> {
    let size = size_of_class(class);
    {
        let mut pool = pool();
        if let Some(block) = pool.free.get_mut(class).and_then(Vec::pop) {
            pool.statistics.kept -= size;
            pool.statistics.hand_out(size);
            return Some(block);
        }
    }
    let layout = layout(class);
    // SAFETY: no class has size 0.
    let fresh = || NonNull::new(unsafe { alloc(layout) });
    let pointer = fresh().or_else(|| {
        release_unused_memory();
        fresh()
    })?;
    {
        let mut pool = pool();
        pool.statistics.system_allocations += 1;
        pool.statistics.hand_out(size);
    }
    #[cfg(target_os = "linux")]
    if size >= HUGE {
        // SAFETY: the range is the block just allocated, and starts at a multiple of the page size. The advice changes no
        // contents; that it may be refused does not matter.
        unsafe { libc::madvise(pointer.as_ptr().cast(), size, libc::MADV_HUGEPAGE) };
    }
    // SAFETY: the block has `size` bytes and nobody else knows it.
    unsafe { pointer.as_ptr().write_bytes(0, size) };
    Some(Chunk(pointer))
}

/// Gives a block of this class back to the pool.
fn give(class: usize, block: Chunk) {
    let size = size_of_class(class);
    let mut pool = pool();
    pool.statistics.in_use -= size;
    pool.statistics.kept += size;
    if pool.free.len() <= class {
        pool.free.resize_with(class + 1, Vec::new);
    }
    pool.free[class].push(block);
}

/// A block of exactly this size from the system, if it has one, none of whose bytes is zero: what is read before it is written shows as
/// NaN.
fn allocate(bytes: usize) -> Option<Chunk> {
    let layout = own_layout(bytes);
    // SAFETY: the layout's size is not 0.
    let pointer = NonNull::new(unsafe { alloc(layout) })?;
    // SAFETY: the block has so many bytes and nobody else knows it.
    unsafe { pointer.as_ptr().write_bytes(0xff, layout.size()) };
    Some(Chunk(pointer))
}

/// Gives a block that was allocated with this size back to the system.
fn free(block: Chunk, bytes: usize) {
    // SAFETY: the block was allocated with this layout, and its only user gives it away.
    unsafe { dealloc(block.0.as_ptr(), own_layout(bytes)) };
}

fn own_layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes.max(1), ALIGNMENT).expect("more than half of the address space was refused")
}

/// What the pool of buffers holds now, and how often it had to ask the system for memory.
pub fn memory_statistics() -> MemoryStatistics {
    pool().statistics
}

/// Gives the memory that no tensor uses back to the system, and lets the compiled plans go: what is evaluated next is compiled anew. A
/// program that goes on evaluating need not call this.
pub fn release_unused_memory() {
    if let Some(release) = OTHERS.get() {
        release();
    }
    let free = {
        let mut pool = pool();
        pool.statistics.kept = 0;
        std::mem::take(&mut pool.free)
    };
    for (class, blocks) in free.into_iter().enumerate() {
        for block in blocks {
            // SAFETY: the block was allocated with the layout of its class and has left the pool, so nobody knows it.
            unsafe { dealloc(block.0.as_ptr(), layout(class)) };
        }
    }
    // Plans consist of many small blocks, whose pages this allocator keeps unless it is asked.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it may be called at any time; another allocator than that of the C library is not touched.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Values in memory: a slice that owns its memory. Either a block of the pool or a vector that the user gave.
pub struct Buffer<T: Plain> {
    pointer: NonNull<T>,
    length: usize,
    origin: Origin,
}

enum Origin {
    Vector {
        capacity: usize,
    },
    Pool {
        class: usize,
    },
    /// An allocation of exactly the buffer's size.
    Own,
}

// SAFETY: a buffer owns its memory as a vector does, and elements are plain numbers.
unsafe impl<T: Plain> Send for Buffer<T> {}
// SAFETY: as above; shared access only reads.
unsafe impl<T: Plain> Sync for Buffer<T> {}

impl<T: Plain> Buffer<T> {
    /// A buffer of the pool. It holds any numbers (truth values: false): whoever asks fills it.
    ///
    /// # Panics
    /// When there is not so much memory.
    pub(crate) fn of(length: usize) -> Buffer<T> {
        let bytes = of_memory::<T>(length);
        let (block, origin) = if is_pooled() {
            let class = class_of(bytes);
            (take(class), Origin::Pool { class })
        } else {
            (allocate(bytes), Origin::Own)
        };
        let Some(Chunk(block)) = block else { refuse::<T>(length) };
        let mut buffer = Buffer { pointer: block.cast::<T>(), length, origin };
        if T::IS_TRUTH {
            // SAFETY: the block holds `length` bytes. Bytes of former numbers need not be truth values: until they are
            // overwritten no reference to them is made.
            unsafe { buffer.pointer.as_ptr().cast::<u8>().write_bytes(0, length) };
        }
        debug_assert!(buffer.pointer.is_aligned());
        debug_assert!((buffer.as_mut_ptr() as usize).is_multiple_of(ALIGNMENT));
        buffer
    }

    /// Where the memory is, for those who share it without references: one of them to the slice would end what the pointer may do.
    pub(crate) fn memory(&mut self) -> *mut T {
        self.pointer.as_ptr()
    }

    /// A buffer of the pool, filled with one value.
    pub(crate) fn filled(length: usize, value: T) -> Buffer<T> {
        let mut buffer = Buffer::of(length);
        buffer.fill(value);
        buffer
    }
}

impl<T: Plain> Deref for Buffer<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: the memory holds `length` initialised elements (numbers of any bits; truth values were written) and
        // belongs to this buffer.
        unsafe { std::slice::from_raw_parts(self.pointer.as_ptr(), self.length) }
    }
}

impl<T: Plain> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`; the exclusive borrow of the buffer is one of its memory.
        unsafe { std::slice::from_raw_parts_mut(self.pointer.as_ptr(), self.length) }
    }
}

impl<T: Plain> Drop for Buffer<T> {
    fn drop(&mut self) {
        match self.origin {
            // SAFETY: pointer, length and capacity came from a vector, which was forgotten.
            Origin::Vector { capacity } => {
                drop(unsafe { Vec::from_raw_parts(self.pointer.as_ptr(), self.length, capacity) })
            }
            Origin::Pool { class } => give(class, Chunk(self.pointer.cast())),
            Origin::Own => free(Chunk(self.pointer.cast()), self.length * size_of::<T>()),
        }
    }
}

impl<T: Plain> From<Vec<T>> for Buffer<T> {
    /// Takes the vector over, without a copy.
    fn from(values: Vec<T>) -> Buffer<T> {
        let mut values = ManuallyDrop::new(values);
        let origin = Origin::Vector { capacity: values.capacity() };
        let pointer = NonNull::new(values.as_mut_ptr()).expect("a vector's pointer is never null");
        Buffer { pointer, length: values.len(), origin }
    }
}

impl<T: Plain> Clone for Buffer<T> {
    fn clone(&self) -> Buffer<T> {
        let mut copy = Buffer::of(self.length);
        copy.copy_from_slice(self);
        copy
    }
}

impl<T: Plain> PartialEq for Buffer<T> {
    fn eq(&self, other: &Buffer<T>) -> bool {
        **self == **other
    }
}

impl<T: Plain> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Fills a buffer from front to back.
pub(crate) struct Filling<T: Plain> {
    buffer: Buffer<T>,
    filled: usize,
}

impl<T: Plain> Filling<T> {
    pub(crate) fn of(length: usize) -> Filling<T> {
        Filling { buffer: Buffer::of(length), filled: 0 }
    }

    /// The next `length` entries, to be written.
    #[inline]
    pub(crate) fn next(&mut self, length: usize) -> &mut [T] {
        let part = &mut self.buffer[self.filled..self.filled + length];
        self.filled += length;
        part
    }

    #[inline]
    pub(crate) fn extend(&mut self, values: impl ExactSizeIterator<Item = T>) {
        for (to, value) in self.next(values.len()).iter_mut().zip(values) {
            *to = value;
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, value: T) {
        self.next(1)[0] = value;
    }

    pub(crate) fn finish(self) -> Buffer<T> {
        debug_assert_eq!(self.filled, self.buffer.len());
        self.buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_what_they_say() {
        for bytes in (0..5000).chain([1 << 20, (1 << 20) + 1, (5 << 20) - 1, usize::MAX >> 8]) {
            let class = class_of(bytes);
            assert!(size_of_class(class) >= bytes, "{bytes}");
            assert!(class == 0 || size_of_class(class - 1) < bytes, "{bytes} fit into a smaller class");
        }
    }

    /// The end of a block is written and read: a class that is too small would be caught by the allocator or a neighbour.
    #[test]
    fn buffers_do_not_share_memory() {
        let mut buffers: Vec<Buffer<f64>> = (0..50).map(|number| Buffer::filled(number * 37, number as f64)).collect();
        for buffer in &mut buffers {
            assert_eq!(buffer.as_ptr() as usize % ALIGNMENT, 0);
            buffer.iter_mut().for_each(|value| *value += 0.5);
        }
        for (number, buffer) in buffers.iter().enumerate() {
            assert_eq!(buffer.len(), number * 37);
            assert!(buffer.iter().all(|&value| value == number as f64 + 0.5));
        }
    }

    #[test]
    fn what_is_let_go_is_taken_again() {
        if !is_pooled() {
            return;
        }
        // A size that no other test uses, so that tests side by side do not take it.
        let length = 1_234_567;
        let first = Buffer::<f32>::filled(length, 1.0);
        let place = first.as_ptr() as usize;
        assert_eq!(place % HUGE, 0);
        drop(first);
        let second = Buffer::<bool>::of(length * 4);
        assert_eq!(second.as_ptr() as usize, place);
        assert!(second.iter().all(|&value| !value), "former numbers are no truth values");
    }

    /// What `.ci/memcheck` must find, or it would find nothing.
    #[test]
    #[ignore = "reads behind a buffer on purpose"]
    fn one_entry_behind_a_buffer() {
        let buffer = Buffer::filled(37, 1.0f32);
        // SAFETY: none. Only the tool that looks for it runs this test.
        std::hint::black_box(unsafe { buffer.as_ptr().add(buffer.len()).read_volatile() });
    }

    #[test]
    fn vectors_are_taken_over_and_freed() {
        let values = vec![1i64, 2, 3];
        let place = values.as_ptr();
        let buffer = Buffer::from(values);
        assert_eq!(buffer.as_ptr(), place);
        let copy = buffer.clone();
        drop(buffer);
        assert_eq!(*copy, [1, 2, 3]);
        assert!(Buffer::<f32>::from(Vec::new()).is_empty());
    }
}
