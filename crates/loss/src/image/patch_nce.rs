//! InfoNCE across the patches of a picture.

use minimand_tensor::{Operand, Tensor};

use crate::numbers::check_divisor;
use crate::odds::log_odds_against;
use crate::shape::same_shapes;

/// Cross-entropy of finding, for each patch of a translated picture, the patch of the original at the same place.
///
/// ```text
/// ℓᵢⱼ = ln(Σₖ exp sᵢⱼₖ) − sᵢⱼⱼ
/// sᵢⱼₖ = Σₗ queriesᵢⱼₗ keysᵢₖₗ / (temperature √(Σₗ queriesᵢⱼₗ²) √(Σₗ keysᵢₖₗ²))
/// ```
///
/// # Shapes
/// `queries` and `keys` are `[batch, patches, dimensions]` of one shape, or it panics; the loss is `[batch, patches]`. Patch j of the keys is
/// the positive of query j, the other patches of the same picture are its negatives. A zero vector has similarity 0 to everything.
///
/// # Gradient
/// As [`info_nce`](crate::info_nce) by the queries. The keys are constants: nothing flows into them.
///
/// # Estimates
/// The **density ratio** of patches that belong together, within a picture. `ln N` minus the mean bounds their mutual information, N patches.
/// From `ln(1 + (N − 1) e^(−2/τ))` on.
///
/// # Stability
/// As [`info_nce`](crate::info_nce): a softplus of a difference of logarithms of sums, no ε. A single patch has loss 0 and gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::patch_nce;
/// use minimand_tensor::Tensor;
///
/// let queries = Tensor::from([[[1.0, 0.0], [0.0, 1.0]]]);
/// let loss = patch_nce(&queries, &queries, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[[0.1269, 0.1269]]"); // ln(1 + e⁻²)
/// assert_eq!(format!("{:.4}", loss.sum().grad(&queries)), "[[[0.0000, 0.2384],\n  [0.2384, 0.0000]]]");
/// ```
///
/// # When to use
/// To translate pictures without pairs, so that content stays where it is. It misleads where patches of one picture are alike, as sky: they
/// are pushed apart as false negatives.
///
/// # Reference
/// Park et al., *Contrastive Learning for Unpaired Image-to-Image Translation* (CUT), ECCV 2020, equation 3. Usual: τ = 0.07, 256 patches. The
/// published code puts −10 instead of the patch's own similarity among the negatives; here it is left out.
///
/// # See also
/// [`info_nce`](crate::info_nce) across a batch.
#[doc(alias = "PatchNCELoss")]
#[track_caller]
pub fn patch_nce(queries: &Tensor, keys: &Tensor, temperature: impl Operand) -> Tensor {
    same_shapes("patch_nce", ("queries", queries), ("keys", keys));
    let shape = queries.shape();
    assert!(queries.rank() == 3, "patch_nce: queries {shape} must have three axes, [batch, patches, dimensions]");
    if let Some(number) = temperature.number() {
        check_divisor("patch_nce", ("temperature", number), queries.dtype());
    }
    let temperature = temperature.operand(queries.dtype());
    let keys = keys.detach().normalize(-1);
    let similarities = (queries.normalize(-1) / temperature).matmul(&keys.transpose());
    let patches = Tensor::iota(shape[1]);
    let own = patches.eq(patches.unsqueeze(-1));
    let positive = own.select(&similarities, 0).sum_axis(-1);
    log_odds_against(&positive, &own.select(f64::NEG_INFINITY, similarities), -1).softplus()
}
