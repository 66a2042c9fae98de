//! Proofs written by hand.

use std::collections::BTreeMap;

use crate::{
    advice::{
        compare::{
            curves::Curves,
            plan::{FitPlan, PlanLimit},
            proof::{
                CandidateProof, CandidateResult, IntervalMethod, ModelProof, PairProof, Proof, RaceState, SetProof,
            },
        },
        metric::Metric,
    },
    model::ModelKind,
    statistics::Outcome,
};

/// A candidate's figures: name, plainness, score, half interval of its difference, outcome, whether it may be best.
pub(super) type Figures = (&'static str, u8, f64, f64, Outcome, bool);

pub(super) fn model(kind: ModelKind, figures: &[Figures]) -> ModelProof {
    let default = figures[0].2;
    let result = |score: f64| CandidateResult {
        state: RaceState::Finished,
        score: Some(score),
        side: None,
        side_deviation: None,
        impossible: 0.0,
        rank_correlation: None,
        decision: None,
        choices: Vec::new(),
    };
    let pair = |&(name, _, score, half, verdict, _): &Figures| {
        let [p_better, p_equal, p_worse] = match verdict {
            Outcome::Better => [0.97, 0.02, 0.01],
            Outcome::Equal => [0.01, 0.98, 0.01],
            Outcome::Worse => [0.01, 0.02, 0.97],
            Outcome::CannotTell => [0.5, 0.3, 0.2],
        };
        PairProof {
            a: name.to_owned(),
            b: figures[0].0.to_owned(),
            mean: score - default,
            se: half / 2.0,
            df: 9.0,
            low: score - default - half,
            high: score - default + half,
            naive_low: score - default - half / 2.0,
            naive_high: score - default + half / 2.0,
            method: IntervalMethod::CorrectedT,
            tail_index: None,
            p_better,
            p_equal,
            p_worse,
            p_holm: 1.0,
            verdict,
            per_split: vec![score - default; 10],
        }
    };
    ModelProof {
        model: kind,
        splits: 10,
        scores: figures.iter().map(|figures| (figures.0.to_owned(), vec![figures.2; 10])).collect(),
        results: figures.iter().map(|figures| (figures.0.to_owned(), result(figures.2))).collect(),
        pairs: figures[1..].iter().map(pair).collect(),
        confidence_set: SetProof {
            level: 0.9,
            members: figures.iter().filter(|figures| figures.5).map(|figures| figures.0.to_owned()).collect(),
            equal_to_best: Vec::new(),
        },
        recovered_by_one_number: BTreeMap::new(),
        gradient_share: BTreeMap::new(),
        training_accuracy: BTreeMap::new(),
        rope: 0.01 * default,
        optimism: None,
        curves: Curves::default(),
    }
}

pub(super) fn proof(models: Vec<ModelProof>, figures: &[Figures]) -> Proof {
    let candidate = |&(name, plainness, ..): &Figures| CandidateProof {
        name: name.to_owned(),
        label: name.replace('_', " "),
        plainness,
        admissible: true,
        post: None,
        loss: name.to_owned(),
    };
    Proof {
        plan: FitPlan {
            fits: 100,
            models: models.iter().map(|model| model.model).collect(),
            folds: 5,
            splits: 10,
            repeats: 2,
            starts: 1,
            rows: 1_000,
            trainings: 100,
            limit: PlanLimit::Fits,
        },
        models_asked: models.iter().map(|model| model.model).collect(),
        fits_made: 100,
        complete: true,
        rows: 1_000,
        groups: 1_000,
        rows_kept_out: 0,
        without_top: None,
        has_top: true,
        metric: Metric::GammaDeviance,
        compared_by: "metric",
        floor: None,
        side: None,
        side_at_best: None,
        rope: 0.01,
        default: figures[0].0.to_owned(),
        candidates: figures.iter().map(candidate).collect(),
        models,
    }
}

/// With one model.
pub(super) fn linear(figures: &[Figures]) -> Proof {
    proof(vec![model(ModelKind::Linear, figures)], figures)
}
