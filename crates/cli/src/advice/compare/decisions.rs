//! What a reader of a decision wants beside its cost: how well the scores order the rows, how many positives are caught, how many alarms
//! are right, each with its interval.

use serde::Serialize;

use super::{
    evaluate::Track,
    race::{Course, Judged, Lane},
    score::{Forecast, Truth},
};
use crate::{
    advice::problem::TargetKind,
    statistics::{Interval, Paired, delong, wilson},
};

/// Rows that were acted on, the mean over the starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Acted {
    /// Acted on.
    pub flagged: f64,
    /// Positives among them.
    pub caught: f64,
}

impl Acted {
    /// Of the decisions of a forecast; none where it takes none.
    pub fn of(forecast: &Forecast, truth: Truth<'_>) -> Option<Self> {
        let Forecast::Binary { acted, .. } = forecast else { return None };
        let count = |hold: &dyn Fn(f64) -> bool| {
            acted.iter().zip(truth.target).filter(|(acted, y)| **acted && hold(**y)).count() as f64
        };
        Some(Self { flagged: count(&|_| true), caught: count(&|y| y > 0.5) })
    }
}

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FigureProof {
    /// The figure.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl FigureProof {
    fn new(value: f64, Interval { low, high }: Interval) -> Self {
        Self { value, low, high }
    }

    /// A share of so many.
    fn share(part: usize, all: usize) -> Option<Self> {
        (all > 0).then(|| Self::new(part as f64 / all as f64, wilson(part, all, 0.95)))
    }
}

/// Scores and decisions of two classes on the test rows of the first repeat, rows counted alike whatever their weight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecisionProof {
    /// Rows.
    pub rows: usize,
    /// Positive ones.
    pub positives: usize,
    /// Mean over the splits of the area under the ROC curve, its interval by DeLong, over groups where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auc: Option<FigureProof>,
    /// The same less the default's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auc_difference: Option<FigureProof>,
    /// What the decisions come to; none where the question takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acted: Option<ActedProof>,
}

/// Decisions at the threshold of each split.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActedProof {
    /// Rows that were acted on.
    pub flagged: usize,
    /// Positives among them.
    pub caught: usize,
    /// Caught, of all positives (Wilson's interval).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<FigureProof>,
    /// Caught, of all that were acted on (Wilson's interval).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<FigureProof>,
    /// Positives that a threshold of one half would have caught; none where the scores are no probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caught_from_half: Option<usize>,
}

impl DecisionProof {
    /// Of a candidate of two classes that finished at least the first repeat.
    pub(super) fn of(course: &Course<'_>, lane: &Lane, track: &Track<'_>, default: &Track<'_>) -> Option<Self> {
        if course.problem.target.kind != TargetKind::Binary {
            return None;
        }
        let first = |track: &Track<'_>| -> Vec<usize> {
            track.outcomes.iter().map(|(place, _)| *place).filter(|&place| lane.blocks[place].is_first()).collect()
        };
        let places = first(track);
        if places.is_empty() {
            return None;
        }
        let outcome = |track: &Track<'_>, place: usize| track.outcomes.iter().position(|(own, _)| *own == place);
        let (mut rows, mut positives, mut from_half) = (0, 0, 0);
        let (mut areas, mut differences) = (Vec::new(), Vec::new());
        let mut acted = Some(Acted { flagged: 0.0, caught: 0.0 });
        let mut is_probability = true;
        for place in places {
            let (_, mine): (usize, &Judged) = track.outcomes[outcome(track, place)?];
            let block = &lane.blocks[place];
            let labels: Vec<bool> = block.test.iter().map(|&row| course.problem.target.values[row] > 0.5).collect();
            rows += labels.len();
            positives += labels.iter().filter(|&&label| label).count();
            from_half += mine.points.iter().zip(&labels).filter(|(score, label)| **label && **score >= 0.5).count();
            is_probability &= mine.is_probability;
            acted = acted
                .zip(mine.acted)
                .map(|(sum, acted)| Acted { flagged: sum.flagged + acted.flagged, caught: sum.caught + acted.caught });
            let groups: Vec<u32> = block.test.iter().map(|&row| course.problem.groups.of_row[row]).collect();
            let groups = course.problem.groups.is_given().then_some(&groups[..]);
            if mine.points.iter().any(|point| point.is_nan()) {
                continue;
            }
            // Against scores that order nothing: 0.5 less the area.
            let nothing = vec![0.0; labels.len()];
            areas.extend(delong(&mine.points, &nothing, &labels, groups).map(|found| found.difference));
            if let Some(theirs) = outcome(default, place).map(|at| &default.outcomes[at].1.points)
                && theirs.iter().all(|point| !point.is_nan())
            {
                differences.extend(delong(&mine.points, theirs, &labels, groups).map(|found| found.difference));
            }
        }
        let of_splits = |found: &[Paired], offset: f64| {
            let mean = mean_of_splits(found)?;
            let interval = mean.interval();
            Some(FigureProof { value: offset - mean.mean, low: offset - interval.high, high: offset - interval.low })
        };
        let clamped = |found: FigureProof| FigureProof {
            low: found.low.clamp(0.0, 1.0),
            high: found.high.clamp(0.0, 1.0),
            ..found
        };
        let acted = acted.map(|acted| {
            let (flagged, caught) = (acted.flagged.round() as usize, acted.caught.round() as usize);
            ActedProof {
                flagged,
                caught: caught.min(flagged),
                recall: FigureProof::share(caught.min(positives), positives),
                precision: FigureProof::share(caught.min(flagged), flagged),
                caught_from_half: is_probability.then_some(from_half),
            }
        });
        let is_default = std::ptr::eq(track, default);
        Some(Self {
            rows,
            positives,
            auc: of_splits(&areas, 0.5).map(clamped),
            auc_difference: of_splits(&differences, 0.0).filter(|_| !is_default),
            acted,
        })
    }
}

/// The mean of independent figures, those of test parts that have no row in common.
fn mean_of_splits(found: &[Paired]) -> Option<Paired> {
    let count = found.len() as f64;
    (!found.is_empty()).then(|| Paired {
        mean: found.iter().map(|paired| paired.mean).sum::<f64>() / count,
        standard_error: found.iter().map(|paired| paired.standard_error.powi(2)).sum::<f64>().sqrt() / count,
        freedom: found.iter().map(|paired| paired.freedom).sum(),
    })
}
