//! Chapter 9 as a page.

use super::{Chapter, LabelFlips, LabelLoss, MislabelledDigit, NoisyLabels, NoisyLoss, train::Q, verdict};
use crate::{
    page::{Figure, Grid, Page},
    report::{
        pictures::{GreyPicture, pictures},
        plot::{Axes, Scale, Series, lines},
    },
    terminal::number::{Unit, count, spread},
    tour::{chapter::Chapter as _, listed},
};

impl NoisyLabels {
    /// The chapter: what was done, the figures, the pictures, the verdict.
    pub fn page(&self) -> Page {
        let accuracy = self.grid("Told right, of the test rows, whose labels are right", |losses| {
            spread(&losses.accuracy, Unit::Percent)
        });
        let learnt = self.grid("Wrong labels that the model says, of the training rows that have one", |losses| {
            losses.learnt_wrong.as_ref().map_or_else(|| "–".to_owned(), |learnt| spread(learnt, Unit::Percent))
        });
        Page {
            grids: vec![
                accuracy.with_note(self.spread_in_words()),
                learnt.with_note("Few: the model went by the other rows. Many: it learnt the mistakes by heart."),
            ],
            figures: vec![
                self.examples(),
                self.over_noise("noisy-labels-accuracy", "Who still learns the digits?", "told right", |losses| {
                    losses.accuracy.mean()
                }),
                self.over_noise("noisy-labels-mistakes", "Who learns the mistakes?", "wrong labels said", |losses| {
                    losses.learnt_wrong.as_ref().map_or(f64::NAN, |learnt| learnt.mean())
                }),
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
        let rates: Vec<String> = self.learning_rates.iter().map(f64::to_string).collect();
        vec![
            format!(
                "Which digit is on this picture of 8 × 8 pixels? {} pictures; of those that train and those that validate \
                 a share of the labels is made wrong: any other digit, all alike (“wrong”), or always the next one \
                 (“next”). The labels of the test pictures are right.",
                count(self.rows as f64),
            ),
            format!(
                "Only the loss differs. The network has one hidden layer of 64 ReLUs; AdamW trains it for {} epochs in \
                 batches of 64, with a learning rate that falls to 0 from one of {}. Learning rate and epoch are those \
                 with the highest accuracy on the validation rows with their wrong labels: the same measure for every \
                 loss. {} the split ({} train, {} validate, {} test), the wrong labels, the initial weights and the order \
                 of the rows.",
                self.epochs,
                listed(&rates.iter().map(String::as_str).collect::<Vec<_>>(), "and"),
                match self.seeds.len() {
                    1 => "One seed decides".to_owned(),
                    seeds => format!("Each of {seeds} seeds decides"),
                },
                count(self.parts.train as f64),
                count(self.parts.validation as f64),
                count(self.parts.test as f64),
            ),
            format!(
                "Generalised cross-entropy has q = {Q}. Forward correction is given how labels become wrong as a matrix: \
                 the true one, or one estimated from the cross-entropy's model, of the validation row that is surest to \
                 be of each class."
            ),
        ]
    }

    fn grid(&self, caption: &str, figure: impl Fn(&NoisyLoss) -> String) -> Grid {
        let names: Vec<String> = self.levels.iter().map(|level| level.flips.name()).collect();
        let header: Vec<&str> = ["loss"].into_iter().chain(names.iter().map(String::as_str)).collect();
        let mut grid = Grid::new(caption, &header);
        for loss in LabelLoss::ALL {
            let cells = self.levels.iter().map(|level| level.of(loss).map_or_else(String::new, &figure));
            grid.row([loss.name().to_owned()].into_iter().chain(cells).collect());
        }
        grid
    }

    fn spread_in_words(&self) -> String {
        match self.seeds.len() {
            1 => "One seed: how much another one would change is not known.".to_owned(),
            seeds => format!("Mean ± standard deviation over {seeds} seeds."),
        }
    }

    fn examples(&self) -> Figure {
        let picture = |example: &MislabelledDigit| {
            let paper = example.pixels.iter().map(|ink| 1.0 - ink).collect();
            GreyPicture::new(8, paper, format!("{}, not {}", example.label, example.digit))
        };
        let said: Vec<String> =
            self.examples.iter().map(|example| format!("a {} labelled {}", example.digit, example.label)).collect();
        let alternative = format!("Pictures of digits with wrong labels: {}", said.join(", "));
        let mut numbers = Grid::new("Digits and their labels", &["picture", "digit", "label"]);
        for (number, example) in (1..).zip(&self.examples) {
            numbers.row([number, example.digit, example.label].map(|number: usize| number.to_string()).into());
        }
        Figure {
            name: "noisy-labels-pictures",
            svg: pictures(&alternative, &[(String::new(), self.examples.iter().map(picture).collect())]),
            caption: "Some of the training pictures with a wrong label, and the digit that they show.".into(),
            numbers: Some(numbers),
        }
    }

    fn over_noise(&self, name: &'static str, title: &str, y: &str, figure: impl Fn(&NoisyLoss) -> f64) -> Figure {
        let axes = Axes {
            title: title.into(),
            x: "share of the labels that are wrong, all other digits alike".into(),
            y: y.into(),
            scale: Scale::Percent,
        };
        let points = |loss: LabelLoss| -> Vec<(f64, f64)> {
            let even = self.levels.iter().filter(|level| matches!(level.flips, LabelFlips::Even(_)));
            even.filter_map(|level| Some((level.flips.share(), figure(level.of(loss)?)))).collect()
        };
        let series = LabelLoss::ALL.map(|loss| Series { name: loss.name().into(), points: points(loss) });
        Figure { name, svg: lines(&axes, &series), caption: "Mean over the seeds.".into(), numbers: None }
    }
}
