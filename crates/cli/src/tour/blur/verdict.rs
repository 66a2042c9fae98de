//! Which loss is best at what, what sharpness costs, and whether the blur is the mean of what could be.

use super::{Blur, BlurLoss, HalfFigures, Painted, PictureFigures};
use crate::{
    metrics::{Difference, Spread},
    page::capitalised,
    terminal::number::{Unit, one, spread},
    tour::{contrast::Contrast, listed},
};

/// All seeds share training and test pictures: what they say holds for these, and needs no allowance for shared rows.
const SHARED: f64 = 0.0;

/// Errors are small.
pub(super) const ERROR: Unit = Unit::Places(4);

/// What a loss minimises, as a figure of its own.
struct Measure {
    loss: BlurLoss,
    name: &'static str,
    unit: Unit,
    higher_is_better: bool,
    figure: fn(&PictureFigures) -> f64,
}

const MEASURES: [Measure; 4] = [
    Measure {
        loss: BlurLoss::SquaredError,
        name: "squared error",
        unit: ERROR,
        higher_is_better: false,
        figure: |figures| figures.squared,
    },
    Measure {
        loss: BlurLoss::AbsoluteError,
        name: "absolute error",
        unit: ERROR,
        higher_is_better: false,
        figure: |figures| figures.absolute,
    },
    Measure {
        loss: BlurLoss::Ssim,
        name: "structural similarity",
        unit: Unit::Places(3),
        higher_is_better: true,
        figure: |figures| figures.similarity,
    },
    Measure {
        loss: BlurLoss::Perceptual,
        name: "the judge's features",
        unit: Unit::Places(3),
        higher_is_better: false,
        figure: |figures| figures.features,
    },
];

/// The verdict, sentence by sentence.
pub fn verdict(found: &Blur) -> Vec<String> {
    let others = BlurLoss::ALL.into_iter().skip(1);
    let sentences = [own_measures(found)].into_iter().chain(others.map(|loss| against_first(found, loss)));
    let sentences = sentences.chain([noise(found), recognised(found)]);
    let halves = [averaging(found), nearer(found), as_blurry(found), no_worse(found), median(found), price(found)];
    sentences.chain(halves).flatten().collect()
}

/// Whether each loss is the best at what it minimises.
fn own_measures(found: &Blur) -> Option<String> {
    let mut clauses = Vec::new();
    let mut won = 0;
    for measure in &MEASURES {
        let own = found.reconstruction(measure.loss)?.spread(measure.figure);
        let better = |a: f64, b: f64| if measure.higher_is_better { b.total_cmp(&a) } else { a.total_cmp(&b) };
        let others = found.reconstructions.iter().filter(|painted| painted.loss != measure.loss);
        let others = others.map(|painted| (painted.loss, painted.spread(measure.figure)));
        let (other, theirs) = others.min_by(|(_, a), (_, b)| better(a.mean(), b.mean()))?;
        let won_by = if measure.higher_is_better { Difference::Higher } else { Difference::Lower };
        let said = match Contrast::of(&own, &theirs, SHARED).side() {
            side if side == won_by => {
                won += 1;
                "clearly the best"
            }
            Difference::Unclear => "not to be told from the best of the others",
            Difference::Higher | Difference::Lower => "beaten",
        };
        clauses.push(format!(
            "in {} {} is {said} ({} against {} of {})",
            measure.name,
            measure.loss.in_words(),
            spread(&own, measure.unit),
            spread(&theirs, measure.unit),
            other.in_words(),
        ));
    }
    let clauses: Vec<&str> = clauses.iter().map(String::as_str).collect();
    let head = if won == MEASURES.len() {
        "Each loss is best at what it minimises".to_owned()
    } else {
        format!("Of {} losses {won} are clearly best at what they minimise", MEASURES.len())
    };
    Some(format!("{head}: {}.", listed(&clauses, "and")))
}

/// Sharpness and error of a loss against those of squared error.
fn against_first(found: &Blur, loss: BlurLoss) -> Option<String> {
    let (painted, first) = (found.reconstruction(loss)?, found.reconstruction(BlurLoss::SquaredError)?);
    Some(sharper_and_worse(
        (&capitalised(loss.in_words()), "paints"),
        &painted.spread(|figures| figures.sharpness),
        &first.spread(|figures| figures.sharpness),
        &painted.spread(|figures| figures.squared),
        &first.spread(|figures| figures.squared),
    ))
}

fn sharper_and_worse(
    (name, does): (&str, &str),
    sharpness: &Spread,
    first_sharpness: &Spread,
    error: &Spread,
    first_error: &Spread,
) -> String {
    let (sharper, worse) = (Contrast::of(sharpness, first_sharpness, SHARED), Contrast::of(error, first_error, SHARED));
    let edges = match sharper.side() {
        Difference::Higher => "sharper than squared error",
        Difference::Lower => "blurrier than squared error",
        Difference::Unclear => "neither clearly sharper nor clearly blurrier than squared error",
    };
    let errs = match (worse.side(), sharper.side()) {
        (Difference::Higher, Difference::Higher) => "pays for it with a greater squared error",
        (Difference::Higher, Difference::Lower | Difference::Unclear) => "has the greater squared error too",
        (Difference::Lower, _) => "even has the smaller squared error",
        (Difference::Unclear, _) => "has a squared error that the seeds cannot tell from it",
    };
    format!(
        "{name} {does} {edges}, {} of the true edges' energy against {}, and {errs}: {}.",
        spread(sharpness, Unit::Percent),
        spread(first_sharpness, Unit::Percent),
        worse.in_words(ERROR),
    )
}

/// Who paints more edges than there are.
fn noise(found: &Blur) -> Option<String> {
    let noisy: Vec<String> = (found.reconstructions.iter())
        .map(|painted| (painted.loss, painted.spread(|figures| figures.sharpness)))
        .filter(|(_, sharpness)| Contrast::from(sharpness, 1.0, SHARED).side() == Difference::Higher)
        .map(|(loss, sharpness)| format!("{} ({})", loss.in_words(), spread(&sharpness, Unit::Percent)))
        .collect();
    let noisy: Vec<&str> = noisy.iter().map(String::as_str).collect();
    (!noisy.is_empty()).then(|| {
        format!("More edges than the true pictures have, and so noise, are painted with {}.", listed(&noisy, "and"))
    })
}

/// Whose pictures the judge tells right.
fn recognised(found: &Blur) -> Option<String> {
    let of = |painted: &Painted<PictureFigures>| painted.spread(|figures| figures.recognised);
    let first = found.reconstruction(BlurLoss::SquaredError)?;
    let best = found.reconstructions.iter().max_by(|a, b| of(a).mean().total_cmp(&of(b).mean()))?;
    let lost = match Contrast::from(&of(best), found.judge_accuracy, SHARED).side() {
        Difference::Lower => "fewer than",
        Difference::Higher => "more than",
        Difference::Unclear => "not clearly other than",
    };
    let head = format!(
        "The judge tells most pictures right where {} painted them: {}, {lost} the {} of true ones",
        best.loss.in_words(),
        spread(&of(best), Unit::Percent),
        one(found.judge_accuracy, Unit::Percent),
    );
    if best.loss == first.loss {
        return Some(format!("{head}."));
    }
    let contrast = Contrast::of(&of(best), &of(first), SHARED);
    let than = match contrast.side() {
        Difference::Higher => "clearly more than of squared error's",
        Difference::Lower => "clearly fewer than of squared error's",
        Difference::Unclear => "and not clearly more than of squared error's",
    };
    Some(format!("{head}, {than} {}.", spread(&of(first), Unit::Percent)))
}

/// What averaging plausible halves does: it needs no network.
fn averaging(found: &Blur) -> Option<String> {
    let neighbours = &found.neighbours;
    let gain = Contrast::known(neighbours.gain);
    let less = match gain.side() {
        Difference::Lower => "errs less than",
        Difference::Higher => "errs more than",
        Difference::Unclear => "cannot be told by its error from",
    };
    let blurrier = if neighbours.mean.sharpness < neighbours.one.sharpness { "blurrier" } else { "no blurrier" };
    Some(format!(
        "Half a picture leaves the other half open: the mean of the {} plausible halves {less} any one of them, {} against {} \
         ({} over the test pictures), which is their spread about it, {}; and it is {blurrier}, with {} of the true edges' energy \
         against {} of the nearest one.",
        neighbours.count,
        one(neighbours.mean.squared, ERROR),
        one(neighbours.single, ERROR),
        gain.in_words(ERROR),
        one(neighbours.spread, ERROR),
        one(neighbours.mean.sharpness, Unit::Percent),
        one(neighbours.one.sharpness, Unit::Percent),
    ))
}

/// Whether squared error's half is nearer to the mean of what could be than to what was.
fn nearer(found: &Blur) -> Option<String> {
    let squared = found.completion(BlurLoss::SquaredError)?;
    let (to_mean, to_truth) = (squared.spread(|half| half.to_mean), squared.spread(|half| half.squared));
    let nearer = match Contrast::of(&to_mean, &to_truth, SHARED).side() {
        Difference::Lower => "nearer to their mean than to the truth",
        Difference::Higher => "nearer to the truth than to their mean",
        Difference::Unclear => "not clearly nearer to their mean than to the truth",
    };
    Some(format!(
        "What squared error paints is {nearer}: {} from the one and {} from the other.",
        spread(&to_mean, ERROR),
        spread(&to_truth, ERROR),
    ))
}

/// Of how many neighbours the mean is as sharp as what squared error paints.
fn as_blurry(found: &Blur) -> Option<String> {
    let neighbours = &found.neighbours;
    let sharpness = found.completion(BlurLoss::SquaredError)?.spread(|half| half.sharpness);
    let count = match neighbours.as_sharp_as(sharpness.mean()) {
        Some(count) => format!("as sharp as the mean of about {} neighbours", one(count, Unit::Places(0))),
        None if sharpness.mean() > neighbours.one.sharpness => {
            "sharper than one neighbour: not the blur of a mean".into()
        }
        None => "blurrier than the mean of any number that was tried".into(),
    };
    let truth = match Contrast::from(&sharpness, 1.0, SHARED).side() {
        Difference::Lower => "It is blurrier than the truth",
        Difference::Higher => "It has more edges than the truth",
        Difference::Unclear => "It is as sharp as the truth, for all that the seeds say",
    };
    Some(format!("{truth}, {} of its edges' energy: {count}.", spread(&sharpness, Unit::Percent)))
}

/// The network's error against that of the neighbours' mean.
fn no_worse(found: &Blur) -> Option<String> {
    let squared = found.completion(BlurLoss::SquaredError)?.spread(|half| half.squared);
    let contrast = Contrast::from(&squared, found.neighbours.mean.squared, SHARED);
    let errs = match contrast.side() {
        Difference::Lower => "less than their mean: it knows the conditional mean better than they do",
        Difference::Higher => "more than their mean",
        Difference::Unclear => "not clearly other than their mean",
    };
    Some(format!("It errs {errs} ({}).", contrast.in_words(ERROR)))
}

/// Whether absolute error is nearer to the median, and squared error to the mean.
fn median(found: &Blur) -> Option<String> {
    let (absolute, squared) = (found.completion(BlurLoss::AbsoluteError)?, found.completion(BlurLoss::SquaredError)?);
    let contrast =
        |figure: fn(&HalfFigures) -> f64| Contrast::of(&absolute.spread(figure), &squared.spread(figure), SHARED);
    let (to_median, to_mean) = (contrast(|half| half.to_median), contrast(|half| half.to_mean));
    let side = |contrast: &Contrast| match contrast.side() {
        Difference::Lower => "nearer to",
        Difference::Higher => "farther from",
        Difference::Unclear => "not clearly nearer to or farther from",
    };
    Some(format!(
        "Beside it, absolute error's half is {} the neighbours' median ({}) and {} their mean ({}); a median {} edges than a \
         mean, {} of the truth's against {}.",
        side(&to_median),
        to_median.in_words(ERROR),
        side(&to_mean),
        to_mean.in_words(ERROR),
        if found.neighbours.median.sharpness > found.neighbours.mean.sharpness {
            "keeps more"
        } else {
            "keeps no more"
        },
        one(found.neighbours.median.sharpness, Unit::Percent),
        one(found.neighbours.mean.sharpness, Unit::Percent),
    ))
}

/// What a critic buys, and for how much.
fn price(found: &Blur) -> Option<String> {
    let (painted, first) = (found.completion(BlurLoss::Adversarial)?, found.completion(BlurLoss::SquaredError)?);
    Some(sharper_and_worse(
        ("The adversarial loss", "completes"),
        &painted.spread(|half| half.sharpness),
        &first.spread(|half| half.sharpness),
        &painted.spread(|half| half.squared),
        &first.spread(|half| half.squared),
    ))
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use crate::statistics::Paired;

    #[test]
    fn says_what_the_figures_say() {
        insta::assert_snapshot!(verdict(&sample::found()).join("\n"));
    }

    fn with(change: impl Fn(&mut Blur)) -> Vec<String> {
        let mut found = sample::found();
        change(&mut found);
        verdict(&found)
    }

    /// A change of the runs of one loss; the number differs from seed to seed.
    fn whole(loss: BlurLoss, change: impl Fn(&mut PictureFigures, f64)) -> Vec<String> {
        with(|found| {
            for painted in found.reconstructions.iter_mut().filter(|painted| painted.loss == loss) {
                painted.runs.iter_mut().zip([0.99, 1.0, 1.01]).for_each(|(run, by)| change(run, by));
            }
        })
    }

    fn half(loss: BlurLoss, change: impl Fn(&mut HalfFigures, f64)) -> Vec<String> {
        with(|found| {
            for painted in found.completions.iter_mut().filter(|painted| painted.loss == loss) {
                painted.runs.iter_mut().zip([0.99, 1.0, 1.01]).for_each(|(run, by)| change(run, by));
            }
        })
    }

    /// Every sentence of the sample is there, and each number that a sentence rests on turns it.
    #[test]
    fn each_sentence_follows_its_figure() {
        use BlurLoss::{AbsoluteError, Adversarial, Perceptual, SquaredError, Ssim};
        let same = verdict(&sample::found());
        let unsteady = |by: f64| 1.0 + 100.0 * (by - 1.0);
        let gain = |mean: f64, standard_error: f64| {
            with(|found| found.neighbours.gain = Paired { mean, standard_error, freedom: 999.0 })
        };
        for (place, changed, said) in [
            (
                0,
                whole(Ssim, |run, by| run.similarity = 0.5 * by),
                "Of 4 losses 3 are clearly best at what they minimise",
            ),
            (0, whole(Ssim, |run, by| run.similarity = 0.5 * by), "in structural similarity SSIM is beaten"),
            (
                0,
                whole(Perceptual, |run, by| run.features = 0.28 * unsteady(by)),
                "not to be told from the best of the others",
            ),
            (0, whole(SquaredError, |run, by| run.squared = 0.03 * by), "in squared error squared error is beaten"),
            (1, whole(AbsoluteError, |run, by| run.sharpness = 0.2 * by), "blurrier than squared error"),
            (1, whole(AbsoluteError, |run, by| run.sharpness = 0.2 * by), "has the greater squared error too"),
            (
                2,
                whole(Ssim, |run, by| run.sharpness = 0.3 * unsteady(by)),
                "neither clearly sharper nor clearly blurrier",
            ),
            (3, whole(Perceptual, |run, by| run.squared = 0.01 * by), "even has the smaller squared error"),
            (4, whole(Adversarial, |run, by| run.squared = 0.015 * unsteady(by)), "that the seeds cannot tell from it"),
            (
                5,
                whole(Adversarial, |run, by| run.sharpness = 1.5 * by),
                "are painted with the adversarial loss (150 ± 2 %)",
            ),
            (5, whole(SquaredError, |run, by| run.recognised = 0.85 * by), "where squared error painted them"),
            (5, whole(Perceptual, |run, by| run.recognised = 0.95 * by), "more than the 86 %"),
            (5, whole(Perceptual, |run, by| run.recognised = 0.86 * by), "not clearly other than the 86 %"),
            (5, whole(Perceptual, |run, by| run.recognised = 0.8 * unsteady(by)), "not clearly more than of squared"),
            (6, gain(0.02, 0.001), "errs more than any one of them"),
            (6, gain(-0.02, 0.1), "cannot be told by its error from any one of them"),
            (6, with(|found| found.neighbours.mean.sharpness = 1.1), "it is no blurrier"),
            (7, half(SquaredError, |run, by| run.to_mean = 0.03 * by), "nearer to the truth than to their mean"),
            (7, half(SquaredError, |run, by| run.to_mean = 0.02 * unsteady(by)), "not clearly nearer to their mean"),
            (8, half(SquaredError, |run, by| run.sharpness = 0.6 * by), "as the mean of about 3 neighbours"),
            (8, half(SquaredError, |run, by| run.sharpness = 1.5 * by), "sharper than one neighbour"),
            (8, half(SquaredError, |run, by| run.sharpness = 1.5 * by), "It has more edges than the truth"),
            (8, half(SquaredError, |run, by| run.sharpness = 0.05 * by), "blurrier than the mean of any number"),
            (8, half(SquaredError, |run, by| run.sharpness = 0.9 * unsteady(by)), "It is as sharp as the truth"),
            (9, half(SquaredError, |run, by| run.squared = 0.03 * by), "It errs more than their mean"),
            (9, half(SquaredError, |run, by| run.squared = 0.025 * unsteady(by)), "It errs not clearly other than"),
            (10, half(AbsoluteError, |run, by| run.to_median = 0.06 * by), "is farther from the neighbours' median"),
            (10, half(AbsoluteError, |run, by| run.to_mean = 0.007 * by), "and nearer to their mean"),
            (
                10,
                half(AbsoluteError, |run, by| run.to_mean = 0.008 * unsteady(by)),
                "not clearly nearer to or farther from their",
            ),
            (10, with(|found| found.neighbours.median.sharpness = 0.2), "a median keeps no more edges"),
            (11, half(Adversarial, |run, by| run.sharpness = 0.1 * by), "completes blurrier than squared error"),
            (11, half(Adversarial, |run, by| run.squared = 0.01 * by), "even has the smaller squared error"),
        ] {
            assert!(changed[place].contains(said), "{said}: {}", changed[place]);
            assert!(!same[place].contains(said), "{said}: {}", same[place]);
        }
    }
}
