//! The plots of a recommendation: the target, and what one fit out of fold shows of it.

use crate::{
    advice::{
        compare::{curves::LevelProof, laws::expected_counts, words},
        evidence::{Evidence, TargetSummary},
        problem::{Problem, TargetKind},
    },
    model::{Law, Objective, Probe},
    page::Figure,
    report::{
        advice::Exhibits,
        exhibits::{Compass, Needle, Reliability, Rootogram, RootogramBar, TailPlot, TargetStrip},
    },
    statistics::{
        Sampling,
        calibration::{Score, calibration},
        zeros::zeros,
    },
};

/// Rows that the plots of the fit are made of at most; of more every so many.
const MOST_ROWS: usize = 20_000;

/// Points of a curve at most.
const MOST_POINTS: usize = 100;

/// Draws of the test of miscalibration.
const DRAWS: usize = 99;

/// The plots: the target; its tail, which functional the first fit is, whether it means what it says, and the laws of counts, where
/// there was a fit.
pub fn exhibits(problem: &Problem, evidence: Option<&Evidence>, probe: Option<&Probe>, seed: u64) -> Exhibits {
    let strip = match evidence.map(|evidence| &evidence.target) {
        Some(TargetSummary::Classes(_) | TargetSummary::Lists(_)) => None,
        Some(TargetSummary::Numbers(_)) | None if !problem.target.levels.is_empty() => None,
        Some(TargetSummary::Numbers(_)) | None => {
            TargetStrip { name: &problem.target.name, values: &problem.target.values }.figure()
        }
    };
    let tail = evidence.and_then(|evidence| evidence.numbers.as_ref()?.tail.as_ref()).and_then(|tail| {
        let real = problem.target.kind == TargetKind::Real;
        let of = if real { "the size of the errors" } else { "true value over prediction" };
        TailPlot { of: of.to_owned(), points: tail.points.clone() }.figure()
    });
    let mut figures: Vec<Figure> = [strip, tail].into_iter().flatten().collect();
    if let Some(probe) = probe {
        figures.extend(Fitted::of(problem, probe).figures(seed));
    }
    Exhibits { figures, ..Exhibits::default() }
}

/// The first fit's predictions beside the truth.
struct Fitted<'a> {
    kind: TargetKind,
    probe: &'a Probe,
    /// Places of the rows among the predicted ones.
    places: Vec<usize>,
    target: Vec<f64>,
    groups: Vec<u32>,
    weight: Option<Vec<f64>>,
}

impl<'a> Fitted<'a> {
    fn of(problem: &Problem, probe: &'a Probe) -> Self {
        let step = probe.rows.len().div_ceil(MOST_ROWS).max(1);
        let places: Vec<usize> = (0..probe.rows.len()).step_by(step).collect();
        let row = |&place: &usize| probe.rows[place];
        Self {
            kind: problem.target.kind,
            probe,
            target: places.iter().map(row).map(|row| problem.target.values[row]).collect(),
            groups: places.iter().map(row).map(|row| problem.groups.of_row[row]).collect(),
            weight: problem.weight.as_ref().map(|weight| places.iter().map(row).map(|row| weight[row]).collect()),
            places,
        }
    }

    fn rows(&self) -> Sampling<'_> {
        Sampling::new(&self.groups, self.weight.as_deref())
    }

    /// These numbers of the rows; none where one is not finite.
    fn numbers(&self, all: &[f64]) -> Option<Vec<f64>> {
        self.places.iter().map(|&place| all.get(place).copied().filter(|number| number.is_finite())).collect()
    }

    fn figures(&self, seed: u64) -> Vec<Figure> {
        if self.places.is_empty() {
            return Vec::new();
        }
        let Some(prediction) = self.numbers(&self.probe.prediction) else { return Vec::new() };
        let name = words::loss(self.probe.objective);
        match self.kind {
            TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => {
                let mut all = vec![self.compass(&name, &prediction)];
                let by_deviance = self.probe.objective == Objective::Poisson && prediction.iter().all(|mu| *mu > 0.0);
                let score = if by_deviance { Score::PoissonDeviance } else { Score::SquaredError };
                all.push(self.reliability(&name, "mean", &prediction, score, seed));
                if by_deviance && self.kind == TargetKind::Count {
                    all.extend(self.rootograms(&prediction));
                }
                all.into_iter().flatten().collect()
            }
            TargetKind::Binary => {
                self.reliability(&name, "probability", &prediction, Score::LogLoss, seed).into_iter().collect()
            }
            TargetKind::Ordered | TargetKind::Classes | TargetKind::Relevance => Vec::new(),
        }
    }

    /// The fit, least squares where that is another one, and one number for all rows: the middle of the targets.
    fn compass(&self, name: &str, prediction: &[f64]) -> Option<Figure> {
        let needle = |name: &str, prediction: &[f64]| {
            let LevelProof { name, level, ratio } = LevelProof::of(name, prediction, &self.target, self.rows());
            let is_known = level.iter().chain(&ratio).all(|number| number.is_finite());
            is_known.then_some(Needle { name, level, ratio })
        };
        let mut needles = vec![needle(&format!("{name}, one fit"), prediction)];
        if let Some(straight) = self.probe.straight.as_ref().and_then(|straight| self.numbers(straight)) {
            needles.push(needle("squared error, one fit", &straight));
        }
        let middle = minimand::data::metrics::median(&self.target);
        needles.push(needle("the median for all rows", &vec![middle; self.target.len()]));
        Compass { needles: needles.into_iter().flatten().collect() }.figure()
    }

    fn reliability(&self, name: &str, functional: &str, prediction: &[f64], score: Score, seed: u64) -> Option<Figure> {
        let found = calibration(&self.target, prediction, self.rows(), score, DRAWS, seed);
        let score = match score {
            Score::LogLoss => "log loss",
            Score::PoissonDeviance => "Poisson deviance",
            Score::Brier
            | Score::SquaredError
            | Score::GammaDeviance
            | Score::Pinball(_)
            | Score::AsymmetricSquared(_) => "squared error",
        };
        let last = found.curve.len().saturating_sub(1);
        let kept = last.min(MOST_POINTS - 1);
        let points = (0..=kept).filter_map(|at| found.curve.get(at * last / kept.max(1)).copied()).collect();
        let parts = [found.miscalibration, found.discrimination, found.uncertainty];
        Reliability {
            name: format!("{name}, one fit"),
            functional: functional.to_owned(),
            points,
            parts,
            score: score.to_owned(),
            p: found.p.unwrap_or(f64::NAN),
        }
        .figure()
    }

    /// Counts as a Poisson and as a negative binomial law around the fit's means expect them.
    fn rootograms(&self, mean: &[f64]) -> Vec<Option<Figure>> {
        let ones = vec![1.0; mean.len()];
        let weight = self.weight.as_deref().unwrap_or(&ones);
        let rootogram = |name: &str, law: &dyn Fn(f64) -> Law| {
            let laws: Vec<Law> = mean.iter().map(|&mean| law(mean)).collect();
            let found = expected_counts(&laws, &self.target, weight);
            Rootogram { name: name.to_owned(), counts: found.iter().map(RootogramBar::from).collect() }.figure()
        };
        let poisson = rootogram("Poisson", &|mean| Law::Poisson { mean });
        let dispersion = zeros(&self.target, mean, self.rows()).dispersion;
        if !(dispersion > 0.0 && dispersion.is_finite()) {
            return vec![poisson];
        }
        let spread = rootogram("negative binomial", &|mean| Law::NegativeBinomial { mean, size: 1.0 / dispersion });
        vec![poisson, spread.map(|figure| Figure { name: "law_with_spread", ..figure })]
    }
}
