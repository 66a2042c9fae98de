//! Figures of merit that only the tour shows; the field's own are in `minimand::data::metrics`.
//!
//! Slices of unequal length or none at all are a mistake of the caller and panic.

mod amounts;
mod curve;
mod spread;

pub use amounts::{Decile, mean_absolute_error_up_to, residuals_by_decile, share_held_by, skewness};
pub use curve::thinned;
pub use spread::{Difference, Spread};

#[track_caller]
fn check_pair<A, B>(what: &str, one: &[A], other: &[B]) {
    assert!(!one.is_empty(), "{what}: no rows");
    assert_eq!(one.len(), other.len(), "{what}: {} and {} rows", one.len(), other.len());
}
