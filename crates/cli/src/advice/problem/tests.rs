use proptest::prelude::*;

use super::*;
use crate::frame::{Cells, Encoder, Frame, Roles};

fn roles(target: &str) -> Roles {
    Roles { target: target.to_owned(), ..Roles::default() }
}

fn made(text: &str, roles: &Roles, kind: Option<TargetKind>) -> Result<Problem, ProblemError> {
    Problem::new(Frame::from_bytes(text.as_bytes(), "t.csv").unwrap(), roles, kind, false)
}

/// A table of `rows` rows: y, a feature x without order, and what else is asked for.
fn table(header: &str, rows: usize, line: impl Fn(usize) -> String) -> String {
    format!("{header}\n{}", (0..rows).map(|row| line(row) + "\n").collect::<String>())
}

/// `y,x` with these targets.
fn of_targets<T: ToString>(targets: impl IntoIterator<Item = T>) -> String {
    let targets: Vec<String> = targets.into_iter().map(|target| target.to_string()).collect();
    table("y,x", targets.len(), |row| format!("{},{}.5", targets[row], row * 37 % 41))
}

fn kind_of<T: ToString>(targets: impl IntoIterator<Item = T>) -> TargetKind {
    made(&of_targets(targets), &roles("y"), None).unwrap().target.kind
}

fn refusal(text: &str, roles: &Roles, kind: Option<TargetKind>) -> String {
    let message = made(text, roles, kind).expect_err("the table is refused").to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

#[test]
fn kinds_are_seen_from_the_values() {
    use TargetKind::{Amount, Binary, Classes, Count, Ordered, Real, Share};
    let rows = 0..300usize;
    assert_eq!(kind_of(rows.clone().map(|row| row as f64 - 7.5)), Real);
    assert_eq!(kind_of(rows.clone().map(|row| row as i64 % 9 - 4)), Real);
    assert_eq!(kind_of(rows.clone().map(|row| row as f64 * 0.7)), Amount);
    assert_eq!(kind_of(rows.clone().map(|row| (row % 100) as f64 / 100.0)), Share);
    assert_eq!(kind_of(rows.clone().map(|row| row % 2)), Binary);
    assert_eq!(kind_of(rows.clone().map(|row| [-1.5, 20.0][row % 2])), Binary);
    assert_eq!(kind_of(rows.clone().map(|row| ["a", "b"][row % 2])), Binary);
    assert_eq!(kind_of(rows.clone().map(|row| ["a", "b", "c"][row % 3])), Classes);
    // Scales: from 2 up, of stars, of classes numbered from 0.
    assert_eq!(kind_of(rows.clone().map(|row| [3, 4, 5, 5, 6, 6, 7, 8][row % 8])), Ordered);
    assert_eq!(kind_of(rows.clone().map(|row| row % 5 + 1)), Ordered);
    assert_eq!(kind_of(rows.clone().map(|row| row % 3)), Ordered);
    // Counts: falling off, from 0 and from 1; with a gap; many.
    let falling = |row: usize| (row.trailing_ones() as usize).min(7);
    assert_eq!(kind_of(rows.clone().map(falling)), Count);
    assert_eq!(kind_of(rows.clone().map(|row| falling(row) + 1)), Count);
    assert_eq!(kind_of(rows.clone().map(|row| [0, 1, 2, 5][row % 4])), Count);
    assert_eq!(kind_of(rows.clone().map(|row| row * row % 977)), Count);
    assert_eq!(kind_of(rows.clone().map(|row| 2000 + row * row % 4999)), Count);
    // Prices in whole units, and years.
    assert_eq!(kind_of(rows.clone().map(|row| 900 + 50 * (row * row % 97))), Amount);
    assert_eq!(kind_of(rows.clone().map(|row| 20_001 + row * row * 13 % 99_991)), Amount);
    assert_eq!(kind_of(rows.map(|row| 1950 + row % 70)), Amount);
}

#[test]
fn what_was_decided_is_said() {
    let notes = |text: &str| made(text, &roles("y"), None).unwrap().notes;
    assert_eq!(
        notes(&of_targets((0..40).map(|row| row % 4 + 3))),
        [
            r#""y": the whole numbers 3 to 6 are taken as ordered classes; if they count something, say --kind count, if their order means nothing, --kind classes."#
        ]
    );
    assert_eq!(
        notes(&of_targets((0..40).map(|row| row * row % 29))),
        [
            r#""y": the whole numbers 0 to 28 are taken as counts; if they are measured, say --kind amount or --kind real."#
        ]
    );
    assert_eq!(
        notes(&of_targets((0..40).map(|row| 900 + 50 * row))),
        [
            r#""y": whole numbers most of which are multiples of ten are taken as an amount; if they count something, say --kind count."#
        ]
    );
    assert_eq!(
        notes(&of_targets((0..40).map(|row| ["no", "yes"][usize::from(row % 4 > 0)]))),
        [r#""y": "yes" is the positive class (by its name; 75.000 % of the rows), "no" the other."#]
    );
    assert_eq!(
        notes(&of_targets((0..40).map(|row| ["sick", "well"][usize::from(row % 4 > 0)]))),
        [r#""y": "sick" is the positive class (the rarer one; 25.000 % of the rows), "well" the other."#]
    );
    assert_eq!(
        notes(&of_targets((0..40).map(|row| row % 2 + 1))),
        [r#""y": 2 is the positive class (the larger number), 1 the other."#]
    );
    assert_eq!(
        notes(&table("y,x,when", 40, |row| format!("{}.5,{},2024-01-{:02}", row, row % 7, row % 28 + 1))),
        [r#""when": dates are left out; derive numbers from them, such as the month or the days since."#]
    );
}

#[test]
fn classes_are_numbered_and_named() {
    let target = |text: &str, kind| made(text, &roles("y"), kind).unwrap().target;
    let yes = target(&of_targets((0..30).map(|row| ["True", "False"][row % 2])), None);
    assert_eq!((yes.levels, &yes.values[..2]), (vec!["False".to_owned(), "True".to_owned()], &[1.0, 0.0][..]));
    let gap = of_targets((0..30).map(|row| [1, 4, 9][row % 3]));
    let classes = target(&gap, Some(TargetKind::Classes));
    assert_eq!(
        (classes.levels, &classes.values[..3]),
        (["1", "4", "9"].map(str::to_owned).to_vec(), &[0.0, 1.0, 2.0][..])
    );
    assert_eq!(target(&gap, Some(TargetKind::Ordered)).kind, TargetKind::Ordered);
    let count = target(&gap, Some(TargetKind::Count));
    assert_eq!((count.levels.len(), &count.values[..3]), (0, &[1.0, 4.0, 9.0][..]));
}

#[test]
fn kinds_that_cannot_be_are_refused() {
    let told = |text: &str, kind| refusal(text, &roles("y"), Some(kind));
    let of =
        |value: &str| of_targets((0..30).map(|row| if row == 3 { value.to_owned() } else { (row % 4).to_string() }));
    let start = r#"t.csv: the target "y" is not of the kind "#;
    assert_eq!(told(&of("-2"), TargetKind::Amount), format!("{start}amount: it holds -2"));
    assert_eq!(told(&of("-2"), TargetKind::Count), format!("{start}count: it holds -2"));
    assert_eq!(told(&of("2.5"), TargetKind::Count), format!("{start}count: not all of it are whole numbers"));
    assert_eq!(told(&of("2.5"), TargetKind::Ordered), format!("{start}ordered: ordered classes are whole numbers"));
    assert_eq!(told(&of("2.5"), TargetKind::Share), format!("{start}share: it goes from 0 to 3, not from 0 to 1"));
    assert_eq!(told(&of("2"), TargetKind::Binary), format!("{start}binary: it has 4 different values"));
    assert_eq!(
        told(&of_targets(0..40), TargetKind::Ordered),
        format!("{start}ordered: it has 40 different values; ordered classes are at most 15")
    );
    let text = of_targets((0..30).map(|row| ["a", "b", "c"][row % 3]));
    assert_eq!(told(&text, TargetKind::Real), format!("{start}real: it holds text"));
    assert_eq!(told(&text, TargetKind::Binary), format!("{start}binary: it has 3 different texts"));
    assert_eq!(
        told(&text, TargetKind::Ordered),
        format!("{start}ordered: it holds text, whose order is not known; write the classes as whole numbers")
    );
    assert_eq!(
        told(&text, TargetKind::Relevance),
        "items to rank need --group, the column that says which list each row belongs to"
    );
}

#[test]
fn targets_that_cannot_be_predicted_are_refused() {
    let told = |text: &str| refusal(text, &roles("y"), None);
    assert_eq!(told(&of_targets([7; 30])), r#"t.csv: the target "y" is 7 in every row: there is nothing to predict"#);
    assert_eq!(told(&of_targets(["a"; 30])), r#"t.csv: the target "y" is a in every row: there is nothing to predict"#);
    assert_eq!(told(&of_targets([""; 30])), r#"t.csv: the target "y" is missing in every row"#);
    assert_eq!(
        told(&of_targets(0..8)),
        "t.csv: 8 rows with a target are too few to compare anything; at least 20 are needed"
    );
    let most_missing = of_targets((0..60).map(|row| if row % 4 == 0 { row.to_string() } else { "NA".to_owned() }));
    assert_eq!(
        told(&most_missing),
        "t.csv: 15 rows with a target are too few to compare anything; at least 20 are needed"
    );
    assert_eq!(
        told(&of_targets((0..30).map(|row| format!("2024-01-{:02}", row % 28 + 1)))),
        r#"t.csv: the target "y" holds dates: give it as a number, such as days until an event"#
    );
    assert_eq!(
        told(&of_targets((0..1000).map(|row| format!("t{}", row % 201)))),
        r#"t.csv: the target "y" has 201 different texts in 1000 rows; at most 200 classes can be told apart"#
    );
    assert_eq!(
        told(&of_targets((0..30).map(|row| format!("t{}", row % 20)))),
        r#"t.csv: the target "y" has 20 different texts in 30 rows; at most 15 classes can be told apart"#
    );
}

#[test]
fn columns_that_are_not_there_or_given_twice_are_refused() {
    let text = table("cost,age,person,weight", 40, |row| format!("{}.5,{},{},1", row, row % 7, row % 9));
    let told = |roles: &Roles| refusal(&text, roles, None);
    assert_eq!(told(&roles("cots")), r#"t.csv: no column is named "cots"; did you mean "cost"?"#);
    let dropping =
        |names: &[&str]| Roles { drop: names.iter().map(|&name| name.to_owned()).collect(), ..roles("cost") };
    assert_eq!(told(&dropping(&["agee"])), r#"t.csv: no column is named "agee"; did you mean "age"?"#);
    assert_eq!(told(&dropping(&["cost"])), r#"the column "cost" is given twice: as --target and as --drop"#);
    let grouped = Roles { group: Some("cost".to_owned()), ..roles("cost") };
    assert_eq!(told(&grouped), r#"the column "cost" is given twice: as --target and as --group"#);
    assert_eq!(told(&dropping(&["age", "person", "weight"])), r#"t.csv: no column is left to predict "cost" from"#);
    // The weight is 1 throughout.
    assert_eq!(told(&dropping(&["age", "person"])), r#"t.csv: no column is left to predict "cost" from"#);
    assert_eq!(made(&text, &dropping(&["age", "age"]), None).unwrap().features.len(), 2);
}

#[test]
fn roles_of_bad_cells_are_refused() {
    let text = table("y,x,g,w,o,t,one,own", 40, |row| {
        let (w, o) = if row == 4 { ("-1", "NA") } else { ("2", "0.5") };
        format!("{}.5,{}.5,{},{w},{o},name{},k,{}", row, row * 7 % 11, row % 9, row % 2, row * row)
    });
    let told = |change: &dyn Fn(&mut Roles)| {
        let mut roles = Roles { drop: vec!["own".to_owned()], ..roles("y") };
        change(&mut roles);
        refusal(&text, &roles, None)
    };
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(told(&|roles| roles.weight = name("w")), r#"t.csv: row 5, column "w" of --weight: -1 is not above 0"#);
    assert_eq!(told(&|roles| roles.weight = name("o")), r#"t.csv: row 5, column "o" of --weight: the cell is missing"#);
    assert_eq!(told(&|roles| roles.offset = name("o")), r#"t.csv: row 5, column "o" of --offset: the cell is missing"#);
    assert_eq!(told(&|roles| roles.offset = name("t")), r#"t.csv: the column "t" of --offset must hold numbers"#);
    assert_eq!(told(&|roles| roles.time = name("t")), r#"t.csv: the column "t" of --time must hold numbers or dates"#);
    assert_eq!(told(&|roles| roles.group = name("o")), r#"t.csv: row 5, column "o" of --group: the cell is missing"#);
    assert_eq!(
        told(&|roles| roles.group = name("one")),
        r#"t.csv: the column "one" of --group is k in every row: one group cannot be divided"#
    );
    assert_eq!(
        told(&|roles| {
            roles.drop.clear();
            roles.group = name("own");
        }),
        r#"t.csv: the column "own" of --group is different in every row: groups of one member group nothing; leave --group away"#
    );
    let zero = table("y,x,w", 30, |row| format!("{}.5,{}.5,0", row, row * 7 % 11));
    assert_eq!(
        refusal(&zero, &Roles { weight: name("w"), ..roles("y") }, None),
        r#"t.csv: the column "w" of --weight is 0 in every row with a target"#
    );
    let large =
        table("y,x,g", 30, |row| format!("{}.5,{}.5,{}", row, row * 7 % 11, 9_007_199_254_740_990u64 + row as u64 / 2));
    assert_eq!(
        refusal(&large, &Roles { group: name("g"), ..roles("y") }, None),
        r#"t.csv: row 5, column "g" of --group: the number is too large to be read exactly; write it as text"#
    );
}

#[test]
fn identifiers_are_refused_all_at_once() {
    let row = |row: usize| {
        let shuffled = row * 37 % 101;
        let code = 7 * row + row % 3;
        format!(
            "{}.5,{},name {row},{},{},{},{}",
            row * row % 89,
            row % 7,
            shuffled + 5,
            1_000 + code * code,
            code,
            shuffled * shuffled
        )
    };
    let text = table("y,x,Name,number,customer_id,series,squares", 101, row);
    assert_eq!(
        refusal(&text, &roles("y"), None),
        r#"t.csv: the column "Name" is an identifier: its text differs in nearly every row; leave it out with --drop Name,number,customer_id,series"#
    );
    let told = |dropped: &[&str]| {
        let drop = dropped.iter().map(|&name| name.to_owned()).collect();
        refusal(&text, &Roles { drop, ..roles("y") }, None)
    };
    assert_eq!(
        told(&["Name", "customer_id", "series"]),
        r#"t.csv: the column "number" is an identifier: it numbers the rows; leave it out with --drop number"#
    );
    assert_eq!(
        told(&["Name", "number", "customer_id"]),
        r#"t.csv: the column "series" is an identifier: its number differs in every row, in the order of the rows; leave it out with --drop series"#
    );
    // Squares are all different, too: measurements.
    let drop = ["Name", "number", "customer_id", "series"].map(str::to_owned).to_vec();
    assert_eq!(made(&text, &Roles { drop, ..roles("y") }, None).unwrap().features.len(), 2);
    let shuffled =
        table("y,x,Customer ID", 50, |row| format!("{}.5,{},{}", row * row % 89, row % 7, 100 + 31 * row * row % 9973));
    assert_eq!(
        refusal(&shuffled, &roles("y"), None),
        r#"t.csv: the column "Customer ID" is an identifier: its number differs in nearly every row; leave it out with --drop 'Customer ID'"#
    );
}

#[test]
fn measurements_that_all_differ_are_none() {
    // Incomes of a small table in order, real numbers in order, sparse notes, few levels.
    let text = table("y,income,depth,note,level", 60, |row| {
        let note = if row < 5 { format!("note {row}") } else { String::new() };
        format!("{}.5,{},{}.25,{note},l{}", row * row % 89, 12_000 + 37 * row * row + row, row, row % 4)
    });
    assert_eq!(made(&text, &roles("y"), None).unwrap().features.len(), 4);
}

/// Levels that only rows without a target have do not count.
#[test]
fn texts_of_rows_without_a_target_are_not_counted() {
    let text = table("y,x,t", 600, |row| {
        if row < 40 { format!("{}.5,{},t{}", row, row % 7, row % 5) } else { format!(",1,own{row}") }
    });
    let problem = made(&text, &roles("y"), None).unwrap();
    assert_eq!(problem.rows(), 40);
    assert_eq!(problem.notes, [r#"560 rows without "y" are left out."#]);
}

#[test]
fn the_target_under_another_name_is_refused() {
    let again = |line: &dyn Fn(usize) -> String| refusal(&table("y,x,z", 60, line), &roles("y"), None);
    let expected = r#"t.csv: the column "z" is the target "y" in other words; leave it out with --drop z"#;
    let value = |row: usize| (row * row % 89) as f64 + 0.5;
    assert_eq!(again(&|row| format!("{},{},{}", value(row), row % 7, value(row))), expected);
    assert_eq!(again(&|row| format!("{},{},{}", value(row), row % 7, 32.0 - 1.8 * value(row))), expected);
    let most = |row: usize| if row.is_multiple_of(5) { String::new() } else { (value(row) * 3.0).to_string() };
    assert_eq!(again(&|row| format!("{},{},{}", value(row), row % 7, most(row))), expected);
    assert_eq!(again(&|row| format!("{},{},{}", row % 2, row % 7, ["a", "b"][row % 2])), expected);
    assert_eq!(again(&|row| format!("{},{},{}", ["u", "v", "w"][row % 3], row % 7, [30, 10, 20][row % 3])), expected);
    // Near is not the same.
    let near = table("y,x,z", 60, |row| format!("{},{},{}", value(row), row % 7, value(row) + 0.01 * (row % 3) as f64));
    assert!(made(&near, &roles("y"), None).is_ok());
    let last = table("y,x,z", 3000, |row| {
        format!("{},{},{}", value(row), row % 7, value(row) + f64::from(u8::from(row == 2999)))
    });
    assert!(made(&last, &roles("y"), None).is_ok());
}

#[test]
fn rows_without_weight_are_left_out_and_weights_have_mean_1() {
    let text = table("y,x,w", 40, |row| format!("{}.5,{},{}", row, row % 7, row % 4));
    let problem = made(&text, &Roles { weight: Some("w".to_owned()), ..roles("y") }, None).unwrap();
    assert_eq!(problem.notes[0], "10 rows of weight 0 are left out.");
    // 60² / 140.
    assert!(problem.notes[1].starts_with("Rows count by \"w\", which tells as much as 26 rows of equal weight;"));
    assert_eq!(problem.notes.len(), 2);
    let weight = problem.weight.unwrap();
    approx::assert_relative_eq!(weight.iter().sum::<f64>(), 30.0, epsilon = 1e-9);
    approx::assert_relative_eq!(weight[1], 1.0);
    assert_eq!(problem.features.len(), 1);
}

#[test]
fn dates_order_rows() {
    let text = table("y,x,when", 40, |row| format!("{}.5,{},{:02}/02/2024", row, row % 7, row % 28 + 1));
    let problem = made(&text, &Roles { time: Some("when".to_owned()), ..roles("y") }, None).unwrap();
    let time = problem.time.unwrap();
    assert_eq!(time[1] - time[0], 1.0);
    assert_eq!(problem.features.len(), 1);
}

#[test]
fn groups_are_lists_where_grades_differ_within_them() {
    let ranked = |text: &str| {
        let frame = Frame::from_bytes(text.as_bytes(), "t.csv").unwrap();
        Problem::new(frame, &Roles { group: Some("g".to_owned()), ..roles("y") }, None, true).unwrap()
    };
    let lists = ranked(&table("y,x,g", 60, |row| format!("{},{}.5,{}", u8::from(row % 4 == 0), row * 7 % 11, row / 4)));
    assert_eq!(lists.target.kind, TargetKind::Relevance);
    assert_eq!((lists.target.levels.len(), lists.target.values[0]), (0, 1.0));
    let people =
        ranked(&table("y,x,g", 60, |row| format!("{},{}.5,{}", u8::from(row % 20 < 4), row * 7 % 11, row / 4)));
    assert_eq!(people.target.kind, TargetKind::Binary);
    assert_eq!(
        people.notes[0],
        r#""y" is no grade that differs within the groups: the whole table is ranked, not each group; if groups are lists, say --kind relevance."#
    );
    let costs = ranked(&table("y,x,g", 60, |row| format!("{}.25,{}.5,{}", row, row * 7 % 11, row / 4)));
    assert_eq!(costs.target.kind, TargetKind::Amount);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_columns_does_not_matter(order in Just([0usize, 1, 2, 3]).prop_shuffle()) {
        let names = ["y", "a", "b", "c"];
        let of = |order: [usize; 4]| {
            let text = table(&order.map(|at| names[at]).join(","), 60, |row| {
                let cells = [format!("{}.5", row * row % 89), format!("{}", row % 7), format!("l{}", row % 3), format!("{}.25", row * 5 % 13)];
                order.map(|at| cells[at].clone()).join(",")
            });
            let mut problem = made(&text, &roles("y"), None).unwrap();
            problem.features.sort_by(|a, b| a.name.cmp(&b.name));
            let rows: Vec<usize> = (0..60).collect();
            let encoder = Encoder::fit(&problem.features, &rows);
            let numbers = encoder.transform(&problem.features, &rows);
            (problem.target, problem.groups, problem.notes, encoder.names().to_vec(), numbers)
        };
        prop_assert_eq!(of(order), of([0, 1, 2, 3]));
    }

    /// However large or small: the kind stays, and numbers scale.
    #[test]
    fn the_unit_of_an_amount_does_not_matter(power in -6i32..7) {
        let of = |power: i32| {
            made(&of_targets((0..60).map(|row| format!("{}.5e{power}", row * row % 89))), &roles("y"), None).unwrap()
        };
        let (scaled, plain) = (of(power), of(0));
        prop_assert_eq!(&scaled.groups, &plain.groups);
        if power <= 0 {
            prop_assert_eq!(scaled.target.kind == TargetKind::Share, power < -1);
        }
        for (scaled, plain) in scaled.target.values.iter().zip(&plain.target.values) {
            approx::assert_relative_eq!(*scaled, plain * 10f64.powi(power), max_relative = 1e-12);
        }
    }

    #[test]
    fn random_tables_give_a_problem_or_one_line(cells in prop::collection::vec("[0-9a-b./-]{0,4}", 63..120)) {
        let text = table("y,x,z", cells.len() / 3, |row| cells[3 * row..3 * row + 3].join(","));
        if let Ok(frame) = Frame::from_bytes(text.as_bytes(), "t.csv") {
            match Problem::new(frame, &roles("y"), None, false) {
                Ok(problem) => {
                    prop_assert!(problem.target.values.iter().all(|value| value.is_finite()));
                    prop_assert!(problem.features.iter().all(|column| !matches!(&column.cells, Cells::Number(cells) if cells.len() != problem.rows())));
                }
                Err(error) => prop_assert!(!error.to_string().contains('\n')),
            }
        }
    }
}

#[test]
fn answers_in_many_ways_are_refused_and_letter_case_is_said() {
    let answers = of_targets((0..80).map(|row| ["yes", "No", "Y", "f"][row % 4]));
    assert_eq!(
        refusal(&answers, &roles("y"), None),
        r#"t.csv: the target "y" says yes and no in 4 ways (No, Y, f, yes); write each in one"#
    );
    let colours = of_targets((0..80).map(|row| ["Red", "red", "blue"][row % 3]));
    let problem = made(&colours, &roles("y"), None).unwrap();
    let told = "differ in letter case alone and are taken as two; if they are one, write them alike.";
    assert_eq!(problem.notes, [format!(r#""y": "Red" and "red" {told}"#)]);
    let text = table("y,c", 80, |row| format!("{row}.5,{}", ["Red", "red", "blue"][row % 3]));
    assert_eq!(made(&text, &roles("y"), None).unwrap().notes, [format!(r#""c": "Red" and "red" {told}"#)]);
}

#[test]
fn an_offset_beyond_all_exposures_is_refused() {
    let text = table("y,x,o", 60, |row| {
        format!("{},{}.5,{}", row % 7 * (row % 3), row * 37 % 41, if row == 7 { 1000 } else { 1 })
    });
    let roles = Roles { offset: Some("o".to_owned()), ..roles("y") };
    assert_eq!(
        refusal(&text, &roles, Some(TargetKind::Count)),
        r#"t.csv: row 8, column "o" of --offset: 1000 is no logarithm of an exposure: exp of it is out of all bounds"#
    );
    assert!(made(&text, &roles, Some(TargetKind::Real)).is_ok(), "added as it is");
}

#[test]
fn text_of_rare_levels_alone_is_no_feature() {
    let text = table("y,c", 60, |row| format!("{row}.5,c{}", row % 20));
    assert_eq!(refusal(&text, &roles("y"), None), r#"t.csv: no column is left to predict "y" from"#);
}
