//! Vector quantisation.

use minimand_tensor::Tensor;

/// Loss of a vector quantiser: codes move to what they stand for, and the encoder commits itself to its codes.
///
/// ```text
/// ℓ = minₘ Σₖ (1 + commitment) (encodedₖ − codesₘₖ)²
/// ```
///
/// # Shapes
/// `encoded` is `[…, dimensions]`, `codes` `[entries, dimensions]` with one at least; the loss is `[…]`. `commitment ≥ 0`. Anything else
/// panics.
///
/// # Gradient
/// By its nearest code `2 (code − encoded)`, by the encoded vector `2 commitment (encoded − code)`: the other side is held fixed in
/// each. Codes that are nearest to nothing have gradient 0. Of equally near codes the first is taken.
///
/// # Estimates
/// Codes at the **means** of the vectors that are nearest to them, as in k-means. From 0.
///
/// # Stability
/// Squared distances by differences.
///
/// # Example
/// ```
/// use minimand_loss::vector_quantisation;
/// use minimand_tensor::Tensor;
///
/// let (encoded, codes) = (Tensor::from([[0.0, 1.0]]), Tensor::from([[0.0, 0.0], [0.0, 3.0]]));
/// let loss = vector_quantisation(&encoded, &codes, 0.25);
/// assert_eq!(loss.to_string(), "[1.25]");
/// assert_eq!(loss.sum().grad(&encoded).to_string(), "[[0, 0.5]]");
/// assert_eq!(loss.sum().grad(&codes).to_string(), "[[0, -2],\n [0, 0]]");
/// ```
///
/// # When to use
/// For discrete codes of pictures and sound. The decoder takes the code with the encoder's gradient, straight through: `encoded +
/// (code - &encoded).detach()`. It misleads when most codes are never the nearest: watch how many are in use, and restart the others.
///
/// # Reference
/// van den Oord, Vinyals, Kavukcuoglu, *Neural Discrete Representation Learning* (VQ-VAE), NeurIPS 2017, equation 3, second and third
/// term. Usual: commitment 0.25.
///
/// # See also
/// [`negative_elbo`](crate::negative_elbo) for continuous codes.
#[doc(alias = "VQ-VAE")]
#[track_caller]
pub fn vector_quantisation(encoded: &Tensor, codes: &Tensor, commitment: f64) -> Tensor {
    let fits = codes.rank() == 2 && codes.shape()[0] > 0 && encoded.shape().last() == codes.shape().last();
    assert!(
        fits,
        "vector_quantisation: codes {} must be [entries, dimensions], as many dimensions as encoded {}",
        codes.shape(),
        encoded.shape()
    );
    assert!(
        commitment >= 0.0 && commitment.is_finite(),
        "vector_quantisation: commitment is {commitment} and must be at least 0 and finite"
    );
    let rows = encoded.reshape([encoded.elements() / codes.shape()[1].max(1), codes.shape()[1]]);
    let nearest = rows.detach().pairwise_squared_distances(&codes.detach()).negate().argmax_axis(-1);
    let code = codes.index_select(0, &nearest).reshape(encoded.shape());
    let moves = (encoded.detach() - &code).square().sum_axis(-1);
    moves + commitment * (encoded - code.detach()).square().sum_axis(-1)
}
