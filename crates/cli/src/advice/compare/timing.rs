//! How long a fit takes here: what turns a budget of seconds into a number of fits. The results are thrown away.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::{
    entry::Entry,
    plan::{FitTime, fits_of},
    race::{Course, first_fit},
    rows::{SplitParts, SplitRows},
};
use crate::model::{ModelKind, side_by_side};

/// Rows of the first, quick measurement.
const FEW: usize = 1_500;

/// Times as many rows in the next one.
const STEP: usize = 4;

/// A measurement may take this share of the time that is left.
const SHARE: f64 = 0.06;

/// Seconds of one fit for each model: of the mean loss, each counted as often as it is fitted, with as many side by side as will be.
///
/// A fit is timed once its program is compiled: the first one of each loss is not counted. More rows are tried while that is quick.
pub(super) fn seconds_of_a_fit(
    course: &Course<'_>,
    entries: &[Entry],
    models: &[ModelKind],
    parts: &SplitParts,
    seconds: f64,
    stop: &AtomicBool,
) -> Vec<FitTime> {
    let start = Instant::now();
    let whole = parts.fit.len() as f64;
    // Rows of the folds for each row that is fitted on.
    let share = course.problem.rows() as f64 / whole;
    let of_model = |&model: &ModelKind| {
        let mut seen: Vec<(f64, f64)> = Vec::new();
        let mut count = FEW;
        loop {
            let rows = SplitRows::of(course.problem, &thinned(parts, count));
            let fitted = rows.fit.target.len() as f64;
            seen.push((fitted * share, warm(course, entries, model, &rows, stop)));
            let line = through(&seen);
            count *= STEP;
            let next = (count as f64).min(whole);
            let all: f64 = 2.0 * entries.len() as f64 * (line.fixed + line.per_row * next * share);
            let left = seconds - start.elapsed().as_secs_f64();
            if fitted >= whole || all > SHARE * left || stop.load(Ordering::Relaxed) {
                return line;
            }
        }
    };
    models.iter().map(of_model).collect()
}

/// The line through the last two measurements; through 0 where there is one, or where more rows took less.
fn through(seen: &[(f64, f64)]) -> FitTime {
    match seen {
        [.., (few, before), (many, after)] if after > before && many > few => {
            let per_row = (after - before) / (many - few);
            let fixed = after - per_row * many;
            if fixed >= 0.0 { FitTime { fixed, per_row } } else { FitTime { fixed: 0.0, per_row: after / many } }
        }
        [.., (rows, seconds)] => FitTime { fixed: 0.0, per_row: seconds / rows.max(1.0) },
        [] => FitTime { fixed: 0.0, per_row: 0.0 },
    }
}

/// Mean seconds of the second fit of each loss.
fn warm(course: &Course<'_>, entries: &[Entry], model: ModelKind, rows: &SplitRows, stop: &AtomicBool) -> f64 {
    let all = |entry: &Entry| {
        first_fit(course, entry, model, rows, stop);
        Ok::<(), std::convert::Infallible>(())
    };
    let (Ok(_) | Err(_)) = side_by_side(entries, all);
    let (busy, start) = (Mutex::new((0.0, 0.0)), Instant::now());
    let timed = |entry: &Entry| {
        let start = Instant::now();
        first_fit(course, entry, model, rows, stop);
        let took = start.elapsed().as_secs_f64();
        let mut busy = busy.lock().unwrap_or_else(PoisonError::into_inner);
        *busy = (busy.0 + took, busy.1 + took * fits_of(entry, model, 1) as f64);
        Ok::<(), std::convert::Infallible>(())
    };
    let (Ok(_) | Err(_)) = side_by_side(entries, timed);
    let (took, weighted) = busy.into_inner().unwrap_or_else(PoisonError::into_inner);
    let fits: usize = entries.iter().map(|entry| fits_of(entry, model, 1)).sum();
    // Side by side the fits take less than one after the other.
    let together = start.elapsed().as_secs_f64() / f64::max(took, f64::MIN_POSITIVE);
    weighted / fits.max(1) as f64 * together
}

/// A split of which at most so many rows are fitted on, evenly from all.
fn thinned(parts: &SplitParts, count: usize) -> SplitParts {
    let some = |rows: &[usize], count: usize| {
        if rows.len() <= count {
            return rows.to_vec();
        }
        (0..count).map(|place| rows[place * rows.len() / count]).collect()
    };
    SplitParts {
        fit: some(&parts.fit, count),
        validation: some(&parts.validation, count / 4),
        test: some(&parts.test, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lie_on_a_line() {
        let line = through(&[(1_000.0, 0.2), (4_000.0, 0.5)]);
        approx::assert_relative_eq!(line.fixed, 0.1, max_relative = 1e-12);
        approx::assert_relative_eq!(line.per_row, 1e-4, max_relative = 1e-12);
        // Through 0 where the line would begin below it, or one was measured.
        assert_eq!(through(&[(1_000.0, 0.1), (4_000.0, 0.5)]), FitTime { fixed: 0.0, per_row: 0.5 / 4_000.0 });
        assert_eq!(through(&[(1_000.0, 0.2)]), FitTime { fixed: 0.0, per_row: 2e-4 });
    }
}
