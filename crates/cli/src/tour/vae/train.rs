//! The chapter's trainings, and what came of them.

use minimand::prelude::*;

use super::{
    Spectrum, Vae, VaeFigures, VaeNetwork, VaeObjective, VaeOutcome,
    autoencoder::{Autoencoder, BATCH, DEVIATION, LATENT},
    measure::{Pictures, inspect},
};
use crate::{
    model::side_by_side,
    run::Failure,
    tour::{
        chapter::{Begin, Conditions, Watch},
        digits::{Collection, INK, Museum, PictureFigures, shown},
        training::TrainingError,
    },
};

/// What a nat of the code costs: from a quarter on, so that in the end no unit pays for itself.
const BETAS: [f64; 4] = [0.25, 1.0, 4.0, 16.0];

/// Nats that are free for each unit.
const FREE: [f64; 2] = [0.25, 1.0];

/// Codes of the importance-weighted bound.
const CODES: [usize; 2] = [5, 50];

/// What one training needs.
struct Job {
    network: VaeNetwork,
    objective: VaeObjective,
    seed: u64,
}

/// Networks and what they are trained by; the quick run has no time for as many codes.
fn pairs(quick: bool) -> Vec<(VaeNetwork, VaeObjective)> {
    let betas = BETAS.map(|beta| VaeObjective::Beta { beta });
    let free = FREE.map(|nats| VaeObjective::FreeBits { nats });
    let weighted = CODES.into_iter().filter(|&codes| !quick || codes == CODES[0]);
    let weighted = weighted.map(|codes| VaeObjective::ImportanceWeighted { codes });
    let linear = betas.map(|objective| (VaeNetwork::Linear, objective));
    let deep = betas.into_iter().chain(free).chain(weighted).map(|objective| (VaeNetwork::Deep, objective));
    linear.into_iter().chain(deep).collect()
}

impl Vae {
    /// Says what the eigenvalues predict, then trains every network by every objective with every seed.
    pub fn measure(conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Self, Failure> {
        let collection = Collection::open(conditions.seed)?;
        let train = collection.train();
        let pairs = pairs(conditions.quick);
        let mut found = Self {
            rows: collection.rows(),
            parts: collection.parts(),
            linear_epochs: conditions.choose(300, 60),
            deep_epochs: conditions.choose(80, 20),
            seeds: conditions.seeds(3),
            codes: conditions.choose(500, 100),
            spectrum: Spectrum::of(&(INK * &train), DEVIATION.powi(2), LATENT),
            reader_accuracy: f64::NAN,
            truth: PictureFigures { frechet: f64::NAN, shares: Vec::new(), sure: 1.0, nearest: 1.0, apart: 1.0 },
            examples: Vec::new(),
            mean_picture: train.mean_axis(0).to_vec(),
            outcomes: Vec::new(),
        };
        begin(&found.opening())?;

        let jobs: Vec<Job> = (pairs.iter())
            .flat_map(|&(network, objective)| found.seeds.iter().map(move |&seed| Job { network, objective, seed }))
            .collect();
        let epochs: usize = jobs.iter().map(|job| found.epochs(job.network)).sum();
        let steps = (epochs * found.parts.train.div_ceil(BATCH)) as u64;
        let watch = conditions.watch(4, jobs.len() + 1, collection.steps() + steps);
        let museum = collection.furnish(&watch)?;
        found.truth = museum.truth();
        found.examples = shown(&museum.test);
        found.reader_accuracy = museum.reader_accuracy;

        let inspected = side_by_side(&jobs, |job| found.train(job, &museum, &watch))?;
        let each = found.seeds.len();
        let of_pairs = pairs.iter().zip(inspected.chunks(each));
        found.outcomes = of_pairs
            .map(|(&(network, objective), inspected)| VaeOutcome {
                network,
                objective,
                runs: inspected.iter().map(|(figures, _)| figures.clone()).collect(),
                reconstructions: shown(&inspected[0].1.reconstructions),
                samples: shown(&inspected[0].1.samples),
            })
            .collect();
        Ok(found)
    }

    /// Trains a network, and looks what it does with the test pictures.
    fn train(&self, job: &Job, museum: &Museum, watch: &Watch<'_>) -> Result<(VaeFigures, Pictures), TrainingError> {
        let epochs = self.epochs(job.network);
        let model = Autoencoder::trained(job.network, job.objective, &museum.train, epochs, job.seed, watch)?;
        // The same draws for every model of a seed, apart from those of its training.
        let (figures, pictures) = inspect(&model, museum, self.codes, &mut Rng::seed(job.seed).split());
        let finite =
            [figures.likelihood, figures.error, figures.samples.frechet].iter().all(|figure| figure.is_finite());
        if !finite {
            let cause = format!("the log-likelihood of the test pictures is {}", figures.likelihood);
            return Err(TrainingError::Diverged { loss: job.objective.in_words(), epoch: epochs, cause });
        }
        Ok((figures, pictures))
    }
}
