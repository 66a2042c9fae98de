//! Findings made up for the tests of the verdict, the page and the report.

use super::*;

pub(crate) fn found() -> Embeddings {
    let figures = |recall: f64, apart: f64| EmbeddingFigures {
        recall,
        map_at_r: recall - 0.4,
        alignment: 1.0 - recall,
        uniformity: -2.0 * recall,
        apart,
        loss_over_point: Some(if apart < EmbeddingFigures::COLLAPSED { 1.01 } else { 0.5 }),
    };
    let outcome = |loss: EmbeddingLoss, recall: f64, apart: f64| {
        // Seeds that are good for one loss are bad for another where the two are not to be told apart.
        let order = if loss == EmbeddingLoss::EasyPositive { [0.01, 0.0, -0.01] } else { [-0.01, 0.0, 0.01] };
        let moment = |step: u64| EmbeddingMoment { step, apart, loss_over_point: Some(0.5) };
        let point = |letter: usize| MapPoint { letter, x: letter as f64 - 22.0, y: 0.5 };
        EmbeddingOutcome {
            loss,
            setting: 1.0,
            runs: order.map(|by| figures(recall + by, apart)).to_vec(),
            course: [20, 40].map(moment).to_vec(),
            map: (20..26).map(point).collect(),
        }
    };
    use EmbeddingLoss as E;
    let losses = vec![
        outcome(E::Contrastive, 0.89, 4.0),
        outcome(E::RandomTriplets, 0.88, 5.0),
        outcome(E::AllTriplets, 0.87, 6.0),
        outcome(E::SemiHard, 0.885, 2.0),
        outcome(E::EasyPositive, 0.893, 8.0),
        outcome(E::BatchHard, 0.65, 0.02),
        outcome(E::OnTheSphere, 0.81, 1.2),
        outcome(E::InfoNce, 0.80, 1.2),
        outcome(E::SupCon, 0.79, 1.2),
        outcome(E::ArcFace, 0.77, 1.2),
        outcome(E::SoftMargin, 0.66, 0.02),
        outcome(E::AfterWarmUp, 0.79, 0.4),
        outcome(E::OfFew, 0.82, 0.5),
    ];
    let tried = |loss: EmbeddingLoss| {
        let apart = if loss == E::BatchHard { 0.02 } else { 2.0 };
        loss.settings().into_iter().map(move |setting| (setting, apart)).map(move |(setting, apart)| TriedEmbedding {
            loss,
            setting,
            figures: figures(0.8, apart),
        })
    };
    let yardstick = |yardstick, recall, map_at_r| YardstickFigures { yardstick, recall, map_at_r };
    let temperature = |temperature: f64, recall: f64| TemperatureOutcome {
        temperature,
        runs: [-0.01, 0.0, 0.01].map(|by| figures(recall + by, 1.2)).to_vec(),
    };
    Embeddings {
        rows: 20_000,
        features: 16,
        seen: 15_364,
        choosing: 3888,
        unseen: 4636,
        steps: 400,
        settings: 3,
        seeds: vec![7, 8, 9],
        yardsticks: vec![
            yardstick(Yardstick::AllColumns, 0.994, 0.3),
            yardstick(Yardstick::Principal, 0.83, 0.25),
            yardstick(Yardstick::DiscriminantDirection, 0.8, 0.3),
            yardstick(Yardstick::Discriminant, 0.873, 0.35),
        ],
        tried: E::CONTENDERS.into_iter().flat_map(tried).collect(),
        losses,
        temperatures: vec![temperature(0.1, 0.76), temperature(0.5, 0.80), temperature(2.0, 0.79)],
    }
}
