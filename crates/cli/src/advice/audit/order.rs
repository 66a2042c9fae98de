//! How well predictions order two classes.

use super::{
    clusters::{Estimated, reach, standard_error},
    read::Predictions,
};

/// Area under the ROC curve with an interval by group: every row's placement among the rows of the other class
/// (DeLong, DeLong & Clarke-Pearson 1988; by group Obuchowski 1997).
pub(super) fn area(data: &Predictions) -> Estimated {
    let (x, y, weight) = (&data.prediction, &data.target.values, &data.weight);
    let of_class =
        |class: f64| y.iter().zip(weight).filter(|(y, _)| **y == class).map(|(_, weight)| weight).sum::<f64>();
    let (negatives, positives) = (of_class(0.0), of_class(1.0));
    // Share of the other class that is on the right side, ties counting half; rows stand in the order of x.
    let mut placement = vec![0.0; x.len()];
    let (mut start, mut below) = (0, [0.0, 0.0]);
    while start < x.len() {
        let end = start + x[start..].iter().take_while(|&&other| other == x[start]).count();
        let mut here = [0.0, 0.0];
        (start..end).for_each(|row| here[usize::from(y[row] == 1.0)] += weight[row]);
        for row in start..end {
            placement[row] = if y[row] == 1.0 {
                (below[0] + here[0] / 2.0) / negatives
            } else {
                1.0 - (below[1] + here[1] / 2.0) / positives
            };
        }
        below = [below[0] + here[0], below[1] + here[1]];
        start = end;
    }
    let rows = || placement.iter().zip(y).zip(weight);
    let value =
        rows().filter(|((_, y), _)| **y == 1.0).map(|((place, _), weight)| place * weight).sum::<f64>() / positives;
    let terms =
        rows().map(|((place, y), weight)| weight * (place - value) / if *y == 1.0 { positives } else { negatives });
    let half = reach(data.groups.count) * standard_error(terms, &data.groups);
    // On the log odds' scale, which keeps the interval between 0 and 1.
    let slope = value * (1.0 - value);
    if slope <= 0.0 {
        return Estimated { value, low: value, high: value };
    }
    let at = |z: f64| super::logit::sigmoid(super::logit::logit(value) + z * half / slope);
    Estimated { value, low: at(-1.0), high: at(1.0) }
}
