//! Triggers of rules of zeros, counts, asymmetric costs, a spread that varies, and shares.

use super::{Case, Finding, Looked, amounts::bent, unfitted};
use crate::advice::{
    problem::TargetKind,
    purpose::{Functional, Purpose},
    rules::limits,
    written::{chance, figure, percent, range, ratio},
};

pub(super) fn zeros_and_amounts(case: &Case<'_>) -> Looked {
    let Some(target) = case.evidence.target.numbers() else { return unfitted() };
    let (least, most) = limits::ZEROS;
    let share = target.zeros.value;
    let bent = case.evidence.numbers.as_ref().filter(|_| case.aim.is_some() && case.wants_mean()).and_then(bent);
    let losses: &[&str] =
        if bent.is_some() { &["squared_error"] } else { &["poisson_nll", "tweedie_deviance", "two_part"] };
    Finding::new(&["zeros"], format!("{} of the targets are exactly 0.", percent(share)))
        .against("If the zeros are missing values, or amounts below a limit of detection, they are no zeros.")
        .against_all(bent)
        .recommends(losses)
        .experiment(case.compare("total", "poisson_nll,tweedie_deviance,two_part"))
        .when(least <= share && share <= most)
}

pub(super) fn over_dispersion(case: &Case<'_>) -> Looked {
    let Some(numbers) = &case.evidence.numbers else { return unfitted() };
    let Some(counts) = &numbers.counts else {
        return Looked::NotApplicable("The auxiliary regression could not be fitted.".to_owned());
    };
    let by_group = case.evidence.layout.grouped;
    let naive =
        if by_group { format!(" by group ({} if groups are ignored)", figure(counts.naive_t)) } else { String::new() };
    let sentence = format!(
        "Cameron and Trivedi's t is {}{naive}; variance about μ + {} μ².",
        figure(counts.t),
        figure(counts.alpha.value)
    );
    let met = counts.t > limits::DISPERSION_T;
    Finding::new(&["dispersion", "dispersion_t", "dispersion_t_naive"], sentence)
        .against_if(
            met && case.wants_mean(),
            "For the mean alone Poisson stays right: what is wrong is every probability read off a Poisson law.",
        )
        .against_if(
            met && !case.evidence.layout.has_offset,
            "A missing exposure looks the same: if rows were watched for different times, say --offset.",
        )
        .recommends(&["negative_binomial_nll"])
        .experiment(vec![
            "--purpose".to_owned(),
            "distribution".to_owned(),
            "--losses".to_owned(),
            "poisson_nll,negative_binomial_nll".to_owned(),
        ])
        .when(met)
}

pub(super) fn zero_inflation(case: &Case<'_>) -> Looked {
    let Some(numbers) = &case.evidence.numbers else { return unfitted() };
    let Some(counts) = &numbers.counts else {
        return Looked::NotApplicable("The negative binomial law could not be fitted.".to_owned());
    };
    let met = counts.zeros_p < limits::ZEROS_P && counts.zeros > counts.zeros_negative_binomial;
    let mut sentence = format!(
        "Zeros seen {}; Poisson expects {}, negative binomial {} ({} for as many).",
        percent(counts.zeros),
        percent(counts.zeros_poisson),
        percent(counts.zeros_negative_binomial),
        chance(counts.zeros_p)
    );
    if !met && counts.zeros > counts.zeros_poisson {
        sentence += " The spread explains the zeros: no zero-inflated model is called for.";
    }
    let losses = "negative_binomial_nll,zero_inflated_negative_binomial_nll";
    Finding::new(&["zeros_seen", "zeros_poisson", "zeros_negative_binomial", "zeros_p"], sentence)
        .against_if(
            met,
            "If nobody can say who can never have the event, the negative binomial law is the plainer story.",
        )
        .against_if(
            met && case.aim.is_some_and(|aim| aim.functional == Functional::Mean),
            "For the mean alone nothing changes.",
        )
        .recommends(&["zero_inflated_negative_binomial_nll"])
        .experiment(["--purpose", "distribution", "--losses", losses].map(str::to_owned).to_vec())
        .when(met)
}

pub(super) fn asymmetric_cost(case: &Case<'_>) -> Looked {
    let Some(Purpose::Quantile(level)) = case.aim.map(|aim| aim.purpose) else {
        return Looked::NotApplicable("No costs and no level of service were named.".to_owned());
    };
    let odds = level / (1.0 - level);
    let sentence = format!("At the level {level} one unit too little counts as much as {} too much.", figure(odds));
    Finding::new(&[], sentence)
        .against("If costs are not proportional to the error, compute the cost itself and compare by that.")
        .recommends(&["quantile"])
        .experiment(case.compare("quantile:0.9", "quantile,squared_error+shift"))
        .when((level - 0.5).abs() > 1e-9)
}

pub(super) fn varying_spread(case: &Case<'_>) -> Looked {
    let Some(numbers) = &case.evidence.numbers else { return unfitted() };
    // A law of positive amounts whose spread grows with the mean has that spread built in.
    let gamma = numbers.logarithm.is_some_and(|logarithm| logarithm.skewness.high < 0.0);
    let recommended: &[&str] = match case.evidence.kind() {
        TargetKind::Amount if numbers.logarithm.is_some() && gamma => &["quantiles+conformal", "gamma_nll"],
        TargetKind::Amount if numbers.logarithm.is_some() => &["quantiles+conformal", "log_normal_nll"],
        TargetKind::Amount | TargetKind::Count => &["quantiles+conformal"],
        TargetKind::Real
        | TargetKind::Share
        | TargetKind::Binary
        | TargetKind::Ordered
        | TargetKind::Classes
        | TargetKind::Relevance => &["quantiles+conformal", "beta_nll"],
    };
    let finding = |because: &[&'static str], sentence: String| {
        Finding::new(because, sentence)
            .recommends(recommended)
            .experiment(case.compare("interval:0.9", "quantiles+conformal,gaussian_nll+conformal"))
    };
    match (numbers.power, numbers.spread) {
        (Some(power), _) => {
            let sentence =
                format!("The variance grows as the mean to the power {} ({}).", ratio(power.value), range(&power));
            finding(&["variance_power"], sentence).when(power.low > 0.0 && case.wants_range())
        }
        (None, Some(spread)) => {
            let sentence =
                format!("Breusch–Pagan test of the errors' size: {} ({}).", figure(spread.statistic), chance(spread.p));
            finding(&["spread_statistic", "spread_p"], sentence).when(spread.p < limits::SPREAD_P && case.wants_range())
        }
        (None, None) => {
            Looked::NotApplicable("The predictions differ too little to see whether the spread varies.".to_owned())
        }
    }
}

pub(super) fn shares(case: &Case<'_>) -> Looked {
    let Some(target) = case.evidence.target.numbers() else { return unfitted() };
    let sentence = format!(
        "All targets lie between {} and {}, {} of them at exactly 0.",
        figure(target.minimum),
        figure(target.maximum),
        percent(target.zeros.value)
    );
    Finding::new(&["minimum", "maximum", "zeros"], sentence)
        .against("A percentage of change is no share: it can pass 100 % or be negative.")
        .recommends(&["cross_entropy"])
        .experiment(case.compare("total", "cross_entropy,squared_error"))
        .when(true)
}
