//! Cross-validation: every row is judged once by a model that was not fitted on it.

use rand::{SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

use super::deal::{Groups, deal_groups, numbered};
use super::{SplitError, shuffled};

/// Rows to fit on and rows to judge on; each list ascends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to judge on.
    pub test: Vec<usize>,
}

/// Divides the rows at random into folds of the same size, to within one row; each is the test part once.
///
/// ```
/// use minimand_data::split::folds;
///
/// let mut judged: Vec<usize> = folds(7, 3, 1)?.into_iter().flat_map(|fold| fold.test).collect();
/// judged.sort_unstable();
/// assert_eq!(judged, [0, 1, 2, 3, 4, 5, 6]);
/// # Ok::<(), minimand_data::split::SplitError>(())
/// ```
///
/// # Errors
/// When there are fewer than two folds, or fewer rows than folds.
#[doc(alias = "KFold")]
#[doc(alias = "k_fold")]
pub fn folds(rows: usize, count: usize, seed: u64) -> Result<Vec<Fold>, SplitError> {
    folds_stratified(&vec![0; rows], count, seed)
}

/// Divides the rows at random into folds of the same size, and of the same number of each class, each to within one row.
///
/// # Errors
/// When there are fewer than two folds, or fewer rows than folds.
#[doc(alias = "StratifiedKFold")]
pub fn folds_stratified(classes: &[usize], count: usize, seed: u64) -> Result<Vec<Fold>, SplitError> {
    check("rows", classes.len(), count)?;
    let mut order = shuffled(classes.len(), seed);
    order.sort_by_key(|&row| classes[row]);
    let mut part = vec![0; classes.len()];
    order.iter().enumerate().for_each(|(place, &row)| part[row] = place % count);
    Ok(by_part(&part, count))
}

/// Divides the rows into folds, groups whole, at random; each has the same number of groups, to within one.
///
/// # Errors
/// When there are fewer than two folds, or fewer groups than folds.
#[doc(alias = "GroupKFold")]
pub fn folds_by_group(groups: &[u64], count: usize, seed: u64) -> Result<Vec<Fold>, SplitError> {
    let (of_row, distinct) = numbered(groups);
    check("groups", distinct, count)?;
    let mut place: Vec<usize> = (0..distinct).collect();
    place.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let part: Vec<usize> = of_row.into_iter().map(|group| place[group] % count).collect();
    Ok(by_part(&part, count))
}

/// Divides the rows into folds, groups whole, and of the same number of rows of each class as nearly as the groups allow.
///
/// The largest groups are dealt first, each to the fold that lacks most of what it holds; equal ones in random order.
///
/// # Errors
/// When there are fewer than two folds, fewer groups than folds, or not as many classes as groups.
#[doc(alias = "StratifiedGroupKFold")]
pub fn folds_stratified_by_group(
    classes: &[usize],
    groups: &[u64],
    count: usize,
    seed: u64,
) -> Result<Vec<Fold>, SplitError> {
    let groups = Groups::of(classes, groups)?;
    check("groups", groups.count(), count)?;
    let part_of_group = deal_groups(&groups, &vec![1.0 / count as f64; count], seed);
    let part: Vec<usize> = (0..classes.len()).map(|row| part_of_group[groups.of_row(row)]).collect();
    Ok(by_part(&part, count))
}

fn check(unit: &'static str, units: usize, parts: usize) -> Result<(), SplitError> {
    if parts < 2 || units < parts { Err(SplitError::Parts { unit, units, parts }) } else { Ok(()) }
}

fn by_part(part: &[usize], count: usize) -> Vec<Fold> {
    let fold = |wanted: usize| {
        let (test, train) = (0..part.len()).partition(|&row| part[row] == wanted);
        Fold { train, test }
    };
    (0..count).map(fold).collect()
}
