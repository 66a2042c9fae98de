//! What can be said of painted pictures beside the true ones.

use minimand::prelude::*;

use super::{PictureFigures, classifier::Classifier, fashion::Clothes};

/// Every so-manyth training picture says how much a feature varies.
const SAMPLED: usize = 4;

/// A classifier that no painter has learnt from, and the pictures that painted ones should be like.
pub(super) struct Judge<'a> {
    classifier: Classifier,
    weights: Vec<f64>,
    truth: &'a Clothes,
    /// Of the true pictures.
    features: Vec<Tensor>,
}

impl<'a> Judge<'a> {
    /// Each layer weighs as much as it varies over the pictures to learn from.
    pub(super) fn new(classifier: Classifier, learnt: &Tensor, truth: &'a Clothes) -> Self {
        let features = classifier.features(&truth.pictures).iter().map(Tensor::computed).collect();
        Self { weights: feature_weights(&classifier, learnt), features, classifier, truth }
    }

    /// Of painted pictures, `[pictures, 1, 28, 28]` as the true ones.
    pub(super) fn figures(&self, painted: &Tensor) -> PictureFigures {
        let truth = &self.truth.pictures;
        let features = self.classifier.features(painted);
        PictureFigures {
            squared: squared_error(painted, truth).mean().item(),
            absolute: absolute_error(painted, truth).mean().item(),
            similarity: 1.0 - 2.0 * ssim(painted, truth, SsimOptions::default()).mean().item(),
            features: perceptual(&features, &self.features, &self.weights).mean().item(),
            sharpness: sharpness(painted, truth),
            recognised: self.classifier.accuracy(painted, &self.truth.labels),
        }
    }
}

/// Mean squared Laplacian of pictures over that of others: 1 is as sharp, 0 without an edge. Noise counts as edges.
pub(super) fn sharpness(pictures: &Tensor, truth: &Tensor) -> f64 {
    let kernel = Tensor::from([[0.0f32, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]).reshape([1, 1, 3, 3]);
    let edges = |pictures: &Tensor| conv_2d(pictures, &kernel, None, Conv2dOptions::default()).square().mean().item();
    edges(pictures) / edges(truth)
}

/// A weight for each layer, so that pictures of the mean features would be at a distance of 1.
pub(super) fn feature_weights(classifier: &Classifier, pictures: &Tensor) -> Vec<f64> {
    let pictures = pictures.slice_step(0, .., SAMPLED);
    let layers = classifier.features(&pictures);
    let count = layers.len() as f64;
    layers.iter().map(|found| (count * (found - found.mean_keepdim(0)).square().mean().item()).recip()).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::{super::fashion::SIDE, *};

    #[test]
    fn sharpness_is_that_of_the_edges() {
        let checks: Vec<f32> = (0..36).map(|place| ((place / 6 + place % 6) % 2) as f32).collect();
        let checks = Tensor::from_vec(checks, [1, 1, 6, 6]);
        assert_relative_eq!(sharpness(&checks, &checks), 1.0);
        // Half the contrast, a quarter of the energy, however bright.
        assert_relative_eq!(sharpness(&(0.5 * &checks + 0.25), &checks), 0.25, max_relative = 1e-6);
        // A slope has no edge.
        let slope: Vec<f32> = (0..36).map(|place| (place % 6) as f32).collect();
        assert_eq!(sharpness(&Tensor::from_vec(slope, [1, 1, 6, 6]), &checks), 0.0);
    }

    #[test]
    fn true_pictures_are_perfect_and_mean_features_are_1_away() {
        let clothes = Clothes::test().unwrap().every(50);
        let classifier = Classifier::new(&mut Rng::seed(3));
        let judge = Judge::new(classifier, &clothes.pictures, &clothes);
        let figures = judge.figures(&clothes.pictures);
        assert_eq!([figures.squared, figures.absolute, figures.features], [0.0; 3]);
        assert_relative_eq!(figures.similarity, 1.0, max_relative = 1e-6);
        assert_relative_eq!(figures.sharpness, 1.0);
        let grey = 0.5 + 0.0 * &clothes.pictures;
        let figures = judge.figures(&grey);
        let by_hand = clothes.pictures.to_vec::<f64>().iter().map(|p| (p - 0.5).powi(2)).sum::<f64>()
            / (clothes.len() * SIDE * SIDE) as f64;
        assert_relative_eq!(figures.squared, by_hand, max_relative = 1e-5);
        assert_eq!(figures.sharpness, 0.0);
        let sampled = clothes.pictures.slice_step(0, .., SAMPLED);
        let features = judge.classifier.features(&sampled);
        let mean: Vec<Tensor> = features.iter().map(|found| 0.0 * found + found.mean_keepdim(0)).collect();
        assert_relative_eq!(perceptual(&mean, &features, &judge.weights).mean().item(), 1.0, max_relative = 1e-5);
    }
}
