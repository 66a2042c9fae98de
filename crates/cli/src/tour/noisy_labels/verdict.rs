//! Where a robust loss wins, where it does not, and how many of so many comparisons chance alone would call clear.

use super::{LabelFlips, LabelLoss, NoiseLevel, NoisyLabels};
use crate::{
    metrics::Difference,
    page::capitalised,
    terminal::number::{Unit, count, percent, spread},
    tour::{contrast::Contrast, listed},
};

/// The share of equal figures that an interval of 95 % calls different.
const FALSE_ALARMS: f64 = 0.05;

/// The verdict, sentence by sentence.
pub fn verdict(found: &NoisyLabels) -> Vec<String> {
    let others = LabelLoss::ALL.into_iter().filter(|&loss| loss != LabelLoss::CrossEntropy);
    let sentences = others.filter_map(|loss| against_plain(found, loss));
    [plain(found)]
        .into_iter()
        .flatten()
        .chain(sentences)
        .chain([matrices(found)].into_iter().flatten())
        .chain([chance(found)])
        .collect()
}

/// A loss's accuracy minus that of another, with this noise.
fn contrast(found: &NoisyLabels, level: &NoiseLevel, loss: LabelLoss, other: LabelLoss) -> Option<Contrast> {
    Some(Contrast::of(&level.of(loss)?.accuracy, &level.of(other)?.accuracy, found.ratio()))
}

/// What wrong labels cost the plain loss.
fn plain(found: &NoisyLabels) -> Option<String> {
    let even = |level: &&NoiseLevel| matches!(level.flips, LabelFlips::Even(_));
    let first = found.levels.iter().find(even)?;
    let last = found.levels.iter().rfind(even)?;
    let [before, after] = [first.of(LabelLoss::CrossEntropy)?, last.of(LabelLoss::CrossEntropy)?];
    let lost = Contrast::of(&after.accuracy, &before.accuracy, found.ratio());
    let judgement = match lost.side() {
        Difference::Lower => "wrong labels cost it",
        Difference::Higher => "wrong labels did it good",
        Difference::Unclear => "no change that the seeds show",
    };
    let learnt = after.learnt_wrong.as_ref().map_or_else(String::new, |learnt| {
        format!("; it says {} of the wrong labels that it was trained on", spread(learnt, Unit::Percent))
    });
    Some(format!(
        "Cross-entropy tells {} of the test rows with {} of the labels wrong and {} with {}: {judgement}, {} points{learnt}.",
        spread(&before.accuracy, Unit::Percent),
        percent(first.flips.share()),
        spread(&after.accuracy, Unit::Percent),
        percent(last.flips.share()),
        points(&lost),
    ))
}

/// Where a loss is better than cross-entropy, where worse, and where nobody can tell.
fn against_plain(found: &NoisyLabels, loss: LabelLoss) -> Option<String> {
    let contrasts: Vec<(LabelFlips, Contrast)> = (found.levels.iter())
        .filter_map(|level| Some((level.flips, contrast(found, level, loss, LabelLoss::CrossEntropy)?)))
        .collect();
    if contrasts.is_empty() {
        return None;
    }
    let clause = |side: Difference, words: &str| {
        let there: Vec<String> = (contrasts.iter())
            .filter(|(_, contrast)| contrast.side() == side)
            .map(|(flips, contrast)| match side {
                Difference::Unclear => flips.in_words(),
                Difference::Higher | Difference::Lower => {
                    format!("{} ({} points)", flips.in_words(), points(contrast))
                }
            })
            .collect();
        let there: Vec<&str> = there.iter().map(String::as_str).collect();
        (!there.is_empty()).then(|| format!("{words} {}", listed(&there, "and")))
    };
    let clauses = [
        clause(Difference::Higher, "wins with"),
        clause(Difference::Lower, "loses with"),
        clause(Difference::Unclear, "cannot be told from it with"),
    ];
    let clauses: Vec<String> = clauses.into_iter().flatten().collect();
    Some(format!("Against cross-entropy, {} {}.", loss.in_words(), clauses.join("; it ")))
}

/// What it takes away that the matrix is not known.
fn matrices(found: &NoisyLabels) -> Option<String> {
    let clauses: Vec<String> = (found.levels.iter())
        .filter_map(|level| {
            let contrast = contrast(found, level, LabelLoss::ForwardEstimated, LabelLoss::ForwardTrue)?;
            let judgement = match contrast.side() {
                Difference::Lower => format!("costs accuracy ({} points", points(&contrast)),
                Difference::Higher => format!("gains accuracy ({} points", points(&contrast)),
                Difference::Unclear => return None,
            };
            let error = spread(&level.matrix_error, Unit::Places(3));
            Some(format!("{judgement}; its entries are off by {error}) with {}", level.flips.in_words()))
        })
        .collect();
    Some(match clauses.len() {
        0 => "Whether the matrix is known or estimated makes no difference that the seeds show.".to_owned(),
        _ => {
            let clauses: Vec<&str> = clauses.iter().map(String::as_str).collect();
            capitalised(&format!("estimating the matrix {}.", listed(&clauses, "and")))
        }
    })
}

/// How much of this chance alone would say.
fn chance(found: &NoisyLabels) -> String {
    let others = || LabelLoss::ALL.into_iter().filter(|&loss| loss != LabelLoss::CrossEntropy);
    let sides: Vec<Difference> = (found.levels.iter())
        .flat_map(|level| others().filter_map(move |loss| contrast(found, level, loss, LabelLoss::CrossEntropy)))
        .map(|contrast| contrast.side())
        .collect();
    let clear = sides.iter().filter(|side| **side != Difference::Unclear).count();
    format!(
        "Of these {} comparisons with cross-entropy {} clear at 95 %; were all losses alike, chance would make {} so.",
        sides.len(),
        match clear {
            0 => "none is".to_owned(),
            1 => "one is".to_owned(),
            clear => format!("{clear} are"),
        },
        count(FALSE_ALARMS * sides.len() as f64),
    )
}

/// Of a difference of shares, in points of a hundred.
fn points(contrast: &Contrast) -> String {
    contrast.in_words(Unit::Percent).replace(" %", "")
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use crate::metrics::Spread;

    /// The found figures with the accuracy of one loss changed where `share` of the labels are wrong.
    fn with(loss: LabelLoss, share: f64, accuracy: [f64; 3]) -> Vec<String> {
        let mut found = sample::found();
        let levels = found.levels.iter_mut().filter(|level| level.flips == LabelFlips::Even(share));
        for losses in levels.flat_map(|level| &mut level.losses).filter(|losses| losses.loss == loss) {
            losses.accuracy = Spread::of(accuracy.to_vec());
        }
        verdict(&found)
    }

    #[test]
    fn says_what_the_figures_say() {
        insta::assert_snapshot!(verdict(&sample::found()).join("\n"));
    }

    #[test]
    fn each_sentence_follows_its_figure() {
        use LabelLoss::{CrossEntropy, ForwardEstimated, Generalised, Symmetric};
        let same = verdict(&sample::found());
        let better = [0.989, 0.99, 0.991];
        let wide = [0.5, 0.7, 0.9];
        for (place, changed, said) in [
            (0, with(CrossEntropy, 0.6, better), "did it good"),
            (0, with(CrossEntropy, 0.6, wide), "no change that the seeds show"),
            (1, with(Generalised, 0.0, better), "wins with 0 % ("),
            (1, with(Generalised, 0.6, wide), "cannot be told from it with 0 % and 60 %"),
            (2, with(Symmetric, 0.6, [0.5, 0.501, 0.502]), "loses with 60 % ("),
            (5, with(ForwardEstimated, 0.6, [0.5, 0.501, 0.502]), "costs accuracy (−"),
            (6, with(Generalised, 0.6, wide), "comparisons with cross-entropy 3 are clear"),
        ] {
            assert!(changed[place].contains(said), "{said}: {}", changed[place]);
            assert!(!same[place].contains(said), "{said}: {}", same[place]);
        }
    }
}
