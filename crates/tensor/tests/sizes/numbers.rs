//! Ranges by their count, and random integers.

use minimand_tensor::Tensor;
use proptest::prelude::*;

use crate::panic_of;

fn arange(start: f64, end: f64, step: f64) -> Vec<f64> {
    Tensor::arange(start, end, step).to_vec::<f64>()
}

#[test]
fn a_range_never_reaches_its_end() {
    assert_eq!(arange(1.0, 1.6, 0.1).len(), 6);
    assert_eq!(arange(1.0, 1.3, 0.1).len(), 3);
    assert_eq!(arange(0.0, 0.3, 0.1).len(), 3);
    assert_eq!(arange(1.6, 1.0, -0.1).len(), 6);
    assert_eq!(arange(0.0, 1.0, 0.25), [0.0, 0.25, 0.5, 0.75]);
    assert_eq!(arange(0.0, 1.1, 0.25), [0.0, 0.25, 0.5, 0.75, 1.0]);
    assert_eq!(arange(3.0, 0.0, -1.0), [3.0, 2.0, 1.0]);
    assert_eq!(arange(0.0, -1.0, 1.0), [0.0; 0]);
    assert_eq!(arange(0.0, 1.0, -1.0), [0.0; 0]);
    assert_eq!(arange(2.0, 2.0, 1.0), [0.0; 0]);
    assert_eq!(arange(2.0, 2.5, 7.0), [2.0]);
    // The steps vanish beside the start: half of the entries round to the end.
    let start = 2f64.powi(53) - 2.0;
    assert!(Tensor::arange(start, start + 1.0, 1e-3).elements() <= 501);
    // Rounded to f32, 0.9999999999 is 1.
    assert_eq!(arange(0.0, 1.0, 0.9999999999), [0.0, f64::from(1f32.next_down())]);
    assert_eq!(arange(0.0, -1.0, -0.9999999999), [0.0, -f64::from(1f32.next_down())]);
}

#[test]
fn ranges_that_are_none() {
    for step in [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(panic_of(|| Tensor::arange(0.0, 1.0, step)).starts_with("arange: from 0 to 1 in steps of"));
    }
    assert!(panic_of(|| Tensor::arange(f64::NAN, 1.0, 1.0)).starts_with("arange: from NaN"));
    assert!(panic_of(|| Tensor::arange(0.0, f64::INFINITY, 1.0)).starts_with("arange: from 0 to inf"));
    assert!(panic_of(|| Tensor::linspace(f64::NAN, 1.0, 3)).starts_with("linspace: from NaN"));
    assert!(panic_of(|| Tensor::linspace(0.0, f64::INFINITY, 3)).starts_with("linspace: from 0 to inf"));
}

proptest! {
    #[test]
    fn ranges_have_as_many_entries_as_there_are_before_the_end(start in -5.0..5.0f64, step in 1e-3..2.0f64, count in 0usize..200, part in 0.001..0.999f64, down: bool) {
        let step = if down { -step } else { step };
        // An end between two entries, and one that is an entry but for rounding.
        let between = start + step * (count as f64 + part);
        prop_assert_eq!(Tensor::arange(start, between, step).elements(), count + 1);
        let end = start + step * count as f64;
        let values = arange(start, end, step);
        let before_the_end = values.iter().all(|&value| if down { value > end } else { value < end });
        prop_assert!(before_the_end);
        prop_assert_eq!(values.len(), count);
    }

    #[test]
    fn evenly_spaced_numbers_have_the_ends(start in -1e3..1e3f64, end in -1e3..1e3f64, count in 2usize..300) {
        let values = Tensor::linspace(start, end, count).to_vec::<f32>();
        prop_assert_eq!((values[0], values[count - 1]), (start as f32, end as f32));
        let sorted = values.is_sorted_by(|a, b| if start <= end { a <= b } else { a >= b });
        prop_assert!(sorted);
    }
}
