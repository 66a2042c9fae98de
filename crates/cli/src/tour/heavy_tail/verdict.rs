//! What each loss estimated, whom it serves and whom it listens to, and not a word that the figures do not show.

use super::{AmountLoss, HeavyTail, LossFindings, train::TAU};
use crate::{
    metrics::{Difference, Spread},
    page::capitalised,
    terminal::number::{Unit, dollars, percent},
    tour::{contrast::Contrast, listed},
};

/// How far a total may be off, and still be called the true one.
const TOTAL_TOLERANCE: f64 = 0.15;

/// How far the share of rows below the prediction may be from a half, or from τ, and the prediction still be called the
/// median, or the quantile.
const SHARE_TOLERANCE: f64 = 0.06;

/// What a loss estimated, by its total and by how many rows lie below its predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statistic {
    Mean,
    Median,
    Between,
    Quantile,
    AboveTheMean,
    BelowTheMedian,
}

/// The sentences: what each loss estimated; whom it serves; whether a quantile is one; what the deviances change.
pub fn verdict(found: &HeavyTail) -> Vec<String> {
    let sentences = [Some(estimated(&found.losses)), serves(found), covers(found), deviances(found)];
    sentences.into_iter().flatten().collect()
}

fn statistic(findings: &LossFindings) -> Statistic {
    let (total, below) = (findings.totals_ratio.mean(), findings.share_above_truth.mean());
    if (total - 1.0).abs() <= TOTAL_TOLERANCE {
        Statistic::Mean
    } else if (below - TAU).abs() <= SHARE_TOLERANCE {
        Statistic::Quantile
    } else if total > 1.0 {
        Statistic::AboveTheMean
    } else if (below - 0.5).abs() <= SHARE_TOLERANCE {
        Statistic::Median
    } else if below > 0.5 {
        Statistic::Between
    } else {
        Statistic::BelowTheMedian
    }
}

/// Losses that estimated the same in one clause.
fn estimated(losses: &[LossFindings]) -> String {
    let mut kinds: Vec<Statistic> = Vec::new();
    for findings in losses {
        if !kinds.contains(&statistic(findings)) {
            kinds.push(statistic(findings));
        }
    }
    let clause = |kind: Statistic| {
        let what = match kind {
            Statistic::Mean => "something close to the mean".to_owned(),
            Statistic::Median => "something close to the median".to_owned(),
            Statistic::Between => "a value between the median and the mean".to_owned(),
            Statistic::Quantile => format!("something close to the {TAU} quantile"),
            Statistic::AboveTheMean => "more than the mean".to_owned(),
            Statistic::BelowTheMedian => "less than the median".to_owned(),
        };
        let alike: Vec<&LossFindings> = losses.iter().filter(|findings| statistic(findings) == kind).collect();
        format!(
            "{} estimated {what} ({} of the true total; above the truth on {} of the rows)",
            listed(&names(&alike), "and"),
            each(&alike, |findings| whole(findings.totals_ratio.mean())),
            each(&alike, |findings| whole(findings.share_above_truth.mean())),
        )
    };
    let clauses: Vec<String> = kinds.into_iter().map(clause).collect();
    capitalised(&clauses.join("; ")) + "."
}

fn serves(found: &HeavyTail) -> Option<String> {
    let losses = &found.losses;
    let typical = best(found, |findings| findings.mae_bottom_90.clone());
    let budget = best(found, total_error);
    let (first_typical, first_budget) = (typical.first()?, budget.first()?);
    let both: Vec<&str> = names(&typical).into_iter().filter(|name| names(&budget).contains(name)).collect();
    let (error, total) = (&first_typical.mae_bottom_90, first_budget.totals_ratio.mean());
    if !both.is_empty() {
        return Some(format!(
            "{} {} both here, the typical case (off by {} on the cheaper 90 % of the rows) and the budget ({} of the \
             true total){}.",
            capitalised(&listed(&both, "and")),
            if both.len() == 1 { "serves" } else { "serve" },
            dollars(error.mean()),
            whole(total),
            missed(losses, "; "),
        ));
    }
    let typical_fact = format!(
        "is off by {} on the cheaper 90 % of the rows, {} by {}",
        dollars(error.mean()),
        first_budget.loss.name(),
        dollars(first_budget.mae_bottom_90.mean()),
    );
    let budget_fact = format!("predicts {} of the true total", whole(total));
    let advice = if (total - 1.0).abs() <= TOTAL_TOLERANCE {
        format!("whoever has to pay the sum takes {}", choice(&budget, &budget_fact))
    } else {
        format!("no loss serves whoever has to pay the sum: nearest comes {}", choice(&budget, &budget_fact))
    };
    Some(format!(
        "Whoever asks about the typical case takes {}; {advice}{}.",
        choice(&typical, &typical_fact),
        missed(losses, ": "),
    ))
}

/// Whether the quantile loss keeps its promise on rows that it has not seen.
fn covers(found: &HeavyTail) -> Option<String> {
    let findings = found.of(AmountLoss::Quantile)?;
    let contrast = Contrast::from(&findings.share_above_truth, TAU, found.data.parts.ratio());
    let kept = match contrast.side() {
        Difference::Unclear => "and the seeds do not tell that from its promise",
        Difference::Higher => "more than it promised",
        Difference::Lower => "less than it promised",
    };
    Some(format!(
        "Whoever must not run short in {} of a hundred years takes the {TAU} quantile: it was enough on {} of the test \
         rows, {kept}, and asks for {} of the true total.",
        whole(TAU).trim_end_matches(" %"),
        percent(findings.share_above_truth.mean()),
        whole(findings.totals_ratio.mean()),
    ))
}

/// What the deviances change against squared error, which estimates the same: whom they listen to, and how far off they are.
fn deviances(found: &HeavyTail) -> Option<String> {
    let squared = found.of(AmountLoss::SquaredError)?;
    let deviances: Vec<&LossFindings> =
        found.losses.iter().filter(|findings| findings.loss.is_of_logarithm()).collect();
    if deviances.is_empty() {
        return None;
    }
    let clause = |findings: &&LossFindings| {
        let against = |figure: fn(&LossFindings) -> &Spread, unit| {
            let contrast = Contrast::of(figure(findings), figure(squared), found.data.parts.ratio());
            let side = match contrast.side() {
                Difference::Higher => "worse",
                Difference::Lower => "better",
                Difference::Unclear => "not to be told apart",
            };
            format!("{side}, by {}", contrast.in_words(unit))
        };
        format!(
            "with {} the costliest 1 % of the rows hold {} of the gradient; on the cheaper 90 % it is {}, in RMSE on all {}",
            findings.loss.name(),
            percent(findings.top_percent_gradient_last.mean()),
            against(|findings| &findings.mae_bottom_90, Unit::Dollars),
            against(|findings| &findings.rmse_test, Unit::Dollars),
        )
    };
    let clauses: Vec<String> = deviances.iter().map(clause).collect();
    Some(format!(
        "Against squared error, which gives the costliest 1 % {} of the gradient: {}.",
        percent(squared.top_percent_gradient_last.mean()),
        clauses.join("; "),
    ))
}

/// "A, which does so", or "A or B (A does so)".
fn choice(losses: &[&LossFindings], fact: &str) -> String {
    match names(losses)[..] {
        [only] => format!("{only}, which {fact}"),
        ref several => format!("{} ({} {fact})", listed(several, "or"), several.first().unwrap_or(&"")),
    }
}

/// Who misses the budget, and with what: "absolute error and Huber loss miss it, with 32 % and 36 %".
fn missed(losses: &[LossFindings], joint: &str) -> String {
    let missing: Vec<&LossFindings> =
        (losses.iter()).filter(|findings| (findings.totals_ratio.mean() - 1.0).abs() > TOTAL_TOLERANCE).collect();
    let totals = each(&missing, |findings| whole(findings.totals_ratio.mean()));
    let who = listed(&names(&missing), "and");
    match missing.len() {
        0 => String::new(),
        1 => format!("{joint}{who} misses the budget, with {totals} of it"),
        _ => format!("{joint}{who} miss the budget, with {totals} of it"),
    }
}

/// A share of the total as a percentage without places: the seeds differ by more.
fn whole(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn total_error(findings: &LossFindings) -> Spread {
    Spread::of(findings.totals_ratio.values().iter().map(|ratio| (ratio - 1.0).abs()).collect())
}

/// The loss with the smallest error, and after it those that the seeds do not tell from it.
fn best(found: &HeavyTail, error: impl Fn(&LossFindings) -> Spread) -> Vec<&LossFindings> {
    let losses = &found.losses;
    let by_error = |a: &&LossFindings, b: &&LossFindings| error(a).mean().total_cmp(&error(b).mean());
    let Some(least) = losses.iter().min_by(by_error) else {
        return Vec::new();
    };
    let alike = |findings: &&LossFindings| {
        let contrast = Contrast::of(&error(findings), &error(least), found.data.parts.ratio());
        findings.loss != least.loss && contrast.side() == Difference::Unclear
    };
    std::iter::once(least).chain(losses.iter().filter(alike)).collect()
}

fn names(losses: &[&LossFindings]) -> Vec<&'static str> {
    losses.iter().map(|findings| findings.loss.name()).collect()
}

/// A figure of each, listed in their order.
fn each(losses: &[&LossFindings], figure: impl Fn(&LossFindings) -> String) -> String {
    let figures: Vec<String> = losses.iter().map(|findings| figure(findings)).collect();
    listed(&figures.iter().map(String::as_str).collect::<Vec<_>>(), "and")
}

#[cfg(test)]
mod tests;
