//! Soft targets that a network sets itself: DINO, and SwAV with targets balanced by Sinkhorn's iteration.

use minimand_tensor::Tensor;

use super::views::check_views;
use crate::numbers::check_divisor;

/// Cross-entropy of a student's softmax against a teacher's, which is centred, sharpened and held fixed.
///
/// ```text
/// ℓᵢ = −Σⱼ qᵢⱼ zᵢⱼ + ln(Σⱼ exp zᵢⱼ)
/// zᵢⱼ = student_logitsᵢⱼ / student_temperature
/// qᵢⱼ = exp aᵢⱼ / Σₖ exp aᵢₖ
/// aᵢⱼ = (teacher_logitsᵢⱼ − centerⱼ) / teacher_temperature
/// ```
///
/// # Shapes
/// `student_logits` and `teacher_logits` are `[things, dimensions]`, of two different views of the same things, `center` is `[dimensions]`, or it panics; the
/// loss is `[things]`. The temperatures are those of the options.
///
/// # Gradient
/// By the student's logits `(pⱼ − qⱼ)/student_temperature`, with p their softmax. Teacher and centre are held fixed and receive none.
///
/// # Estimates
/// The **probabilities** that the teacher gives to clusters of its own. From the entropy of q on.
///
/// # Stability
/// Log-softmax on the student's side; a teacher temperature of 0.01 saturates q to 0 and 1 and no logarithm is taken of it.
///
/// # Example
/// ```
/// use minimand_loss::{DinoOptions, dino};
/// use minimand_tensor::Tensor;
///
/// let student_logits = Tensor::from([[0.2, 0.1, -0.1], [0.0, 0.3, 0.1]]);
/// let teacher_logits = Tensor::from([[0.3, 0.25, 0.0], [0.1, 0.1, 0.2]]);
/// let center = Tensor::from([0.1, 0.1, 0.1]);
/// let loss = dino(&student_logits, &teacher_logits, &center, DinoOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.5729, 2.0993]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&student_logits)), "[[-0.3579, 0.1845, 0.1734],\n [-0.1425, 3.8664, -3.7239]]");
/// ```
///
/// # When to use
/// To distil a network from the average of its own weights: all views through the student, the large ones through the teacher, the mean over pairs of
/// different views; the centre is a running mean (0.9) of the teacher's logits. It misleads as a measure of progress, and collapses silently without the
/// centre (one cluster) or the low temperature (all alike).
///
/// # Reference
/// Caron et al., *Emerging Properties in Self-Supervised Vision Transformers*, ICCV 2021, equations 1 to 4. Usual: student 0.1, teacher 0.04 to 0.07. The
/// same on masked patches is iBOT.
///
/// # See also
/// [`swav`], [`negative_cosine_similarity`](crate::negative_cosine_similarity), [`koleo`](crate::koleo).
#[doc(alias = "DINOLoss")]
#[doc(alias = "iBOT")]
#[track_caller]
pub fn dino(student_logits: &Tensor, teacher_logits: &Tensor, center: &Tensor, options: DinoOptions) -> Tensor {
    check_views("dino", ("student_logits", student_logits), ("teacher_logits", teacher_logits));
    let (wanted, found) = (&student_logits.shape()[1..], center.shape());
    assert!(
        found[..] == *wanted,
        "dino: center {found} and logits {} do not fit: center must be [dimensions]",
        student_logits.shape()
    );
    let DinoOptions { student_temperature, teacher_temperature } = options;
    check_divisor("dino", ("student_temperature", student_temperature), student_logits.dtype());
    check_divisor("dino", ("teacher_temperature", teacher_temperature), student_logits.dtype());
    let targets = ((teacher_logits - center) / teacher_temperature).softmax(-1).detach();
    against_targets(&targets, student_logits, student_temperature)
}

/// Options of [`dino`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DinoOptions {
    /// What the student's logits are divided by. Usual: 0.1.
    pub student_temperature: f64,
    /// What the teacher's logits are divided by. Usual: 0.04.
    pub teacher_temperature: f64,
}

impl Default for DinoOptions {
    fn default() -> DinoOptions {
        DinoOptions { student_temperature: 0.1, teacher_temperature: 0.04 }
    }
}

/// Cross-entropy of one view's prototype scores against the other's, which are balanced over the batch first and held fixed.
///
/// ```text
/// ℓᵢ = −Σⱼ qᵢⱼ ln(exp(sᵢⱼ / τ) / Σₖ exp(sᵢₖ / τ))
/// q = diag(u) exp(t / ε) diag(v), each row normalised to 1 after each prototype's column was to the same, `iterations` times
/// s = scores, t = target_scores, τ = temperature, ε = epsilon
/// ```
///
/// # Shapes
/// `scores` and `target_scores` are `[things, prototypes]`, of two views of the same things, or it panics; the loss is `[things]`. Append the scores of
/// earlier batches to both when the batch is smaller than the number of prototypes, and drop their losses.
///
/// # Gradient
/// By the scores `(pⱼ − qⱼ)/τ`, with p their softmax. The targets are held fixed: `target_scores` receives none.
///
/// # Estimates
/// The **probabilities** of the prototypes, where each prototype is given the same share of a batch. From the entropy of q on.
///
/// # Stability
/// Sinkhorn's iteration on logarithms: `exp(t/ε)` is never formed, so that ε = 0.01 does not overflow in f32 as it does in the authors' code.
///
/// # Example
/// ```
/// use minimand_loss::{SwavOptions, swav};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[0.2, 0.1, -0.1], [0.0, 0.3, 0.1]]);
/// let target_scores = Tensor::from([[0.3, 0.25, 0.0], [0.1, 0.1, 0.2]]);
/// let loss = swav(&scores, &target_scores, SwavOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.8344, 1.9857]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&scores)), "[[0.9222, -1.0820, 0.1598],\n [-0.0221, 3.6424, -3.6203]]");
/// ```
///
/// # When to use
/// To cluster while learning, scores being cosines to learned prototypes, in both directions and with several crops. It misleads with batches smaller than the
/// number of prototypes: equal shares then mean nothing.
///
/// # Reference
/// Caron et al., *Unsupervised Learning of Visual Features by Contrasting Cluster Assignments* (SwAV), NeurIPS 2020, equations 2 to 5. Usual: τ = 0.1, ε = 0.05,
/// 3 iterations.
///
/// # See also
/// [`dino`], [`nt_xent`](crate::nt_xent).
#[doc(alias = "SwaVLoss")]
#[track_caller]
pub fn swav(scores: &Tensor, target_scores: &Tensor, options: SwavOptions) -> Tensor {
    check_views("swav", ("scores", scores), ("target_scores", target_scores));
    let SwavOptions { temperature, epsilon, iterations } = options;
    check_divisor("swav", ("temperature", temperature), scores.dtype());
    check_divisor("swav", ("epsilon", epsilon), scores.dtype());
    assert!(iterations > 0, "swav: iterations is 0 and must be at least 1");
    let mut log_q = target_scores.detach() / epsilon;
    for _ in 0..iterations {
        log_q = &log_q - log_q.logsumexp_keepdim(0);
        log_q = log_q.log_softmax(-1);
    }
    against_targets(&log_q.exp().detach(), scores, temperature)
}

/// Options of [`swav`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SwavOptions {
    /// What the scores are divided by, τ. Usual: 0.1.
    pub temperature: f64,
    /// What the target scores are divided by, ε. Usual: 0.05.
    pub epsilon: f64,
    /// How often rows and columns are normalised. Usual: 3.
    pub iterations: usize,
}

impl Default for SwavOptions {
    fn default() -> SwavOptions {
        SwavOptions { temperature: 0.1, epsilon: 0.05, iterations: 3 }
    }
}

/// `−Σ q ln softmax(z/τ)`.
fn against_targets(targets: &Tensor, logits: &Tensor, temperature: f64) -> Tensor {
    -(targets * (logits / temperature).log_softmax(-1)).sum_axis(-1)
}
