//! Whether the laws that losses predict are those of the test rows: how often each count came and was expected (Kleiber & Zeileis 2016,
//! "Visualizing count data regressions using rootograms"), randomised quantile residuals of other numbers (Dunn & Smyth 1996).

use minimand::data::metrics::quantile;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::{
    entry::Entry,
    race::{Course, Judged, Lane},
};
use crate::{
    advice::{problem::TargetKind, purpose::Functional},
    model::{FittedModel, Law, Objective, SampleRows},
};

/// Rows whose laws are kept at most; of more every so many.
const MOST_ROWS: usize = 20_000;

/// Bins of counts at most, without the one of all larger counts.
const MOST_BINS: usize = 30;

/// Counts up to this share of the rows have bins of their own.
const BINNED: f64 = 0.995;

/// Points of a curve of residuals at most.
const MOST_POINTS: usize = 100;

/// The laws that a loss predicts for some test rows of a split.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitLaws {
    /// Their places among the test rows.
    places: Vec<usize>,
    /// For each start the law of each.
    of_starts: Vec<Vec<Law>>,
}

/// The law of a row: a mixture of those of the starts, all alike.
struct Mixture<'a> {
    laws: Vec<&'a Law>,
}

impl Mixture<'_> {
    fn mean(&self, of: impl Fn(&Law) -> f64) -> f64 {
        self.laws.iter().map(|law| of(law)).sum::<f64>() / self.laws.len() as f64
    }

    /// P(Y ≤ y).
    fn cumulative(&self, y: f64) -> f64 {
        self.mean(|law| law.cumulative(y))
    }

    /// P(Y < y).
    fn below(&self, y: f64) -> f64 {
        self.mean(|law| if law.is_discrete() { law.cumulative(y - 1.0) } else { law.cumulative(y) - mass(law, y) })
    }

    /// P(Y ≤ count) where counts are read off any law: one of no whole numbers gives each count what is nearest to it.
    fn up_to(&self, count: f64) -> f64 {
        self.mean(|law| law.cumulative(if law.is_discrete() { count } else { count + 0.5 }))
    }
}

/// The probability of exactly y under a law that is not one of whole numbers.
fn mass(law: &Law, y: f64) -> f64 {
    if y == 0.0 { law.probability_of_zero() } else { 0.0 }
}

impl SplitLaws {
    /// Of the test rows of a split, where the question is one that laws answer; none of a loss without them.
    pub fn of(course: &Course<'_>, objective: Objective, starts: &[&FittedModel], test: &SampleRows) -> Option<Self> {
        let is_count = course.problem.target.kind == TargetKind::Count;
        let is_asked = match course.aim.functional {
            Functional::Law | Functional::Interval(_) => true,
            // A mean needs no law; where the loss has one of counts, it is shown.
            Functional::Mean => is_count && is_of_counts(objective),
            Functional::Median
            | Functional::Quantile(_)
            | Functional::Expectile(_)
            | Functional::MedianByInverse
            | Functional::LogMean
            | Functional::Probability
            | Functional::Mode
            | Functional::Order => false,
        };
        if !is_asked {
            return None;
        }
        let places: Vec<usize> =
            (0..test.target.len()).step_by(course.problem.rows().div_ceil(MOST_ROWS).max(1)).collect();
        let of_starts = starts.iter().map(|fitted| {
            let laws = fitted.laws(&fitted.outputs(&test.view()))?;
            Some(places.iter().map(|&place| laws[place]).collect())
        });
        let of_starts = of_starts.collect::<Option<Vec<Vec<Law>>>>()?;
        Some(Self { places, of_starts })
    }

    fn mixture(&self, number: usize) -> Mixture<'_> {
        Mixture { laws: self.of_starts.iter().map(|laws| &laws[number]).collect() }
    }
}

/// Whether a loss is the likelihood of a law of counts.
pub fn is_of_counts(objective: Objective) -> bool {
    matches!(
        objective,
        Objective::Poisson
            | Objective::NegativeBinomial
            | Objective::ZeroInflatedPoisson
            | Objective::ZeroInflatedNegativeBinomial
    )
}

/// A predicted law beside what came.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LawProof {
    /// The candidate.
    pub name: String,
    /// Test rows of the first repeat.
    pub rows: usize,
    /// How the law fits them.
    pub fit: LawFit,
}

/// How a law fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LawFit {
    /// Of counts: ascending, without a gap, the last one of all larger counts.
    Frequencies(Vec<FrequencyProof>),
    /// Of other numbers: quantile of the normal law and of the randomised quantile residuals, ascending.
    QuantileResiduals(Vec<(f64, f64)>),
}

/// How often counts came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FrequencyProof {
    /// From this count.
    pub from: u64,
    /// To this one; none where all larger ones are meant.
    pub to: Option<u64>,
    /// Rows.
    pub observed: f64,
    /// Rows that the law expects.
    pub expected: f64,
}

/// The laws of the advised candidate and the default; where neither has one, of the plainest loss with a law of counts.
pub fn law_proofs(
    course: &Course<'_>,
    lane: &Lane,
    entries: &[Entry],
    names: &[String],
    advised: Option<usize>,
) -> Vec<LawProof> {
    let entry_of =
        |candidate: usize| entries.iter().position(|entry| entry.variants.iter().any(|&(own, _)| own == candidate));
    let mut chosen: Vec<usize> = Vec::new();
    for entry in [advised, Some(0)].into_iter().flatten().filter_map(entry_of) {
        if !chosen.contains(&entry) {
            chosen.push(entry);
        }
    }
    let proof = |entry: usize| {
        // The law is that of the loss, whatever is done to its numbers afterwards.
        let variants = &entries[entry].variants;
        let (number, _) = variants.iter().find(|(_, repair)| repair.is_none()).or(variants.first())?;
        law_proof(course, lane, entry, &names[*number])
    };
    let mut found: Vec<LawProof> = chosen.iter().filter_map(|&entry| proof(entry)).collect();
    if found.is_empty() {
        found.extend((0..entries.len()).filter(|&entry| is_of_counts(entries[entry].objective)).find_map(proof));
    }
    found
}

fn law_proof(course: &Course<'_>, lane: &Lane, entry: usize, name: &str) -> Option<LawProof> {
    let (mut rows, mut laws): (Vec<usize>, Vec<Mixture<'_>>) = (Vec::new(), Vec::new());
    for block in &lane.blocks {
        let super::race::EntryResult::Scored(outcomes) = &block.results[entry] else { continue };
        let Some(found) = outcomes.iter().flatten().find_map(|Judged { laws, .. }| laws.as_ref()) else { continue };
        rows.extend(found.places.iter().map(|&place| block.test[place]));
        laws.extend((0..found.places.len()).map(|number| found.mixture(number)));
    }
    if rows.is_empty() {
        return None;
    }
    let target: Vec<f64> = rows.iter().map(|&row| course.problem.target.values[row]).collect();
    let fit = if course.problem.target.kind == TargetKind::Count {
        let weight = course.problem.weight.as_ref();
        let weight: Vec<f64> = rows.iter().map(|&row| weight.map_or(1.0, |weight| weight[row])).collect();
        LawFit::Frequencies(frequencies(&laws, &target, &weight))
    } else {
        LawFit::QuantileResiduals(thinned(&quantile_residuals(&laws, &target, course.seed)))
    };
    Some(LawProof { name: name.to_owned(), rows: rows.len(), fit })
}

/// How often counts came, and how often a law of each expects them, with the weights of the rows.
pub fn expected_counts(laws: &[Law], counts: &[f64], weight: &[f64]) -> Vec<FrequencyProof> {
    let alone: Vec<Mixture<'_>> = laws.iter().map(|law| Mixture { laws: vec![law] }).collect();
    frequencies(&alone, counts, weight)
}

/// How often the counts came and were expected; weights count rows more than once, and add up to the rows.
fn frequencies(laws: &[Mixture<'_>], counts: &[f64], weight: &[f64]) -> Vec<FrequencyProof> {
    let rows = counts.len() as f64;
    let unit = rows / weight.iter().sum::<f64>();
    let last = quantile(counts, BINNED).ceil() as u64;
    let width = (last + 1).div_ceil(MOST_BINS as u64);
    let mut all: Vec<FrequencyProof> = Vec::new();
    // What each law gives to all counts so far.
    let mut reached = vec![0.0; laws.len()];
    let mut from = 0;
    loop {
        let to = (from <= last).then_some(from + width - 1);
        let holds = |count: f64| count >= from as f64 && to.is_none_or(|to| count <= to as f64);
        let observed =
            counts.iter().zip(weight).filter(|(count, _)| holds(**count)).map(|(_, weight)| unit * weight).sum();
        let mut expected = 0.0;
        for ((law, reached), weight) in laws.iter().zip(&mut reached).zip(weight) {
            let next = to.map_or(1.0, |to| law.up_to(to as f64));
            // What a law gives to numbers below 0 belongs to no count.
            let before = if from == 0 { law.up_to(-1.0) } else { *reached };
            expected += unit * weight * (next - before);
            *reached = next;
        }
        all.push(FrequencyProof { from, to, observed, expected });
        match to {
            Some(to) => from = to + 1,
            None => return all,
        }
    }
}

/// Φ⁻¹(u) with u drawn between P(Y < y) and P(Y ≤ y), ascending; each beside the quantile of the normal law that belongs to its rank.
fn quantile_residuals(laws: &[Mixture<'_>], target: &[f64], seed: u64) -> Vec<(f64, f64)> {
    let normal = Normal::standard();
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x9E51_D0A1);
    let residual = |(law, &y): (&Mixture<'_>, &f64)| {
        let (low, high) = (law.below(y), law.cumulative(y));
        // One draw for each row, so that no row changes those of the others.
        let u = low + rng.random::<f64>() * (high - low);
        // Beyond, the normal law has no number any more.
        normal.inverse_cdf(u.clamp(1e-16, 1.0 - 1.2e-16))
    };
    let mut residuals: Vec<f64> = laws.iter().zip(target).map(residual).filter(|residual| !residual.is_nan()).collect();
    residuals.sort_by(f64::total_cmp);
    let rows = residuals.len() as f64;
    let at = |rank: usize| normal.inverse_cdf((rank as f64 + 0.5) / rows);
    residuals.into_iter().enumerate().map(|(rank, residual)| (at(rank), residual)).collect()
}

/// Evenly along the normal quantiles, so that the ends, where laws differ, keep their points.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let ([first, ..], [.., last]) = (points, points) else { return Vec::new() };
    let step = (last.0 - first.0) / (MOST_POINTS - 1) as f64;
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for &point in points {
        if kept.last().is_none_or(|kept| point.0 >= kept.0 + step) || point == *last {
            kept.push(point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn alone(laws: &[Law]) -> Vec<Mixture<'_>> {
        laws.iter().map(|law| Mixture { laws: vec![law] }).collect()
    }

    /// scipy 1.17.1: nbinom(1.5, 1.5/3.5), nbinom(0.7, 0.7/4.7) and their sums over 0, 1, 2 and above.
    #[test]
    fn frequencies_are_sums_of_probabilities() {
        let laws = [Law::NegativeBinomial { mean: 2.0, size: 1.5 }, Law::NegativeBinomial { mean: 4.0, size: 0.7 }];
        let found = frequencies(&alone(&laws), &[2.0, 0.0], &[1.0, 1.0]);
        let expected =
            [0.544_259_785_608_003_4, 0.397_579_276_116_734_2, 0.285_417_667_629_497_2, 0.772_743_270_645_765_3];
        assert_eq!(found.len(), 4);
        for ((found, expected), observed) in found.iter().zip(expected).zip([1.0, 0.0, 1.0, 0.0]) {
            assert_relative_eq!(found.expected, expected, max_relative = 1e-9);
            assert_relative_eq!(found.observed, observed);
        }
        assert_eq!((found[2].from, found[2].to, found[3].from, found[3].to), (2, Some(2), 3, None));
        // A weight of 3 on the first row, in rows: 1.5 to 0.5.
        let weighted = frequencies(&alone(&laws), &[2.0, 0.0], &[3.0, 1.0]);
        assert_relative_eq!(weighted[2].observed, 1.5);
        assert_relative_eq!(weighted[0].observed, 0.5);
    }

    #[test]
    fn large_counts_share_bins_and_nothing_is_lost() {
        let counts: Vec<f64> = (0..1_000).map(f64::from).collect();
        let laws: Vec<Law> = counts.iter().map(|_| Law::NegativeBinomial { mean: 500.0, size: 2.0 }).collect();
        let found = frequencies(&alone(&laws), &counts, &vec![1.0; 1_000]);
        assert!(found.len() <= MOST_BINS + 1, "{}", found.len());
        assert_relative_eq!(found.iter().map(|bin| bin.observed).sum::<f64>(), 1_000.0, max_relative = 1e-12);
        assert_relative_eq!(found.iter().map(|bin| bin.expected).sum::<f64>(), 1_000.0, max_relative = 1e-9);
        for pair in found.windows(2) {
            assert_eq!(pair[0].to.map(|to| to + 1), Some(pair[1].from));
        }
    }

    /// A normal law gives each count what lies nearest to it, and nothing below 0 to any.
    #[test]
    fn a_law_of_other_numbers_expects_counts_too() {
        let found = frequencies(&alone(&[Law::Normal { mean: 0.0, deviation: 1.0 }]), &[0.0], &[1.0]);
        // Φ(0.5) − Φ(−0.5).
        assert_relative_eq!(found[0].expected, 0.382_924_922_548_026, max_relative = 1e-9);
    }

    /// Residuals are normal where the law is the one that came, with and without a mass at 0, and are not where it is another.
    #[test]
    fn residuals_are_normal_under_the_true_law_only() {
        let law = Law::TwoPart { positive: 0.6, mean: 5.0, shape: 2.0 };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let target: Vec<f64> = (0..4_000).map(|_| law.quantile(rng.random::<f64>())).collect();
        let farthest = |law: Law| {
            let points = quantile_residuals(&alone(&vec![law; target.len()]), &target, 7);
            assert!(points.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1));
            let inner = points.iter().filter(|point| point.0.abs() < 2.0);
            inner.map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
        };
        assert!(farthest(law) < 0.15, "{}", farthest(law));
        let other = Law::TwoPart { positive: 0.6, mean: 5.0, shape: 1.0 };
        assert!(farthest(other) > 0.3, "{}", farthest(other));
        let many_zeros = Law::TwoPart { positive: 0.8, mean: 5.0, shape: 2.0 };
        assert!(farthest(many_zeros) > 0.3, "{}", farthest(many_zeros));
    }

    /// Of two starts a row's law is their mixture.
    #[test]
    fn starts_are_mixed() {
        let laws = [Law::Normal { mean: 0.0, deviation: 1.0 }, Law::Normal { mean: 3.0, deviation: 1.0 }];
        let both = Mixture { laws: laws.iter().collect() };
        assert_relative_eq!(both.cumulative(1.5), 0.5, max_relative = 1e-12);
    }

    #[test]
    fn both_ends_stay_and_tails_stay_dense() {
        let normal = Normal::standard();
        let points: Vec<(f64, f64)> =
            (0..10_000).map(|rank| normal.inverse_cdf((f64::from(rank) + 0.5) / 1e4)).map(|x| (x, x)).collect();
        let kept = thinned(&points);
        assert!(kept.len() <= MOST_POINTS + 1 && kept[0] == points[0] && kept[kept.len() - 1] == points[9_999]);
        assert!(kept.iter().filter(|point| point.0 > 3.0).count() >= 5);
        assert_eq!(thinned(&[]), []);
    }
}
