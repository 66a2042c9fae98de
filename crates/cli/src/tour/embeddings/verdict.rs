//! Which loss finds letters that it never saw, what the sphere costs, what the temperature does, and who collapsed.

use minimand::data::metrics::spearman;

use super::{EmbeddingFigures, EmbeddingLoss, EmbeddingOutcome, Embeddings, Yardstick, spread as over_seeds};
use crate::{
    metrics::Difference,
    page::capitalised,
    terminal::number::{Unit, one, spread},
    tour::{contrast::Contrast, listed},
};

/// All seeds share the letters: what they say holds for these letters, and needs no allowance for rows that splits share.
const SHARED: f64 = 0.0;

/// How recall@1 and MAP@R are written.
pub(super) const SHARE: Unit = Unit::Places(3);

/// The verdict, sentence by sentence.
pub fn verdict(found: &Embeddings) -> Vec<String> {
    let sentences = [best(found), against_lda(found), pairs(found), all_places(found), sphere(found)];
    let sentences = sentences.into_iter().chain([evenness(found), temperature(found), collapse(found)]);
    let helps = EmbeddingLoss::VARIATIONS.into_iter().chain([EmbeddingLoss::SemiHard]);
    sentences.chain(helps.map(|loss| help(found, loss))).flatten().collect()
}

/// The loss on top, and the linear axes that need no training.
fn best(found: &Embeddings) -> Option<String> {
    let (best, lda) = (*found.ranked().first()?, found.without(Yardstick::Discriminant)?);
    let contrast = Contrast::from(&best.recall(), lda.recall, SHARED);
    let judgement = match contrast.side() {
        Difference::Higher => "beats",
        Difference::Lower => "stays below",
        Difference::Unclear => "cannot be told from",
    };
    Some(format!(
        "Of letters that no network saw, the highest mean recall@1 in four dimensions is that of {}: {}. It {judgement} linear \
         discriminant analysis, which has {}: {}.",
        best.loss.in_words(),
        spread(&best.recall(), SHARE),
        one(lda.recall, SHARE),
        contrast.in_words(SHARE),
    ))
}

/// Who is above and who below linear discriminant analysis.
fn against_lda(found: &Embeddings) -> Option<String> {
    let lda = found.without(Yardstick::Discriminant)?.recall;
    let group = |side: Difference| {
        let there =
            found.ranked().into_iter().filter(|outcome| Contrast::from(&outcome.recall(), lda, SHARED).side() == side);
        named(there)
    };
    let clauses = [
        (Difference::Higher, "Beyond the seeds' noise better than it"),
        (Difference::Unclear, "Not to be told from it"),
        (Difference::Lower, "Worse"),
    ];
    let clauses = clauses.map(|(side, words)| group(side).map(|who| format!("{words}: {who}.")));
    let clauses: Vec<String> = clauses.into_iter().flatten().collect();
    (!clauses.is_empty()).then(|| clauses.join(" "))
}

/// Who can be told from the best, and how many pairs of losses can be told apart at all.
fn pairs(found: &Embeddings) -> Option<String> {
    let ranked = found.ranked();
    let (best, others) = ranked.split_first()?;
    let side = |a: &EmbeddingOutcome, b: &EmbeddingOutcome| Contrast::of(&a.recall(), &b.recall(), SHARED).side();
    let near = named(others.iter().copied().filter(|other| side(best, other) == Difference::Unclear));
    let all: Vec<(usize, usize)> = (0..ranked.len()).flat_map(|a| (a + 1..ranked.len()).map(move |b| (a, b))).collect();
    let apart = all.iter().filter(|&&(a, b)| side(ranked[a], ranked[b]) != Difference::Unclear).count();
    let near = match near {
        Some(who) => format!("The seeds do not tell {} from {who}.", best.loss.in_words()),
        None => format!("The recall@1 of {} is clearly higher than that of each other loss.", best.loss.in_words()),
    };
    Some(format!(
        "{near} Of {} pairs of losses they tell {apart} apart; by chance alone it would be about {}.",
        all.len(),
        one(0.05 * all.len() as f64, Unit::Count),
    ))
}

/// What MAP@R, which looks at all places, says of the columns themselves and of the embedding.
fn all_places(found: &Embeddings) -> Option<String> {
    let columns = found.without(Yardstick::AllColumns)?;
    let map_at_r = |outcome: &EmbeddingOutcome| outcome.spread(|figures| figures.map_at_r);
    let ranked = found.ranked();
    let best = ranked.iter().max_by(|a, b| map_at_r(a).mean().total_cmp(&map_at_r(b).mean()))?;
    let contrast = Contrast::from(&map_at_r(best), columns.map_at_r, SHARED);
    let judgement = match contrast.side() {
        Difference::Higher => "gather a letter's rows less well than four learnt ones",
        Difference::Lower => "gather a letter's rows better than four learnt ones",
        Difference::Unclear => {
            "gather a letter's rows neither better nor worse than four learnt ones, for all that the seeds say"
        }
    };
    Some(format!(
        "All {} columns have recall@1 {}: a row's nearest other is nearly its double. But they {judgement}: MAP@R {}, against {} with {}.",
        found.features,
        one(columns.recall, SHARE),
        one(columns.map_at_r, SHARE),
        spread(&map_at_r(best), SHARE),
        best.loss.in_words(),
    ))
}

/// What it costs to use directions alone, with the same miner.
fn sphere(found: &Embeddings) -> Option<String> {
    let (on, free) = (found.of(EmbeddingLoss::OnTheSphere)?, found.of(EmbeddingLoss::RandomTriplets)?);
    let (lda, direction) = (found.without(Yardstick::Discriminant)?, found.without(Yardstick::DiscriminantDirection)?);
    let contrast = Contrast::of(&on.recall(), &free.recall(), SHARED);
    let judgement = match contrast.side() {
        Difference::Lower => "A direction in four dimensions has only three of its own, and that costs recall@1",
        Difference::Higher => {
            "A direction in four dimensions has only three of its own, and yet directions alone do better"
        }
        Difference::Unclear => {
            "A direction in four dimensions has only three of its own; what that costs the seeds cannot tell"
        }
    };
    Some(format!(
        "{judgement}: random triplets on the sphere against the same in open space {}; the directions of linear discriminant \
         analysis have {}, itself {}. InfoNCE, SupCon and ArcFace know directions only.",
        contrast.in_words(SHARE),
        one(direction.recall, SHARE),
        one(lda.recall, SHARE),
    ))
}

/// Whether alignment and uniformity foretell recall@1.
fn evenness(found: &Embeddings) -> Option<String> {
    let sound: Vec<&EmbeddingOutcome> = found.ranked().into_iter().filter(|outcome| outcome.collapsed() == 0).collect();
    let means = |figure: fn(&EmbeddingFigures) -> f64| -> Vec<f64> {
        sound.iter().map(|outcome| outcome.spread(figure).mean()).collect()
    };
    let recall = means(|figures| figures.recall);
    let clause = |name: &str, figure: fn(&EmbeddingFigures) -> f64| {
        let rank = spearman(&means(figure), &recall).ok()?;
        // Fisher's interval, with Bonett and Wright's (2000) variance for ranks.
        let error = 1.96 * ((1.0 + 0.5 * rank * rank) / (sound.len() as f64 - 3.0)).sqrt();
        let of = |by: f64| (rank.clamp(-0.999_999, 0.999_999).atanh() + by).tanh();
        let judgement = match (of(-error) > 0.0, of(error) < 0.0) {
            (true, _) => "goes with higher recall@1",
            (_, true) => "goes with lower recall@1",
            (false, false) => "foretells nothing that so few losses could show",
        };
        let place = |value: f64| one(value, Unit::Places(2)).replace('-', "−");
        Some(format!(
            "{name} {judgement} (rank correlation {}, {} to {})",
            place(rank),
            place(of(-error)),
            place(of(error))
        ))
    };
    if sound.len() < 5 {
        return None;
    }
    let near = clause("a greater distance of like directions", |figures| figures.alignment)?;
    let even = clause("a less even spread", |figures| figures.uniformity)?;
    Some(format!("Over the {} losses that did not collapse, {near}, and {even}.", sound.len()))
}

/// What the temperature of InfoNCE does to recall@1 and to how evenly directions are spread.
fn temperature(found: &Embeddings) -> Option<String> {
    let (first, last) = (found.temperatures.first()?, found.temperatures.last()?);
    let recall = |runs: &[EmbeddingFigures]| over_seeds(runs, |figures| figures.recall);
    let order = |a: &&super::TemperatureOutcome, b: &&super::TemperatureOutcome| {
        recall(&a.runs).mean().total_cmp(&recall(&b.runs).mean())
    };
    let (best, worst) = (found.temperatures.iter().max_by(order)?, found.temperatures.iter().min_by(order)?);
    let contrast = Contrast::of(&recall(&best.runs), &recall(&worst.runs), SHARED);
    let judgement = match contrast.side() {
        Difference::Higher => "The temperature of InfoNCE matters",
        Difference::Lower | Difference::Unclear => {
            "The temperature of InfoNCE makes no difference that the seeds could tell"
        }
    };
    let uniformity = |runs: &[EmbeddingFigures]| over_seeds(runs, |figures| figures.uniformity);
    let spreads = Contrast::of(&uniformity(&last.runs), &uniformity(&first.runs), SHARED);
    let evener = match spreads.side() {
        Difference::Higher => "the lowest spreads directions more evenly than the highest",
        Difference::Lower => "the highest spreads directions more evenly than the lowest",
        Difference::Unclear => "neither end spreads directions more evenly than the other, for all that the seeds say",
    };
    Some(format!(
        "{judgement}: recall@1 is {} at {}, {} at {}, {} between them; {evener} (uniformity {} at {}, {} at {}).",
        spread(&recall(&best.runs), SHARE),
        best.temperature,
        spread(&recall(&worst.runs), SHARE),
        worst.temperature,
        contrast.in_words(SHARE),
        spread(&uniformity(&first.runs), Unit::Places(2)),
        first.temperature,
        spread(&uniformity(&last.runs), Unit::Places(2)),
        last.temperature,
    ))
}

/// Whether wrong mining did what it is said to do.
fn collapse(found: &Embeddings) -> Option<String> {
    let hard = found.of(EmbeddingLoss::BatchHard)?;
    let seeds = hard.runs.len();
    let judgement = match hard.collapsed() {
        0 => "The hardest triplets of a batch did not collapse in this run, though they are said to".to_owned(),
        some if some == seeds => {
            "With the hardest triplets of a batch everything collapses into one place, with every seed".to_owned()
        }
        some => format!(
            "With the hardest triplets of a batch everything collapses into one place with {some} of {seeds} seeds"
        ),
    };
    let tried: Vec<bool> = (found.tried.iter())
        .filter(|tried| tried.loss == EmbeddingLoss::BatchHard)
        .map(|tried| tried.figures.collapsed())
        .collect();
    let stuck: Vec<f64> = hard.runs.iter().filter_map(|figures| figures.loss_over_point).collect();
    let at_the_margin = if !stuck.is_empty() && stuck.iter().all(|ratio| (0.95..=1.1).contains(ratio)) {
        "the loss is the margin, what one point for all rows costs"
    } else {
        "the loss is not that of one point"
    };
    Some(format!(
        "{judgement}: the distances of unseen rows end at {} of the untrained network's, {at_the_margin} ({} of it), and recall@1 \
         is {}. Of {} margins that were tried {} collapsed. No number was infinite and no error was raised.",
        spread(&hard.spread(|figures| figures.apart), Unit::Percent),
        spread(&hard.spread(|figures| figures.loss_over_point.unwrap_or(f64::NAN)), Unit::Places(2)),
        spread(&hard.recall(), SHARE),
        tried.len(),
        tried.iter().filter(|collapsed| **collapsed).count(),
    ))
}

/// Whether something helps against it.
fn help(found: &Embeddings, loss: EmbeddingLoss) -> Option<String> {
    let (outcome, hard) = (found.of(loss)?, found.of(EmbeddingLoss::BatchHard)?);
    let seeds = outcome.runs.len();
    let contrast = Contrast::of(&outcome.recall(), &hard.recall(), SHARED);
    let better = match contrast.side() {
        Difference::Higher => "recall@1 is higher",
        Difference::Lower => "recall@1 is lower",
        Difference::Unclear => "recall@1 cannot be told from theirs",
    };
    let there = match outcome.collapsed() {
        0 => "do not collapse".to_owned(),
        some if some == seeds => "collapse as well, with every seed".to_owned(),
        some => format!("collapse with {some} of {seeds} seeds"),
    };
    Some(format!(
        "{} {there} ({} of the untrained distances); {better}: {}, {}.",
        capitalised(outcome.loss.in_words()),
        spread(&outcome.spread(|figures| figures.apart), Unit::Percent),
        spread(&outcome.recall(), SHARE),
        contrast.in_words(SHARE),
    ))
}

/// Losses with their recall@1.
fn named<'a>(outcomes: impl Iterator<Item = &'a EmbeddingOutcome>) -> Option<String> {
    let there: Vec<String> =
        outcomes.map(|outcome| format!("{} ({})", outcome.loss.in_words(), spread(&outcome.recall(), SHARE))).collect();
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    (!there.is_empty()).then(|| listed(&there, "and"))
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    #[test]
    fn says_what_the_figures_say() {
        insta::assert_snapshot!(verdict(&sample::found()).join("\n"));
    }

    /// The sentences after a change of the runs of some losses.
    fn with(losses: &[EmbeddingLoss], change: impl Fn(&mut EmbeddingFigures, f64)) -> Vec<String> {
        let mut found = sample::found();
        for outcome in found.losses.iter_mut().filter(|outcome| losses.contains(&outcome.loss)) {
            for (run, by) in outcome.runs.iter_mut().zip([-0.01, 0.0, 0.01]) {
                change(run, by);
            }
        }
        verdict(&found)
    }

    fn at_temperatures(change: impl Fn(&mut EmbeddingFigures, f64)) -> Vec<String> {
        let mut found = sample::found();
        for outcome in &mut found.temperatures {
            outcome.runs.iter_mut().for_each(|run| change(run, outcome.temperature));
        }
        verdict(&found)
    }

    #[test]
    fn each_sentence_follows_its_figure() {
        use EmbeddingLoss as E;
        let same = verdict(&sample::found());
        let wide = |run: &mut EmbeddingFigures, by: f64| run.recall = 0.87 + 20.0 * by;
        let recall = |losses: &[EmbeddingLoss], recall: f64| with(losses, |run, by| run.recall = recall + 0.1 * by);
        for (place, changed, said) in [
            (0, recall(&[E::ArcFace], 0.95), "that of ArcFace: 0.950 ± 0.001. It beats linear"),
            (0, recall(&E::CONTENDERS, 0.8), "It stays below linear"),
            (1, recall(&[E::InfoNce], 0.9), "better than it: InfoNCE (0.900 ± 0.001)."),
            (1, with(&E::CONTENDERS, wide), "Not to be told from it: the contrastive loss"),
            (1, recall(&[E::EasyPositive], 0.7), "triplets with the easiest positive (0.700 ± 0.001)"),
            (2, recall(&[E::ArcFace], 0.95), "The recall@1 of ArcFace is clearly higher than that of each other loss."),
            (2, with(&E::CONTENDERS, |run, by| run.recall = 0.8 + by), "they tell 0 apart"),
            (
                3,
                with(&E::CONTENDERS, |run, by| run.map_at_r = 0.2 + 0.1 * by),
                "better than four learnt ones: MAP@R 0.300",
            ),
            (3, with(&E::CONTENDERS, |run, by| run.map_at_r = 0.3 + by), "neither better nor worse"),
            (4, recall(&[E::OnTheSphere], 0.95), "and yet directions alone do better"),
            (4, with(&[E::OnTheSphere], wide), "what that costs the seeds cannot tell"),
            (
                5,
                with(&E::CONTENDERS, |run, _| run.alignment = run.recall),
                "a greater distance of like directions goes with higher",
            ),
            (5, with(&E::CONTENDERS, |run, _| run.uniformity = run.recall), "a less even spread goes with higher"),
            (
                5,
                with(&E::CONTENDERS, |run, _| run.alignment = (run.recall * 300.0).sin()),
                "like directions foretells nothing",
            ),
            (6, at_temperatures(|run, _| run.recall = 0.8), "makes no difference that the seeds could tell"),
            (6, at_temperatures(|run, at| run.uniformity = at), "the lowest spreads directions more evenly"),
            (6, at_temperatures(|run, _| run.uniformity = -1.0), "neither end spreads"),
            (7, with(&[E::BatchHard], |run, _| run.apart = 1.0), "did not collapse in this run"),
            (7, with(&[E::BatchHard], |run, by| run.apart = 0.095 + by), "with 2 of 3 seeds"),
            (7, with(&[E::BatchHard], |run, _| run.loss_over_point = Some(0.5)), "the loss is not that of one point"),
            (8, with(&[E::SoftMargin], |run, _| run.apart = 1.0), "do not collapse"),
            (8, recall(&[E::SoftMargin], 0.5), "recall@1 is lower"),
            (9, with(&[E::AfterWarmUp], |run, _| run.apart = 0.0), "collapse as well, with every seed"),
            (10, with(&[E::OfFew], |run, by| run.apart = 0.095 + by), "collapse with 2 of 3 seeds"),
            (11, with(&[E::SemiHard], |run, by| run.recall = 0.65 + by * by), "recall@1 cannot be told from theirs"),
        ] {
            assert!(changed[place].contains(said), "{said}: {}", changed[place]);
            assert!(!same[place].contains(said), "{said}: {}", same[place]);
        }
    }
}
