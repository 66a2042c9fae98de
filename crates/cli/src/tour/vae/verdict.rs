//! What the eigenvalues predicted and what came; what β, free bits and more codes buy, and at what price.

use super::{Vae, VaeFigures, VaeNetwork, VaeObjective, VaeOutcome};
use crate::{
    metrics::{Difference, Spread},
    page::capitalised,
    terminal::number::{Unit, count, one, percent, spread},
    tour::{contrast::Contrast, listed},
};

/// All seeds share the split: what they say holds for these pictures, and needs no allowance for rows that splits share.
const SHARED: f64 = 0.0;

/// Below this share of the pictures' variance, reconstructions are one and the same picture.
pub(super) const MEAN_PICTURE: f64 = 0.01;

/// The verdict, sentence by sentence.
pub fn verdict(found: &Vae) -> Vec<String> {
    let single = [predicted(found), nats(found), guide(found), collapse(found)];
    let deep = found.outcomes.iter().filter(|outcome| outcome.network == VaeNetwork::Deep);
    let others = deep.filter_map(|outcome| match outcome.objective {
        VaeObjective::Beta { .. } => cheaper(found, outcome),
        VaeObjective::FreeBits { .. } => free_bits(found, outcome),
        VaeObjective::ImportanceWeighted { .. } => more_codes(found, outcome),
    });
    single.into_iter().flatten().chain(others).chain(depth(found)).collect()
}

fn elbo(found: &Vae) -> Option<&VaeOutcome> {
    found.of(VaeNetwork::Deep, VaeObjective::ELBO)
}

fn active(outcome: &VaeOutcome) -> Spread {
    outcome.spread(|figures| figures.active as f64)
}

fn contrast(first: &VaeOutcome, second: &VaeOutcome, figure: fn(&VaeFigures) -> f64) -> Contrast {
    Contrast::of(&first.spread(figure), &second.spread(figure), SHARED)
}

/// Whether the two figures are equal with every seed.
fn same(first: &VaeOutcome, second: &VaeOutcome, figure: fn(&VaeFigures) -> f64) -> bool {
    first.spread(figure).values() == second.spread(figure).values()
}

/// "higher", "lower", or that it cannot be told.
fn words(side: Difference, [higher, lower, unclear]: [&'static str; 3]) -> &'static str {
    match side {
        Difference::Higher => higher,
        Difference::Lower => lower,
        Difference::Unclear => unclear,
    }
}

/// "β = 1, 4 and 16".
fn betas(betas: &[f64]) -> String {
    let betas: Vec<String> = betas.iter().map(f64::to_string).collect();
    format!("β = {}", listed(&betas.iter().map(String::as_str).collect::<Vec<_>>(), "and"))
}

/// Whether the linear network has as many active units as was said.
fn predicted(found: &Vae) -> Option<String> {
    let of_betas: Vec<(f64, &VaeOutcome)> = found.betas(VaeNetwork::Linear).collect();
    let trainings: usize = of_betas.iter().map(|(_, outcome)| outcome.runs.len()).sum();
    let off = |beta: f64, figures: &VaeFigures| figures.active.abs_diff(found.spectrum.active(beta));
    let misses = of_betas.iter().flat_map(|(beta, outcome)| outcome.runs.iter().map(|figures| off(*beta, figures)));
    let misses: Vec<usize> = misses.filter(|&off| off > 0).collect();
    let farthest = misses.iter().max().copied().unwrap_or(0);
    let wrong = of_betas.iter().filter(|(beta, outcome)| outcome.runs.iter().any(|figures| off(*beta, figures) > 0));
    let wrong: Vec<f64> = wrong.map(|(beta, _)| *beta).collect();
    let said: Vec<String> = of_betas.iter().map(|(beta, _)| found.spectrum.active(*beta).to_string()).collect();
    let said = listed(&said.iter().map(String::as_str).collect::<Vec<_>>(), "and");
    let all: Vec<f64> = of_betas.iter().map(|(beta, _)| *beta).collect();
    let judgement = match (misses.len(), trainings) {
        (_, 0) => return None,
        (0, trainings) => format!("and so many are active in all of the {trainings} trainings"),
        (wrong_ones, trainings) => format!(
            "and so many are active in {} of the {trainings} trainings; the others, with {}, miss it by {}",
            trainings - wrong_ones,
            betas(&wrong),
            if farthest == 1 { "one unit".to_owned() } else { format!("up to {farthest} units") },
        ),
    };
    // Units are ordered by what they hold.
    let beyond = of_betas.iter().flat_map(|(beta, outcome)| {
        let place = found.spectrum.active(*beta);
        outcome.runs.iter().filter_map(move |figures| figures.divergences.get(place))
    });
    let beyond = beyond.copied().max_by(f64::total_cmp).unwrap_or(0.0);
    Some(format!(
        "Before anything is trained, the eigenvalues give a linear network {said} active units for {}, {judgement}. No unit \
         beyond the predicted number holds more than {} nats.",
        betas(&all),
        one(beyond, Unit::Places(3))
    ))
}

/// Whether its code holds as many nats as was said.
fn nats(found: &Vae) -> Option<String> {
    let groups = |side: Difference| {
        let of_side = found.betas(VaeNetwork::Linear).filter(|(beta, outcome)| {
            let rate = outcome.spread(|figures| figures.rate);
            Contrast::from(&rate, found.spectrum.rate(*beta), SHARED).side() == side
        });
        of_side.map(|(beta, _)| beta).collect::<Vec<f64>>()
    };
    let off = found
        .betas(VaeNetwork::Linear)
        .map(|(beta, outcome)| (outcome.spread(|figures| figures.rate).mean() - found.spectrum.rate(beta)).abs());
    let farthest = off.max_by(f64::total_cmp)?;
    let clauses = [
        (Difference::Higher, "more than predicted"),
        (Difference::Lower, "fewer than predicted"),
        (Difference::Unclear, "as many as predicted, for all that the seeds say,"),
    ]
    .map(|(side, how_many)| (groups(side), how_many))
    .into_iter()
    .filter(|(group, _)| !group.is_empty())
    .map(|(group, how_many)| format!("{how_many} with {}", betas(&group)))
    .collect::<Vec<_>>();
    let clauses: Vec<&str> = clauses.iter().map(String::as_str).collect();
    Some(format!(
        "Of the nats in its code, on the test pictures, there are {}; on the mean they are off by {} at most.",
        listed(&clauses, "and"),
        one(farthest, Unit::Places(2))
    ))
}

/// What the eigenvalues are worth for the deep network.
fn guide(found: &Vae) -> Option<String> {
    let groups = |side: Difference| {
        let of_side = found.betas(VaeNetwork::Deep).filter(|(beta, outcome)| {
            let predicted = found.spectrum.active(*beta) as f64;
            Contrast::from(&active(outcome), predicted, SHARED).side() == side
        });
        of_side
            .map(|(beta, outcome)| {
                format!("β = {beta} ({} for {})", spread(&active(outcome), Unit::Count), found.spectrum.active(beta))
            })
            .collect::<Vec<String>>()
    };
    let clauses = [
        (Difference::Higher, "more units active than eigenvalues say"),
        (Difference::Lower, "fewer units active than eigenvalues say"),
        (Difference::Unclear, "no other number than they say, as far as the seeds tell,"),
    ]
    .map(|(side, how_many)| (groups(side), how_many))
    .into_iter()
    .filter(|(group, _)| !group.is_empty())
    .map(|(group, how_many)| {
        format!("{how_many} with {}", listed(&group.iter().map(String::as_str).collect::<Vec<_>>(), "and"))
    })
    .collect::<Vec<_>>();
    let clauses: Vec<&str> = clauses.iter().map(String::as_str).collect();
    let told_apart = [Difference::Higher, Difference::Lower].iter().any(|&side| !groups(side).is_empty());
    let worth = if told_apart { "are only a guide" } else { "hold too, for all that the seeds say" };
    (!clauses.is_empty()).then(|| format!("For the deep network they {worth}. It has {}.", listed(&clauses, "and")))
}

/// What is left where no unit pays for itself.
fn collapse(found: &Vae) -> Option<String> {
    let (beta, outcome) = found.betas(VaeNetwork::Deep).last()?;
    let (predicted, seen) = (found.spectrum.active(beta), active(outcome));
    let variety = outcome.spread(|figures| figures.variety);
    let expected = if predicted == 0 {
        format!("With β = {beta} no eigenvalue is above β σ²: total collapse is predicted")
    } else {
        format!("With β = {beta}, the highest, {predicted} active units are predicted")
    };
    let all_collapsed = outcome.runs.iter().all(|figures| figures.active == 0);
    let units = if all_collapsed {
        "no unit is active with any seed".to_owned()
    } else {
        format!("{} units are active", spread(&seen, Unit::Count))
    };
    let pictures = if outcome.runs.iter().all(|figures| figures.variety < MEAN_PICTURE) {
        "whatever the picture, the reconstruction is the mean picture"
    } else {
        "the reconstructions still tell pictures apart"
    };
    Some(format!(
        "{expected}, and {units}. Of the pictures' variance the reconstructions have {}: {pictures}.",
        percent(variety.mean())
    ))
}

/// What another β buys, and what it costs.
fn cheaper(found: &Vae, outcome: &VaeOutcome) -> Option<String> {
    let elbo = elbo(found)?;
    if outcome.objective == VaeObjective::ELBO {
        return None;
    }
    let [error, frechet, bound] = [
        contrast(outcome, elbo, |figures| figures.error),
        contrast(outcome, elbo, |figures| figures.samples.frechet),
        contrast(outcome, elbo, |figures| figures.likelihood),
    ];
    Some(format!(
        "{} {} ({} in error); its samples {} ({} in Fréchet distance); {} ({} nats).",
        capitalised(&format!("with {} the deep network", outcome.objective.in_words())),
        words(
            error.side(),
            [
                "reconstructs worse than with the ELBO",
                "reconstructs better than with the ELBO",
                "reconstructs neither clearly better nor worse than with the ELBO",
            ]
        ),
        error.in_words(Unit::Places(2)),
        words(
            frechet.side(),
            [
                "are farther from true pictures",
                "are nearer to true pictures",
                "cannot be told by their distance to true pictures",
            ]
        ),
        frechet.in_words(Unit::Places(1)),
        words(
            bound.side(),
            [
                "it thinks the test pictures likelier",
                "it thinks the test pictures less likely",
                "how likely it thinks the test pictures cannot be told from the ELBO's",
            ]
        ),
        bound.in_words(Unit::Places(1)),
    ))
}

/// Whether free nats keep units alive, whether that is of use, and what it costs.
fn free_bits(found: &Vae, outcome: &VaeOutcome) -> Option<String> {
    let elbo = elbo(found)?;
    let [units, used, bound] = [
        contrast(outcome, elbo, |figures| figures.active as f64),
        contrast(outcome, elbo, |figures| figures.used as f64),
        contrast(outcome, elbo, |figures| figures.elbo),
    ];
    Some(format!(
        "With {}, {} ({}); {} ({}); the ELBO on the test pictures {} ({} nats).",
        outcome.objective.in_words(),
        if same(outcome, elbo, |figures| figures.active as f64) {
            "as many units are active as with the ELBO"
        } else {
            words(
                units.side(),
                [
                    "more units are active than with the ELBO",
                    "fewer units are active than with the ELBO",
                    "whether more units are active than with the ELBO cannot be told",
                ],
            )
        },
        units.in_words(Unit::Places(1)),
        if same(outcome, elbo, |figures| figures.used as f64) {
            "the decoder uses as many"
        } else {
            words(
                used.side(),
                [
                    "the decoder uses more units",
                    "the decoder uses fewer units",
                    "whether the decoder uses more units cannot be told",
                ],
            )
        },
        used.in_words(Unit::Places(1)),
        words(bound.side(), ["is higher", "pays for it", "does not clearly change"]),
        bound.in_words(Unit::Places(1)),
    ))
}

/// Whether more codes in training give a better model, a better bound, and more units.
fn more_codes(found: &Vae, outcome: &VaeOutcome) -> Option<String> {
    let elbo = elbo(found)?;
    let [likelihood, bound, units] = [
        contrast(outcome, elbo, |figures| figures.likelihood),
        contrast(outcome, elbo, |figures| figures.elbo),
        contrast(outcome, elbo, |figures| figures.active as f64),
    ];
    Some(format!(
        "{}, measured by {} codes, {} ({} nats), while its ELBO {} ({} nats); {} ({}).",
        capitalised(&outcome.objective.in_words()),
        count(found.codes as f64),
        words(
            likelihood.side(),
            [
                "thinks the test pictures likelier than the ELBO does",
                "thinks the test pictures less likely than the ELBO does",
                "thinks the test pictures neither clearly likelier nor less likely than the ELBO does",
            ]
        ),
        likelihood.in_words(Unit::Places(1)),
        words(bound.side(), ["is higher", "is lower", "is not clearly another"]),
        bound.in_words(Unit::Places(1)),
        if same(outcome, elbo, |figures| figures.active as f64) {
            "it has as many active units"
        } else {
            words(
                units.side(),
                [
                    "it has more active units",
                    "it has fewer active units",
                    "whether it has more or fewer active units cannot be told",
                ],
            )
        },
        units.in_words(Unit::Places(1)),
    ))
}

/// Whether depth pays.
fn depth(found: &Vae) -> Option<String> {
    let (deep, linear) = (elbo(found)?, found.of(VaeNetwork::Linear, VaeObjective::ELBO)?);
    let likelihood = contrast(deep, linear, |figures| figures.likelihood);
    let (of_deep, of_linear) = (active(deep), active(linear));
    Some(format!(
        "Trained by the ELBO the deep network {} ({} nats), with {} active units for {}.",
        words(
            likelihood.side(),
            [
                "thinks the test pictures likelier than the linear one does",
                "thinks the test pictures less likely than the linear one does",
                "cannot be told from the linear one by the test pictures' likelihood",
            ]
        ),
        likelihood.in_words(Unit::Places(1)),
        spread(&of_deep, Unit::Count),
        spread(&of_linear, Unit::Count),
    ))
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    #[test]
    fn says_what_the_figures_say() {
        insta::assert_snapshot!(verdict(&sample::found()).join("\n"));
    }

    const LOW: VaeObjective = VaeObjective::Beta { beta: 0.25 };
    const HIGH: VaeObjective = VaeObjective::Beta { beta: 16.0 };
    const FREE: VaeObjective = VaeObjective::FreeBits { nats: 0.25 };
    const CODES: VaeObjective = VaeObjective::ImportanceWeighted { codes: 50 };

    /// The sentences after a change of the runs of one training; the change knows the seed's place from −1 to 1.
    fn with(network: VaeNetwork, objective: VaeObjective, change: impl Fn(&mut VaeFigures, f64)) -> Vec<String> {
        let mut found = sample::found();
        let concerned = |outcome: &&mut VaeOutcome| outcome.network == network && outcome.objective == objective;
        for outcome in found.outcomes.iter_mut().filter(concerned) {
            for (run, by) in outcome.runs.iter_mut().zip([-1.0, 0.0, 1.0]) {
                change(run, by);
            }
        }
        verdict(&found)
    }

    #[test]
    fn each_sentence_follows_its_figure() {
        use VaeNetwork::{Deep, Linear};
        let same = verdict(&sample::found());
        for (place, changed, said) in [
            (0, with(Linear, LOW, |run, _| run.active = 6), "in 9 of the 12 trainings; the others, with β = 0.25,"),
            (0, with(Linear, LOW, |run, _| run.active = 6), "miss it by one unit"),
            (0, with(Linear, HIGH, |run, by| run.active = if by > 0.0 { 3 } else { 0 }), "miss it by up to 3 units"),
            (1, with(Linear, LOW, |run, by| run.rate = 40.0 + by), "more than predicted with β = 0.25"),
            (1, with(Linear, LOW, |run, by| run.rate = 1.0 + 0.1 * by), "fewer than predicted with β = 0.25"),
            (0, with(Linear, HIGH, |run, _| run.divergences[0] = 0.25), "holds more than 0.250 nats"),
            (2, with(Deep, LOW, |run, _| run.active = 20), "are only a guide"),
            (2, with(Deep, LOW, |run, _| run.active = 20), "more units active than eigenvalues say with β = 0.25 (20"),
            (2, with(Deep, LOW, |run, _| run.active = 2), "fewer units active than eigenvalues say with β = 0.25 (2"),
            (3, with(Deep, HIGH, |run, _| run.active = 2), "2 ± 0 units are active"),
            (3, with(Deep, HIGH, |run, _| run.variety = 0.4), "still tell pictures apart"),
            (4, with(Deep, LOW, |run, by| run.error = 1.0 + 0.01 * by), "reconstructs better than"),
            (4, with(Deep, LOW, |run, by| run.error = 3.0 + 0.01 * by), "reconstructs worse than"),
            (4, with(Deep, LOW, |run, by| run.samples.frechet = 40.0 + by), "are farther from true pictures"),
            (4, with(Deep, LOW, |run, by| run.samples.frechet = 2.0 + by), "are nearer to true pictures"),
            (4, with(Deep, LOW, |run, by| run.likelihood = -190.0 + by), "it thinks the test pictures less likely"),
            (4, with(Deep, LOW, |run, by| run.likelihood = -100.0 + by), "it thinks the test pictures likelier"),
            (7, with(Deep, FREE, |run, _| run.active = 30), "more units are active than with the ELBO"),
            (7, with(Deep, FREE, |run, _| run.active = 1), "fewer units are active than with the ELBO"),
            (7, with(Deep, FREE, |run, _| run.used = 30), "the decoder uses more units (+27.0"),
            (7, with(Deep, FREE, |run, _| run.used = 1), "the decoder uses fewer units"),
            (
                7,
                with(Deep, FREE, |run, by| run.active = if by > 0.0 { 5 } else { 3 }),
                "active than with the ELBO cannot be told",
            ),
            (7, with(Deep, FREE, |run, by| run.used = if by > 0.0 { 5 } else { 3 }), "uses more units cannot be told"),
            (7, with(Deep, FREE, |run, by| run.elbo = -170.0 + by), "pays for it"),
            (7, with(Deep, FREE, |run, by| run.elbo = -120.0 + by), "is higher"),
            (10, with(Deep, CODES, |run, by| run.likelihood = -120.0 + by), "thinks the test pictures likelier"),
            (
                10,
                with(Deep, CODES, |run, by| run.likelihood = -170.0 + by),
                "thinks the test pictures less likely than",
            ),
            (10, with(Deep, CODES, |run, by| run.elbo = -170.0 + by), "its ELBO is lower"),
            (10, with(Deep, CODES, |run, by| run.elbo = -120.0 + by), "its ELBO is higher"),
            (10, with(Deep, CODES, |run, _| run.active = 30), "it has more active units"),
            (10, with(Deep, CODES, |run, _| run.active = 1), "it has fewer active units"),
            (
                11,
                with(Linear, VaeObjective::ELBO, |run, by| run.likelihood = -100.0 + by),
                "less likely than the linear",
            ),
            (11, with(Linear, VaeObjective::ELBO, |run, by| run.likelihood = -145.0 + 9.0 * by), "cannot be told from"),
        ] {
            assert!(changed[place].contains(said), "{said}: {}", changed[place]);
            assert!(!same[place].contains(said), "{said}: {}", same[place]);
        }
    }
}
