//! Two sentences on what each loss estimated and whom it serves, and not a word that the figures do not show.

use super::{HeavyTail, LossFindings};
use crate::{
    metrics::{Difference, Spread},
    page::capitalised,
    terminal::number::{dollars, percent},
    tour::listed,
};

/// How far a total may be off, and still be called the true one.
const TOTAL_TOLERANCE: f64 = 0.15;

/// How far from a half the share of rows below the prediction may be, and the prediction still be called the median.
const MEDIAN_TOLERANCE: f64 = 0.06;

/// What a loss estimated, by its total and by how many rows lie below its predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statistic {
    Mean,
    Median,
    Between,
    AboveTheMean,
    BelowTheMedian,
}

/// The two sentences: what each loss estimated; whom it serves.
pub fn verdict(found: &HeavyTail) -> [String; 2] {
    [estimated(&found.losses), serves(&found.losses)]
}

fn statistic(findings: &LossFindings) -> Statistic {
    let (total, below) = (findings.totals_ratio.mean(), findings.share_above_truth.mean());
    if (total - 1.0).abs() <= TOTAL_TOLERANCE {
        Statistic::Mean
    } else if total > 1.0 {
        Statistic::AboveTheMean
    } else if (below - 0.5).abs() <= MEDIAN_TOLERANCE {
        Statistic::Median
    } else if below > 0.5 {
        Statistic::Between
    } else {
        Statistic::BelowTheMedian
    }
}

fn estimated(losses: &[LossFindings]) -> String {
    let clause = |findings: &LossFindings| {
        let what = match statistic(findings) {
            Statistic::Mean => "something close to the mean",
            Statistic::Median => "something close to the median",
            Statistic::Between => "a value between the median and the mean",
            Statistic::AboveTheMean => "more than the mean",
            Statistic::BelowTheMedian => "less than the median",
        };
        format!(
            "{} estimated {what} ({} of the true total; above the truth on {} of the rows)",
            findings.loss.name(),
            whole(findings.totals_ratio.mean()),
            percent(findings.share_above_truth.mean()),
        )
    };
    let clauses: Vec<String> = losses.iter().map(clause).collect();
    capitalised(&clauses.join("; ")) + "."
}

fn serves(losses: &[LossFindings]) -> String {
    let typical = best(losses, |findings| findings.mae_bottom_90.clone());
    let budget = best(losses, total_error);
    let (Some(first_typical), Some(first_budget)) = (typical.first(), budget.first()) else {
        return String::new();
    };
    let both: Vec<&str> = names(&typical).into_iter().filter(|name| names(&budget).contains(name)).collect();
    let (error, total) = (&first_typical.mae_bottom_90, first_budget.totals_ratio.mean());
    if !both.is_empty() {
        return format!(
            "{} {} both here, the typical case (off by {} on the cheaper 90 % of the rows) and the budget ({} of the \
             true total){}.",
            capitalised(&listed(&both, "and")),
            if both.len() == 1 { "serves" } else { "serve" },
            dollars(error.mean()),
            whole(total),
            missed(losses, "; "),
        );
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
    format!(
        "Whoever asks about the typical case takes {}; {advice}{}.",
        choice(&typical, &typical_fact),
        missed(losses, ": "),
    )
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
    let totals: Vec<String> = missing.iter().map(|findings| whole(findings.totals_ratio.mean())).collect();
    let totals: Vec<&str> = totals.iter().map(String::as_str).collect();
    match missing.len() {
        0 => String::new(),
        1 => format!("{joint}{} misses the budget, with {} of it", listed(&names(&missing), "and"), totals[0]),
        _ => {
            format!("{joint}{} miss the budget, with {} of it", listed(&names(&missing), "and"), listed(&totals, "and"))
        }
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
fn best(losses: &[LossFindings], error: impl Fn(&LossFindings) -> Spread) -> Vec<&LossFindings> {
    let by_error = |a: &&LossFindings, b: &&LossFindings| error(a).mean().total_cmp(&error(b).mean());
    let Some(least) = losses.iter().min_by(by_error) else {
        return Vec::new();
    };
    let alike = |findings: &&LossFindings| {
        findings.loss != least.loss && error(findings).against(&error(least)) == Difference::Unclear
    };
    std::iter::once(least).chain(losses.iter().filter(alike)).collect()
}

fn names(losses: &[&LossFindings]) -> Vec<&'static str> {
    losses.iter().map(|findings| findings.loss.name()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tour::heavy_tail::{AmountLoss, sample};

    fn set(found: &mut HeavyTail, loss: AmountLoss, mae: [f64; 3], total: [f64; 3], above: f64) {
        let findings = found.losses.iter_mut().find(|findings| findings.loss == loss).unwrap();
        findings.mae_bottom_90 = Spread::of(mae.to_vec());
        findings.totals_ratio = Spread::of(total.to_vec());
        findings.share_above_truth = Spread::of(vec![above; 3]);
    }

    #[test]
    fn the_usual_case() {
        let [estimated, serves] = verdict(&sample::found());
        assert_eq!(
            estimated,
            "Squared error estimated something close to the mean (104 % of the true total; above the truth on 76 % of \
             the rows); absolute error estimated something close to the median (36 % of the true total; above the \
             truth on 51 % of the rows); Huber loss estimated a value between the median and the mean (41 % of the \
             true total; above the truth on 58 % of the rows)."
        );
        assert_eq!(
            serves,
            "Whoever asks about the typical case takes absolute error, which is off by $55 on the cheaper 90 % of the \
             rows, squared error by $157; whoever has to pay the sum takes squared error, which predicts 104 % of \
             the true total: absolute error and Huber loss miss the budget, with 36 % and 41 % of it."
        );
    }

    #[test]
    fn losses_that_the_seeds_do_not_tell_apart_share_the_place() {
        let mut found = sample::found();
        set(&mut found, AmountLoss::Huber, [54.0, 56.0, 55.5], [0.4, 0.41, 0.42], 0.55);
        let [_, serves] = verdict(&found);
        assert!(serves.contains("takes absolute error or Huber loss (absolute error is off by $55 "), "{serves}");
    }

    #[test]
    fn one_loss_may_serve_both() {
        let mut found = sample::found();
        set(&mut found, AmountLoss::SquaredError, [40.0, 41.0, 42.0], [1.0, 1.01, 1.02], 0.6);
        let [_, serves] = verdict(&found);
        assert!(serves.starts_with("Squared error serves both here, the typical case (off by $41 "), "{serves}");
        let missed =
            "(101 % of the true total); absolute error and Huber loss miss the budget, with 36 % and 41 % of it.";
        assert!(serves.ends_with(missed), "{serves}");
        set(&mut found, AmountLoss::AbsoluteError, [55.0; 3], [0.9; 3], 0.5);
        set(&mut found, AmountLoss::Huber, [55.0; 3], [1.1; 3], 0.5);
        let [_, serves] = verdict(&found);
        assert!(serves.ends_with("(101 % of the true total)."), "who misses nothing is not blamed: {serves}");
    }

    #[test]
    fn no_budget_is_promised_where_no_total_comes_near() {
        let mut found = sample::found();
        set(&mut found, AmountLoss::SquaredError, [157.0, 150.0, 160.0], [1.3, 1.4, 1.2], 0.9);
        let [estimated, serves] = verdict(&found);
        assert!(estimated.starts_with("Squared error estimated more than the mean (130 % "), "{estimated}");
        assert!(
            serves.contains("no loss serves whoever has to pay the sum: nearest comes squared error, "),
            "{serves}"
        );
    }

    #[test]
    fn too_much_is_not_called_too_little() {
        let mut found = sample::found();
        set(&mut found, AmountLoss::AbsoluteError, [55.0, 54.0, 56.0], [1.3, 1.4, 1.5], 0.4);
        set(&mut found, AmountLoss::Huber, [90.0, 91.0, 92.0], [0.5, 0.5, 0.5], 0.3);
        let [estimated, serves] = verdict(&found);
        assert!(
            serves.ends_with("absolute error and Huber loss miss the budget, with 140 % and 50 % of it."),
            "{serves}"
        );
        assert!(estimated.contains("Huber loss estimated less than the median"), "{estimated}");
    }
}
