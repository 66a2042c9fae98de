//! What the figures say of losses for a rare class, with the spread of the seeds, also where the answer is "nothing".

use super::{Method, MethodFindings, RareClass};
use crate::{
    metrics::{Difference, Spread},
    page::capitalised,
    terminal::number::{Unit, count, percent, spread},
    tour::{contrast::Contrast, listed, seeds_in_words},
};

/// Mean probability over base rate, from which on (or below its reciprocal) probabilities are called off.
const OFF_BY: f64 = 1.5;

/// The verdict, sentence by sentence; methods that were not run are not spoken of.
pub fn verdict(found: &RareClass) -> Vec<String> {
    let sentences = [
        accuracy(found),
        against_tuned(found),
        low_alpha(found),
        rebalanced(found, "class weights", |method| matches!(method, Method::Weighted { .. })),
        rebalanced(found, "logit adjustment", |method| matches!(method, Method::LogitAdjusted { .. })),
        balanced(found),
        order(found),
        calibration(found),
    ];
    sentences.into_iter().flatten().collect()
}

/// How much accuracy says where one row in a hundred is positive.
fn accuracy(found: &RareClass) -> Option<String> {
    let plain = found.find(|method| *method == Method::CrossEntropy)?;
    let nobody = Spread::of(found.data.test_base_rate.values().iter().map(|rate| 1.0 - rate).collect());
    let comparison = match side(found, &plain.accuracy, &nobody) {
        Difference::Higher => "less than that",
        Difference::Lower => "even more than that",
        Difference::Unclear => "the same within the spread of the seeds",
    };
    let gained = plain.accuracy.mean() - nobody.mean();
    let lesson =
        if gained < 0.5 * found.data.test_base_rate.mean() { ": accuracy says little about a rare class" } else { "" };
    Some(format!(
        "Cross-entropy at threshold 0.5 is right on {} of the rows and catches {} of {} positives; flagging nobody is \
         right on {}, {comparison}{lesson}.",
        percent(plain.accuracy.mean()),
        if plain.caught.values().iter().all(|&caught| caught == 0.0) {
            "none".to_owned()
        } else {
            spread(&plain.caught, Unit::Count)
        },
        count(found.data.test_positives.mean().round()),
        percent(nobody.mean()),
    ))
}

/// Focal loss against the plain loss with a tuned threshold.
fn against_tuned(found: &RareClass) -> Option<String> {
    let tuned = found.find(|method| *method == Method::TunedThreshold)?;
    let focal = found.chosen_focal()?;
    let judgement = match side(found, &focal.f1, &tuned.f1) {
        Difference::Higher => "Focal loss helps here",
        Difference::Lower => "Focal loss makes it worse than moving the threshold",
        Difference::Unclear => "Focal loss does not help beyond moving the threshold",
    };
    let test = if found.setting.seeds.len() == 1 {
        "one seed, so take it as a hint".to_owned()
    } else {
        format!("mean ± standard deviation over {}", seeds_in_words(found.setting.seeds.len()))
    };
    Some(format!(
        "{judgement}: its best setting on the validation rows, {}, reaches F1 {} on the test rows (caught {}, flagged \
         {}), plain cross-entropy with a threshold tuned on the same validation rows {} (caught {}, flagged {}); {test}.",
        focal.method.name(),
        two(&focal.f1),
        spread(&focal.caught, Unit::Count),
        spread(&focal.flagged, Unit::Count),
        two(&tuned.f1),
        spread(&tuned.caught, Unit::Count),
        spread(&tuned.flagged, Unit::Count),
    ))
}

/// Focal settings that weigh the rare class down, α below one half, where they catch less than the plain loss.
fn low_alpha(found: &RareClass) -> Option<String> {
    let plain = found.find(|method| *method == Method::CrossEntropy)?;
    let low = |method: &Method| matches!(method, Method::Focal { alpha, .. } if *alpha < 0.5);
    let worse: Vec<&MethodFindings> = (found.methods.iter())
        .filter(|findings| low(&findings.method))
        .filter(|findings| {
            findings.caught.mean() == 0.0 || side(found, &findings.caught, &plain.caught) == Difference::Lower
        })
        .collect();
    if worse.is_empty() {
        return None;
    }
    let names: Vec<String> = worse.iter().map(|findings| findings.method.name()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let most = worse.iter().map(|findings| findings.caught.mean()).fold(0.0, f64::max);
    let catch = match (most, worse.len()) {
        (0.0, 1) => "catches none of the positives".to_owned(),
        (0.0, _) => "catch none of the positives".to_owned(),
        (most, 1) => format!("catches {} of them", count(most)),
        (most, _) => format!("catch at most {} of them", count(most)),
    };
    let compared = match plain.caught.mean() {
        0.0 => "as does plain cross-entropy".to_owned(),
        caught => format!("plain cross-entropy {}", count(caught)),
    };
    Some(format!(
        "{} {catch}, {compared}: α below one half weighs the rare class down.",
        capitalised(&listed(&names, "and")),
    ))
}

/// A loss that counts the classes alike, against the tuned threshold.
fn rebalanced(found: &RareClass, name: &str, wanted: impl Fn(&Method) -> bool) -> Option<String> {
    let tuned = found.find(|method| *method == Method::TunedThreshold)?;
    let method = found.find(wanted)?;
    let judgement = match side(found, &method.f1, &tuned.f1) {
        Difference::Higher => "beat the tuned threshold",
        Difference::Lower => "did worse than the tuned threshold",
        Difference::Unclear => "did no better and no worse than the tuned threshold",
    };
    Some(format!(
        "{} {judgement} in F1 ({} against {}): {} caught, {} flagged.",
        capitalised(name),
        two(&method.f1),
        two(&tuned.f1),
        spread(&method.caught, Unit::Count),
        spread(&method.flagged, Unit::Count),
    ))
}

/// Logit adjustment in training against the same in the threshold, by what it is made for.
fn balanced(found: &RareClass) -> Option<String> {
    let trained = found.find(|method| matches!(method, Method::LogitAdjusted { .. }))?;
    let threshold = found.find(|method| *method == Method::BaseRateThreshold)?;
    let judgement = match side(found, &trained.balanced_accuracy, &threshold.balanced_accuracy) {
        Difference::Higher => {
            "logit adjustment in training is better than a threshold of cross-entropy at the base rate"
        }
        Difference::Lower => "logit adjustment in training is worse than a threshold of cross-entropy at the base rate",
        Difference::Unclear => {
            "logit adjustment in training cannot be told from a threshold of cross-entropy at the base rate"
        }
    };
    Some(format!(
        "Where both classes count alike, {judgement} (balanced accuracy {} against {}).",
        three(&trained.balanced_accuracy),
        three(&threshold.balanced_accuracy),
    ))
}

/// Whether another loss puts the rows in a better order, or only moves the threshold.
fn order(found: &RareClass) -> Option<String> {
    let plain = found.find(|method| *method == Method::CrossEntropy)?;
    let focal = found.chosen_focal()?;
    let judgement = match side(found, &focal.pr_auc, &plain.pr_auc) {
        Difference::Higher => "Focal loss orders the rows better than cross-entropy",
        Difference::Lower => "Focal loss orders the rows worse than cross-entropy",
        Difference::Unclear => "Focal loss puts the rows in no better and no worse order than cross-entropy",
    };
    Some(format!("{judgement} (PR-AUC {} against {}).", three(&focal.pr_auc), three(&plain.pr_auc)))
}

/// Whether the probabilities may be taken at their word.
fn calibration(found: &RareClass) -> Option<String> {
    let plain = found.find(|method| *method == Method::CrossEntropy)?;
    let base = found.data.test_base_rate.mean();
    let off = |findings: &MethodFindings| {
        let factor = findings.mean_probability.mean() / base;
        !(OFF_BY.recip()..=OFF_BY).contains(&factor)
    };
    let others: Vec<&MethodFindings> = (found.methods.iter())
        .filter(|findings| findings.method.is_trained() && findings.method != Method::CrossEntropy)
        .collect();
    let wrong: Vec<f64> =
        (others.iter()).filter(|findings| off(findings)).map(|findings| findings.mean_probability.mean()).collect();
    let least = wrong.iter().copied().fold(f64::INFINITY, f64::min);
    let most = wrong.iter().copied().fold(0.0, f64::max);
    let others = match (wrong.len(), others.len()) {
        (_, 0) => String::new(),
        (0, _) => "; the other losses are near it, too".to_owned(),
        (wrong, all) if wrong == all => {
            format!("; every other loss is off, with {}", range(least, most))
        }
        (wrong, all) => {
            let range = range(least, most);
            format!("; {wrong} of the {all} other losses are off, with {range}")
        }
    };
    Some(format!(
        "Where {} of the rows are positive, cross-entropy says {} on average{}{others}.",
        percent(base),
        percent(plain.mean_probability.mean()),
        if off(plain) { ", and is off" } else { "" },
    ))
}

/// On which side of another figure a figure is, beyond what the seeds differ by.
fn side(found: &RareClass, figure: &Spread, other: &Spread) -> Difference {
    Contrast::of(figure, other, found.data.parts.ratio()).side()
}

fn range(least: f64, most: f64) -> String {
    let (least, most) = (percent(least), percent(most));
    if least == most { least } else { format!("{least} to {most}") }
}

fn two(figure: &Spread) -> String {
    spread(figure, Unit::Places(2))
}

fn three(figure: &Spread) -> String {
    spread(figure, Unit::Places(3))
}

#[cfg(test)]
mod tests;
