//! Metrics of lists.

use super::FoldScore;

/// Normalised discounted cumulative gain with gains 2^relevance − 1 (Burges 2005), cut at a place (0: not cut); ties by mean
/// gain (McSherry & Najork 2008). Lists without a relevant item do not count.
pub(super) fn ndcg(cut: usize, scores: &[f64], relevance: &[f64], lists: Option<&[u32]>) -> Option<FoldScore> {
    by_list(scores, relevance, lists, |scores, relevance| {
        let cut = if cut == 0 { scores.len() } else { cut.min(scores.len()) };
        let discount: Vec<f64> =
            (0..scores.len()).map(|place| if place < cut { 1.0 / (place as f64 + 2.0).log2() } else { 0.0 }).collect();
        let gain: Vec<f64> = relevance.iter().map(|relevance| relevance.exp2() - 1.0).collect();
        let mut best = gain.clone();
        best.sort_by(|a, b| b.total_cmp(a));
        let ideal: f64 = best.iter().zip(&discount).map(|(gain, discount)| gain * discount).sum();
        if ideal <= 0.0 {
            return None;
        }
        let mut found = 0.0;
        let mut place = 0;
        for tie in ties(scores) {
            let gain = tie.iter().map(|&item| gain[item]).sum::<f64>() / tie.len() as f64;
            found += gain * discount[place..place + tie.len()].iter().sum::<f64>();
            place += tie.len();
        }
        Some(found / ideal)
    })
}

/// 1 over the place of the first relevant item; where several items share its score, the mean over their orders.
pub(super) fn mrr(scores: &[f64], relevance: &[f64], lists: Option<&[u32]>) -> Option<FoldScore> {
    by_list(scores, relevance, lists, |scores, relevance| {
        let mut before = 0;
        for tie in ties(scores) {
            let relevant = tie.iter().filter(|&&item| relevance[item] > 0.0).count();
            if relevant > 0 {
                return Some(mean_reciprocal(before, tie.len(), relevant));
            }
            before += tie.len();
        }
        None
    })
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

/// Items with one score, from the highest down.
fn ties(scores: &[f64]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut ties: Vec<Vec<usize>> = Vec::new();
    for item in order {
        match ties.last_mut() {
            Some(tie) if scores[tie[0]] == scores[item] => tie.push(item),
            _ => ties.push(vec![item]),
        }
    }
    ties
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
