//! Data sets with a known truth, and learners in closed form.

use minimand_cli::frame::Fold;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

/// Features of a row.
pub(crate) const WIDTH: usize = 10;

/// A standard normal number (Box & Muller 1958).
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (radius, angle): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// y = x'b + noise with standard normal features.
pub(crate) struct Sample {
    x: Vec<[f64; WIDTH]>,
    pub(crate) y: Vec<f64>,
}

impl Sample {
    pub(crate) fn draw(rows: usize, slopes: &[f64; WIDTH], noise: f64, rng: &mut ChaCha8Rng) -> Self {
        let x: Vec<[f64; WIDTH]> = (0..rows).map(|_| std::array::from_fn(|_| normal(rng))).collect();
        let y = x.iter().map(|x| dot(x, slopes) + noise * normal(rng)).collect();
        Self { x, y }
    }

    /// What learners need to know of some rows.
    pub(crate) fn moments(&self, rows: &[usize]) -> Moments {
        let mut moments = Moments { gram: [[0.0; WIDTH]; WIDTH], right: [0.0; WIDTH] };
        for &row in rows {
            let x = &self.x[row];
            for i in 0..WIDTH {
                for (sum, other) in moments.gram[i].iter_mut().zip(&x[..=i]) {
                    *sum += x[i] * other;
                }
                moments.right[i] += x[i] * self.y[row];
            }
        }
        moments
    }

    pub(crate) fn squared_error(&self, row: usize, slopes: &[f64; WIDTH]) -> f64 {
        (self.y[row] - dot(&self.x[row], slopes)).powi(2)
    }
}

/// Products of features with each other (lower triangle) and with the target.
pub(crate) struct Moments {
    gram: [[f64; WIDTH]; WIDTH],
    right: [f64; WIDTH],
}

/// A way to slopes.
#[derive(Clone, Copy)]
pub(crate) enum Learner {
    /// None: predict 0.
    Nothing,
    /// Least squares with a penalty on the slopes' squares: hardly moves with the rows.
    Ridge(f64),
    /// The one feature that fits best: another one on other rows.
    BestFeature,
}

impl Learner {
    pub(crate) fn fit(self, moments: &Moments) -> [f64; WIDTH] {
        let Moments { mut gram, right } = *moments;
        match self {
            Self::Nothing => [0.0; WIDTH],
            Self::Ridge(penalty) => {
                gram.iter_mut().enumerate().for_each(|(place, row)| row[place] += penalty);
                solve(gram, right)
            }
            Self::BestFeature => {
                let gain = |feature: usize| right[feature].powi(2) / gram[feature][feature];
                let best = (0..WIDTH).max_by(|&one, &other| gain(one).total_cmp(&gain(other))).unwrap();
                std::array::from_fn(|feature| if feature == best { right[best] / gram[best][best] } else { 0.0 })
            }
        }
    }
}

fn dot(one: &[f64; WIDTH], other: &[f64; WIDTH]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// By Cholesky, from the lower triangle.
fn solve(mut a: [[f64; WIDTH]; WIDTH], mut b: [f64; WIDTH]) -> [f64; WIDTH] {
    for i in 0..WIDTH {
        for j in 0..=i {
            let sum = a[i][j] - (0..j).map(|k| a[i][k] * a[j][k]).sum::<f64>();
            a[i][j] = if i == j { sum.sqrt() } else { sum / a[j][j] };
        }
        b[i] = (b[i] - (0..i).map(|k| a[i][k] * b[k]).sum::<f64>()) / a[i][i];
    }
    for i in (0..WIDTH).rev() {
        b[i] = (b[i] - (i + 1..WIDTH).map(|k| a[k][i] * b[k]).sum::<f64>()) / a[i][i];
    }
    b
}

/// Expected squared error beyond the noise of each learner's slopes from so many rows, by the features' known law:
/// E |b̂ − b|², over 4,000 draws.
pub(crate) fn excess_risk(rows: usize, slopes: &[f64; WIDTH], noise: f64, learners: &[Learner]) -> Vec<f64> {
    let draws = 4_000;
    let mut rng = ChaCha8Rng::seed_from_u64(99);
    let all: Vec<usize> = (0..rows).collect();
    let mut risks = vec![0.0; learners.len()];
    for _ in 0..draws {
        let moments = Sample::draw(rows, slopes, noise, &mut rng).moments(&all);
        for (risk, learner) in risks.iter_mut().zip(learners) {
            let fitted = learner.fit(&moments);
            let distance = fitted.iter().zip(slopes).map(|(fitted, slope)| (fitted - slope).powi(2));
            *risk += distance.sum::<f64>() / f64::from(draws);
        }
    }
    risks
}

/// Repeated cross-validation's parts.
pub(crate) fn splits(rows: usize, folds: usize, repeats: usize, rng: &mut ChaCha8Rng) -> Vec<Fold> {
    let mut order: Vec<usize> = (0..rows).collect();
    let mut splits = Vec::new();
    for _ in 0..repeats {
        order.shuffle(rng);
        for fold in 0..folds {
            let (test, train) = (0..rows).partition::<Vec<usize>, _>(|place| place % folds == fold);
            let rows = |places: Vec<usize>| places.into_iter().map(|place| order[place]).collect();
            splits.push(Fold { train: rows(train), test: rows(test) });
        }
    }
    splits
}
