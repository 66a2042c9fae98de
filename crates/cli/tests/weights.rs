//! The law of weights: a row of weight 3 says what three like rows of one group say, in whatever unit the weights are.

use approx::assert_relative_eq;
use minimand_cli::{
    advice::{
        document::Fact,
        evidence::Evidence,
        map::Decode,
        problem::{Problem, TargetKind},
    },
    frame::{Cells, Column, Frame, Roles},
    model::{Objective, Probe},
    statistics::{
        Sampling,
        brant::brant_by_group,
        breusch_pagan::breusch_pagan,
        calibration::{Score, calibration},
        dispersion::dispersion,
        error_floor::error_floor,
        estimate::{Estimate, mean_by_groups},
        functional_level::{expectile_level, quantile_level, total_ratio},
        isotonic::Target,
        moments::moments,
        murphy::murphy_difference,
        negative_binomial::dispersion_with_interval,
        noise::label_noise,
        variance_power::variance_power,
        zeros::zeros,
    },
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

const ROWS: usize = 400;

/// Rows with weights of 1 to 3 in groups of about two, and the same rows written out as often as they weigh.
struct Twice {
    mean: Vec<f64>,
    count: Vec<f64>,
    positive: Vec<f64>,
    feature: Vec<f64>,
    groups: Vec<u32>,
    weight: Vec<f64>,
    /// For each row that is written out, which one it is.
    copies: Vec<usize>,
}

impl Twice {
    fn drawn() -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut uniform = move || rng.random::<f64>();
        let weight: Vec<f64> = (0..ROWS).map(|_| (1.0 + 3.0 * uniform()).floor()).collect();
        let mean: Vec<f64> = (0..ROWS).map(|_| (1.5 * uniform()).exp()).collect();
        // Geometric counts, spread more than Poisson's.
        let count = mean.iter().map(|mean| (uniform().ln() / (mean / (1.0 + mean)).ln()).floor()).collect();
        let feature: Vec<f64> = (0..ROWS).map(|_| 4.0 * (uniform() + uniform() - 1.0)).collect();
        let positive = feature.iter().map(|x| f64::from(u8::from(uniform() < 1.0 / (1.0 + (-x).exp())))).collect();
        let groups = (0..ROWS).map(|_| (uniform() * 200.0) as u32).collect();
        let copies = (0..ROWS).flat_map(|row| std::iter::repeat_n(row, weight[row] as usize)).collect();
        Self { mean, count, positive, feature, groups, weight, copies }
    }

    /// The unit of the weights plays no part.
    fn scaled_weight(&self) -> Vec<f64> {
        self.weight.iter().map(|weight| 0.37 * weight).collect()
    }

    fn copied<T: Copy>(&self, values: &[T]) -> Vec<T> {
        self.copies.iter().map(|&row| values[row]).collect()
    }
}

#[track_caller]
fn same(what: &str, one: Estimate, other: Estimate) {
    for (one, other) in [
        (one.value, other.value),
        (one.standard_error, other.standard_error),
        (one.low, other.low),
        (one.high, other.high),
    ] {
        assert!((one - other).abs() <= 1e-6 * (1.0 + other.abs()), "{what}: {one} and {other}");
    }
}

#[test]
fn estimates_of_weighted_rows_are_those_of_copied_rows() {
    let twice = Twice::drawn();
    let weight = twice.scaled_weight();
    let groups = twice.copied(&twice.groups);
    let (rows, copies) = (Sampling::new(&twice.groups, Some(&weight)), Sampling::from(&groups));
    let plain = Sampling::from(&twice.groups);
    let (mean, count) = (twice.copied(&twice.mean), twice.copied(&twice.count));
    let residuals =
        |count: &[f64], mean: &[f64]| count.iter().zip(mean).map(|(y, mean)| y - mean).collect::<Vec<f64>>();
    let (error, errors) = (residuals(&twice.count, &twice.mean), residuals(&count, &mean));
    let shift = |mean: &[f64]| mean.iter().map(|mean| 0.9 * mean).collect::<Vec<f64>>();
    let (lower, lowers) = (shift(&twice.mean), shift(&mean));

    same("mean", mean_by_groups(&error, rows), mean_by_groups(&errors, copies));
    let [one, other] = [moments(&error, rows).unwrap(), moments(&errors, copies).unwrap()];
    same("skewness", one.skewness, other.skewness);
    same("kurtosis", one.kurtosis, other.kurtosis);
    let slopes = [breusch_pagan(&error, &twice.mean, rows), breusch_pagan(&errors, &mean, copies)].map(Option::unwrap);
    same("Breusch-Pagan", slopes[0], slopes[1]);
    same("dispersion", dispersion(&twice.count, &twice.mean, rows), dispersion(&count, &mean, copies));
    let powers = [variance_power(&twice.count, &twice.mean, rows), variance_power(&count, &mean, copies)];
    same("variance power", powers[0].unwrap(), powers[1].unwrap());
    let likely =
        [dispersion_with_interval(&twice.count, &twice.mean, rows), dispersion_with_interval(&count, &mean, copies)];
    same("likely dispersion", likely[0].unwrap(), likely[1].unwrap());
    let [one, other] = [zeros(&twice.count, &twice.mean, rows), zeros(&count, &mean, copies)];
    same("zeros", one.excess, other.excess);
    for (one, other) in [(one.observed, other.observed), (one.poisson, other.poisson), (one.p, other.p)] {
        assert_relative_eq!(one, other, max_relative = 1e-6);
    }
    same("level", quantile_level(&twice.count, &lower, rows), quantile_level(&count, &lowers, copies));
    let ratios = [total_ratio(&twice.count, &lower, rows), total_ratio(&count, &lowers, copies)].map(Option::unwrap);
    same("totals", ratios[0], ratios[1]);
    let levels = [expectile_level(&twice.count, &lower, rows), expectile_level(&count, &lowers, copies)];
    same("expectile", levels[0].unwrap(), levels[1].unwrap());
    let one = murphy_difference(&twice.count, &twice.mean, &lower, rows, Target::Mean, 20);
    for [theta, value, low, high] in one {
        let scores = |y: &[f64], x: &[f64], other: &[f64]| -> Vec<f64> {
            let score = |y, x| minimand_cli::statistics::murphy::elementary_score(y, x, theta, Target::Mean);
            (0..y.len()).map(|row| score(y[row], x[row]) - score(y[row], other[row])).collect()
        };
        let found = mean_by_groups(&scores(&count, &mean, &lowers), copies);
        assert_relative_eq!(value, found.value, epsilon = 1e-12);
        assert_relative_eq!(low, found.low, epsilon = 1e-12);
        assert_relative_eq!(high, found.high, epsilon = 1e-12);
    }
    // Weights do something at all.
    assert!((dispersion(&twice.count, &twice.mean, plain).value - one_of(rows, &twice)).abs() > 1e-4);
}

fn one_of(rows: Sampling<'_>, twice: &Twice) -> f64 {
    dispersion(&twice.count, &twice.mean, rows).value
}

#[test]
fn labels_of_weighted_rows_tell_what_those_of_copied_rows_tell() {
    let twice = Twice::drawn();
    let weight = twice.scaled_weight();
    let groups = twice.copied(&twice.groups);
    let (rows, copies) = (Sampling::new(&twice.groups, Some(&weight)), Sampling::from(&groups));
    let probability: Vec<f64> = twice.feature.iter().map(|x| 1.0 / (1.0 + (-1.4 * x - 0.3).exp())).collect();
    let (positive, probabilities) = (twice.copied(&twice.positive), twice.copied(&probability));

    for score in [Score::LogLoss, Score::Brier, Score::Pinball(0.7), Score::AsymmetricSquared(0.8)] {
        let one = calibration(&twice.positive, &probability, rows, score, 99, 1);
        let other = calibration(&positive, &probabilities, copies, score, 99, 1);
        for (one, other) in [
            (one.score, other.score),
            (one.miscalibration, other.miscalibration),
            (one.discrimination, other.discrimination),
            (one.uncertainty, other.uncertainty),
        ] {
            assert_relative_eq!(one, other, max_relative = 1e-9, epsilon = 1e-12);
        }
        assert_eq!(one.curve.len(), other.curve.len());
        if score == Score::LogLoss {
            // Drawn: alike, not equal.
            assert!(one.p.unwrap() < 0.1 && other.p.unwrap() < 0.1, "{:?} {:?}", one.p, other.p);
        }
    }
    let both = |p: &[f64]| p.iter().flat_map(|p| [1.0 - p, *p]).collect::<Vec<f64>>();
    let class = |y: &[f64]| y.iter().map(|y| *y as usize).collect::<Vec<usize>>();
    let one = label_noise(&class(&twice.positive), &both(&probability), 2, Some(&weight));
    let other = label_noise(&class(&positive), &both(&probabilities), 2, None);
    assert_relative_eq!(one.share, other.share, max_relative = 1e-9);
    let is = |y: &[f64]| y.iter().map(|y| *y > 0.5).collect::<Vec<bool>>();
    let logit = |p: &[f64]| p.iter().map(|p| (p / (1.0 - p)).ln()).collect::<Vec<f64>>();
    let one = error_floor(&is(&twice.positive), &logit(&probability), rows, true).unwrap();
    let other = error_floor(&is(&positive), &logit(&probabilities), copies, true).unwrap();
    assert_relative_eq!(one.value, other.value, epsilon = 1e-4);
    assert_relative_eq!(one.standard_error, other.standard_error, max_relative = 1e-2);
    let ordered: Vec<usize> = twice.count.iter().map(|count| (*count as usize).min(2)).collect();
    let one = brant_by_group(&ordered, &twice.feature, 1, rows).unwrap();
    let other = brant_by_group(&twice.copied(&ordered), &twice.copied(&twice.feature), 1, copies).unwrap();
    assert_relative_eq!(one.statistic, other.statistic, max_relative = 1e-6);
    assert_relative_eq!(one.p, other.p, max_relative = 1e-6);
}

#[test]
fn thresholds_of_weighted_cases_are_those_of_copied_cases() {
    let twice = Twice::drawn();
    let probability: Vec<f64> = twice.feature.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect();
    let copies = twice.copied(&probability);
    let weight = twice.scaled_weight();
    for decode in [Decode::AboveHalfBestF1, Decode::AbovePrevalence] {
        let one = decode.weighted_threshold(&probability, Some(&weight)).unwrap();
        assert_relative_eq!(one, decode.threshold(&copies).unwrap(), epsilon = 1e-9);
    }
    // A case is acted on or not, whatever it weighs: the share is met to half a case.
    let highest = Decode::Highest(0.2).weighted_threshold(&probability, Some(&weight)).unwrap();
    let acted = probability.iter().zip(&weight).filter(|(p, _)| **p > highest).map(|(_, weight)| weight).sum::<f64>();
    let most = weight.iter().copied().fold(0.0, f64::max);
    assert!((acted - 0.2 * weight.iter().sum::<f64>()).abs() <= 0.5 * most, "{acted}");
}

/// The facts of a table of which nothing but its numbers is known: a probe that predicts `mean`.
fn facts(twice: &Twice, kind: TargetKind, copied: bool) -> Vec<Fact> {
    let column = |name: &str, values: &[f64]| Column {
        name: name.into(),
        cells: Cells::Number(if copied { twice.copied(values) } else { values.to_vec() }),
    };
    let target = if kind == TargetKind::Count { &twice.count } else { &twice.positive };
    let groups: Vec<f64> = twice.groups.iter().map(|&group| f64::from(group)).collect();
    let mut columns = vec![column("y", target), column("x", &twice.feature), column("g", &groups)];
    if !copied {
        columns.push(column("w", &twice.scaled_weight()));
    }
    let rows = if copied { twice.copies.len() } else { ROWS };
    let frame = Frame { source: "drawn".into(), sha256: String::new(), columns, rows, notes: Vec::new() };
    let weight = (!copied).then(|| "w".to_owned());
    let roles = Roles { target: "y".into(), group: Some("g".into()), weight, ..Roles::default() };
    let problem = Problem::new(frame, &roles, Some(kind), false).unwrap();
    let prediction: Vec<f64> = match kind {
        TargetKind::Count => twice.mean.clone(),
        _ => twice.feature.iter().map(|x| 1.0 / (1.0 + (-1.4 * x).exp())).collect(),
    };
    let prediction = if copied { twice.copied(&prediction) } else { prediction };
    let probe = Probe {
        objective: Objective::Poisson,
        rows: (0..rows).collect(),
        per_row: 1,
        training_prediction: prediction.clone(),
        linear_predictor: prediction.iter().map(|mean| mean.ln()).collect(),
        fold_of_row: vec![0; rows],
        penalty: 1e-4,
        straight: Some(prediction.iter().map(|mean| 0.8 * mean + 0.4).collect()),
        prediction,
    };
    Evidence::of_table(&problem).with_probe(&problem, &probe, 7).facts()
}

#[test]
fn facts_of_weighted_rows_are_those_of_copied_rows_or_say_that_they_are_not() {
    let twice = Twice::drawn();
    for kind in [TargetKind::Count, TargetKind::Binary] {
        let (weighted, copied) = (facts(&twice, kind, false), facts(&twice, kind, true));
        let mut compared = 0;
        for fact in &weighted {
            // Of single rows, not of groups: the copies are taken for independent.
            let by_row = ["effective_rows", "dispersion_t_naive", "miscalibration_p"].contains(&fact.id);
            if by_row || fact.method.contains("weights not used") {
                continue;
            }
            let other = copied.iter().find(|other| other.id == fact.id).unwrap();
            for (one, other) in [(Some(fact.value), Some(other.value)), (fact.low, other.low), (fact.high, other.high)]
            {
                let (one, other) = (one.unwrap_or(0.0), other.unwrap_or(0.0));
                let close = match fact.id {
                    // Found by steps that end where little is gained.
                    "error_floor" => 1e-2,
                    // Of whole rows the largest 1 % are rounded down.
                    "top_share" => 2e-2,
                    _ => 1e-6,
                };
                assert!((one - other).abs() <= close * (1.0 + other.abs()), "{}: {one} and {other}", fact.id);
            }
            compared += 1;
        }
        assert!(compared >= 10, "{compared} facts of {kind:?}");
        assert!(weighted.iter().any(|fact| fact.method.contains("weights not used")));
        assert!(!copied.iter().any(|fact| fact.method.contains("weights not used")));
    }
}
