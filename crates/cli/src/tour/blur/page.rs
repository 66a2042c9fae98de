//! Chapter 3 as a page.

use super::{
    Blur, BlurLoss, Chapter, HalfFigures, PictureFigures,
    fashion::SIDE,
    painter::{BATCH, CRITIC_WEIGHT, LEARNING_RATE},
    train::{BOTTLENECK, WIDTH},
    verdict::{self, ERROR},
};
use crate::{
    page::{Figure, Grid, Page},
    report::{
        pictures::{GreyPicture, pictures},
        plot::{Axes, Scale, Series, lines},
    },
    terminal::number::{Unit, count, one, percent, spread},
    tour::{chapter::Chapter as _, listed, seeds_in_words},
};

/// How the figures of a table are written, and of which they are.
type Column<F> = (&'static str, Unit, fn(&F) -> f64);

const WHOLE: [Column<PictureFigures>; 6] = [
    ("MSE, ‰", Unit::Places(1), |figures| 1e3 * figures.squared),
    ("MAE, ‰", Unit::Places(1), |figures| 1e3 * figures.absolute),
    ("SSIM", Unit::Places(2), |figures| figures.similarity),
    ("features", Unit::Places(2), |figures| figures.features),
    ("edges", Unit::Percent, |figures| figures.sharpness),
    ("told right", Unit::Percent, |figures| figures.recognised),
];

const HALVES: [Column<HalfFigures>; 5] = [
    ("MSE, ‰", Unit::Places(1), |half| 1e3 * half.squared),
    ("MAE, ‰", Unit::Places(1), |half| 1e3 * half.absolute),
    ("edges", Unit::Percent, |half| half.sharpness),
    ("to mean, ‰", Unit::Places(1), |half| 1e3 * half.to_mean),
    ("to median, ‰", Unit::Places(1), |half| 1e3 * half.to_median),
];

impl Blur {
    /// The chapter: what was done, the figures, the pictures, the verdict.
    pub fn page(&self) -> Page {
        Page {
            grids: vec![self.whole(), self.halves()],
            figures: vec![self.painted(), self.completed(), self.over_neighbours()],
            verdict: verdict::verdict(self),
            ..Self::opening([self.train, self.test], self.epochs, &self.seeds)
        }
    }

    /// Title and lead alone: known before the trainings.
    pub(super) fn opening([train, test]: [usize; 2], [epochs, classifier_epochs]: [usize; 2], seeds: &[u64]) -> Page {
        Page {
            title: Chapter.title().into(),
            lead: vec![
                format!(
                    "An autoencoder paints pictures of clothes ({SIDE} × {SIDE} pixels, Fashion-MNIST) after looking at them, \
                     but can remember only {BOTTLENECK} numbers of each: much of a picture has to be guessed. Only the loss \
                     differs. The layers have {SIDE}², {WIDTH}, {BOTTLENECK}, {WIDTH} and {SIDE}² units; Adam trains for {epochs} \
                     epochs on {} pictures in batches of {BATCH}, with a learning rate that falls from {LEARNING_RATE} to 0. {} \
                     decide initial weights and order; {} other pictures test.",
                    count(train as f64),
                    crate::page::capitalised(&seeds_in_words(seeds.len())),
                    count(test as f64),
                ),
                format!(
                    "The perceptual loss compares the features of both convolutions of a classifier that was trained on the \
                     same pictures for {classifier_epochs} epochs, each layer over its variance. The adversarial loss is squared \
                     error plus {CRITIC_WEIGHT} times the non-saturating loss of a critic, a convolutional network that learns to \
                     tell true pictures from painted ones, with R1. The judge is another classifier of the same kind, with \
                     another seed: its features (“features”: 1 would be pictures of the mean features) and its answers \
                     (“told right”) are nobody's loss. “Edges” is the mean squared Laplacian over that of the true pictures: \
                     100 % is as sharp; noise counts as edges. Widths, learning rate, epochs and the critic's weight were set \
                     once, with a look at test pictures: which loss is best at its own measure may change with longer \
                     training, and how sharp the adversarial loss paints with the critic's weight.",
                ),
                format!(
                    "Then a network with two hidden layers of {WIDTH} sees the upper half of a picture and paints the lower one. What \
                     could be there is known without any network: the lower halves of the training pictures whose upper \
                     halves are nearest. Their number is that with the lowest error of the mean where each training picture is \
                     left out in turn.",
                ),
            ],
            ..Page::default()
        }
    }

    fn whole(&self) -> Grid {
        let mut grid = Grid::new("Pictures painted from few numbers, beside the true ones", &header("loss", &WHOLE));
        for painted in &self.reconstructions {
            let cells = WHOLE.iter().map(|(_, unit, figure)| spread(&painted.spread(figure), *unit));
            grid.row([painted.loss.name().to_owned()].into_iter().chain(cells).collect());
        }
        grid.with_note(self.spread_in_words()).with_note(format!(
            "Of the true test pictures the judge tells {} right; the classifier whose features train, {}.",
            percent(self.judge_accuracy),
            percent(self.teacher_accuracy),
        ))
    }

    fn halves(&self) -> Grid {
        let neighbours = &self.neighbours;
        let mut grid = Grid::new("Lower halves painted from upper ones, beside the true ones", &header("", &HALVES));
        for painted in &self.completions {
            let cells = HALVES.iter().map(|(_, unit, figure)| spread(&painted.spread(figure), *unit));
            grid.row([painted.loss.name().to_owned()].into_iter().chain(cells).collect());
        }
        for (name, half) in [
            (format!("mean of {}", neighbours.count), &neighbours.mean),
            (format!("median of {}", neighbours.count), &neighbours.median),
            ("nearest alone".to_owned(), &neighbours.one),
        ] {
            let cells = HALVES.iter().map(|(_, unit, figure)| one(figure(half), *unit));
            grid.row([name].into_iter().chain(cells).collect());
        }
        grid.with_note(self.spread_in_words()).with_note(format!(
            "“To mean” is the squared error beside the mean of {} neighbours, “to median” the absolute one beside their median.",
            neighbours.count
        ))
    }

    fn spread_in_words(&self) -> String {
        match self.seeds.len() {
            1 => "One seed: how much another one would change is not known.".to_owned(),
            seeds => format!("Mean ± standard deviation over {seeds} seeds; all of the same pictures."),
        }
    }

    /// One picture of each class, painted with each loss.
    fn painted(&self) -> Figure {
        let rows = self.reconstructions.iter().map(|painted| (painted.loss.name(), &painted.pictures));
        gallery(
            "blur-reconstructions",
            "painted",
            [("true pictures", &self.examples)].into_iter().chain(rows),
            "The first test picture of each class, and what each loss made of it through few numbers. First seed.",
        )
    }

    /// The same, lower halves painted.
    fn completed(&self) -> Figure {
        let given: Vec<Vec<f64>> = (self.examples.iter())
            .map(|pixels| {
                let upper = pixels.len() / 2;
                let hidden = pixels[upper..].iter().map(|_| 0.5);
                pixels[..upper].iter().copied().chain(hidden).collect()
            })
            .collect();
        let by_losses = self.completions.iter().map(|painted| (painted.loss.name(), &painted.pictures));
        let (mean, median) =
            (format!("mean of {}", self.neighbours.count), format!("median of {}", self.neighbours.count));
        let by_neighbours = [
            (mean.as_str(), &self.answers.mean),
            (median.as_str(), &self.answers.median),
            ("nearest alone", &self.answers.one),
        ];
        let rows = [("true pictures", &self.examples), ("what is given", &given)];
        gallery(
            "blur-completions",
            "completed",
            rows.into_iter().chain(by_losses).chain(by_neighbours),
            "The upper half is given, the lower one painted: by networks, and by the training pictures with the nearest \
             upper halves. First seed.",
        )
    }

    /// Averages of more and more neighbours, and the networks beside them.
    fn over_neighbours(&self) -> Figure {
        let tried = &self.neighbours.tried;
        let x = |count: usize| (count as f64).log2();
        let ends = [tried.first(), tried.last()].map(|end| end.map_or(0.0, |averaged| x(averaged.count)));
        let level = |loss: BlurLoss| {
            let sharpness = self.completion(loss)?.spread(|half| half.sharpness).mean();
            Some(Series { name: loss.name().to_owned(), points: ends.map(|end| (end, sharpness)).to_vec() })
        };
        let averaged = Series {
            name: "mean of neighbours".to_owned(),
            points: tried.iter().map(|averaged| (x(averaged.count), averaged.sharpness)).collect(),
        };
        let series: Vec<Series> =
            [averaged].into_iter().chain(BlurLoss::COMPLETING.into_iter().filter_map(level)).collect();
        let mut numbers =
            Grid::new("Means of so many neighbours' lower halves", &["neighbours", "edges", "MSE", "MSE, left out"]);
        for averaged in tried {
            numbers.row(vec![
                averaged.count.to_string(),
                percent(averaged.sharpness),
                one(averaged.squared, ERROR),
                one(averaged.left_out, ERROR),
            ]);
        }
        let axes = Axes {
            title: "An average of plausible halves is blurred".into(),
            x: "log₂ of the number of neighbours".into(),
            y: "edges / the truth's".into(),
            scale: Scale::Percent,
        };
        Figure {
            name: "blur-neighbours",
            svg: lines(&axes, &series),
            caption: "Edges of lower halves: means of 1 to many neighbours' halves; level lines are what networks paint, mean \
                      over the seeds."
                .into(),
            numbers: Some(numbers),
        }
    }
}

fn header<F, const N: usize>(first: &'static str, columns: &[Column<F>; N]) -> Vec<&'static str> {
    [first].into_iter().chain(columns.iter().map(|(name, ..)| *name)).collect()
}

/// Rows of pictures, dark on light.
fn gallery<'a>(
    name: &'static str,
    verb: &str,
    rows: impl Iterator<Item = (&'a str, &'a Vec<Vec<f64>>)>,
    caption: &str,
) -> Figure {
    let picture = |pixels: &Vec<f64>| GreyPicture::new(SIDE, pixels.iter().map(|light| 1.0 - light).collect(), "");
    let rows: Vec<(String, Vec<GreyPicture>)> =
        rows.map(|(name, row)| (name.to_owned(), row.iter().map(picture).collect())).collect();
    let names: Vec<&str> = rows[1..].iter().map(|(name, _)| name.as_str()).collect();
    let alternative = format!("True pictures, and pictures {verb}: {}", listed(&names, "and"));
    Figure { name, svg: pictures(&alternative, &rows), caption: caption.to_owned(), numbers: None }
}
