//! From scores to actions.

use crate::advice::metric::Metric;

/// The least score that is acted on, chosen on these rows by the metric; of equally good ones the highest.
///
/// F1, balanced accuracy, accuracy and costs are counted at every score; a share acts on the highest ones.
///
/// # Panics
/// If the metric is none of decisions.
#[track_caller]
pub(super) fn best(metric: Metric, score: &[f64], target: &[f64], weight: Option<&[f64]>) -> f64 {
    let own = |row: usize| weight.map_or(1.0, |weight| weight[row]);
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_by(|&a, &b| score[b].total_cmp(&score[a]));
    let all: f64 = (0..score.len()).map(own).sum();
    let positives: f64 = (0..score.len()).filter(|&row| target[row] > 0.5).map(own).sum();
    let negatives = all - positives;
    let worth = |caught: f64, flagged: f64| match metric {
        Metric::F1 => 2.0 * caught / (flagged + positives),
        Metric::BalancedAccuracy => caught / positives - (flagged - caught) / negatives,
        Metric::Accuracy => caught - (flagged - caught),
        Metric::Cost(costs) => costs.miss * caught - costs.alarm * (flagged - caught),
        Metric::RecallAt(share) => -(flagged / all - share).abs(),
        Metric::Rmse
        | Metric::R2
        | Metric::Mae
        | Metric::Wape
        | Metric::Mape
        | Metric::Rmsle
        | Metric::PoissonDeviance
        | Metric::GammaDeviance
        | Metric::TweedieDeviance(_)
        | Metric::Pinball(_)
        | Metric::Expectile(_)
        | Metric::LogLoss
        | Metric::Brier
        | Metric::Auc
        | Metric::AveragePrecision
        | Metric::QuadraticKappa
        | Metric::Ndcg(_)
        | Metric::Mrr
        | Metric::LogScore
        | Metric::Crps
        | Metric::IntervalScore(_)
        | Metric::Within(_) => panic!("threshold: {metric} takes no decisions"),
    };
    // To act on nothing is a choice, too, where the metric says what it is worth.
    let idle = worth(0.0, 0.0);
    let mut most = (if idle.is_nan() { f64::NEG_INFINITY } else { idle }, f64::INFINITY);
    let (mut caught, mut flagged) = (0.0, 0.0);
    for (place, &row) in order.iter().enumerate() {
        flagged += own(row);
        caught += if target[row] > 0.5 { own(row) } else { 0.0 };
        if order.get(place + 1).is_some_and(|&next| score[next] == score[row]) {
            continue;
        }
        let worth = worth(caught, flagged);
        if worth > most.0 {
            // Half way to the next score: new rows do not sit on the old ones.
            let next = order.get(place + 1).map_or(score[row], |&next| score[next]);
            most = (worth, 0.5 * (score[row] + next));
        }
    }
    most.1
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::advice::purpose::Costs;

    const SCORE: [f64; 6] = [0.9, 0.8, 0.6, 0.4, 0.3, 0.1];
    const TARGET: [f64; 6] = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0];

    #[test]
    fn each_metric_has_its_threshold() {
        // F1 at 0.3: 6/8; at 0.6: 4/6; at 0.9: 2/4.
        assert_relative_eq!(best(Metric::F1, &SCORE, &TARGET, None), 0.2);
        let cost = |miss, alarm| best(Metric::Cost(Costs { miss, alarm }), &SCORE, &TARGET, None);
        assert_relative_eq!(cost(10.0, 1.0), 0.2);
        assert_relative_eq!(cost(1.0, 10.0), 0.85);
        assert_relative_eq!(best(Metric::RecallAt(0.5), &SCORE, &TARGET, None), 0.5);
    }

    #[test]
    fn nothing_is_acted_on_where_every_action_costs_more_than_it_saves() {
        let cost = Metric::Cost(Costs { miss: 1.0, alarm: 10.0 });
        assert_eq!(best(cost, &[0.9, 0.1], &[0.0, 1.0], None), f64::INFINITY);
    }
}
