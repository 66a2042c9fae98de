//! Metrics of lists.

use minimand::data::metrics::{self, Gain, NdcgOptions};

use super::FoldScore;

/// Normalised discounted cumulative gain with gains 2^relevance − 1 (Burges 2005), cut at a place (0: not cut); ties by mean
/// gain (McSherry & Najork 2008). Lists without a relevant item do not count.
pub(super) fn ndcg(cut: usize, scores: &[f64], relevance: &[f64], lists: Option<&[u32]>) -> Option<FoldScore> {
    let options = NdcgOptions { gain: Gain::Exponential, at: (cut > 0).then_some(cut) };
    by_list(scores, relevance, lists, |scores, relevance| metrics::ndcg(scores, relevance, options).ok())
}

/// 1 over the place of the first relevant item; where several items share its score, the mean over their orders.
pub(super) fn mrr(scores: &[f64], relevance: &[f64], lists: Option<&[u32]>) -> Option<FoldScore> {
    by_list(scores, relevance, lists, |scores, relevance| metrics::reciprocal_rank(scores, relevance).ok())
}

/// The mean over the lists; a row's loss is that of its list, scaled so that the mean over rows is the mean over lists.
fn by_list(
    scores: &[f64],
    relevance: &[f64],
    lists: Option<&[u32]>,
    of_list: impl Fn(&[f64], &[f64]) -> Option<f64>,
) -> Option<FoldScore> {
    assert_eq!(scores.len(), relevance.len(), "score: scores and relevance");
    let lists = lists.expect("score: lists are judged by list");
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by_key(|&row| lists[row]);
    let mut found: Vec<(Vec<usize>, Option<f64>)> = Vec::new();
    for rows in order.chunk_by(|&a, &b| lists[a] == lists[b]) {
        let pick = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        found.push((rows.to_vec(), of_list(&pick(scores), &pick(relevance))));
    }
    let counted: Vec<f64> = found.iter().filter_map(|(_, value)| *value).collect();
    if counted.is_empty() {
        return None;
    }
    let value = counted.iter().sum::<f64>() / counted.len() as f64;
    let mut losses = vec![-value; scores.len()];
    for (rows, of_list) in &found {
        if let Some(of_list) = of_list {
            let influence = (of_list - value) * scores.len() as f64 / (counted.len() * rows.len()) as f64;
            rows.iter().for_each(|&row| losses[row] -= influence);
        }
    }
    Some(FoldScore { value, losses })
}
