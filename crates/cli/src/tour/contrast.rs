//! Two figures of the same seeds or folds, and what may be said of their difference.

use crate::{
    metrics::{Difference, Spread},
    statistics::{Interval, Paired, corrected},
    terminal::number::{Unit, one},
};

/// The mean difference of two figures, split by split, with an interval that allows for the rows that the splits share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Contrast {
    paired: Paired,
}

impl Contrast {
    /// The first figure minus the second; `ratio` is the number of test rows over that of training rows.
    ///
    /// # Panics
    /// If the figures are of different numbers of splits.
    #[track_caller]
    pub(super) fn of(first: &Spread, second: &Spread, ratio: f64) -> Self {
        let (first, second) = (first.values(), second.values());
        assert_eq!(first.len(), second.len(), "contrast: {} and {} figures", first.len(), second.len());
        let differences: Vec<f64> = first.iter().zip(second).map(|(first, second)| first - second).collect();
        Self { paired: corrected(&differences, ratio) }
    }

    /// The figure's distance from a number.
    pub(super) fn from(figure: &Spread, number: f64, ratio: f64) -> Self {
        let differences: Vec<f64> = figure.values().iter().map(|value| value - number).collect();
        Self { paired: corrected(&differences, ratio) }
    }

    /// A difference whose standard error is known from elsewhere.
    pub(super) fn known(paired: Paired) -> Self {
        Self { paired }
    }

    /// On which side of 0 the 95 % interval is, if it is on one.
    pub(super) fn side(&self) -> Difference {
        let Interval { low, high } = self.paired.interval();
        if low > 0.0 {
            Difference::Higher
        } else if high < 0.0 {
            Difference::Lower
        } else {
            Difference::Unclear
        }
    }

    /// `+0.03 (+0.01 to +0.05)`: the mean and its 95 % interval.
    pub(super) fn in_words(&self, unit: Unit) -> String {
        let mean = signed(self.paired.mean, unit);
        match self.paired.interval() {
            Interval { low, high } if low.is_finite() && high.is_finite() => {
                format!("{mean} ({} to {})", signed(low, unit), signed(high, unit))
            }
            _ => mean,
        }
    }
}

fn signed(value: f64, unit: Unit) -> String {
    let sign = if value < 0.0 { "−" } else { "+" };
    format!("{sign}{}", one(value.abs(), unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: [f64; 3]) -> Spread {
        Spread::of(values.to_vec())
    }

    #[test]
    fn clear_is_what_the_interval_says() {
        let zero = spread([0.0; 3]);
        let of = |values| Contrast::of(&spread(values), &zero, 0.5);
        assert_eq!(of([0.9, 1.0, 1.1]).side(), Difference::Higher);
        assert_eq!(of([-0.9, -1.0, -1.1]).side(), Difference::Lower);
        // Of one sign with every seed, and yet no proof.
        assert_eq!(of([0.1, 1.0, 1.9]).side(), Difference::Unclear);
        let one = Contrast::of(&Spread::of(vec![5.0]), &Spread::of(vec![1.0]), 0.5);
        assert_eq!((one.side(), one.in_words(Unit::Places(1)).as_str()), (Difference::Unclear, "+4.0"));
        // By hand: s² = 0.01, SE² = 0.01 (1/3 + 1/2), t(0.975; 2) = 4.303: ± 0.393.
        assert_eq!(of([0.9, 1.0, 1.1]).in_words(Unit::Places(2)), "+1.00 (+0.61 to +1.39)");
        assert_eq!(Contrast::from(&spread([0.9, 1.0, 1.1]), 2.0, 0.5).in_words(Unit::Places(1)), "−1.0 (−1.4 to −0.6)");
    }
}
