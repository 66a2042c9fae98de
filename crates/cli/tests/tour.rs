//! The tour as its users meet it: real trainings, their figures, and what does not depend on the machine.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
    sync::LazyLock,
};

use approx::assert_abs_diff_eq;
use serde_json::Value;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minimand"));
    command.arg("tour").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

struct Run {
    output: Output,
    directory: tempfile::TempDir,
}

impl Run {
    fn of(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let out = directory.path().to_str().unwrap();
        let output = command(arguments).args(["--out", out]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "no bars, no warnings where nobody watches");
        assert_eq!(output.status.code(), Some(0));
        Self { output, directory }
    }

    fn text(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.directory.path().join(name)).unwrap()
    }

    fn numbers(&self) -> Value {
        serde_json::from_str(&self.file("numbers.json")).unwrap()
    }
}

/// The short run of all chapters, once for all tests.
static QUICK: LazyLock<Run> = LazyLock::new(|| Run::of(&["--quick", "--threads", "2"]));

#[track_caller]
fn mean(findings: &Value, figure: &str) -> f64 {
    findings[figure]["mean"].as_f64().unwrap()
}

/// What `examples/data/SOURCES.md` measured with linear models of another library, for any split.
#[test]
fn the_losses_estimate_what_they_are_known_to_estimate() {
    let numbers = QUICK.numbers();
    let chapter = &numbers["heavy_tail"];
    assert_eq!(chapter["data"]["rows"], 15_732);
    let [squared, absolute, huber, quantile, gamma, tweedie] = [0, 1, 2, 3, 4, 5].map(|loss| &chapter["losses"][loss]);
    for robust in [absolute, huber] {
        assert!(mean(robust, "mae_bottom_90") < 0.5 * mean(squared, "mae_bottom_90"), "the typical case");
        assert!(mean(robust, "mae") < mean(squared, "mae"));
        assert!((0.25..0.45).contains(&mean(robust, "totals_ratio")), "the budget is missed by far");
        assert!(mean(robust, "rmse_train") > mean(squared, "rmse_train"));
        assert!(mean(robust, "top_percent_gradient_last") < 0.03);
    }
    for of_the_mean in [squared, gamma, tweedie] {
        assert!((0.85..1.15).contains(&mean(of_the_mean, "totals_ratio")), "{of_the_mean}");
    }
    assert!((0.86..0.94).contains(&mean(quantile, "share_above_truth")), "nine of ten are below it");
    assert!(mean(squared, "top_percent_gradient_last") > 0.15, "one row in a hundred steers");
    assert!((0.45..0.55).contains(&mean(absolute, "share_above_truth")), "a median");
    // Every row pulls alike with absolute error.
    assert_abs_diff_eq!(mean(absolute, "top_percent_gradient_last"), 0.01, epsilon = 0.001);
}

#[test]
fn the_rare_class_is_ordered_by_all_and_caught_by_the_threshold() {
    let numbers = QUICK.numbers();
    let chapter = &numbers["rare_class"];
    assert_eq!(chapter["data"]["rows"], 20_185);
    assert_abs_diff_eq!(chapter["data"]["base_rate"].as_f64().unwrap(), 0.01, epsilon = 0.0001);
    let methods = chapter["methods"].as_array().unwrap();
    let find = |kind: &str, alpha: Option<f64>| {
        let wanted = |found: &&Value| {
            found["method"]["kind"] == kind && (alpha.is_none() || found["method"]["alpha"].as_f64() == alpha)
        };
        methods.iter().find(wanted).unwrap()
    };
    let base_rate = mean(&chapter["data"], "test_base_rate");
    for method in methods {
        assert!((0.6..0.9).contains(&mean(method, "roc_auc")), "{method}");
        assert!(mean(method, "pr_auc") > 2.0 * base_rate, "better than chance");
    }
    let [plain, tuned, weighted] = ["cross_entropy", "tuned_threshold", "weighted"].map(|kind| find(kind, None));
    assert!(mean(plain, "caught") < 3.0, "cross-entropy at one half catches next to nothing");
    assert!((0.5..2.0).contains(&(mean(plain, "mean_probability") / base_rate)), "and is calibrated");
    assert_eq!(plain["roc_auc"], tuned["roc_auc"], "tuning the threshold is no training");
    assert!(mean(tuned, "f1") > mean(plain, "f1"));
    assert!(mean(weighted, "flagged") > 300.0 && mean(weighted, "mean_probability") > 10.0 * base_rate);
    let [adjusted, at_base_rate] = ["logit_adjusted", "base_rate_threshold"].map(|kind| find(kind, None));
    for balanced in [adjusted, at_base_rate] {
        assert!(mean(balanced, "balanced_accuracy") > mean(plain, "balanced_accuracy") + 0.1, "what it is made for");
    }
    assert_eq!(plain["roc_auc"], at_base_rate["roc_auc"]);
    assert_eq!(mean(find("focal", Some(0.25)), "caught"), 0.0, "the detection paper's setting catches none");
    assert!(methods.iter().any(|found| found["method"]["alpha"] == 0.75));
}

/// What papers and scikit-learn's digits say of any split: only what is far beyond chance.
#[test]
fn over_fitted_probabilities_need_a_temperature() {
    let numbers = QUICK.numbers();
    let losses = numbers["calibration"]["losses"].as_array().unwrap();
    assert_eq!(losses.len(), 4);
    let [plain, focal, smooth] = [0, 1, 2].map(|loss| &losses[loss]);
    assert!(mean(plain, "temperature") > 1.2 && mean(plain, "temperature") > mean(focal, "temperature"));
    assert!(mean(smooth, "temperature") < mean(plain, "temperature"));
    for loss in losses {
        assert!((0.88..0.98).contains(&mean(loss, "accuracy")), "{loss}");
        assert!(mean(&loss["scaled"], "log_loss") < mean(&loss["trained"], "log_loss") + 0.01, "{loss}");
    }
    assert!(mean(&plain["scaled"], "miscalibration") < mean(&plain["trained"], "miscalibration"));
}

#[test]
fn wrong_labels_harm_and_the_matrix_helps() {
    let numbers = QUICK.numbers();
    let levels = numbers["noisy_labels"]["levels"].as_array().unwrap();
    assert_eq!(levels.len(), 5);
    let accuracy = |level: usize, loss: usize| mean(&levels[level]["losses"][loss], "accuracy");
    for loss in 0..5 {
        assert!(accuracy(0, loss) > 0.93, "of clean labels every loss learns");
    }
    assert!(accuracy(3, 0) < accuracy(0, 0) - 0.05 && accuracy(3, 3) > accuracy(3, 0));
    assert!(levels[0]["losses"][0]["learnt_wrong"].is_null());
}

#[test]
fn every_loss_orders_better_than_chance() {
    let numbers = QUICK.numbers();
    let sets = numbers["ranking"]["sets"].as_array().unwrap();
    assert_eq!((sets[0]["lists"].as_u64(), sets[1]["lists"].as_u64()), (Some(210), Some(400)));
    for set in sets {
        for loss in set["losses"].as_array().unwrap() {
            assert!(mean(loss, "ndcg") > set["by_chance"].as_f64().unwrap() + 0.05, "{loss}");
        }
    }
}

/// Far beyond chance, with few steps: a critic that is left behind teaches one picture, and a penalty teaches digits.
#[test]
fn a_hasty_generator_collapses_and_a_penalty_covers_the_digits() {
    let numbers = QUICK.numbers();
    let games = numbers["gan"]["games"].as_array().unwrap();
    let figure = |game: usize, name: &str| {
        let runs = games[game]["runs"].as_array().unwrap();
        runs.iter().map(|run| run[name].as_f64().unwrap()).sum::<f64>() / runs.len() as f64
    };
    assert_eq!(
        (games.len(), games[3]["loss"].as_str(), games[5]["loss"].as_str()),
        (6, Some("real_penalty"), Some("hasty"))
    );
    assert!(figure(3, "frechet") < 0.5 * figure(0, "frechet") && figure(3, "apart") > 0.6);
    assert!(figure(5, "frechet") > 3.0 * figure(3, "frechet") && figure(5, "apart") < 0.5);
    assert!(numbers["gan"]["truth"]["frechet"].as_f64().unwrap() < 2.0);
    assert!(numbers["gan"]["reader_accuracy"].as_f64().unwrap() > 0.9);
}

/// Averages are blurred and err less, whoever averages: the neighbours' half does not depend on a training.
#[test]
fn the_mean_of_what_could_be_is_blurred_and_errs_less() {
    let numbers = QUICK.numbers();
    let blur = &numbers["blur"];
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let neighbours = &blur["neighbours"];
    assert!(number(&neighbours["mean"]["squared"]) < 0.7 * number(&neighbours["single"]));
    let tried = neighbours["tried"].as_array().unwrap();
    assert!(tried.windows(2).all(|pair| number(&pair[1]["sharpness"]) < number(&pair[0]["sharpness"])));
    for run in blur["completions"][0]["runs"].as_array().unwrap() {
        assert!(number(&run["to_mean"]) < number(&run["squared"]) && number(&run["sharpness"]) < 0.5, "{run}");
    }
    assert_eq!(blur["reconstructions"].as_array().unwrap().len(), 5);
    assert!(number(&blur["judge_accuracy"]) > 0.7);
}

/// By the theory of Lucas et al. 2019 and for any seed: a price above all eigenvalues empties the code, and a low one does not.
#[test]
fn units_collapse_where_the_eigenvalues_say_so() {
    let numbers = QUICK.numbers();
    let chapter = &numbers["vae"];
    let outcome = |network: &str, beta: f64| {
        let found = chapter["outcomes"].as_array().unwrap().iter();
        let mut of = found.filter(|found| found["network"] == network && found["objective"]["beta"] == beta);
        of.next().unwrap()["runs"].as_array().unwrap().clone()
    };
    assert!(chapter["spectrum"]["eigenvalues"][0].as_f64().unwrap() < 16.0 * 16.0);
    for network in ["linear", "deep"] {
        for run in outcome(network, 16.0) {
            assert_eq!((run["active"].as_u64(), run["used"].as_u64()), (Some(0), Some(0)), "{network}");
            assert!(run["variety"].as_f64().unwrap() < 0.03, "the reconstructions are the mean picture");
        }
        for run in outcome(network, 1.0) {
            assert!(run["active"].as_u64().unwrap() > 8, "{network}: {run}");
            assert!(run["likelihood"].as_f64() > run["elbo"].as_f64(), "more codes tighten the bound");
        }
    }
}

/// Letters that no network saw are found, and the hardest triplets end in one place, even after few steps.
#[test]
fn unseen_letters_are_found_and_the_hardest_triplets_collapse() {
    let numbers = QUICK.numbers();
    let losses = numbers["embeddings"]["losses"].as_array().unwrap();
    let figure = |loss: &str, name: &str| {
        let found = losses.iter().find(|found| found["loss"] == loss).unwrap();
        let runs = found["runs"].as_array().unwrap();
        runs.iter().map(|run| run[name].as_f64().unwrap()).sum::<f64>() / runs.len() as f64
    };
    assert_eq!(losses.len(), 13);
    assert!(figure("easy_positive", "recall") > 0.8 && figure("easy_positive", "apart") > 1.0);
    assert!(figure("batch_hard", "recall") < 0.8 && figure("batch_hard", "apart") < 0.3);
    let lda = &numbers["embeddings"]["yardsticks"][3];
    assert_eq!(lda["yardstick"], "discriminant");
    assert!((0.873..0.9).contains(&lda["recall"].as_f64().unwrap()), "{lda}");
}

#[test]
fn the_list_names_every_chapter() {
    let output = command(&["--list"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for name in
        ["heavy-tail", "rare-class", "blur", "vae", "gan", "embeddings", "ranking", "calibration", "noisy-labels"]
    {
        assert!(text.contains(&format!("\n{name} ")), "{text}");
    }
}

/// Ctrl-C leaves the report of what was finished.
#[cfg(unix)]
#[test]
fn an_interrupted_tour_leaves_the_finished_chapters() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().to_str().unwrap();
    let mut child = command(&["--quick", "--out", out]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("2. ")), "the second chapter begins");
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    // Read on: a closed pipe would end the tour in another way.
    assert!(lines.any(|line| line.unwrap().starts_with("Report: ")));
    lines.for_each(drop);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.starts_with("minimand: stopped: 1 of 9 chapters finished, their report is "), "{said}");
    let numbers = fs::read_to_string(directory.path().join("numbers.json")).unwrap();
    let numbers: Value = serde_json::from_str(&numbers).unwrap();
    assert!(numbers.get("heavy_tail").is_some() && numbers.get("rare_class").is_none());
    assert!(fs::read_to_string(directory.path().join("report.html")).unwrap().contains("heavy tail"));
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let one = Run::of(&["--quick", "--threads", "1"]);
    assert_eq!(one.file("numbers.json"), QUICK.file("numbers.json"));
    assert_eq!(one.file("report.html"), QUICK.file("report.html"));
}

#[test]
fn the_seed_changes_the_figures() {
    let other = Run::of(&["heavy-tail", "--quick", "--seed", "1"]);
    assert_ne!(other.numbers()["heavy_tail"]["losses"], QUICK.numbers()["heavy_tail"]["losses"]);
    assert!(other.numbers().get("rare_class").is_none());
    assert!(!other.text().contains("one-percent class"));
}

#[test]
fn text_and_report_hold_every_chapter() {
    let text = QUICK.text();
    assert!(text.starts_with("1. Squared error and the heavy tail\n"));
    let titles = ["2. Cross-entropy and", "7. The order of", "8. Probabilities that", "9. Labels of which"];
    let places = titles.map(|title| text.find(&format!("\n\n{title}")).unwrap());
    assert!(places.is_sorted());
    assert!(!text.contains("NaN") && !text.contains("inf)"), "{text}");
    assert!(text.lines().all(|line| line.starts_with("Report: ") || line.chars().count() <= 80), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("absolute error, Huber loss and quantile loss miss the budget"), "{text}");
    assert!(!text.contains("NaN") && !text.contains('?'.to_string().repeat(2).as_str()));

    let html = QUICK.file("report.html");
    let figures: Vec<String> = (fs::read_dir(QUICK.directory.path()).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".svg"))
        .collect();
    assert_eq!(html.matches("<svg ").count(), figures.len());
    for name in figures {
        let svg = QUICK.file(&name);
        assert!(
            svg.starts_with("<svg ") && svg.contains("fill=\"#ffffff\"") && svg.trim_end().ends_with("</svg>"),
            "{name}"
        );
        assert!(svg.contains("xmlns=\"http://www.w3.org/2000/svg\"") && !svg.contains("NaN"), "{name}");
    }
    assert!(Path::new(QUICK.directory.path()).join("heavy-tail-gradient-share.svg").exists());
}

#[test]
fn a_reader_that_leaves_after_the_first_line_ends_the_tour() {
    let mut child = command(&["--quick"]).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "1. Squared error and the heavy tail\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
