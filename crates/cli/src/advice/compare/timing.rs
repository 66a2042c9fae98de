//! How long a fit takes here: what turns a budget of seconds into a number of fits. The results are thrown away.

use std::{sync::atomic::AtomicBool, time::Instant};

use super::{
    entry::Entry,
    race::{Course, first_fit},
    rows::{SplitError, SplitParts, SplitRows},
};
use crate::model::{ModelKind, side_by_side};

/// Rows of the first, quick measurement.
const FEW: usize = 1_500;

/// A measurement on all rows may take this share of the time that is left.
const SHARE: f64 = 0.1;

/// Seconds of one fit on all rows of a split, for each model: of the mean loss, with as many side by side as will be.
pub(super) fn seconds_of_a_fit(
    course: &Course<'_>,
    entries: &[Entry],
    models: &[ModelKind],
    parts: &SplitParts,
    seconds_left: f64,
    stop: &AtomicBool,
) -> Result<Vec<f64>, SplitError> {
    let start = Instant::now();
    let few = SplitParts {
        fit: thinned(&parts.fit, FEW),
        validation: thinned(&parts.validation, FEW / 4),
        test: thinned(&parts.test, 1),
    };
    let few_rows = SplitRows::of(course.problem, &few);
    let all_rows = SplitRows::of(course.problem, parts);
    let times = parts.fit.len() as f64 / few.fit.len().max(1) as f64;
    let seconds = |model: ModelKind| {
        let quick = measured(course, entries, model, &few_rows, stop);
        let thought = quick * times;
        let left = seconds_left - start.elapsed().as_secs_f64();
        if times > 1.0 && thought * entries.len() as f64 <= SHARE * left {
            measured(course, entries, model, &all_rows, stop)
        } else {
            thought
        }
    };
    Ok(models.iter().map(|&model| seconds(model)).collect())
}

fn measured(course: &Course<'_>, entries: &[Entry], model: ModelKind, rows: &SplitRows, stop: &AtomicBool) -> f64 {
    let start = Instant::now();
    let none: Result<Vec<()>, std::convert::Infallible> = side_by_side(entries, |entry| {
        first_fit(course, entry, model, rows, stop);
        Ok(())
    });
    drop(none);
    start.elapsed().as_secs_f64() / entries.len() as f64
}

/// At most so many rows, evenly from all.
fn thinned(rows: &[usize], count: usize) -> Vec<usize> {
    if rows.len() <= count {
        return rows.to_vec();
    }
    (0..count).map(|place| rows[place * rows.len() / count]).collect()
}
