//! What a report draws of one model's pooled test predictions: a few hundred numbers, whatever the rows.

use serde::Serialize;

use super::{
    entry::Entry,
    evaluate::{points, tracks},
    laws::{LawProof, law_proofs},
    race::{Course, Lane},
    score::{Floor, mean},
};
use crate::{
    advice::{metric::Metric, problem::TargetKind, purpose::Functional},
    statistics::{
        Sampling,
        calibration::{Score, calibration},
        clustered,
        isotonic::Target,
        murphy::murphy_difference,
    },
};

/// Rows that curves are made of at most; of more every so many.
const MOST_ROWS: usize = 20_000;

/// Points of a curve at most.
const MOST_POINTS: usize = 100;

/// Draws of the test of miscalibration.
const DRAWS: usize = 99;

/// The curves of one model.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Curves {
    /// The advised candidate against the default over all consistent losses; none where the default is advised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub murphy: Option<MurphyProof>,
    /// Whether predictions mean what they say: advised candidate and default.
    pub reliability: Vec<ReliabilityProof>,
    /// What each threshold of the advised candidate flags and catches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<ThresholdsProof>,
    /// Which functional the predictions are: every candidate.
    pub levels: Vec<LevelProof>,
    /// Whether the laws of the advised candidate and the default are those of the rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub laws: Vec<LawProof>,
}

/// Differences of elementary scores (Ehm, Gneiting, Jordan, Krüger 2016).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MurphyProof {
    /// The advised candidate.
    pub a: String,
    /// The default.
    pub b: String,
    /// Threshold, difference, and its 95 % interval by group.
    pub points: Vec<[f64; 4]>,
}

/// Reliability by isotonic regression (Dimitriadis, Gneiting, Jordan 2021).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReliabilityProof {
    /// The candidate.
    pub name: String,
    /// The score that is decomposed.
    pub score: String,
    /// Prediction, and what came of it.
    pub points: Vec<(f64, f64)>,
    /// Miscalibration.
    pub miscalibration: f64,
    /// Discrimination.
    pub discrimination: f64,
    /// Uncertainty.
    pub uncertainty: f64,
    /// The chance of as much miscalibration if predictions meant what they say.
    pub p: Option<f64>,
}

/// Decisions at rising thresholds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThresholdsProof {
    /// The candidate.
    pub name: String,
    /// Rows.
    pub rows: usize,
    /// Positive rows.
    pub positives: usize,
    /// Threshold, rows flagged, positives among them.
    pub steps: Vec<(f64, usize, usize)>,
}

/// A candidate's place between the functionals, each with its 95 % interval by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelProof {
    /// The candidate.
    pub name: String,
    /// Share of the rows at or below the prediction, lower end, upper end.
    pub level: [f64; 3],
    /// Predicted over true total, lower end, upper end.
    pub ratio: [f64; 3],
}

/// Pooled test rows of the first repeat that both the curves' candidates predicted.
struct Pool {
    target: Vec<f64>,
    groups: Vec<u32>,
    weight: Option<Vec<f64>>,
}

impl Pool {
    fn sampling(&self) -> Sampling<'_> {
        Sampling::new(&self.groups, self.weight.as_deref())
    }
}

/// The curves of the candidates with these numbers: the advised one and the default.
pub fn curves(course: &Course<'_>, lane: &Lane, entries: &[Entry], names: &[String], advised: Option<usize>) -> Curves {
    let tracks = tracks(lane, entries, names.len());
    let all: Vec<Vec<Option<f64>>> = tracks.iter().map(|track| points(course, lane, track)).collect();
    let rows: Vec<usize> = (0..course.problem.rows()).filter(|&row| all[0][row].is_some()).collect();
    let step = rows.len().div_ceil(MOST_ROWS).max(1);
    let rows: Vec<usize> = rows.into_iter().step_by(step).collect();
    if rows.is_empty() {
        return Curves::default();
    }
    let pool = Pool {
        target: rows.iter().map(|&row| course.problem.target.values[row]).collect(),
        groups: rows.iter().map(|&row| course.problem.groups.of_row[row]).collect(),
        weight: course.problem.weight.as_ref().map(|weight| rows.iter().map(|&row| weight[row]).collect()),
    };
    let predicted = |number: usize| rows.iter().map(|&row| all[number][row]).collect::<Option<Vec<f64>>>();
    let kind = course.problem.target.kind;
    let mut found = Curves { laws: law_proofs(course, lane, entries, names, advised), ..Curves::default() };
    if matches!(kind, TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share)
        && !matches!(course.aim.functional, Functional::Law | Functional::Interval(_))
    {
        found.levels = (0..names.len())
            .filter_map(|number| {
                Some(LevelProof::of(&names[number], &predicted(number)?, &pool.target, pool.sampling()))
            })
            .collect();
    }
    let Some(advised) = advised else { return found };
    let probabilities = |number: usize| {
        let is_probability = tracks[number].outcomes.iter().all(|(_, outcome)| outcome.is_probability);
        kind != TargetKind::Binary || is_probability
    };
    if let Some((score, target)) = decomposed(course) {
        let both = if advised == 0 { vec![0] } else { vec![advised, 0] };
        for number in both.into_iter().filter(|&number| probabilities(number)) {
            if let Some(predictions) = predicted(number) {
                found.reliability.push(reliability(&names[number], &predictions, &pool, score, course));
            }
        }
        if let (true, Some(one), Some(other)) =
            (advised != 0 && probabilities(advised) && probabilities(0), predicted(advised), predicted(0))
        {
            let points = murphy_difference(&pool.target, &one, &other, pool.sampling(), target, MOST_POINTS);
            found.murphy = Some(MurphyProof { a: names[advised].clone(), b: names[0].clone(), points });
        }
    }
    if kind == TargetKind::Binary {
        found.thresholds = predicted(advised).map(|scores| thresholds(&names[advised], &scores, &pool.target));
    }
    found
}

/// The score that is decomposed, and what its best prediction is; none where the question is of an order, a law or an interval.
fn decomposed(course: &Course<'_>) -> Option<(Score, Target)> {
    let score = match (course.aim.metric, course.problem.target.kind) {
        (Metric::Brier, TargetKind::Binary) => Score::Brier,
        (_, TargetKind::Binary) => Score::LogLoss,
        (_, TargetKind::Ordered | TargetKind::Classes | TargetKind::Relevance) => return None,
        (Metric::PoissonDeviance | Metric::TweedieDeviance(_), _) => Score::PoissonDeviance,
        (Metric::GammaDeviance, _) => Score::GammaDeviance,
        (Metric::Rmse | Metric::R2, _) => Score::SquaredError,
        (Metric::Mae | Metric::Wape, _) => Score::Pinball(0.5),
        (Metric::Pinball(level), _) => Score::Pinball(level),
        (Metric::Expectile(level), _) => Score::AsymmetricSquared(level),
        _ => return None,
    };
    Some((score, score.target()))
}

fn reliability(name: &str, predictions: &[f64], pool: &Pool, score: Score, course: &Course<'_>) -> ReliabilityProof {
    let takes_logarithm = matches!(score, Score::PoissonDeviance | Score::GammaDeviance);
    let Floor(floor) = course.judge.floor;
    let predictions: Vec<f64> = predictions
        .iter()
        .map(|&prediction| if takes_logarithm { prediction.max(floor) } else { prediction })
        .collect();
    let found = calibration(&pool.target, &predictions, pool.sampling(), score, DRAWS, course.seed);
    let score = match score {
        Score::LogLoss => "log_loss".to_owned(),
        Score::Brier => "brier".to_owned(),
        Score::SquaredError => "squared_error".to_owned(),
        Score::PoissonDeviance => "poisson_deviance".to_owned(),
        Score::GammaDeviance => "gamma_deviance".to_owned(),
        Score::Pinball(level) => format!("pinball:{level}"),
        Score::AsymmetricSquared(level) => format!("expectile:{level}"),
    };
    ReliabilityProof {
        name: name.to_owned(),
        score,
        points: thinned(&found.curve),
        miscalibration: found.miscalibration,
        discrimination: found.discrimination,
        uncertainty: found.uncertainty,
        p: found.p,
    }
}

/// First, last and evenly from between.
fn thinned<T: Copy>(points: &[T]) -> Vec<T> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    (0..MOST_POINTS).map(|place| points[place * (points.len() - 1) / (MOST_POINTS - 1)]).collect()
}

/// Thresholds at even shares of the scores, denser among the highest.
fn thresholds(name: &str, scores: &[f64], target: &[f64]) -> ThresholdsProof {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut caught = 0;
    let mut steps: Vec<(f64, usize, usize)> = Vec::new();
    for (place, &row) in order.iter().enumerate() {
        caught += usize::from(target[row] > 0.5);
        let ends = order.get(place + 1).is_none_or(|&next| scores[next] < scores[row]);
        if ends {
            steps.push((scores[row], place + 1, caught));
        }
    }
    // By the logarithm of the rows flagged: the first hundred rows matter as much as the last ten thousand.
    let last = (scores.len() as f64).ln();
    let mut kept: Vec<(f64, usize, usize)> = Vec::new();
    let mut next = 0.0;
    for &step in &steps {
        if (step.1 as f64).ln() >= next - 1e-12 || step.1 == scores.len() {
            kept.push(step);
            next = (step.1 as f64).ln() + last / MOST_POINTS as f64;
        }
    }
    kept.reverse();
    let positives = target.iter().filter(|&&y| y > 0.5).count();
    ThresholdsProof { name: name.to_owned(), rows: scores.len(), positives, steps: kept }
}

impl LevelProof {
    /// Of these predictions, by the rows' weights and groups.
    pub fn of(name: &str, predictions: &[f64], target: &[f64], rows: Sampling<'_>) -> Self {
        let both = || predictions.iter().zip(target);
        let below: Vec<f64> = both().map(|(x, y)| if y <= x { 1.0 } else { 0.0 }).collect();
        let level = mean(&below, rows.weights());
        let truth = mean(target, rows.weights());
        let ratio = mean(predictions, rows.weights()) / truth;
        let mean_weight = rows.total() / rows.rows() as f64;
        // Each figure with the rows' influences on it; a ratio of two means is taken as linear.
        let ends = |value: f64, influence: &dyn Fn(usize) -> f64| {
            let of_row = |row: usize| value + rows.weight(row) / mean_weight * influence(row);
            let influences: Vec<f64> = (0..target.len()).map(of_row).collect();
            let interval = clustered(&influences, rows.groups()).interval();
            [value, interval.low, interval.high]
        };
        Self {
            name: name.to_owned(),
            level: ends(level, &|row| below[row] - level),
            ratio: ends(ratio, &|row| (predictions[row] - ratio * target[row]) / truth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_count_what_they_flag() {
        let found = thresholds("a", &[0.9, 0.5, 0.5, 0.1], &[1.0, 0.0, 1.0, 0.0]);
        assert_eq!((found.rows, found.positives), (4, 2));
        assert_eq!(found.steps, [(0.1, 4, 2), (0.5, 3, 2), (0.9, 1, 1)]);
        let many: Vec<f64> = (0..5_000).map(f64::from).collect();
        let found = thresholds("a", &many, &vec![0.0; 5_000]);
        assert!(found.steps.len() <= MOST_POINTS + 2 && found.steps.len() > 50, "{}", found.steps.len());
        assert!(found.steps.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn levels_and_ratios() {
        let of = |weight: Option<&[f64]>| {
            let (target, groups) = ([1.0, 2.0, 3.0, 4.0], [0, 1, 2, 3]);
            LevelProof::of("a", &[2.0, 2.0, 2.0, 2.0], &target, Sampling::new(&groups, weight))
        };
        let found = of(None);
        approx::assert_relative_eq!(found.level[0], 0.5);
        approx::assert_relative_eq!(found.ratio[0], 0.8);
        assert!(found.ratio[1] < 0.8 && found.ratio[2] > 0.8);
        // 4 of 10 at or below; 2 of (1 + 2 + 3·3 + 4·5) / 10.
        let found = of(Some(&[1.0, 1.0, 3.0, 5.0]));
        approx::assert_relative_eq!(found.level[0], 0.2);
        approx::assert_relative_eq!(found.ratio[0], 0.625);
        // All alike they change nothing.
        assert_eq!(of(Some(&[2.0; 4])), of(None));
    }

    #[test]
    fn curves_keep_their_ends() {
        let points: Vec<usize> = (0..1_000).collect();
        let kept = thinned(&points);
        assert_eq!((kept.len(), kept[0], kept[MOST_POINTS - 1]), (MOST_POINTS, 0, 999));
        assert_eq!(thinned(&[1, 2]), [1, 2]);
    }
}
