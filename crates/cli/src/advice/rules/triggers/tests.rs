use super::*;
use crate::{
    advice::{
        evidence::Evidence,
        map::{Domain, question},
        problem::{Problem, TargetKind},
        purpose::Purpose,
    },
    frame::{Cells, Column, Frame, Roles},
};

/// A table of 200 rows with one feature.
fn problem(kind: TargetKind, target: impl Fn(usize) -> f64) -> Problem {
    let rows = 200;
    let column = |name: &str, cells: Vec<f64>| Column { name: name.into(), cells: Cells::Number(cells) };
    let feature = (0..rows).map(|row| ((row * 37) % 101) as f64).collect();
    let columns = vec![column("x", feature), column("y", (0..rows).map(target).collect())];
    let frame = Frame { source: "data.csv".into(), sha256: String::new(), columns, rows, notes: Vec::new() };
    Problem::new(frame, &Roles { target: "y".into(), ..Roles::default() }, Some(kind), false).unwrap()
}

fn outcome_of(
    code: &str,
    problem: &Problem,
    purpose: Option<Purpose>,
    losses: &[Objective],
    muted: &[&'static str],
) -> RuleOutcome {
    let evidence = Evidence::of_table(problem);
    let aim = question(purpose, None, Domain::from(&problem.target)).unwrap();
    let flags = purpose.map_or_else(Vec::new, |purpose| vec!["--purpose".to_owned(), purpose.to_string()]);
    let command = TableCommand::of(problem);
    let case = Case { evidence: &evidence, aim: aim.as_ref(), losses, question: &flags, muted, command: &command };
    outcomes(&case).into_iter().find(|outcome| outcome.code == code).unwrap()
}

fn state_of(code: &str, problem: &Problem, purpose: Option<Purpose>, losses: &[Objective]) -> State {
    outcome_of(code, problem, purpose, losses, &[]).state
}

#[test]
fn every_rule_of_tables_has_a_trigger() {
    let tables = [
        problem(TargetKind::Real, |row| row as f64 - 100.0),
        problem(TargetKind::Amount, |row| row as f64 + 0.5),
        problem(TargetKind::Count, |row| (row % 7) as f64),
        problem(TargetKind::Share, |row| row as f64 / 200.0),
        problem(TargetKind::Binary, |row| (row % 2) as f64),
        problem(TargetKind::Ordered, |row| (row % 4) as f64),
        problem(TargetKind::Classes, |row| (row % 4) as f64),
    ];
    for table in &tables {
        let evidence = Evidence::of_table(table);
        let command = TableCommand::of(table);
        let case = Case { evidence: &evidence, aim: None, losses: &[], question: &[], muted: &[], command: &command };
        let found = outcomes(&case);
        assert_eq!(found.len(), rules().count());
        for outcome in found {
            assert!(!outcome.evidence.contains("has no trigger"), "{outcome:?}");
            assert!(
                !outcome.evidence.is_empty() && !outcome.experiment.is_empty() && !outcome.reference.is_empty(),
                "{outcome:?}"
            );
        }
    }
}

#[test]
fn the_default_is_enough_for_its_own_functional_only() {
    let amounts = problem(TargetKind::Amount, |row| row as f64 + 0.5);
    assert_eq!(state_of("MIN101", &amounts, Some(Purpose::Total), &[]), State::Silent);
    let found = outcome_of("MIN101", &amounts, Some(Purpose::Typical), &[], &[]);
    assert_eq!((found.state, found.recommends), (State::Fired, vec!["absolute_error".to_owned()]));
    assert!(
        found.experiment.starts_with(
            "minimand compare data.csv --target y --purpose typical --losses squared_error,absolute_error"
        )
    );
    assert_eq!(state_of("MIN101", &amounts, None, &[]), State::NotApplicable);
}

#[test]
fn zeros_shares_and_levels() {
    let some = problem(TargetKind::Amount, |row| if row % 4 == 0 { 0.0 } else { row as f64 + 0.5 });
    assert_eq!(state_of("MIN130", &some, None, &[]), State::Fired);
    let none = problem(TargetKind::Amount, |row| row as f64 + 0.5);
    assert_eq!(state_of("MIN130", &none, None, &[]), State::Silent);
    let share = problem(TargetKind::Share, |row| row as f64 / 200.0);
    assert_eq!(state_of("MIN152", &share, None, &[]), State::Fired);
    assert_eq!(state_of("MIN152", &none, None, &[]), State::NotApplicable);
    assert_eq!(state_of("MIN150", &none, Some(Purpose::Quantile(0.75)), &[]), State::Fired);
    assert_eq!(state_of("MIN150", &none, Some(Purpose::Quantile(0.5)), &[]), State::Silent);
}

#[test]
fn rare_classes_weights_and_focal_losses() {
    let rare = problem(TargetKind::Binary, |row| f64::from(u8::from(row % 10 == 0)));
    let even = problem(TargetKind::Binary, |row| (row % 2) as f64);
    assert_eq!(state_of("MIN160", &rare, None, &[]), State::Fired);
    assert_eq!(state_of("MIN160", &even, None, &[]), State::Silent);
    let weighted = [Objective::WeightedCrossEntropy { weight: 9.0 }];
    assert_eq!(state_of("MIN161", &rare, Some(Purpose::Probability), &weighted), State::Fired);
    assert_eq!(state_of("MIN161", &rare, Some(Purpose::Probability), &[]), State::Silent);
    let focal = [Objective::Focal { gamma: 2.0, alpha: 0.25 }];
    let found = outcome_of("MIN162", &rare, None, &focal, &[]);
    assert!(found.state == State::Fired && found.against[0].contains("smaller weight"), "{found:?}");
    assert_eq!(state_of("MIN162", &rare, None, &weighted), State::Silent);
    let found = outcome_of("MIN160", &rare, None, &[], &["MIN160"]);
    assert_eq!(found.state, State::Muted);
}

#[test]
fn little_evidence_counts_the_rarer_class() {
    let rare = problem(TargetKind::Binary, |row| f64::from(u8::from(row % 10 == 0)));
    let found = outcome_of("MIN300", &rare, None, &[], &[]);
    assert_eq!(
        (found.state, found.evidence.as_str()),
        (State::Fired, "A test part holds about 40 rows and 4 rows of the rarer class.")
    );
    let even = problem(TargetKind::Binary, |row| (row % 2) as f64);
    assert_eq!(state_of("MIN300", &even, None, &[]), State::Silent);
    let one_row = Problem { weight: Some((0..200).map(|row| if row == 0 { 1e9 } else { 1.0 }).collect()), ..even };
    let found = outcome_of("MIN300", &one_row, None, &[], &[]);
    assert_eq!(found.state, State::Fired);
    assert!(found.evidence.ends_with(" Its weights tell as much as 0 rows of equal weight."), "{}", found.evidence);
}

#[test]
fn a_column_that_knows_the_answer_is_named() {
    let told = problem(TargetKind::Amount, |row| (((row * 37) % 101) as f64 + 1.0).powi(3));
    let found = outcome_of("MIN301", &told, None, &[], &[]);
    assert!(
        found.state == State::Fired && found.evidence.starts_with("`x` alone predicts the target (R² 1)"),
        "{found:?}"
    );
    let free = problem(TargetKind::Amount, |row| row as f64 + 0.5);
    assert_eq!(state_of("MIN301", &free, None, &[]), State::Silent);
}

#[test]
fn a_cap_is_told() {
    let capped = problem(TargetKind::Amount, |row| (row as f64 + 0.5).min(150.0));
    assert_eq!(state_of("MIN302", &capped, None, &[]), State::Fired);
    let free = problem(TargetKind::Amount, |row| row as f64 + 0.5);
    assert_eq!(state_of("MIN302", &free, None, &[]), State::Silent);
}

/// Of 200 rows 20 or 40 are positive, whatever the column says: a curve of calibration is judged for the 40 alone.
#[test]
fn a_calibration_is_judged_on_rows_enough() {
    for (every, state) in [(10, State::NotApplicable), (5, State::Silent)] {
        let table = problem(TargetKind::Binary, |row| f64::from(u8::from(row % every == 0)));
        let probe = crate::model::probe(&table, 1).unwrap();
        let evidence = Evidence::of_table(&table).with_probe(&table, &probe, 1);
        let command = TableCommand::of(&table);
        let case = Case { evidence: &evidence, aim: None, losses: &[], question: &[], muted: &[], command: &command };
        let found = outcomes(&case).into_iter().find(|outcome| outcome.code == "MIN180").unwrap();
        assert_eq!(found.state, state, "{found:?}");
    }
}
