//! Triggers of rules of numbers: functional, tails, outliers, variance, logarithms.

use super::{Case, Finding, Looked, unfitted};
use crate::{
    advice::{
        evidence::{NumberEvidence, TailEvidence},
        metric::Metric,
        problem::TargetKind,
        rules::limits,
        shortlist::{default_loss, repair_name},
        written::{figure, listed, range, ratio, whole},
    },
    model::Objective,
};

pub(super) fn another_functional(case: &Case<'_>) -> Looked {
    let Some(aim) = case.aim else {
        return Looked::NotApplicable("No purpose was named; each has its own row of advice.".to_owned());
    };
    let default = default_loss(case.evidence.kind());
    let (name, wanted) = (default.name(), aim.functional);
    if aim.admits(default, None) {
        return Finding::new(&[], format!("The default, {name}, is consistent for what was asked: {wanted}."))
            .when(false);
    }
    let estimates = default.estimates().map_or_else(|| "another number".to_owned(), |own| format!("{own}"));
    let names: Vec<&str> = aim.consistent.iter().map(|objective| objective.name()).collect();
    let who = match &names[..] {
        [] => "no loss is consistent for it".to_owned(),
        [only] => format!("{only} is consistent for it"),
        several => format!(
            "{} are consistent for it",
            listed(&several.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
        ),
    };
    let sentence = format!("The default, {name}, aims at the {estimates}; asked for is the {wanted}: {who}.");
    let losses = names.first().map_or_else(|| name.to_owned(), |first| format!("{name},{first}"));
    let mut finding = Finding::new(&[], sentence).recommends(&names).experiment(case.compare("typical", &losses));
    if let Some((_, repair)) = aim.repaired.iter().find(|(objective, _)| *objective == default) {
        finding = finding.against(format!("One number may bring {name} there: {name}+{}.", repair_name(*repair)));
    }
    finding.when(true)
}

/// What speaks against a log link, if the logarithm bends what is straight.
pub(super) fn bent(numbers: &NumberEvidence) -> Option<String> {
    let link = numbers.link.filter(|link| link.is_bent())?;
    let metric = if link.metric == Metric::GammaDeviance { "Gamma" } else { "Poisson" };
    Some(format!(
        "Least squares, without a logarithm, predicts unseen rows better ({metric} deviance {} against {}, {} standard errors): in a \
         linear model the log link bends what is straight.",
        figure(link.straight),
        figure(link.logarithm),
        figure(link.t)
    ))
}

fn numbers<'a>(case: &Case<'a>) -> Option<&'a NumberEvidence> {
    case.evidence.numbers.as_ref()
}

/// What the tail is of.
fn tail_of(kind: TargetKind) -> &'static str {
    if kind == TargetKind::Real { "the size of the errors" } else { "true value over prediction" }
}

/// What is said where the shape of errors is not known.
fn no_shape() -> Looked {
    Looked::NotApplicable("There are too few groups to tell the shape of the errors.".to_owned())
}

const NO_TAIL: &str = "There are too few large values to look at a tail.";

fn tail_sentence(tail: &TailEvidence, case: &Case<'_>) -> String {
    format!(
        "Tail index of {}: {} by Hill's estimator ({}), {} by moments ({}), on the {} largest.",
        tail_of(case.evidence.kind()),
        figure(tail.hill.value),
        range(&tail.hill),
        figure(tail.moment.value),
        range(&tail.moment),
        whole(tail.k.1)
    )
}

pub(super) fn heavy_tail(case: &Case<'_>) -> Looked {
    let Some(numbers) = numbers(case) else { return unfitted() };
    let Some(tail) = &numbers.tail else { return Looked::NotApplicable(NO_TAIL.to_owned()) };
    let met = tail.variance_in_doubt;
    let bent = bent(numbers);
    let losses: &[&str] = match case.evidence.kind() {
        TargetKind::Amount | TargetKind::Count if bent.is_some() => &["squared_error"],
        TargetKind::Amount if !case.evidence.domain.zeros => &["poisson_nll", "gamma_deviance", "tweedie_deviance"],
        TargetKind::Amount | TargetKind::Count => &["poisson_nll", "tweedie_deviance"],
        TargetKind::Real
        | TargetKind::Share
        | TargetKind::Binary
        | TargetKind::Ordered
        | TargetKind::Classes
        | TargetKind::Relevance => &[],
    };
    let mut flags = case.question("total");
    flags.extend(["--without-top".to_owned(), "0.5%".to_owned()]);
    Finding::new(&["tail_index", "tail_index_by_moments", "against_log_normal"], tail_sentence(tail, case))
        .against_if(met && tail.log_normal_possible, "A log-normal law, whose variance is finite, cannot be excluded.")
        .against_all(bent)
        .against_if(met && !case.wants_mean(), "What was asked for is no mean: its loss does not grow with the square.")
        .recommends(losses)
        .experiment(flags)
        .when(met)
}

pub(super) fn rmse_unreliable(case: &Case<'_>) -> Looked {
    let Some(numbers) = numbers(case) else { return unfitted() };
    let Some(tail) = &numbers.tail else { return Looked::NotApplicable(NO_TAIL.to_owned()) };
    let met = tail.fourth_moment_in_doubt;
    let mut sentence = tail_sentence(tail, case);
    if met {
        let moments = if tail.variance_in_doubt { "not even 2 are sure" } else { "about 2 are sure" };
        sentence += &format!(" The standard error of a mean squared error needs 4 moments; {moments}.");
    }
    let losses: &[&str] = if case.evidence.kind() == TargetKind::Real { &[] } else { &["poisson_nll"] };
    Finding::new(&["tail_index", "tail_index_by_moments"], sentence).recommends(losses).when(met)
}

pub(super) fn huber_for_a_mean(case: &Case<'_>) -> Looked {
    let Some(numbers) = numbers(case) else { return unfitted() };
    let skewness = numbers.skewness;
    if !skewness.value.is_finite() {
        return no_shape();
    }
    let mut sentence =
        format!("Skewness of the errors on unseen rows: {} ({}).", figure(skewness.value), range(&skewness));
    if let Some(target) = case.evidence.target.numbers().filter(|target| target.mean > 0.0) {
        let huber = ratio(target.huber / target.mean);
        sentence += &format!(" As one number for all rows, Huber's loss gives {huber} of the mean.");
    }
    let mean = if case.evidence.kind() == TargetKind::Real { "squared_error" } else { "poisson_nll" };
    Finding::new(&["skewness", "huber_over_mean"], sentence)
        .recommends(&[mean])
        .experiment(case.compare("total", &format!("huber,{mean}")))
        .when(numbers.is_skewed() && case.wants_mean())
}

pub(super) fn contamination(case: &Case<'_>) -> Looked {
    let Some(numbers) = numbers(case) else { return unfitted() };
    if !numbers.kurtosis.value.is_finite() {
        return no_shape();
    }
    let predicted = numbers.spread.is_some_and(|spread| spread.p < limits::SPREAD_P);
    let met = numbers.is_symmetric() && numbers.kurtosis.value > limits::KURTOSIS && !predicted;
    let sentence = format!(
        "Errors on unseen rows: asymmetry {} (0: none), kurtosis {} (a normal law has 3){}.",
        ratio(numbers.asymmetry),
        figure(numbers.kurtosis.value),
        if predicted { "; their size can be predicted" } else { "" }
    );
    let business = "If the outliers are the business itself, a loss that ignores them ignores what counts; the program cannot know.";
    let flags = ["--metric", "mae", "--losses", "absolute_error,huber,student_t_nll"];
    Finding::new(&["asymmetry", "skewness", "kurtosis", "spread_p"], sentence)
        .against(business)
        .recommends(&["huber", "student_t_nll", "tukey_biweight"])
        .experiment(flags.map(str::to_owned).to_vec())
        .when(met)
}

pub(super) fn variance_power(case: &Case<'_>) -> Looked {
    let Some(numbers) = numbers(case) else { return unfitted() };
    let Some(power) = numbers.power else {
        return Looked::NotApplicable(
            "The predictions differ too little to see how the variance grows with the mean.".to_owned(),
        );
    };
    let zeros = case.evidence.domain.zeros || case.evidence.kind() == TargetKind::Count;
    let nearest = nearest_deviance(power.value, zeros).name();
    let sentence = format!("The variance grows as the mean to the power {} ({}).", ratio(power.value), range(&power));
    let losses = if nearest == "poisson_nll" {
        "squared_error,poisson_nll".to_owned()
    } else {
        format!("poisson_nll,{nearest}")
    };
    let bent = bent(numbers);
    let recommended: &[&str] = if bent.is_some() {
        &["squared_error"]
    } else if nearest == "poisson_nll" || nearest == "squared_error" {
        &["poisson_nll"]
    } else {
        &["poisson_nll", nearest]
    };
    Finding::new(&["variance_power"], sentence)
        .against_all(bent)
        .against("The Poisson deviance with a log link estimates the mean rightly whatever the power; a nearer one adds steadiness only.")
        .recommends(recommended)
        .experiment(case.compare("total", &losses))
        .when(power.low > 0.0)
}

/// The deviance whose variance grows by about that power; zeros exclude Gamma and the inverse Gaussian.
fn nearest_deviance(power: f64, zeros: bool) -> Objective {
    match power {
        power if power < 0.5 => Objective::SquaredError,
        power if power <= 1.25 => Objective::Poisson,
        power if zeros || power < 1.75 => Objective::Tweedie { power: (power.min(1.9) * 10.0).round() / 10.0 },
        power if power <= 2.5 => Objective::Gamma,
        _ => Objective::InverseGaussian,
    }
}

/// What is said where targets of 0 have no logarithm.
fn no_logarithm() -> Looked {
    Looked::NotApplicable("Some targets are 0: they have no logarithm.".to_owned())
}

pub(super) fn heavy_logarithm(case: &Case<'_>) -> Looked {
    let Some(numbers) = numbers(case) else { return unfitted() };
    let Some(logarithm) = &numbers.logarithm else { return no_logarithm() };
    let varies = logarithm.spread.is_some_and(|spread| spread.p < limits::SPREAD_P);
    let kurtosis = logarithm.kurtosis;
    if !kurtosis.value.is_finite() {
        return no_shape();
    }
    let sentence = format!("Kurtosis of the errors of ln y: {} ({}).", figure(kurtosis.value), range(&kurtosis));
    Finding::new(&["log_kurtosis", "log_spread_p"], sentence)
        .against_if(varies, "The spread of ln y depends on the columns: one factor for all rows is wrong.")
        .recommends(&["log_squared_error+ratio"])
        .experiment(case.compare("total", "log_squared_error+ratio,gamma_deviance"))
        .when(kurtosis.low > limits::LOG_KURTOSIS && numbers.rows >= limits::LOG_ROWS)
}

pub(super) fn logarithm_without_factor(case: &Case<'_>) -> Looked {
    let Some(numbers) = numbers(case) else { return unfitted() };
    let Some(logarithm) = &numbers.logarithm else { return no_logarithm() };
    let mut sentence = format!("exp of a prediction of ln y comes to about {} of the sum.", ratio(logarithm.geometric));
    let mut because = vec!["geometric_ratio"];
    let trained = case.trained(|loss| *loss == Objective::LogSquaredError);
    if let Some(found) = super::by_model(trained, |trained| trained.ratio_of_totals) {
        sentence += &format!(" Trained here it comes to {found}.");
        because.push("trained_ratio_of_totals");
    }
    Finding::new(&because, sentence)
        .recommends(&["log_squared_error+ratio"])
        .experiment(case.compare("total", "log_squared_error,log_squared_error+ratio"))
        .when(case.losses.contains(&Objective::LogSquaredError) && case.wants_mean())
}
