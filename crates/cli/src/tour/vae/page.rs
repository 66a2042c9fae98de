//! Chapter 4 as a page.

use super::{
    Chapter, Vae, VaeFigures, VaeNetwork, VaeObjective, VaeOutcome,
    autoencoder::{BATCH, DEVIATION, LATENT, WIDTH},
    measure::SAMPLES,
    verdict,
};
use crate::{
    page::{Figure, Grid, Page, capitalised},
    report::{
        pictures::{GreyPicture, pictures},
        plot::{Axes, Scale, Series, lines},
    },
    terminal::number::{Unit, count, figure, one, percent, spread},
    tour::{chapter::Chapter as _, seeds_in_words},
};

/// How the figures of a table are written, and of which they are.
type Column = (&'static str, Unit, fn(&VaeFigures) -> f64);

const BOUNDS: [Column; 5] = [
    ("ELBO", Unit::Places(1), |figures| figures.elbo),
    ("log p(x)", Unit::Places(1), |figures| figures.likelihood),
    ("rate", Unit::Places(1), |figures| figures.rate),
    ("distortion", Unit::Places(1), |figures| figures.distortion),
    ("error", Unit::Places(2), |figures| figures.error),
];

const CODES: [Column; 5] = [
    ("active", Unit::Places(1), |figures| figures.active as f64),
    ("used", Unit::Places(1), |figures| figures.used as f64),
    ("Fréchet", Unit::Places(1), |figures| figures.samples.frechet),
    ("sure", Unit::Percent, |figures| figures.samples.sure),
    ("nearest", Unit::Places(2), |figures| figures.samples.nearest),
];

impl Vae {
    /// The chapter: what was done, the figures, the pictures, the verdict.
    pub fn page(&self) -> Page {
        Page {
            grids: vec![self.predicted(), self.bounds(), self.codes()],
            figures: vec![self.nats_of_units(), self.units_over_beta(), self.reconstructed(), self.sampled()],
            verdict: verdict::verdict(self),
            ..self.opening()
        }
    }

    /// Title and lead alone: known before the trainings.
    pub(super) fn opening(&self) -> Page {
        Page { title: Chapter.title().into(), lead: self.lead(), ..Page::default() }
    }

    fn lead(&self) -> Vec<String> {
        vec![
            format!(
                "A variational autoencoder (VAE) writes a picture of a digit, 8 × 8 pixels, as a code of {LATENT} numbers, \
                 its units, and draws it again from the code. The encoder gives a normal law of codes; how far that is \
                 from the standard normal law is the rate, the nats that the code holds. What the picture then still costs \
                 is the distortion. The evidence lower bound (ELBO) of the log-likelihood is minus their sum. With β the \
                 rate counts β times; with free bits so many nats of each unit cost nothing; IWAE weighs several codes of a \
                 picture by how well they explain it, 5 or more where the ELBO has one. The decoder says a mean for each \
                 pixel, and a standard deviation of {DEVIATION} steps of ink, of which 16 are black: log-likelihoods are \
                 densities by that step.",
            ),
            format!(
                "The linear network has one layer each way and one variance of the code for all pictures; the deep one has \
                 {WIDTH} ReLUs each way. Both are about the difference from the mean picture. Adam trains on {} \
                 pictures in batches of {BATCH}, the linear network for {} epochs and the deep one for {}, with a learning rate \
                 that falls from {} and {} to 0. The decoder's variance and \
                 the epochs were set once, with a look at test pictures, so that some units collapse; nothing was chosen for \
                 one objective. {} decide initial \
                 weights, the order of the pictures and the drawn codes; {} other pictures test.",
                count(self.parts.train as f64),
                self.linear_epochs,
                self.deep_epochs,
                VaeNetwork::Linear.learning_rate(),
                VaeNetwork::Deep.learning_rate(),
                capitalised(&seeds_in_words(self.seeds.len())),
                count(self.parts.test as f64),
            ),
            format!(
                "Which units collapse can be said before anything is trained, for the linear network (Lucas et al. 2019): a \
                 unit pays for itself where the pictures vary along some direction with a variance, an eigenvalue λ of \
                 their covariance, above β σ², here {} β; it then holds ½ ln(λ / β σ²) nats. A unit is active where its mean \
                 varies over the test pictures with a variance above {}. It is used where the distortion rises by more than \
                 {} nats once it has the value of another picture.",
                figure(self.spectrum.variance, 3),
                VaeFigures::ACTIVE,
                VaeFigures::USED,
            ),
        ]
    }

    /// What the eigenvalues predict, and what was seen.
    fn predicted(&self) -> Grid {
        let mut grid = Grid::new(
            "Active units: predicted by the eigenvalues, and seen",
            &["β", "β σ²", "λ above", "predicted", "linear", "deep", "nats predicted", "linear", "deep"],
        );
        for (beta, linear) in self.betas(VaeNetwork::Linear) {
            let deep = self.of(VaeNetwork::Deep, VaeObjective::Beta { beta });
            let cell = |outcome: Option<&VaeOutcome>, figure: fn(&VaeFigures) -> f64| {
                outcome.map_or_else(|| "–".into(), |outcome| spread(&outcome.spread(figure), Unit::Places(1)))
            };
            grid.row(vec![
                beta.to_string(),
                figure(self.spectrum.threshold(beta), 3),
                self.spectrum.above(beta).to_string(),
                self.spectrum.active(beta).to_string(),
                cell(Some(linear), |figures| figures.active as f64),
                cell(deep, |figures| figures.active as f64),
                one(self.spectrum.rate(beta), Unit::Places(1)),
                cell(Some(linear), |figures| figures.rate),
                cell(deep, |figures| figures.rate),
            ]);
        }
        grid.with_note(format!(
            "There are {LATENT} units: no more can be active. The eigenvalues are of the training pictures, from {} down."
            , one(self.spectrum.eigenvalues.first().copied().unwrap_or(0.0), Unit::Places(1))
        ))
        .with_note(self.spread_in_words())
    }

    fn bounds(&self) -> Grid {
        self.table("Bounds on the test pictures, nats for a picture", &BOUNDS).with_note(format!(
            "log p(x): by the importance-weighted bound of {} codes, as near as it comes. Error: root mean square of a pixel, \
             decoded from the mean code, in steps of ink. {}",
            self.codes,
            self.spread_in_words()
        ))
    }

    fn codes(&self) -> Grid {
        let mut grid = self.table("Units of the code, and pictures from the prior", &CODES);
        let truth = &self.truth;
        grid.row(vec![
            "true pictures".into(),
            "–".into(),
            "–".into(),
            one(truth.frechet, Unit::Places(1)),
            percent(truth.sure),
            one(truth.nearest, Unit::Places(2)),
        ]);
        grid.with_note(format!(
            "A classifier, which tells {} of the test pictures right, reads {} pictures decoded from codes that are drawn from \
             the prior. Fréchet: distance of its features to those of the test pictures (chapter 5). Nearest: distance to the \
             nearest training picture over that of test pictures. True pictures: the distance of the training pictures, else \
             the test pictures.",
            percent(self.reader_accuracy),
            count(SAMPLES as f64),
        ))
    }

    fn table(&self, caption: &str, columns: &[Column]) -> Grid {
        let header: Vec<&str> = ["trained by"].into_iter().chain(columns.iter().map(|(name, ..)| *name)).collect();
        let mut grid = Grid::new(caption, &header);
        for outcome in &self.outcomes {
            let name = match outcome.network {
                VaeNetwork::Linear => format!("linear, {}", outcome.objective.name()),
                VaeNetwork::Deep => outcome.objective.name(),
            };
            let cells = columns.iter().map(|(_, unit, figure)| spread(&outcome.spread(figure), *unit));
            grid.row([name].into_iter().chain(cells).collect());
        }
        grid
    }

    fn spread_in_words(&self) -> String {
        match self.seeds.len() {
            1 => "One seed: how much another one would change is not known.".to_owned(),
            seeds => format!("Mean ± standard deviation over {seeds} seeds; all of one split of the pictures."),
        }
    }

    /// Nats in each unit, beside what the eigenvalues predict.
    fn nats_of_units(&self) -> Figure {
        let axes = Axes {
            title: "Nats in each unit, trained by the ELBO".into(),
            x: "unit, the fullest first".into(),
            y: "nats".into(),
            scale: Scale::Plain,
        };
        let points = |nats: &[f64]| (1..).zip(nats).map(|(unit, &nats)| (f64::from(unit), nats)).collect();
        let predicted =
            Series { name: "predicted: ½ ln(λ / σ²)".into(), points: points(&self.spectrum.divergences(1.0)) };
        let seen = self.outcomes.iter().filter(|outcome| match outcome.objective {
            VaeObjective::Beta { beta } => beta == 1.0,
            VaeObjective::FreeBits { .. } => true,
            VaeObjective::ImportanceWeighted { .. } => false,
        });
        let seen = seen.map(|outcome| Series {
            name: match outcome.network {
                VaeNetwork::Linear => "linear".into(),
                VaeNetwork::Deep if outcome.objective == VaeObjective::ELBO => "deep".into(),
                VaeNetwork::Deep => format!("deep, {}", outcome.objective.name()),
            },
            points: points(&outcome.runs[0].divergences),
        });
        Figure {
            name: "vae-nats",
            svg: lines(&axes, &[predicted].into_iter().chain(seen).collect::<Vec<_>>()),
            caption: "On the test pictures. Predicted is what the linear network should come to. First seed.".into(),
            numbers: None,
        }
    }

    /// Active units as the price of a nat rises.
    fn units_over_beta(&self) -> Figure {
        let axes = Axes {
            title: "How many units pay for themselves?".into(),
            x: "log₂ β".into(),
            y: "active units".into(),
            scale: Scale::Plain,
        };
        let of = |network: VaeNetwork| {
            let point = |(beta, outcome): (f64, &VaeOutcome)| {
                (beta.log2(), outcome.spread(|figures| figures.active as f64).mean())
            };
            self.betas(network).map(point).collect()
        };
        let betas = self.betas(VaeNetwork::Linear);
        let predicted = betas.map(|(beta, _)| (beta.log2(), self.spectrum.active(beta) as f64)).collect();
        let series = [("predicted", predicted), ("linear", of(VaeNetwork::Linear)), ("deep", of(VaeNetwork::Deep))];
        Figure {
            name: "vae-units",
            svg: lines(&axes, &series.map(|(name, points)| Series { name: name.into(), points })),
            caption: "Predicted: eigenvalues above β σ², and no more than there are units. Mean over the seeds.".into(),
            numbers: None,
        }
    }

    /// Test pictures, and what is left of them after encoding and decoding.
    fn reconstructed(&self) -> Figure {
        let mean = vec![row(std::slice::from_ref(&self.mean_picture))];
        let rows =
            [("test pictures".to_owned(), row(&self.examples))].into_iter().chain(self.deep(|o| &o.reconstructions));
        let rows = rows.chain(mean.into_iter().map(|mean| ("mean picture".to_owned(), mean)));
        Figure {
            name: "vae-reconstructions",
            svg: pictures("Test pictures, and the deep network's reconstructions", &rows.collect::<Vec<_>>()),
            caption: "What the deep network decodes from the mean codes of test pictures, for each objective, and the mean of \
                      the training pictures. First seed."
                .into(),
            numbers: None,
        }
    }

    /// Pictures of codes from the prior.
    fn sampled(&self) -> Figure {
        Figure {
            name: "vae-samples",
            svg: pictures("Pictures of codes drawn from the prior", &self.deep(|o| &o.samples).collect::<Vec<_>>()),
            caption: "What the deep network decodes from ten codes drawn from the prior, for each objective: what the pixels \
                      are on the mean, without their noise. First seed."
                .into(),
            numbers: None,
        }
    }

    /// A row of pictures for each objective of the deep network.
    fn deep<'a>(
        &'a self,
        pictures: impl Fn(&'a VaeOutcome) -> &'a [Vec<f64>],
    ) -> impl Iterator<Item = (String, Vec<GreyPicture>)> {
        let deep = self.outcomes.iter().filter(|outcome| outcome.network == VaeNetwork::Deep);
        deep.map(move |outcome| (outcome.objective.name(), row(pictures(outcome))))
    }
}

fn row(pictures: &[Vec<f64>]) -> Vec<GreyPicture> {
    pictures.iter().map(|pixels| GreyPicture::new(8, pixels.iter().map(|ink| 1.0 - ink).collect(), "")).collect()
}
