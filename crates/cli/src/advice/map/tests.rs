use approx::assert_relative_eq;

use super::*;
use crate::advice::{
    map::fits::metrics,
    metric::METRICS,
    purpose::{Costs, PURPOSES},
};

const KINDS: [TargetKind; 8] = [
    TargetKind::Real,
    TargetKind::Amount,
    TargetKind::Count,
    TargetKind::Share,
    TargetKind::Binary,
    TargetKind::Ordered,
    TargetKind::Classes,
    TargetKind::Relevance,
];

fn domain(kind: TargetKind) -> Domain {
    Domain { kind, zeros: false }
}

#[track_caller]
fn aim(purpose: &str, domain: Domain) -> Aim {
    question(Some(purpose.parse().unwrap()), None, domain).unwrap().unwrap()
}

#[track_caller]
fn judged(metric: &str, domain: Domain) -> Aim {
    question(None, Some(metric.parse().unwrap()), domain).unwrap().unwrap()
}

#[test]
fn a_sum_is_judged_by_the_lowest_degree_that_the_targets_allow() {
    let metric = |kind, zeros| aim("total", Domain { kind, zeros }).metric;
    assert_eq!(metric(TargetKind::Amount, false), Metric::GammaDeviance);
    assert_eq!(metric(TargetKind::Amount, true), Metric::PoissonDeviance);
    assert_eq!(metric(TargetKind::Count, false), Metric::PoissonDeviance);
    assert_eq!(metric(TargetKind::Real, true), Metric::Rmse);
    assert_eq!(metric(TargetKind::Share, true), Metric::Rmse);
}

#[test]
fn every_purpose_has_its_metric() {
    for (purpose, kind, metric) in [
        ("typical", TargetKind::Real, "mae"),
        ("typical", TargetKind::Ordered, "mae"),
        ("quantile:0.8", TargetKind::Amount, "pinball:0.8"),
        ("stock:under=3,over=1", TargetKind::Count, "pinball:0.75"),
        ("probability", TargetKind::Binary, "log_loss"),
        ("decision", TargetKind::Binary, "f1"),
        ("decision", TargetKind::Classes, "accuracy"),
        ("decision:miss=5,alarm=1", TargetKind::Binary, "cost:miss=5,alarm=1"),
        ("ranking", TargetKind::Binary, "auc"),
        ("ranking", TargetKind::Relevance, "ndcg"),
        ("interval:0.8", TargetKind::Share, "interval_score:0.8"),
        ("distribution", TargetKind::Count, "log_score"),
    ] {
        assert_eq!(aim(purpose, domain(kind)).metric.to_string(), metric, "{purpose}");
    }
}

/// Whatever fits has an answer, and nothing else has; what is consistent estimates what was asked for.
#[test]
fn the_map_has_no_holes() {
    for kind in KINDS {
        for zeros in [false, true] {
            let domain = Domain { kind, zeros };
            for purpose in purposes(kind) {
                let aim = question(Some(purpose), None, domain).unwrap().unwrap();
                assert_eq!(aim.purpose, purpose);
                assert!(!aim.consistent.is_empty(), "{purpose} of {}", kind.name());
                let alike = |known: &Metric| std::mem::discriminant(known) == std::mem::discriminant(&aim.metric);
                assert!(metrics(kind).iter().any(alike), "{} of {}", aim.metric, kind.name());
            }
            for metric in metrics(kind) {
                match question(None, Some(metric), domain) {
                    Ok(aim) => {
                        let aim = aim.unwrap();
                        assert!(!aim.consistent.is_empty() || !aim.warning.is_empty(), "{metric} of {}", kind.name());
                        assert!(question(Some(aim.purpose), None, domain).is_ok(), "{metric} serves {}", aim.purpose);
                    }
                    Err(error) => assert!(zeros && matches!(error, QuestionError::Zeros { .. }), "{error}"),
                }
            }
        }
    }
    assert_eq!(question(None, None, domain(TargetKind::Real)), Ok(None));
}

#[test]
fn consistent_losses_of_numbers_estimate_the_functional() {
    for kind in [TargetKind::Real, TargetKind::Amount, TargetKind::Count] {
        for zeros in [false, true] {
            for metric in metrics(kind) {
                let Ok(Some(aim)) = question(None, Some(metric), Domain { kind, zeros }) else { continue };
                for objective in &aim.consistent {
                    let law = aim.functional == Functional::Law;
                    let same = objective.estimates() == Some(aim.functional)
                        // Floating point: 0.95 − 0.05 is not quite 0.9.
                        || matches!((objective.estimates(), aim.functional),
                            (Some(Functional::Interval(a)), Functional::Interval(b)) if (a - b).abs() < 1e-12);
                    assert!(law || same, "{} for {metric}", objective.name());
                    assert!(aim.admits(*objective, None), "{} for {metric}", objective.name());
                }
                for (objective, repair) in &aim.repaired {
                    assert!(aim.admits(*objective, Some(*repair)));
                }
            }
        }
    }
}

/// The catalogue states which statistic each loss estimates, and its own tests hold that by numbers.
#[test]
fn the_catalogue_agrees_with_the_map() {
    let statistics = [
        (Functional::Mean, "mean"),
        (Functional::Median, "median"),
        (Functional::Quantile(0.9), "quantile"),
        (Functional::Expectile(0.9), "expectile"),
        (Functional::MedianByInverse, "median with weights 1/|target|"),
        (Functional::LogMean, "geometric mean of 1 + target, less 1"),
    ];
    let mut checked = 0;
    for kind in [TargetKind::Real, TargetKind::Amount, TargetKind::Count] {
        for metric in metrics(kind) {
            let aim = question(None, Some(metric), domain(kind)).unwrap().unwrap();
            let Some((_, statistic)) = statistics.iter().find(|(functional, _)| *functional == aim.functional) else {
                continue;
            };
            for objective in aim.consistent {
                let Ok(entry) = crate::losses::find(objective.name()) else { continue };
                let stated = entry.estimates.map(|estimate| estimate.statistic.name());
                assert_eq!(stated, Some(*statistic), "{} for {metric}", objective.name());
                checked += 1;
            }
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn losses_that_cannot_take_a_zero_are_not_proposed_where_there_are_zeros() {
    let with_zeros = Domain { kind: TargetKind::Amount, zeros: true };
    for purpose in ["total", "distribution"] {
        for objective in aim(purpose, with_zeros).consistent {
            let refused = [
                Objective::Gamma,
                Objective::InverseGaussian,
                Objective::LogNormal,
                Objective::GammaLikelihood,
                Objective::LogSquaredError,
            ];
            assert!(!refused.contains(&objective), "{}", objective.name());
        }
    }
    assert!(aim("total", domain(TargetKind::Amount)).consistent.contains(&Objective::Gamma));
}

#[test]
fn a_loss_that_aims_elsewhere_is_admitted_only_with_its_repair() {
    let total = aim("total", domain(TargetKind::Amount));
    assert!(total.admits(Objective::LogSquaredError, Some(Repair::Ratio)));
    assert!(!total.admits(Objective::LogSquaredError, None));
    assert!(!total.admits(Objective::Huber { delta: 3.0 }, None));
    let probability = aim("probability", domain(TargetKind::Binary));
    assert!(probability.admits(Objective::Focal { gamma: 2.0, alpha: 0.75 }, Some(Repair::InverseFocal)));
    assert!(!probability.admits(Objective::Focal { gamma: 2.0, alpha: 0.75 }, None));
    let level = aim("quantile:0.9", domain(TargetKind::Amount));
    assert!(level.admits(Objective::Quantile { level: 0.9 }, None));
    assert!(!level.admits(Objective::Quantile { level: 0.5 }, None));
}

#[test]
fn refusals_name_what_fits() {
    let refused =
        |purpose: &str, kind| question(Some(purpose.parse().unwrap()), None, domain(kind)).unwrap_err().to_string();
    assert_eq!(
        refused("probability", TargetKind::Amount),
        "--purpose probability does not fit a target of amounts from 0: total, typical, quantile:0.9, interval:0.9 and \
         distribution do; the chance of passing a limit is read off the distribution"
    );
    assert_eq!(
        refused("total", TargetKind::Binary),
        "--purpose total does not fit a target of two classes: probability, decision and ranking do; a sum over two \
         classes is the sum of their probabilities"
    );
    assert!(
        refused("decision:miss=1,alarm=2", TargetKind::Classes).ends_with("two costs need a target of two classes")
    );
    assert!(refused("typical", TargetKind::Relevance).ends_with("relevance in lists: ranking does"));
    let metric = |metric: &str, kind, zeros| {
        question(None, Some(metric.parse().unwrap()), Domain { kind, zeros }).unwrap_err().to_string()
    };
    assert_eq!(
        metric("auc", TargetKind::Classes, false),
        "--metric auc does not fit a target of classes without an order: log_loss, brier, accuracy and balanced_accuracy do"
    );
    assert_eq!(
        metric("gamma_deviance", TargetKind::Amount, true),
        "--metric gamma_deviance has no value where the target is 0, as it is in some rows: poisson_deviance and \
         tweedie_deviance:1.5 do"
    );
    assert!(metric("poisson_deviance", TargetKind::Real, false).contains("numbers of either sign"));
    assert!(metric("mape", TargetKind::Real, true).ends_with("wape and mae do"));
}

/// Every purpose and metric of the command line fits some target, so that none is always refused.
#[test]
fn nothing_is_always_refused() {
    for text in METRICS.split(", ") {
        let text = text.replace(":P", ":1.5").replace(":Q", ":0.9").replace(":T", ":0.8");
        let text = text.replace("SHARE", "0.1").replace("M,alarm=A", "2,alarm=1").replace(":K", ":10");
        let metric: Metric = text.parse().unwrap();
        assert!(KINDS.iter().any(|&kind| question(None, Some(metric), domain(kind)).is_ok()), "{metric}");
    }
    for text in PURPOSES.split(", ") {
        let text = text.replace(":Q", ":0.9").replace("SHARE", "0.9");
        let text = text.replace("M,alarm=A", "2,alarm=1").replace("U,over=O", "2,over=1");
        let purpose: Purpose = text.parse().unwrap();
        assert!(KINDS.iter().any(|&kind| question(Some(purpose), None, domain(kind)).is_ok()), "{purpose}");
    }
}

#[test]
fn decisions() {
    let binary = domain(TargetKind::Binary);
    let threshold = |metric: &str, probabilities: &[f64]| judged(metric, binary).decode.threshold(probabilities);
    assert_relative_eq!(threshold("cost:miss=5000,alarm=250", &[]).unwrap(), 250.0 / 5250.0);
    assert_eq!(threshold("accuracy", &[0.1]), Some(0.5));
    assert_relative_eq!(threshold("balanced_accuracy", &[0.1, 0.2, 0.6]).unwrap(), 0.3, epsilon = 1e-12);
    assert_eq!(threshold("auc", &[0.1]), None);
    let acted = |share: &str| {
        let scores = [0.3, 0.9, 0.1, 0.5];
        let least = threshold(share, &scores).unwrap();
        scores.into_iter().filter(|&score| score > least).count()
    };
    assert_eq!((acted("recall_at:0.25"), acted("recall_at:0.5"), acted("recall_at:0.01")), (1, 2, 1));
    assert_eq!(judged("mae", domain(TargetKind::Ordered)).decode, Decode::MedianClass);
    assert_eq!(judged("quadratic_kappa", domain(TargetKind::Ordered)).decode, Decode::MeanWithCuts);
    assert_eq!(judged("accuracy", domain(TargetKind::Ordered)).decode, Decode::MostProbable);
    assert_eq!(aim("total", domain(TargetKind::Real)).decode, Decode::AsItIs);
    assert_eq!(judged("cost:miss=5000,alarm=250", binary).decode.describe(), "Act above a probability of 0.0476");
}

/// The expected F1 over all thresholds, counted case by case, is best at half of itself.
#[test]
fn the_threshold_of_f1_is_half_of_the_best_f1() {
    let probabilities: Vec<f64> = (0..200).map(|place| (f64::from(place) / 200.0).powi(3)).collect();
    let expected = |threshold: f64| {
        let (mut caught, mut acted) = (0.0, 0.0);
        for &probability in probabilities.iter().filter(|&&probability| probability > threshold) {
            caught += probability;
            acted += 1.0;
        }
        2.0 * caught / (probabilities.iter().sum::<f64>() + acted)
    };
    let threshold = Decode::AboveHalfBestF1.threshold(&probabilities).unwrap();
    let best = (0..1000).map(|step| expected(f64::from(step) / 1000.0)).fold(0.0, f64::max);
    assert_relative_eq!(threshold, best / 2.0, epsilon = 1e-12);
    assert_relative_eq!(expected(threshold), best, epsilon = 1e-12);
    assert_eq!(Decode::AboveHalfBestF1.threshold(&[0.0, 0.0]), None);
    assert_eq!(Decode::AboveHalfBestF1.threshold(&[]), None);
}

fn asked(kind: TargetKind, answer: &str) -> (Option<Purpose>, String) {
    let mut shown = Vec::new();
    let purpose = ask(kind, &mut answer.as_bytes(), &mut shown).unwrap();
    (purpose, String::from_utf8(shown).unwrap())
}

#[test]
fn the_question_shows_the_answers_that_fit() {
    let (purpose, shown) = asked(TargetKind::Amount, "1\n");
    assert_eq!(purpose, Some(Purpose::Total));
    let expected = "\
What will the number be used for?
  1  it is added up: a budget, a load
  2  the typical case
  3  to be safe in 90 % of the cases (3 95: in 95 %)
  4  the whole range (4 90: a range that holds 90 % of the cases)
1 to 4, or Enter for a row of advice on each: ";
    assert_eq!(shown, expected);
    assert!(asked(TargetKind::Binary, "").1.contains("2  an action with costs"));
    for kind in KINDS {
        assert!(asked(kind, "").1.lines().all(|line| line.chars().count() <= 80));
    }
}

#[test]
fn answers_are_understood() {
    let answer = |kind, line: &str| asked(kind, line).0;
    assert_eq!(answer(TargetKind::Amount, "3 95\n"), Some(Purpose::Quantile(0.95)));
    assert_eq!(answer(TargetKind::Amount, "3. 95%\n"), Some(Purpose::Quantile(0.95)));
    assert_eq!(answer(TargetKind::Amount, "3\n"), Some(Purpose::Quantile(0.9)));
    assert_eq!(answer(TargetKind::Amount, "4 80\n"), Some(Purpose::Interval(0.8)));
    assert_eq!(answer(TargetKind::Amount, "interval:0.5\n"), Some(Purpose::Interval(0.5)));
    assert_eq!(answer(TargetKind::Count, "stock:under=3,over=1"), Some(Purpose::Quantile(0.75)));
    let costs = Purpose::Decision(Some(Costs { miss: 5000.0, alarm: 250.0 }));
    assert_eq!(answer(TargetKind::Binary, "2 5000 250\r\n"), Some(costs));
    assert_eq!(answer(TargetKind::Binary, "2\n"), Some(Purpose::Decision(None)));
    for silence in ["", "\n", "  \n2\n"] {
        assert_eq!(answer(TargetKind::Binary, silence), None);
    }
}

#[test]
fn wrong_answers_are_asked_again() {
    for (line, said) in [
        ("9\n", "9 is none of them"),
        ("0\n", "0 is none of them"),
        ("3 120\n", "120 is no share such as 95"),
        ("3 x\n", "`x` is no number"),
        ("1 5\n", "1 stands alone"),
        ("probability\n", "probability does not fit this target"),
        ("money\n", "the purposes are total"),
        ("quantile\n", "quantile needs its level"),
    ] {
        let (purpose, shown) = asked(TargetKind::Amount, &format!("{line}2\n"));
        assert_eq!(purpose, Some(Purpose::Typical), "{line}");
        assert!(shown.contains(said) && shown.matches("or Enter").count() == 2, "{shown}");
    }
    assert!(asked(TargetKind::Binary, "2 5\n").1.contains("two costs above 0"));
    assert!(asked(TargetKind::Binary, "2 5 -1\n").1.contains("two costs above 0"));
}
