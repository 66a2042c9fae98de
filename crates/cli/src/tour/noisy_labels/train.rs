//! The chapter's trainings, and what came of them.

use minimand::{
    data::{
        metrics::accuracy,
        split::{HeldOut, Split},
    },
    prelude::*,
};

use super::{LabelFlips, LabelLoss, MislabelledDigit, NoiseLevel, NoisyLabels, NoisyLoss};
use crate::{
    metrics::Spread,
    model::side_by_side,
    run::Failure,
    table::Table,
    tour::{
        Parts,
        chapter::{Begin, Conditions, Watch},
        fit::{Fit, FittedNetwork, Recipe, tensor},
        training::TrainingError,
    },
};

static DIGITS: &[u8] = include_bytes!("../../../data/digits8x8.csv.gz");

/// How many digits there are.
const CLASSES: usize = 10;

/// The darkest pixel.
const INK: f64 = 16.0;

/// Between cross-entropy (0) and absolute error (1).
pub(super) const Q: f64 = 0.7;

/// The kinds of noise.
const LEVELS: [LabelFlips; 5] =
    [LabelFlips::Even(0.0), LabelFlips::Even(0.2), LabelFlips::Even(0.4), LabelFlips::Even(0.6), LabelFlips::Next(0.4)];

/// The noise of the pictures that are shown, and how many.
const SHOWN: LabelFlips = LabelFlips::Even(0.4);
const EXAMPLES: usize = 10;

/// Everything that seed and noise decide before a loss comes into play.
struct NoisySplit {
    train: Digits,
    validation: Digits,
    test: Digits,
}

struct Digits {
    features: Tensor,
    digit: Vec<usize>,
    /// What the training is told.
    label: Vec<usize>,
}

/// One training with one loss, of the learning rates the best.
struct TunedLabels {
    fitted: FittedNetwork,
    accuracy: f64,
    noisy_accuracy: f64,
    learnt_wrong: f64,
    learning_rate: f64,
}

/// All losses with one seed and one noise.
struct Round {
    matrix_error: f64,
    outcomes: Vec<TunedLabels>,
}

impl NoisyLabels {
    /// Trains with every loss, every noise and every seed.
    pub fn measure(conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Self, Failure> {
        let table = Table::from_bytes(DIGITS, "digits8x8.csv.gz")?;
        let features = table.without(&["digit"])?;
        let digit: Vec<usize> = table.column("digit")?.iter().map(|&digit| digit as usize).collect();
        let recipe = Recipe {
            sizes: vec![features.names().len(), 64, CLASSES],
            epochs: conditions.choose(40, 12),
            batch: 64,
            learning_rate: f64::NAN,
            weight_decay: 0.0,
        };
        let seeds = conditions.seeds(conditions.choose(5, 3));
        let splits: Vec<Split> = (seeds.iter())
            .map(|&seed| Split::stratified(&digit, HeldOut::default(), seed))
            .collect::<Result<_, _>>()?;
        let mut found = Self {
            rows: table.rows(),
            parts: splits.first().map(Parts::of).unwrap_or_default(),
            epochs: recipe.epochs,
            learning_rates: conditions.choose(vec![1e-3, 3e-3, 1e-2], vec![3e-3, 1e-2]),
            seeds,
            examples: Vec::new(),
            levels: Vec::new(),
        };
        if let (Some(split), Some(&seed)) = (splits.first(), found.seeds.first()) {
            found.examples = examples(&prepare(&features, &digit, split, SHOWN, seed).train);
        }
        begin(&found.opening())?;

        let each = || splits.iter().zip(found.seeds.iter().copied());
        let jobs: Vec<_> = LEVELS.into_iter().flat_map(|flips| each().map(move |seed| (flips, seed))).collect();
        let trainings = jobs.len() * LabelLoss::ALL.len() * found.learning_rates.len();
        let watch = conditions.watch(9, trainings, trainings as u64 * recipe.steps(found.parts.train));
        let rounds = side_by_side(&jobs, |&(flips, (split, seed))| {
            let prepared = prepare(&features, &digit, split, flips, seed);
            round(&prepared, flips, &recipe, &found.learning_rates, seed, &watch)
        })?;
        let of_levels = LEVELS.into_iter().zip(rounds.chunks(splits.len()));
        found.levels = of_levels.map(|(flips, rounds)| findings(flips, rounds)).collect();
        Ok(found)
    }
}

fn prepare(features: &Table, digit: &[usize], split: &Split, flips: LabelFlips, seed: u64) -> NoisySplit {
    // Apart from the numbers that the training draws from its own generator of this seed.
    let mut rng = Rng::seed(seed).split();
    let columns = features.columns();
    let mut part = |rows: &[usize], noisy: bool| {
        let pixels: Vec<f64> =
            rows.iter().flat_map(|&row| columns.iter().map(move |column| column[row] / INK)).collect();
        let digit: Vec<usize> = rows.iter().map(|&row| digit[row]).collect();
        let label = digit.iter().map(|&digit| if noisy { flipped(digit, flips, &mut rng) } else { digit }).collect();
        Digits { features: tensor(&pixels, [rows.len(), columns.len()]), digit, label }
    };
    NoisySplit {
        train: part(&split.train, true),
        validation: part(&split.validation, true),
        test: part(&split.test, false),
    }
}

fn flipped(digit: usize, flips: LabelFlips, rng: &mut Rng) -> usize {
    if rng.uniform() >= flips.share() {
        return digit;
    }
    match flips {
        LabelFlips::Even(_) => (digit + 1 + rng.below(CLASSES - 1)) % CLASSES,
        LabelFlips::Next(_) => (digit + 1) % CLASSES,
    }
}

/// Row: the digit; column: how often the label is that.
fn transition(flips: LabelFlips) -> Vec<Vec<f64>> {
    let share = flips.share();
    let entry = |digit: usize, label: usize| match flips {
        _ if digit == label => 1.0 - share,
        LabelFlips::Even(_) => share / (CLASSES - 1) as f64,
        LabelFlips::Next(_) if (digit + 1) % CLASSES == label => share,
        LabelFlips::Next(_) => 0.0,
    };
    (0..CLASSES).map(|digit| (0..CLASSES).map(|label| entry(digit, label)).collect()).collect()
}

/// A matrix from a model of the noisy labels: the probabilities of the row that is surest to be of a class are how its
/// labels come out (Patrini et al. 2017, "Making deep neural networks robust to label noise", eq. 13).
fn estimated(logits: &[f64]) -> Vec<Vec<f64>> {
    let probabilities: Vec<Vec<f64>> = (logits.chunks(CLASSES))
        .map(|logits| {
            let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
            let total: f64 = powers.iter().sum();
            powers.iter().map(|power| power / total).collect()
        })
        .collect();
    let anchor = |class: usize| probabilities.iter().max_by(|a, b| a[class].total_cmp(&b[class]));
    (0..CLASSES).map(|class| anchor(class).cloned().unwrap_or_default()).collect()
}

fn round(
    prepared: &NoisySplit,
    flips: LabelFlips,
    recipe: &Recipe,
    learning_rates: &[f64],
    seed: u64,
    watch: &Watch<'_>,
) -> Result<Round, TrainingError> {
    let truth = transition(flips);
    let (mut outcomes, mut guess): (Vec<TunedLabels>, _) = (Vec::new(), truth.clone());
    for loss in LabelLoss::ALL {
        let matrix = match loss {
            LabelLoss::CrossEntropy | LabelLoss::Generalised | LabelLoss::Symmetric | LabelLoss::ForwardTrue => &truth,
            LabelLoss::ForwardEstimated => {
                guess = estimated(&outcomes[0].fitted.outputs(&prepared.validation.features)?);
                &guess
            }
        };
        outcomes.push(tuned(loss, prepared, matrix, recipe, learning_rates, seed, watch)?);
    }
    let distances = truth.iter().flatten().zip(guess.iter().flatten()).map(|(truth, guess)| (truth - guess).abs());
    Ok(Round { matrix_error: distances.sum::<f64>() / (CLASSES * CLASSES) as f64, outcomes })
}

/// One training for each learning rate; the noisy validation rows choose, also the epoch, by the accuracy: the same measure
/// for every loss.
fn tuned(
    loss: LabelLoss,
    prepared: &NoisySplit,
    matrix: &[Vec<f64>],
    recipe: &Recipe,
    learning_rates: &[f64],
    seed: u64,
    watch: &Watch<'_>,
) -> Result<TunedLabels, TrainingError> {
    let refused = |cause: String| TrainingError::Diverged { loss: loss.in_words().into(), epoch: 0, cause };
    let labels = Labels::new(prepared.train.label.iter().map(|&label| label as i64).collect::<Vec<_>>(), CLASSES)
        .map_err(|error| refused(error.to_string()))?;
    let matrix = tensor(&matrix.concat(), [CLASSES, CLASSES]);
    let formula = |logits: &Tensor, rows: &[usize]| {
        let labels = labels.select(rows);
        match loss {
            LabelLoss::CrossEntropy => cross_entropy(logits, &labels),
            LabelLoss::Generalised => generalised_cross_entropy(logits, &labels, Q),
            LabelLoss::Symmetric => symmetric_cross_entropy(logits, &labels, SymmetricCrossEntropyOptions::default()),
            LabelLoss::ForwardTrue | LabelLoss::ForwardEstimated => {
                forward_corrected_cross_entropy(logits, &labels, &matrix)
            }
        }
    };
    let choose = |model: &Mlp| {
        let logits = model.forward(&prepared.validation.features).to_vec();
        told_right(&logits, &prepared.validation.label)
    };
    let mut best: Option<TunedLabels> = None;
    for &learning_rate in learning_rates {
        let recipe = Recipe { learning_rate, ..recipe.clone() };
        let fit = Fit {
            name: loss.in_words(),
            features: &prepared.train.features,
            loss: &formula,
            choose: Some(&choose),
            seed,
        };
        let fitted = fit.run(&recipe, watch)?;
        let noisy_accuracy = fitted.best.unwrap_or_default();
        if best.as_ref().is_none_or(|best| noisy_accuracy > best.noisy_accuracy) {
            let train = fitted.outputs(&prepared.train.features)?;
            let wrong = wrong_rows(&prepared.train);
            let said = classes(&train);
            let learnt = wrong.iter().filter(|&&row| said[row] == prepared.train.label[row]).count();
            best = Some(TunedLabels {
                accuracy: told_right(&fitted.outputs(&prepared.test.features)?, &prepared.test.digit),
                noisy_accuracy,
                learnt_wrong: learnt as f64 / wrong.len() as f64,
                learning_rate,
                fitted,
            });
        }
    }
    best.ok_or_else(|| refused("no learning rate was tried".into()))
}

/// The first pictures whose label is wrong.
fn examples(digits: &Digits) -> Vec<MislabelledDigit> {
    let pixels: Vec<f64> = digits.features.to_vec();
    let size = pixels.len() / digits.digit.len();
    let example = |row: usize| MislabelledDigit {
        pixels: pixels[row * size..(row + 1) * size].to_vec(),
        digit: digits.digit[row],
        label: digits.label[row],
    };
    wrong_rows(digits).into_iter().take(EXAMPLES).map(example).collect()
}

/// Rows whose label is not their digit.
fn wrong_rows(digits: &Digits) -> Vec<usize> {
    (0..digits.digit.len()).filter(|&row| digits.digit[row] != digits.label[row]).collect()
}

/// The class of the largest logit of each row.
fn classes(logits: &[f64]) -> Vec<usize> {
    let largest = |logits: &[f64]| (0..CLASSES).rev().max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap_or(0);
    logits.chunks(CLASSES).map(largest).collect()
}

fn told_right(logits: &[f64], truth: &[usize]) -> f64 {
    accuracy(&classes(logits), truth).unwrap_or(f64::NAN)
}

fn findings(flips: LabelFlips, rounds: &[Round]) -> NoiseLevel {
    let of_loss = |(place, loss): (usize, LabelLoss)| {
        let each = |figure: &dyn Fn(&TunedLabels) -> f64| {
            Spread::of(rounds.iter().map(|round| figure(&round.outcomes[place])).collect())
        };
        let learnt = each(&|outcome| outcome.learnt_wrong);
        NoisyLoss {
            loss,
            accuracy: each(&|outcome| outcome.accuracy),
            noisy_accuracy: each(&|outcome| outcome.noisy_accuracy),
            learnt_wrong: learnt.mean().is_finite().then_some(learnt),
            learning_rate: each(&|outcome| outcome.learning_rate),
            kept_epoch: each(&|outcome| outcome.fitted.kept as f64),
        }
    };
    NoiseLevel {
        flips,
        matrix_error: Spread::of(rounds.iter().map(|round| round.matrix_error).collect()),
        losses: LabelLoss::ALL.into_iter().enumerate().map(of_loss).collect(),
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    /// The matrix is how the labels come out.
    #[test]
    fn labels_are_flipped_as_the_matrix_says() {
        for flips in LEVELS {
            let (mut rng, matrix, draws) = (Rng::seed(7), transition(flips), 20_000);
            for digit in [0, 9] {
                let mut counts = [0.0; CLASSES];
                (0..draws).for_each(|_| counts[flipped(digit, flips, &mut rng)] += 1.0 / f64::from(draws));
                for (count, entry) in counts.iter().zip(&matrix[digit]) {
                    assert_abs_diff_eq!(count, entry, epsilon = 0.015);
                }
                assert_abs_diff_eq!(matrix[digit].iter().sum::<f64>(), 1.0, epsilon = 1e-12);
            }
        }
    }

    #[test]
    fn the_surest_row_of_a_class_is_its_row_of_the_matrix() {
        // Three rows: 0.5 for class 0, 0.9 for class 0, and all alike.
        let row = |p: f64| (0..CLASSES).map(move |class| if class == 0 { p.ln() } else { ((1.0 - p) / 9.0).ln() });
        let logits: Vec<f64> = row(0.5).chain(row(0.9)).chain(row(0.1)).collect();
        let matrix = estimated(&logits);
        assert_abs_diff_eq!(matrix[0][0], 0.9, epsilon = 1e-12);
        assert_abs_diff_eq!(matrix[3][3], 0.1, epsilon = 1e-12);
    }

    #[test]
    fn the_first_of_equal_logits_is_said() {
        assert_eq!(classes(&[0.0; CLASSES]), [0]);
        assert_eq!(classes(&[0.0, 3.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]), [1]);
    }
}
