use std::sync::atomic::AtomicBool;

use indicatif::ProgressBar;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use crate::{
    advice::{
        compare::{
            entry::Entry,
            evaluate::{clearly_worse, tracks},
            plan::Work,
            proof::RaceState,
            race::{Course, EntryResult, Finish, Marshal, race},
            rows::{SplitParts, Subset},
            score::Judge,
        },
        map::{Domain, question},
        metric::Metric,
        problem::Problem,
    },
    frame::{Cells, Column, Frame, Roles},
    model::{ModelKind, Objective},
};

/// y = 2x + noise, in 60 groups of 4 rows.
fn problem() -> Problem {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut column = |name: &str, of: &mut dyn FnMut(usize, f64) -> f64| {
        let values = (0..240).map(|row| of(row, rng.random::<f64>() - 0.5)).collect();
        Column { name: name.to_owned(), cells: Cells::Number(values) }
    };
    let x = column("x", &mut |_, noise| 4.0 * noise);
    let Cells::Number(values) = x.cells.clone() else { unreachable!("a column of numbers") };
    let y = column("y", &mut |row, noise| 2.0 * values[row] + noise);
    let group = column("group", &mut |row, _| (row / 4) as f64);
    let frame =
        Frame { source: "t".into(), sha256: String::new(), columns: vec![x, y, group], rows: 240, notes: Vec::new() };
    let roles = Roles { target: "y".into(), group: Some("group".into()), ..Roles::default() };
    Problem::new(frame, &roles, None, false).unwrap()
}

fn entry(objective: Objective, number: usize) -> Entry {
    Entry { objective, is_tuned: false, variants: vec![(number, None)], leading: None }
}

fn run(problem: &Problem, stopped: bool) -> (Finish, Vec<Entry>) {
    let aim = question(None, Some(Metric::Rmse), Domain::from(&problem.target)).unwrap().unwrap();
    let course = Course { problem, aim: &aim, judge: Judge::new(Metric::Rmse, &problem.target), side: None, seed: 7 };
    let entries = vec![
        entry(Objective::SquaredError, 0),
        entry(Objective::Expectile { level: 0.999 }, 1),
        entry(Objective::AbsoluteError, 2),
    ];
    let work =
        Work { rows: 240, entries: entries.clone(), models: vec![ModelKind::Linear], held_out: false, in_time: false };
    let plan = work.plan(90);
    assert_eq!((plan.splits, plan.rows), (10, 240));
    let stop = AtomicBool::new(stopped);
    let marshal = Marshal {
        goes_on: &|done, _| done < plan.splits,
        drops: &|lane| clearly_worse(&course, &entries, 3, 0.01, lane),
        stop: &stop,
    };
    let finish = race(&course, &entries, &plan, &marshal, &ProgressBar::hidden()).unwrap();
    (finish, entries)
}

#[test]
fn what_is_clearly_worse_is_dropped_after_the_first_repeat() {
    let (finish, entries) = run(&problem(), false);
    assert!(finish.complete);
    let lane = &finish.lanes[0];
    assert_eq!(lane.blocks.len(), 10);
    for (place, block) in lane.blocks.iter().enumerate() {
        assert!(matches!(block.results[0], EntryResult::Scored(_)), "never the default");
        assert_eq!(matches!(block.results[1], EntryResult::Dropped), place >= 5, "block {place}");
        assert!(matches!(block.results[2], EntryResult::Scored(_)));
    }
    assert_eq!(finish.fits, 10 * 3 + 5 * 3 + 10 * 3);
    let tracks = tracks(lane, &entries, 3);
    assert_eq!(tracks[1].state, RaceState::DroppedAfter(5));
    assert_eq!((tracks[0].values().len(), tracks[1].values().len()), (10, 5));
}

#[test]
fn once_stopped_nothing_more_is_begun() {
    let (finish, _) = run(&problem(), true);
    assert!(!finish.complete && finish.lanes[0].blocks.is_empty() && finish.fits == 0);
}

/// Groups stay whole in every part, and every row is judged once in a repeat.
#[test]
fn splits_keep_groups_whole() {
    let problem = problem();
    let splits = SplitParts::all(&problem, 5, 2, 7).unwrap();
    assert_eq!(splits.len(), 10);
    assert_ne!(splits[0].test, splits[5].test);
    let group = |row: &usize| problem.groups.of_row[*row];
    for parts in &splits {
        let of = |rows: &[usize]| rows.iter().map(group).collect::<std::collections::BTreeSet<u32>>();
        let [fit, validation, test] = [of(&parts.fit), of(&parts.validation), of(&parts.test)];
        assert!(fit.is_disjoint(&validation) && fit.is_disjoint(&test) && validation.is_disjoint(&test));
    }
    for repeat in splits.chunks(5) {
        let mut rows: Vec<usize> = repeat.iter().flat_map(|parts| parts.test.clone()).collect();
        rows.sort_unstable();
        assert_eq!(rows, (0..240).collect::<Vec<_>>());
    }
}

#[test]
fn some_rows_are_a_problem_of_their_own() {
    let whole = problem();
    let some = Subset::whole(&whole).of(&[0, 1, 8, 9, 200]);
    assert_eq!((some.problem.rows(), some.problem.groups.count), (5, 3));
    assert_eq!(some.problem.groups.of_row, [0, 0, 1, 1, 2]);
    assert_eq!(some.of(&[3, 4]).rows, [9, 200]);
    let low = Subset::without_top(&whole, 0.25).unwrap();
    assert_eq!(low.problem.rows(), 180);
    let greatest = low.problem.target.values.iter().copied().fold(f64::MIN, f64::max);
    assert_eq!(whole.target.values.iter().filter(|y| **y > greatest).count(), 60);
    assert!(Subset::without_top(&whole, 0.99).is_err());
}
