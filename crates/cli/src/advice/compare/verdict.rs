//! What a comparison comes to: a pure function of its [`Proof`].
//!
//! Advised is the plainest candidate that may be best with every model: a loss has to earn its place (the
//! one-standard-error rule of Breiman 1984, made of a confidence set).

use super::{
    decisions::FigureProof,
    proof::{CandidateResult, IntervalMethod, ModelProof, Proof, RaceState, Recovered},
    side::Side,
    words::{self, fixed, places_of, signed},
};
use crate::{
    advice::{
        document::{Strength, Verdict},
        rules::limits,
        written::{counted, figure, listed},
    },
    statistics::Outcome,
    terminal::number,
};

/// A candidate whose predictions are impossible on more than this share of the rows cannot be used as it is.
const IMPOSSIBLE: f64 = 0.001;

/// Sums, levels and probabilities this far from what they should be are off.
const OFF: f64 = 0.05;

/// So many losses are named; more are counted.
const FEW: usize = 4;

/// Sentences about what one number recovers, at most.
const RECOVERIES: usize = 3;

/// More times the rows than these are out of reach.
const OUT_OF_REACH: f64 = 100.0;

/// What is advised, before it is put into words.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvisedLoss {
    /// The candidate's name.
    pub name: String,
    /// How sure.
    pub strength: Strength,
    /// The plainest candidate that may be best with each model, by itself.
    pub by_model: Vec<Option<String>>,
}

/// The advised candidate; none if nothing was finished.
pub fn choose(proof: &Proof) -> Option<AdvisedLoss> {
    let models: Vec<&ModelProof> = proof.models.iter().filter(|model| model.splits > 0).collect();
    let by_model: Vec<Option<String>> = models.iter().map(|&model| plainest(proof, &[model])).collect();
    let (first, _) = (by_model.iter().flatten().next()?, ());
    Some(match plainest(proof, &models) {
        Some(name) => {
            let strength = strength(proof, &models, &name);
            AdvisedLoss { name, strength, by_model }
        }
        None => {
            // The model that predicts better decides, with the disagreement said.
            let best = better_model(proof, &models, &by_model);
            let name = best.and_then(|place| by_model[place].clone()).unwrap_or_else(|| first.clone());
            AdvisedLoss { name, strength: Strength::DependsOnModel, by_model }
        }
    })
}

/// The plainest of the candidates that may be best with all these models: those with usable predictions and admitted by theory
/// first; of equally plain ones the one that was listed first.
fn plainest(proof: &Proof, models: &[&ModelProof]) -> Option<String> {
    let in_all = |name: &str| models.iter().all(|model| model.may_be_best(name));
    let impossible = |name: &str| models.iter().any(|model| is_impossible(model, name));
    let among = proof.candidates.iter().filter(|candidate| in_all(&candidate.name));
    let plainest =
        among.min_by_key(|candidate| (impossible(&candidate.name), !candidate.admissible, candidate.plainness));
    plainest.map(|candidate| candidate.name.clone())
}

fn is_impossible(model: &ModelProof, name: &str) -> bool {
    model.results.get(name).is_some_and(|result| result.impossible > IMPOSSIBLE)
}

/// The place of the model whose own advised candidate scores best.
fn better_model(proof: &Proof, models: &[&ModelProof], by_model: &[Option<String>]) -> Option<usize> {
    let sign = if proof.metric.higher_is_better() { -1.0 } else { 1.0 };
    let score = |place: usize| {
        let name = by_model[place].as_ref()?;
        models[place].results.get(name)?.score.map(|score| sign * score)
    };
    (0..models.len())
        .filter(|&place| score(place).is_some())
        .min_by(|&one, &other| score(one).unwrap_or(f64::INFINITY).total_cmp(&score(other).unwrap_or(f64::INFINITY)))
}

/// How sure: by the advised candidate against the default; for the default itself, by what the others are against it.
fn strength(proof: &Proof, models: &[&ModelProof], name: &str) -> Strength {
    let outcomes: Vec<Outcome> = if name == proof.default {
        models.iter().flat_map(|model| model.pairs.iter().map(|pair| pair.outcome().turned())).collect()
    } else {
        models.iter().filter_map(|model| model.pair(name)).map(super::proof::PairProof::outcome).collect()
    };
    let all = |wanted: &[Outcome]| outcomes.iter().all(|outcome| wanted.contains(outcome));
    if outcomes.is_empty() {
        Strength::CannotTell
    } else if all(&[Outcome::Better]) {
        Strength::Proven
    } else if all(&[Outcome::Better, Outcome::Equal]) {
        Strength::EqualToDefault
    } else {
        Strength::CannotTell
    }
}

/// The verdict in sentences; none if nothing was finished.
pub fn verdict(proof: &Proof) -> Option<Verdict> {
    let choice = choose(proof)?;
    let because = [
        vec![decision(proof, &choice)],
        sets(proof),
        threshold(proof, &choice),
        one_number(proof),
        same_order(proof),
        unseen(proof),
    ];
    Some(Verdict {
        because: because.into_iter().flatten().collect(),
        against: against(proof, &choice),
        would_change_if: would_change_if(proof, &choice),
        loss: choice.name,
        strength: choice.strength,
    })
}

fn label<'a>(proof: &'a Proof, name: &str) -> &'a str {
    &proof.candidate(name).label
}

/// "the linear model", or nothing where there is one model.
fn with_model(proof: &Proof, model: &ModelProof) -> String {
    if proof.models.len() == 1 { String::new() } else { format!(" ({})", words::model(model.model)) }
}

/// A candidate's differences from the default: "−2.07 ± 3.35 with the linear model".
fn differences(proof: &Proof, name: &str) -> String {
    let of_model = |model: &ModelProof| {
        let pair = model.pair(name)?;
        let half = 0.5 * (pair.high - pair.low);
        let places = places_of(half);
        let who =
            if proof.models.len() == 1 { String::new() } else { format!(" with the {}", words::model(model.model)) };
        Some(format!("{} ± {}{who}", signed(pair.mean, places), fixed(half, places)))
    };
    let all: Vec<String> = proof.models.iter().filter_map(of_model).collect();
    listed(&all)
}

fn decision(proof: &Proof, choice: &AdvisedLoss) -> String {
    let (name, default) = (label(proof, &choice.name), label(proof, &proof.default));
    let metric = words::metric(proof.metric);
    if choice.strength == Strength::DependsOnModel {
        let each: Vec<String> = (proof.models.iter().zip(&choice.by_model))
            .filter_map(|(model, advised)| {
                let advised = advised.as_ref()?;
                let score = model.results.get(advised)?.score?;
                let model = words::model(model.model);
                Some(format!("with the {model} take {} ({metric} {})", label(proof, advised), figure(score)))
            })
            .collect();
        return format!("It depends on the model: {}.", listed(&each));
    }
    if choice.name == proof.default {
        return match choice.strength {
            Strength::Proven => format!("Keep {default}: every other loss here is worse by {metric}."),
            Strength::EqualToDefault => format!("Keep {default}: no other loss here is better by {metric}."),
            Strength::CannotTell | Strength::Reasoned | Strength::DependsOnModel => {
                format!("Keep {default}: no other loss here is proven better by {metric}.")
            }
        };
    }
    let found = match choice.strength {
        Strength::Proven => format!("better than {default}"),
        Strength::EqualToDefault => format!("as good as {default}"),
        Strength::CannotTell | Strength::Reasoned | Strength::DependsOnModel => {
            format!("not proven better than {default}")
        }
    };
    let impossible =
        proof.models.iter().filter_map(|model| model.results.get(&proof.default)).map(|result| result.impossible);
    let impossible = impossible.fold(0.0, f64::max);
    let out = proof.models.iter().any(|model| !model.may_be_best(&proof.default));
    let why_not_default = if impossible > IMPOSSIBLE {
        format!("; {default} predicts impossible values for {} of the rows", number::percent(impossible))
    } else if out {
        format!("; {default} is not among those that may be best")
    } else {
        String::new()
    };
    format!("Take {name}: {found} by {metric} ({}){why_not_default}.", differences(proof, &choice.name))
}

/// Which losses may be best: their names where they are few.
fn sets(proof: &Proof) -> Vec<String> {
    let of_model = |model: &ModelProof| {
        let members: Vec<String> = proof
            .candidates
            .iter()
            .filter(|candidate| model.may_be_best(&candidate.name))
            .map(|candidate| candidate.label.clone())
            .collect();
        let level = number::percent(model.confidence_set.level);
        let who = with_model(proof, model);
        if members.len() <= FEW {
            format!("May be best at {level}, or equal to the best{who}: {}.", listed(&members))
        } else {
            format!(
                "{} of {} may be best at {level}, or equal to the best{who}.",
                members.len(),
                proof.candidates.len()
            )
        }
    };
    proof.models.iter().filter(|model| model.splits > 0).map(of_model).collect()
}

/// Where to act.
fn threshold(proof: &Proof, choice: &AdvisedLoss) -> Vec<String> {
    let thresholds: Vec<f64> = (proof.models.iter())
        .filter_map(|model| model.results.get(&choice.name))
        .flat_map(|result| result.choices.iter().filter_map(|choice| choice.reading.threshold))
        .filter(|threshold| threshold.is_finite())
        .collect();
    if thresholds.is_empty() {
        return Vec::new();
    }
    let (low, high) =
        thresholds.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &at| (low.min(at), high.max(at)));
    let where_to =
        if low == high { figure(low) } else { format!("{} to {} over the splits", figure(low), figure(high)) };
    let act = format!("Act from {where_to} up");
    let caught: Vec<String> = proof.models.iter().filter_map(|model| caught(proof, model, &choice.name)).collect();
    if caught.is_empty() { vec![format!("{act}.")] } else { vec![format!("{act}: {}.", caught.join("; "))] }
}

/// What acting there comes to with a model, and at a half, where that is something else.
fn caught(proof: &Proof, model: &ModelProof, name: &str) -> Option<String> {
    let found = model.results.get(name)?.decision.as_ref()?;
    let acted = found.acted.as_ref()?;
    let between = |share: FigureProof| {
        let [value, low, high] = [share.value, share.low, share.high].map(number::percent);
        format!("{value}, {} to {high}", low.trim_end_matches(['%', ' ']))
    };
    let count = |number: usize| number::count(number as f64);
    let right = acted.precision.map_or_else(String::new, |precision| format!("; precision {}", between(precision)));
    let half = acted.caught_from_half.filter(|&half| half != acted.caught);
    let half = half.map_or_else(String::new, |half| format!("; from 0.5 up it would be {}", count(half)));
    Some(format!(
        "{} flagged, {} of {} positives caught (recall {}{right}){half}{}",
        count(acted.flagged),
        count(acted.caught),
        count(found.positives),
        between(acted.recall?),
        with_model(proof, model)
    ))
}

/// What one number recovers, where something was off.
fn one_number(proof: &Proof) -> Vec<String> {
    let mut said: Vec<(f64, String)> = Vec::new();
    for model in &proof.models {
        for (loss, recovered) in &model.recovered_by_one_number {
            said.extend(recovery(proof, model, loss, recovered));
        }
    }
    // The furthest off first.
    said.sort_by(|one, other| other.0.total_cmp(&one.0));
    said.into_iter().take(RECOVERIES).map(|(_, sentence)| sentence).collect()
}

fn recovery(proof: &Proof, model: &ModelProof, loss: &str, recovered: &Recovered) -> Option<(f64, String)> {
    let (side, best) = (proof.side?, proof.side_at_best?);
    let (before, after) = (recovered.before?, recovered.after?);
    let off = |value: f64| (value / best).ln().abs();
    if !(off(before) > OFF && off(after) < 0.5 * off(before)) {
        return None;
    }
    let name = label(proof, loss);
    let missed = match side {
        Side::RatioOfTotals => format!("{name} predicts {} of the true sum", figure(before)),
        Side::ShareBelow => format!("{name} is above {} of the rows", number::percent(before)),
        Side::ProbabilityRatio => format!("{name} says {} times the true share of positives", figure(before)),
        Side::Coverage => format!("{name} covers {} of the rows", number::percent(before)),
    };
    let now = match side {
        Side::RatioOfTotals | Side::ProbabilityRatio => figure(after),
        Side::ShareBelow | Side::Coverage => number::percent(after),
    };
    let by = recovered.number.map_or_else(String::new, |number| format!(" ({})", figure(number)));
    let sentence = format!("{missed}; {}{by} it is {now}{}.", words::doing(recovered.post), with_model(proof, model));
    Some((off(before), sentence))
}

/// Whether the losses order the rows alike.
fn same_order(proof: &Proof) -> Vec<String> {
    if proof.side != Some(Side::ProbabilityRatio) {
        return Vec::new();
    }
    let of_model = |model: &ModelProof| {
        let others =
            proof.candidates.iter().filter(|candidate| candidate.post.is_none() && candidate.name != proof.default);
        let all: Vec<f64> =
            others.filter_map(|candidate| model.results.get(&candidate.name)?.rank_correlation).collect();
        let least = all.iter().copied().fold(f64::INFINITY, f64::min);
        (!all.is_empty() && least > limits::SAME_ORDER).then(|| {
            format!(
                "The order of the rows is the same whatever the loss (rank correlation with {} at least {}): the loss \
                 changes only the scale of the scores{}.",
                label(proof, &proof.default),
                fixed((least * 1e4).floor() / 1e4, 4),
                with_model(proof, model),
            )
        })
    };
    proof.models.iter().filter_map(of_model).collect()
}

/// What remained on rows that no choice saw.
fn unseen(proof: &Proof) -> Vec<String> {
    let of_model = |model: &ModelProof| {
        let found = model.optimism.as_ref()?;
        let (winner, metric) = (label(proof, &found.winner), words::metric(proof.metric));
        let (inside, unseen) = (figure(found.in_comparison), figure(found.unseen));
        let who = with_model(proof, model);
        let rows = counted(found.rows, "row", "rows");
        Some(match (found.by, found.difference, found.half_interval) {
            ("held_out", Some(difference), Some(half)) => {
                let places = places_of(half);
                format!(
                    "On {rows} kept out of every choice {winner} has {metric} {unseen} ({inside} in the comparison), {} ± {} \
                     from {}{who}.",
                    signed(difference, places),
                    fixed(half, places),
                    label(proof, &proof.default),
                )
            }
            ("held_out", _, _) => {
                format!(
                    "On {rows} kept out of every choice {winner} has {metric} {unseen} ({inside} in the comparison){who}."
                )
            }
            _ => format!(
                "Chosen on the other splits, the best loss has {metric} {unseen} on each split ({inside} when all choose){who}."
            ),
        })
    };
    proof.models.iter().filter_map(of_model).collect()
}

fn against(proof: &Proof, choice: &AdvisedLoss) -> Vec<String> {
    let mut said = Vec::new();
    let planned = proof.plan.splits;
    if !proof.complete {
        let done = proof.models.iter().map(|model| model.splits).min().unwrap_or(0);
        said.push(format!("The run was stopped after {done} of {planned} splits."));
    }
    let left_out = proof.models_asked.iter().filter(|model| !proof.plan.models.contains(model));
    for model in left_out {
        said.push(format!("The {} was left out, for the number of fits.", words::model(*model)));
    }
    if proof.plan.rows < proof.rows {
        said.push(format!(
            "Only {} of {} rows were used, for the number of fits.",
            number::count(proof.plan.rows as f64),
            number::count(proof.rows as f64),
        ));
    }
    for model in &proof.models {
        let who = with_model(proof, model);
        let states = |wanted: &dyn Fn(&CandidateResult) -> bool| -> Vec<String> {
            let names =
                proof.candidates.iter().filter(|candidate| model.results.get(&candidate.name).is_some_and(wanted));
            names.map(|candidate| candidate.label.clone()).collect()
        };
        let dropped = states(&|result| matches!(result.state, RaceState::DroppedAfter(_)));
        if !dropped.is_empty() {
            said.push(format!(
                "Dropped after {} splits as clearly worse: {}{who}.",
                proof.plan.folds,
                listed(&dropped)
            ));
        }
        for candidate in &proof.candidates {
            if let Some(CandidateResult { state: RaceState::Failed(why), .. }) = model.results.get(&candidate.name) {
                said.push(format!("{} could not be trained{who}: {why}.", candidate.label));
            }
        }
        if is_impossible(model, &choice.name) {
            let share = model.results.get(&choice.name).map_or(0.0, |result| result.impossible);
            said.push(format!(
                "{} predicts impossible values for {} of the rows{who}.",
                label(proof, &choice.name),
                number::percent(share)
            ));
        }
        if model.pairs.iter().any(|pair| pair.method == IntervalMethod::Subsampling) {
            said.push(format!("The differences have heavy tails: their intervals are by subsampling{who}."));
        }
    }
    said
}

fn would_change_if(proof: &Proof, choice: &AdvisedLoss) -> Vec<String> {
    let mut said = Vec::new();
    if choice.strength == Strength::CannotTell {
        // What stands closest to being told from the default: the advised one, or the best of the others.
        let closest = proof.models.iter().flat_map(|model| {
            let pairs = model.pairs.iter().filter(|pair| {
                pair.outcome() == Outcome::CannotTell && (choice.name == proof.default || pair.a == choice.name)
            });
            pairs.map(move |pair| (model, pair))
        });
        if let Some((model, pair)) = closest.min_by(|(one, a), (other, b)| times(one, a).total_cmp(&times(other, b))) {
            let (a, b) = (label(proof, &pair.a), label(proof, &pair.b));
            let (times, who) = (times(model, pair), with_model(proof, model));
            said.push(if times <= OUT_OF_REACH {
                format!(
                    "About {} times the rows would tell {a} from {b}, if the difference stays as it is{who}.",
                    figure(times)
                )
            } else {
                format!("No number of rows in reach would tell {a} from {b}{who}.")
            });
        }
    }
    let heavy = proof.models.iter().flat_map(|model| &model.pairs).any(|pair| pair.tail_index.is_some());
    if heavy && proof.has_top && proof.without_top.is_none() {
        said.push("A few large rows may decide: repeat it with --without-top 0.5%.".to_owned());
    }
    if proof.models.len() == 1 && choice.strength != Strength::DependsOnModel {
        said.push(format!("Another model: only the {} was tried.", words::model(proof.models[0].model)));
    }
    said
}

/// How many times the rows would make a difference that stays as it is told: beyond the region of practical equivalence, or inside
/// it.
fn times(model: &ModelProof, pair: &super::proof::PairProof) -> f64 {
    let half = 0.5 * (pair.high - pair.low);
    let room = (pair.mean.abs() - model.rope).abs();
    // Standard errors fall with the root of the rows.
    (half / room).powi(2).max(1.1)
}
