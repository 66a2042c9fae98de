//! Findings made up for the tests of the verdict, the page and the report.

use super::*;

pub(crate) fn found() -> RareClass {
    let spread = |mean: f64, by: f64| Spread::of(vec![mean - by, mean, mean + by]);
    let findings =
        |method, flagged: f64, caught: f64, f1: [f64; 3], validation: f64, probability: f64, easy: [f64; 2]| {
            let steepness = 9.0 + 10.0 * f1[0];
            MethodFindings {
                method,
                threshold: spread(0.5, 0.0),
                accuracy: Spread::of(vec![0.9880, 0.9895, 0.9891]),
                flagged: spread(flagged, 1.0),
                caught: spread(caught, if caught < 1.0 { 0.0 } else { 1.0 }),
                recall: spread(caught / 55.0, 0.02),
                precision: spread(caught / flagged.max(1.0), 0.02),
                f1: Spread::of(f1.to_vec()),
                balanced_accuracy: spread(0.5 * (1.0 + (caught - flagged / 70.0) / 55.0), 0.01),
                validation_f1: spread(validation, 0.02),
                pr_auc: if method == Method::CrossEntropy {
                    spread(0.1, 0.012)
                } else {
                    Spread::of(vec![0.091, 0.111, 0.101])
                },
                roc_auc: spread(0.847, 0.01),
                mean_probability: spread(probability, 0.001),
                brier: spread(0.01, 0.001),
                easy_gradient_first: spread(easy[0], 0.02),
                easy_gradient_last: spread(easy[1], 0.02),
                kept_epoch: spread(14.0, 1.0),
                curve: (1..=60)
                    .map(|step| {
                        let recall = f64::from(step) / 60.0;
                        let wobble = 0.05 * (recall * 20.0).sin().abs() * (1.0 - recall);
                        let precision = 0.011 + 0.5 * (-steepness * recall * 0.6).exp() + wobble;
                        PrecisionRecall { threshold: 1.0 - recall, recall, precision }
                    })
                    .collect(),
                epochs: (0..=20)
                    .map(|number| {
                        let along = f64::from(number) / 20.0;
                        Epoch {
                            number: number as usize,
                            training_loss: 0.055 * ((1.0 - easy[0] / 2.0) + easy[0] / 2.0 * (-5.0 * along).exp()),
                            validation_loss: 0.06,
                            gradient_share: easy[0] + (easy[1] - easy[0]) * along.sqrt(),
                        }
                    })
                    .collect(),
            }
        };
    let focal = |alpha, gamma| Method::Focal { alpha, gamma };
    let f1 = |mean: f64, by: f64| [mean - by, mean + by, mean];
    RareClass {
        data: RareData {
            rows: 20_185,
            people: 5_907,
            features: 24,
            parts: Parts { train: 12_100, validation: 4_040, test: 4_045 },
            cost_threshold: 2710.0,
            base_rate: 0.01,
            test_positives: spread(55.0, 4.0),
            test_base_rate: Spread::of(vec![0.0110, 0.0112, 0.0111]),
        },
        setting: Setting { seeds: vec![7, 8, 9], ..Setting::full(7) },
        methods: vec![
            findings(Method::CrossEntropy, 4.0, 2.0, f1(0.07, 0.03), 0.06, 0.0111, [0.72, 0.49]),
            findings(
                Method::Weighted { positive_weight: 99.0 },
                1150.0,
                41.0,
                f1(0.07, 0.01),
                0.07,
                0.30,
                [0.30, 0.28],
            ),
            findings(Method::LogitAdjusted { tau: 1.0 }, 1120.0, 42.0, f1(0.07, 0.01), 0.07, 0.29, [0.31, 0.29]),
            findings(focal(0.25, 2.0), 0.0, 0.0, [0.0; 3], 0.0, 0.10, [0.20, 0.05]),
            findings(focal(0.75, 2.0), 5.0, 2.0, f1(0.07, 0.02), 0.08, 0.16, [0.16, 0.06]),
            findings(focal(0.9, 2.0), 98.0, 13.0, f1(0.17, 0.03), 0.18, 0.34, [0.14, 0.09]),
            findings(Method::TunedThreshold, 110.0, 14.0, [0.17, 0.15, 0.19], 0.19, 0.0111, [0.72, 0.49]),
            findings(Method::BaseRateThreshold, 1130.0, 42.0, f1(0.07, 0.01), 0.07, 0.0111, [0.72, 0.49]),
        ],
    }
}
