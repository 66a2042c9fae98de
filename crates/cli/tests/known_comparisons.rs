//! Comparisons whose outcome is known, on the data of `examples/data`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::AtomicBool,
};

use approx::assert_abs_diff_eq;
use indicatif::ProgressBar;
use minimand_cli::{
    advice::{
        compare::{
            Company, Effort, Options,
            candidates::named,
            compare,
            proof::{ModelProof, Proof},
            verdict::verdict,
        },
        map::{Domain, question},
        metric::Metric,
        problem::{Problem, TargetKind},
        purpose::Purpose,
    },
    frame::{Cells, Column, Frame, Roles},
    model::ModelKind,
    statistics::Outcome,
    table::Table,
};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data").join(name)
}

/// A table of numbers with another target, of the rows for which it says one.
fn of_claims(drop: &[&str], target: impl Fn(f64, u64) -> Option<f64>) -> Problem {
    let table = Table::from_path(data("randhie_claims.csv.gz")).unwrap();
    let people = table.keys("person_id").unwrap();
    let values: Vec<Option<f64>> =
        table.column("meddol").unwrap().iter().zip(&people).map(|(&cost, &person)| target(cost, person)).collect();
    let drop = [&["mdvis", "totadm", "inpdol", "meddol"], drop].concat();
    let kept = table.without(&drop).unwrap().rows_where(|row| values[row].is_some());
    let values: Vec<f64> = values.into_iter().flatten().collect();
    let column = |name: &str, numbers: Vec<f64>| Column { name: name.to_owned(), cells: Cells::Number(numbers) };
    let mut columns: Vec<Column> =
        kept.names().iter().zip(kept.columns()).map(|(name, numbers)| column(name, numbers.clone())).collect();
    let rows = values.len();
    columns.push(column("y", values));
    let frame = Frame { source: "claims".into(), sha256: String::new(), columns, rows, notes: Vec::new() };
    let roles = Roles { target: "y".into(), group: Some("person_id".into()), ..Roles::default() };
    Problem::new(frame, &roles, None, false).unwrap()
}

fn problem(file: &str, target: &str, drop: &[&str], kind: Option<TargetKind>, group: Option<&str>) -> Problem {
    let roles = Roles {
        target: target.into(),
        group: group.map(str::to_owned),
        drop: drop.iter().map(|name| (*name).to_owned()).collect(),
        ..Roles::default()
    };
    Problem::new(Frame::from_path(&data(file)).unwrap(), &roles, kind, kind == Some(TargetKind::Relevance)).unwrap()
}

/// The proof for a purpose or a metric; the first loss is the default.
fn compared(problem: &Problem, asked: &str, losses: &[&str], models: &[ModelKind], fits: u32) -> Proof {
    let (purpose, metric): (Option<Purpose>, Option<Metric>) = (asked.parse().ok(), asked.parse().ok());
    let metric = if purpose.is_some() { None } else { metric };
    let aim = question(purpose, metric, Domain::from(&problem.target)).unwrap().unwrap();
    let candidates = losses.iter().map(|name| named(name, &aim, &problem.target).unwrap()).collect();
    let options =
        Options { models: models.to_vec(), effort: Effort::Fits(fits), rope: 0.01, without_top: None, seed: 7 };
    let stop = AtomicBool::new(false);
    let mut company = Company { begin: &mut |_| (), bar: &|_| ProgressBar::hidden(), stop: &stop };
    compare(problem, &aim, candidates, &options, &mut company).unwrap().1
}

fn linear(problem: &Problem, asked: &str, losses: &[&str], fits: u32) -> Proof {
    compared(problem, asked, losses, &[ModelKind::Linear], fits)
}

fn score(model: &ModelProof, name: &str) -> f64 {
    model.results[name].score.unwrap()
}

fn side(model: &ModelProof, name: &str) -> f64 {
    model.results[name].side.unwrap()
}

/// Costs above 0: the model of logarithms misses the total by two thirds; one constant repairs it, and then it is as good as the
/// Gamma model (0.34 → 1.00; 2.223 against 2.211 with other features and splits).
#[test]
fn one_constant_repairs_the_total_of_a_model_of_logarithms() {
    let costs = of_claims(&[], |cost, _| (cost > 0.0).then_some(cost));
    let proof = linear(&costs, "total", &["squared_error", "gamma_deviance", "log_squared_error"], 96);
    let model = &proof.models[0];
    assert_eq!(proof.metric, Metric::GammaDeviance);
    assert_abs_diff_eq!(side(model, "log_squared_error"), 0.34, epsilon = 0.05);
    assert_abs_diff_eq!(side(model, "log_squared_error+ratio"), 1.0, epsilon = 0.08);
    assert_abs_diff_eq!(side(model, "gamma_deviance"), 1.0, epsilon = 0.08);
    let (gamma, repaired) = (score(model, "gamma_deviance"), score(model, "log_squared_error+ratio"));
    assert!((repaired / gamma - 1.0).abs() < 0.03, "{repaired} {gamma}");
    assert!(score(model, "log_squared_error") > 1.2 * gamma);
    let recovered = &model.recovered_by_one_number["log_squared_error"];
    assert_abs_diff_eq!(recovered.number.unwrap(), 2.9, epsilon = 0.5);
    let said = verdict(&proof).unwrap();
    assert!(said.loss != "log_squared_error", "{said:?}");
    assert!(said.because.iter().any(|sentence| sentence.starts_with("log-OLS predicts 0.3")), "{said:?}");
}

const FOCAL: &str = "focal:gamma=2:alpha=0.25";

/// The costliest 1 % of the years: weights and focal loss change the scale of the scores and not their order; a formula gives
/// cross-entropy's log loss back (0.04930 against 0.04931 elsewhere).
#[test]
fn a_formula_undoes_weights_and_focal_loss() {
    let top = {
        let table = Table::from_path(data("randhie_claims.csv.gz")).unwrap();
        let mut costs = table.column("meddol").unwrap().to_vec();
        costs.sort_by(f64::total_cmp);
        costs[costs.len() - costs.len() / 100]
    };
    let years = of_claims(&["year", "site", "plan", "tookphys", "pioff", "time"], |cost, _| {
        Some(f64::from(u8::from(cost >= top)))
    });
    let proof = linear(&years, "probability", &["cross_entropy", FOCAL, "weighted_cross_entropy"], 60);
    let model = &proof.models[0];
    let plain = score(model, "cross_entropy");
    assert_abs_diff_eq!(score(model, &format!("{FOCAL}+inverse_focal")), plain, epsilon = 2e-4);
    assert_abs_diff_eq!(score(model, "weighted_cross_entropy+prior_shift"), plain, epsilon = 1e-3);
    assert!(side(model, FOCAL) > 4.0 && side(model, "weighted_cross_entropy") > 20.0);
    assert_abs_diff_eq!(side(model, &format!("{FOCAL}+inverse_focal")), 1.0, epsilon = 0.06);
    // Without any penalty weights have 0.985; a penalty pulls on the two losses in different directions.
    for (name, least) in [(FOCAL, 0.99), ("weighted_cross_entropy", 0.96)] {
        let alike = model.results[name].rank_correlation.unwrap();
        assert!(alike > least, "{name}: {alike}");
        assert!(!model.may_be_best(name), "{name}");
    }
    let said = verdict(&proof).unwrap();
    assert!(said.loss == "cross_entropy", "{said:?}");
}

/// Acting on the probability of a half catches nobody where an alarm costs a twentieth of a miss.
#[test]
fn costs_set_the_threshold() {
    let years = of_claims(&[], |cost, person| (person % 2 == 0).then_some(f64::from(u8::from(cost > 1_000.0))));
    let losses = ["cross_entropy", "weighted_cross_entropy"];
    let proof = linear(&years, "decision:miss=5000,alarm=250", &losses, 40);
    let model = &proof.models[0];
    let threshold = model.results["cross_entropy"].choices[0].reading.threshold.unwrap();
    assert_abs_diff_eq!(threshold, 250.0 / 5_250.0, epsilon = 1e-12);
    let (plain, repaired) = (score(model, "cross_entropy"), score(model, "weighted_cross_entropy+prior_shift"));
    assert!((repaired / plain - 1.0).abs() < 0.02, "{plain} {repaired}");
    assert!(score(model, "weighted_cross_entropy") > plain);
}

/// Food expenditure at its 0.9 quantile: the quantile loss keeps the level, and one shift of least squares does, too.
#[test]
fn a_quantile_has_its_level() {
    let engel = problem("engel.csv.gz", "foodexp", &[], None, None);
    let proof = linear(&engel, "quantile:0.9", &["squared_error", "quantile"], 200);
    let model = &proof.models[0];
    assert_abs_diff_eq!(side(model, "quantile"), 0.9, epsilon = 0.05);
    assert_abs_diff_eq!(side(model, "squared_error+shift"), 0.9, epsilon = 0.05);
    assert!(side(model, "squared_error") < 0.7);
    let better = model.pair("quantile").unwrap();
    assert_eq!(better.verdict, Outcome::Better, "{better:?}");
    assert_eq!(model.pair("squared_error+shift").unwrap().verdict, Outcome::Better);
}

/// Wine: the probabilities of cross-entropy, read by their median, against losses made for ordered classes.
#[test]
fn a_decoded_cross_entropy_is_not_beaten_by_losses_for_ordered_classes() {
    let wine = problem("winequality_red.csv.gz", "quality", &[], Some(TargetKind::Ordered), None);
    let proof = linear(&wine, "mae", &["cross_entropy", "cross_entropy+decode", "corn", "cumulative_link"], 100);
    let model = &proof.models[0];
    for name in ["corn", "cumulative_link", "cross_entropy+decode"] {
        assert_eq!(model.pair(name).unwrap().verdict, Outcome::CannotTell, "{name}");
        assert!(model.may_be_best(name), "{name}");
    }
    assert!(score(model, "cross_entropy+decode") <= score(model, "cross_entropy"));
    assert!(verdict(&proof).unwrap().loss.starts_with("cross_entropy"));
    // It is read by the median already.
    assert!(!proof.candidates.iter().any(|candidate| candidate.name == "corn+decode"));
}

/// Travellers' choices: the softmax of a list ranks best; against cross-entropy item by item 168 lists do not prove it.
#[test]
fn a_softmax_of_the_list_ranks_best() {
    let modes = problem("modechoice.csv.gz", "choice", &[], Some(TargetKind::Relevance), Some("individual"));
    let proof = linear(&modes, "ranking", &["pointwise", "ranking_softmax", "pairwise_logistic"], 120);
    let model = &proof.models[0];
    for other in ["pointwise", "pairwise_logistic"] {
        assert!(score(model, "ranking_softmax") > score(model, other), "{other}");
    }
    assert!(model.may_be_best("ranking_softmax") && model.may_be_best("pointwise"));
    assert_eq!(verdict(&proof).unwrap().loss, "pointwise", "the default, until another is proven");
}

/// Mail: a network that is too sure of itself needs one temperature, not another loss.
#[test]
fn a_temperature_does_not_hurt_a_network() {
    let mail = problem("spambase.csv.gz", "spam", &[], None, None);
    let proof = compared(&mail, "probability", &["cross_entropy", "focal"], &[ModelKind::Mlp], 24);
    let model = &proof.models[0];
    let (plain, cooled) = (score(model, "cross_entropy"), score(model, "cross_entropy+temperature"));
    assert!(cooled < 1.02 * plain, "{plain} {cooled}");
    assert!(score(model, "focal") > 1.1 * plain);
    assert!((score(model, "focal+inverse_focal") / plain - 1.0).abs() < 0.12);
    assert!(verdict(&proof).unwrap().loss.starts_with("cross_entropy"));
}

fn minimand(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_minimand")).args(arguments).stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The same number of fits gives the same document, whatever the number of threads.
#[test]
fn a_number_of_fits_repeats_a_run_to_the_bit() {
    let file = data("engel.csv.gz");
    let run = |threads: &str| {
        let file = file.to_str().unwrap();
        let table = ["compare", file, "--target", "foodexp", "--purpose", "typical", "--fits", "60", "--json"];
        minimand(&[&table[..], &["--threads", threads]].concat())
    };
    let (one, other) = (run("1"), run("2"));
    assert_eq!(one.0, Some(0), "{}", one.2);
    let proof = |text: &str| {
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        (document["proof"].clone(), document["verdict"].clone())
    };
    assert!(proof(&one.1).0.is_object());
    assert_eq!(proof(&one.1), proof(&other.1));
}

/// One line, status 2, nothing printed.
#[test]
fn refusals_are_one_line() {
    let file = data("engel.csv.gz");
    let refused = |more: &[&str], expected: &str| {
        let table = ["compare", file.to_str().unwrap(), "--target", "foodexp"];
        let (status, printed, said) = minimand(&[&table[..], more].concat());
        assert_eq!((status, printed.as_str()), (Some(2), ""), "{said}");
        assert!(said.lines().count() == 1 && said.contains(expected), "{said}");
    };
    refused(
        &["--purpose", "typical", "--losses", "hubber"],
        "there is no loss `hubber` for `foodexp`: did you mean `huber`?",
    );
    refused(&["--purpose", "typical", "--losses", "huber:gamma=1"], "`gamma=1` cannot be set: huber takes delta");
    refused(
        &["--purpose", "typical", "--losses", "huber+magic"],
        "`+magic` is nothing that can be done after training",
    );
    refused(&["--purpose", "probability"], "--purpose probability does not fit");
    refused(&["--purpose", "typical", "--budget", "soon"], "`soon` is no time such as 90s or 2m");
    refused(&["--purpose", "typical", "--fits", "9", "--budget", "9"], "cannot be used with");
    refused(&["--purpose", "typical", "--without-top", "99%"], "too few to compare losses on");
    refused(&[], "--purpose");
}
