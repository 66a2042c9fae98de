//! The plots of a comparison, from its [`Proof`].

use super::{
    laws::{FrequencyProof, LawFit, LawProof},
    proof::{ModelProof, Proof},
    words,
};
use crate::{
    advice::{
        document::{Question, Verdict},
        metric::Metric,
        problem::{Target, TargetKind},
    },
    page::{Figure, Grid},
    report::{
        advice::Exhibits,
        exhibits::{
            Compass, Forest, ForestLine, GradientShare, LoudRow, MurphyDifference, Needle, QuantileResiduals,
            Reliability, Rootogram, RootogramBar, TargetStrip, ThresholdPanel,
        },
    },
    statistics::Interval,
};

/// Losses whose gradients are shown side by side.
const GRADIENTS: usize = 4;

/// All plots; with several models those of the one that the advised loss predicts best with.
pub fn exhibits(proof: &Proof, question: &Question, target: &Target, verdict: Option<&Verdict>) -> Exhibits {
    let advised = verdict.map(|verdict| &*verdict.loss);
    let of_model = |model: &ModelProof| {
        [Some(super::page::grid(proof, model, advised)), super::page::decisions(proof, model, advised)]
    };
    let tables: Vec<Grid> = proof.models.iter().flat_map(of_model).flatten().collect();
    let Some(model) = shown(proof, verdict) else { return Exhibits { tables, ..Exhibits::default() } };
    let functional = question.functional.to_string();
    let is_number =
        matches!(target.kind, TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share);
    let strip = is_number.then(|| TargetStrip { name: &target.name, values: &target.values }.figure());
    let mut figures: Vec<Option<Figure>> =
        vec![strip.flatten(), Compass { needles: needles(model) }.figure(), forest(proof, model).figure()];
    if let Some(murphy) = &model.curves.murphy {
        let (name, against) = (murphy.a.clone(), murphy.b.clone());
        let murphy = MurphyDifference { name, against, functional: functional.clone(), points: murphy.points.clone() };
        figures.push(murphy.figure());
    }
    for found in model.curves.reliability.iter().take(1) {
        let reliability = Reliability {
            name: found.name.clone(),
            functional: if is_number { functional.clone() } else { "probability".to_owned() },
            points: found.points.clone(),
            parts: [found.miscalibration, found.discrimination, found.uncertainty],
            score: found.score.clone(),
            p: found.p.unwrap_or(f64::NAN),
        };
        figures.push(reliability.figure());
    }
    figures.extend(laws(proof, model));
    let gradient = gradient(proof, model, verdict);
    figures.push(gradient.figure());
    let panel = thresholds(proof, model);
    figures.extend(panel.as_ref().map(ThresholdPanel::figure));
    let mut tables = tables;
    tables.extend(gradient.rows());
    Exhibits { figures: figures.into_iter().flatten().collect(), tables, panel: panel.map(|panel| panel.panel()) }
}

/// The model whose plots are shown.
fn shown<'a>(proof: &'a Proof, verdict: Option<&Verdict>) -> Option<&'a ModelProof> {
    let name = verdict.map_or(proof.default.as_str(), |verdict| &verdict.loss);
    let sign = if proof.metric.higher_is_better() { -1.0 } else { 1.0 };
    let score = |model: &ModelProof| {
        model.results.get(name).and_then(|result| result.score).map_or(f64::INFINITY, |score| sign * score)
    };
    let finished = proof.models.iter().filter(|model| model.splits > 0);
    finished.min_by(|one, other| score(one).total_cmp(&score(other)))
}

fn forest(proof: &Proof, model: &ModelProof) -> Forest {
    let line = |pair: &super::proof::PairProof| ForestLine {
        name: proof.candidate(&pair.a).label.clone(),
        difference: pair.mean,
        naive: Interval { low: pair.naive_low, high: pair.naive_high },
        corrected: Interval { low: pair.low, high: pair.high },
        splits: pair.per_split.clone(),
        outcome: pair.outcome().to_string(),
    };
    let drawable = |pair: &&super::proof::PairProof| pair.low.is_finite() && pair.high.is_finite();
    Forest {
        against: proof.candidate(&proof.default).label.clone(),
        metric: words::metric(proof.metric),
        equivalence: model.rope,
        lines: model.pairs.iter().filter(drawable).map(line).collect(),
    }
}

fn needles(model: &ModelProof) -> Vec<Needle> {
    let needle =
        |found: &super::curves::LevelProof| Needle { name: found.name.clone(), level: found.level, ratio: found.ratio };
    let drawable = |found: &&super::curves::LevelProof| found.level.iter().chain(&found.ratio).all(|x| x.is_finite());
    model.curves.levels.iter().filter(drawable).map(needle).collect()
}

/// The predicted laws beside what came, that of the advised loss first.
fn laws(proof: &Proof, model: &ModelProof) -> Vec<Option<Figure>> {
    let figure = |(place, found): (usize, &LawProof)| {
        let name = proof.candidate(&found.name).label.clone();
        let figure = match &found.fit {
            LawFit::Frequencies(counts) => {
                Rootogram { name, counts: counts.iter().map(RootogramBar::from).collect() }.figure()
            }
            LawFit::QuantileResiduals(points) => QuantileResiduals { name, points: points.clone() }.figure(),
        };
        figure.map(|figure| if place == 0 { figure } else { Figure { name: "law_of_default", ..figure } })
    };
    model.curves.laws.iter().enumerate().map(figure).collect()
}

impl From<&FrequencyProof> for RootogramBar {
    fn from(bin: &FrequencyProof) -> Self {
        let name = match bin.to {
            None => format!("{} or more", bin.from),
            Some(to) if to == bin.from => to.to_string(),
            Some(to) => format!("{} to {to}", bin.from),
        };
        Self { name, observed: bin.observed, expected: bin.expected }
    }
}

/// Of the default, the advised loss and the next ones, each loss once.
fn gradient(proof: &Proof, model: &ModelProof, verdict: Option<&Verdict>) -> GradientShare {
    let advised = verdict.map_or(proof.default.as_str(), |verdict| &verdict.loss);
    let mut names: Vec<&str> = vec![&proof.default, advised];
    names
        .extend(proof.candidates.iter().filter(|candidate| candidate.post.is_none()).map(|candidate| &*candidate.name));
    let mut losses: Vec<(String, Vec<f64>)> = Vec::new();
    for name in names {
        let loss = proof.candidate(name).loss.clone();
        if let (Some(share), true) = (model.gradient_share.get(name), losses.len() < GRADIENTS)
            && !losses.iter().any(|(known, _)| *known == loss)
        {
            losses.push((loss, share.deciles.clone()));
        }
    }
    let loudest = model.gradient_share.get(advised).map_or_else(Vec::new, |share| share.loudest.clone());
    let loud = |row: &super::proof::LoudRowProof| LoudRow {
        row: row.row,
        target: row.target,
        prediction: row.prediction,
        share: row.share,
    };
    GradientShare { losses, loudest: loudest.iter().map(loud).collect() }
}

/// The decision's panel, for metrics of decisions; without costs one of each kind counts alike.
fn thresholds(proof: &Proof, model: &ModelProof) -> Option<ThresholdPanel> {
    let found = model.curves.thresholds.as_ref()?;
    let (miss, alarm) = match proof.metric {
        Metric::Cost(costs) => (costs.miss, costs.alarm),
        Metric::F1 | Metric::Accuracy | Metric::BalancedAccuracy | Metric::RecallAt(_) => (1.0, 1.0),
        _ => return None,
    };
    Some(ThresholdPanel {
        name: found.name.clone(),
        miss,
        alarm,
        rows: found.rows,
        positives: found.positives,
        steps: found.steps.clone(),
    })
}
