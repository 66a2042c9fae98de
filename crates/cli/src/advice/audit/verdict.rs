//! What the audit comes to, in sentences that are made of its numbers.

use super::{
    Audit, Decomposition, Measure, Odds, Part, Parts, RULED_OUT, ReadAs, Repairs, Trial,
    bearings::{Bearings, Seen},
    figures::{interval, p_value, pair, value, with_interval},
    repair::Mend,
};
use crate::{
    advice::{
        document::{Question, Strength, Verdict},
        purpose::{Functional, Purpose},
        written::{counted, figure},
    },
    statistics::Outcome,
};

/// A level that is known to no more than this on either side proves little.
const VAGUE: f64 = 0.1;

/// The verdict of an audit.
pub(super) fn of(audit: &Audit, question: Option<&Question>) -> Verdict {
    let mut because = Vec::new();
    if let (Some(bearings), Some(seen)) = (&audit.bearings, &audit.seen) {
        because.push(estimates(bearings, seen, audit.parts.as_ref()));
    }
    match audit.read_as {
        ReadAs::Number => because.extend(for_numbers(audit, question)),
        ReadAs::Probability => because.extend(for_probabilities(audit, question)),
        ReadAs::Score => because.push(format!(
            "The predictions are scores, not probabilities: only their order means something. They put a positive case before \
             a negative one in {} of the pairs (area under the ROC curve). To get probabilities, fit a logistic regression of \
             the target on the score, on rows of its own.",
            share(audit.area.map_or(0.5, |area| area.value))
        )),
        ReadAs::Decision => because.push(format!(
            "The predictions are decisions, not probabilities: they take two values only, and whatever was known about how \
             sure they are is lost. The mean of the shares of both classes that are decided right is {}. Give the \
             probability behind the decision instead.",
            audit.area.as_ref().map_or_else(|| "0.5".to_owned(), with_interval)
        )),
    }
    match (&audit.parts, &audit.parts_after_repair) {
        (_, Some(left)) => because.extend(segments(left, " after the repair")),
        (Some(parts), None) => because.extend(segments(parts, "")),
        (None, None) => {}
    }
    let asked = audit.repairs.first().and_then(Repairs::advice);
    let advised = match (question, &audit.seen) {
        // Without a question predictions are taken for what they look like.
        (None, Some(seen)) => {
            let own = audit.repairs.iter().find(|repairs| Some(repairs.functional) == seen.functional);
            own.and_then(Repairs::advice)
        }
        _ => asked,
    };
    let calibrated = audit.calibrations.iter().any(is_calibrated);
    let strength = match () {
        () if advised.is_some() => Strength::Proven,
        () if calibrated => Strength::EqualToDefault,
        () => Strength::CannotTell,
    };
    Verdict {
        loss: advised
            .map_or_else(|| audit.prediction.clone(), |trial| format!("{}+{}", audit.prediction, trial.mend.name())),
        strength,
        because,
        against: against(advised),
        would_change_if: would_change(audit),
    }
}

fn is_calibrated(calibration: &Decomposition) -> bool {
    calibration.p.is_none_or(|p| p >= RULED_OUT)
}

/// "Your predictions estimate …".
fn estimates(bearings: &Bearings, seen: &Seen, parts: Option<&Parts>) -> String {
    let level = with_interval(&bearings.quantile_level);
    let half = format!("a share of {level} of the truths lies at or below them");
    let sum = match &bearings.ratio {
        Some(ratio) => format!("they add up to {} times the truth", with_interval(ratio)),
        None => format!("they are off by {} in the mean", with_interval(&bearings.mean_error)),
    };
    if seen.alike() {
        return if seen.sharp {
            format!("Your predictions estimate a mean and a median alike: {sum}, and {half}.")
        } else {
            format!("Your predictions can be a mean or a median; too little is known to tell which: {sum}, and {half}.")
        };
    }
    let ends = |what: fn(&Part) -> Option<f64>| {
        let tenths = &parts?.tenths;
        Some((what(tenths.first()?)?, what(tenths.last()?)?))
    };
    let right_in_total = seen.mean.p_average.is_some_and(|p| p >= RULED_OUT);
    let no_mean = match ends(|part| part.ratio) {
        Some((low, high)) if right_in_total => format!(
            "They are no mean case by case, though {sum}: {} for the lowest predictions, {} for the highest",
            figure(low),
            figure(high)
        ),
        _ => format!("They are no mean: {sum}"),
    };
    let vague = [&bearings.quantile_level, &bearings.expectile_level].iter().any(|level| level.half_width() > VAGUE);
    let are = if vague { "can be (too little is known to say that they are)" } else { "estimate" };
    match seen.functional {
        Some(Functional::Mean) => format!("Your predictions {are} a mean: {sum}. They are no median: {half}."),
        Some(Functional::Median) => format!("Your predictions {are} a median: {half}. {no_mean}."),
        Some(Functional::Quantile(level)) => {
            let near = (level - 0.5).abs() < 0.05;
            let no_median = if near { "not quite a median" } else { "no median" };
            format!(
                "Your predictions estimate a {level} quantile, {no_median}: {half}, about the same for low and high \
                 predictions. {no_mean}."
            )
        }
        _ => {
            let along = ends(|part| Some(part.level)).map_or_else(String::new, |(low, high)| {
                format!(", {} for the lowest predictions and {} for the highest", figure(low), figure(high))
            });
            match ends(|part| part.ratio) {
                Some((low, high)) if right_in_total => format!(
                    "Your predictions add up to the truth, but they are no mean case by case: the sum over the truth is {} \
                     for the lowest predictions, {} for the highest, {} for all. Nor are they one quantile: {half}{along}.",
                    figure(low),
                    figure(high),
                    bearings.ratio.as_ref().map_or_else(|| "1".to_owned(), with_interval),
                ),
                _ => format!(
                    "Your predictions estimate neither a mean, nor a median, nor any one quantile: {half}{along}; {sum}."
                ),
            }
        }
    }
}

fn role(functional: Functional) -> String {
    match functional {
        Functional::Mean => "As a mean (sums, budgets)".to_owned(),
        Functional::Median => "As a median (the typical case)".to_owned(),
        Functional::Quantile(level) => format!("As a {level} quantile"),
        Functional::Expectile(level) => format!("As a {level} expectile"),
        Functional::MedianByInverse => "For percentage errors".to_owned(),
        Functional::LogMean => "For squared logarithmic errors".to_owned(),
        Functional::Probability => "As probabilities".to_owned(),
        Functional::Mode | Functional::Order | Functional::Interval(_) | Functional::Law => "For this".to_owned(),
    }
}

fn for_numbers(audit: &Audit, question: Option<&Question>) -> Vec<String> {
    let pairs = audit.calibrations.iter().zip(&audit.repairs);
    let seen = audit.seen.as_ref();
    let is_seen = |functional: Functional| match (functional, seen) {
        (Functional::Mean, Some(seen)) => seen.mean.possible,
        (Functional::Median, Some(seen)) => seen.median.possible,
        (other, Some(seen)) => seen.functional == Some(other),
        (_, None) => false,
    };
    pairs
        .filter_map(|(calibration, repairs)| {
            let role = role(repairs.functional);
            let share = share(calibration.share);
            match repairs.advice() {
                Some(trial) => Some(format!(
                    "{role}, {} repairs them: {}, {}.",
                    what(trial),
                    scores(repairs, trial),
                    judged(trial)
                )),
                None if repairs.trials.is_empty() => {
                    Some(format!("{role}, no repair was tried: there are too few groups to halve."))
                }
                None if is_calibrated(calibration) && (question.is_some() || is_seen(repairs.functional)) => Some(format!(
                    "{role}, there is nothing to repair: no miscalibration is proven (p {}).",
                    p_value(calibration.p)
                )),
                None if is_calibrated(calibration) => None,
                None => Some(format!(
                    "{role}, they are miscalibrated (p {}; {share} of the {}), but none of the repairs that were tried is \
                     shown to help.",
                    p_value(calibration.p),
                    calibration.score
                )),
            }
        })
        .collect()
}

fn for_probabilities(audit: &Audit, question: Option<&Question>) -> Vec<String> {
    let (Some(odds), Some(calibration)) = (&audit.odds, audit.calibrations.first()) else { return Vec::new() };
    let mut sentences = Vec::new();
    let means = format!("mean {} against {} that came", value_or_figure(odds.mean_probability.value), with_rate(odds),);
    let repair = audit.repairs.first().and_then(Repairs::advice);
    if is_calibrated(calibration) && repair.is_none() {
        sentences.push(format!(
            "Your predictions are probabilities that mean what they say: {means}; no miscalibration is proven (p {}).",
            p_value(calibration.p)
        ));
    } else {
        let times = odds.ratio.value;
        let size = match () {
            () if odds.ratio.holds(1.0) => "right on average, but not for low and high ones alike".to_owned(),
            () if times > 1.0 => format!("{} times too high", figure(times)),
            () => format!("too low, {} of what came", figure(times)),
        };
        sentences.push(format!(
            "Your predictions are no probabilities as they are: {size} ({means}). What is off makes up {} of the log loss \
             (test of calibration: p {}).",
            share(calibration.share),
            p_value(calibration.p)
        ));
    }
    if odds.ranks_only {
        sentences.push("They are spread evenly from 0 to 1, whatever the base rate: they look like ranks.".to_owned());
    }
    let order_only = question.is_some_and(|question| question.purpose == Purpose::Ranking);
    if order_only {
        sentences.push(format!(
            "For a ranking only the order counts, and no repair of the scale changes it: area under the ROC curve {}.",
            audit.area.as_ref().map_or_else(|| "?".to_owned(), with_interval)
        ));
        return sentences;
    }
    let Some(repairs) = audit.repairs.first() else { return sentences };
    match repair {
        Some(trial) => {
            let cause = match trial.mend {
                Mend::PriorShift => match odds.odds_factor.filter(|factor| factor.value >= 1.0) {
                    Some(factor) => {
                        format!("It is as if positive cases had been weighted {} times. ", with_interval(&factor))
                    }
                    None => odds.odds_factor.map_or_else(String::new, |factor| {
                        format!("It is as if negative cases had been weighted {} times. ", figure(1.0 / factor.value))
                    }),
                },
                Mend::InverseFocal => {
                    let [gamma, alpha] = [0, 1].map(|at| trial.numbers.get(at).copied().unwrap_or_default());
                    format!("They look like what focal loss with γ {gamma} and α {alpha} leaves. ")
                }
                Mend::Temperature => match odds.temperature {
                    Some(temperature) if temperature.value > 1.0 => {
                        format!(
                            "They are too extreme: their log odds are {} times too large. ",
                            with_interval(&temperature)
                        )
                    }
                    Some(temperature) => {
                        format!(
                            "They are too timid: their log odds are {} of what they should be. ",
                            with_interval(&temperature)
                        )
                    }
                    None => String::new(),
                },
                Mend::Logistic | Mend::Isotonic | Mend::Ratio | Mend::Shift => String::new(),
            };
            let mut what = what(trial);
            if let Some(first) = what.get(..1) {
                let first = first.to_uppercase();
                what.replace_range(..1, &first);
            }
            sentences.push(format!(
                "{cause}{what} repairs them: {}, {}; the order of the rows stays.",
                scores(repairs, trial),
                judged(trial)
            ));
        }
        None if repairs.trials.is_empty() => {
            sentences
                .push("No repair was tried: there are too few groups, or too few of one class, to halve.".to_owned());
        }
        None if is_calibrated(calibration) => sentences.push("There is nothing to repair.".to_owned()),
        None => sentences.push("None of the repairs that were tried is shown to help.".to_owned()),
    }
    if let Some(act) = &audit.act_above {
        let after = if repair.is_some() { " after the repair" } else { "" };
        sentences.push(match act.prediction {
            Some(prediction) => format!(
                "Act above a probability of {}{after}: where the prediction as it is reaches {}, in {} of the rows.",
                figure(act.probability),
                figure(prediction),
                share(act.share)
            ),
            None => format!("Act above a probability of {}{after}: no row reaches it.", figure(act.probability)),
        });
    }
    sentences
}

fn with_rate(odds: &Odds) -> String {
    format!("{} ({})", value_or_figure(odds.base_rate.value), interval(&odds.base_rate))
}

fn value_or_figure(probability: f64) -> String {
    figure(probability)
}

/// What the repair does, as the subject of a sentence.
fn what(trial: &Trial) -> String {
    let number = |at: usize| trial.numbers.get(at).copied().unwrap_or(f64::NAN);
    match trial.mend {
        Mend::Ratio => format!("one number, × {},", figure(number(0))),
        Mend::Shift if trial.formula.starts_with('(') => format!("one number, {},", trial.formula),
        Mend::Shift => {
            let sign = if number(0) < 0.0 { '−' } else { '+' };
            format!("one number, {sign} {},", figure(number(0).abs()))
        }
        Mend::PriorShift => {
            format!("dividing the odds by {} ({} off the logit)", figure(number(0)), figure(number(0).ln()))
        }
        Mend::InverseFocal => format!("the inverse of focal (γ {}, α {})", number(0), number(1)),
        Mend::Temperature => format!("one temperature, {},", figure(number(0))),
        Mend::Logistic => format!("a logistic recalibration, {} (no single number does),", trial.formula),
        Mend::Isotonic => "a non-decreasing function in steps (isotonic; no single number does)".to_owned(),
    }
}

/// "log loss 0.227 instead of 0.747".
fn scores(repairs: &Repairs, trial: &Trial) -> String {
    let [after, before] = pair(trial.after, trial.before);
    format!("{} {after} instead of {before}", repairs.score)
}

fn judged(trial: &Trial) -> String {
    format!("{} by {}", trial.judged, with_interval(&trial.gain))
}

fn share(share: f64) -> String {
    crate::terminal::number::percent(share)
}

fn segments(parts: &Parts, when: &str) -> Option<String> {
    let off = parts.off();
    if parts.segments.is_empty() {
        return None;
    }
    let reference = match (parts.measure, parts.reference_is_right) {
        (Measure::MeanError, true) => "0".to_owned(),
        (_, true) => figure(parts.reference),
        (_, false) => format!("{} of all rows", figure(parts.reference)),
    };
    let columns = {
        let mut columns: Vec<&str> = parts.segments.iter().map(|part| part.column.as_str()).collect();
        columns.dedup();
        columns.len()
    };
    let looked =
        format!("{} by {}", counted(parts.segments.len(), "part", "parts"), counted(columns, "column", "columns"));
    let Some(first) = off.first() else {
        return Some(format!("Of {looked}, none is shown to differ from {reference}{when}."));
    };
    let others = match off.len() - 1 {
        0 => String::new(),
        1 => ", and one more".to_owned(),
        more => format!(", and {more} more"),
    };
    Some(format!(
        "Of {looked}, {} differ{} from {reference}{when}: {} = {} has {} ({}){others}.",
        off.len(),
        if off.len() == 1 { "s" } else { "" },
        first.column,
        first.level,
        value(&first.part.measured),
        interval(&first.part.measured)
    ))
}

fn against(advised: Option<&Trial>) -> Vec<String> {
    let mut against = Vec::new();
    if let Some(trial) = advised {
        against.push(
            "The numbers are fitted on these rows: on rows of another time or place they have to be fitted again."
                .to_owned(),
        );
        if trial.mend == Mend::Isotonic {
            against.push("Steps need many rows and cannot go beyond the predictions seen here.".to_owned());
        }
    }
    against
}

fn would_change(audit: &Audit) -> Vec<String> {
    let mut changes = Vec::new();
    if audit.seen.as_ref().is_some_and(|seen| seen.alike() && !seen.sharp) {
        changes.push("More rows would tell a mean from a median.".to_owned());
    }
    let unsure = |repairs: &Repairs| repairs.trials.iter().any(|trial| trial.judged == Outcome::CannotTell);
    if audit.repairs.iter().any(|repairs| repairs.advised.is_none() && unsure(repairs)) {
        changes.push("More rows might show that a repair helps: now some can't be told from none.".to_owned());
    }
    changes
}
