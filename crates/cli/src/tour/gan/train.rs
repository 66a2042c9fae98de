//! The chapter's trainings, and what came of them.

use minimand::prelude::*;

use super::{
    Gan, GanLoss, GanMoment, GanOutcome, GanSetting, PictureFigures, TriedSetting,
    game::{BATCH, Game, LATENT},
};
use crate::{
    model::side_by_side,
    run::Failure,
    tour::{
        chapter::{Begin, Conditions, Watch},
        digits::{Collection, Museum, shown},
        training::TrainingError,
    },
};

/// Pictures that are judged.
pub(super) const SAMPLES: usize = 1000;

/// When a training is looked at, in sixteenths of its steps.
const MOMENTS: [u64; 6] = [0, 1, 2, 4, 8, 16];

/// What one training needs.
struct Job {
    loss: GanLoss,
    setting: GanSetting,
    seed: u64,
    /// Beside which pictures what it makes is judged.
    tuning: bool,
}

impl Gan {
    /// Chooses a setting for each game, then plays it with every seed.
    pub fn measure(conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Self, Failure> {
        let collection = Collection::open(conditions.seed)?;
        let seeds = conditions.seeds(conditions.choose(5, 3));
        let mut found = Self {
            rows: collection.rows(),
            parts: collection.parts(),
            steps: conditions.choose(1600, 260),
            seeds,
            reader_accuracy: f64::NAN,
            truth: PictureFigures { frechet: f64::NAN, shares: Vec::new(), sure: 1.0, nearest: 1.0, apart: 1.0 },
            examples: Vec::new(),
            tried: Vec::new(),
            games: Vec::new(),
        };
        begin(&found.opening())?;

        let candidates: Vec<Job> = (GanLoss::CONTENDERS.into_iter())
            .flat_map(|loss| {
                // The quick run tries the first and the last.
                let settings = loss.settings();
                let kept = settings.iter().enumerate();
                let keep = |place: usize| !conditions.quick || place == 0 || place + 1 == settings.len();
                let kept: Vec<GanSetting> =
                    kept.filter(|(place, _)| keep(*place)).map(|(_, setting)| *setting).collect();
                kept.into_iter().map(move |setting| Job { loss, setting, seed: conditions.seed, tuning: true })
            })
            .collect();
        let games = GanLoss::CONTENDERS.into_iter().chain(GanLoss::RISKY);
        let trainings = candidates.len() + games.clone().count() * found.seeds.len();
        let steps = collection.steps() + trainings as u64 * found.steps;
        let watch = conditions.watch(5, trainings + 1, steps);
        let museum = collection.furnish(&watch)?;
        found.truth = museum.truth();
        found.examples = shown(&museum.train);
        found.reader_accuracy = museum.reader_accuracy;

        let steps = found.steps;
        let outcomes = side_by_side(&candidates, |job| train(job, &museum, steps, &[], &watch))?;
        found.tried = (candidates.iter().zip(outcomes))
            .map(|(job, (figures, _))| TriedSetting { loss: job.loss, setting: job.setting, figures })
            .collect();

        let jobs: Vec<Job> = (games.clone())
            .filter_map(|loss| Some((loss, found.chosen(loss)?)))
            .flat_map(|(loss, setting)| found.seeds.iter().map(move |&seed| Job { loss, setting, seed, tuning: false }))
            .collect();
        let first = found.seeds.first().copied();
        let outcomes = side_by_side(&jobs, |job| {
            let moments: &[u64] = if Some(job.seed) == first { &MOMENTS } else { &[] };
            train(job, &museum, steps, moments, &watch)
        })?;
        let of_games = jobs.chunks(found.seeds.len()).zip(outcomes.chunks(found.seeds.len()));
        found.games = of_games
            .map(|(jobs, outcomes)| GanOutcome {
                loss: jobs[0].loss,
                setting: jobs[0].setting,
                runs: outcomes.iter().map(|(figures, _)| figures.clone()).collect(),
                course: outcomes[0].1.clone(),
            })
            .collect();
        Ok(found)
    }

    /// The setting with the lowest Fréchet distance to the validation pictures; those that are said to fail take that of the first.
    fn chosen(&self, loss: GanLoss) -> Option<GanSetting> {
        let tuned = match loss {
            GanLoss::NonSaturating | GanLoss::Hinge | GanLoss::GradientPenalty | GanLoss::RealPenalty => loss,
            GanLoss::Saturating | GanLoss::Hasty => GanLoss::NonSaturating,
        };
        let tried = self.tried.iter().filter(|tried| tried.loss == tuned);
        tried.min_by(|a, b| a.figures.frechet.total_cmp(&b.figures.frechet)).map(|tried| tried.setting)
    }
}

/// Plays a game to its end; gives what was made then, and at the moments.
fn train(
    job: &Job,
    museum: &Museum,
    steps: u64,
    moments: &[u64],
    watch: &Watch<'_>,
) -> Result<(PictureFigures, Vec<GanMoment>), TrainingError> {
    let judge = museum.judge(if job.tuning { &museum.validation } else { &museum.test });
    // Apart from the numbers that the game draws from its own generator of this seed.
    let latents = Tensor::normal([SAMPLES, LATENT], &mut Rng::seed(job.seed).split()).computed();
    let mut game = Game::new(job.loss, job.setting, &museum.train, steps, job.seed);
    let epoch = |step: u64| step as usize * BATCH / museum.train.shape()[0] + 1;
    let diverged = |step: u64, cause: String| TrainingError::Diverged {
        loss: job.loss.in_words().into(),
        epoch: epoch(step),
        cause,
    };
    let look = |game: &Game<'_>, step: u64| {
        let made = game.made(&latents).computed();
        let figures = judge.figures(&made);
        if !figures.frechet.is_finite() {
            return Err(diverged(step, format!("the Fréchet distance is {}", figures.frechet)));
        }
        Ok(GanMoment { step, figures, pictures: shown(&made) })
    };
    let mut course = Vec::new();
    let mut moments = moments.iter().map(|sixteenths| steps * sixteenths / 16).peekable();
    let mut step = 0;
    loop {
        if moments.next_if(|&moment| moment <= step).is_some() {
            course.push(look(&game, step)?);
        }
        if step >= steps {
            break;
        }
        let taken = game.step().map_err(|error| diverged(step, error.to_string()))?;
        for _ in 0..taken {
            watch.step()?;
        }
        step += taken;
    }
    Ok((look(&game, step)?.figures, course))
}
