//! The chapter's trainings, and what came of them.

use minimand::prelude::*;

use super::{
    AnswerPictures, Blur, BlurLoss, HalfFigures, Painted, PictureFigures,
    classifier::Classifier,
    fashion::{Clothes, SIDE, index},
    judge::Judge,
    neighbours::{Answers, ask},
    painter::{Task, Teachers},
};
use crate::{
    model::side_by_side,
    run::Failure,
    tour::{
        chapter::{Begin, Conditions, Watch},
        training::TrainingError,
    },
};

/// Numbers that a picture has to pass through.
pub(super) const BOTTLENECK: usize = 12;

/// Width of the layers beside them.
pub(super) const WIDTH: usize = 128;

/// Passes of a classifier over the training pictures.
pub(super) const CLASSIFIER_EPOCHS: usize = 14;

/// The same in the quick run.
const QUICK_CLASSIFIER_EPOCHS: usize = 3;

/// What one training needs.
#[derive(Clone, Copy)]
struct Job {
    loss: BlurLoss,
    completing: bool,
    seed: u64,
}

/// What one training gave: figures of one kind and the examples.
enum Outcome {
    Reconstruction(PictureFigures, Vec<Vec<f64>>),
    Completion(HalfFigures, Vec<Vec<f64>>),
}

/// What all trainings share.
struct Studio<'a> {
    train: &'a Clothes,
    test: &'a Clothes,
    teachers: Teachers,
    judge: Judge<'a>,
    answers: Answers,
    epochs: usize,
}

impl Blur {
    /// Trains two classifiers, then a painter with every loss and seed, whole pictures and halves.
    pub fn measure(conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Self, Failure> {
        let (train, test) = (Clothes::train()?, Clothes::test()?);
        let epochs = [conditions.choose(15, 2), conditions.choose(CLASSIFIER_EPOCHS, QUICK_CLASSIFIER_EPOCHS)];
        let seeds = conditions.seeds(3);
        begin(&Self::opening([train.len(), test.len()], epochs, &seeds))?;

        let mut jobs: Vec<Job> = Vec::new();
        // The longest first.
        for loss in BlurLoss::ALL.into_iter().rev() {
            for completing in [false, true] {
                if !completing || BlurLoss::COMPLETING.contains(&loss) {
                    jobs.extend(seeds.iter().map(|&seed| Job { loss, completing, seed }));
                }
            }
        }
        let steps = Task::reconstruction(&train.pictures, &[]).steps(epochs[0]);
        let all = jobs.len() as u64 * steps + 2 * Classifier::steps(train.len(), epochs[1]);
        let watch = conditions.watch(3, jobs.len() + 2, all);

        // Neither seed trains a painter.
        let [teacher, judge] = [1000, 2000].map(|apart| conditions.seed.wrapping_add(apart));
        let classifiers =
            side_by_side(&[teacher, judge], |&seed| Classifier::trained(&train, epochs[1], seed, &watch))?;
        let [teacher, judge] = <[Classifier; 2]>::try_from(classifiers).map_err(|_| TrainingError::Stopped)?;
        let accuracy = |classifier: &Classifier| classifier.accuracy(&test.pictures, &test.labels);
        let accuracies = [accuracy(&teacher), accuracy(&judge)];
        let (neighbours, answers) = ask(&train.pictures, &test.pictures);
        let studio = Studio {
            teachers: Teachers::new(teacher, &train.pictures),
            judge: Judge::new(judge, &train.pictures, &test),
            answers,
            epochs: epochs[0],
            train: &train,
            test: &test,
        };
        let outcomes = side_by_side(&jobs, |job| studio.paint(*job, &watch))?;
        let done: Vec<(Job, Outcome)> = jobs.into_iter().zip(outcomes).collect();
        let [teacher_accuracy, judge_accuracy] = accuracies;
        Ok(Self {
            train: train.len(),
            test: test.len(),
            epochs,
            seeds,
            teacher_accuracy,
            judge_accuracy,
            reconstructions: gathered(&BlurLoss::ALL, &done, |outcome| match outcome {
                Outcome::Reconstruction(figures, pictures) => Some((*figures, pictures)),
                Outcome::Completion(..) => None,
            }),
            completions: gathered(&BlurLoss::COMPLETING, &done, |outcome| match outcome {
                Outcome::Completion(figures, pictures) => Some((*figures, pictures)),
                Outcome::Reconstruction(..) => None,
            }),
            neighbours,
            examples: studio.shown(&test.pictures),
            answers: AnswerPictures {
                mean: studio.completed(&studio.answers.mean),
                median: studio.completed(&studio.answers.median),
                one: studio.completed(&studio.answers.one),
            },
        })
    }
}

/// The outcomes of one kind, loss by loss, seeds in their order.
fn gathered<F>(
    losses: &[BlurLoss],
    done: &[(Job, Outcome)],
    of_kind: impl Fn(&Outcome) -> Option<(F, &Vec<Vec<f64>>)>,
) -> Vec<Painted<F>> {
    let of_loss = |&loss: &BlurLoss| {
        let mut painted = Painted { loss, runs: Vec::new(), pictures: Vec::new() };
        for (figures, pictures) in
            done.iter().filter(|(job, _)| job.loss == loss).filter_map(|(_, outcome)| of_kind(outcome))
        {
            painted.runs.push(figures);
            if painted.pictures.is_empty() {
                painted.pictures.clone_from(pictures);
            }
        }
        painted
    };
    losses.iter().map(of_loss).collect()
}

impl Studio<'_> {
    /// One training, looked at on the test pictures.
    fn paint(&self, job: Job, watch: &Watch<'_>) -> Result<Outcome, TrainingError> {
        let (hidden, wide) = ([WIDTH, BOTTLENECK, WIDTH], [WIDTH, WIDTH]);
        let task = |clothes| match job.completing {
            false => Task::reconstruction(clothes, &hidden),
            true => Task::completion(clothes, &wide),
        };
        let painter = task(&self.train.pictures).learn(job.loss, self.epochs, job.seed, &self.teachers, watch)?;
        let test = task(&self.test.pictures);
        let painted = test.painted(&painter, &test.input).computed();
        Ok(if job.completing {
            Outcome::Completion(self.answers.figures(&painted), self.completed(&painted))
        } else {
            let figures = self.judge.figures(&painted);
            Outcome::Reconstruction(figures, self.shown(&painted))
        })
    }

    /// One test picture of each class.
    fn shown(&self, pictures: &Tensor) -> Vec<Vec<f64>> {
        let chosen = pictures.index_select(0, index(&self.test.first_of_each())).to_vec::<f64>();
        chosen.chunks(SIDE * SIDE).map(<[f64]>::to_vec).collect()
    }

    /// The same with true upper halves.
    fn completed(&self, halves: &Tensor) -> Vec<Vec<f64>> {
        self.shown(&Tensor::concatenate([&self.test.pictures.slice(2, ..SIDE / 2), halves], 2))
    }
}
