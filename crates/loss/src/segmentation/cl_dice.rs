//! Overlap of centre lines.

use minimand_tensor::Tensor;

use crate::segmentation::neighbours::{greatest, least};
use crate::segmentation::region::{check_has_pixel_axes, check_regions, over_pixels, quotient};

/// Options of [`cl_dice`].
#[derive(Clone, Copy, Debug)]
pub struct ClDiceOptions {
    /// How often a region is eroded: half the width of the thickest structure, at least 0.
    pub iterations: usize,
    /// What is added to numerators and denominators, at least 0.
    pub smooth: f64,
}

impl Default for ClDiceOptions {
    fn default() -> ClDiceOptions {
        ClDiceOptions { iterations: 3, smooth: 1.0 }
    }
}

/// The soft skeleton of regions: what opening removes, at every width.
fn skeleton(region: &Tensor, iterations: usize) -> Tensor {
    let axes: Vec<isize> = (1..region.rank() as isize - 1).collect();
    let erode = |x: &Tensor| {
        let along = axes.iter().map(|&axis| least(x, axis));
        along.reduce(|a, b| a.minimum(b)).expect("there is a pixel axis")
    };
    let removed = |x: &Tensor| (x - axes.iter().fold(erode(x), |opened, &axis| greatest(&opened, axis))).relu();
    let mut eroded = region.clone();
    let mut skeleton = removed(&eroded);
    for _ in 0..iterations {
        eroded = erode(&eroded);
        let new = removed(&eroded);
        skeleton = &skeleton + (&new - &skeleton * &new).relu();
    }
    skeleton
}

/// Share of the skeletons of two regions that lies outside of the other region (centre-line Dice).
///
/// ```text
/// ℓᵢⱼ = 1 − 2 Pᵢⱼ Sᵢⱼ / (Pᵢⱼ + Sᵢⱼ)
/// Pᵢⱼ = (Σₖ skeleton(prediction)ᵢₖⱼ targetᵢₖⱼ + s) / (Σₖ skeleton(prediction)ᵢₖⱼ + s)
/// Sᵢⱼ = (Σₖ skeleton(target)ᵢₖⱼ predictionᵢₖⱼ + s) / (Σₖ skeleton(target)ᵢₖⱼ + s)
/// ```
///
/// # Shapes
/// `prediction` (probabilities) and `target` (0 and 1) of the same shape `[batch, pixels…, classes]` with at least one pixel
/// axis; one loss per image and class, shape `[batch, classes]`. The soft skeleton is what openings by minima and maxima over
/// neighbours remove, after none and up to `iterations` erosions. Panics when the shapes do not fit or `smooth` is below 0.
///
/// # Gradient
/// That of the formula; minima and maxima share theirs among equals, half each.
///
/// # Estimates
/// No statistic of the pixels: connectedness of thin structures. From 0 to 1.
///
/// # Stability
/// With s = 0 a quotient without a skeleton is 0, and so is that of P and S: the loss is then 1.
///
/// # Example
/// ```
/// use minimand_loss::{ClDiceOptions, cl_dice};
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[1.0], [0.5], [0.0], [0.0]]]);
/// let target = Tensor::from([[[1.0], [0.0], [1.0], [0.0]]]);
/// let loss = cl_dice(&prediction, &target, ClDiceOptions { iterations: 1, smooth: 1.0 });
/// assert_eq!(format!("{loss:.4}"), "[[0.2000]]");
/// assert_eq!(format!("{:.2}", loss.sum().grad(&prediction).flatten()), "[-0.24, 0.00, -0.24, 0.00]");
/// ```
///
/// # When to use
/// Beside [`dice`](crate::dice), half each, for vessels and roads that must not break. It misleads alone: a centre line one
/// pixel wide scores as well as the whole vessel.
///
/// # Reference
/// Shit et al. 2021, "clDice: a novel topology-preserving loss function for tubular structure segmentation", equation 3 and
/// algorithm 1. Usual: 3 to 10 iterations, s = 1.
///
/// # See also
/// [`dice`](crate::dice), [`boundary`](crate::boundary).
#[doc(alias = "soft_cldice")]
#[doc(alias = "SoftclDiceLoss")]
#[track_caller]
pub fn cl_dice(prediction: &Tensor, target: &Tensor, options: ClDiceOptions) -> Tensor {
    check_regions("cl_dice", ("prediction", prediction), target);
    check_has_pixel_axes("cl_dice", prediction);
    let ClDiceOptions { iterations, smooth } = options;
    assert!(smooth >= 0.0, "cl_dice: smooth is {smooth} and must not be below 0");
    let share = |of: &Tensor, within: &Tensor| {
        let skeleton = skeleton(of, iterations);
        quotient(&(over_pixels(&(&skeleton * within)) + smooth), &(over_pixels(&skeleton) + smooth))
    };
    let (precision, sensitivity) = (share(prediction, target), share(target, prediction));
    1.0 - quotient(&(2.0 * &precision * &sensitivity), &(&precision + &sensitivity))
}
