//! Chapter 8 as a page.

use super::{
    Chapter, LossReliability, Reliability,
    train::{ALARM, GAMMA, MISS, SMOOTHING, THRESHOLD},
    verdict,
};
use crate::{
    page::{Figure, Grid, Page},
    report::plot::{Axes, Scale, Series, lines},
    terminal::number::{Unit, count, percent, spread},
    tour::chapter::Chapter as _,
};

impl Reliability {
    /// The chapter: what was done, the figures, the pictures, the verdict.
    pub fn page(&self) -> Page {
        Page {
            grids: vec![self.probabilities(), self.decisions()],
            figures: vec![
                self.curves("calibration-trained", "as trained", |found| &found.trained_curve),
                self.curves("calibration-scaled", "with one temperature", |found| &found.scaled_curve),
            ],
            verdict: verdict(self),
            ..self.opening()
        }
    }

    /// Title and lead alone: known before the trainings.
    pub(super) fn opening(&self) -> Page {
        Page { title: Chapter.title().into(), lead: self.lead(), ..Page::default() }
    }

    fn lead(&self) -> Vec<String> {
        let data = &self.data;
        vec![
            format!(
                "Is this mail spam, and how sure may one be? {} mails, {} of them different, by the frequencies of words \
                 and signs ({} columns); {} are spam.",
                count(data.rows as f64),
                count(data.different as f64),
                data.features,
                percent(data.base_rate),
            ),
            format!(
                "Only the loss differs. The network has two hidden layers of 64 ReLUs; AdamW trains it for {} epochs in \
                 batches of 128, with a learning rate that falls from 0.003 to 0, without weight decay and without early \
                 stopping: long enough to know its {} training rows by heart. {} the mails anew \
                 ({} validate, {} test; equal mails are in one part). Focal loss has γ = {GAMMA}, label smoothing \
                 spreads {} of each label over both classes.",
                self.epochs,
                count(data.parts.train as f64),
                match self.seeds.len() {
                    1 => "One seed divides".to_owned(),
                    seeds => format!("Each of {seeds} seeds divides"),
                },
                count(data.parts.validation as f64),
                count(data.parts.test as f64),
                percent(SMOOTHING),
            ),
            format!(
                "One number, the temperature, is then fitted on the validation rows, and the logits are divided by it. A \
                 spam that comes through costs {MISS}, a good mail thrown away {ALARM}: mails are thrown away from a \
                 probability of {} up.",
                percent(THRESHOLD),
            ),
        ]
    }

    fn probabilities(&self) -> Grid {
        let header = ["loss", "log loss", "miscal.", "temperature", "log loss, scaled", "miscal., scaled"];
        let mut grid = Grid::new("What the probabilities are worth, on the test rows", &header);
        for found in &self.losses {
            grid.row(vec![
                found.loss.name().into(),
                spread(&found.trained.log_loss, Unit::Places(3)),
                spread(&found.trained.miscalibration, Unit::Places(3)),
                spread(&found.temperature, Unit::Places(2)),
                spread(&found.scaled.log_loss, Unit::Places(3)),
                spread(&found.scaled.miscalibration, Unit::Places(3)),
            ]);
        }
        grid.with_note(self.spread_in_words()).with_note(
            "Miscal.: miscalibration, what of the log loss the best increasing function of the probability would take away \
             (CORP).",
        )
    }

    fn decisions(&self) -> Grid {
        let header = ["loss", "accuracy", "ECE", "ECE, scaled", "cost of 1,000", "cost, scaled"];
        let mut grid = Grid::new("What comes of them", &header);
        for found in &self.losses {
            grid.row(vec![
                found.loss.name().into(),
                spread(&found.accuracy, Unit::Percent),
                spread(&found.trained.calibration_error, Unit::Percent),
                spread(&found.scaled.calibration_error, Unit::Percent),
                spread(&found.trained.cost, Unit::Places(0)),
                spread(&found.scaled.cost, Unit::Places(0)),
            ]);
        }
        grid.with_note("ECE: expected calibration error, 15 bins of equal width. Cost of 1,000: of so many test mails, with the threshold by the costs. A temperature changes no side of one half, and so no accuracy.")
    }

    fn spread_in_words(&self) -> String {
        match self.seeds.len() {
            1 => "One seed: how much another one would change is not known.".to_owned(),
            seeds => format!("Mean ± standard deviation over {seeds} seeds."),
        }
    }

    fn curves(&self, name: &'static str, how: &str, curve: impl Fn(&LossReliability) -> &[(f64, f64)]) -> Figure {
        let axes = Axes {
            title: format!("Do probabilities mean what they say? ({how})"),
            x: "probability of spam that the model gives".into(),
            y: "share of spam among such mails".into(),
            scale: Scale::WholePercent,
        };
        let ideal = Series { name: "as it should be".into(), points: vec![(0.0, 0.0), (1.0, 1.0)] };
        let of_losses = self
            .losses
            .iter()
            .map(|found| Series { name: found.loss.name().to_owned(), points: curve(found).to_vec() });
        Figure {
            name,
            svg: lines(&axes, &of_losses.chain([ideal]).collect::<Vec<_>>()),
            caption:
                "By isotonic regression of the test rows (CORP); below the diagonal the model says too much. First \
                      seed."
                    .into(),
            numbers: None,
        }
    }
}
