//! The one number or formula that repairs predictions: fitted on half of the groups, judged on the other half, both ways.

use rand::{SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};
use serde::Serialize;

use super::{
    clusters::{Estimated, mean, mean_by_group},
    logit::{FOCAL, Free, Recalibration, inverse_focal, logit},
    read::Predictions,
    score::Lens,
};
use crate::{
    advice::{problem::TargetKind, purpose::Functional},
    statistics::{
        Outcome,
        isotonic::{Target, weighted_expectile, weighted_isotonic, weighted_quantile},
    },
};

/// A difference of less than this share of the score is none.
const EQUAL: f64 = 0.01;

/// With fewer groups, halves say nothing.
const LEAST_GROUPS: usize = 10;

/// What is done to predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mend {
    /// Times one number.
    Ratio,
    /// Plus one number.
    Shift,
    /// Odds divided by one number (Saerens 2002).
    PriorShift,
    /// Focal's inverse (Charoenphakdee 2021).
    InverseFocal,
    /// Log odds divided by one number (Guo 2017).
    Temperature,
    /// Log odds times one number plus another (Platt 1999).
    Logistic,
    /// Any non-decreasing function, as steps.
    Isotonic,
}

impl Mend {
    /// As in a candidate's name: `prior_shift`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Shift => "shift",
            Self::PriorShift => "prior_shift",
            Self::InverseFocal => "inverse_focal",
            Self::Temperature => "temperature",
            Self::Logistic => "logistic",
            Self::Isotonic => "isotonic",
        }
    }

    /// How many numbers it takes, roughly: the fewer, the plainer.
    fn plainness(self) -> u8 {
        match self {
            Self::Ratio | Self::Shift | Self::PriorShift | Self::InverseFocal | Self::Temperature => 1,
            Self::Logistic => 2,
            Self::Isotonic => 3,
        }
    }
}

/// A repair that was tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// What is done.
    pub mend: Mend,
    /// Its numbers, fitted on all rows: the factor, the summand, the odds' divisor, the temperature, γ and α, intercept and
    /// slope.
    pub numbers: Vec<f64>,
    /// The formula, with `p` for the prediction.
    pub formula: String,
    /// For isotonic: predictions and what becomes of them, linear in between.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<[f64; 2]>,
    /// Mean score of the predictions as they are.
    pub before: f64,
    /// Mean score after the repair, each half judged with numbers of the other.
    pub after: f64,
    /// Score before − score after.
    pub gain: Estimated,
    /// Whether the repaired predictions are better: the interval of the gain lies above 0; equal: within 1 % of the score on
    /// either side; worse: below 0.
    pub judged: Outcome,
    /// What was fitted on all rows.
    #[serde(skip)]
    pub(super) mended: Mended,
    #[serde(skip)]
    losses: Vec<f64>,
}

/// All repairs that were tried for one functional.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repairs {
    /// What the predictions are to be.
    pub functional: Functional,
    /// What judges.
    pub score: String,
    /// The repairs, the plainest first. None where the groups are too few or a half has one class only.
    pub trials: Vec<Trial>,
    /// The plainest one that is shown to help and not shown to be worse than another.
    pub advised: Option<Mend>,
}

/// A fitted repair.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mended {
    Factor(f64),
    Summand(f64),
    /// On ln(1 + p).
    LogSummand(f64),
    Recalibrated(Recalibration),
    Focal(f64, f64),
    Steps(Vec<[f64; 2]>),
}

impl Mended {
    pub(super) fn apply(&self, x: f64) -> f64 {
        match self {
            Self::Factor(factor) => x * factor,
            Self::Summand(summand) => x + summand,
            Self::LogSummand(summand) => (x.ln_1p() + summand).exp_m1(),
            Self::Recalibrated(recalibration) => recalibration.apply(x),
            Self::Focal(gamma, alpha) => inverse_focal(x, *gamma, *alpha),
            Self::Steps(steps) => interpolated(steps, x),
        }
    }
}

fn interpolated(steps: &[[f64; 2]], x: f64) -> f64 {
    let next = steps.partition_point(|step| step[0] < x);
    match (next.checked_sub(1).map(|at| steps[at]), steps.get(next)) {
        (Some([_, value]), None) => value,
        (None, Some([_, value])) => *value,
        (Some([from, low]), Some([to, high])) => low + (high - low) * (x - from) / (to - from),
        (None, None) => x,
    }
}

/// Rows that a repair is fitted on.
struct Sample {
    x: Vec<f64>,
    y: Vec<f64>,
    weight: Vec<f64>,
}

impl Sample {
    fn of(data: &Predictions, lens: Lens, rows: &[usize]) -> Self {
        let taken = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
        let y = taken(&data.target.values);
        let weight = lens.weight(&taken(&data.weight), &y);
        Self { x: taken(&data.prediction), y, weight }
    }

    fn fit(&self, wanted: Wanted, lens: Lens) -> Option<Mended> {
        let z = || -> Vec<f64> { self.x.iter().map(|&x| logit(x)).collect() };
        let recalibrated = |free| Recalibration::fit(free, &z(), &self.y, &self.weight).map(Mended::Recalibrated);
        match wanted.mend {
            Mend::Ratio => self.factor(lens).map(Mended::Factor),
            Mend::Shift => Some(self.summand(lens)),
            Mend::PriorShift => recalibrated(Free::Intercept),
            Mend::Temperature => recalibrated(Free::Slope),
            Mend::Logistic => recalibrated(Free::Both),
            Mend::InverseFocal => Some(Mended::Focal(wanted.focal.0, wanted.focal.1)),
            Mend::Isotonic => self.steps(lens).map(Mended::Steps),
        }
    }

    fn factor(&self, lens: Lens) -> Option<f64> {
        let factor = match lens.aimed {
            Target::Mean => mean(&self.y, &self.weight) / mean(&self.x, &self.weight),
            Target::Quantile(level) => {
                let ratios: Vec<f64> = self.y.iter().zip(&self.x).map(|(y, x)| y / x).collect();
                let weight: Vec<f64> = self.weight.iter().zip(&self.x).map(|(weight, x)| weight * x).collect();
                weighted_quantile(&ratios, Some(&weight), level)
            }
            Target::Expectile(_) => return None,
        };
        (factor > 0.0 && factor.is_finite()).then_some(factor)
    }

    fn summand(&self, lens: Lens) -> Mended {
        let (x, y) = (lens.inward(&self.x), lens.inward(&self.y));
        let errors: Vec<f64> = y.iter().zip(&x).map(|(y, x)| y - x).collect();
        let summand = match lens.aimed {
            Target::Mean => mean(&errors, &self.weight),
            Target::Quantile(level) => weighted_quantile(&errors, Some(&self.weight), level),
            Target::Expectile(level) => weighted_expectile(&errors, Some(&self.weight), level),
        };
        if lens.functional == Functional::LogMean { Mended::LogSummand(summand) } else { Mended::Summand(summand) }
    }

    /// Both ends of each pool, and a value that every score takes.
    fn steps(&self, lens: Lens) -> Option<Vec<[f64; 2]>> {
        let y = lens.inward(&self.y);
        let fits = weighted_isotonic(&y, &self.x, Some(&self.weight), lens.aimed);
        let mut fits: Vec<f64> = fits.into_iter().map(|fit| lens.outward(fit)).collect();
        if lens.functional == Functional::Probability {
            let edge = 1.0 / (self.x.len() as f64 + 2.0);
            fits.iter_mut().for_each(|fit| *fit = fit.clamp(edge, 1.0 - edge));
        }
        let (_, takes) = lens.score.domain();
        let least = fits.iter().copied().find(|&fit| takes(fit))?;
        fits.iter_mut().for_each(|fit| *fit = fit.max(least));
        let mut steps: Vec<[f64; 2]> = Vec::new();
        for (x, fit) in self.x.iter().zip(fits) {
            match &mut steps[..] {
                [.., before, last] if before[1] == fit && last[1] == fit => last[0] = *x,
                [.., last] if last[0] == *x => last[1] = fit,
                _ => steps.push([*x, fit]),
            }
        }
        Some(steps)
    }
}

/// A repair to try; γ and α for focal.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    mend: Mend,
    focal: (f64, f64),
}

fn wanted(data: &Predictions, lens: Lens) -> Vec<Wanted> {
    let one = |mend| Wanted { mend, focal: FOCAL[0] };
    let (x, y) = (&data.prediction, &data.target.values);
    if data.target.kind == TargetKind::Binary {
        let focal = FOCAL.iter().map(|&focal| Wanted { mend: Mend::InverseFocal, focal });
        let [shift, temperature] = [one(Mend::PriorShift), one(Mend::Temperature)];
        let mut all = vec![shift];
        all.extend(focal);
        all.extend([temperature, one(Mend::Logistic), one(Mend::Isotonic)]);
        return all;
    }
    let positive = x.iter().all(|&x| x > 0.0) && y.iter().all(|&y| y >= 0.0);
    let any_size = lens.score.domain().1(f64::NEG_INFINITY);
    let factor = positive && lens.functional != Functional::LogMean && !matches!(lens.aimed, Target::Expectile(_));
    let summand = any_size || lens.functional == Functional::LogMean;
    let some = [(factor, Mend::Ratio), (summand, Mend::Shift), (true, Mend::Isotonic)];
    some.into_iter().filter(|(possible, _)| *possible).map(|(_, mend)| one(mend)).collect()
}

impl Repairs {
    pub(super) fn of(data: &Predictions, lens: Lens, seed: u64) -> Self {
        let trials = halves(data, seed).map_or_else(Vec::new, |halves| {
            wanted(data, lens).into_iter().filter_map(|wanted| trial(data, lens, wanted, &halves)).collect()
        });
        let advised = advised(data, &trials);
        Self { functional: lens.functional, score: lens.score.name(), trials, advised }
    }

    /// The advised repair.
    pub fn advice(&self) -> Option<&Trial> {
        let better = |trial: &&Trial| Some(trial.mend) == self.advised && trial.judged == Outcome::Better;
        self.trials.iter().filter(better).min_by(|a, b| a.after.total_cmp(&b.after))
    }
}

/// Rows of either half of the groups; nothing where one of them cannot be fitted on.
fn halves(data: &Predictions, seed: u64) -> Option<[Vec<usize>; 2]> {
    if data.groups.count < LEAST_GROUPS {
        return None;
    }
    let mut groups: Vec<usize> = (0..data.groups.count).collect();
    groups.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let mut second = vec![false; groups.len()];
    groups[..groups.len() / 2].iter().for_each(|&group| second[group] = true);
    let half = |wanted: bool| -> Vec<usize> {
        (0..data.rows()).filter(|&row| second[data.groups.of_row[row] as usize] == wanted).collect()
    };
    let halves = [half(false), half(true)];
    let varies = |rows: &Vec<usize>| rows.iter().any(|&row| data.target.values[row] != data.target.values[rows[0]]);
    halves.iter().all(varies).then_some(halves)
}

fn trial(data: &Predictions, lens: Lens, wanted: Wanted, halves: &[Vec<usize>; 2]) -> Option<Trial> {
    let (x, y) = (&data.prediction, &data.target.values);
    let mut repaired = vec![0.0; x.len()];
    for (fitted, judged) in [(&halves[0], &halves[1]), (&halves[1], &halves[0])] {
        let mended = Sample::of(data, lens, fitted).fit(wanted, lens)?;
        judged.iter().for_each(|&row| repaired[row] = mended.apply(x[row]));
    }
    let all: Vec<usize> = (0..x.len()).collect();
    let mended = Sample::of(data, lens, &all).fit(wanted, lens)?;
    let (_, takes) = lens.score.domain();
    if !repaired.iter().all(|&x| takes(x)) {
        return None;
    }
    let (now, then) = (lens.losses(x, y), lens.losses(&repaired, y));
    let gains: Vec<f64> = now.iter().zip(&then).map(|(now, then)| now - then).collect();
    let gain = mean_by_group(&gains, &data.weight, &data.groups);
    let before = mean(&now, &data.weight);
    let judged = match () {
        () if gain.low > 0.0 => Outcome::Better,
        () if gain.high < 0.0 => Outcome::Worse,
        () if gain.low > -EQUAL * before && gain.high < EQUAL * before => Outcome::Equal,
        () => Outcome::CannotTell,
    };
    let (numbers, formula) = described(&mended);
    let steps = if let Mended::Steps(steps) = &mended { steps.clone() } else { Vec::new() };
    let after = mean(&then, &data.weight);
    Some(Trial { mend: wanted.mend, numbers, formula, steps, before, after, gain, judged, mended, losses: then })
}

fn described(mended: &Mended) -> (Vec<f64>, String) {
    use crate::advice::written::figure;
    match mended {
        Mended::Factor(factor) => (vec![*factor], format!("p × {}", figure(*factor))),
        Mended::Summand(summand) => {
            let sign = if *summand < 0.0 { '−' } else { '+' };
            (vec![*summand], format!("p {sign} {}", figure(summand.abs())))
        }
        Mended::LogSummand(summand) => (vec![*summand], format!("(1 + p) × {} − 1", figure(summand.exp()))),
        Mended::Recalibrated(Recalibration { intercept, slope, .. }) => match (*intercept, *slope) {
            (intercept, 1.0) => (vec![(-intercept).exp()], format!("odds / {}", figure((-intercept).exp()))),
            (0.0, slope) => (vec![1.0 / slope], format!("logit / {}", figure(1.0 / slope))),
            (intercept, slope) => {
                let sign = if intercept < 0.0 { '−' } else { '+' };
                let formula = format!("logit × {} {sign} {}", figure(slope), figure(intercept.abs()));
                (vec![intercept, slope], formula)
            }
        },
        Mended::Focal(gamma, alpha) => (vec![*gamma, *alpha], format!("focal undone, γ {gamma} α {alpha}")),
        Mended::Steps(steps) => (Vec::new(), format!("{} steps", steps.len())),
    }
}

/// The plainest repair that is better than none and not shown to be worse than the best by more than is equal.
fn advised(data: &Predictions, trials: &[Trial]) -> Option<Mend> {
    let better: Vec<&Trial> = trials.iter().filter(|trial| trial.judged == Outcome::Better).collect();
    let best = better.iter().copied().min_by(|a, b| a.after.total_cmp(&b.after))?;
    let as_good = |trial: &&&Trial| {
        let more: Vec<f64> = trial.losses.iter().zip(&best.losses).map(|(one, best)| one - best).collect();
        mean_by_group(&more, &data.weight, &data.groups).low <= EQUAL * best.after
    };
    let plain =
        |a: &&&Trial, b: &&&Trial| a.mend.plainness().cmp(&b.mend.plainness()).then(a.after.total_cmp(&b.after));
    better.iter().filter(as_good).min_by(plain).map(|trial| trial.mend)
}
