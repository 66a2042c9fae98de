//! Chapter 2 as a page.

use super::{Chapter, Method, MethodFindings, RareClass, verdict};
use crate::{
    page::{Figure, Grid, Page},
    report::plot::{Axes, Scale, Series, lines},
    terminal::number::{Unit, count, dollars, one, percent, spread},
    tour::{
        chapter::Chapter as _,
        figures::{self, Trainings},
    },
};

/// Where the precision-recall plot begins.
const SHOWN_FROM_RECALL: f64 = 0.1;

impl RareClass {
    /// The chapter: what was done, the figures, the pictures, the verdict.
    pub fn page(&self) -> Page {
        Page {
            grids: vec![self.decisions(), self.scores(), self.gradients()],
            figures: vec![
                self.curves(),
                figures::gradient_share(
                    "rare-class-gradient-share",
                    "easy negatives",
                    Scale::WholePercent,
                    &self.trainings(),
                    "Share of Σ |∂loss/∂logit| over the training rows that negatives with a probability below one half \
                     hold. First seed.",
                ),
                figures::training_loss("rare-class-training-loss", &self.trainings(), "scales"),
                figures::validation_loss("rare-class-validation-loss", &self.trainings()),
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
        let (data, setting) = (&self.data, &self.setting);
        vec![
            format!(
                "Which person-years will cost more than {}, the 99th percentile? {} person-years of {} people, those \
                 without cost included; {:.2} % are positive, {} in the test part.",
                dollars(data.cost_threshold),
                count(data.rows as f64),
                count(data.people as f64),
                100.0 * data.base_rate,
                spread(&data.test_positives, Unit::Count),
            ),
            setting.in_words(data.features, data.parts),
            "A row is flagged from probability 0.5 on; threshold tuned: cross-entropy, from the threshold with the highest \
             F1 on the validation rows; threshold π: from the share of positive training rows. The class weight is the \
             number of negatives for each positive. Logit adjustment (Menon et al. 2021) adds ln(π/(1 − π)) to the \
             logit in training and leaves it out afterwards."
                .into(),
        ]
    }

    fn decisions(&self) -> Grid {
        let header = ["method", "accuracy", "flagged", "caught", "recall", "precision", "F1"];
        let mut grid = Grid::new("Decisions, on the test rows", &header);
        for findings in &self.methods {
            let two = |figure| spread(figure, Unit::Places(2));
            grid.row(vec![
                findings.method.name(),
                percent(findings.accuracy.mean()),
                spread(&findings.flagged, Unit::Count),
                spread(&findings.caught, Unit::Count),
                two(&findings.recall),
                two(&findings.precision),
                two(&findings.f1),
            ]);
        }
        grid.with_note(self.setting.spread_in_words())
    }

    fn scores(&self) -> Grid {
        let header = ["method", "PR-AUC", "ROC-AUC", "balanced accuracy", "mean probability", "over base rate"];
        let caption = format!(
            "Scores, on the test rows: base rate {}, which is also the PR-AUC of random scores",
            percent(self.data.test_base_rate.mean())
        );
        let mut grid = Grid::new(caption, &header);
        for findings in &self.methods {
            let three = |figure| spread(figure, Unit::Places(3));
            let factor = findings.mean_probability.mean() / self.data.test_base_rate.mean();
            grid.row(vec![
                findings.method.name(),
                three(&findings.pr_auc),
                three(&findings.roc_auc),
                spread(&findings.balanced_accuracy, Unit::Places(2)),
                three(&findings.mean_probability),
                format!("{}×", one(factor, Unit::Places(1))),
            ]);
        }
        grid.with_note(
            "Balanced accuracy: the mean of the shares decided right among the positives and among the negatives, 0.5 by \
             chance.",
        )
    }

    fn gradients(&self) -> Grid {
        let caption = "Share of the gradient that easy negatives hold: those with a probability below one half";
        let mut grid = Grid::new(caption, &["method", "first epoch", "last epoch", "epoch kept"]);
        for findings in self.trained() {
            grid.row(vec![
                findings.method.name(),
                spread(&findings.easy_gradient_first, Unit::Percent),
                spread(&findings.easy_gradient_last, Unit::Percent),
                spread(&findings.kept_epoch, Unit::Count),
            ]);
        }
        grid.with_note("The share is that of Σ |∂loss/∂logit| over all training rows, at the end of the epoch.")
    }

    fn curves(&self) -> Figure {
        let axes = Axes {
            title: "Precision and recall over all thresholds".into(),
            x: "recall".into(),
            y: "precision".into(),
            scale: Scale::Plain,
        };
        let series = |findings: &MethodFindings| {
            let shown = findings.curve.iter().filter(|point| point.recall >= SHOWN_FROM_RECALL);
            let points = shown.map(|point| (point.recall, point.precision)).collect();
            Series { name: findings.method.name(), points }
        };
        Figure {
            name: "rare-class-precision-recall",
            svg: lines(&axes, &self.shown().map(series).collect::<Vec<_>>()),
            numbers: None,
            caption: "Recall: share of the positives that are flagged. Precision: share of the flagged that are \
                      positive. Another threshold is another point of the same curve. Below recall 0.1 a curve is a \
                      matter of two or three rows: left out here, counted in the PR-AUC. First seed, test rows; of the \
                      focal losses those with the lowest and highest α and the one chosen on the validation rows."
                .into(),
        }
    }

    /// Methods with a training of their own: another threshold shares the one of cross-entropy.
    fn trained(&self) -> impl Iterator<Item = &MethodFindings> {
        self.methods.iter().filter(|findings| findings.method.is_trained())
    }

    /// The trainings that the figures over the epochs show.
    fn trainings(&self) -> Trainings<'_> {
        self.shown().map(|findings| (findings.method.name(), &findings.epochs[..])).collect()
    }

    /// What the plots show: all methods but of the focal grid three at most, so that the lines can be told apart.
    fn shown(&self) -> impl Iterator<Item = &MethodFindings> {
        let alpha = |findings: &MethodFindings| match findings.method {
            Method::Focal { alpha, .. } => alpha,
            _ => 0.0,
        };
        let focal = || self.methods.iter().filter(|findings| findings.method.is_focal());
        let by_alpha = |a: &&MethodFindings, b: &&MethodFindings| alpha(a).total_cmp(&alpha(b));
        let shown = [focal().min_by(by_alpha), focal().max_by(by_alpha), self.chosen_focal()];
        self.trained().filter(move |findings| {
            !findings.method.is_focal() || shown.iter().flatten().any(|shown| shown.method == findings.method)
        })
    }
}
