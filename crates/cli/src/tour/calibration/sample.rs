//! Findings made up for the tests of the verdict, the page and the report.

use super::*;

pub(crate) fn found() -> Reliability {
    let spread = |mean: f64| Spread::of([-0.02, 0.0, 0.02].map(|by| mean * (1.0 + by)).to_vec());
    let figures = |log_loss: f64, miscalibration: f64, error: f64, cost: f64| ProbabilityFigures {
        log_loss: spread(log_loss),
        miscalibration: spread(miscalibration),
        calibration_error: spread(error),
        cost: spread(cost),
    };
    let curve = |power: i32| (0..=10).map(|at| f64::from(at) / 10.0).map(|at| (at, at.powi(power))).collect();
    let losses = |loss, temperature: f64, trained, scaled| LossReliability {
        loss,
        log_loss_train: spread(0.005),
        accuracy: spread(0.94),
        temperature: spread(temperature),
        trained,
        scaled,
        trained_curve: curve(2),
        scaled_curve: curve(1),
    };
    Reliability {
        data: MailData {
            rows: 4601,
            different: 4207,
            features: 57,
            base_rate: 0.394,
            parts: Parts { train: 2761, validation: 920, test: 920 },
        },
        epochs: 80,
        seeds: vec![7, 8, 9],
        losses: vec![
            losses(
                ProbabilityLoss::CrossEntropy,
                3.1,
                figures(0.35, 0.12, 0.042, 60.0),
                figures(0.2, 0.02, 0.02, 50.0),
            ),
            losses(ProbabilityLoss::Focal, 0.8, figures(0.22, 0.05, 0.06, 70.0), figures(0.2, 0.02, 0.02, 50.0)),
            losses(
                ProbabilityLoss::LabelSmoothing,
                0.7,
                figures(0.25, 0.06, 0.05, 90.0),
                figures(0.21, 0.03, 0.02, 55.0),
            ),
            losses(ProbabilityLoss::Brier, 2.0, figures(0.3, 0.09, 0.04, 55.0), figures(0.2, 0.02, 0.02, 50.0)),
        ],
    }
}
