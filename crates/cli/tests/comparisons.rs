//! `minimand compare` as a whole: what a run leaves in the document, on the page and in the report.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use serde_json::Value;
use tempfile::TempDir;

fn data(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data").join(name).to_str().unwrap().to_owned()
}

/// A run that succeeds: its standard output.
#[track_caller]
fn compare(arguments: &[&str]) -> String {
    let all = [&["compare"], arguments].concat();
    let output = Command::new(env!("CARGO_BIN_EXE_minimand"))
        .args(&all)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The same with `--json`.
#[track_caller]
fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&compare(&[arguments, &["--json"]].concat())).unwrap()
}

/// A table of two features and a target `y`, written to a file.
fn table(directory: &TempDir, rows: usize, mut y: impl FnMut(f64, f64, f64) -> f64) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut text = "a,b,y\n".to_owned();
    for _ in 0..rows {
        let [a, b, noise] = [(); 3].map(|()| 2.0 * rng.random::<f64>() - 1.0);
        writeln!(text, "{a:.6},{b:.6},{}", y(a, b, noise)).unwrap();
    }
    let path: PathBuf = directory.path().join("table.csv");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[track_caller]
fn rule<'a>(document: &'a Value, code: &str) -> &'a Value {
    document["rules"].as_array().unwrap().iter().find(|rule| rule["code"] == code).unwrap()
}

/// The state of a rule whose evidence holds the words; every fact that it stands on is there.
#[track_caller]
fn check_rule(document: &Value, code: &str, state: &str, words: &[&str]) {
    let rule = rule(document, code);
    assert_eq!(rule["state"], state, "{rule:#}");
    for word in words {
        assert!(rule["evidence"].as_str().unwrap().contains(word), "{word}: {rule:#}");
    }
    for fact in rule["because"].as_array().unwrap() {
        assert!(document["facts"].as_array().unwrap().iter().any(|known| known["id"] == *fact), "{fact}");
    }
}

const VISITS: [&str; 10] = [
    "--target",
    "mdvis",
    "--group",
    "person_id",
    "--drop",
    "meddol,totadm,inpdol",
    "--model",
    "linear",
    "--fits",
    "20",
];

/// Doctor visits: Poisson expects a third of the zeros that came, the negative binomial law about as many as came.
#[test]
fn counts_that_came_stand_beside_those_that_laws_expect() {
    let file = data("randhie_claims.csv.gz");
    let directory = TempDir::new().unwrap();
    let out = directory.path().to_str().unwrap();
    let losses = "poisson_nll,negative_binomial_nll";
    let found = document(
        &[&[file.as_str()], &VISITS[..], &["--purpose", "distribution", "--losses", losses, "--out", out]].concat(),
    );
    let laws = found["proof"]["models"][0]["curves"]["laws"].as_array().unwrap();
    let names: Vec<&str> = laws.iter().map(|law| law["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["negative_binomial_nll", "poisson_nll"]);
    let sums = |law: &Value| {
        let bins = law["fit"]["frequencies"].as_array().unwrap();
        let sum = |key: &str| bins.iter().map(|bin| bin[key].as_f64().unwrap()).sum::<f64>();
        let least = |key: &str| bins[0][key].as_f64().unwrap();
        (sum("observed"), sum("expected"), least("observed"), least("expected"), law["rows"].as_f64().unwrap())
    };
    for law in laws {
        let (observed, expected, _, _, rows) = sums(law);
        assert!((observed / rows - 1.0).abs() < 1e-9 && (expected / rows - 1.0).abs() < 1e-6, "{observed} {expected}");
    }
    let ((_, _, seen, by_binomial, _), (_, _, _, by_poisson, _)) = (sums(&laws[0]), sums(&laws[1]));
    assert!((by_binomial / seen - 1.0).abs() < 0.15, "{by_binomial} of {seen}");
    assert!(by_poisson < 0.75 * seen, "{by_poisson} of {seen}");
    let report = std::fs::read_to_string(directory.path().join("report.html")).unwrap();
    for figure in ["law", "law_of_default"] {
        assert!(directory.path().join(figure).with_extension("svg").exists(), "{figure}");
    }
    assert!(report.contains("Counts as negative binomial expects them") && report.contains("came and"), "no rootogram");
}

/// For a mean no law is needed; Poisson's is shown all the same.
#[test]
fn a_law_of_counts_is_shown_for_their_mean_too() {
    let file = data("randhie_claims.csv.gz");
    let found = document(
        &[&[file.as_str()], &VISITS[..], &["--purpose", "total", "--losses", "squared_error,poisson_nll"]].concat(),
    );
    let laws = &found["proof"]["models"][0]["curves"]["laws"];
    assert_eq!(laws[0]["name"], "poisson_nll", "{laws}");
    assert!(laws[0]["fit"]["frequencies"].is_array());
}

/// Amounts drawn from a log-normal law: its residuals are normal, those of the normal law are not.
#[test]
fn residuals_tell_the_law_of_amounts() {
    let directory = TempDir::new().unwrap();
    let file = table(&directory, 1_200, |a, b, noise| (a + 0.5 * b + 1.5 * (noise / (1.05 - noise.abs()))).exp());
    let losses = "gaussian_nll,log_normal_nll";
    let arguments =
        [&file, "--target", "y", "--purpose", "distribution", "--losses", losses, "--model", "linear", "--fits", "40"];
    let found = document(&arguments);
    let laws = found["proof"]["models"][0]["curves"]["laws"].as_array().unwrap();
    let farthest = |name: &str| {
        let law = laws.iter().find(|law| law["name"] == name).unwrap_or_else(|| panic!("{name}: {laws:#?}"));
        let points = law["fit"]["quantile_residuals"].as_array().unwrap();
        assert!(points.len() > 30 && points.len() <= 101);
        let pairs = points.iter().map(|point| (point[0].as_f64().unwrap(), point[1].as_f64().unwrap()));
        pairs.filter(|(x, _)| x.abs() < 1.0).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
    };
    let default = found["proof"]["default"].as_str().unwrap();
    assert!(
        farthest("log_normal_nll") < 0.6 * farthest(default),
        "{default}: {} {}",
        farthest("log_normal_nll"),
        farthest(default)
    );
}

#[test]
fn a_model_of_logarithms_for_a_total_is_told() {
    let directory = TempDir::new().unwrap();
    let file = table(&directory, 800, |a, b, noise| (a + 0.5 * b + 2.0 * noise).exp());
    let run = |losses: &str| {
        let arguments = [&file, "--target", "y", "--purpose", "total", "--losses", losses];
        document(&[&arguments[..], &["--model", "linear", "--fits", "40"]].concat())
    };
    check_rule(
        &run("squared_error,log_squared_error"),
        "MIN122",
        "fired",
        &["Trained here it comes to 0.", "linear model"],
    );
    check_rule(&run("squared_error,log_squared_error+ratio"), "MIN122", "silent", &["of the sum"]);
    check_rule(&run("squared_error,poisson_nll"), "MIN122", "silent", &["of the sum"]);
}

#[test]
fn weights_and_focal_losses_are_told() {
    let directory = TempDir::new().unwrap();
    let file = table(&directory, 1_500, |a, b, noise| f64::from(u8::from(a + b + 2.0 * noise > 1.6)));
    let run = |question: &str, losses: &str| {
        let arguments = [&file, "--target", "y", "--purpose", question, "--losses", losses];
        document(&[&arguments[..], &["--model", "linear", "--fits", "60"]].concat())
    };
    let weighted = run("probability", "cross_entropy,weighted_cross_entropy");
    check_rule(&weighted, "MIN161", "fired", &["Mean probability over the share of positives: ", "Rank correlation"]);
    check_rule(&weighted, "MIN162", "silent", &["No focal loss"]);
    check_rule(&weighted, "MIN163", "silent", &["no network was trained with weights"]);
    let costly = run("decision:miss=10,alarm=1", "cross_entropy,weighted_cross_entropy");
    check_rule(&costly, "MIN161", "fired", &["Mean probability"]);
    let undone = run("probability", "cross_entropy,weighted_cross_entropy+prior_shift,focal");
    check_rule(&undone, "MIN161", "silent", &["No loss with weights is read as it is"]);
    check_rule(&undone, "MIN162", "fired", &["γ 2", "Mean probability over the share of positives: "]);
    check_rule(&run("probability", "cross_entropy,brier"), "MIN161", "silent", &["No loss with weights"]);
    // The page says it, too.
    let page = compare(&[
        &file,
        "--target",
        "y",
        "--purpose",
        "probability",
        "--losses",
        "focal",
        "--model",
        "linear",
        "--fits",
        "40",
    ]);
    assert!(page.contains("MIN162 the output of a focal loss is no probability"), "{page}");
}

/// Classes that a network tells apart without a mistake, and classes that overlap.
#[test]
fn a_network_that_interpolates_under_weights_is_told() {
    let directory = TempDir::new().unwrap();
    let run = |file: &str| {
        let losses = "weighted_cross_entropy:weight=3";
        document(&[
            file,
            "--target",
            "y",
            "--purpose",
            "probability",
            "--losses",
            losses,
            "--model",
            "mlp",
            "--fits",
            "60",
        ])
    };
    let overlapping = run(&table(&directory, 900, |a, b, noise| f64::from(u8::from(a + b + noise > 0.0))));
    check_rule(&overlapping, "MIN163", "silent", &["the network is right on"]);
    let apart = run(&separable(&directory));
    check_rule(&apart, "MIN163", "fired", &["the network is right on 100 %"]);
}

/// Two classes on either side of a + b = 0, none near it.
fn separable(directory: &TempDir) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut text = "a,b,y\n".to_owned();
    let mut rows = 0;
    while rows < 900 {
        let [a, b] = [(); 2].map(|()| 2.0 * rng.random::<f64>() - 1.0);
        if (a + b).abs() > 0.4 {
            writeln!(text, "{a:.6},{b:.6},{}", u8::from(a + b > 0.0)).unwrap();
            rows += 1;
        }
    }
    let path = directory.path().join("separable.csv");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What is counted beside a decision is what its cost is made of, and each share has its interval.
#[test]
fn decisions_are_counted_beside_their_cost() {
    let directory = TempDir::new().unwrap();
    let file = table(&directory, 2_000, |a, b, noise| f64::from(u8::from(a + b + 2.0 * noise > 1.9)));
    let arguments = [&file, "--target", "y", "--purpose", "decision:miss=10,alarm=1", "--model", "linear"];
    let arguments =
        [&arguments[..], &["--losses", "cross_entropy,weighted_cross_entropy,hinge", "--fits", "50"]].concat();
    let found = document(&arguments);
    let model = &found["proof"]["models"][0];
    assert_eq!(model["splits"], 5);
    let number = |value: &Value| value.as_f64().unwrap();
    for (name, result) in model["results"].as_object().unwrap() {
        let decision = &result["decision"];
        let [rows, positives] = ["rows", "positives"].map(|key| number(&decision[key]));
        let [flagged, caught] = ["flagged", "caught"].map(|key| number(&decision["acted"][key]));
        let cost = (10.0 * (positives - caught) + flagged - caught) / rows;
        assert!((cost / number(&result["score"]) - 1.0).abs() < 0.01, "{name}: {cost} {}", result["score"]);
        for (share, value) in [("recall", caught / positives), ("precision", caught / flagged)] {
            let share = &decision["acted"][share];
            if value.is_nan() {
                assert!(share.is_null(), "{name}: {share}");
                continue;
            }
            let [found, low, high] = ["value", "low", "high"].map(|key| number(&share[key]));
            assert!((found - value).abs() < 1e-12 && low <= value && value <= high && low < high, "{name}: {share}");
        }
        let auc = &decision["auc"];
        assert!(0.6 < number(&auc["low"]) && number(&auc["low"]) < number(&auc["value"]), "{name}: {auc}");
        assert!(number(&auc["value"]) < number(&auc["high"]) && number(&auc["high"]) < 0.95, "{name}: {auc}");
        assert_eq!(decision["auc_difference"].is_null(), name == "cross_entropy", "{name}");
        assert_eq!(decision["acted"]["caught_from_half"].is_null(), name.starts_with("hinge"), "{name}");
    }
    // The page: the table, and where to act in the verdict, from the same numbers.
    let page = compare(&arguments);
    assert!(page.lines().all(|line| line.chars().count() <= 80 || line.contains("minimand compare")), "{page}");
    for words in ["decisions: ", "alarms right", "after one number: mean", "by DeLong"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let decision = &model["results"][found["verdict"]["loss"].as_str().unwrap()]["decision"];
    let said = found["verdict"]["because"].as_array().unwrap();
    let act =
        said.iter().filter_map(Value::as_str).find(|sentence| sentence.starts_with("Act from 0.0909 up")).unwrap();
    let caught = format!("{} of {} positives caught", decision["acted"]["caught"], decision["positives"]);
    assert!(act.contains(&caught), "{act} {caught}");
    assert!(act.contains(&format!("from 0.5 up it would be {}", decision["acted"]["caught_from_half"])), "{act}");
}

/// The area beside a loss is the metric's own where that is the area, and ordering losses have it, too.
#[test]
fn areas_are_those_of_the_metric() {
    let directory = TempDir::new().unwrap();
    let file = table(&directory, 1_000, |a, b, noise| f64::from(u8::from(a + b + 2.0 * noise > 1.0)));
    let arguments = [&file, "--target", "y", "--metric", "auc", "--losses", "cross_entropy,pairwise_logistic"];
    let arguments = [&arguments[..], &["--model", "linear", "--fits", "30"]].concat();
    let found = document(&arguments);
    for (name, result) in found["proof"]["models"][0]["results"].as_object().unwrap() {
        let (area, score) = (&result["decision"]["auc"]["value"], &result["score"]);
        assert!((area.as_f64().unwrap() - score.as_f64().unwrap()).abs() < 1e-12, "{name}: {area} {score}");
        assert!(result["decision"]["acted"].is_null());
    }
    let pair = &found["proof"]["models"][0]["pairs"][0];
    let difference = &found["proof"]["models"][0]["results"][pair["a"].as_str().unwrap()]["decision"]["auc_difference"];
    assert!(
        (difference["value"].as_f64().unwrap() - pair["mean"].as_f64().unwrap()).abs() < 1e-9,
        "{difference} {pair}"
    );
    assert!(compare(&arguments).contains("Linear model, decisions: "));
}
