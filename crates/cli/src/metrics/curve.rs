//! Precision-recall curves for a drawing.

use minimand::data::metrics::PrecisionRecall;

/// The curve without the points that a drawing does not need: of every recall only the first and the last point.
pub fn thinned(curve: &[PrecisionRecall]) -> Vec<PrecisionRecall> {
    let corner = |(place, point): (usize, &PrecisionRecall)| {
        let same = |other: Option<&PrecisionRecall>| other.is_some_and(|other| other.recall == point.recall);
        let inside = place > 0 && same(curve.get(place - 1)) && same(curve.get(place + 1));
        (!inside).then_some(*point)
    };
    curve.iter().enumerate().filter_map(corner).collect()
}
