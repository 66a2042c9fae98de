//! Division in time: what is judged comes after what was fitted on.

use super::{Fold, SplitError};

/// Cuts the rows into `count + 1` periods of about the same number of rows: fold k is tested on period k + 1 and fitted on all before
/// it. Rows of one time stay together; rows of the first period are in no test part.
///
/// ```
/// use minimand_data::split::folds_in_time;
///
/// let day = [1.0, 1.0, 2.0, 3.0, 4.0, 4.0];
/// let folds = folds_in_time(&day, 2)?;
/// assert_eq!((&folds[0].train[..], &folds[0].test[..]), (&[0, 1][..], &[2, 3][..]));
/// assert_eq!((&folds[1].train[..], &folds[1].test[..]), (&[0, 1, 2, 3][..], &[4, 5][..]));
/// # Ok::<(), minimand_data::split::SplitError>(())
/// ```
///
/// # Errors
/// When there is no fold, a time is NaN, or there are not more different times than folds.
#[doc(alias = "TimeSeriesSplit")]
pub fn folds_in_time(times: &[f64], count: usize) -> Result<Vec<Fold>, SplitError> {
    let ends: Vec<f64> = (1..=count).map(|k| k as f64 / (count + 1) as f64).collect();
    let period = periods(times, &ends)?;
    let rows = |keep: &dyn Fn(usize) -> bool| (0..times.len()).filter(|&row| keep(period[row])).collect();
    let fold = |k: usize| Fold { train: rows(&|period| period < k), test: rows(&|period| period == k) };
    Ok((1..=count).map(fold).collect())
}

/// The period of each row, from 0, given at which shares of the rows the periods but the last end; none is empty, and none divides a
/// time.
pub(super) fn periods(times: &[f64], ends: &[f64]) -> Result<Vec<usize>, SplitError> {
    if let Some(row) = times.iter().position(|time| time.is_nan()) {
        return Err(SplitError::Time { row });
    }
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&a, &b| times[a].total_cmp(&times[b]));
    let runs: Vec<&[usize]> = order.chunk_by(|&a, &b| times[a] == times[b]).collect();
    let parts = ends.len() + 1;
    if parts < 2 || runs.len() < parts {
        return Err(SplitError::Parts { unit: "different times", units: runs.len(), parts });
    }
    let mut period = vec![0; times.len()];
    let (mut current, mut before, mut filled) = (0, 0, false);
    for (place, run) in runs.iter().enumerate() {
        let left = runs.len() - place;
        // The next period begins where this one is full, or where every later one needs a time.
        while current < ends.len() && filled {
            let cut = ends[current] * times.len() as f64;
            let nearer_without = cut - before as f64 <= (before + run.len()) as f64 - cut;
            if !(nearer_without || left <= ends.len() - current) {
                break;
            }
            (current, filled) = (current + 1, false);
        }
        run.iter().for_each(|&row| period[row] = current);
        (before, filled) = (before + run.len(), true);
    }
    Ok(period)
}
