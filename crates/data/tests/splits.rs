//! Laws of divisions: complete, disjoint, of the shares asked for, groups whole, the same for the same seed.

use std::collections::BTreeSet;

use approx::abs_diff_eq;
use minimand_data::split::*;
use proptest::prelude::*;

fn groups_of(rows: &[usize], groups: &[u64]) -> BTreeSet<u64> {
    rows.iter().map(|&row| groups[row]).collect()
}

fn held_out() -> impl Strategy<Value = HeldOut> {
    (0.05f64..0.4, 0.05f64..0.4).prop_map(|(validation, test)| HeldOut { validation, test })
}

/// Every row is in exactly one part, and each list ascends.
#[track_caller]
fn assert_divides(parts: &[&[usize]], rows: usize) {
    for part in parts {
        assert!(!part.is_empty() && part.is_sorted());
    }
    let mut all = parts.concat();
    all.sort_unstable();
    assert_eq!(all, (0..rows).collect::<Vec<_>>());
}

#[track_caller]
fn assert_three_parts(split: &Split, rows: usize) {
    assert_divides(&[&split.train, &split.validation, &split.test], rows);
}

#[track_caller]
fn assert_folds(folds: &[Fold], rows: usize) {
    let tests: Vec<&[usize]> = folds.iter().map(|fold| &fold.test[..]).collect();
    assert_divides(&tests, rows);
    for fold in folds {
        assert_divides(&[&fold.train, &fold.test], rows);
    }
}

fn count(rows: &[usize], classes: &[usize], class: usize) -> f64 {
    rows.iter().filter(|&&row| classes[row] == class).count() as f64
}

proptest! {
    #[test]
    fn random_parts_have_their_shares(rows in 3usize..300, held_out in held_out(), seed: u64) {
        let split = Split::random(rows, held_out, seed);
        let size = |share: f64| ((rows as f64 * share).round() as usize).max(1);
        let (validation, test) = (size(held_out.validation), size(held_out.test));
        if validation + test >= rows {
            prop_assert_eq!(split, Err(SplitError::TooFewRows { rows }));
        } else {
            let split = split.unwrap();
            assert_three_parts(&split, rows);
            prop_assert_eq!((split.validation.len(), split.test.len()), (validation, test));
        }
    }

    #[test]
    fn strata_have_their_shares(classes in prop::collection::vec(0usize..4, 60..300), held_out in held_out(), seed: u64) {
        let split = Split::stratified(&classes, held_out, seed).unwrap();
        assert_three_parts(&split, classes.len());
        let share = |part: &[usize]| part.len() as f64 / classes.len() as f64;
        for class in 0..4 {
            let all = classes.iter().filter(|&&other| other == class).count() as f64;
            let off = |part: &[usize]| (count(part, &classes, class) - share(part) * all).abs();
            prop_assert!(off(&split.test) <= 1.0, "test: {}", off(&split.test));
            prop_assert!(off(&split.validation) <= 2.0, "validation: {}", off(&split.validation));
        }
    }

    #[test]
    fn groups_stay_whole(groups in prop::collection::vec(0u64..40, 60..300), seed: u64, held_out in held_out()) {
        let split = Split::by_group(&groups, held_out, seed).unwrap();
        assert_three_parts(&split, groups.len());
        let [a, b, c] = [&split.train, &split.validation, &split.test].map(|part| groups_of(part, &groups));
        prop_assert!(a.is_disjoint(&b) && a.is_disjoint(&c) && b.is_disjoint(&c));
        let all = (a.len() + b.len() + c.len()) as f64;
        prop_assert!(abs_diff_eq!(b.len() as f64, held_out.validation * all, epsilon = 1.0));
        prop_assert!(abs_diff_eq!(c.len() as f64, held_out.test * all, epsilon = 1.0));
    }

    #[test]
    fn the_order_of_rows_moves_no_group(groups in prop::collection::vec(0u64..40, 60..200), seed: u64) {
        let reversed: Vec<u64> = groups.iter().rev().copied().collect();
        let one = Split::by_group(&groups, HeldOut::default(), seed).unwrap();
        let other = Split::by_group(&reversed, HeldOut::default(), seed).unwrap();
        prop_assert_eq!(groups_of(&one.test, &groups), groups_of(&other.test, &reversed));
        prop_assert_eq!(groups_of(&one.train, &groups), groups_of(&other.train, &reversed));
        let classes = vec![0; groups.len()];
        let one = folds_stratified_by_group(&classes, &groups, 3, seed).unwrap();
        let other = folds_stratified_by_group(&classes, &reversed, 3, seed).unwrap();
        prop_assert_eq!(groups_of(&one[0].test, &groups), groups_of(&other[0].test, &reversed));
    }

    #[test]
    fn stratified_groups_stay_whole(
        rows in prop::collection::vec((0usize..3, 0u64..60), 3..300),
        seed: u64,
        held_out in held_out(),
        folds in 2usize..6,
    ) {
        let (classes, groups): (Vec<usize>, Vec<u64>) = rows.into_iter().unzip();
        let distinct: BTreeSet<u64> = groups.iter().copied().collect();
        let split = Split::stratified_by_group(&classes, &groups, held_out, seed);
        if distinct.len() < 3 {
            prop_assert_eq!(split, Err(SplitError::TooFewGroups { groups: distinct.len() }));
        } else {
            let split = split.unwrap();
            assert_three_parts(&split, groups.len());
            let [a, b, c] = [&split.train, &split.validation, &split.test].map(|part| groups_of(part, &groups));
            prop_assert_eq!(a.len() + b.len() + c.len(), distinct.len());
        }
        match folds_stratified_by_group(&classes, &groups, folds, seed) {
            Ok(found) => {
                assert_folds(&found, groups.len());
                let each: usize = found.iter().map(|fold| groups_of(&fold.test, &groups).len()).sum();
                prop_assert_eq!(each, distinct.len());
            }
            Err(error) => {
                prop_assert_eq!(error, SplitError::Parts { unit: "groups", units: distinct.len(), parts: folds });
                prop_assert!(distinct.len() < folds);
            }
        }
    }

    #[test]
    fn folds_have_the_same_sizes(classes in prop::collection::vec(0usize..3, 6..200), count_of_folds in 2usize..7, seed: u64) {
        let within_one = |sizes: Vec<f64>| {
            let extreme = |pick: fn(f64, f64) -> f64| sizes.iter().copied().reduce(pick).unwrap();
            extreme(f64::max) - extreme(f64::min) <= 1.0
        };
        let sizes = |folds: &[Fold]| folds.iter().map(|fold| fold.test.len() as f64).collect();
        let plain = folds(classes.len(), count_of_folds, seed).unwrap();
        assert_folds(&plain, classes.len());
        prop_assert!(within_one(sizes(&plain)));
        let stratified = folds_stratified(&classes, count_of_folds, seed).unwrap();
        assert_folds(&stratified, classes.len());
        prop_assert!(within_one(sizes(&stratified)));
        for class in 0..3 {
            prop_assert!(within_one(stratified.iter().map(|fold| count(&fold.test, &classes, class)).collect()));
        }
    }

    #[test]
    fn folds_by_group_have_as_many_groups(groups in prop::collection::vec(0u64..30, 100..200), count in 2usize..6, seed: u64) {
        let found = folds_by_group(&groups, count, seed).unwrap();
        assert_folds(&found, groups.len());
        let all = groups_of(&(0..groups.len()).collect::<Vec<_>>(), &groups).len();
        let sizes: Vec<usize> = found.iter().map(|fold| groups_of(&fold.test, &groups).len()).collect();
        prop_assert_eq!(sizes.iter().sum::<usize>(), all);
        prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
    }

    #[test]
    fn what_is_judged_comes_later(
        times in prop::collection::vec((0u8..50).prop_map(f64::from), 5..200),
        count in 1usize..5,
        held_out in held_out(),
    ) {
        let distinct: BTreeSet<u64> = times.iter().map(|time| time.to_bits()).collect();
        let earlier = |train: &[usize], test: &[usize]| {
            let last = train.iter().map(|&row| times[row]).fold(f64::MIN, f64::max);
            test.iter().all(|&row| times[row] > last)
        };
        match folds_in_time(&times, count) {
            Ok(found) => {
                prop_assert_eq!(found.len(), count);
                for (fold, next) in found.iter().zip(found.iter().skip(1)) {
                    let mut known = [&fold.train[..], &fold.test].concat();
                    known.sort_unstable();
                    prop_assert_eq!(&known, &next.train);
                }
                for fold in &found {
                    prop_assert!(!fold.train.is_empty() && !fold.test.is_empty() && earlier(&fold.train, &fold.test));
                }
                let last = found.last().unwrap();
                assert_divides(&[&last.train, &last.test], times.len());
            }
            Err(error) => {
                prop_assert_eq!(error, SplitError::Parts { unit: "different times", units: distinct.len(), parts: count + 1 });
                prop_assert!(distinct.len() < count + 1);
            }
        }
        if distinct.len() >= 3 {
            let split = Split::in_time(&times, held_out).unwrap();
            assert_three_parts(&split, times.len());
            prop_assert!(earlier(&split.train, &split.validation) && earlier(&split.validation, &split.test));
        }
    }

    #[test]
    fn times_of_their_own_give_exact_shares(rows in 20usize..200, held_out in held_out()) {
        let times: Vec<f64> = (0..rows).map(|row| (row * 7919 % rows) as f64 + row as f64 * 1e-6).collect();
        let split = Split::in_time(&times, held_out).unwrap();
        prop_assert!(abs_diff_eq!(split.test.len() as f64, held_out.test * rows as f64, epsilon = 1.0));
        prop_assert!(abs_diff_eq!(split.validation.len() as f64, held_out.validation * rows as f64, epsilon = 1.5));
        let folds = folds_in_time(&times, 3).unwrap();
        for fold in &folds {
            prop_assert!(abs_diff_eq!(fold.test.len() as f64, rows as f64 / 4.0, epsilon = 1.0));
        }
    }
}

#[test]
fn stratified_groups_are_nearly_even() {
    // 300 groups of 1 to 5 rows; the rare class is in every tenth group only.
    let groups: Vec<u64> = (0..300u64).flat_map(|group| std::iter::repeat_n(group, 1 + (group % 5) as usize)).collect();
    let classes: Vec<usize> = groups.iter().map(|group| usize::from(group % 10 == 3)).collect();
    let (rare, rows) = (classes.iter().sum::<usize>() as f64, groups.len() as f64);
    for seed in 0..20 {
        for fold in folds_stratified_by_group(&classes, &groups, 5, seed).unwrap() {
            assert!(abs_diff_eq!(fold.test.len() as f64, rows / 5.0, epsilon = 5.0), "{}", fold.test.len());
            assert!(abs_diff_eq!(count(&fold.test, &classes, 1), rare / 5.0, epsilon = 5.0));
        }
        let split = Split::stratified_by_group(&classes, &groups, HeldOut::default(), seed).unwrap();
        assert!(abs_diff_eq!(split.test.len() as f64, rows / 5.0, epsilon = 5.0));
        assert!(abs_diff_eq!(count(&split.test, &classes, 1), rare / 5.0, epsilon = 5.0));
    }
}

#[test]
fn the_largest_group_leaves_room_for_the_small_ones() {
    // One group of 100 rows and 400 of one: dealt last, the large one would come on top of a full part.
    let groups: Vec<u64> = (0..500u64).map(|row| row.saturating_sub(99)).collect();
    for fold in folds_stratified_by_group(&vec![0; 500], &groups, 5, 3).unwrap() {
        assert_eq!(fold.test.len(), 100);
    }
}

#[test]
fn the_seed_decides() {
    let groups: Vec<u64> = (0..500).collect();
    let classes: Vec<usize> = (0..500).map(|row| row % 3).collect();
    let by_group = |seed| Split::by_group(&groups, HeldOut::default(), seed).unwrap();
    assert_eq!(by_group(7), by_group(7));
    assert_ne!(by_group(7), by_group(8));
    assert_eq!(by_group(7).test[..4], RECORDED_FIRST_TEST_ROWS);
    let ways: [&dyn Fn(u64) -> Vec<usize>; 6] = [
        &|seed| Split::random(500, HeldOut::default(), seed).unwrap().test,
        &|seed| Split::stratified(&classes, HeldOut::default(), seed).unwrap().test,
        &|seed| Split::stratified_by_group(&classes, &groups, HeldOut::default(), seed).unwrap().test,
        &|seed| folds(500, 4, seed).unwrap().remove(1).test,
        &|seed| folds_by_group(&groups, 4, seed).unwrap().remove(1).test,
        &|seed| folds_stratified_by_group(&classes, &groups, 4, seed).unwrap().remove(1).test,
    ];
    for way in ways {
        assert_eq!(way(7), way(7));
        assert_ne!(way(7), way(8));
    }
    assert_eq!(shuffled(5, 7), RECORDED_ORDER);
}

/// Recorded once: a change here changes every published number of the tour.
const RECORDED_FIRST_TEST_ROWS: [usize; 4] = [3, 5, 10, 16];
const RECORDED_ORDER: [usize; 5] = [0, 3, 1, 2, 4];

#[test]
fn refuses_what_cannot_be_divided() {
    let too_few = Split::by_group(&[1, 1, 2, 2], HeldOut::default(), 0).unwrap_err();
    assert_eq!(too_few, SplitError::TooFewGroups { groups: 2 });
    assert!(Split::by_group(&[], HeldOut::default(), 0).is_err());
    let one = Split::random(1, HeldOut::default(), 0).unwrap_err().to_string();
    assert_eq!(one, "1 row cannot be divided into train, validation and test parts that all hold something");
    assert!(Split::by_group(&[1, 2, 3], HeldOut::default(), 0).is_ok());
    for (validation, test) in [(0.0, 0.2), (0.2, 0.0), (0.5, 0.5), (f64::NAN, 0.2), (-0.1, 0.5)] {
        let held_out = HeldOut { validation, test };
        for refused in [
            Split::by_group(&[1, 2, 3, 4, 5], held_out, 0),
            Split::random(5, held_out, 0),
            Split::stratified(&[1, 2, 3, 4, 5], held_out, 0),
            Split::stratified_by_group(&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5], held_out, 0),
            Split::in_time(&[1.0, 2.0, 3.0, 4.0, 5.0], held_out),
        ] {
            assert!(matches!(refused, Err(SplitError::Shares { .. })), "{validation} {test}");
        }
    }
    assert_eq!(
        folds(3, 4, 0).unwrap_err().to_string(),
        "cannot divide into 4 parts: two or more are needed, and as many rows, of which there are 3"
    );
    assert!(folds(3, 1, 0).is_err() && folds(3, 0, 0).is_err() && folds_in_time(&[1.0, 2.0], 0).is_err());
    assert_eq!(folds_in_time(&[1.0, f64::NAN], 1), Err(SplitError::Time { row: 1 }));
    let lengths = folds_stratified_by_group(&[1, 2], &[1, 2, 3], 2, 0);
    assert_eq!(lengths, Err(SplitError::Lengths { classes: 2, groups: 3 }));
}
