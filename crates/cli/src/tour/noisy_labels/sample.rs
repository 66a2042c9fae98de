//! Findings made up for the tests of the verdict, the page and the report.

use super::*;

pub(crate) fn found() -> NoisyLabels {
    let spread = |mean: f64| Spread::of([-0.002, 0.0, 0.002].map(|by| mean * (1.0 + by)).to_vec());
    let level = |flips: LabelFlips, accuracy: [f64; 5]| NoiseLevel {
        flips,
        matrix_error: spread(0.03),
        losses: (LabelLoss::ALL.into_iter().zip(accuracy))
            .map(|(loss, accuracy)| NoisyLoss {
                loss,
                accuracy: spread(accuracy),
                noisy_accuracy: spread(accuracy * (1.0 - flips.share())),
                learnt_wrong: (flips.share() > 0.0).then(|| spread(0.1)),
                learning_rate: spread(0.003),
                kept_epoch: spread(20.0),
            })
            .collect(),
    };
    NoisyLabels {
        rows: 1797,
        parts: Parts { train: 1079, validation: 359, test: 359 },
        epochs: 40,
        learning_rates: vec![1e-3, 3e-3, 1e-2],
        seeds: vec![7, 8, 9],
        examples: vec![MislabelledDigit { pixels: vec![0.5; 64], digit: 3, label: 8 }],
        levels: vec![
            level(LabelFlips::Even(0.0), [0.97, 0.97, 0.97, 0.97, 0.97]),
            level(LabelFlips::Even(0.6), [0.8, 0.9, 0.85, 0.92, 0.92]),
        ],
    }
}
