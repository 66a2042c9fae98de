//! Which losses order lists better than the pointwise one, and which differences are noise.

use super::{OrderLoss, Orders, RankedLoss, RankedSet};
use crate::{
    metrics::Difference,
    page::capitalised,
    statistics::holm,
    terminal::number::{Unit, figure, one, spread},
    tour::{contrast::Contrast, listed},
};

/// From this chance down the lists tell two losses apart.
const LEVEL: f64 = 0.05;

/// Of a loss against the pointwise one.
struct Compared<'a> {
    found: &'a RankedLoss,
    contrast: Contrast,
    /// Adjusted for the number of losses.
    p: f64,
}

impl Compared<'_> {
    /// What both say, the interval over the folds and the test over the lists.
    fn side(&self) -> Difference {
        if self.p <= LEVEL { self.contrast.side() } else { Difference::Unclear }
    }

    fn in_words(&self) -> String {
        format!("{} by {}, p {}", self.found.loss.name(), self.contrast.in_words(Unit::Places(3)), figure(self.p, 2))
    }
}

/// The verdict, sentence by sentence.
pub fn verdict(found: &Orders) -> Vec<String> {
    found.sets.iter().flat_map(|set| [against_pointwise(found, set), best_two(found, set)]).flatten().collect()
}

fn compared<'a>(found: &Orders, set: &'a RankedSet) -> Option<(&'a RankedLoss, Vec<Compared<'a>>)> {
    let pointwise = set.losses.iter().find(|losses| losses.loss == OrderLoss::Pointwise)?;
    let others: Vec<&RankedLoss> = set.losses.iter().filter(|losses| losses.loss != pointwise.loss).collect();
    let p = holm(&others.iter().map(|losses| losses.p.unwrap_or(1.0)).collect::<Vec<_>>());
    let with = |(found_loss, p): (&'a RankedLoss, f64)| Compared {
        found: found_loss,
        contrast: Contrast::of(&found_loss.ndcg, &pointwise.ndcg, found.ratio()),
        p,
    };
    Some((pointwise, others.into_iter().zip(p).map(with).collect()))
}

fn against_pointwise(found: &Orders, set: &RankedSet) -> Option<String> {
    let (pointwise, others) = compared(found, set)?;
    let with = |side: Difference| -> Vec<String> {
        others.iter().filter(|other| other.side() == side).map(Compared::in_words).collect()
    };
    let (better, worse, noise) = (with(Difference::Higher), with(Difference::Lower), with(Difference::Unclear));
    let list = |names: &[String]| names.join("; ");
    let mut clauses = Vec::new();
    if !better.is_empty() {
        clauses.push(format!("better: {}", list(&better)));
    }
    if !worse.is_empty() {
        clauses.push(format!("worse: {}", list(&worse)));
    }
    if !noise.is_empty() {
        let what = if noise.len() == others.len() { "every difference is noise" } else { "the rest is noise" };
        clauses.push(format!("{what}: {}", list(&noise)));
    }
    Some(format!(
        "{}: squared error of each item reaches NDCG {}, a random order {}. Against it, {}.",
        capitalised(set.kind.in_words()),
        spread(&pointwise.ndcg, Unit::Places(3)),
        one(set.by_chance, Unit::Places(3)),
        clauses.join("; "),
    ))
}

/// Whether the best loss is known to be the best.
fn best_two(found: &Orders, set: &RankedSet) -> Option<String> {
    let best = set.losses.iter().max_by(|a, b| a.ndcg.mean().total_cmp(&b.ndcg.mean()))?;
    let alike: Vec<&str> = (set.losses.iter())
        .filter(|losses| losses.loss != best.loss)
        .filter(|losses| Contrast::of(&best.ndcg, &losses.ndcg, found.ratio()).side() != Difference::Higher)
        .map(|losses| losses.loss.name())
        .collect();
    Some(match alike.len() {
        0 => format!("{} comes out on top, and clearly so against each other loss.", capitalised(best.loss.name())),
        _ => format!(
            "{} comes out on top, but the folds do not tell it from {}.",
            capitalised(best.loss.name()),
            listed(&alike, "and")
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use crate::metrics::Spread;

    fn with(loss: OrderLoss, change: impl Fn(&mut RankedLoss)) -> Vec<String> {
        let mut found = sample::found();
        let losses = found.sets.iter_mut().flat_map(|set| &mut set.losses);
        losses.filter(|losses| losses.loss == loss).for_each(change);
        verdict(&found)
    }

    #[test]
    fn says_what_the_figures_say() {
        insta::assert_snapshot!(verdict(&sample::found()).join("\n"));
    }

    #[test]
    fn each_sentence_follows_its_figure() {
        use OrderLoss::{ApproxNdcg, Lambda, ListNet, Pairwise};
        let around = |mean: f64| Spread::of(vec![mean - 0.001, mean, mean + 0.001]);
        let same = verdict(&sample::found());
        for (place, changed, said) in [
            // Clear by the folds, but not by the lists, and the other way round.
            (0, with(Lambda, |losses| losses.p = Some(0.3)), "every difference is noise"),
            (0, with(Lambda, |losses| losses.ndcg = Spread::of(vec![0.7, 0.8, 0.9])), "every difference is noise"),
            (0, with(Pairwise, |losses| (losses.ndcg, losses.p) = (around(0.6), Some(0.001))), "worse: pairwise"),
            (0, with(ListNet, |losses| (losses.ndcg, losses.p) = (around(0.9), Some(0.001))), "ListNet by +0.1"),
            // Five comparisons: 0.04 is no longer small.
            (0, with(Lambda, |losses| losses.p = Some(0.04)), "p 0.2"),
            (1, with(ApproxNdcg, |losses| losses.ndcg = around(0.85)), "do not tell it from LambdaLoss"),
            (1, with(ApproxNdcg, |losses| losses.ndcg = around(0.95)), "ApproxNDCG comes out on top, and clearly"),
        ] {
            assert!(changed[place].contains(said), "{said}: {}", changed[place]);
            assert!(!same[place].contains(said), "{said}: {}", same[place]);
        }
    }
}
