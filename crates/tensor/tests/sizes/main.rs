//! Sizes beyond the range of their types, and beyond the memory: refused in words, in the name of the caller's line. The checks must not
//! depend on those that only debug builds make of arithmetic: run these tests with `--release` as well.

mod limits;
mod memory;
mod numbers;
mod shapes;

#[path = "../common/mod.rs"]
mod common;

use common::{panic_anywhere, panic_of};

/// The end of the message about a shape that no memory can hold.
const REFUSED: &str = "more than the 9223372036854775807 bytes that can be addressed";

/// Whether the work ends in a panic of the caller's line that refuses a shape.
#[track_caller]
fn refused<R>(work: impl FnOnce() -> R) {
    let text = panic_of(work);
    assert!(text.ends_with(REFUSED), "{text}");
}
