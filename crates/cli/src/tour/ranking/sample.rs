//! Findings made up for the tests of the verdict, the page and the report.

use super::*;

pub(crate) fn found() -> Orders {
    let around = |mean: f64| Spread::of(vec![mean - 0.001, mean, mean + 0.001]);
    let loss = |loss: OrderLoss, ndcg: f64, p: f64| RankedLoss {
        loss,
        ndcg: around(ndcg),
        best_first: around(0.6),
        p: (loss != OrderLoss::Pointwise).then_some(p),
        learning_rate: around(0.01),
        kept_epoch: around(20.0),
    };
    Orders {
        seed: 7,
        folds: 5,
        repeats: 1,
        epochs: 40,
        learning_rates: vec![3e-3, 1e-2],
        sets: vec![RankedSet {
            kind: ListKind::Made,
            lists: 400,
            items: 10,
            features: 6,
            by_chance: 0.55,
            losses: vec![
                loss(OrderLoss::Pointwise, 0.8, 1.0),
                loss(OrderLoss::Pairwise, 0.8, 0.7),
                loss(OrderLoss::Lambda, 0.85, 0.001),
                loss(OrderLoss::ListNet, 0.801, 0.5),
                loss(OrderLoss::Softmax, 0.8, 0.6),
                loss(OrderLoss::ApproxNdcg, 0.799, 0.2),
            ],
        }],
    }
}
