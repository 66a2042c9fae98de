//! How often intervals and sets hold what they say they hold, over 1,000 simulated data sets each.

use minimand_cli::statistics::*;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use super::simulated::{Learner, Sample, WIDTH, excess_risk, normal, splits};

const SETS: u64 = 1_000;
const ROWS: usize = 500;
const FOLDS: usize = 5;

/// Shares of the data sets whose corrected and naive 95 % intervals hold the expected difference of two learners fitted on
/// 400 rows, estimated by 5-fold cross-validation, twice.
fn coverage_of_splits(slopes: &[f64; WIDTH], learners: [Learner; 2]) -> (f64, f64) {
    let risks = excess_risk(ROWS / FOLDS * (FOLDS - 1), slopes, 1.0, &learners);
    let truth = risks[0] - risks[1];
    let (mut of_corrected, mut of_naive) = (0, 0);
    for seed in 0..SETS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let sample = Sample::draw(ROWS, slopes, 1.0, &mut rng);
        let difference = |fold: &minimand_cli::frame::Fold| {
            let moments = sample.moments(&fold.train);
            let fitted = learners.map(|learner| learner.fit(&moments));
            let of = |row: &usize| sample.squared_error(*row, &fitted[0]) - sample.squared_error(*row, &fitted[1]);
            fold.test.iter().map(of).sum::<f64>() / fold.test.len() as f64
        };
        let differences: Vec<f64> = splits(ROWS, FOLDS, 2, &mut rng).iter().map(difference).collect();
        let ratio = 1.0 / (FOLDS - 1) as f64;
        of_corrected += u64::from(corrected(&differences, ratio).interval().contains(truth));
        of_naive += u64::from(naive(&differences).interval().contains(truth));
    }
    (of_corrected as f64 / SETS as f64, of_naive as f64 / SETS as f64)
}

const VARIED: [f64; WIDTH] = [0.16, 0.14, 0.12, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05];

/// What is learnt moves with the rows, and the splits share four fifths of them.
#[test]
fn corrected_t_holds_for_an_unsteady_learner_and_the_naive_t_fails() {
    let (corrected, naive) = coverage_of_splits(&VARIED, [Learner::BestFeature, Learner::Nothing]);
    println!("best feature against nothing: corrected {corrected} naive {naive}");
    assert!((0.92..=0.98).contains(&corrected), "corrected: {corrected}");
    assert!(naive < 0.8, "naive: {naive}");
}

#[test]
fn corrected_t_holds_for_an_unsteady_learner_against_least_squares_and_the_naive_t_fails() {
    let (corrected, naive) = coverage_of_splits(&[0.08; WIDTH], [Learner::BestFeature, Learner::Ridge(0.0)]);
    println!("best feature against least squares: corrected {corrected} naive {naive}");
    assert!((0.92..=0.98).contains(&corrected), "corrected: {corrected}");
    assert!(naive < 0.85, "naive: {naive}");
}

/// Least squares hardly moves: only the test rows scatter, and the correction, made for the worse case, is cautious.
#[test]
fn corrected_t_is_cautious_for_steady_learners_and_the_naive_t_still_fails() {
    let (corrected, naive) = coverage_of_splits(&[0.06; WIDTH], [Learner::Nothing, Learner::Ridge(0.0)]);
    println!("nothing against least squares: corrected {corrected} naive {naive}");
    assert!(corrected >= 0.95, "corrected: {corrected}");
    assert!(naive < 0.9, "naive: {naive}");
}

/// Groups of 1 to 15 rows that share half of their variance.
#[test]
fn clustered_interval_holds_where_rows_of_a_group_resemble_each_other_and_the_one_of_rows_fails() {
    let (mut of_groups, mut of_rows) = (0, 0);
    for seed in 0..SETS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut values, mut groups) = (Vec::new(), Vec::new());
        for group in 0..80 {
            let shared = normal(&mut rng);
            for _ in 0..rng.random_range(1..=15) {
                values.push(0.3 + shared + normal(&mut rng));
                groups.push(group);
            }
        }
        of_groups += u64::from(clustered(&values, &groups).interval().contains(0.3));
        of_rows += u64::from(naive(&values).interval().contains(0.3));
    }
    let (of_groups, of_rows) = (of_groups as f64 / SETS as f64, of_rows as f64 / SETS as f64);
    println!("clustered {of_groups} rows {of_rows}");
    assert!((0.92..=0.98).contains(&of_groups), "{of_groups}");
    assert!(of_rows < 0.75, "{of_rows}");
}

/// Of 1,000 data sets, how many of the sets of learners judged out of fold hold the truly best and the truly worst one:
/// by the bootstrap of rows alone, and with the splits' standard errors.
struct SetCoverage {
    best_by_rows: f64,
    best: f64,
    worst: f64,
}

fn coverage_of_sets(slopes: &[f64; WIDTH], learners: &[Learner]) -> SetCoverage {
    let risks = excess_risk(ROWS / FOLDS * (FOLDS - 1), slopes, 1.0, learners);
    let by_risk = |one: &usize, other: &usize| risks[*one].total_cmp(&risks[*other]);
    let (best, worst) = ((0..learners.len()).min_by(by_risk).unwrap(), (0..learners.len()).max_by(by_risk).unwrap());
    let mut held = SetCoverage { best_by_rows: 0.0, best: 0.0, worst: 0.0 };
    for seed in 0..SETS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let sample = Sample::draw(ROWS, slopes, 1.0, &mut rng);
        let mut losses = vec![vec![0.0; ROWS]; learners.len()];
        let mut of_splits = vec![Vec::new(); learners.len()];
        for fold in splits(ROWS, FOLDS, 2, &mut rng) {
            let moments = sample.moments(&fold.train);
            for ((losses, of_splits), learner) in losses.iter_mut().zip(&mut of_splits).zip(learners) {
                let fitted = learner.fit(&moments);
                let mut sum = 0.0;
                for &row in &fold.test {
                    let loss = sample.squared_error(row, &fitted);
                    losses[row] += loss / 2.0;
                    sum += loss;
                }
                of_splits.push(sum / fold.test.len() as f64);
            }
        }
        let share = |is: bool| f64::from(u8::from(is)) / SETS as f64;
        held.best_by_rows += share(confidence_set(&losses, 0.9, 200, seed)[best]);
        let p_values = confidence_set_over_splits(&losses, &of_splits, 1.0 / (FOLDS - 1) as f64, 200, seed).unwrap();
        held.best += share(p_values[best] > 0.1);
        held.worst += share(p_values[worst] > 0.1);
    }
    held
}

#[test]
fn confidence_set_of_learners_holds_the_best_and_drops_the_worst() {
    let slopes = std::array::from_fn(|feature| if feature < 5 { 0.25 } else { 0.0 });
    let ridge = [0.0, 30.0, 100.0, 400.0].map(Learner::Ridge);
    let held = coverage_of_sets(&slopes, &[&ridge[..], &[Learner::BestFeature, Learner::Nothing]].concat());
    println!("set: by rows {} with splits {} worst {}", held.best_by_rows, held.best, held.worst);
    assert!(held.best >= 0.9 && held.best_by_rows >= 0.9, "{} {}", held.best, held.best_by_rows);
    assert!(held.worst < 0.05, "{}", held.worst);
}

/// The hardest case found: two unsteady learners that differ by a third of their difference's scatter.
#[test]
fn confidence_set_of_unsteady_learners_needs_the_splits() {
    let mut slopes = [0.0; WIDTH];
    slopes[0] = 0.12;
    let held = coverage_of_sets(&slopes, &[Learner::BestFeature, Learner::Nothing]);
    println!("unsteady set: by rows {} with splits {} worst {}", held.best_by_rows, held.best, held.worst);
    assert!(held.best >= 0.9, "{}", held.best);
    assert!(held.best_by_rows < 0.88, "{}", held.best_by_rows);
}

/// Three equally good candidates and two worse ones, of groups whose rows resemble each other.
#[test]
fn confidence_set_holds_each_of_the_best_and_one_of_rows_does_not() {
    let shifts = [0.0, 0.0, 0.0, 0.25, 1.0];
    let (mut by_group, mut by_row, mut has_worst) = (0, 0, 0);
    for seed in 0..SETS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut groups = Vec::new();
        let mut losses = vec![Vec::new(); shifts.len()];
        for group in 0..100 {
            let rows = rng.random_range(1..=9);
            groups.extend((0..rows).map(|_| group));
            for (losses, shift) in losses.iter_mut().zip(shifts) {
                let of_group = normal(&mut rng) + shift;
                losses.extend((0..rows).map(|_| of_group + 0.5 * normal(&mut rng)));
            }
        }
        let of_groups: Vec<Vec<f64>> = losses.iter().map(|losses| contributions(losses, &groups)).collect();
        let holds_all = |set: &[bool]| u64::from(set[..3].iter().all(|is| *is));
        let set = confidence_set(&of_groups, 0.9, 300, seed);
        by_group += holds_all(&set);
        has_worst += u64::from(set[4]);
        by_row += holds_all(&confidence_set(&losses, 0.9, 300, seed));
    }
    let sets = SETS as f64;
    let (by_group, by_row, has_worst) = (by_group as f64 / sets, by_row as f64 / sets, has_worst as f64 / sets);
    println!("set of groups {by_group}, of rows {by_row}, worst in {has_worst}");
    // 0.9 is the design; three standard errors of 1,000 sets are 0.03.
    assert!(by_group >= 0.87, "{by_group}");
    assert!(by_row < 0.75, "{by_row}");
    assert!(has_worst < 0.05, "{has_worst}");
}

/// A one-sided Pareto tail of index 1.5, and a symmetric one.
#[test]
fn subsampling_holds_without_a_variance_and_students_t_fails() {
    let pareto = |rng: &mut ChaCha8Rng| (1.0 - rng.random::<f64>()).powf(-1.0 / 1.5) - 1.0;
    for (is_symmetric, truth) in [(false, 2.0), (true, 0.0)] {
        let (mut of_subsamples, mut of_student) = (0, 0);
        for seed in 0..SETS {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let sign = |rng: &mut ChaCha8Rng| if is_symmetric && rng.random::<bool>() { -1.0 } else { 1.0 };
            let values: Vec<f64> = (0..1_000).map(|_| sign(&mut rng) * pareto(&mut rng)).collect();
            of_subsamples += u64::from(subsampling(&values, 0.95, 300, seed).unwrap().interval.contains(truth));
            of_student += u64::from(naive(&values).interval().contains(truth));
        }
        let (of_subsamples, of_student) = (of_subsamples as f64 / SETS as f64, of_student as f64 / SETS as f64);
        println!("tail, symmetric {is_symmetric}: subsamples {of_subsamples} student {of_student}");
        assert!(of_subsamples >= 0.92, "symmetric {is_symmetric}: {of_subsamples}");
        assert!(is_symmetric || of_student < 0.85, "{of_student}");
    }
}
