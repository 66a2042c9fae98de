//! How well scores order the items of one list: the answers to a question, the offers to a customer.
//!
//! Relevance is 0 for what does not matter and grows with what does. Where items have the same score, the figure is its mean over all their
//! orders: constant scores get what chance gets. [`mean_over_lists`] averages over the lists of a data set.

use super::{MetricError, check};

/// What an item of a relevance is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Gain {
    /// The relevance itself (Järvelin & Kekäläinen 2002).
    Linear,
    /// 2^relevance − 1 (Burges et al. 2005): grade 3 is worth seven times grade 1.
    #[default]
    Exponential,
}

/// Which NDCG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NdcgOptions {
    /// What an item is worth.
    pub gain: Gain,
    /// How many places count; all of them by default.
    pub at: Option<usize>,
}

/// NDCG = Σ gain / log₂(1 + place) over the same of the best order: 1 at best. Items with one score share their mean gain
/// (McSherry & Najork 2008), as in scikit-learn.
///
/// ```
/// use minimand_data::metrics::{Gain, NdcgOptions, ndcg};
///
/// let linear = NdcgOptions { gain: Gain::Linear, at: None };
/// let found = ndcg(&[0.1, 0.9], &[1.0, 0.0], linear)?; // the only good item comes second
/// assert_eq!(found, 1.0 / 3f64.log2());
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When the list is empty, there are not as many scores as relevances, a score is NaN, a relevance is below 0 or not finite, no place
/// counts, or no item is relevant.
#[doc(alias = "ndcg_score")]
pub fn ndcg(scores: &[f64], relevance: &[f64], options: NdcgOptions) -> Result<f64, MetricError> {
    checked("ndcg", scores, relevance)?;
    let cut = at("ndcg", options.at, scores.len())?;
    let discount: Vec<f64> =
        (0..scores.len()).map(|place| if place < cut { 1.0 / (place as f64 + 2.0).log2() } else { 0.0 }).collect();
    let gain: Vec<f64> = match options.gain {
        Gain::Linear => relevance.to_vec(),
        Gain::Exponential => relevance.iter().map(|relevance| relevance.exp2() - 1.0).collect(),
    };
    let mut best = gain.clone();
    best.sort_by(|a, b| b.total_cmp(a));
    let ideal: f64 = best.iter().zip(&discount).map(|(gain, discount)| gain * discount).sum();
    check::defined("ndcg", ideal.is_finite(), "the gains are too large for a number")?;
    let mut found = 0.0;
    let mut place = 0;
    for tie in ties(scores) {
        let gain = tie.iter().map(|&item| gain[item]).sum::<f64>() / tie.len() as f64;
        found += gain * discount[place..place + tie.len()].iter().sum::<f64>();
        place += tie.len();
    }
    Ok(found / ideal)
}

/// 1 / place of the first relevant item. Its mean over lists is MRR.
///
/// ```
/// use minimand_data::metrics::reciprocal_rank;
/// assert_eq!(reciprocal_rank(&[0.9, 0.5, 0.1], &[0.0, 1.0, 1.0])?, 0.5);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When the list is empty, there are not as many scores as relevances, a score is NaN, a relevance is below 0 or not finite, or no item
/// is relevant.
#[doc(alias = "mrr")]
pub fn reciprocal_rank(scores: &[f64], relevance: &[f64]) -> Result<f64, MetricError> {
    checked("reciprocal_rank", scores, relevance)?;
    let mut before = 0;
    for tie in ties(scores) {
        let relevant = tie.iter().filter(|&&item| relevance[item] > 0.0).count();
        if relevant > 0 {
            return Ok(mean_reciprocal(before, tie.len(), relevant));
        }
        before += tie.len();
    }
    unreachable!("checked: an item is relevant")
}

/// The mean of 1 / (before + first) where `relevant` of `items` stand in a random order.
fn mean_reciprocal(before: usize, items: usize, relevant: usize) -> f64 {
    let mut none_so_far = 1.0;
    let mut mean = 0.0;
    for first in 1..=items - relevant + 1 {
        let chance = relevant as f64 / (items - first + 1) as f64;
        mean += none_so_far * chance / (before + first) as f64;
        none_so_far *= 1.0 - chance;
    }
    mean
}

/// The mean of the precisions at the places of the relevant items. Its mean over lists is MAP.
///
/// Of items with one score the relevant ones count with their mean over all orders; [`average_precision`](super::average_precision) of rows
/// takes them as one threshold instead.
///
/// ```
/// use minimand_data::metrics::list_average_precision;
/// let found = list_average_precision(&[0.9, 0.5, 0.1], &[1.0, 0.0, 1.0])?;
/// assert_eq!(found, (1.0 + 2.0 / 3.0) / 2.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When the list is empty, there are not as many scores as relevances, a score is NaN, a relevance is below 0 or not finite, or no item
/// is relevant.
#[doc(alias = "map")]
pub fn list_average_precision(scores: &[f64], relevance: &[f64]) -> Result<f64, MetricError> {
    checked("list_average_precision", scores, relevance)?;
    let (mut before, mut found, mut sum) = (0, 0, 0.0);
    for tie in ties(scores) {
        let relevant = tie.iter().filter(|&&item| relevance[item] > 0.0).count();
        let share = relevant as f64 / tie.len() as f64;
        // Of the others in front of a relevant item each is relevant with this chance.
        let among_others = if tie.len() > 1 { (relevant as f64 - 1.0) / (tie.len() as f64 - 1.0) } else { 0.0 };
        for place in 0..tie.len() {
            let expected = found as f64 + 1.0 + place as f64 * among_others;
            sum += share * expected / (before + place + 1) as f64;
        }
        (before, found) = (before + tie.len(), found + relevant);
    }
    Ok(sum / found as f64)
}

/// Share of the relevant items that are among the first `at`.
///
/// ```
/// use minimand_data::metrics::recall_at;
/// assert_eq!(recall_at(2, &[0.9, 0.5, 0.1], &[1.0, 0.0, 1.0])?, 0.5);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When no place counts, the list is empty, there are not as many scores as relevances, a score is NaN, a relevance is below 0 or not
/// finite, or no item is relevant.
pub fn recall_at(at: usize, scores: &[f64], relevance: &[f64]) -> Result<f64, MetricError> {
    let found = relevant_among("recall_at", at, scores, relevance)?;
    Ok(found / relevance.iter().filter(|&&relevance| relevance > 0.0).count() as f64)
}

/// Share of the first `at` places that relevant items hold; places beyond the end of the list are not held.
///
/// ```
/// use minimand_data::metrics::precision_at;
/// assert_eq!(precision_at(2, &[0.9, 0.5, 0.1], &[1.0, 0.0, 1.0])?, 0.5);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// As [`recall_at`].
pub fn precision_at(at: usize, scores: &[f64], relevance: &[f64]) -> Result<f64, MetricError> {
    Ok(relevant_among("precision_at", at, scores, relevance)? / at as f64)
}

/// How many of the first places relevant items hold, in the mean over the orders of equal scores.
fn relevant_among(metric: &'static str, places: usize, scores: &[f64], relevance: &[f64]) -> Result<f64, MetricError> {
    checked(metric, scores, relevance)?;
    let cut = at(metric, Some(places), scores.len())?;
    let (mut before, mut found) = (0, 0.0);
    for tie in ties(scores) {
        let relevant = tie.iter().filter(|&&item| relevance[item] > 0.0).count();
        let inside = cut.saturating_sub(before).min(tie.len());
        found += (relevant * inside) as f64 / tie.len() as f64;
        before += tie.len();
    }
    Ok(found)
}

/// A figure's mean over lists.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ListMean {
    /// The mean over the lists for which the figure is defined.
    pub mean: f64,
    /// How many these are.
    pub lists: usize,
    /// How many lists were left out, since the figure is not defined for them (they hold nothing relevant).
    pub left_out: usize,
}

/// The mean of a figure over the lists of a data set; rows of one list have the same number in `lists`, in any order.
///
/// ```
/// use minimand_data::metrics::{mean_over_lists, reciprocal_rank};
///
/// let question = [1, 1, 2, 2, 3, 3];
/// let (scores, relevance) = ([0.9, 0.1, 0.2, 0.4, 0.5, 0.6], [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
/// let mrr = mean_over_lists(&question, &scores, &relevance, reciprocal_rank)?;
/// assert_eq!((mrr.mean, mrr.lists, mrr.left_out), (0.75, 2, 1));
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many of `lists`, scores and relevances, the figure is not defined for any list, or has another error for one
/// (which counts rows within that list).
pub fn mean_over_lists(
    lists: &[u64],
    scores: &[f64],
    relevance: &[f64],
    figure: impl Fn(&[f64], &[f64]) -> Result<f64, MetricError>,
) -> Result<ListMean, MetricError> {
    let metric = "mean_over_lists";
    check::rows(metric, ["lists", "scores"], lists, scores)?;
    check::rows(metric, ["scores", "relevances"], scores, relevance)?;
    let mut order: Vec<usize> = (0..lists.len()).collect();
    order.sort_by_key(|&row| lists[row]);
    let (mut sum, mut defined, mut left_out) = (0.0, 0, 0);
    for rows in order.chunk_by(|&a, &b| lists[a] == lists[b]) {
        let of = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        match figure(&of(scores), &of(relevance)) {
            Ok(value) => (sum, defined) = (sum + value, defined + 1),
            Err(MetricError::Undefined { .. }) => left_out += 1,
            Err(error) => return Err(error),
        }
    }
    check::defined(metric, defined > 0, "it is defined for none of the lists")?;
    Ok(ListMean { mean: sum / f64::from(defined), lists: defined as usize, left_out })
}

fn checked(metric: &'static str, scores: &[f64], relevance: &[f64]) -> Result<(), MetricError> {
    check::rows(metric, ["scores", "relevances"], scores, relevance)?;
    check::not_nan(metric, "score", scores)?;
    let holds = |value: f64| value >= 0.0 && value.is_finite();
    check::values(metric, "relevance", relevance, "a finite number from 0", holds)?;
    check::defined(metric, relevance.iter().any(|&relevance| relevance > 0.0), "no item is relevant")
}

fn at(metric: &'static str, at: Option<usize>, length: usize) -> Result<usize, MetricError> {
    let cut = at.unwrap_or(length);
    check::parameter(metric, "at", cut as f64, "1 or more", cut > 0)?;
    Ok(cut.min(length))
}

/// Items with one score, from the highest down.
fn ties(scores: &[f64]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    order.chunk_by(|&a, &b| scores[a] == scores[b]).map(<[usize]>::to_vec).collect()
}
