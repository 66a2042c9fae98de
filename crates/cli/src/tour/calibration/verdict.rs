//! What the figures say of the losses' probabilities, with the spread of the seeds, also where the answer is "nothing".

use super::{LossReliability, ProbabilityFigures, ProbabilityLoss, Reliability};
use crate::{
    metrics::{Difference, Spread},
    page::capitalised,
    terminal::number::{Unit, spread},
    tour::{contrast::Contrast, listed},
};

/// The verdict, sentence by sentence.
pub fn verdict(found: &Reliability) -> Vec<String> {
    let Some(plain) = found.losses.iter().find(|losses| losses.loss == ProbabilityLoss::CrossEntropy) else {
        return Vec::new();
    };
    vec![
        overfitting(found, plain),
        confidence(found),
        against_plain(found, plain, "As trained", |losses| &losses.trained),
        scaling(found),
        against_plain(found, plain, "With the temperature", |losses| &losses.scaled),
        decision(found, plain),
    ]
}

/// Whether the plain loss knows its training rows better than others.
fn overfitting(found: &Reliability, plain: &LossReliability) -> String {
    let contrast = Contrast::of(&plain.trained.log_loss, &plain.log_loss_train, found.ratio());
    let judgement = match contrast.side() {
        Difference::Higher => "it has over-fitted",
        Difference::Lower => "it has not over-fitted",
        Difference::Unclear => "the seeds do not show that it has over-fitted",
    };
    format!(
        "After {} epochs cross-entropy's log loss is {} on the training rows and {} on the test rows: {judgement}.",
        found.epochs,
        three(&plain.log_loss_train),
        three(&plain.trained.log_loss),
    )
}

/// Who is too sure, by the temperature.
fn confidence(found: &Reliability) -> String {
    let clause = |side: Difference, is: &str, are: &str| {
        let whose = |losses: &&LossReliability| Contrast::from(&losses.temperature, 1.0, found.ratio()).side() == side;
        let names: Vec<String> = (found.losses.iter().filter(whose))
            .map(|losses| format!("{} ({})", losses.loss.name(), spread(&losses.temperature, Unit::Places(2))))
            .collect();
        let text = listed(&names.iter().map(String::as_str).collect::<Vec<_>>(), "and");
        match names.len() {
            0 => None,
            1 => Some(format!("{text} {is}")),
            _ => Some(format!("{text} {are}")),
        }
    };
    let clauses = [
        clause(Difference::Higher, "is too sure of itself", "are too sure of themselves"),
        clause(Difference::Lower, "is not sure enough", "are not sure enough"),
        clause(
            Difference::Unclear,
            "is neither too sure nor too unsure for all that the seeds show",
            "are neither too sure nor too unsure for all that the seeds show",
        ),
    ];
    format!(
        "By the temperature that would suit them: {}.",
        clauses.into_iter().flatten().collect::<Vec<_>>().join("; ")
    )
}

/// Miscalibration of the other losses against that of the plain one.
fn against_plain(
    found: &Reliability,
    plain: &LossReliability,
    when: &str,
    figures: impl Fn(&LossReliability) -> &ProbabilityFigures,
) -> String {
    let base = &figures(plain).miscalibration;
    let others = found.losses.iter().filter(|losses| losses.loss != plain.loss);
    let clauses: Vec<String> = others
        .map(|losses| {
            let contrast = Contrast::of(&figures(losses).miscalibration, base, found.ratio());
            let judgement = match contrast.side() {
                Difference::Lower => "is better calibrated",
                Difference::Higher => "is worse calibrated",
                Difference::Unclear => "cannot be told from it",
            };
            format!("{} {judgement} ({})", losses.loss.name(), contrast.in_words(Unit::Places(3)))
        })
        .collect();
    format!("{when}, against cross-entropy's miscalibration of {}: {}.", three(base), clauses.join("; "))
}

/// Whose miscalibration the temperature lowers.
fn scaling(found: &Reliability) -> String {
    let side = |losses: &LossReliability| {
        Contrast::of(&losses.scaled.miscalibration, &losses.trained.miscalibration, found.ratio()).side()
    };
    let with = |wanted: Difference| -> Vec<&LossReliability> {
        found.losses.iter().filter(|losses| side(losses) == wanted).collect()
    };
    let names = |losses: &[&LossReliability]| {
        listed(&losses.iter().map(|losses| losses.loss.name()).collect::<Vec<_>>(), "and")
    };
    let (helped, harmed, same) = (with(Difference::Lower), with(Difference::Higher), with(Difference::Unclear));
    let mut clauses = Vec::new();
    if !helped.is_empty() {
        let from: Vec<String> = (helped.iter())
            .map(|losses| {
                let [before, after] = [&losses.trained, &losses.scaled].map(|figures| three(&figures.miscalibration));
                format!("{} from {before} to {after}", losses.loss.name())
            })
            .collect();
        let from: Vec<&str> = from.iter().map(String::as_str).collect();
        clauses.push(format!("lowers the miscalibration of {}", listed(&from, "and")));
    }
    if !harmed.is_empty() {
        clauses.push(format!("raises that of {}", names(&harmed)));
    }
    if !same.is_empty() {
        clauses.push(format!("makes no clear difference to {}", names(&same)));
    }
    format!("One temperature {}.", clauses.join("; it "))
}

/// What the probabilities cost whoever acts on them.
fn decision(found: &Reliability, plain: &LossReliability) -> String {
    let repaired = Contrast::of(&plain.scaled.cost, &plain.trained.cost, found.ratio());
    let effect = match repaired.side() {
        Difference::Lower => "the temperature lowers that",
        Difference::Higher => "the temperature raises that",
        Difference::Unclear => "the temperature makes no clear difference to that",
    };
    let others: Vec<(&str, Contrast)> = (found.losses.iter())
        .filter(|losses| losses.loss != plain.loss)
        .map(|losses| (losses.loss.name(), Contrast::of(&losses.scaled.cost, &plain.scaled.cost, found.ratio())))
        .collect();
    let with = |side: Difference| -> Vec<String> {
        let there = others.iter().filter(|(_, contrast)| contrast.side() == side);
        there.map(|(name, contrast)| format!("{name} ({})", contrast.in_words(Unit::Places(0)))).collect()
    };
    let (cheaper, dearer) = (with(Difference::Lower), with(Difference::Higher));
    let list = |names: &[String]| listed(&names.iter().map(String::as_str).collect::<Vec<_>>(), "and");
    let then = match (cheaper.len(), dearer.len()) {
        (0, 0) => "with it no loss is clearly cheaper or dearer than cross-entropy".to_owned(),
        (0, _) => format!("with it no loss is cheaper than cross-entropy; dearer: {}", list(&dearer)),
        (_, 0) => format!("with it cheaper than cross-entropy: {}", list(&cheaper)),
        _ => format!("with it cheaper than cross-entropy: {}; dearer: {}", list(&cheaper), list(&dearer)),
    };
    capitalised(&format!(
        "for whoever acts by the costs, 1,000 mails cost {} with cross-entropy; {effect} ({}); {then}.",
        spread(&plain.trained.cost, Unit::Places(0)),
        repaired.in_words(Unit::Places(0)),
    ))
}

fn three(figure: &Spread) -> String {
    spread(figure, Unit::Places(3))
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    /// The found figures with one loss changed.
    fn with(loss: ProbabilityLoss, change: impl Fn(&mut LossReliability)) -> Vec<String> {
        let mut found = sample::found();
        found.losses.iter_mut().filter(|losses| losses.loss == loss).for_each(change);
        verdict(&found)
    }

    fn spread_around(mean: f64) -> Spread {
        Spread::of([-0.01, 0.0, 0.01].map(|by| mean * (1.0 + by)).to_vec())
    }

    #[test]
    fn says_what_the_figures_say() {
        insta::assert_snapshot!(verdict(&sample::found()).join("\n"));
    }

    #[test]
    fn each_sentence_follows_its_figure() {
        use ProbabilityLoss::{Brier, CrossEntropy, Focal, LabelSmoothing};
        let same = verdict(&sample::found());
        let cases: [(usize, Vec<String>, &str); 8] = [
            (
                0,
                with(CrossEntropy, |losses| losses.log_loss_train = losses.trained.log_loss.clone()),
                "the seeds do not show",
            ),
            (1, with(Focal, |losses| losses.temperature = spread_around(2.0)), "focal loss (2.00 ± 0.02) and Brier"),
            (1, with(Brier, |losses| losses.temperature = Spread::of(vec![0.5, 1.0, 1.5])), "is neither too sure"),
            (
                2,
                with(Brier, |losses| losses.trained.miscalibration = spread_around(0.9)),
                "Brier score is worse calibrated",
            ),
            (
                3,
                with(Focal, |losses| losses.scaled.miscalibration = spread_around(0.9)),
                "it raises that of focal loss",
            ),
            (
                4,
                with(LabelSmoothing, |losses| losses.scaled.miscalibration = spread_around(0.001)),
                "label smoothing is better",
            ),
            (5, with(CrossEntropy, |losses| losses.scaled.cost = spread_around(90.0)), "the temperature raises that"),
            (
                5,
                with(Brier, |losses| losses.scaled.cost = spread_around(5.0)),
                "cheaper than cross-entropy: Brier score (",
            ),
        ];
        for (place, changed, said) in cases {
            assert!(changed[place].contains(said), "{said}: {}", changed[place]);
            assert!(!same[place].contains(said), "{said}: {}", same[place]);
        }
    }
}
