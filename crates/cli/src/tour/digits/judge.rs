//! What somebody who can read digits says of made pictures.

use minimand::prelude::*;
use serde::Serialize;

use crate::statistics::linear_algebra::{diagonal, positive_semidefinite_factor, singular_values};

/// How many digits there are.
pub(in crate::tour) const CLASSES: usize = 10;

/// From this probability on the reader is sure.
pub(in crate::tour) const SURE: f64 = 0.9;

/// What a reader of digits says of some pictures, beside others that are true.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PictureFigures {
    /// Fréchet distance of the reader's features to those of the true pictures.
    pub frechet: f64,
    /// Share of the pictures read as each digit.
    pub shares: Vec<f64>,
    /// Share of the pictures that the reader is sure of.
    pub sure: f64,
    /// Mean distance to the nearest training picture, over that of the true pictures.
    pub nearest: f64,
    /// Mean distance of two pictures, over that of the true ones.
    pub apart: f64,
}

impl PictureFigures {
    /// A digit is made where at least this share of the pictures shows it: a fifth of its due.
    pub const MADE: f64 = 0.02;

    /// Digits that are made.
    pub fn digits(&self) -> usize {
        self.shares.iter().filter(|&&share| share >= Self::MADE).count()
    }

    /// Kullback and Leibler's divergence of the digits' shares from even ones, in nats: 0 to ln 10.
    pub fn unevenness(&self) -> f64 {
        let classes = self.shares.len() as f64;
        self.shares.iter().filter(|&&share| share > 0.0).map(|share| share * (share * classes).ln()).sum()
    }
}

/// Reads digits, knows the pictures that were trained on, and has others to compare with.
pub(in crate::tour) struct Judge<'a> {
    /// The classifier.
    pub(in crate::tour) reader: &'a Mlp,
    /// `[pictures, pixels]`, that the generator learns from.
    pub(in crate::tour) train: &'a Tensor,
    /// `[pictures, pixels]`, that made pictures should be like.
    pub(in crate::tour) reference: &'a Tensor,
}

impl Judge<'_> {
    /// On `[pictures, pixels]`.
    pub(in crate::tour) fn figures(&self, pictures: &Tensor) -> PictureFigures {
        let features = features(self.reader, pictures);
        let probabilities = self.reader.forward(pictures).softmax(-1);
        let count = pictures.shape()[0] as f64;
        let mut shares = vec![0.0; CLASSES];
        for class in probabilities.argmax_axis(-1).to_vec::<i64>() {
            shares[class as usize] += 1.0 / count;
        }
        let nearest = |pictures: &Tensor| pictures.pairwise_distances(self.train).min_axis(-1).mean().item();
        // Without the distance of a picture to itself, which is 0.
        let apart = |pictures: &Tensor| {
            let count = pictures.shape()[0] as f64;
            pictures.pairwise_distances(pictures).mean().item() * count / (count - 1.0)
        };
        PictureFigures {
            frechet: frechet_distance(&features, &self::features(self.reader, self.reference)),
            shares,
            sure: probabilities.max_axis(-1).ge(SURE).cast(DType::F64).mean().item(),
            nearest: nearest(pictures) / nearest(self.reference),
            apart: apart(pictures) / apart(self.reference),
        }
    }
}

/// The activations before the classifier's last layer.
fn features(reader: &Mlp, pictures: &Tensor) -> Tensor {
    let (_, hidden) = reader.layers().split_last().expect("a perceptron has a layer");
    hidden.iter().fold(pictures.clone(), |input, layer| layer.forward(&input).relu())
}

/// Distance of two normal laws with the samples' means and covariances (Heusel et al. 2017, equation 6):
/// `‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½)`; the samples are `[count, features]`.
///
/// With `Σ = XᵀX` for centred and scaled samples X, the last trace is the sum of the singular values of `X₁ X₂ᵀ`, and so of
/// `R₁ R₂ᵀ` with the Cholesky factors.
fn frechet_distance(a: &Tensor, b: &Tensor) -> f64 {
    let (a, b) = (a.cast(DType::F64), b.cast(DType::F64));
    let size = a.shape()[1];
    let covariance = |samples: &Tensor| {
        let centred = samples - samples.mean_keepdim(0);
        (centred.transpose().matmul(&centred) / (samples.shape()[0] as f64 - 1.0)).computed()
    };
    let (s_1, s_2) = (covariance(&a), covariance(&b));
    let traces: f64 = [&s_1, &s_2].iter().map(|s| diagonal(&s.to_vec::<f64>(), size).iter().sum::<f64>()).sum();
    let factor = |s: &Tensor| Tensor::from_vec(positive_semidefinite_factor(s.to_vec(), size), [size, size]);
    let product = factor(&s_1).transpose().matmul(&factor(&s_2)).to_vec();
    let means = (a.mean_axis(0) - b.mean_axis(0)).square().sum().item();
    (means + traces - 2.0 * singular_values(product, size).iter().sum::<f64>()).max(0.0)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn normal(shape: [usize; 2], seed: u64) -> Tensor {
        Tensor::normal(shape, &mut Rng::seed(seed)).cast(DType::F64)
    }

    #[test]
    fn a_shift_and_a_scale_have_the_distance_of_their_formula() {
        let x = normal([200, 5], 1);
        assert!(frechet_distance(&x, &x) < 1e-9);
        assert_relative_eq!(frechet_distance(&x, &(&x + 3.0)), 45.0, max_relative = 1e-9);
        // tr(Σ + 4 Σ − 2 · 2 Σ) = tr Σ.
        let centred = &x - x.mean_keepdim(0);
        let trace = centred.square().sum().item() / 199.0;
        assert_relative_eq!(frechet_distance(&centred, &(2.0 * &centred)), trace, max_relative = 1e-9);
    }

    #[test]
    fn features_that_are_always_0_do_no_harm() {
        let dead = Tensor::from([1.0, 0.0, 1.0, 0.0]);
        let x = normal([50, 4], 1) * &dead;
        assert!(frechet_distance(&x, &x) < 1e-9);
        assert_relative_eq!(frechet_distance(&x, &(&x + &dead)), 2.0, max_relative = 1e-9);
    }

    /// Two covariances that do not commute: a turned ellipse. By hand: Σ₁ = diag(4, 1), Σ₂ = [[2.5, 1.5], [1.5, 2.5]];
    /// det √(Σ₁Σ₂) = 4 and tr Σ₁Σ₂ = 12.5, so tr √ = √(12.5 + 2 · 4).
    #[test]
    fn the_trace_of_the_root_is_that_of_turned_ellipses() {
        let product = |a: [f64; 4], b: [f64; 4]| {
            let factor = |s: [f64; 4]| Tensor::from_vec(positive_semidefinite_factor(s.to_vec(), 2), [2, 2]);
            singular_values(factor(a).transpose().matmul(&factor(b)).to_vec(), 2).iter().sum::<f64>()
        };
        assert_relative_eq!(product([4.0, 0.0, 0.0, 1.0], [2.5, 1.5, 1.5, 2.5]), 20.5_f64.sqrt(), max_relative = 1e-12);
    }

    #[test]
    fn the_figures_count_what_is_there() {
        // Reads a picture of ten pixels as the digit of its brightest.
        let reader = Mlp::new([10, 10, 10], Activation::Relu, &mut Rng::seed(1));
        let eye =
            Tensor::from_vec((0..100).map(|cell| if cell % 11 == 0 { 20.0_f32 } else { 0.0 }).collect(), [10, 10]);
        for layer in reader.layers() {
            layer.weight().set(eye.clone());
        }
        let row = |digit: usize, ink: f32| (0..10).map(move |pixel| if pixel == digit { ink } else { 0.0 });
        let pictures = |digits: &[usize], ink: f32| {
            let pixels = digits.iter().flat_map(|&digit| row(digit, ink)).collect();
            Tensor::from_vec(pixels, [digits.len(), 10])
        };
        let (train, reference) = (pictures(&[0, 1, 2, 3], 1.0), pictures(&[0, 1, 2, 3], 0.5));
        let judge = Judge { reader: &reader, train: &train, reference: &reference };
        let figures = judge.figures(&pictures(&[0, 0, 0, 5], 1.0));
        assert_eq!((figures.digits(), figures.sure), (2, 1.0));
        assert_relative_eq!(figures.unevenness(), 0.75 * 7.5_f64.ln() + 0.25 * 2.5_f64.ln(), max_relative = 1e-6);
        // Three are training pictures, the fourth is √2 away from all; each reference is 0.5 from its like.
        assert_relative_eq!(figures.nearest, 2.0_f64.sqrt() / 4.0 / 0.5, max_relative = 1e-5);
        // Of six pairs three are √2 apart; those of the reference √½.
        assert_relative_eq!(figures.apart, 1.0, max_relative = 1e-5);
        assert!(figures.frechet > judge.figures(&reference).frechet);
    }
}
