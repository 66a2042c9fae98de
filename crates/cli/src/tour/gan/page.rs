//! Chapter 5 as a page.

use super::{
    Chapter, Gan, GanLoss, GanOutcome, PictureFigures,
    game::{BATCH, HASTE, LATENT},
    train::SAMPLES,
    verdict::{self, best},
};
use crate::{
    page::{Figure, Grid, Page},
    report::{
        pictures::{GreyPicture, pictures},
        plot::{Axes, Scale, Series, lines},
    },
    terminal::number::{Unit, count, one, percent, spread},
    tour::{chapter::Chapter as _, digits::SURE, listed, seeds_in_words},
};

/// How the figures of a table are written, and of which they are.
type Column = (&'static str, Unit, fn(&PictureFigures) -> f64);

const COLUMNS: [Column; 5] = [
    ("Fréchet", Unit::Places(1), |figures| figures.frechet),
    ("digits", Unit::Places(1), |figures| figures.digits() as f64),
    ("sure", Unit::Percent, |figures| figures.sure),
    ("nearest", Unit::Places(2), |figures| figures.nearest),
    ("apart", Unit::Places(2), |figures| figures.apart),
];

impl Gan {
    /// The chapter: what was done, the figures, the pictures, the verdict.
    pub fn page(&self) -> Page {
        let shown = best(self).into_iter().chain(self.of(GanLoss::Hasty)).map(|outcome| self.over_time(outcome));
        let mut figures = vec![self.made()];
        figures.extend(shown);
        figures.push(self.over_steps(
            "gan-frechet",
            "How far from true pictures?",
            "log₁₀ of the Fréchet distance",
            |f| f.frechet.log10(),
        ));
        figures.push(
            self.over_steps("gan-apart", "How far from each other?", "mean distance / true pictures'", |f| f.apart),
        );
        Page { grids: vec![self.games(), self.tried()], figures, verdict: verdict::verdict(self), ..self.opening() }
    }

    /// Title and lead alone: known before the trainings.
    pub(super) fn opening(&self) -> Page {
        Page { title: Chapter.title().into(), lead: self.lead(), ..Page::default() }
    }

    fn lead(&self) -> Vec<String> {
        vec![
            format!(
                "A generator makes pictures of 8 × 8 pixels out of {LATENT} random numbers. It never sees a true one: only \
                 which way a critic's score rises, and the critic sees {} true pictures of digits beside those that are \
                 made. Only the losses of the two differ. Either network has two hidden layers of 64; Adam trains the \
                 generator for {} steps of {BATCH} pictures, with a learning rate that falls to 0, and the critic as often. \
                 “Saturating” and “hasty” are said to fail, and take the setting of the non-saturating loss: one has the \
                 generator's loss of the minimax game itself, the other {HASTE} steps of the generator for each of the \
                 critic.",
                count(self.parts.train as f64),
                count(self.steps as f64),
            ),
            format!(
                "The setting, a learning rate and where there is one the weight of the penalty, is that with the lowest \
                 Fréchet distance to {} validation pictures, as many settings for each loss, one training of each. Then {} \
                 decide initial weights, order of the pictures and latent vectors; {} other pictures test.",
                count(self.parts.validation as f64),
                seeds_in_words(self.seeds.len()),
                count(self.parts.test as f64),
            ),
            format!(
                "A classifier, trained on the digits, reads {} pictures of each generator. The Fréchet distance (Heusel et \
                 al. 2017) is that of two normal laws with means and covariances of its 32 last activations, for made and \
                 for true pictures. A digit is made if {} of the pictures are read as it. How uneven \
                 the digits are is the divergence of their shares from even ones, 0 to 2.30 nats. The classifier is sure from {} on. “Nearest” is the \
                 distance to the nearest training picture over that of test pictures: near 0 the generator would know \
                 them by heart. “Apart” is the distance of two pictures over that of true ones. Fewer than {} digits, or \
                 pictures less than {} apart, are a collapse.",
                count(SAMPLES as f64),
                percent(PictureFigures::MADE),
                percent(SURE),
                PictureFigures::DIGITS,
                PictureFigures::ALIKE,
            ),
        ]
    }

    fn games(&self) -> Grid {
        let header: Vec<&str> =
            ["loss"].into_iter().chain(COLUMNS.map(|(name, ..)| name)).chain(["collapsed"]).collect();
        let mut grid = Grid::new("What was made, beside the test pictures", &header);
        for outcome in &self.games {
            let cells = COLUMNS.iter().map(|(_, unit, figure)| spread(&outcome.spread(figure), *unit));
            let collapsed = format!("{} of {}", outcome.collapsed(), outcome.runs.len());
            grid.row([outcome.loss.name().to_owned()].into_iter().chain(cells).chain([collapsed]).collect());
        }
        let cells = COLUMNS.iter().map(|(_, unit, figure)| one(figure(&self.truth), *unit));
        grid.row(["true pictures".to_owned()].into_iter().chain(cells).chain([String::new()]).collect());
        grid.with_note(match self.seeds.len() {
            1 => "One seed: how much another one would change is not known.".to_owned(),
            seeds => format!("Mean ± standard deviation over {seeds} seeds; all of one split of the pictures."),
        })
        .with_note(format!(
            "True pictures: the distance of the training pictures, else the test pictures. The classifier tells {} of the \
             test pictures right.",
            percent(self.reader_accuracy)
        ))
    }

    fn tried(&self) -> Grid {
        let mut grid = Grid::new(
            "Settings that were tried",
            &["loss", "rate", "penalty", "Fréchet", "digits", "apart", "collapsed"],
        );
        for tried in &self.tried {
            let figures = &tried.figures;
            let penalty = tried.setting.penalty;
            grid.row(vec![
                tried.loss.name().to_owned(),
                tried.setting.learning_rate.to_string(),
                if penalty > 0.0 { penalty.to_string() } else { "–".to_owned() },
                one(figures.frechet, Unit::Places(1)),
                figures.digits().to_string(),
                one(figures.apart, Unit::Places(2)),
                if figures.collapse().is_some() { "yes" } else { "no" }.to_owned(),
            ]);
        }
        grid.with_note("Beside the validation pictures. The lowest Fréchet distance of each loss was chosen.")
    }

    /// What each generator made in the end.
    fn made(&self) -> Figure {
        let rows: Vec<(String, Vec<GreyPicture>)> = (self.games.iter())
            .filter_map(|outcome| Some((outcome.loss.name().to_owned(), row(&outcome.course.last()?.pictures))))
            .collect();
        let true_ones = [("true pictures".to_owned(), row(&self.examples))];
        let rows: Vec<(String, Vec<GreyPicture>)> = true_ones.into_iter().chain(rows).collect();
        let names: Vec<&str> = rows[1..].iter().map(|(name, _)| name.as_str()).collect();
        Figure {
            name: "gan-pictures",
            svg: pictures(&format!("True pictures, and pictures made with {}", listed(&names, "and")), &rows),
            caption: "Some of the training pictures, and what ten latent vectors became in the end. First seed.".into(),
            numbers: None,
        }
    }

    /// What became of the same latent vectors over the training.
    fn over_time(&self, outcome: &GanOutcome) -> Figure {
        let rows: Vec<(String, Vec<GreyPicture>)> = (outcome.course.iter())
            .map(|moment| (format!("step {}", count(moment.step as f64)), row(&moment.pictures)))
            .collect();
        let mut numbers =
            Grid::new("What was made over time", &["step", "Fréchet", "digits", "sure", "nearest", "apart"]);
        for moment in &outcome.course {
            let cells = COLUMNS.iter().map(|(_, unit, figure)| one(figure(&moment.figures), *unit));
            numbers.row([count(moment.step as f64)].into_iter().chain(cells).collect());
        }
        Figure {
            name: if outcome.loss == GanLoss::Hasty { "gan-hasty" } else { "gan-over-time" },
            svg: pictures(&format!("Pictures made over the training with {}", outcome.loss.in_words()), &rows),
            caption: format!(
                "The same latent vectors at several steps, with {}. First seed; it ends with {} of 10 digits.",
                outcome.loss.in_words(),
                outcome.course.last().map_or(0, |moment| moment.figures.digits()),
            ),
            numbers: Some(numbers),
        }
    }

    fn over_steps(&self, name: &'static str, title: &str, y: &str, figure: fn(&PictureFigures) -> f64) -> Figure {
        let axes = Axes { title: title.into(), x: "step of the generator".into(), y: y.into(), scale: Scale::Plain };
        let series: Vec<Series> = (self.games.iter())
            .map(|outcome| Series {
                name: outcome.loss.name().into(),
                points: outcome.course.iter().map(|moment| (moment.step as f64, figure(&moment.figures))).collect(),
            })
            .collect();
        Figure { name, svg: lines(&axes, &series), caption: "First seed.".into(), numbers: None }
    }
}

fn row(made: &[Vec<f64>]) -> Vec<GreyPicture> {
    made.iter().map(|pixels| GreyPicture::new(8, pixels.iter().map(|ink| 1.0 - ink).collect(), "")).collect()
}
