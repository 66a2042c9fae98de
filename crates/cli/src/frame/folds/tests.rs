use proptest::prelude::*;

use super::*;
use crate::frame::{Frame, Roles};

/// A problem of a table of text.
fn problem(text: &str, target: &str, group: Option<&str>, time: Option<&str>, kind: Option<TargetKind>) -> Problem {
    let frame = Frame::from_bytes(text.as_bytes(), "t").unwrap();
    let roles = Roles {
        target: target.to_owned(),
        group: group.map(str::to_owned),
        time: time.map(str::to_owned),
        ..Roles::default()
    };
    Problem::new(frame, &roles, kind, false).unwrap()
}

/// Rows `y,x,g,t`: a target, a feature, one of 17 groups and a time.
fn lines(rows: usize) -> Vec<String> {
    let line = |row: usize| {
        let y = if row.is_multiple_of(9) { "yes" } else { "no" };
        format!("{y},{}.5,k{},{}.25\n", row * 7919 % 1009, row * 31 % 17, row * 13 % rows)
    };
    (0..rows).map(line).collect()
}

fn table(lines: &[String]) -> String {
    format!("y,x,g,t\n{}", lines.concat())
}

fn is_division(folds: &[Fold], rows: usize) -> bool {
    let mut tests: Vec<usize> = folds.iter().flat_map(|fold| fold.test.clone()).collect();
    tests.sort_unstable();
    let whole = |fold: &Fold| {
        let mut all = [fold.train.clone(), fold.test.clone()].concat();
        all.sort_unstable();
        all == (0..rows).collect::<Vec<_>>()
    };
    tests == (0..rows).collect::<Vec<_>>() && folds.iter().all(whole)
}

fn groups_of(problem: &Problem, rows: &[usize]) -> Vec<u32> {
    let mut groups: Vec<u32> = rows.iter().map(|&row| problem.groups.of_row[row]).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

#[test]
fn every_row_is_judged_once_and_groups_stay_whole() {
    let problem = problem(&table(&lines(200)), "y", Some("g"), None, None);
    let folds = folds(&problem, 5, 3).unwrap();
    assert!(is_division(&folds, 200));
    for fold in &folds {
        let (train, test) = (groups_of(&problem, &fold.train), groups_of(&problem, &fold.test));
        assert!(test.iter().all(|group| !train.contains(group)));
        assert!((3..=4).contains(&test.len()), "17 groups in 5 parts: {}", test.len());
    }
    let inner = inner_split(&problem, &folds[0].train, 0.25, 3).unwrap();
    let (train, test) = (groups_of(&problem, &inner.train), groups_of(&problem, &inner.test));
    assert!(test.iter().all(|group| !train.contains(group)) && !test.is_empty() && !train.is_empty());
    assert!(inner.test.iter().chain(&inner.train).all(|row| folds[0].train.contains(row)));
    assert_eq!(inner.test.len() + inner.train.len(), folds[0].train.len());
}

#[test]
fn classes_are_spread_evenly() {
    let problem = problem(&table(&lines(200)), "y", None, None, None);
    let positives: usize = problem.target.values.iter().map(|&value| value as usize).sum();
    assert_eq!(positives, 23);
    for fold in folds(&problem, 5, 8).unwrap() {
        let count = fold.test.iter().filter(|&&row| problem.target.values[row] == 1.0).count();
        assert!((4..=5).contains(&count), "{count} of 23 in one of 5 parts");
        assert_eq!(fold.test.len(), 40);
        let inner = inner_split(&problem, &fold.train, 0.2, 8).unwrap();
        let count = inner.test.iter().filter(|&&row| problem.target.values[row] == 1.0).count();
        assert!((3..=4).contains(&count), "{count} of 18 or 19 in one of 5 parts");
    }
}

#[test]
fn seeds_make_other_folds_and_the_same_seed_the_same() {
    let problem = problem(&table(&lines(100)), "y", Some("g"), None, None);
    assert_eq!(folds(&problem, 4, 1), folds(&problem, 4, 1));
    assert_ne!(folds(&problem, 4, 1), folds(&problem, 4, 2));
}

#[test]
fn time_goes_forward() {
    let problem = problem(&table(&lines(120)), "y", None, Some("t"), None);
    let time = problem.time.clone().unwrap();
    let folds = folds(&problem, 5, 1).unwrap();
    assert_eq!(folds.len(), 5);
    for fold in &folds {
        let latest = fold.train.iter().map(|&row| time[row]).fold(f64::MIN, f64::max);
        assert!(fold.test.iter().all(|&row| time[row] > latest));
        assert_eq!(fold.test.len(), 20);
        let inner = inner_split(&problem, &fold.train, 0.2, 1).unwrap();
        let latest = inner.train.iter().map(|&row| time[row]).fold(f64::MIN, f64::max);
        assert!(inner.test.iter().all(|&row| time[row] > latest));
        assert_eq!(inner.test.len(), fold.train.len() / 5);
    }
    assert_eq!(folds[0].train.len(), 20);
}

/// A panel: every group is there at every time.
#[test]
fn groups_that_last_are_judged_or_fitted_on() {
    let row = |row: usize| format!("{}.5,{},k{:02},{}\n", row * 7919 % 1009, row * 31 % 97, row % 20, row / 20);
    let text = format!("y,x,g,t\n{}", (0..600).map(row).collect::<String>());
    let problem = problem(&text, "y", Some("g"), Some("t"), None);
    let all = folds(&problem, 5, 1).unwrap();
    for (place, fold) in all.iter().enumerate() {
        let (train, test) = (groups_of(&problem, &fold.train), groups_of(&problem, &fold.test));
        assert_eq!((train.len(), test.len()), (10, 10));
        assert_eq!((fold.train.len(), fold.test.len()), (50 * (place + 1), 50));
    }
    assert_ne!(all, folds(&problem, 5, 2).unwrap(), "other groups by another seed");
    let inner = inner_split(&problem, &all[4].train, 0.2, 1).unwrap();
    assert_eq!((inner.train.len(), inner.test.len()), (100, 25));
}

#[test]
fn one_group_over_all_times_cannot_be_cut() {
    let row = |row: usize| format!("{}.5,{},{},{row}\n", row * 7919 % 1009, row * 31 % 97, u8::from(row == 0));
    let text = format!("y,x,g,t\n{}", (0..60).map(row).collect::<String>());
    let problem = problem(&text, "y", Some("g"), Some("t"), None);
    // The first row alone is of the other group: it is fitted on wherever the group that lasts is judged.
    assert!(folds(&problem, 2, 1).unwrap().iter().all(|fold| fold.train == [0]));
    let later: Vec<usize> = (1..60).collect();
    assert_eq!(inner_split(&problem, &later, 0.2, 1), Err(FoldsError::GroupsOverTime));
}

/// Rows of one list are spread over all times; the list is not cut.
#[test]
fn lists_stay_whole_in_time() {
    let rows: String = (0..200).map(|row| format!("{},{}.5,{},{}\n", row % 3, row * 7 % 101, row % 40, row)).collect();
    let text = format!("y,x,list,t\n{rows}");
    let problem = problem(&text, "y", Some("list"), Some("t"), Some(TargetKind::Relevance));
    for fold in folds(&problem, 3, 1).unwrap() {
        let (train, test) = (groups_of(&problem, &fold.train), groups_of(&problem, &fold.test));
        assert!(test.iter().all(|list| !train.contains(list)));
        assert_eq!(test.len(), 10);
    }
}

#[test]
fn too_few_groups_or_times_are_refused() {
    let rows: String = (0..30).map(|row| format!("{}.5,{},{},{}\n", row, row % 7, row % 3, row % 4)).collect();
    let text = format!("y,x,g,t\n{rows}");
    let grouped = problem(&text, "y", Some("g"), None, None);
    let message = |result: Result<Vec<Fold>, FoldsError>| result.unwrap_err().to_string();
    assert_eq!(
        message(folds(&grouped, 5, 1)),
        "3 groups cannot be divided into 5 parts; at least one group for each is needed"
    );
    let timed = problem(&text, "y", None, Some("t"), None);
    assert_eq!(message(folds(&timed, 5, 1)), "4 different times cannot be divided into 6 parts that follow each other");
    assert!(inner_split(&timed, &[0, 4, 8], 0.2, 1).is_err(), "one time only");
    assert_eq!(folds(&timed, 3, 1).unwrap().len(), 3);
}

/// Which lines of the table are judged in which part.
fn lines_by_part(lines: &[String], group: Option<&str>) -> Vec<Vec<String>> {
    let problem = problem(&table(lines), "y", group, None, None);
    let part = |fold: Fold| {
        let mut of: Vec<String> = fold.test.iter().map(|&row| lines[row].clone()).collect();
        of.sort_unstable();
        of
    };
    folds(&problem, 5, 11).unwrap().into_iter().map(part).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever groups and times: judged rows are later than all that are fitted on, no group is on both sides, and only rows
    /// of groups that would be are left out.
    #[test]
    fn groups_are_whole_and_time_goes_forward(
        rows in prop::collection::vec((0u8..40, 0u8..30), 40..150),
        count in 2usize..5,
        seed: u64,
        shuffle: u64,
    ) {
        let line = |(row, (group, time)): (usize, &(u8, u8))| format!("{}.5,{},k{group},{time}\n", row * 7919 % 1009, row * 31 % 23);
        let mut lines: Vec<String> = rows.iter().enumerate().map(line).collect();
        let made = |lines: &[String]| problem(&table(lines), "y", Some("g"), Some("t"), None);
        let problem = made(&lines);
        prop_assume!(problem.groups.count < rows.len());
        let timeless = Problem { groups: crate::frame::Groups::none(rows.len()), ..problem.clone() };
        let (Ok(divided), Ok(by_time)) = (folds(&problem, count, seed), folds(&timeless, count, seed)) else {
            return Ok(());
        };
        let time = problem.time.clone().unwrap();
        let check = |fold: &Fold, whole: &Fold| {
            let latest = fold.train.iter().map(|&row| time[row]).fold(f64::MIN, f64::max);
            prop_assert!(fold.test.iter().all(|&row| time[row] > latest));
            prop_assert!(!fold.train.is_empty() && !fold.test.is_empty());
            let (train, test) = (groups_of(&problem, &fold.train), groups_of(&problem, &fold.test));
            prop_assert!(test.iter().all(|group| !train.contains(group)));
            let [before, after] = [&whole.train, &whole.test].map(|rows| groups_of(&problem, rows));
            for row in whole.train.iter().chain(&whole.test) {
                let torn = [&before, &after].iter().all(|side| side.contains(&problem.groups.of_row[*row]));
                prop_assert!(torn || fold.train.contains(row) || fold.test.contains(row));
            }
            Ok(())
        };
        for (fold, whole) in divided.iter().zip(&by_time) {
            check(fold, whole)?;
            if let Ok(inner) = inner_split(&problem, &fold.train, 0.2, seed) {
                let inner_groups = Fold { train: inner.train.clone(), test: inner.test.clone() };
                check(&inner_groups, &inner_split(&timeless, &fold.train, 0.2, seed).unwrap())?;
            }
        }
        // The order of the rows plays no part.
        let told = |problem: &Problem, lines: &[String]| -> Vec<[Vec<String>; 2]> {
            let sorted = |rows: Vec<usize>| {
                let mut of: Vec<String> = rows.into_iter().map(|row| lines[row].clone()).collect();
                of.sort_unstable();
                of
            };
            folds(problem, count, seed).unwrap().into_iter().map(|fold| [sorted(fold.train), sorted(fold.test)]).collect()
        };
        let before = told(&problem, &lines);
        lines.shuffle(&mut ChaCha8Rng::seed_from_u64(shuffle));
        prop_assert_eq!(told(&made(&lines), &lines), before);
    }

    /// Also where rows are there several times.
    #[test]
    fn the_order_of_rows_does_not_matter(shuffled in Just(lines(90)).prop_shuffle(), grouped: bool, again in 0usize..30) {
        let group = grouped.then_some("g");
        let twice = |mut all: Vec<String>| {
            all.extend_from_slice(&lines(90)[..again]);
            all
        };
        prop_assert_eq!(lines_by_part(&twice(shuffled), group), lines_by_part(&twice(lines(90)), group));
    }

    #[test]
    fn rows_that_are_there_twice_stay_with_their_group(seed: u64) {
        let rows = lines(60);
        let twice = [rows.clone(), rows].concat();
        let problem = problem(&table(&twice), "y", Some("g"), None, None);
        for fold in folds(&problem, 4, seed).unwrap() {
            prop_assert!(fold.test.iter().all(|row| fold.test.contains(&((row + 60) % 120))));
        }
    }

    #[test]
    fn the_unit_of_the_target_does_not_matter(factor in 1e-3f64..1e3) {
        let of = |factor: f64| {
            let row = |row: usize| format!("{},{}.5\n", factor * (row as f64 - 20.25), row * 17 % 53);
            let text = format!("y,x\n{}", (0..53).map(row).collect::<String>());
            folds(&problem(&text, "y", None, None, None), 5, 1).unwrap()
        };
        prop_assert_eq!(of(factor), of(1.0));
    }
}
