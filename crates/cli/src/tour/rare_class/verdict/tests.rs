use super::*;
use crate::tour::rare_class::sample;

fn change(found: &mut RareClass, wanted: impl Fn(&Method) -> bool, change: impl Fn(&mut MethodFindings)) {
    let mut changed = 0;
    for findings in found.methods.iter_mut().filter(|findings| wanted(&findings.method)) {
        change(findings);
        changed += 1;
    }
    assert!(changed > 0);
}

fn values(values: [f64; 3]) -> Spread {
    Spread::of(values.to_vec())
}

#[test]
fn the_usual_case() {
    let expected = [
        "Cross-entropy at threshold 0.5 is right on 98.9 % of the rows and catches 2 ± 1 of 55 positives; flagging \
         nobody is right on 98.9 %, the same within the spread of the seeds: accuracy says little about a rare class.",
        "Focal loss does not help beyond moving the threshold: its best setting on the validation rows, focal \
         α=0.9, γ=2, reaches F1 0.17 ± 0.03 on the test rows (caught 13 ± 1, flagged 98 ± 1), plain cross-entropy \
         with a threshold tuned on the same validation rows 0.17 ± 0.02 (caught 14 ± 1, flagged 110 ± 1); mean ± \
         standard deviation over 3 seeds.",
        "Focal α=0.25, γ=2 catches none of the positives, plain cross-entropy 2: α below one half weighs the rare \
         class down.",
        "Class weights did worse than the tuned threshold in F1 (0.07 ± 0.01 against 0.17 ± 0.02): 41 ± 1 caught, \
         1,150 ± 1 flagged.",
        "Logit adjustment did worse than the tuned threshold in F1 (0.07 ± 0.01 against 0.17 ± 0.02): 42 ± 1 caught, \
         1,120 ± 1 flagged.",
        "Where both classes count alike, logit adjustment in training is better than a threshold of cross-entropy at \
         the base rate (balanced accuracy 0.736 ± 0.010 against 0.735 ± 0.010).",
        "Focal loss puts the rows in no better and no worse order than cross-entropy (PR-AUC 0.101 ± 0.010 against \
         0.100 ± 0.012).",
        "Where 1.1 % of the rows are positive, cross-entropy says 1.1 % on average; every other loss is \
         off, with 10 % to 34 %.",
    ];
    assert_eq!(verdict(&sample::found()), expected);
}

#[test]
fn focal_loss_is_praised_only_where_it_wins_and_blamed_where_it_loses() {
    let mut found = sample::found();
    change(&mut found, Method::is_focal, |findings| findings.f1 = values([0.30, 0.31, 0.33]));
    assert!(verdict(&found)[1].starts_with("Focal loss helps here: "));
    change(&mut found, Method::is_focal, |findings| findings.f1 = values([0.01, 0.02, 0.03]));
    assert!(verdict(&found)[1].starts_with("Focal loss makes it worse than moving the threshold: "));
    change(&mut found, Method::is_focal, |findings| findings.f1 = values([0.01, 0.30, 0.9]));
    assert!(verdict(&found)[1].starts_with("Focal loss does not help beyond "));
}

#[test]
fn the_validation_rows_choose_the_focal_setting_and_the_test_rows_do_not() {
    let mut found = sample::found();
    let quarter = |method: &Method| matches!(method, Method::Focal { alpha, .. } if *alpha == 0.25);
    change(&mut found, quarter, |findings| findings.f1 = values([0.9, 0.9, 0.9]));
    assert_eq!(found.chosen_focal().unwrap().method, Method::Focal { alpha: 0.9, gamma: 2.0 });
    change(&mut found, quarter, |findings| findings.validation_f1 = values([0.9, 0.9, 0.9]));
    assert_eq!(found.chosen_focal().unwrap().method, Method::Focal { alpha: 0.25, gamma: 2.0 });
}

#[test]
fn a_low_alpha_is_warned_of_only_where_it_catches_less() {
    let mut found = sample::found();
    let low = |method: &Method| matches!(method, Method::Focal { alpha, .. } if *alpha < 0.5);
    change(&mut found, low, |findings| findings.caught = values([1.0, 2.0, 3.0]));
    assert!(!verdict(&found).iter().any(|sentence| sentence.contains("α below one half")));
    change(&mut found, low, |findings| findings.caught = values([0.0, 1.0, 2.0]));
    change(&mut found, |method| *method == Method::CrossEntropy, |findings| findings.caught = values([2.0, 3.0, 4.0]));
    assert!(verdict(&found)[2].starts_with("Focal α=0.25, γ=2 catches 1 of them, plain cross-entropy 3: "));
    change(&mut found, |_| true, |findings| findings.caught = values([0.0; 3]));
    assert!(
        verdict(&found)[2]
            .starts_with("Focal α=0.25, γ=2 catches none of the positives, as does plain cross-entropy: ")
    );
}

#[test]
fn accuracy_order_and_calibration_follow_the_figures() {
    let mut found = sample::found();
    let plain = |method: &Method| *method == Method::CrossEntropy;
    change(&mut found, plain, |findings| {
        findings.accuracy = values([0.995, 0.995, 0.995]);
        findings.pr_auc = values([0.3, 0.3, 0.3]);
        findings.mean_probability = values([0.05, 0.05, 0.05]);
    });
    let said = verdict(&found);
    assert!(said[0].ends_with("flagging nobody is right on 98.9 %, less than that."), "{}", said[0]);
    assert!(said[6].starts_with("Focal loss orders the rows worse than cross-entropy"), "{}", said[6]);
    assert!(said[7].contains("says 5.0 % on average, and is off; every "), "{}", said[7]);

    let mut mixed = sample::found();
    change(
        &mut mixed,
        |method| matches!(method, Method::Weighted { .. }),
        |findings| {
            findings.mean_probability = values([0.012, 0.012, 0.012]);
        },
    );
    let said = verdict(&mixed);
    assert!(said[7].ends_with("4 of the 5 other losses are off, with 10 % to 34 %."), "{}", said[7]);

    let mut calm = sample::found();
    change(&mut calm, |_| true, |findings| findings.mean_probability = values([0.011, 0.011, 0.011]));
    assert_eq!(
        verdict(&calm)[7],
        "Where 1.1 % of the rows are positive, cross-entropy says 1.1 % on average; the other losses are near \
         it, too."
    );
}

#[test]
fn methods_that_were_not_run_are_not_spoken_of() {
    let mut found = sample::found();
    found.methods.retain(|findings| findings.method == Method::CrossEntropy);
    assert_eq!(verdict(&found).len(), 2);
    assert!(verdict(&found)[1].ends_with("cross-entropy says 1.1 % on average."));
    found.methods.clear();
    assert!(verdict(&found).is_empty());
}

#[test]
fn logit_adjustment_is_measured_by_both_classes() {
    let mut found = sample::found();
    let adjusted = |method: &Method| matches!(method, Method::LogitAdjusted { .. });
    change(&mut found, adjusted, |findings| findings.balanced_accuracy = values([0.90, 0.91, 0.92]));
    let better = "Where both classes count alike, logit adjustment in training is better than a threshold";
    assert!(verdict(&found)[5].starts_with(better), "{}", verdict(&found)[5]);
    change(&mut found, adjusted, |findings| findings.balanced_accuracy = values([0.50, 0.51, 0.52]));
    assert!(verdict(&found)[5].contains(" is worse than a threshold"), "{}", verdict(&found)[5]);
    change(&mut found, adjusted, |findings| findings.f1 = values([0.50, 0.51, 0.52]));
    assert!(verdict(&found)[4].starts_with("Logit adjustment beat the tuned threshold in F1 (0.51 "));
}
