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

#[test]
#[ignore = "a measurement"]
fn speed_of_wide_fits() {
    for (rows, width) in [(2_000, 300), (16_000, 300), (100_000, 40)] {
        let mut rng = Rng::seed(1);
        let features: Vec<f32> = (0..rows * width).map(|_| rng.normal() as f32).collect();
        let eta = |row: usize| features[row * width..row * width + 4].iter().map(|&x| f64::from(x)).sum::<f64>() * 0.3;
        let real: Vec<f64> = (0..rows).map(|row| eta(row) + rng.normal()).collect();
        let binary: Vec<f64> = real.iter().map(|&y| f64::from(y > 1.5)).collect();
        let count: Vec<f64> = real.iter().map(|y| y.exp().floor()).collect();
        let classes: Vec<f64> = real.iter().map(|&y| (y + 2.0).clamp(0.0, 4.0).floor()).collect();
        for (objective, target) in [
            (Objective::SquaredError, &real),
            (Objective::Quantile { level: 0.9 }, &real),
            (Objective::Poisson, &count),
            (Objective::NegativeBinomial, &count),
            (Objective::CrossEntropy, &binary),
            (Objective::MulticlassCrossEntropy, &classes),
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

#[test]
#[ignore = "a measurement"]
fn worth_of_networks() {
    use crate::{
        advice::problem::Problem,
        frame::{Encoder, Frame, Roles, folds, inner_split},
        model::{Prediction, SampleRows, Validation},
    };
    let table = [
        ("randhie_claims", "mdvis", Some("person_id"), vec!["meddol", "totadm", "inpdol"], Objective::Poisson),
        ("bikeshare", "cnt", None, vec!["casual", "registered", "instant", "dteday"], Objective::Poisson),
        ("winequality_red", "quality", None, vec![], Objective::SquaredError),
        ("spambase", "spam", None, vec![], Objective::CrossEntropy),
        ("yeast6", "positive", None, vec![], Objective::CrossEntropy),
        ("engel", "foodexp", None, vec![], Objective::SquaredError),
    ];
    for (name, target, group, drop, objective) in table {
        let path = format!("{}/../../examples/data/{name}.csv.gz", env!("CARGO_MANIFEST_DIR"));
        let frame = Frame::from_path(path.as_ref()).unwrap();
        let names: Vec<&str> = frame.columns.iter().map(|column| column.name.as_str()).collect();
        let target = if names.contains(&target) { target } else { names.last().unwrap() }.to_owned();
        let drop = drop.into_iter().filter(|name| names.contains(name)).map(str::to_owned).collect();
        let roles = Roles { target, group: group.map(str::to_owned), drop, ..Roles::default() };
        let problem = match Problem::new(frame, &roles, None, false) {
            Ok(problem) => problem,
            Err(error) => {
                println!("{name}: {error}");
                continue;
            }
        };
        let folds = folds(&problem, 5, 1).unwrap();
        let rows = |rows: &[usize], encoder: &Encoder| {
            SampleRows::of(&problem, rows, encoder.transform(&problem.features, rows), encoder.width())
        };
        let mut line = format!("{name:16} {} x ", problem.rows());
        for (kind, decay) in
            [(ModelKind::Linear, 0.0), (ModelKind::Mlp, 0.01), (ModelKind::Mlp, 0.1), (ModelKind::Mlp, 1.0)]
        {
            for setting in FitSetting::choices(1) {
                let setting = FitSetting { weight_decay: decay, ..setting };
                let mut losses = Vec::new();
                for fold in &folds {
                    let inner = inner_split(&problem, &fold.train, 0.2, 1).unwrap();
                    let encoder = Encoder::fit(&problem.features, &inner.train);
                    let (train, valid, test) =
                        (rows(&inner.train, &encoder), rows(&inner.test, &encoder), rows(&fold.test, &encoder));
                    let judge = |prediction: &Prediction| {
                        let loss = |(p, y): (f64, &f64)| match objective {
                            Objective::Poisson => p - y * p.ln(),
                            Objective::SquaredError => (p - y).powi(2),
                            _ => -(y * p.ln() + (1.0 - y) * (1.0 - p).ln()),
                        };
                        let numbers = prediction.numbers();
                        numbers.into_iter().zip(&valid.target).map(loss).sum::<f64>() / valid.target.len() as f64
                    };
                    let validation = Validation { sample: valid.view(), judge: &judge };
                    let fitted = fit(kind, objective, &train.view(), Some(&validation), &setting).unwrap();
                    losses.push(fitted.mean_loss(&test.view()).unwrap());
                }
                line += &format!(" {:.4}", losses.iter().sum::<f64>() / 5.0);
            }
            line += " |";
        }
        println!("{line}");
    }
}
