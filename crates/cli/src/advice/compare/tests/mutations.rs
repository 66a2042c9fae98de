//! Every number that a sentence stands on is changed: the sentence has to change with it, and no other number may.

use Outcome::{Better, CannotTell, Equal, Worse};
use proptest::prelude::*;

use super::proofs::{Figures, linear, model, proof};
use crate::{
    advice::{
        compare::{
            decisions::{ActedProof, DecisionProof, FigureProof},
            plan::PlanLimit,
            proof::{IntervalMethod, ModelProof, Optimism, PairProof, Proof, RaceState, Recovered},
            race::Chosen,
            repairs::Reading,
            side::Side,
            verdict::{choose, verdict},
        },
        document::{Repair, Strength, Verdict},
        metric::Metric,
        purpose::Costs,
    },
    model::{FitSetting, ModelKind},
    statistics::Outcome,
};

const DEFAULT: Figures = ("squared_error", 0, 2.6, 0.0, Equal, false);
const GAMMA: Figures = ("gamma", 2, 2.2, 0.1, Better, true);
const TWEEDIE: Figures = ("tweedie", 3, 2.5, 0.3, CannotTell, true);
const HUBER: Figures = ("huber", 2, 3.1, 0.2, Worse, false);

/// Gamma is better than the default, and is advised.
fn base() -> Proof {
    let mut proof = linear(&[DEFAULT, GAMMA, TWEEDIE, HUBER]);
    proof.side = Some(Side::RatioOfTotals);
    proof.side_at_best = Some(1.0);
    let recovered = Recovered {
        post: Repair::Ratio,
        candidate: "huber+ratio".into(),
        number: Some(2.94),
        before: Some(0.34),
        after: Some(1.0),
        score_before: Some(3.1),
        score_after: Some(2.4),
    };
    proof.models[0].recovered_by_one_number.insert("huber".into(), recovered);
    proof.models[0].optimism = Some(Optimism {
        by: "held_out",
        winner: "gamma".into(),
        in_comparison: 2.2,
        unseen: 2.31,
        default_unseen: Some(2.5),
        difference: Some(-0.19),
        half_interval: Some(0.25),
        rows: 1_234,
    });
    proof
}

/// A decision by cost that keeps its default.
fn decision() -> Proof {
    let weights: Figures = ("weighted", 2, 0.41, 0.05, CannotTell, true);
    let mut proof = linear(&[("cross_entropy", 0, 0.4, 0.0, Equal, true), weights]);
    proof.metric = Metric::Cost(Costs { miss: 20.0, alarm: 1.0 });
    proof.side = Some(Side::ProbabilityRatio);
    proof.side_at_best = Some(1.0);
    let figure = |value: f64| Some(FigureProof { value, low: 0.9 * value, high: 1.1 * value });
    for result in proof.models[0].results.values_mut() {
        result.rank_correlation = Some(0.9912);
        result.choices = vec![Chosen {
            params: Vec::new(),
            setting: FitSetting::choices(7)[0],
            reading: Reading::of_threshold(1.0 / 21.0),
        }];
        result.decision = Some(DecisionProof {
            rows: 1_000,
            positives: 202,
            auc: figure(0.77),
            auc_difference: figure(0.01),
            acted: Some(ActedProof {
                flagged: 600,
                caught: 120,
                recall: figure(0.594),
                precision: figure(0.2),
                caught_from_half: Some(5),
            }),
        });
    }
    proof
}

fn pair<'a>(proof: &'a mut Proof, name: &str) -> &'a mut PairProof {
    proof.models[0].pairs.iter_mut().find(|pair| pair.a == name).unwrap()
}

fn recovered(proof: &mut Proof) -> &mut Recovered {
    proof.models[0].recovered_by_one_number.get_mut("huber").unwrap()
}

fn seen(proof: &mut Proof) -> &mut Optimism {
    proof.models[0].optimism.as_mut().unwrap()
}

fn acted(proof: &mut Proof) -> &mut ActedProof {
    let found = proof.models[0].results.get_mut("cross_entropy").unwrap();
    found.decision.as_mut().unwrap().acted.as_mut().unwrap()
}

fn text(verdict: &Verdict) -> String {
    [&verdict.because[..], &verdict.against, &verdict.would_change_if].concat().join(" ")
}

/// What is changed, how, and words that the sentences have afterwards and did not have before.
type Mutation = (&'static str, fn(&mut Proof), &'static str);

#[track_caller]
fn check(base: &Proof, mutations: &[Mutation]) {
    let before = text(&verdict(base).unwrap());
    for (what, mutate, words) in mutations {
        let mut mutant = base.clone();
        mutate(&mut mutant);
        assert!(mutant != *base, "{what}: nothing was changed");
        let after = text(&verdict(&mutant).unwrap());
        assert!(!before.contains(words) && after.contains(words), "{what}: no {words:?} in\n{after}\nwas\n{before}");
    }
}

#[test]
fn each_number_of_a_comparison_has_its_sentence() {
    let base = base();
    assert!(
        text(&verdict(&base).unwrap())
            .starts_with("Take gamma: better than squared error by Gamma deviance (−0.40 ± 0.10)")
    );
    check(
        &base,
        &[
            (
                "p_better",
                |proof| {
                    let pair = pair(proof, "gamma");
                    (pair.p_better, pair.p_worse) = (0.94, 0.04);
                },
                "not proven better than squared error",
            ),
            (
                "p_equal",
                |proof| {
                    let pair = pair(proof, "gamma");
                    (pair.p_better, pair.p_equal) = (0.02, 0.97);
                },
                "as good as squared error",
            ),
            ("mean", |proof| pair(proof, "gamma").mean = -0.33, "−0.33 ± 0.10"),
            ("low", |proof| pair(proof, "gamma").low -= 0.1, "−0.40 ± 0.15"),
            ("high", |proof| pair(proof, "gamma").high += 0.2, "−0.40 ± 0.20"),
            (
                "method",
                |proof| pair(proof, "gamma").method = IntervalMethod::Subsampling,
                "intervals are by subsampling",
            ),
            ("tail index", |proof| pair(proof, "gamma").tail_index = Some(1.4), "--without-top 0.5%"),
            (
                "a member less",
                |proof| proof.models[0].confidence_set.members.retain(|name| name != "tweedie"),
                "equal to the best: gamma.",
            ),
            (
                "the default as a member",
                |proof| proof.models[0].confidence_set.members.push("squared_error".into()),
                "Keep squared error",
            ),
            (
                "one that is equal to the best",
                |proof| proof.models[0].confidence_set.equal_to_best.push("huber".into()),
                "gamma, tweedie and huber",
            ),
            ("level", |proof| proof.models[0].confidence_set.level = 0.8, "May be best at 80 %"),
            ("plainness", |proof| proof.candidates[1].plainness = 4, "Take tweedie"),
            ("admissible", |proof| proof.candidates[1].admissible = false, "Take tweedie"),
            ("metric", |proof| proof.metric = Metric::PoissonDeviance, "by Poisson deviance"),
            ("label", |proof| proof.candidates[1].label = "Gamma of old".into(), "Take Gamma of old"),
            (
                "impossible of the default",
                |proof| proof.models[0].results.get_mut("squared_error").unwrap().impossible = 0.05,
                "squared error predicts impossible values for 5.0 %",
            ),
            (
                "impossible of the advised",
                |proof| {
                    proof.models[0].confidence_set.members = vec!["gamma".into()];
                    proof.models[0].results.get_mut("gamma").unwrap().impossible = 0.07;
                },
                "gamma predicts impossible values for 7.0 %",
            ),
            ("before", |proof| recovered(proof).before = Some(0.41), "huber predicts 0.41 of the true sum"),
            ("after", |proof| recovered(proof).after = Some(1.03), "it is 1.03"),
            ("number", |proof| recovered(proof).number = Some(2.5), "(2.5)"),
            ("repair", |proof| recovered(proof).post = Repair::Shift, "with one shift"),
            ("unseen", |proof| seen(proof).unseen = 2.44, "has Gamma deviance 2.44"),
            ("in the comparison", |proof| seen(proof).in_comparison = 2.11, "(2.11 in the comparison)"),
            ("difference", |proof| seen(proof).difference = Some(0.12), "+0.12 ± 0.25"),
            ("half interval", |proof| seen(proof).half_interval = Some(0.31), "−0.19 ± 0.31"),
            ("rows kept out", |proof| seen(proof).rows = 987, "On 987 rows"),
            ("winner", |proof| seen(proof).winner = "huber".into(), "kept out of every choice huber has"),
            (
                "complete",
                |proof| {
                    proof.complete = false;
                    proof.models[0].splits = 7;
                },
                "The run was stopped after 7 of 10 splits.",
            ),
            (
                "planned splits",
                |proof| {
                    proof.complete = false;
                    proof.plan.splits = 23;
                },
                "after 10 of 23 splits",
            ),
            ("models asked", |proof| proof.models_asked.push(ModelKind::Mlp), "The network of 32-32 was left out"),
            ("rows", |proof| proof.rows = 4_321, "Only 1,000 of 4,321 rows"),
            ("rows of the plan", |proof| proof.plan.rows = 876, "Only 876 of 1,000 rows"),
            (
                "dropped",
                |proof| {
                    proof.models[0].results.get_mut("huber").unwrap().state = RaceState::DroppedAfter(5);
                },
                "Dropped after 5 splits as clearly worse: huber.",
            ),
            (
                "failed",
                |proof| {
                    proof.models[0].results.get_mut("huber").unwrap().state = RaceState::Failed("it diverged".into());
                },
                "huber could not be trained: it diverged.",
            ),
        ],
    );
    // What would change it stands on the interval, the difference and the region of practical equivalence.
    let mut unsure = base;
    let unsure_pair = pair(&mut unsure, "gamma");
    (unsure_pair.p_better, unsure_pair.p_equal, unsure_pair.low, unsure_pair.high) = (0.7, 0.2, -0.9, 0.1);
    check(
        &unsure,
        &[
            ("low", |proof| pair(proof, "gamma").low = -1.3, "About 3.5 times the rows"),
            ("mean", |proof| pair(proof, "gamma").mean = -0.2, "About 8.26 times the rows"),
            ("region", |proof| proof.models[0].rope = 0.4, "No number of rows in reach"),
        ],
    );
}

#[test]
fn each_number_of_a_decision_has_its_sentence() {
    let base = decision();
    let said = text(&verdict(&base).unwrap());
    assert!(said.contains("Act from 0.0476 up: 600 flagged, 120 of 202 positives caught (recall 59 %, 53 to 65 %; precision 20 %, 18 to 22 %); from 0.5 up it would be 5."), "{said}");
    check(
        &base,
        &[
            (
                "threshold",
                |proof| {
                    let result = proof.models[0].results.get_mut("cross_entropy").unwrap();
                    result.choices[0].reading = Reading::of_threshold(0.125);
                },
                "Act from 0.125 up",
            ),
            ("flagged", |proof| acted(proof).flagged = 601, "601 flagged"),
            ("caught", |proof| acted(proof).caught = 119, "119 of 202 positives"),
            ("recall", |proof| acted(proof).recall.as_mut().unwrap().value = 0.71, "(recall 71 %"),
            ("recall, low", |proof| acted(proof).recall.as_mut().unwrap().low = 0.41, "59 %, 41 to"),
            ("recall, high", |proof| acted(proof).recall.as_mut().unwrap().high = 0.81, "to 81 %"),
            ("precision", |proof| acted(proof).precision.as_mut().unwrap().value = 0.31, "precision 31 %"),
            ("from a half", |proof| acted(proof).caught_from_half = Some(9), "from 0.5 up it would be 9"),
            (
                "positives",
                |proof| {
                    let result = proof.models[0].results.get_mut("cross_entropy").unwrap();
                    result.decision.as_mut().unwrap().positives = 303;
                },
                "120 of 303 positives",
            ),
            (
                "rank correlation",
                |proof| proof.models[0].results.get_mut("weighted").unwrap().rank_correlation = Some(0.9888),
                "at least 0.9888",
            ),
        ],
    );
    let mut other = base;
    other.models[0].results.get_mut("weighted").unwrap().rank_correlation = Some(0.95);
    assert!(!text(&verdict(&other).unwrap()).contains("order of the rows"));
}

/// Two models: one advice where one loss may be best with both, and none that holds for both where there is no such loss.
#[test]
fn agreement_of_two_models_is_read_off_their_sets() {
    let figures = [DEFAULT, GAMMA, TWEEDIE, HUBER];
    let both = proof(vec![model(ModelKind::Linear, &figures), model(ModelKind::Mlp, &figures)], &figures);
    assert_eq!(choose(&both).unwrap().strength, Strength::Proven);
    let leave = |proof: &mut Proof, place: usize, name: &str| {
        proof.models[place].confidence_set.members.retain(|member| member != name);
    };
    let mut apart = both.clone();
    leave(&mut apart, 0, "gamma");
    assert!(text(&verdict(&apart).unwrap()).starts_with("Take tweedie"));
    leave(&mut apart, 1, "tweedie");
    assert_eq!(choose(&apart).unwrap().strength, Strength::DependsOnModel);
    assert!(text(&verdict(&apart).unwrap()).starts_with(
        "It depends on the model: with the linear model take tweedie (Gamma deviance 2.5) and with the network of 32-32 take gamma (Gamma deviance 2.2)."
    ));
    // Better with one model alone is not proven.
    let mut unsure = both;
    let pair = unsure.models[1].pairs.iter_mut().find(|pair| pair.a == "gamma").unwrap();
    (pair.p_better, pair.p_equal) = (0.6, 0.3);
    assert_eq!(choose(&unsure).unwrap().strength, Strength::CannotTell);
    assert!(text(&verdict(&unsure).unwrap()).contains("not proven better"));
}

/// Numbers that no sentence stands on move none.
#[test]
fn other_numbers_move_no_sentence() {
    let base = base();
    let before = verdict(&base).unwrap();
    type Change = fn(&mut Proof);
    let silent: [(&str, Change); 8] = [
        ("naive interval", |proof| pair(proof, "gamma").naive_low = -9.0),
        ("standard error", |proof| pair(proof, "gamma").se = 9.0),
        ("freedom", |proof| pair(proof, "gamma").df = 1.0),
        ("p of Holm", |proof| pair(proof, "gamma").p_holm = 0.0),
        ("fits", |proof| proof.fits_made = 1),
        ("groups", |proof| proof.groups = 3),
        ("limit", |proof| proof.plan.limit = PlanLimit::Repeats),
        ("splits of a pair", |proof| pair(proof, "gamma").per_split = vec![9.0; 10]),
    ];
    for (what, mutate) in silent {
        let mut mutant = base.clone();
        mutate(&mut mutant);
        assert!(mutant != base, "{what}: nothing was changed");
        assert_eq!(verdict(&mutant).unwrap(), before, "{what}");
    }
}

/// Everything of one candidate to the other, and back.
fn swapped(proof: &Proof, one: usize, other: usize) -> Proof {
    let mut turned = proof.clone();
    let names = [proof.candidates[one].name.clone(), proof.candidates[other].name.clone()];
    let swap = |name: &mut String| {
        if *name == names[0] {
            name.clone_from(&names[1]);
        } else if *name == names[1] {
            name.clone_from(&names[0]);
        }
    };
    let (a, b) = (turned.candidates[one].plainness, turned.candidates[other].plainness);
    (turned.candidates[one].plainness, turned.candidates[other].plainness) = (b, a);
    for ModelProof { results, scores, pairs, confidence_set, .. } in &mut turned.models {
        pairs.iter_mut().for_each(|pair| swap(&mut pair.a));
        confidence_set.members.iter_mut().chain(&mut confidence_set.equal_to_best).for_each(swap);
        let (first, second) = (results[&names[0]].clone(), results[&names[1]].clone());
        results.insert(names[0].clone(), second);
        results.insert(names[1].clone(), first);
        let (first, second) = (scores[&names[0]].clone(), scores[&names[1]].clone());
        scores.insert(names[0].clone(), second);
        scores.insert(names[1].clone(), first);
    }
    turned
}

fn figures() -> impl Strategy<Value = (u8, f64, f64, Outcome, bool)> {
    let outcome = prop::sample::select(vec![Better, Equal, Worse, CannotTell]);
    (2_u8..5, 1.0..4.0, 0.01..1.0, outcome, any::<bool>())
}

proptest! {
    /// Whoever swaps two losses' figures swaps their names in every sentence, whatever the figures.
    #[test]
    fn swapped_figures_swap_the_names(
        one in figures(), other in figures(), third in figures(), of_default in 1.0..4.0, default_is_in: bool,
    ) {
        // Equally plain ones are told apart by the order in which they were given.
        prop_assume!(one.0 != other.0);
        let named = |name: &'static str, (plainness, score, half, outcome, is_in): (u8, f64, f64, Outcome, bool)| {
            (name, plainness, score, half, outcome, is_in)
        };
        let all: [Figures; 4] = [
            ("squared_error", 0, of_default, 0.0, Equal, default_is_in),
            named("gamma", one),
            named("poisson", other),
            named("tweedie", (third.0, third.1, third.2, third.3, true)),
        ];
        prop_assume!(third.0 != one.0 && third.0 != other.0);
        let proof = linear(&all);
        let (said, turned) = (verdict(&proof).unwrap(), verdict(&swapped(&proof, 1, 2)).unwrap());
        let swap = |text: &str| text.replace("gamma", "*").replace("poisson", "gamma").replace('*', "poisson");
        prop_assert_eq!(swap(&said.loss), turned.loss);
        prop_assert_eq!(said.strength, turned.strength);
        // Lists of names keep the order in which they were given: the first sentence has none.
        prop_assert_eq!(swap(&said.because[0]), turned.because[0].clone());
    }

    /// The advised loss is one that may be best, and as sure as the three probabilities are.
    #[test]
    fn advice_is_a_member_and_no_surer_than_its_probabilities(one in figures(), other in figures(), default_is_in: bool) {
        let all: [Figures; 3] = [
            ("squared_error", 0, 2.0, 0.0, Equal, default_is_in),
            ("gamma", one.0, one.1, one.2, one.3, one.4),
            ("poisson", other.0, other.1, other.2, other.3, true),
        ];
        let proof = linear(&all);
        let choice = choose(&proof).unwrap();
        prop_assert!(proof.models[0].may_be_best(&choice.name));
        if let Some(pair) = proof.models[0].pair(&choice.name) {
            prop_assert_eq!(choice.strength == Strength::Proven, pair.p_better >= 0.95);
            let said = &verdict(&proof).unwrap().because[0];
            prop_assert_eq!(said.contains(": better than"), pair.p_better >= 0.95);
        }
    }
}
