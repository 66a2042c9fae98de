//! The data sets of the examples as problems.

use std::path::PathBuf;

use minimand_cli::{
    advice::problem::{Problem, TargetKind},
    frame::{Encoder, Frame, Roles, folds, inner_split},
};

struct Known {
    file: &'static str,
    target: &'static str,
    group: Option<&'static str>,
    drop: &'static [&'static str],
    ranking: bool,
    kind: TargetKind,
    rows: usize,
    groups: usize,
    classes: usize,
}

const PLAIN: Known = Known {
    file: "",
    target: "",
    group: None,
    drop: &[],
    ranking: false,
    kind: TargetKind::Real,
    rows: 0,
    groups: 0,
    classes: 0,
};

const CLAIMS: Known = Known { file: "randhie_claims", group: Some("person_id"), rows: 20_185, groups: 5907, ..PLAIN };

#[test]
fn every_data_set_of_the_examples_is_a_problem() {
    let all = [
        Known { target: "meddol", drop: &["mdvis", "totadm", "inpdol"], kind: TargetKind::Amount, ..CLAIMS },
        Known { target: "mdvis", drop: &["meddol", "totadm", "inpdol"], kind: TargetKind::Count, ..CLAIMS },
        Known { target: "totadm", drop: &["meddol", "mdvis", "inpdol"], kind: TargetKind::Count, ..CLAIMS },
        Known { file: "engel", target: "foodexp", kind: TargetKind::Amount, rows: 235, groups: 235, ..PLAIN },
        Known {
            file: "bikeshare",
            target: "bikers",
            drop: &["casual", "registered"],
            kind: TargetKind::Count,
            rows: 8645,
            groups: 8645,
            ..PLAIN
        },
        Known {
            file: "winequality_red",
            target: "quality",
            kind: TargetKind::Ordered,
            rows: 1599,
            groups: 1599,
            classes: 6,
            ..PLAIN
        },
        Known {
            file: "spambase",
            target: "spam",
            kind: TargetKind::Binary,
            rows: 4601,
            groups: 4601,
            classes: 2,
            ..PLAIN
        },
        Known {
            file: "yeast6",
            target: "positive",
            kind: TargetKind::Binary,
            rows: 1484,
            groups: 1484,
            classes: 2,
            ..PLAIN
        },
        Known {
            file: "caravan",
            target: "Purchase",
            kind: TargetKind::Binary,
            rows: 5822,
            groups: 5822,
            classes: 2,
            ..PLAIN
        },
        Known {
            file: "modechoice",
            target: "choice",
            group: Some("individual"),
            ranking: true,
            kind: TargetKind::Relevance,
            rows: 840,
            groups: 210,
            ..PLAIN
        },
        Known {
            file: "modechoice",
            target: "choice",
            group: Some("individual"),
            kind: TargetKind::Binary,
            rows: 840,
            groups: 210,
            classes: 2,
            ..PLAIN
        },
        // Digits have no order, but nothing in the numbers 0 to 9 says so.
        Known {
            file: "digits8x8",
            target: "digit",
            kind: TargetKind::Ordered,
            rows: 1797,
            groups: 1797,
            classes: 10,
            ..PLAIN
        },
    ];
    for known in all {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../examples/data", known.file].iter().collect();
        let frame = Frame::from_path(&path.with_extension("csv.gz")).unwrap();
        let roles = Roles {
            target: known.target.to_owned(),
            group: known.group.map(str::to_owned),
            drop: known.drop.iter().map(|&name| name.to_owned()).collect(),
            ..Roles::default()
        };
        let columns = frame.columns.len();
        let problem = Problem::new(frame, &roles, None, known.ranking).unwrap();
        let name = format!("{} of {}", known.target, known.file);
        assert_eq!(problem.target.kind, known.kind, "{name}");
        assert_eq!((problem.rows(), problem.groups.count), (known.rows, known.groups), "{name}");
        assert_eq!(problem.target.levels.len(), known.classes, "{name}");
        let roles = 1 + usize::from(known.group.is_some()) + known.drop.len();
        assert_eq!(problem.features.len(), columns - roles, "{name}");
        for fold in folds(&problem, 5, 7).unwrap() {
            let inner = inner_split(&problem, &fold.train, 0.2, 7).unwrap();
            let encoder = Encoder::fit(&problem.features, &inner.train);
            let numbers = encoder.transform(&problem.features, &fold.test);
            assert_eq!(numbers.len(), encoder.width() * fold.test.len(), "{name}");
            assert!(numbers.iter().all(|number| number.is_finite()), "{name}");
        }
    }
}
