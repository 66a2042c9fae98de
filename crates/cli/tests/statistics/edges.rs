//! Where nothing, or everything, is known.

use approx::assert_relative_eq;
use minimand_cli::{
    advice::problem::Problem,
    frame::{Frame, Roles},
    statistics::*,
};

#[test]
fn of_one_split_or_a_diverged_one_nothing_is_known() {
    for differences in [vec![], vec![-3.0], vec![1.0, f64::NAN, 2.0], vec![1.0, f64::INFINITY]] {
        let paired = corrected(&differences, 0.25);
        assert!(!paired.is_known(), "{differences:?}");
        assert_eq!(paired.interval(), Interval::WHOLE);
        assert_eq!(paired.p_value(), 1.0);
        assert_eq!(Probabilities::of(&paired, 0.1).outcome(), Outcome::CannotTell);
        let known = corrected(&[1.0, 2.0], 0.25);
        assert_eq!(larger_of(paired, known), known);
        assert_eq!(larger_of(known, paired), known);
    }
    assert!(!clustered(&[1.0, 2.0, 3.0], &[4, 4, 4]).is_known(), "one group");
}

#[test]
fn equal_differences_are_certain() {
    let paired = corrected(&[-2.0; 10], 0.25);
    assert_eq!(paired.interval(), Interval { low: -2.0, high: -2.0 });
    assert_eq!(Probabilities::of(&paired, 1.0).outcome(), Outcome::Better);
    assert_eq!(Probabilities::of(&paired, 2.0).outcome(), Outcome::Equal);
    assert_eq!(paired.p_value(), 0.0);
    let none = corrected(&[0.0; 10], 0.25);
    assert_eq!(none.p_value(), 1.0);
    assert_eq!(Probabilities::of(&none, 0.0).outcome(), Outcome::Equal);
}

#[test]
fn outcomes_turn_with_the_pair() {
    let (first, second) = ([1.0, 1.1, 0.9, 1.0, 1.05], [2.0, 2.2, 1.9, 2.1, 2.0]);
    let outcome = |one: &[f64], other: &[f64], higher_is_better, rope| {
        Probabilities::of(&corrected(&differences(one, other, higher_is_better), 0.25), rope).outcome()
    };
    assert_eq!(outcome(&first, &second, false, 0.1), Outcome::Better);
    assert_eq!(outcome(&second, &first, false, 0.1), Outcome::Worse);
    assert_eq!(outcome(&first, &second, true, 0.1), Outcome::Worse);
    assert_eq!(outcome(&first, &second, false, 5.0), Outcome::Equal);
    assert_eq!(outcome(&first, &second, false, 1.05), Outcome::CannotTell);
    for one in [Outcome::Better, Outcome::Equal, Outcome::Worse, Outcome::CannotTell] {
        assert_eq!(one.turned().turned(), one);
    }
    assert_eq!(Outcome::Better.turned(), Outcome::Worse);
    assert_eq!(Outcome::CannotTell.to_string(), "can't tell");
}

#[test]
fn the_wider_interval_wins_even_with_the_smaller_standard_error() {
    let few = Paired { mean: 0.0, standard_error: 1.0, freedom: 4.0 };
    let many = Paired { mean: 0.0, standard_error: 1.2, freedom: 5_000.0 };
    assert_eq!(larger_of(few, many), few);
    assert_eq!(larger_of(many, few), few);
    assert_eq!(few.interval().negated().high, -few.interval().low);
}

#[test]
fn sets_refuse_what_is_no_loss() {
    let set = |losses: &[Vec<f64>], draws| confidence_set_p_values(losses, draws, 1);
    assert_eq!(set(&[], 10), Err(ConfidenceSetError::NoCandidates));
    let error = set(&[vec![1.0, 2.0], vec![1.0, f64::NAN]], 10).unwrap_err();
    assert_eq!(error, ConfidenceSetError::NotFinite { candidate: 1, unit: 1 });
    assert_eq!(error.to_string(), "the loss of candidate 1 on unit 1 is no finite number");
    let ragged = ConfidenceSetError::Ragged { candidate: 1, units: 1, expected: 2 };
    assert_eq!(set(&[vec![1.0, 2.0], vec![1.0]], 10), Err(ragged));
    assert_eq!(set(&[vec![1.0]], 10), Err(ConfidenceSetError::TooFewUnits { units: 1 }));
    assert_eq!(set(&[vec![1.0, 2.0]], 0), Err(ConfidenceSetError::NoDraws));
}

#[test]
fn sets_over_splits_are_those_of_the_bootstrap_where_the_splits_agree() {
    let losses: Vec<Vec<f64>> = [7, 11, 13]
        .map(|step: u32| {
            (0..101).map(|unit| f64::from(unit * step % 101) * (0.02 + 0.0005 * f64::from(step))).collect()
        })
        .to_vec();
    let plain = confidence_set_p_values(&losses, 500, 1).unwrap();
    assert!(plain.iter().any(|&p| p < 0.5), "{plain:?}");
    let of = |splits: &[Vec<f64>]| confidence_set_over_splits(&losses, splits, 0.25, 500, 1);
    assert_eq!(of(&[vec![1.0; 10], vec![1.1; 10], vec![1.2; 10]]).unwrap(), plain);
    let scattered: Vec<f64> = (0..10).map(|split| f64::from(split * 7 % 10)).collect();
    let wide = of(&[scattered, vec![1.1; 10], vec![1.2; 10]]).unwrap();
    assert!(wide.iter().zip(&plain).all(|(wide, plain)| wide >= plain) && wide != plain, "{wide:?} {plain:?}");
    let ragged = ConfidenceSetError::Ragged { candidate: 1, units: 0, expected: 101 };
    assert_eq!(of(&[vec![1.0; 10]]), Err(ragged));
    let error = ConfidenceSetError::NotFinite { candidate: 0, unit: 1 };
    assert_eq!(of(&[vec![1.0, f64::NAN], vec![1.0; 2], vec![1.0; 2]]), Err(error));
}

#[test]
fn sets_keep_twins_and_drop_what_is_surely_worse() {
    let of = |shift: f64| -> Vec<f64> { (0..50).map(|unit| f64::from(unit * 37 % 50) * 0.1 + shift).collect() };
    assert_eq!(confidence_set(&[of(0.3)], 0.9, 100, 1), [true]);
    assert_eq!(confidence_set(&[of(0.3), of(0.3), of(0.3)], 0.9, 100, 1), [true; 3]);
    // Worse by the same on every unit: no scatter, no doubt.
    assert_eq!(confidence_set(&[of(0.3), of(0.0), of(0.0)], 0.9, 100, 1), [false, true, true]);
}

/// Of two candidates the p-value is that of their difference, two-sided.
#[test]
fn sets_of_very_many_units_are_as_sure_as_the_units_are_many() {
    let losses: Vec<Vec<f64>> = [0.0, 0.003]
        .iter()
        .enumerate()
        .map(|(candidate, shift)| {
            let noise = |unit: usize| ((unit * 7_919 + candidate * unit * unit) % 10_007) as f64 / 10_007.0;
            (0..40_000).map(|unit| noise(unit) + shift).collect()
        })
        .collect();
    let p_values = confidence_set_p_values(&losses, 2_000, 4).unwrap();
    assert_eq!(p_values, confidence_set_p_values(&losses, 2_000, 4).unwrap(), "the same seed, the same bits");
    let expected = naive(&differences(&losses[0], &losses[1], false)).p_value();
    assert!((0.05..0.5).contains(&expected), "{expected}");
    let least = p_values.iter().copied().fold(1.0, f64::min);
    assert_relative_eq!(least, expected, epsilon = 0.04);
}

#[test]
fn nothing_to_adjust_and_nothing_tried() {
    assert!(holm(&[]).is_empty());
    assert_eq!(holm(&[f64::NAN, 0.01]), [1.0, 0.02]);
    assert_eq!(wilson(0, 0, 0.95), Interval { low: 0.0, high: 1.0 });
    assert_eq!(wilson(0, 5, 0.95).low, 0.0);
    assert_eq!(wilson(5, 5, 0.95).high, 1.0);
    assert_eq!(randomisation(&[], 100, 0), 1.0);
    assert_eq!(randomisation(&[1.0, f64::NAN], 100, 0), 1.0);
    assert_eq!(randomisation(&[1.0; 3], 0, 0), 0.25);
    // Never 0: the order seen is one of those possible.
    assert_relative_eq!(randomisation(&[1.0; 60], 99, 0), 0.01);
    assert_eq!(subsampling(&[1.0; 24], 0.95, 10, 0), None);
    assert_eq!(subsampling(&[f64::NAN; 50], 0.95, 10, 0), None);
    let nearly_all_equal: Vec<f64> = (0..100).map(|row| f64::from(u8::from(row < 2))).collect();
    assert_eq!(subsampling(&nearly_all_equal, 0.95, 100, 0).unwrap().interval, Interval::WHOLE);
    assert_eq!(subsampling(&[2.0; 50], 0.95, 10, 0).unwrap().interval, Interval { low: 2.0, high: 2.0 });
}

#[test]
fn bootstrap_draws_whole_groups_and_counts_what_fails() {
    let groups = [0, 0, 1, 1, 2, 2];
    let labels = [true, true, false, false, false, false];
    let found = bootstrap(&groups, 500, 1, |rows| {
        let pairs = rows.iter().filter(|&&row| row % 2 == 0).count();
        assert_eq!(pairs * 2, rows.len(), "a group was torn");
        rows.iter().filter(|&&row| labels[row]).count() as f64 / rows.len() as f64
    });
    assert_relative_eq!(found.estimate, 1.0 / 3.0);
    assert_eq!(found.failed, 0);
    // Without the only positive group: (2/3)³ of the draws.
    let absent = bootstrap(&groups, 2_000, 1, |rows| if rows.iter().any(|&row| labels[row]) { 1.0 } else { f64::NAN });
    assert_relative_eq!(absent.failed as f64 / 2_000.0, 8.0 / 27.0, epsilon = 0.04);
    let strata = labels.map(u32::from);
    let kept =
        Bootstrap::stratified(&groups, &strata, 200, 1, |rows| rows.iter().filter(|&&row| labels[row]).count() as f64);
    assert!(kept.draws.iter().all(|&positives| positives == 2.0));
    let never = bootstrap(&groups, 50, 1, |_| f64::NAN);
    assert_eq!((never.failed, never.corrected(0.9), never.percentile(0.9)), (50, Interval::WHOLE, Interval::WHOLE));
}

#[test]
fn areas_need_both_classes_and_count_groups_once() {
    assert!(delong(&[0.1, 0.2], &[0.3, 0.1], &[true, true], None).is_none());
    let (a, b) = ([0.9, 0.4, 0.7, 0.2, 0.1, 0.65], [0.5, 0.6, 0.3, 0.55, 0.2, 0.1]);
    let labels = [true, true, true, false, false, false];
    let once = delong(&a, &b, &labels, Some(&[0, 1, 2, 3, 4, 5])).unwrap();
    // Every row seven times, with its own: nothing is learnt. As rows it would look √7 times as sure.
    let often = |values: &[f64]| values.iter().flat_map(|&value| [value; 7]).collect::<Vec<f64>>();
    let labels: Vec<bool> = labels.iter().flat_map(|&label| [label; 7]).collect();
    let groups: Vec<u32> = (0..6).flat_map(|group| [group; 7]).collect();
    let grouped = delong(&often(&a), &often(&b), &labels, Some(&groups)).unwrap();
    assert_relative_eq!(grouped.difference.standard_error, once.difference.standard_error, max_relative = 1e-12);
    let rows = delong(&often(&a), &often(&b), &labels, None).unwrap();
    assert!(rows.difference.standard_error < 0.5 * grouped.difference.standard_error);
}

#[test]
fn a_fifth_of_the_groups_is_kept_out_where_there_are_rows_enough() {
    let problem = |rows: usize| {
        let line = |row: usize| format!("{}.5,{},k{}\n", row * 7_919 % 1_009, row * 31 % 97, row % 211);
        let text = format!("y,x,g\n{}", (0..rows).map(line).collect::<String>());
        let roles = Roles { target: "y".to_owned(), group: Some("g".to_owned()), ..Roles::default() };
        Problem::new(Frame::from_bytes(text.as_bytes(), "t").unwrap(), &roles, None, false).unwrap()
    };
    assert_eq!(outer_hold_out(&problem(1_999), 1).unwrap(), None);
    let problem = problem(2_000);
    let fold = outer_hold_out(&problem, 1).unwrap().unwrap();
    let groups = |rows: &[usize]| {
        let mut groups: Vec<u32> = rows.iter().map(|&row| problem.groups.of_row[row]).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    };
    let (inside, outside) = (groups(&fold.train), groups(&fold.test));
    assert!((42..=43).contains(&outside.len()), "{} of 211", outside.len());
    assert_eq!((inside.len() + outside.len(), fold.train.len() + fold.test.len()), (211, 2_000));
    assert!(outside.iter().all(|group| inside.binary_search(group).is_err()));
    assert_eq!(outer_hold_out(&problem, 1).unwrap().unwrap(), fold, "the same seed");
    assert_ne!(outer_hold_out(&problem, 2).unwrap().unwrap(), fold, "another seed");
}
