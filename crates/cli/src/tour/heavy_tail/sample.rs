//! Findings made up for the tests of the verdict, the page and the report.

use super::*;

pub(crate) fn found() -> HeavyTail {
    let spread = |mean: f64, by: f64| Spread::of(vec![mean - by, mean, mean + by]);
    let findings = |loss, mae: [f64; 2], rmse: [f64; 2], total: f64, above: f64, share: [f64; 2], bias: f64| {
        let truths = [4.0, 11.0, 20.0, 31.0, 45.0, 66.0, 98.0, 155.0, 300.0, 1450.0];
        LossFindings {
            loss,
            mae_bottom_90: spread(mae[0], 2.0),
            mae: spread(mae[1], 5.0),
            rmse_train: spread(rmse[0], 12.0),
            rmse_test: spread(rmse[1], 30.0),
            totals_ratio: spread(total, 0.03),
            share_above_truth: spread(above, 0.01),
            top_percent_gradient_first: spread(share[0], 0.01),
            top_percent_gradient_last: spread(share[1], 0.01),
            kept_epoch: spread(14.0, 1.0),
            deciles: (1..)
                .zip(truths)
                .map(|(number, truth)| Decile {
                    number,
                    rows: 314,
                    lowest: truth * 0.8,
                    highest: truth * 1.3,
                    mean_truth: truth,
                    mean_prediction: bias + truth * 0.08,
                    mean_residual: bias - truth * 0.92,
                })
                .collect(),
            epochs: (0..=20)
                .map(|number| {
                    let along = f64::from(number) / 20.0;
                    Epoch {
                        number: number as usize,
                        training_loss: rmse[0]
                            * ((1.0 - bias / 600.0) + bias / 600.0 * (-6.0 * along).exp() + 0.01 * (9.0 * along).sin()),
                        validation_loss: rmse[1],
                        gradient_share: share[0] + (share[1] - share[0]) * along.sqrt(),
                    }
                })
                .collect(),
        }
    };
    HeavyTail {
        data: CostData {
            rows: 15_732,
            people: 5_500,
            features: 24,
            parts: Parts { train: 9_500, validation: 3_100, test: 3_132 },
            mean: 219.0,
            median: 71.0,
            skewness: 18.0,
            dollars_in_top_percent: 0.26,
            squares_in_top_percent: 0.86,
        },
        setting: Setting { seeds: vec![7, 8, 9], ..Setting::full(7) },
        huber_delta: spread(73.0, 2.0),
        losses: vec![
            findings(AmountLoss::SquaredError, [157.0, 247.0], [774.0, 732.0], 1.04, 0.76, [0.24, 0.21], 180.0),
            findings(AmountLoss::AbsoluteError, [55.0, 176.0], [802.0, 748.0], 0.36, 0.51, [0.01, 0.01], 62.0),
            findings(AmountLoss::Huber, [60.0, 178.0], [800.0, 746.0], 0.41, 0.58, [0.03, 0.03], 75.0),
            findings(AmountLoss::Quantile, [280.0, 350.0], [770.0, 720.0], 2.1, 0.9, [0.08, 0.07], 390.0),
            findings(AmountLoss::Gamma, [150.0, 240.0], [780.0, 735.0], 1.02, 0.75, [0.16, 0.14], 170.0),
            findings(AmountLoss::Tweedie, [152.0, 242.0], [778.0, 733.0], 1.01, 0.75, [0.19, 0.17], 172.0),
        ],
    }
}
