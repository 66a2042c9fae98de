//! Findings made up for the tests of the verdict, the page and the report.

use super::*;

fn picture() -> Vec<f64> {
    (0..28 * 28).map(|place| f64::from(place % 28) / 27.0).collect()
}

/// As a loss's runs with three seeds, each a little off.
fn runs<F>(run: impl Fn(f64) -> F) -> Vec<F> {
    [0.99, 1.0, 1.01].into_iter().map(run).collect()
}

fn reconstruction(loss: BlurLoss, figures: [f64; 6]) -> Painted<PictureFigures> {
    let [squared, absolute, similarity, features, sharpness, recognised] = figures;
    let run = |by: f64| PictureFigures {
        squared: squared * by,
        absolute: absolute * by,
        similarity: similarity * by,
        features: features * by,
        sharpness: sharpness * by,
        recognised: recognised * by,
    };
    Painted { loss, runs: runs(run), pictures: vec![picture(); 10] }
}

fn half([squared, absolute, sharpness, to_mean, to_median]: [f64; 5]) -> HalfFigures {
    HalfFigures { squared, absolute, sharpness, to_mean, to_median }
}

fn completion(loss: BlurLoss, figures: [f64; 5]) -> Painted<HalfFigures> {
    Painted { loss, runs: runs(|by| half(figures.map(|figure| figure * by))), pictures: vec![picture(); 10] }
}

pub(crate) fn found() -> Blur {
    let averaged = |(count, squared, sharpness)| Averaged { count, left_out: squared, squared, sharpness };
    Blur {
        train: 2000,
        test: 1000,
        epochs: [30, 20],
        seeds: vec![7, 8, 9],
        teacher_accuracy: 0.87,
        judge_accuracy: 0.86,
        reconstructions: vec![
            reconstruction(BlurLoss::SquaredError, [0.015, 0.07, 0.6, 0.3, 0.3, 0.75]),
            reconstruction(BlurLoss::AbsoluteError, [0.017, 0.06, 0.61, 0.31, 0.35, 0.74]),
            reconstruction(BlurLoss::Ssim, [0.02, 0.08, 0.7, 0.28, 0.5, 0.76]),
            reconstruction(BlurLoss::Perceptual, [0.018, 0.075, 0.62, 0.2, 0.6, 0.8]),
            reconstruction(BlurLoss::Adversarial, [0.019, 0.076, 0.58, 0.29, 0.9, 0.76]),
        ],
        completions: vec![
            completion(BlurLoss::SquaredError, [0.02, 0.08, 0.25, 0.008, 0.05]),
            completion(BlurLoss::AbsoluteError, [0.022, 0.07, 0.35, 0.009, 0.04]),
            completion(BlurLoss::Adversarial, [0.025, 0.085, 0.8, 0.012, 0.06]),
        ],
        neighbours: Neighbours {
            count: 8,
            tried: vec![averaged((1, 0.04, 1.0)), averaged((8, 0.025, 0.3)), averaged((64, 0.03, 0.1))],
            mean: half([0.025, 0.09, 0.3, 0.0, 0.02]),
            median: half([0.027, 0.085, 0.45, 0.002, 0.0]),
            one: half([0.04, 0.1, 1.0, 0.02, 0.06]),
            single: 0.045,
            spread: 0.02,
            gain: Paired { mean: -0.02, standard_error: 0.001, freedom: 999.0 },
        },
        examples: vec![picture(); 10],
        answers: AnswerPictures { mean: vec![picture(); 10], median: vec![picture(); 10], one: vec![picture(); 10] },
    }
}
