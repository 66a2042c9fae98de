//! Whether the evidence tells a log link from a straight line, on draws whose truth is known: what the limits were set by.

use minimand_cli::{
    advice::{
        evidence::{Evidence, NumberEvidence},
        problem::Problem,
    },
    frame::{Cells, Column, Frame, Roles},
    model::probe,
};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, Gamma, Normal, Poisson, Uniform};

/// A law of y given two columns.
type Law = fn(&mut ChaCha8Rng, f64, f64) -> f64;

fn gamma(rng: &mut ChaCha8Rng, mean: f64, shape: f64) -> f64 {
    Gamma::new(shape, mean / shape).unwrap().sample(rng).max(1e-6 * mean)
}

fn evidence(seed: u64, rows: usize, spread: f64, law: Law) -> NumberEvidence {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (flat, normal) = (Uniform::new(0.0, 1.0).unwrap(), Normal::new(0.0, 1.0).unwrap());
    let first: Vec<f64> = (0..rows).map(|_| spread * flat.sample(&mut rng)).collect();
    let second: Vec<f64> = (0..rows).map(|_| normal.sample(&mut rng)).collect();
    let y: Vec<f64> = first.iter().zip(&second).map(|(&a, &b)| law(&mut rng, a, b)).collect();
    let column = |name: &str, numbers: Vec<f64>| Column { name: name.to_owned(), cells: Cells::Number(numbers) };
    let columns = vec![column("a", first), column("b", second), column("y", y)];
    let frame = Frame { source: "drawn".into(), sha256: String::new(), columns, rows, notes: Vec::new() };
    let problem = Problem::new(frame, &Roles { target: "y".into(), ..Roles::default() }, None, false).unwrap();
    let found = Evidence::of_table(&problem).with_probe(&problem, &probe(&problem, seed).unwrap(), seed);
    found.numbers.unwrap()
}

/// Share of draws in which the logarithm is said to bend what is straight.
fn rate(draws: u64, rows: usize, spread: f64, law: Law) -> f64 {
    (0..draws).filter(|&seed| evidence(seed, rows, spread, law).is_bent()).count() as f64 / draws as f64
}

/// Multiplying truths, with small and large effects, light and heavy noise.
const MULTIPLYING: [(&str, f64, Law); 5] = [
    ("Gamma", 1.0, |rng, a, b| gamma(rng, (1.0 + 0.8 * a + 0.3 * b).exp(), 1.5)),
    ("strong Gamma", 3.0, |rng, a, b| gamma(rng, (1.0 + a + 0.5 * b).exp(), 4.0)),
    ("Poisson", 1.0, |rng, a, b| Poisson::new((1.0 + a + 0.3 * b).exp()).unwrap().sample(rng)),
    ("log-normal", 1.0, |rng, a, b| (1.0 + a + 0.3 * b + Normal::new(0.0, 1.5).unwrap().sample(rng)).exp()),
    ("no effect", 1.0, |rng, _, _| gamma(rng, 5.0, 1.0)),
];

/// Adding truths over a wide range, away from 0: where least squares predicts near 0 or below a deviance does not forgive it.
const ADDING: [(&str, usize, f64, Law); 3] = [
    ("Gamma", 2_000, 20.0, |rng, a, _| gamma(rng, 3.0 + a, 4.0)),
    ("Poisson", 2_000, 20.0, |rng, a, _| Poisson::new(3.0 + a).unwrap().sample(rng)),
    ("wide Gamma", 5_000, 50.0, |rng, a, _| gamma(rng, 8.0 + a, 2.0)),
];

/// A truth that multiplies is called straight in 5 % of draws at most; one that adds is seen in 90 % of them, with 2,000 rows, or with
/// 5,000 where the noise is wide.
#[test]
fn a_straight_line_is_told_from_a_multiplying_one() {
    for (name, spread, law) in MULTIPLYING {
        let rate = rate(40, 500, spread, law);
        assert!(rate <= 0.05, "{name}: {rate}");
    }
    for (name, rows, spread, law) in ADDING {
        let rate = rate(20, rows, spread, law);
        assert!(rate >= 0.9, "{name}: {rate}");
    }
}

/// Effects that clearly multiply are seen as such, and no others: what the median of counts hangs on.
#[test]
fn multiplying_effects_are_told_from_none() {
    let share = |law: Law, spread: f64| {
        (0..20).filter(|&seed| evidence(seed, 2_000, spread, law).is_multiplying()).count() as f64 / 20.0
    };
    let strong: Law = |rng, a, _| Poisson::new((0.5 + a).exp()).unwrap().sample(rng);
    assert!(share(strong, 3.0) >= 0.9, "{}", share(strong, 3.0));
    let none: Law = |rng, _, _| Poisson::new(4.0).unwrap().sample(rng);
    assert!(share(none, 1.0) <= 0.05, "{}", share(none, 1.0));
    let (_, _, spread, adding) = ADDING[1];
    assert!(share(adding, spread) <= 0.05, "{}", share(adding, spread));
}

/// Rates of 200 draws, printed.
#[test]
#[ignore = "minutes, in release"]
fn rates_of_many_draws() {
    for rows in [500, 2_000, 10_000] {
        let draws = if rows > 2_000 { 40 } else { 200 };
        for (name, spread, law) in MULTIPLYING {
            println!("{rows} multiplying {name}: {:.3}", rate(draws, rows, spread, law));
        }
        for (name, _, spread, law) in ADDING {
            println!("{rows} adding {name}: {:.3}", rate(draws, rows, spread, law));
        }
    }
}
