//! Losses worth a trial for a question, the plainest first, and those that people would take although they aim elsewhere.

use super::{
    document::{Candidate, Repair, RuleOutcome, State},
    evidence::Evidence,
    map::Aim,
    metric::Metric,
    problem::{Target, TargetKind},
    purpose::Functional,
    written::{figure, ratio},
};
use crate::model::Objective;

/// What is taken where nothing speaks for another loss.
pub fn default_loss(kind: TargetKind) -> Objective {
    match kind {
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => Objective::SquaredError,
        TargetKind::Binary => Objective::CrossEntropy,
        TargetKind::Ordered | TargetKind::Classes => Objective::MulticlassCrossEntropy,
        TargetKind::Relevance => Objective::Pointwise,
    }
}

/// As `--losses` takes it after a `+`.
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

/// The losses for a question, by plainness: the default first, then the default with one number, other losses without a new
/// parameter, losses with one, two parts. Those that people would take although they aim elsewhere are not admissible and
/// come last, but for the default. Losses that do not take such targets are left out.
pub fn shortlist(aim: &Aim, target: &Target, evidence: &Evidence, outcomes: &[RuleOutcome]) -> Vec<Candidate> {
    let default = default_loss(target.kind);
    let conditional = aim.conditional.iter().filter(|(objective, _)| holds(*objective, aim, evidence));
    let admitted = (aim.consistent.iter().map(|&objective| (objective, None)))
        .chain(aim.repaired.iter().map(|&(objective, repair)| (objective, Some(repair))))
        .chain(conditional.map(|&(objective, _)| (objective, None)));
    let tempting = tempting(aim, target).into_iter().map(|objective| (objective, None));
    let mut all: Vec<Candidate> = Vec::new();
    let every = (std::iter::once((default, None)).map(|wanted| (wanted, aim.admits(default, None))))
        .chain(admitted.map(|wanted| (wanted, true)))
        .chain(tempting.map(|wanted| (wanted, false)));
    for ((objective, repair), admissible) in every {
        let objective = for_data(objective, target, evidence);
        let known = all.iter().any(|other| other.loss == objective && other.post == repair);
        if known || !objective.accepts(&target.values, target.levels.len()) {
            continue;
        }
        let mut candidate = Candidate::new(objective, repair);
        candidate.admissible = admissible;
        candidate.plainness = plainness(objective, repair, default);
        candidate.why = why(&candidate, aim, outcomes);
        candidate.against = against(&candidate, aim, evidence, outcomes);
        all.push(candidate);
    }
    // Stable: what the map names first stays first.
    all.sort_by_key(|candidate| (candidate.plainness > 0 && !candidate.admissible, candidate.plainness));
    all
}

/// Whether what a conditional loss needs holds here.
fn holds(objective: Objective, aim: &Aim, evidence: &Evidence) -> bool {
    let Some(numbers) = &evidence.numbers else { return false };
    match objective {
        Objective::Huber { .. } => aim.functional == Functional::Mean && numbers.is_symmetric() && !numbers.is_skewed(),
        Objective::LogSquaredError => numbers.logarithm.is_some_and(|logarithm| logarithm.skewness.holds(0.0)),
        // A median has no log link of its own: where effects clearly multiply, the law's is nearer.
        Objective::NegativeBinomial => {
            numbers.counts.is_some_and(|counts| counts.t > super::rules::limits::DISPERSION_T)
                && (aim.functional != Functional::Median || numbers.is_multiplying())
        }
        _ => false,
    }
}

/// What people would take although it aims elsewhere.
fn tempting(aim: &Aim, target: &Target) -> Vec<Objective> {
    let huber = Objective::Huber { delta: 1.345 };
    match (aim.functional, target.kind) {
        (Functional::Mean, TargetKind::Real | TargetKind::Share) => vec![huber, Objective::AbsoluteError],
        (Functional::Mean, TargetKind::Amount) => {
            vec![huber, Objective::LogSquaredError, Objective::SquaredLogarithmicError, Objective::AbsoluteError]
        }
        (Functional::Mean, TargetKind::Count) => {
            vec![huber, Objective::SquaredLogarithmicError, Objective::AbsoluteError]
        }
        (Functional::Median, TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share) => {
            vec![huber]
        }
        (Functional::Mode, TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share) => {
            vec![Objective::AbsoluteError]
        }
        (Functional::Law, TargetKind::Count) => vec![Objective::Gaussian],
        (Functional::Probability, TargetKind::Binary) => vec![
            Objective::WeightedCrossEntropy { weight: 1.0 },
            Objective::Focal { gamma: 2.0, alpha: 0.25 },
            Objective::Hinge,
        ],
        (Functional::Order, TargetKind::Binary) => match aim.metric {
            Metric::Auc | Metric::AveragePrecision | Metric::RecallAt(_) => vec![Objective::Hinge],
            _ => vec![Objective::WeightedCrossEntropy { weight: 1.0 }, Objective::Focal { gamma: 2.0, alpha: 0.25 }],
        },
        (Functional::Probability | Functional::Mode, TargetKind::Classes) => {
            vec![Objective::ClassBalanced { beta: 0.999 }, Objective::LabelSmoothing { epsilon: 0.1 }]
        }
        _ => Vec::new(),
    }
}

/// The objective with the parameters that the data call for.
fn for_data(objective: Objective, target: &Target, evidence: &Evidence) -> Objective {
    match objective {
        // 95 % efficient at a normal law.
        Objective::Huber { .. } => Objective::Huber { delta: 1.345 * evidence.scale() },
        Objective::Tukey { .. } => Objective::Tukey { c: 4.685 * evidence.scale() },
        Objective::Tweedie { .. } => {
            let power = evidence.numbers.as_ref().and_then(|numbers| numbers.power).map_or(1.5, |power| power.value);
            let between = (power.clamp(1.1, 1.9) * 10.0).round() / 10.0;
            Objective::Tweedie { power: between }
        }
        Objective::WeightedCrossEntropy { .. } => {
            let positives = target.values.iter().sum::<f64>();
            let negatives = target.values.len() as f64 - positives;
            Objective::WeightedCrossEntropy { weight: (negatives / positives.max(1.0)).max(1.0) }
        }
        other => other,
    }
}

/// 0 the default, 1 the same with one number, 2 no new parameter, 3 a new one, 4 two parts.
fn plainness(objective: Objective, repair: Option<Repair>, default: Objective) -> u8 {
    let own = match objective {
        objective if objective == default => 0,
        Objective::TwoPart | Objective::ZeroInflatedPoisson | Objective::ZeroInflatedNegativeBinomial => 4,
        Objective::Tweedie { .. }
        | Objective::Huber { .. }
        | Objective::Tukey { .. }
        | Objective::StudentT { .. }
        | Objective::BetaGaussian { .. }
        | Objective::NegativeBinomial
        | Objective::WeightedCrossEntropy { .. }
        | Objective::Focal { .. }
        | Objective::LogitAdjusted { .. }
        | Objective::ClassBalanced { .. }
        | Objective::MulticlassLogitAdjusted { .. }
        | Objective::LabelSmoothing { .. }
        | Objective::GeneralisedCrossEntropy { .. } => 3,
        Objective::SquaredError
        | Objective::AbsoluteError
        | Objective::Quantile { .. }
        | Objective::Expectile { .. }
        | Objective::LogSquaredError
        | Objective::SquaredLogarithmicError
        | Objective::AbsolutePercentageError
        | Objective::Poisson
        | Objective::Gamma
        | Objective::InverseGaussian
        | Objective::Gaussian
        | Objective::LogNormal
        | Objective::GammaLikelihood
        | Objective::TwoQuantiles { .. }
        | Objective::CrossEntropy
        | Objective::Brier
        | Objective::Hinge
        | Objective::PairwiseLogistic
        | Objective::MulticlassCrossEntropy
        | Objective::Corn
        | Objective::CumulativeLink
        | Objective::ListSoftmax
        | Objective::ListPairwise
        | Objective::LambdaRank
        | Objective::ApproxNdcg
        | Objective::Pointwise => 2,
    };
    match repair {
        Some(_) if own < 4 => own + 1,
        _ => own,
    }
}

/// Fired rules that speak for a candidate.
fn speakers<'a>(candidate: &Candidate, outcomes: &'a [RuleOutcome]) -> impl Iterator<Item = &'a RuleOutcome> {
    let name = candidate.name.clone();
    outcomes.iter().filter(move |outcome| outcome.state == State::Fired && outcome.recommends.contains(&name))
}

fn fired(outcomes: &[RuleOutcome], code: &str) -> bool {
    outcomes.iter().any(|outcome| outcome.code == code && outcome.state == State::Fired)
}

/// Why a candidate is worth a trial, in a few words with the codes of rules.
fn why(candidate: &Candidate, aim: &Aim, outcomes: &[RuleOutcome]) -> String {
    if !candidate.admissible {
        return String::new();
    }
    let spoken: Vec<String> = (speakers(candidate, outcomes))
        .filter(|outcome| !matches!(outcome.code, "MIN101" | "MIN300"))
        .map(|outcome| format!("{} ({})", outcome.title, outcome.code))
        .take(2)
        .collect();
    if !spoken.is_empty() {
        return spoken.join("; ");
    }
    match candidate.post {
        Some(repair) => repair_words(repair).to_owned(),
        None if candidate.plainness == 0 => format!("the default; its aim is the {}", aim.functional),
        None => format!("its aim is the {}", aim.functional),
    }
}

/// What a repair does, in a few words.
pub fn repair_words(repair: Repair) -> &'static str {
    match repair {
        Repair::Ratio => "one factor makes the total right",
        Repair::Shift => "one shift makes the level right",
        Repair::PriorShift => "the weight's logarithm is taken off the logit again",
        Repair::InverseFocal => "a formula undoes focal's distortion",
        Repair::Temperature => "one temperature makes the probabilities right",
        Repair::Threshold => "one threshold, chosen on validation rows",
        Repair::Decode => "the answer is read off the probabilities by the metric",
        Repair::Conformal => "widened until it covers",
    }
}

/// What speaks against a candidate here; for one that is not admissible, why.
fn against(candidate: &Candidate, aim: &Aim, evidence: &Evidence, outcomes: &[RuleOutcome]) -> String {
    let target = evidence.target.numbers();
    let of_mean = |value: f64| target.filter(|target| target.mean > 0.0).map(|target| ratio(value / target.mean));
    let geometric =
        evidence.numbers.as_ref().and_then(|numbers| numbers.logarithm).map(|logarithm| ratio(logarithm.geometric));
    let mean = aim.functional == Functional::Mean;
    match (candidate.loss, candidate.post) {
        (Objective::SquaredError, None) if mean => {
            let below = matches!(evidence.kind(), TargetKind::Amount | TargetKind::Count);
            let reasons = [
                fired(outcomes, "MIN110").then_some("a few rows decide (MIN110)"),
                below.then_some("it can predict below 0"),
            ];
            reasons.into_iter().flatten().collect::<Vec<_>>().join("; ")
        }
        (Objective::SquaredError, None) if !candidate.admissible => {
            let far = target.filter(|target| target.median > 0.0).map(|target| figure(target.mean / target.median));
            let far = far.map_or(String::new(), |times| format!(", {times} times the median"));
            format!("aims at the mean{far} (MIN101)")
        }
        (Objective::Huber { .. }, None) if !candidate.admissible && mean => {
            let share = target
                .and_then(|target| of_mean(target.huber))
                .map_or(String::new(), |share| format!(": as one number {share} of the mean"));
            format!("aims between median and mean{share} (MIN112)")
        }
        (Objective::Huber { .. }, None) if !candidate.admissible => "aims between median and mean".to_owned(),
        (Objective::LogSquaredError, None) if mean => {
            format!(
                "comes to about {} of the sum (MIN122); one number repairs it",
                geometric.unwrap_or_else(|| "a part".to_owned())
            )
        }
        (Objective::LogSquaredError, Some(Repair::Ratio)) => {
            let varies = evidence.numbers.as_ref().is_some_and(|numbers| numbers.logarithm_varies());
            if varies {
                "the spread of ln y varies: one factor does not fit all rows".to_owned()
            } else {
                String::new()
            }
        }
        (Objective::AbsoluteError, None) if mean => {
            let share = target
                .and_then(|target| of_mean(target.median))
                .map_or(String::new(), |share| format!(", {share} of the mean"));
            format!("aims at the median{share}")
        }
        (Objective::AbsoluteError, None) if aim.functional == Functional::Median => {
            let share = target
                .and_then(|target| of_mean(target.median))
                .filter(|_| target.is_some_and(|target| target.skewness.abs() > 0.5));
            share.map_or(String::new(), |share| format!("its sum is no total: about {share} of it"))
        }
        (Objective::SquaredLogarithmicError, None) if mean => {
            "aims at a geometric mean: sums come out too small".to_owned()
        }
        (Objective::Gaussian, None) if evidence.kind() == TargetKind::Count => {
            "a normal law puts probability below 0 and between counts".to_owned()
        }
        (Objective::Gaussian | Objective::StudentT { .. }, None) if evidence.kind() == TargetKind::Amount => {
            "its law goes below 0".to_owned()
        }
        (Objective::Poisson, None) if aim.functional == Functional::Law && fired(outcomes, "MIN140") => {
            "its law is too narrow: counts vary more (MIN140)".to_owned()
        }
        (Objective::NegativeBinomial, None) if mean => "no nearer to the mean than Poisson (MIN140)".to_owned(),
        (Objective::ZeroInflatedPoisson | Objective::ZeroInflatedNegativeBinomial, None)
            if !fired(outcomes, "MIN141") =>
        {
            "no zeros are left to explain (MIN141 silent)".to_owned()
        }
        (Objective::WeightedCrossEntropy { weight }, None) if !candidate.admissible => {
            format!("multiplies the odds by {} and leaves the order (MIN161)", figure(weight))
        }
        (Objective::Focal { alpha, .. }, None) if !candidate.admissible => {
            let backwards = if alpha < 0.5 && fired(outcomes, "MIN160") {
                "; α below 0.5 gives the rare class less weight"
            } else {
                ""
            };
            format!("its output is no probability (MIN162){backwards}")
        }
        (Objective::Hinge, None) => "gives no probability, and is not consistent for the order".to_owned(),
        (Objective::ClassBalanced { .. }, None) => "its output is no probability (MIN161)".to_owned(),
        (Objective::LabelSmoothing { .. }, None) => "draws sure probabilities towards the middle".to_owned(),
        (Objective::CumulativeLink, _)
            if evidence
                .classes
                .as_ref()
                .and_then(|found| found.proportional_odds_p)
                .is_some_and(|p| p < super::rules::limits::PROPORTIONAL_ODDS_P) =>
        {
            "one slope for all steps is rejected (MIN190)".to_owned()
        }
        (Objective::LambdaRank | Objective::ApproxNdcg, _) => {
            let few = evidence.target.lists().is_some_and(|lists| lists.mixed < super::rules::limits::MANY_LISTS);
            if few { "few lists for a loss of the metric itself (MIN200)".to_owned() } else { String::new() }
        }
        (Objective::TwoQuantiles { .. }, None) => "covers the promised share only about".to_owned(),
        _ => String::new(),
    }
}

/// Which of the candidates is advised: the default where there is too little evidence; else what the fired rules of the
/// functional speak for; else the plainest that the question admits. Beside it the codes that decided.
pub fn advised(candidates: &[Candidate], aim: &Aim, outcomes: &[RuleOutcome]) -> Option<(usize, Vec<&'static str>)> {
    let admissible =
        |name: &str| candidates.iter().position(|candidate| candidate.admissible && candidate.name == name);
    let plainest = || {
        let first = (0..candidates.len()).filter(|&place| candidates[place].admissible);
        first
            .min_by_key(|&place| candidates[place].plainness)
            .or(candidates.iter().position(|candidate| candidate.plainness > 0))
    };
    if fired(outcomes, "MIN300") && candidates.first().is_some_and(|default| default.admissible) {
        return Some((0, vec!["MIN300"]));
    }
    for code in deciding(aim.functional) {
        let Some(outcome) = outcomes.iter().find(|outcome| outcome.code == *code && outcome.state == State::Fired)
        else {
            continue;
        };
        if let Some(place) = outcome.recommends.iter().find_map(|name| admissible(name)) {
            let name = &candidates[place].name;
            let codes = deciding(aim.functional).iter().copied().filter(|code| {
                outcomes
                    .iter()
                    .any(|other| other.code == *code && other.state == State::Fired && other.recommends.contains(name))
            });
            let codes: Vec<&str> = codes.collect();
            let others = codes.iter().copied().filter(|code| *code != "MIN101").collect::<Vec<_>>();
            return Some((place, if others.is_empty() { codes } else { others }));
        }
    }
    if let Functional::Interval(_) = aim.functional
        && let Some(place) = admissible("quantiles+conformal")
    {
        return Some((place, Vec::new()));
    }
    plainest().map(|place| (place, Vec::new()))
}

/// The rules that decide between losses for a functional, the most particular first; the last one asks whether the default aims
/// there at all.
fn deciding(functional: Functional) -> &'static [&'static str] {
    match functional {
        Functional::Mean => &["MIN190", "MIN152", "MIN110", "MIN130", "MIN120", "MIN101"],
        Functional::Median => &["MIN190", "MIN164", "MIN160", "MIN140", "MIN101"],
        Functional::Mode => &["MIN190", "MIN164", "MIN160", "MIN101"],
        Functional::Quantile(_) => &["MIN150", "MIN101"],
        Functional::Interval(_) => &["MIN151"],
        Functional::Law => &["MIN141", "MIN140", "MIN130", "MIN113", "MIN151", "MIN101"],
        Functional::Probability => &["MIN180", "MIN160", "MIN101"],
        Functional::Order => &["MIN200", "MIN165", "MIN160", "MIN101"],
        Functional::Expectile(_) | Functional::MedianByInverse | Functional::LogMean => &["MIN101"],
    }
}
