//! What the audit says of predictions whose truth is known.

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, Exp1, StandardNormal};

use super::{Audit, Mend, audit_frame, render};
use crate::{
    advice::{document::Document, purpose::Functional},
    arguments::{AuditArguments, OutputArguments, QuestionArguments},
    frame::Frame,
};

fn asked(group: Option<&str>, purpose: Option<&str>) -> AuditArguments {
    AuditArguments {
        file: "p.csv".into(),
        target: "y".to_owned(),
        prediction: "p".to_owned(),
        group: group.map(str::to_owned),
        weight: None,
        question: QuestionArguments { purpose: purpose.map(|purpose| purpose.parse().unwrap()), metric: None },
        output: OutputArguments { json: false, out: None, seed: 7, threads: None },
    }
}

fn csv(columns: &[(&str, &[f64])]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..columns[0].1.len() {
        let cells: Vec<String> = columns.iter().map(|(_, values)| values[row].to_string()).collect();
        text.push_str(&(cells.join(",") + "\n"));
    }
    text
}

fn audited(text: &str, asked: &AuditArguments) -> Document {
    audit_frame(Frame::from_bytes(text.as_bytes(), "p.csv").unwrap(), asked).unwrap()
}

fn found(document: &Document) -> &Audit {
    document.audit.as_ref().unwrap()
}

/// Skewed amounts of people with several rows each, who share a part of their luck.
struct Draw {
    person: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    rng: ChaCha8Rng,
}

/// The standard deviation of ln(y) given x.
const SPREAD: f64 = 0.8;

impl Draw {
    fn new(people: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
        let (mut person, mut x, mut y) = (Vec::new(), Vec::new(), Vec::new());
        for one in 0..people {
            let shared = normal(&mut rng);
            for _ in 0..4 {
                person.push(one as f64);
                x.push(0.7 * normal(&mut rng));
                let luck = SPREAD * (0.5f64.sqrt() * shared + 0.5f64.sqrt() * normal(&mut rng));
                y.push((1.0 + x[x.len() - 1] + luck).exp());
            }
        }
        Self { person, x, y, rng }
    }

    /// exp(1 + x + shift): every quantile and the mean are one of these.
    fn scaled(&self, shift: f64) -> Vec<f64> {
        self.x.iter().map(|x| (1.0 + x + shift).exp()).collect()
    }

    fn text(&self, prediction: &[f64]) -> String {
        csv(&[("person", &self.person), ("y", &self.y), ("p", prediction)])
    }
}

fn share(draws: u64, holds: impl Fn(u64) -> bool) -> f64 {
    (0..draws).filter(|&seed| holds(seed)).count() as f64 / draws as f64
}

const MEAN: f64 = SPREAD * SPREAD / 2.0;
const HIGH: f64 = 1.281_551_565_544_6 * SPREAD;

#[test]
fn means_medians_and_quantiles_are_recognised() {
    let seen = |shift: f64, seed: u64| {
        let draw = Draw::new(500, seed);
        let document = audited(&draw.text(&draw.scaled(shift)), &asked(Some("person"), None));
        let functional = found(&document).seen.as_ref().unwrap().functional;
        let sentence = document.verdict.unwrap().because[0].clone();
        (functional, sentence)
    };
    let mean = share(100, |seed| seen(MEAN, seed).1.starts_with("Your predictions estimate a mean: "));
    assert!(mean >= 0.95, "{mean}");
    let median = share(100, |seed| seen(0.0, seed).1.starts_with("Your predictions estimate a median: "));
    assert!(median >= 0.95, "{median}");
    let high = share(100, |seed| match seen(HIGH, seed).0 {
        Some(Functional::Quantile(level)) => (level - 0.9).abs() < 0.03,
        _ => false,
    });
    assert!(high >= 0.95, "{high}");
}

/// What Huber's loss with a fixed δ makes of each x: between median and mean, nearer to the median where the scale is large.
#[test]
fn a_huber_fit_is_neither() {
    // Of a log-normal with median 1, by bisection over its quantiles.
    let standard: Vec<f64> = (0..2000)
        .map(|at| {
            use statrs::distribution::{ContinuousCDF, Normal};
            (SPREAD * Normal::standard().inverse_cdf((f64::from(at) + 0.5) / 2000.0)).exp()
        })
        .collect();
    let huber = |delta: f64| {
        let (mut low, mut high) = (0.0, 10.0);
        for _ in 0..40 {
            let middle = (low + high) / 2.0;
            let pull: f64 = standard.iter().map(|y| (y - middle).clamp(-delta, delta)).sum();
            if pull > 0.0 { low = middle } else { high = middle }
        }
        low
    };
    // δ is 1.345 times the median absolute deviation of all rows, about 2.5; of scales between e⁻³ and e⁵, by interpolation.
    let table: Vec<f64> = (0..=160).map(|at| huber(2.5 / (f64::from(at) / 20.0 - 3.0).exp())).collect();
    let fitted = |scale: f64| {
        let at = ((scale.ln() + 3.0) * 20.0).clamp(0.0, 159.0);
        let (low, part) = (at.floor() as usize, at.fract());
        scale * (table[low] * (1.0 - part) + table[low + 1] * part)
    };
    let neither = share(40, |seed| {
        let draw = Draw::new(1000, 5000 + seed);
        let prediction: Vec<f64> = draw.scaled(0.0).into_iter().map(fitted).collect();
        let document = audited(&draw.text(&prediction), &asked(Some("person"), None));
        found(&document).seen.as_ref().unwrap().functional.is_none()
            && document.verdict.unwrap().because[0].contains("neither a mean, nor a median, nor any one quantile")
    });
    assert!(neither >= 0.95, "{neither}");
}

#[test]
fn symmetric_errors_are_a_mean_and_a_median_alike() {
    let alike = share(50, |seed| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let p: Vec<f64> = (0..2000).map(|_| 10.0 * rng.random::<f64>() - 5.0).collect();
        let y: Vec<f64> = p
            .iter()
            .map(|p| {
                let noise: f64 = StandardNormal.sample(&mut rng);
                p + noise
            })
            .collect();
        let document = audited(&csv(&[("y", &y), ("p", &p)]), &asked(None, None));
        document.verdict.unwrap().because[0].starts_with("Your predictions estimate a mean and a median alike")
    });
    assert!(alike >= 0.94, "{alike}");
}

#[test]
fn the_exponential_of_a_log_fit_is_repaired_by_one_ratio() {
    let repaired = share(40, |seed| {
        let draw = Draw::new(500, 100 + seed);
        let document = audited(&draw.text(&draw.scaled(0.0)), &asked(Some("person"), Some("total")));
        let repairs = &found(&document).repairs[0];
        let one = repairs
            .advice()
            .is_some_and(|trial| trial.mend == Mend::Ratio && (trial.numbers[0] / MEAN.exp() - 1.0).abs() < 0.2);
        one && document.verdict.unwrap().loss == "p+ratio"
    });
    assert!(repaired >= 0.95, "{repaired}");
}

/// Labels by these probabilities.
fn labels(probabilities: &[f64], rng: &mut ChaCha8Rng) -> Vec<f64> {
    probabilities.iter().map(|p| f64::from(u8::from(rng.random::<f64>() < *p))).collect()
}

fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn scores(rows: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
    (0..rows).map(|_| -2.5 + 1.3 * normal(rng)).collect()
}

#[test]
fn weights_of_the_positive_class_are_seen_and_taken_off() {
    let right = share(30, |seed| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let z = scores(4000, &mut rng);
        let y = labels(&z.iter().map(|&z| logistic(z)).collect::<Vec<_>>(), &mut rng);
        let p: Vec<f64> = z.iter().map(|z| logistic(z + 20f64.ln())).collect();
        let document = audited(&csv(&[("y", &y), ("p", &p)]), &asked(None, Some("probability")));
        let audit = found(&document);
        let factor = audit.odds.as_ref().unwrap().odds_factor.unwrap();
        audit.repairs[0].advised == Some(Mend::PriorShift) && (factor.value.ln() - 20f64.ln()).abs() < 0.2
    });
    assert!(right >= 0.95, "{right}");
}

#[test]
fn focal_and_temperatures_are_named() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let z = scores(20_000, &mut rng);
    let y = labels(&z.iter().map(|&z| logistic(z)).collect::<Vec<_>>(), &mut rng);
    // The prediction that focal with γ 2 and α 0.25 leaves: its inverse, inverted by bisection.
    let focal = |z: f64| {
        let (mut low, mut high) = (1e-9, 1.0 - 1e-9);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if super::logit::inverse_focal(middle, 2.0, 0.25) < logistic(z) { low = middle } else { high = middle }
        }
        low
    };
    for (p, expected) in [
        (z.iter().map(|&z| focal(z)).collect::<Vec<f64>>(), Mend::InverseFocal),
        (z.iter().map(|&z| logistic(2.5 * z)).collect(), Mend::Temperature),
    ] {
        let document = audited(&csv(&[("y", &y), ("p", &p)]), &asked(None, None));
        assert_eq!(found(&document).repairs[0].advised, Some(expected), "{}", render(&document, 80));
    }
}

#[test]
fn calibrated_predictions_raise_no_alarm() {
    let amounts = share(100, |seed| {
        let draw = Draw::new(300, 9000 + seed);
        let document = audited(&draw.text(&draw.scaled(MEAN)), &asked(Some("person"), Some("total")));
        let verdict = document.verdict.unwrap();
        !verdict.because.iter().any(|sentence| sentence.contains("there is nothing to repair"))
    });
    assert!(amounts <= 0.05, "{amounts}");
    let probabilities = share(100, |seed| {
        let mut rng = ChaCha8Rng::seed_from_u64(700 + seed);
        let p: Vec<f64> = scores(2000, &mut rng).into_iter().map(logistic).collect();
        let y = labels(&p, &mut rng);
        let document = audited(&csv(&[("y", &y), ("p", &p)]), &asked(None, None));
        let verdict = document.verdict.unwrap();
        !verdict.because.iter().any(|sentence| sentence == "There is nothing to repair.")
    });
    assert!(probabilities <= 0.05, "{probabilities}");
}

#[test]
fn a_part_that_is_off_is_found_and_the_others_are_not() {
    let mut draw = Draw::new(800, 4);
    let north: Vec<bool> = draw.y.iter().map(|_| draw.rng.random::<f64>() < 0.3).collect();
    let mut text = "person,y,p,region\n".to_owned();
    for (row, p) in draw.scaled(MEAN).iter().enumerate() {
        let (y, region) = if north[row] { (2.0 * draw.y[row], "north") } else { (draw.y[row] * 0.999, "south") };
        text.push_str(&format!("{},{y},{p},{region}\n", draw.person[row]));
    }
    let document = audited(&text, &asked(Some("person"), Some("total")));
    let audit = found(&document);
    let parts = audit.parts_after_repair.as_ref().or(audit.parts.as_ref()).unwrap();
    assert!(parts.off().iter().any(|part| part.level == "north"), "{}", render(&document, 80));
    assert!(parts.segments.iter().all(|part| part.column == "region"));
}

#[test]
fn neither_the_order_of_rows_nor_the_unit_matters() {
    let draw = Draw::new(100, 12);
    let text = draw.text(&draw.scaled(0.1));
    let asked = asked(Some("person"), None);
    let one = audited(&text, &asked);
    let mut lines: Vec<&str> = text.lines().skip(1).collect();
    lines.reverse();
    lines.rotate_left(123);
    let turned = audited(&format!("person,y,p\n{}\n", lines.join("\n")), &asked);
    assert_eq!((one.facts.clone(), one.verdict.clone(), &one.audit), (turned.facts, turned.verdict, &turned.audit));

    let thousands = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value * 1000.0).collect() };
    let large = csv(&[("person", &draw.person), ("y", &thousands(&draw.y)), ("p", &thousands(&draw.scaled(0.1)))]);
    let large = audited(&large, &asked);
    let (small, large) = (found(&one), found(&large));
    assert_eq!(small.seen.as_ref().unwrap().functional, large.seen.as_ref().unwrap().functional);
    let (near, far) = (small.bearings.as_ref().unwrap(), large.bearings.as_ref().unwrap());
    approx::assert_relative_eq!(near.quantile_level.low, far.quantile_level.low, max_relative = 1e-9);
    approx::assert_relative_eq!(near.expectile_level.high, far.expectile_level.high, max_relative = 1e-9);
    approx::assert_relative_eq!(near.mean_error.low * 1000.0, far.mean_error.low, max_relative = 1e-9);
    for (small, large) in small.repairs.iter().zip(&large.repairs) {
        assert_eq!(small.advised, large.advised);
    }
}

#[test]
fn a_weight_counts_as_so_many_rows() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let p: Vec<f64> = (0..200).map(|at| 1.0 + f64::from(at) / 50.0).collect();
    let y: Vec<f64> = p
        .iter()
        .map(|p| {
            let luck: f64 = Exp1.sample(&mut rng);
            p * luck
        })
        .collect();
    let weight: Vec<f64> = (0..200).map(|at| f64::from(1 + at % 3)).collect();
    let group: Vec<f64> = (0..200).map(f64::from).collect();
    let weighted = audited(
        &csv(&[("y", &y), ("p", &p), ("w", &weight), ("g", &group)]),
        &AuditArguments { weight: Some("w".to_owned()), ..asked(Some("g"), None) },
    );
    let times = |values: &[f64]| -> Vec<f64> {
        values.iter().zip(&weight).flat_map(|(value, weight)| vec![*value; *weight as usize]).collect()
    };
    let repeated =
        audited(&csv(&[("y", &times(&y)), ("p", &times(&p)), ("g", &times(&group))]), &asked(Some("g"), None));
    for (one, other) in weighted.facts.iter().zip(&repeated.facts) {
        approx::assert_relative_eq!(one.value, other.value, max_relative = 1e-9);
        if one.id != "quantile_level" {
            approx::assert_relative_eq!(one.low.unwrap(), other.low.unwrap(), max_relative = 1e-6, epsilon = 1e-12);
        }
    }
}
