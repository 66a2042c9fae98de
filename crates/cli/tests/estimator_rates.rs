//! How often estimators raise false alarms at their null, and find what there is: 200 draws each. The thresholds of the
//! rules stand on these.

use minimand_cli::statistics::{
    brant::{brant, brant_by_group},
    breusch_pagan::breusch_pagan,
    calibration::{Score, calibration},
    dispersion::dispersion,
    functional_level::{expectile_level, quantile_level, total_ratio},
    moments::moments,
    tails::tail,
    variance_power::variance_power,
    zeros::zeros,
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, Exp1, Gamma, LogNormal, Pareto, Poisson, StandardNormal, StudentT};

type Rng = ChaCha8Rng;

fn rate(draws: u64, fires: impl Fn(&mut Rng) -> bool) -> f64 {
    (0..draws).filter(|&seed| fires(&mut Rng::seed_from_u64(20_000 + seed))).count() as f64 / draws as f64
}

fn rows(count: usize) -> Vec<u32> {
    (0..count as u32).collect()
}

fn normal(rng: &mut Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn normals(count: usize, rng: &mut Rng) -> Vec<f64> {
    StandardNormal.sample_iter(rng).take(count).collect()
}

fn poisson(mean: f64, rng: &mut Rng) -> f64 {
    Poisson::new(mean.max(1e-12)).unwrap().sample(rng)
}

fn counts(means: &[f64], alpha: f64, rng: &mut Rng) -> Vec<f64> {
    let one = |mean: f64, rng: &mut Rng| match alpha {
        0.0 => poisson(mean, rng),
        alpha => {
            let m = mean * Gamma::new(1.0 / alpha, alpha).unwrap().sample(rng);
            poisson(m, rng)
        }
    };
    means.iter().map(|&mean| one(mean, rng)).collect()
}

/// Out-of-fold means of a Poisson regression with log link on one feature, by Newton, over five folds of groups.
fn fitted(y: &[f64], x: &[f64], groups: &[u32]) -> Vec<f64> {
    let mut means = vec![0.0; y.len()];
    for fold in 0..5 {
        let train: Vec<usize> = (0..y.len()).filter(|&row| groups[row] % 5 != fold).collect();
        let mut at = [(train.iter().map(|&row| y[row]).sum::<f64>() / train.len() as f64).max(1e-3).ln(), 0.0];
        for _ in 0..30 {
            let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
            for &row in &train {
                let mu = (at[0] + at[1] * x[row]).min(30.0).exp();
                g[0] += y[row] - mu;
                g[1] += (y[row] - mu) * x[row];
                h[0] += mu;
                h[1] += mu * x[row];
                h[2] += mu * x[row] * x[row];
            }
            let d = h[0] * h[2] - h[1] * h[1];
            at[0] += ((h[2] * g[0] - h[1] * g[1]) / d).clamp(-1.0, 1.0);
            at[1] += ((h[0] * g[1] - h[1] * g[0]) / d).clamp(-1.0, 1.0);
        }
        (0..y.len()).filter(|&row| groups[row] % 5 == fold).for_each(|row| means[row] = (at[0] + at[1] * x[row]).exp());
    }
    means
}

/// Each value repeated `times`.
fn repeated(values: Vec<f64>, times: usize) -> Vec<f64> {
    values.into_iter().flat_map(|value| std::iter::repeat_n(value, times)).collect()
}

fn groups_of(size: u32, count: usize) -> Vec<u32> {
    (0..count as u32).map(|row| row / size).collect()
}

/// Whether the variance of y over out-of-fold means is in doubt.
fn tail_fires(noise: impl Fn(&mut Rng) -> f64, rng: &mut Rng) -> bool {
    let x = normals(2000, rng);
    let y: Vec<f64> = x.iter().map(|x| (1.0 + 0.5 * x).exp() * noise(rng)).collect();
    let means = fitted(&y, &x, &rows(2000));
    let ratios: Vec<f64> = y.iter().zip(means).map(|(y, mean)| y / mean).collect();
    tail(&ratios, &rows(2000)).unwrap().moment_in_doubt(2.0)
}

#[test]
fn infinite_variance_of_what_a_model_leaves() {
    assert!(rate(200, |rng| tail_fires(|rng| LogNormal::new(0.0, 1.0).unwrap().sample(rng), rng)) <= 0.1);
    assert!(rate(200, |rng| tail_fires(|rng| Pareto::new(1.0, 3.0).unwrap().sample(rng), rng)) <= 0.05);
    assert!(rate(200, |rng| tail_fires(|rng| Gamma::new(0.3, 1.0).unwrap().sample(rng), rng)) <= 0.05);
    assert!(rate(200, |rng| tail_fires(|rng| Pareto::new(1.0, 1.5).unwrap().sample(rng), rng)) >= 0.9);
}

/// A feature, counts around exp of it, and their out-of-fold means.
fn counted(count: usize, level: f64, alpha: f64, inflation: f64, rng: &mut Rng) -> (Vec<f64>, Vec<f64>) {
    let x = normals(count, rng);
    let means: Vec<f64> = x.iter().map(|x| level * (0.5 * x).exp() / (1.0 - inflation)).collect();
    let mut y = counts(&means, alpha, rng);
    for y in &mut y {
        if rng.random::<f64>() < inflation {
            *y = 0.0;
        }
    }
    let means = fitted(&y, &x, &rows(count));
    (y, means)
}

#[test]
fn spread_of_counts_around_fitted_means() {
    let fires = |count, level, alpha| {
        rate(200, |rng| {
            let (y, means) = counted(count, level, alpha, 0.0, rng);
            dispersion(&y, &means, &rows(count)).t() > 3.0
        })
    };
    for level in [0.3, 2.0, 20.0] {
        assert!(fires(500, level, 0.0) <= 0.05, "{level}");
    }
    assert!(fires(2000, 2.0, 0.0) <= 0.05);
    assert!(fires(2000, 2.0, 0.3) >= 0.9);
    assert!(fires(2000, 0.3, 1.0) >= 0.9);
}

#[test]
fn zeros_beside_fitted_means() {
    let fires = |count, level, alpha, inflation| {
        rate(200, |rng| {
            let (y, means) = counted(count, level, alpha, inflation, rng);
            zeros(&y, &means, &rows(count)).p < 0.01
        })
    };
    for (level, alpha) in [(0.3, 1.0), (2.0, 0.0), (2.0, 0.5), (2.0, 3.0), (20.0, 1.0)] {
        assert!(fires(500, level, alpha, 0.0) <= 0.05, "{level} {alpha}");
    }
    assert!(fires(2000, 2.0, 0.5, 0.0) <= 0.05);
    assert!(fires(2000, 2.0, 0.3, 0.2) >= 0.9);
    assert!(fires(2000, 20.0, 1.0, 0.1) >= 0.9);
}

#[test]
fn zeros_of_groups_of_like_rows() {
    // Every count ten times: rows by themselves see more evidence than there is.
    let fires = |by_group: bool| {
        rate(200, |rng| {
            let law = Gamma::new(2.0, 0.5).unwrap();
            let counts: Vec<f64> = (0..200).map(|_| poisson(2.0 * law.sample(rng), rng)).collect();
            let (y, means) = (repeated(counts, 10), vec![2.0; 2000]);
            let groups = if by_group { groups_of(10, 2000) } else { rows(2000) };
            zeros(&y, &means, &groups).p < 0.01
        })
    };
    assert!(fires(true) <= 0.05);
    assert!(fires(false) >= 0.1);
}

#[test]
fn a_kurtosis_above_that_of_a_normal_law() {
    let fires = |count: usize, times: usize, draw: &dyn Fn(&mut Rng) -> f64| {
        rate(200, |rng| {
            let values = repeated((0..count / times).map(|_| draw(rng)).collect(), times);
            moments(&values, &groups_of(times as u32, count)).unwrap().kurtosis.low > 3.0
        })
    };
    for (count, times) in [(100, 1), (500, 1), (2000, 4)] {
        assert!(fires(count, times, &normal) <= 0.05, "{count} {times}");
        assert!(fires(count, times, &|rng| rng.random()) <= 0.01, "{count} {times}");
    }
    assert!(fires(2000, 1, &|rng| Exp1.sample(rng)) >= 0.9);
    assert!(fires(2000, 1, &|rng| StudentT::new(8.0).unwrap().sample(rng)) >= 0.9);
}

#[test]
fn a_skewness_of_symmetric_laws() {
    let covered = |draw: &dyn Fn(&mut Rng) -> f64| {
        rate(200, |rng| {
            let values: Vec<f64> = (0..500).map(|_| draw(rng)).collect();
            moments(&values, &rows(500)).unwrap().skewness.holds(0.0)
        })
    };
    assert!(covered(&normal) >= 0.9);
    assert!(covered(&|rng| StudentT::new(5.0).unwrap().sample(rng)) >= 0.9);
}

#[test]
fn spread_that_changes_with_a_variable() {
    let fires = |slope: f64, draw: &dyn Fn(&mut Rng) -> f64| {
        rate(200, |rng| {
            let x = normals(2000, rng);
            let residuals: Vec<f64> = x.iter().map(|x| (slope * x).exp() * draw(rng)).collect();
            breusch_pagan(&residuals, &x, &rows(2000)).unwrap().t().abs() > 1.96
        })
    };
    let laws: [&dyn Fn(&mut Rng) -> f64; 3] =
        [&normal, &|rng| StudentT::new(5.0).unwrap().sample(rng), &|rng| -> f64 { Exp1.sample(rng) }];
    for draw in laws {
        assert!(fires(0.0, draw) <= 0.09);
        assert!(fires(0.2, draw) >= 0.9);
    }
}

#[test]
fn groups_hide_no_change_of_spread() {
    // Residuals and variable of groups of ten are alike: rows by themselves cry wolf.
    let fires = |by_group: bool| {
        rate(200, |rng| {
            let x = repeated(normals(100, rng), 10);
            let residuals = repeated(normals(100, rng), 10);
            let groups = if by_group { groups_of(10, 1000) } else { rows(1000) };
            breusch_pagan(&residuals, &x, &groups).unwrap().t().abs() > 1.96
        })
    };
    assert!(fires(true) <= 0.1);
    assert!(fires(false) >= 0.3);
}

#[test]
fn intervals_of_the_variance_power() {
    for power in [0.0, 1.0, 2.0] {
        let covered = rate(200, |rng| {
            let means: Vec<f64> = normals(1000, rng).iter().map(|x| (1.0 + 0.7 * x).exp()).collect();
            let draw = |&mean: &f64| {
                let scale = 0.3 * f64::powf(mean, power - 1.0);
                Gamma::new(mean / scale, scale).unwrap().sample(rng)
            };
            let y: Vec<f64> = means.iter().map(draw).collect();
            variance_power(&y, &means, &rows(1000)).unwrap().holds(power)
        });
        assert!(covered >= 0.9, "{power}: {covered}");
    }
}

/// Uniform numbers of which those of a group are one and the same in `tied` of its rows.
fn tied_uniforms(groups: &[u32], tied: f64, rng: &mut Rng) -> Vec<f64> {
    let shared: Vec<f64> = (0..groups.len()).map(|_| rng.random()).collect();
    let one = |&group: &u32| if rng.random::<f64>() < tied { shared[group as usize] } else { rng.random() };
    groups.iter().map(one).collect()
}

#[test]
fn probabilities_of_groups_that_depend_on_each_other() {
    let fires = |tilt: f64, by_group: bool| {
        rate(200, |rng| {
            let groups = groups_of(10, 1000);
            let logits: Vec<f64> = repeated(normals(100, rng), 10).iter().map(|z| z + 0.3 * normal(rng)).collect();
            let chance = |logit: f64| 1.0 / (1.0 + (-logit).exp());
            let p: Vec<f64> = logits.iter().map(|&logit| chance(logit)).collect();
            let u = tied_uniforms(&groups, 0.7, rng);
            let y: Vec<f64> =
                logits.iter().zip(u).map(|(logit, u)| f64::from(u8::from(u < chance(tilt * logit)))).collect();
            let told = if by_group { groups } else { rows(1000) };
            calibration(&y, &p, &told, Score::LogLoss, 99, rng.random()).p.unwrap() <= 0.05
        })
    };
    assert!(fires(1.0, true) <= 0.12);
    assert!(fires(1.0, false) >= 0.3, "the groups are no part of the test");
    assert!(fires(0.2, true) >= 0.9);
}

#[test]
fn calibrated_predictions_by_any_score() {
    // ln 10 means is the 0.9 quantile of an exponential law; 1.6094 its 0.8 quantile; its 0.8 expectile is 1.7319.
    let scores = [
        (Score::GammaDeviance, 1.0),
        (Score::PoissonDeviance, 1.0),
        (Score::SquaredError, 1.0),
        (Score::Pinball(0.9), 10f64.ln()),
        (Score::AsymmetricSquared(0.8), expectile_of_exponential(0.8)),
    ];
    for (score, times) in scores {
        let fires = |factor: f64| {
            rate(80, |rng| {
                let means: Vec<f64> = normals(500, rng).iter().map(|x| (1.0 + 0.5 * x).exp()).collect();
                let y: Vec<f64> = means
                    .iter()
                    .map(|mean| {
                        let e: f64 = Exp1.sample(rng);
                        factor * mean * e
                    })
                    .collect();
                let predictions: Vec<f64> = means.iter().map(|mean| times * mean).collect();
                calibration(&y, &predictions, &rows(500), score, 39, rng.random()).p.unwrap() <= 0.05
            })
        };
        let alarms = fires(1.0);
        assert!(alarms <= 0.12, "{score:?}: {alarms}");
        let found = fires(1.8);
        assert!(found >= 0.9, "{score:?}: {found}");
    }
}

/// Where (1 − τ) (e − 1 + exp(−e)) = τ exp(−e).
fn expectile_of_exponential(level: f64) -> f64 {
    let (mut low, mut high) = (0.0f64, 10.0f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        let below = middle - 1.0 + (-middle).exp();
        if (1.0 - level) * below < level * (-middle).exp() { low = middle } else { high = middle }
    }
    low
}

#[test]
fn the_consistency_band_holds_calibrated_curves() {
    let inside = rate(100, |rng| {
        let p: Vec<f64> = (0..500).map(|_| rng.random()).collect();
        let y: Vec<f64> = p.iter().map(|p| f64::from(u8::from(rng.random::<f64>() < *p))).collect();
        let found = calibration(&y, &p, &rows(500), Score::Brier, 79, rng.random());
        let middle = found.band[50];
        let at = found.curve.iter().find(|point| point.0 == middle.prediction).unwrap();
        (middle.low..=middle.high).contains(&at.1)
    });
    assert!(inside >= 0.88);
}

#[test]
fn levels_of_groups_that_depend_on_each_other() {
    let groups = groups_of(4, 1000);
    let draw = |rng: &mut Rng| -> Vec<f64> {
        let shared = repeated(normals(250, rng), 4);
        shared
            .iter()
            .map(|shared| {
                let own: f64 = Exp1.sample(rng);
                own * (0.5 * shared).exp()
            })
            .collect()
    };
    let mean = vec![0.125f64.exp(); 1000];
    assert!(rate(200, |rng| total_ratio(&draw(rng), &mean, &groups).unwrap().holds(1.0)) >= 0.9);
    assert!(rate(200, |rng| expectile_level(&draw(rng), &mean, &groups).unwrap().holds(0.5)) >= 0.9);
    let mut many: Vec<f64> = (0..200).flat_map(|seed| draw(&mut Rng::seed_from_u64(seed))).collect();
    many.sort_by(f64::total_cmp);
    for level in [0.01, 0.5, 0.9, 0.995] {
        let quantile = vec![many[(level * many.len() as f64) as usize]; 1000];
        let covered = rate(200, |rng| quantile_level(&draw(rng), &quantile, &groups).holds(level));
        assert!(covered >= 0.9, "{level}: {covered}");
    }
}

#[test]
fn proportional_odds_of_groups_that_depend_on_each_other() {
    // Features of a group are one and the same, and so are most of its classes.
    let fires = |tilt: f64, by_group: bool| {
        rate(200, |rng| {
            let groups = groups_of(8, 1600);
            let x = repeated(normals(200, rng), 8);
            let u = tied_uniforms(&groups, 0.8, rng);
            let class = |(&x, u): (&f64, f64)| {
                let above = |cut: f64, slope: f64| u < 1.0 / (1.0 + (cut - slope * x).exp());
                [above(-1.0, 1.0), above(0.0, 1.0), above(1.0, 1.0 + tilt)].iter().filter(|&&above| above).count()
            };
            let classes: Vec<usize> = x.iter().zip(u).map(class).collect();
            let found = if by_group { brant_by_group(&classes, &x, 1, &groups) } else { brant(&classes, &x, 1) };
            found.unwrap().p < 0.05
        })
    };
    assert!(fires(0.0, true) <= 0.1);
    assert!(fires(0.0, false) >= 0.2);
    assert!(fires(-1.5, true) >= 0.9);
}
