//! How long fits take: `cargo test -p minimand-cli --release speed -- --ignored --nocapture`.

use std::time::Instant;

use minimand::tensor::Rng;

use crate::model::{FitSetting, ModelKind, Objective, Sample, fit};

#[test]
#[ignore = "a measurement"]
fn speed_of_fits() {
    let (rows, width) = (16_000, 40);
    let mut rng = Rng::seed(1);
    let features: Vec<f32> = (0..rows * width).map(|_| rng.normal() as f32).collect();
    let eta = |row: usize| features[row * width..row * width + 8].iter().map(|&x| f64::from(x)).sum::<f64>() * 0.15;
    let positive: Vec<f64> = (0..rows).map(|row| (eta(row) + rng.normal()).exp()).collect();
    let real: Vec<f64> = (0..rows).map(|row| eta(row) + rng.normal()).collect();
    let count: Vec<f64> = positive.iter().map(|y| y.floor()).collect();
    let binary: Vec<f64> = real.iter().map(|&y| f64::from(y > 1.5)).collect();
    let classes: Vec<f64> = real.iter().map(|&y| (y + 2.0).clamp(0.0, 4.0).floor()).collect();
    let lists: Vec<u32> = (0..rows as u32).map(|row| row / 10).collect();
    let table = [
        (Objective::SquaredError, &real),
        (Objective::AbsoluteError, &real),
        (Objective::Quantile { level: 0.9 }, &real),
        (Objective::Huber { delta: 1.0 }, &real),
        (Objective::Tukey { c: 4.0 }, &real),
        (Objective::TwoQuantiles { lower: 0.05, upper: 0.95 }, &real),
        (Objective::Gaussian, &real),
        (Objective::BetaGaussian { beta: 0.5 }, &real),
        (Objective::StudentT { freedom: 4.0 }, &real),
        (Objective::Poisson, &count),
        (Objective::Gamma, &positive),
        (Objective::Tweedie { power: 1.5 }, &count),
        (Objective::InverseGaussian, &positive),
        (Objective::AbsolutePercentageError, &positive),
        (Objective::NegativeBinomial, &count),
        (Objective::ZeroInflatedNegativeBinomial, &count),
        (Objective::TwoPart, &count),
        (Objective::CrossEntropy, &binary),
        (Objective::Focal { gamma: 2.0, alpha: 0.25 }, &binary),
        (Objective::Hinge, &binary),
        (Objective::PairwiseLogistic, &binary),
        (Objective::MulticlassCrossEntropy, &classes),
        (Objective::GeneralisedCrossEntropy { q: 0.7 }, &classes),
        (Objective::Corn, &classes),
        (Objective::CumulativeLink, &classes),
        (Objective::ListSoftmax, &binary),
        (Objective::ListPairwise, &binary),
        (Objective::LambdaRank, &binary),
        (Objective::ApproxNdcg, &binary),
    ];
    for kind in [ModelKind::Linear, ModelKind::Mlp] {
        for (objective, target) in table {
            let sample = Sample {
                features: &features,
                width,
                target,
                weight: None,
                offset: None,
                lists: Some(&lists),
                classes: 5,
            };
            let setting = FitSetting { epochs: 1, ..FitSetting::usual(1) };
            let times = [(); 2].map(|()| {
                let start = Instant::now();
                fit(kind, objective, &sample, None, &setting).unwrap();
                start.elapsed().as_secs_f64()
            });
            println!("{:8}{:36}{:8.3} s, again {:8.3} s", kind.name(), objective.name(), times[0], times[1]);
        }
    }
}

#[test]
#[ignore = "a measurement"]
fn accuracy_of_kinks() {
    for (rows, width) in [(1000, 5), (5000, 20), (16_000, 40)] {
        let mut rng = Rng::seed(1);
        let features: Vec<f32> = (0..rows * width).map(|_| rng.normal() as f32).collect();
        let eta = |row: usize| features[row * width..row * width + 4].iter().map(|&x| f64::from(x)).sum::<f64>() * 0.3;
        let real: Vec<f64> = (0..rows).map(|row| eta(row) + rng.normal()).collect();
        let binary: Vec<f64> = real.iter().map(|&y| f64::from(y > 1.5)).collect();
        let positive: Vec<f64> = real.iter().map(|y| y.exp()).collect();
        for (objective, target) in [
            (Objective::AbsoluteError, &real),
            (Objective::Quantile { level: 0.9 }, &real),
            (Objective::AbsolutePercentageError, &positive),
            (Objective::Hinge, &binary),
        ] {
            let sample =
                Sample { features: &features, width, target, weight: None, offset: None, lists: None, classes: 5 };
            let start = Instant::now();
            let fitted = fit(ModelKind::Linear, objective, &sample, None, &FitSetting::usual(1)).unwrap();
            let time = start.elapsed().as_secs_f64();
            println!("{rows} x {width} {:30} {:.9} {time:.3} s", objective.name(), fitted.mean_loss(&sample).unwrap());
        }
    }
}
