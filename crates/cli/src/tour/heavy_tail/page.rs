//! Chapter 1 as a page.

use super::{
    Chapter, HeavyTail,
    train::{DELTA_FACTOR, TAU, TWEEDIE_POWER},
    verdict,
};
use crate::{
    page::{Figure, Grid, Page},
    report::plot::{Axes, Scale, bars},
    terminal::number::{Unit, count, dollars, one, percent, spread},
    tour::{
        chapter::Chapter as _,
        figures::{self, Trainings},
    },
};

impl HeavyTail {
    /// The chapter: what was done, the figures, the pictures, the verdict.
    pub fn page(&self) -> Page {
        Page {
            grids: vec![self.errors(), self.gradients()],
            figures: vec![
                self.deciles(),
                figures::gradient_share(
                    "heavy-tail-gradient-share",
                    "the costliest 1 % of the rows",
                    Scale::Percent,
                    &self.trainings(),
                    "Share of Σ |∂loss/∂output| over the training rows. First seed.",
                ),
                figures::training_loss("heavy-tail-training-loss", &self.trainings(), "units"),
                figures::validation_loss("heavy-tail-validation-loss", &self.trainings()),
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
                "How much will the medical care of a person cost in a year? {} person-years of {} people, only those that cost something. The mean is {}, the median {}, the \
                 skewness {}; the costliest 1 % of the rows hold {} of the dollars and {} of the \
                 squared deviations.",
                count(data.rows as f64),
                count(data.people as f64),
                dollars(data.mean),
                dollars(data.median),
                one(data.skewness, Unit::Places(0)),
                percent(data.dollars_in_top_percent),
                percent(data.squares_in_top_percent),
            ),
            self.setting.in_words(data.features, data.parts),
            format!(
                "The network predicts the cost over its training mean, for numbers near 1; with the two deviances it \
                 predicts the logarithm of that, as their log link asks. All losses keep their minimiser when the unit \
                 changes (δ changes with it). Huber's δ is {}: {DELTA_FACTOR} times the median absolute deviation of the \
                 training costs from their median. For the quantile loss too low costs nine times as much as too high: \
                 τ = {TAU}. Tweedie's variance grows as the power {TWEEDIE_POWER} of the mean, gamma's as its square.",
                spread(&self.huber_delta, Unit::Dollars),
            ),
        ]
    }

    fn errors(&self) -> Grid {
        let header = ["loss", "MAE, bottom 90 %", "MAE, all", "RMSE, train", "RMSE, test", "predicted/true total"];
        let mut grid = Grid::new("Errors in dollars, on the test rows", &header);
        for findings in &self.losses {
            grid.row(vec![
                findings.loss.name().into(),
                spread(&findings.mae_bottom_90, Unit::Dollars),
                spread(&findings.mae, Unit::Dollars),
                spread(&findings.rmse_train, Unit::Dollars),
                spread(&findings.rmse_test, Unit::Dollars),
                spread(&findings.totals_ratio, Unit::Places(2)),
            ]);
        }
        grid.with_note(self.setting.spread_in_words())
    }

    fn gradients(&self) -> Grid {
        let header = ["loss", "predicted too much", "gradient, first epoch", "gradient, last epoch", "epoch kept"];
        let caption =
            "Whom the loss listens to: the costliest 1 % of the training rows and their share of the gradient";
        let mut grid = Grid::new(caption, &header);
        for findings in &self.losses {
            grid.row(vec![
                findings.loss.name().into(),
                spread(&findings.share_above_truth, Unit::Percent),
                spread(&findings.top_percent_gradient_first, Unit::Percent),
                spread(&findings.top_percent_gradient_last, Unit::Percent),
                spread(&findings.kept_epoch, Unit::Count),
            ]);
        }
        grid.with_note(
            "Predicted too much: share of the test rows, 50 % for a median. Gradient: the share of Σ |∂loss/∂output| \
             over all training rows that the costliest 1 % hold, measured at the end of the epoch.",
        )
    }

    fn deciles(&self) -> Figure {
        let axes = Axes {
            title: "Where each loss errs".into(),
            x: "tenths of the test rows by true cost (mean cost of each, $)".into(),
            y: "mean of prediction − truth, $".into(),
            scale: Scale::SignedDollars,
        };
        let groups: Vec<String> = (self.losses.first().into_iter())
            .flat_map(|findings| &findings.deciles)
            .map(|decile| dollars(decile.mean_truth))
            .collect();
        let series: Vec<(String, Vec<f64>)> = (self.losses.iter())
            .map(|findings| {
                let residuals = findings.deciles.iter().map(|decile| decile.mean_residual);
                (findings.loss.name().to_owned(), residuals.collect())
            })
            .collect();
        Figure {
            name: "heavy-tail-residuals",
            svg: bars(&axes, &groups, &series),
            numbers: None,
            caption: "Above 0 the model says too much, below 0 too little. The axis is linear up to $10 and \
                      logarithmic beyond. First seed."
                .into(),
        }
    }

    /// The trainings that the figures over the epochs show.
    fn trainings(&self) -> Trainings<'_> {
        self.losses.iter().map(|findings| (findings.loss.name().to_owned(), &findings.epochs[..])).collect()
    }
}
