//! Which game makes the better pictures, who makes all digits, who copies, and who collapsed.

use super::{Collapse, Gan, GanLoss, GanOutcome};
use crate::{
    metrics::{Difference, Spread},
    page::capitalised,
    terminal::number::{Unit, one, percent, spread},
    tour::{contrast::Contrast, listed},
};

/// All seeds share the split: what they say holds for these pictures, and needs no allowance for rows that splits share.
const SHARED: f64 = 0.0;

/// The verdict, sentence by sentence.
pub fn verdict(found: &Gan) -> Vec<String> {
    let others = GanLoss::CONTENDERS.into_iter().skip(1);
    let sentences = [quality(found)].into_iter().chain(others.map(|loss| against_first(found, loss)));
    let sentences = sentences.chain([coverage(found), copies(found), tried(found)]);
    sentences.chain(GanLoss::RISKY.map(|loss| failure(found, loss))).flatten().collect()
}

/// The game with the lowest mean Fréchet distance, of those whose setting was chosen.
pub(super) fn best(found: &Gan) -> Option<&GanOutcome> {
    let mean = |outcome: &&GanOutcome| frechet(outcome).mean();
    GanLoss::CONTENDERS.into_iter().filter_map(|loss| found.of(loss)).min_by(|a, b| mean(a).total_cmp(&mean(b)))
}

fn frechet(outcome: &GanOutcome) -> Spread {
    outcome.spread(|figures| figures.frechet)
}

/// How near the best comes to true pictures.
fn quality(found: &Gan) -> Option<String> {
    let best = best(found)?;
    let floor = found.truth.frechet;
    let sure = best.spread(|figures| figures.sure);
    let distance = match Contrast::from(&frechet(best), floor, SHARED).side() {
        Difference::Higher => "made pictures can still be told from true ones",
        Difference::Lower => "nearer than the training pictures themselves, so that the distance says nothing more",
        Difference::Unclear => "which the seeds cannot tell from it",
    };
    let readable = match Contrast::from(&sure, found.truth.sure, SHARED).side() {
        Difference::Lower => "fewer than",
        Difference::Higher => "more than",
        Difference::Unclear => "not clearly other than",
    };
    Some(format!(
        "The lowest mean Fréchet distance is that of {}: {}, where the training pictures have {}: {distance}. The classifier \
         is sure of {} of its pictures, {readable} the {} of true ones.",
        best.loss.in_words(),
        spread(&frechet(best), Unit::Places(1)),
        one(floor, Unit::Places(1)),
        spread(&sure, Unit::Percent),
        percent(found.truth.sure),
    ))
}

/// A game's Fréchet distance against that of the first.
fn against_first(found: &Gan, loss: GanLoss) -> Option<String> {
    let (outcome, first) = (found.of(loss)?, found.of(GanLoss::NonSaturating)?);
    let contrast = Contrast::of(&frechet(outcome), &frechet(first), SHARED);
    let judgement = match contrast.side() {
        Difference::Lower => "comes nearer to true pictures than",
        Difference::Higher => "stays farther from true pictures than",
        Difference::Unclear => "cannot be told by its distance from",
    };
    Some(format!(
        "{} {judgement} {}: {} in Fréchet distance, {} against {}.",
        capitalised(loss.in_words()),
        first.loss.in_words(),
        contrast.in_words(Unit::Places(1)),
        spread(&frechet(outcome), Unit::Places(1)),
        spread(&frechet(first), Unit::Places(1)),
    ))
}

/// Who makes all ten digits with every seed.
fn coverage(found: &Gan) -> Option<String> {
    let outcomes: Vec<&GanOutcome> = GanLoss::CONTENDERS.into_iter().filter_map(|loss| found.of(loss)).collect();
    let all = |outcome: &&&GanOutcome| outcome.runs.iter().all(|figures| figures.digits() == figures.shares.len());
    let whole: Vec<&str> = outcomes.iter().filter(all).map(|outcome| outcome.loss.in_words()).collect();
    let lacking: Vec<String> = (outcomes.iter())
        .filter(|outcome| !all(outcome))
        .map(|outcome| {
            let digits = outcome.spread(|figures| figures.digits() as f64);
            format!("{} ({} on the mean)", outcome.loss.in_words(), one(digits.mean(), Unit::Places(1)))
        })
        .collect();
    let lacking: Vec<&str> = lacking.iter().map(String::as_str).collect();
    let uneven = |outcome: &&&GanOutcome| outcome.spread(super::PictureFigures::unevenness).mean();
    let evenest = outcomes.iter().min_by(|a, b| uneven(a).total_cmp(&uneven(b)))?;
    let most = match (whole.is_empty(), lacking.is_empty()) {
        (false, true) => "All ten digits are made with every seed by every loss whose setting was chosen".to_owned(),
        (false, false) => format!(
            "All ten digits are made with every seed by {}; not by {}",
            listed(&whole, "and"),
            listed(&lacking, "and")
        ),
        (true, _) => format!("No loss makes all ten digits with every seed: {}", listed(&lacking, "and")),
    };
    Some(format!(
        "{most}. The evenest on the mean is {}: {} nats from even, where the test pictures are {}.",
        evenest.loss.in_words(),
        spread(&evenest.spread(super::PictureFigures::unevenness), Unit::Places(2)),
        one(found.truth.unevenness(), Unit::Places(2)),
    ))
}

/// Whether somebody knows the training pictures by heart.
fn copies(found: &Gan) -> Option<String> {
    let outcomes: Vec<&GanOutcome> = GanLoss::CONTENDERS.into_iter().filter_map(|loss| found.of(loss)).collect();
    let group = |side: Difference| {
        let nearest = |outcome: &GanOutcome| outcome.spread(|figures| figures.nearest);
        let there: Vec<String> = (outcomes.iter())
            .filter(|outcome| Contrast::from(&nearest(outcome), 1.0, SHARED).side() == side)
            .map(|outcome| format!("{} ({})", outcome.loss.in_words(), spread(&nearest(outcome), Unit::Places(2))))
            .collect();
        let there: Vec<&str> = there.iter().map(String::as_str).collect();
        (!there.is_empty()).then(|| listed(&there, "and"))
    };
    let clauses = [
        (Difference::Lower, "nearer to a training picture than true pictures are, as copies would be"),
        (Difference::Higher, "farther from every training picture than true pictures are: no copies"),
        (Difference::Unclear, "as far from the training pictures as true ones are, for all that the seeds say"),
    ]
    .map(|(side, where_to)| group(side).map(|who| format!("What comes of {who} is {where_to}.")));
    let clauses: Vec<String> = clauses.into_iter().flatten().collect();
    (!clauses.is_empty()).then(|| clauses.join(" "))
}

/// How many of the settings ended in a collapse.
fn tried(found: &Gan) -> Option<String> {
    let of = |loss: GanLoss| {
        let tried: Vec<bool> = (found.tried.iter())
            .filter(|tried| tried.loss == loss)
            .map(|tried| tried.figures.collapse().is_some())
            .collect();
        (tried.iter().filter(|collapsed| **collapsed).count(), tried.len())
    };
    let counts: Vec<(GanLoss, usize, usize)> =
        GanLoss::CONTENDERS.into_iter().map(|loss| (loss, of(loss).0, of(loss).1)).collect();
    let all: usize = counts.iter().map(|(_, _, all)| all).sum();
    let named: Vec<String> = (counts.iter())
        .filter(|(_, collapsed, _)| *collapsed > 0)
        .map(|(loss, collapsed, all)| format!("{collapsed} of {all} with {}", loss.in_words()))
        .collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    match (all, named.is_empty()) {
        (0, _) => None,
        (_, true) => Some(format!("None of the {all} settings that were tried ended in a collapse.")),
        (_, false) => Some(format!(
            "Of the {all} settings that were tried, one training each, {} ended in a collapse.",
            listed(&named, "and")
        )),
    }
}

/// Whether what is said to fail did.
fn failure(found: &Gan, loss: GanLoss) -> Option<String> {
    let (outcome, first) = (found.of(loss)?, found.of(GanLoss::NonSaturating)?);
    let seen: Vec<Collapse> = outcome.runs.iter().filter_map(super::PictureFigures::collapse).collect();
    let seeds = outcome.runs.len();
    let shows = |few: bool, alike: bool| match (few, alike) {
        (true, true) => "digits are missing and the pictures are alike",
        (true, false) => "digits are missing",
        (false, true) => "the pictures are alike",
        (false, false) => "nothing",
    };
    let few = seen.iter().any(|seen| matches!(seen, Collapse::FewDigits | Collapse::FewDigitsAlike));
    let alike = seen.iter().any(|seen| matches!(seen, Collapse::Alike | Collapse::FewDigitsAlike));
    let name = capitalised(loss.in_words());
    let digits = spread(&outcome.spread(|figures| figures.digits() as f64), Unit::Places(1));
    let apart = spread(&outcome.spread(|figures| figures.apart), Unit::Places(2));
    let judgement = if seen.is_empty() {
        format!("{name} did not collapse in this run, though it is said to fail")
    } else if seen.len() == seeds {
        format!("{name} collapsed with every seed: {}", shows(few, alike))
    } else {
        format!("{name} collapsed with {} of {seeds} seeds: {}", seen.len(), shows(few, alike))
    };
    let contrast = Contrast::of(&frechet(outcome), &frechet(first), SHARED);
    let farther = match contrast.side() {
        Difference::Higher => "It stays farther from true pictures than",
        Difference::Lower => "It comes nearer to true pictures than",
        Difference::Unclear => "Its distance cannot be told from that of",
    };
    Some(format!(
        "{judgement}. It makes {digits} digits, {apart} apart. {farther} {}: {}.",
        first.loss.in_words(),
        contrast.in_words(Unit::Places(1))
    ))
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    #[test]
    fn says_what_the_figures_say() {
        insta::assert_snapshot!(verdict(&sample::found()).join("\n"));
    }

    /// The sentences after a change of the runs of one game.
    fn with(loss: GanLoss, change: impl Fn(&mut super::super::PictureFigures, f64)) -> Vec<String> {
        let mut found = sample::found();
        for outcome in found.games.iter_mut().filter(|outcome| outcome.loss == loss) {
            for (run, by) in outcome.runs.iter_mut().zip([-0.1, 0.0, 0.1]) {
                change(run, by);
            }
        }
        verdict(&found)
    }

    fn one_digit(figures: &mut super::super::PictureFigures) {
        figures.shares = (0..10).map(|digit| if digit == 0 { 1.0 } else { 0.0 }).collect();
    }

    #[test]
    fn each_sentence_follows_its_figure() {
        use GanLoss::{GradientPenalty, Hasty, Hinge, NonSaturating, RealPenalty, Saturating};
        let same = verdict(&sample::found());
        let none_tried = {
            let mut found = sample::found();
            found.tried.iter_mut().for_each(|tried| tried.figures = found.truth.clone());
            verdict(&found)
        };
        let none_whole = {
            let mut found = sample::found();
            found.games.iter_mut().for_each(|outcome| one_digit(&mut outcome.runs[0]));
            verdict(&found)
        };
        for (place, changed, said) in [
            (0, with(Hinge, |run, by| run.frechet = 0.2 + 0.01 * by), "the hinge: 0.2 ± 0.0, where"),
            (0, with(Hinge, |run, by| run.frechet = 0.2 + 0.01 * by), "nearer than the training pictures themselves"),
            (0, with(Hinge, |run, by| run.frechet = 1.0 + by), "which the seeds cannot tell from it"),
            (0, with(RealPenalty, |run, by| run.sure = 0.99 + 0.01 * by), "more than the"),
            (0, with(RealPenalty, |run, by| run.sure = 0.9 + by), "not clearly other than the"),
            (1, with(Hinge, |run, by| run.frechet = 20.0 + by), "stays farther from true pictures than"),
            (1, with(Hinge, |run, by| run.frechet = 2.0 + by), "comes nearer to true pictures than"),
            (2, with(GradientPenalty, |run, by| run.frechet = 8.0 + 50.0 * by), "cannot be told by its distance from"),
            (3, with(RealPenalty, |run, by| run.frechet = 20.0 + by), "stays farther from true pictures than"),
            (4, with(Hinge, |run, _| one_digit(run)), "not by the hinge (1.0 on the mean)"),
            (4, none_whole, "No loss makes all ten digits with every seed"),
            (
                5,
                with(NonSaturating, |run, by| run.nearest = 0.3 + 0.1 * by),
                "What comes of the non-saturating loss (0.30 ± 0.01) is nearer to a training",
            ),
            (5, with(NonSaturating, |run, by| run.nearest = 1.0 + by), "for all that the seeds say"),
            (6, none_tried, "None of the 8 settings"),
            (
                7,
                with(Saturating, |run, _| one_digit(run)),
                "collapsed with every seed: digits are missing. It makes 1.0",
            ),
            (
                7,
                with(Saturating, |run, by| run.apart = 0.5 + by),
                "collapsed with 1 of 3 seeds: the pictures are alike",
            ),
            (7, with(Saturating, |run, by| run.frechet = 2.0 + by), "It comes nearer to true pictures than"),
            (7, with(Saturating, |run, by| run.frechet = 20.0 + by), "It stays farther from true pictures than"),
            (8, with(Hasty, |run, _| *run = sample::found().truth), "did not collapse in this run"),
        ] {
            assert!(changed[place].contains(said), "{said}: {}", changed[place]);
            assert!(!same[place].contains(said), "{said}: {}", same[place]);
        }
    }
}
