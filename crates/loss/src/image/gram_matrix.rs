//! Style: which features occur together.

use minimand_tensor::Tensor;

use super::filter::check_picture;

/// Squared distance of the Gram matrices of the features of two pictures.
///
/// ```text
/// ℓ = Σⱼ Σₖ (Gⱼₖ − Aⱼₖ)² / (4 C²)
/// Gⱼₖ = mean over pixels of predictionⱼ predictionₖ
/// Aⱼₖ = mean over pixels of targetⱼ targetₖ
/// C: number of channels
/// ```
///
/// # Shapes
/// `prediction` and `target` are features `[batch, channels, height, width]` of one layer, of one batch and as many channels; the pictures may
/// be of different sizes. The loss is `[batch]`. Anything else panics. Layers are summed by the caller, with weights.
///
/// # Gradient
/// `2 (G − A) F/(C N)` by the features F of the prediction, with C channels and N pixels, and so by those of the target.
///
/// # Estimates
/// The **correlations of features** of the target, wherever they occur: its style. From 0 on.
///
/// # Stability
/// Features are divided by `√(2 C N)` before the product, so that large ones overflow no earlier than they must.
///
/// # Example
/// ```
/// use minimand_loss::gram_matrix;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 1.0], [0.0, 2.0]]).reshape([1, 2, 1, 2]); // two channels, two pixels
/// let target = Tensor::from([[1.0, 1.0], [2.0, 0.0]]).reshape([1, 2, 1, 2]); // the same, elsewhere
/// assert_eq!(gram_matrix(&prediction, &target).to_string(), "[0]");
/// let loss = gram_matrix(&prediction, &(0.0 * &target));
/// assert_eq!(format!("{loss:.4}"), "[0.4375]"); // (2² + 2² + 2² + 4²)/(4 · 2² · 2²)
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).flatten()), "[0.1250, 0.3750, 0.1250, 0.6250]");
/// ```
///
/// # When to use
/// To transfer textures: brush strokes, materials. It misleads on layout, which it does not see; its fourth power of the features makes layers
/// differ by magnitudes, so their weights need care.
///
/// # Reference
/// Gatys, Ecker, Bethge, *A Neural Algorithm of Artistic Style*, 2015, equation 4, with `1/(4 C² N²)`. Johnson et al. 2016 divide the Gram
/// matrix by `C N`, four times as much in all; others by N alone.
///
/// # See also
/// [`perceptual`](crate::perceptual) for content.
#[doc(alias = "GramMatrixLoss")]
#[doc(alias = "StyleLoss")]
#[track_caller]
pub fn gram_matrix(prediction: &Tensor, target: &Tensor) -> Tensor {
    check_picture("gram_matrix", ("prediction", prediction));
    check_picture("gram_matrix", ("target", target));
    let (p, t) = (prediction.shape(), target.shape());
    assert!(p[..2] == t[..2], "gram_matrix: prediction {p} and target {t} must agree in batch and channels");
    (gram(prediction) - gram(target)).square().sum_axis([1, 2])
}

/// Products of channels, `[batch, channels, channels]`.
fn gram(features: &Tensor) -> Tensor {
    let &[batch, channels, height, width] = features.shape().sizes() else { unreachable!("the axes are checked") };
    let scale = 1.0 / ((2 * channels * height * width).max(1) as f64).sqrt();
    let flat = (scale * features).reshape([batch, channels, height * width]);
    flat.matmul(&flat.transpose())
}
