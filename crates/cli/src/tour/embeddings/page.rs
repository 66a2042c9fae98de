//! Chapter 6 as a page.

use super::{
    Chapter, DIMENSIONS, EmbeddingFigures, EmbeddingLoss, EmbeddingMoment, EmbeddingOutcome, Embeddings, Yardstick,
    loss::{FEW_LETTERS, FEW_ROWS, LETTERS, ROWS, SCALE, WARM_UP},
    spread as over_seeds,
    train::{ALPHA, LEARNING_RATE, T, WEIGHT_DECAY, WIDTH},
    verdict::{self, SHARE},
};
use crate::{
    page::{Figure, Grid, Page},
    report::plot::{Axes, Scale, Series, clouds, lines},
    terminal::number::{Unit, count, one, percent, spread},
    tour::{chapter::Chapter as _, seeds_in_words},
};

/// A column of the main table.
type Column = (&'static str, Unit, fn(&EmbeddingFigures) -> f64);

const COLUMNS: [Column; 5] = [
    ("recall@1", SHARE, |figures| figures.recall),
    ("MAP@R", SHARE, |figures| figures.map_at_r),
    ("alignment", Unit::Places(2), |figures| figures.alignment),
    ("uniformity", Unit::Places(2), |figures| figures.uniformity),
    ("apart", Unit::Percent, |figures| figures.apart),
];

/// How many of them say what is found; the others say how the embeddings lie.
const RETRIEVED: usize = 2;

/// Whose course is drawn: the collapse and what is said to help.
const COURSES: [EmbeddingLoss; 5] = [
    EmbeddingLoss::BatchHard,
    EmbeddingLoss::SoftMargin,
    EmbeddingLoss::AfterWarmUp,
    EmbeddingLoss::OfFew,
    EmbeddingLoss::SemiHard,
];

impl Embeddings {
    /// The chapter: what was done, the figures, the pictures, the verdict.
    pub fn page(&self) -> Page {
        let best = self.ranked().first().copied();
        let reach = best.map_or(1.0, reach);
        let maps = [("embeddings-best", best), ("embeddings-collapse", self.of(EmbeddingLoss::BatchHard))];
        let maps = maps.into_iter().filter_map(|(name, outcome)| Some(map(name, outcome?, reach)));
        let mut figures: Vec<Figure> = maps.collect();
        figures.push(self.course(
            "embeddings-apart",
            "How far apart are unseen letters?",
            "log₁₀ of the share left",
            |m| Some(m.apart.log10()),
        ));
        figures.push(self.course(
            "embeddings-loss",
            "Is the loss that of one point?",
            "loss / that of one point",
            |m| m.loss_over_point,
        ));
        figures.push(self.temperature("embeddings-recall", "recall@1", |figures| figures.recall));
        figures.push(self.temperature("embeddings-uniformity", "uniformity", |figures| figures.uniformity));
        figures.push(self.alignment_and_uniformity());
        let grids = vec![self.losses(), self.places(), self.without_networks(), self.tried(), self.over_temperatures()];
        Page { grids, figures, verdict: verdict::verdict(self), ..self.opening() }
    }

    /// Title and lead alone: known before the trainings.
    pub(super) fn opening(&self) -> Page {
        Page { title: Chapter.title().into(), lead: self.lead(), ..Page::default() }
    }

    fn lead(&self) -> Vec<String> {
        vec![
            format!(
                "Sixteen numbers describe each of {} printed letters. A network puts them into {DIMENSIONS} dimensions, so that a \
                 letter is near to its like. It sees A to T only ({} rows); judged is whether the nearest of the {} rows of U to Z \
                 are of one letter, though no network ever saw one: recall@1 is the share whose nearest other is, MAP@R (Musgrave \
                 et al. 2020) looks at as many places as the letter has others.",
                count(self.rows as f64),
                count(self.seen as f64),
                count(self.unseen as f64),
            ),
            format!(
                "Only the loss differs. The network has one hidden layer of {WIDTH} ReLUs; AdamW trains it for {} steps with weight \
                 decay {WEIGHT_DECAY} and a learning rate that falls from {LEARNING_RATE} to 0, each on {ROWS} rows of {LETTERS} \
                 random letters. Contrastive and triplet losses see Euclidean distances; InfoNCE, SupCon and ArcFace (scale \
                 {SCALE}) see directions only, and so do the triplets “on the sphere”; their embeddings are judged by direction. \
                 InfoNCE gets {} sets of one pair of each letter. {} U to Z choose none of them; but \
                 steps, width, learning rate and batches, alike for all, which losses see distances, and the list of miners were \
                 settled before with a look at U to Z. Then {} of initial weights and batches, on A to T.",
                self.steps,
                ROWS / 2,
                self.tuning(),
                seeds_in_words(self.seeds.len()),
            ),
            format!(
                "Miners choose the triplets. Random: one for each row. All violating: all of the batch that break the margin. Hardest: \
                 for each row the farthest of its letter and the nearest of another. Semi-hard: instead the nearest other beyond \
                 that farthest; easy positive: the nearest of its letter, and the nearest other beyond it. “Hardest” is said to \
                 collapse; its variations take its margin: the soft margin, {} of the steps with random triplets before, and \
                 batches of {FEW_ROWS} rows of {FEW_LETTERS} letters. Alignment is the mean squared distance of the directions of two \
                 rows of a letter (α = {ALPHA}), uniformity the logarithm of the mean Gaussian potential of all (t = {T}; Wang & Isola \
                 2020): low is good, of both. Apart is the mean distance of two unseen rows, over that of the untrained network: \
                 below {} it is a collapse.",
                percent(WARM_UP),
                percent(EmbeddingFigures::COLLAPSED),
            ),
        ]
    }

    /// How settings are chosen; the quick run chooses nothing.
    fn tuning(&self) -> String {
        let choosing = count(self.choosing as f64);
        match self.settings {
            1 => format!(
                "The middle one of the margins or temperatures of each loss is taken, and tried on A to O and {choosing} rows of P to T."
            ),
            settings => format!(
                "{settings} margins or temperatures of each loss are tried on A to O, one training each; the highest recall@1 \
                 among the {choosing} rows of P to T decides."
            ),
        }
    }

    fn losses(&self) -> Grid {
        let (found, _) = COLUMNS.split_at(RETRIEVED);
        let header: Vec<&str> = ["loss", "setting"].into_iter().chain(found.iter().map(|(name, ..)| *name)).collect();
        let mut grid = Grid::new("Letters U to Z, which no network saw", &header);
        for outcome in &self.losses {
            let cells = found.iter().map(|(_, unit, figure)| spread(&outcome.spread(figure), *unit));
            let first = [outcome.loss.name().to_owned(), outcome.setting.to_string()];
            grid.row(first.into_iter().chain(cells).collect());
        }
        grid.with_note(match self.seeds.len() {
            1 => "One seed: how much another one would change is not known.".to_owned(),
            seeds => format!("Mean ± standard deviation over {seeds} seeds. The setting is a margin or a temperature."),
        })
    }

    fn places(&self) -> Grid {
        let (_, places) = COLUMNS.split_at(RETRIEVED);
        let header: Vec<&str> =
            ["loss"].into_iter().chain(places.iter().map(|(name, ..)| *name)).chain(["collapsed"]).collect();
        let mut grid = Grid::new("How the same letters lie", &header);
        for outcome in &self.losses {
            let cells = places.iter().map(|(_, unit, figure)| spread(&outcome.spread(figure), *unit));
            let last = format!("{} of {}", outcome.collapsed(), outcome.runs.len());
            grid.row([outcome.loss.name().to_owned()].into_iter().chain(cells).chain([last]).collect());
        }
        grid
    }

    fn without_networks(&self) -> Grid {
        let mut grid = Grid::new("The same letters without a network", &["by", "recall@1", "MAP@R"]);
        for figures in &self.yardsticks {
            grid.row(vec![
                figures.yardstick.name().to_owned(),
                one(figures.recall, SHARE),
                one(figures.map_at_r, SHARE),
            ]);
        }
        grid.with_note(format!(
            "Columns standardised by A to T; {} and {} of A to T, {DIMENSIONS} axes.",
            Yardstick::Principal.name(),
            Yardstick::Discriminant.name()
        ))
    }

    fn tried(&self) -> Grid {
        let mut grid = Grid::new(
            "Settings that were tried, on P to T",
            &["loss", "setting", "recall@1", "MAP@R", "apart", "collapsed"],
        );
        for tried in &self.tried {
            let figures = &tried.figures;
            grid.row(vec![
                tried.loss.name().to_owned(),
                tried.setting.to_string(),
                one(figures.recall, SHARE),
                one(figures.map_at_r, SHARE),
                percent(figures.apart),
                if figures.collapsed() { "yes" } else { "no" }.to_owned(),
            ]);
        }
        grid.with_note("Trained on A to O. The highest recall@1 of each loss was chosen.")
    }

    fn over_temperatures(&self) -> Grid {
        let header: Vec<&str> = ["temperature"].into_iter().chain(COLUMNS.map(|(name, ..)| name)).collect();
        let mut grid = Grid::new("InfoNCE over temperatures, on U to Z", &header);
        for outcome in &self.temperatures {
            let cells = COLUMNS.iter().map(|(_, unit, figure)| spread(&over_seeds(&outcome.runs, figure), *unit));
            grid.row([outcome.temperature.to_string()].into_iter().chain(cells).collect());
        }
        grid
    }

    fn course(&self, name: &'static str, title: &str, y: &str, figure: fn(&EmbeddingMoment) -> Option<f64>) -> Figure {
        let axes = Axes { title: title.into(), x: "step".into(), y: y.into(), scale: Scale::Plain };
        let series: Vec<Series> = (COURSES.into_iter().filter_map(|loss| self.of(loss)))
            .map(|outcome| Series {
                name: outcome.loss.name().into(),
                points: (outcome.course.iter())
                    .filter_map(|moment| Some((moment.step as f64, figure(moment)?)))
                    .collect(),
            })
            .collect();
        Figure { name, svg: lines(&axes, &series), caption: "First seed.".into(), numbers: None }
    }

    fn temperature(&self, name: &'static str, y: &str, figure: fn(&EmbeddingFigures) -> f64) -> Figure {
        let axes = Axes {
            title: format!("InfoNCE: {y} over the temperature"),
            x: "log₁₀ of the temperature".into(),
            y: y.into(),
            scale: Scale::Plain,
        };
        let of_seed = |seed: usize| {
            let point = |outcome: &super::TemperatureOutcome| {
                Some((outcome.temperature.log10(), figure(outcome.runs.get(seed)?)))
            };
            self.temperatures.iter().filter_map(point).collect()
        };
        let seeds = self.seeds.iter().enumerate();
        let series: Vec<Series> =
            seeds.map(|(place, seed)| Series { name: format!("seed {seed}"), points: of_seed(place) }).collect();
        Figure {
            name,
            svg: lines(&axes, &series),
            caption: "Letters U to Z; a line for each seed.".into(),
            numbers: None,
        }
    }

    /// Wang and Isola's plane.
    fn alignment_and_uniformity(&self) -> Figure {
        let axes = Axes {
            title: "Near to its like, and evenly spread?".into(),
            x: "alignment".into(),
            y: "uniformity".into(),
            scale: Scale::Plain,
        };
        let series: Vec<Series> = (self.ranked().into_iter())
            .map(|outcome| Series {
                name: outcome.loss.name().into(),
                points: outcome.runs.iter().map(|figures| (figures.alignment, figures.uniformity)).collect(),
            })
            .collect();
        Figure {
            name: "embeddings-sphere",
            svg: clouds(&axes, &series, None),
            caption: "Of directions, letters U to Z; a point for each seed. Low is good on both axes; the legend runs from the \
                      highest recall@1 to the lowest."
                .into(),
            numbers: None,
        }
    }
}

/// How far from the middle the farthest point of a map is.
fn reach(outcome: &EmbeddingOutcome) -> f64 {
    outcome.map.iter().fold(0.0, |reach: f64, point| reach.max(point.x.abs()).max(point.y.abs()))
}

/// Unseen letters in the plane of the first two principal axes.
fn map(name: &'static str, outcome: &EmbeddingOutcome, reach: f64) -> Figure {
    let mut series: Vec<Series> = Vec::new();
    for point in &outcome.map {
        let letter = char::from(b'A' + u8::try_from(point.letter).unwrap_or(0)).to_string();
        if series.last().is_none_or(|last| last.name != letter) {
            series.push(Series { name: letter, points: Vec::new() });
        }
        if let Some(last) = series.last_mut() {
            last.points.push((point.x, point.y));
        }
    }
    let axes = Axes {
        title: format!("Letters never seen, by {}", outcome.loss.in_words()),
        x: "first principal axis".into(),
        y: "second".into(),
        scale: Scale::Plain,
    };
    Figure {
        name,
        svg: clouds(&axes, &series, Some(reach)),
        caption: format!(
            "Some rows of each letter, first seed; 1 is the mean distance of the untrained network. Both maps have one scale. {}",
            if outcome.runs.first().is_some_and(EmbeddingFigures::collapsed) { "All letters are in one place." } else { "" }
        )
        .trim_end()
        .to_owned(),
        numbers: None,
    }
}
