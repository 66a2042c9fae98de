//! Losses by the names that the command line gives them.

use minimand::data::metrics::{median, scaled_median_absolute_deviation};

use crate::{
    advice::{
        document::{Candidate, Repair},
        map::Aim,
        problem::{Target, TargetKind},
        purpose::Functional,
    },
    model::Objective,
};

use super::{CompareError, repairs};

const REPAIRS: [Repair; 8] = [
    Repair::Ratio,
    Repair::Shift,
    Repair::PriorShift,
    Repair::InverseFocal,
    Repair::Temperature,
    Repair::Threshold,
    Repair::Decode,
    Repair::Conformal,
];

/// Every loss that such a target can be trained by, with usual parameters for the question.
pub fn usual(aim: &Aim, target: &Target) -> Vec<Objective> {
    let kind = target.kind;
    let classes = target.levels.len();
    let all = match kind {
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => of_numbers(aim, target),
        TargetKind::Binary => of_two_classes(target),
        TargetKind::Ordered => {
            vec![Objective::MulticlassCrossEntropy, Objective::Corn, Objective::CumulativeLink, Objective::SquaredError]
        }
        TargetKind::Classes => vec![
            Objective::MulticlassCrossEntropy,
            Objective::ClassBalanced { beta: 0.999 },
            Objective::MulticlassLogitAdjusted { tau: 1.0 },
            Objective::LabelSmoothing { epsilon: 0.1 },
            Objective::GeneralisedCrossEntropy { q: 0.7 },
        ],
        TargetKind::Relevance => vec![
            Objective::Pointwise,
            Objective::ListSoftmax,
            Objective::ListPairwise,
            Objective::LambdaRank,
            Objective::ApproxNdcg,
        ],
    };
    let fits = |objective: &Objective| {
        objective.accepts(&target.values, classes) && repairs::can_read(*objective, aim, target)
    };
    all.into_iter().filter(fits).collect()
}

fn of_numbers(aim: &Aim, target: &Target) -> Vec<Objective> {
    let level = match aim.functional {
        Functional::Quantile(level) | Functional::Expectile(level) => level,
        _ => 0.5,
    };
    let share = match aim.functional {
        Functional::Interval(share) => share,
        _ => 0.9,
    };
    // Huber's 95 % efficiency at the normal law is at 1.345 σ, Tukey's at 4.685 σ.
    let spread = scaled_median_absolute_deviation(&target.values);
    let centre = median(&target.values);
    let distance: Vec<f64> = target.values.iter().map(|y| (y - centre).abs()).collect();
    // More than half of the targets may be one number.
    let spread = if spread > 0.0 { spread } else { super::score::mean(&distance, None) };
    let mut all = vec![
        Objective::SquaredError,
        Objective::AbsoluteError,
        Objective::Quantile { level },
        Objective::Expectile { level },
        Objective::Huber { delta: 1.345 * spread },
        Objective::Tukey { c: 4.685 * spread },
        Objective::LogSquaredError,
        Objective::SquaredLogarithmicError,
        Objective::AbsolutePercentageError,
        Objective::Poisson,
        Objective::Tweedie { power: 1.5 },
        Objective::Gamma,
        Objective::InverseGaussian,
        Objective::Gaussian,
        Objective::BetaGaussian { beta: 0.5 },
        Objective::StudentT { freedom: 5.0 },
        Objective::LogNormal,
        Objective::GammaLikelihood,
        Objective::TwoPart,
        Objective::TwoQuantiles { lower: 0.5 * (1.0 - share), upper: 0.5 * (1.0 + share) },
    ];
    match target.kind {
        TargetKind::Count => all.extend([
            Objective::NegativeBinomial,
            Objective::ZeroInflatedPoisson,
            Objective::ZeroInflatedNegativeBinomial,
        ]),
        TargetKind::Share => all.extend([Objective::CrossEntropy, Objective::Brier]),
        TargetKind::Real
        | TargetKind::Amount
        | TargetKind::Binary
        | TargetKind::Ordered
        | TargetKind::Classes
        | TargetKind::Relevance => {}
    }
    all
}

fn of_two_classes(target: &Target) -> Vec<Objective> {
    let share = super::score::mean(&target.values, None);
    vec![
        Objective::CrossEntropy,
        Objective::WeightedCrossEntropy { weight: ((1.0 - share) / share).max(1.0) },
        Objective::Focal { gamma: 2.0, alpha: 0.25 },
        Objective::Brier,
        Objective::Hinge,
        Objective::PairwiseLogistic,
        Objective::LogitAdjusted { tau: 1.0 },
    ]
}

/// A loss by its name: `tweedie_deviance`, `focal:gamma=1:alpha=0.75`, `log_squared_error+ratio`.
pub fn named(name: &str, aim: &Aim, target: &Target) -> Result<Candidate, CompareError> {
    let known = usual(aim, target);
    let (loss, repair) = name.split_once('+').map_or((name, None), |(loss, repair)| (loss, Some(repair)));
    let mut parts = loss.split(':');
    let wanted = parts.next().unwrap_or_default().trim();
    let plain = |name: &str| name.to_lowercase().replace('-', "_");
    let Some(&found) = known.iter().find(|objective| objective.name() == plain(wanted)) else {
        return Err(unknown(wanted, &known, target));
    };
    let mut objective = found;
    for setting in parts {
        let refused = || CompareError::Parameter {
            setting: setting.to_owned(),
            loss: found.name(),
            takes: match &found.parameters()[..] {
                [] => "takes no number".to_owned(),
                all => format!("takes {}", all.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and ")),
            },
        };
        let (name, value) = setting.split_once('=').ok_or_else(refused)?;
        let value: f64 = value.trim().parse().map_err(|_| refused())?;
        objective = with_parameter(objective, name.trim(), value).ok_or_else(refused)?;
    }
    let repair = match repair {
        None => None,
        Some(repair) => {
            let wanted = plain(repair.trim());
            let known = REPAIRS.into_iter().find(|&known| repair_name(known) == wanted);
            Some(known.ok_or_else(|| CompareError::Repair {
                name: repair.to_owned(),
                known: REPAIRS.map(repair_name).join(", "),
            })?)
        }
    };
    let mut candidate = Candidate::new(objective, repair);
    if loss.contains(':') {
        candidate.name = full_name(&candidate);
    }
    candidate.admissible = aim.admits(objective, repair);
    candidate.why = "named by --losses".to_owned();
    Ok(candidate)
}

fn unknown(wanted: &str, known: &[Objective], target: &Target) -> CompareError {
    let mut near: Vec<(f64, &str)> =
        known.iter().map(|objective| (strsim::jaro_winkler(objective.name(), wanted), objective.name())).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let suggestion = match near.first() {
        Some((likeness, name)) if *likeness > 0.8 => format!("did you mean `{name}`?"),
        _ => format!("there are {}", known.iter().map(|objective| objective.name()).collect::<Vec<_>>().join(", ")),
    };
    CompareError::UnknownLoss { name: wanted.to_owned(), target: target.name.clone(), suggestion }
}

/// As a candidate's name holds it.
pub fn repair_name(repair: Repair) -> &'static str {
    match repair {
        Repair::Ratio => "ratio",
        Repair::Shift => "shift",
        Repair::PriorShift => "prior_shift",
        Repair::InverseFocal => "inverse_focal",
        Repair::Temperature => "temperature",
        Repair::Threshold => "threshold",
        Repair::Decode => "decode",
        Repair::Conformal => "conformal",
    }
}

/// The loss with one of its parameters changed; none where it has no such one or the value makes no sense.
fn with_parameter(objective: Objective, name: &str, value: f64) -> Option<Objective> {
    let share = value > 0.0 && value < 1.0;
    let positive = value > 0.0 && value.is_finite();
    let changed = match (objective, name) {
        (Objective::Huber { .. }, "delta") if positive => Objective::Huber { delta: value },
        (Objective::Quantile { .. }, "level") if share => Objective::Quantile { level: value },
        (Objective::Expectile { .. }, "level") if share => Objective::Expectile { level: value },
        (Objective::Tweedie { .. }, "power") if value > 1.0 && value < 2.0 => Objective::Tweedie { power: value },
        (Objective::BetaGaussian { .. }, "beta") if (0.0..=1.0).contains(&value) => {
            Objective::BetaGaussian { beta: value }
        }
        (Objective::StudentT { .. }, "freedom") if positive => Objective::StudentT { freedom: value },
        (Objective::TwoQuantiles { upper, .. }, "lower") if share && value < upper => {
            Objective::TwoQuantiles { lower: value, upper }
        }
        (Objective::TwoQuantiles { lower, .. }, "upper") if share && value > lower => {
            Objective::TwoQuantiles { lower, upper: value }
        }
        (Objective::Tukey { .. }, "c") if positive => Objective::Tukey { c: value },
        (Objective::WeightedCrossEntropy { .. }, "weight") if positive => {
            Objective::WeightedCrossEntropy { weight: value }
        }
        (Objective::Focal { alpha, .. }, "gamma") if value >= 0.0 && value.is_finite() => {
            Objective::Focal { gamma: value, alpha }
        }
        (Objective::Focal { gamma, .. }, "alpha") if share => Objective::Focal { gamma, alpha: value },
        (Objective::LogitAdjusted { .. }, "tau") if positive => Objective::LogitAdjusted { tau: value },
        (Objective::MulticlassLogitAdjusted { .. }, "tau") if positive => {
            Objective::MulticlassLogitAdjusted { tau: value }
        }
        (Objective::ClassBalanced { .. }, "beta") if share => Objective::ClassBalanced { beta: value },
        (Objective::LabelSmoothing { .. }, "epsilon") if share => Objective::LabelSmoothing { epsilon: value },
        (Objective::GeneralisedCrossEntropy { .. }, "q") if positive && value <= 1.0 => {
            Objective::GeneralisedCrossEntropy { q: value }
        }
        _ => return None,
    };
    Some(changed)
}

/// The default and the losses that were named, or the shortlist, ready to race: the default first, each with its cheapest repair
/// beside it, every name once, plainness as the verdict counts it.
pub fn field(candidates: Vec<Candidate>, aim: &Aim, target: &Target) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = (candidates.into_iter())
        .filter(|candidate| repairs::can_read(candidate.loss, aim, target))
        .filter(|candidate| !candidate.post.is_some_and(|repair| repairs::changes_nothing(candidate.loss, repair, aim)))
        .collect();
    if let Some(default) = candidates.first().cloned() {
        for candidate in &mut candidates {
            candidate.plainness = plainness(candidate, &default);
        }
    }
    let mut all = super::entry::with_repairs(candidates, aim, target.kind);
    let default = all.first().cloned();
    for place in 0..all.len() {
        if let Some(default) = &default {
            all[place].plainness = plainness(&all[place], default);
        }
        let repeated = (0..all.len()).any(|other| other != place && all[other].name == all[place].name);
        if repeated && !all[place].loss.parameters().is_empty() {
            all[place].name = full_name(&all[place]);
        }
    }
    all
}

/// The name with the loss's parameters, as [`named`] reads it.
fn full_name(candidate: &Candidate) -> String {
    let parameters = candidate.loss.parameters();
    let settings: String = parameters.iter().map(|(name, value)| format!(":{name}={value}")).collect();
    let repair = candidate.post.map_or_else(String::new, |repair| format!("+{}", repair_name(repair)));
    format!("{}{settings}{repair}", candidate.loss.name())
}

/// 0 the default, 1 with one number, 2 another loss, 3 one with a parameter of its own, 4 one of several parts; half a step is not
/// counted: a repair of another loss is as plain as the loss.
fn plainness(candidate: &Candidate, default: &Candidate) -> u8 {
    let parts = matches!(
        candidate.loss,
        Objective::TwoPart | Objective::ZeroInflatedPoisson | Objective::ZeroInflatedNegativeBinomial
    );
    if candidate.name == default.name && candidate.loss == default.loss {
        0
    } else if candidate.loss == default.loss {
        1
    } else if parts {
        4
    } else if super::plan::neighbours(candidate.loss).is_empty() {
        2
    } else {
        3
    }
}

/// The candidates that follow from the question alone, the default first.
pub fn of_question(aim: &Aim, target: &Target) -> Vec<Candidate> {
    let fits = |objective: Objective| {
        objective.accepts(&target.values, target.levels.len()) && repairs::can_read(objective, aim, target)
    };
    let unrepaired = aim.consistent.iter().map(|&objective| (objective, None));
    let repaired = aim.repaired.iter().map(|&(objective, repair)| (objective, Some(repair)));
    let mut all: Vec<Candidate> = Vec::new();
    for (objective, repair) in unrepaired.chain(repaired).filter(|&(objective, _)| fits(objective)) {
        // Parameters that depend on the data are those of these data.
        let objective =
            usual(aim, target).into_iter().find(|usual| usual.name() == objective.name()).unwrap_or(objective);
        let candidate = Candidate::new(objective, repair);
        if !all.iter().any(|known| known.name == candidate.name) {
            all.push(candidate);
        }
    }
    all
}
