//! CTC: a transcript without an alignment.

use minimand_tensor::Tensor;

use super::recursion::{delayed, flags, log_sum, positions, running};
use super::sequences::{Lengths, Sequences};

/// Which class is the blank, and what an impossible transcript costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CtcOptions {
    /// The class that means "no label here"; 0 unless said otherwise.
    pub blank: usize,
    /// Whether an infinite loss becomes 0.
    pub zero_infinity: bool,
}

/// Negative log-likelihood of a transcript, summed over all alignments of it with the time steps.
///
/// ```text
/// ℓ = −ln Σ{π : B(π) = targets} Πₜ p(t, πₜ)
/// p = softmax(logits)
/// B: merge repeats, then drop blanks
/// ```
///
/// # Shapes
/// `logits` are `[time, batch, classes]`, as in PyTorch, with the blank among the classes; `targets` hold one [sequence](Sequences) per
/// example, without blanks (check with [`Sequences::without`]), `lengths` the time steps that each example [uses](Lengths). The loss is
/// `[batch]`. Other shapes panic. Empty transcripts are legal. Log-probabilities are logits too: normalising them again changes nothing.
///
/// # Gradient
/// By the logits: `p(t, k) − γ(t, k)`, with the posterior γ that class k stands at step t, given the transcript. Derived through the
/// recursion as any other. 0 at steps beyond the length, and for every impossible transcript.
///
/// # Estimates
/// The **distribution of transcripts**: the mean is the cross-entropy of `p(transcript | input)` over all transcripts, so the minimiser is
/// the true conditional probability as far as steps that are independent given the input can form it. From 0 to ∞.
///
/// # Stability
/// The forward recursion runs in log space over states that may be -∞. A transcript that does not fit (`time < labels + repeats`), or that
/// has probability 0, has loss ∞ and gradient 0, where PyTorch's is NaN; with `zero_infinity` it has loss 0 and gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{CtcOptions, Lengths, SequenceError, Sequences, ctc};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::zeros([2, 1, 2]); // two steps, blank and one letter, all as likely
/// let targets = Sequences::new([[1]], 2)?.without(0)?;
/// let loss = ctc(&logits, &targets, &Lengths::full(1, 2), CtcOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.2877]"); // three of four paths: ln(4/3)
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[[0.1667, -0.1667]],\n [[0.1667, -0.1667]]]");
/// # Ok::<(), SequenceError>(())
/// ```
///
/// # When to use
/// For speech, handwriting and whatever else is labelled by a transcript in order, shorter than its input, without times. It
/// misleads where labels depend on each other: steps are independent given the input, so spelling must come from the network or a
/// language model (or from [`rnn_t`](crate::rnn_t)). Its spikes are no alignment in time. Losses grow with the transcript: the
/// mean of the catalogue, and PyTorch's, is [`Sequences::mean`], which divides each by its length first; Optax and Keras take the
/// plain one.
///
/// # Reference
/// Graves et al., *Connectionist Temporal Classification*, ICML 2006, equations 6 to 8 (recursion) and 16 (gradient). Usual: blank 0
/// (PyTorch, Optax). PyTorch's gradient by `log_probs` is the one by logits, `p − γ`, as here.
///
/// # See also
/// [`rnn_t`](crate::rnn_t), where labels depend on labels; [`linear_chain_crf`](crate::linear_chain_crf) for one label per step.
#[doc(alias = "CTCLoss")]
#[doc(alias = "ctc_loss")]
#[doc(alias = "CTC")]
#[track_caller]
pub fn ctc(logits: &Tensor, targets: &Sequences, lengths: &Lengths, options: CtcOptions) -> Tensor {
    let blank = options.blank;
    check(logits, targets, lengths, blank);
    let (time, rows) = (logits.shape()[0], targets.rows());
    let states = 2 * targets.longest() + 1;
    // Blank, label, blank, label, …, blank. A label may follow a label directly unless they are the same.
    let label = |row: &Vec<usize>, state: usize| if state % 2 == 1 { row.get(state / 2).copied() } else { None };
    let class = |row| (0..states).map(move |state| label(row, state).unwrap_or(blank) as i64);
    let skips = |row| (0..states).map(move |state| state > 1 && label(row, state) != label(row, state - 2));
    let classes = Tensor::from_vec(rows.iter().flat_map(class).collect::<Vec<i64>>(), [1, rows.len(), states]);
    let skips = Tensor::from_vec(
        rows.iter()
            .flat_map(|row| skips(row).enumerate().map(|(state, skips)| skips && state % 2 == 1))
            .collect::<Vec<bool>>(),
        [rows.len(), states],
    );
    let emitted = logits.log_softmax(-1).take_along_axis(-1, &classes);
    let total = if time == 0 { emitted.sum_axis([0, 2]) } else { total(&emitted, &skips, rows, lengths) };

    // Without a step only the empty transcript has been said, and surely.
    let steps = lengths.as_slice();
    let total = flags(steps.iter().map(|&steps| steps == 0)).select(0, total);
    let repeats = |row: &Vec<usize>| row.windows(2).filter(|pair| pair[0] == pair[1]).count();
    let too_long = flags(rows.iter().zip(steps).map(|(row, &steps)| row.len() + repeats(row) > steps));
    let impossible = too_long | total.eq(f64::NEG_INFINITY);
    let infinite = if options.zero_infinity { 0.0 } else { f64::INFINITY };
    impossible.select(infinite, -total)
}

/// The log-probability of all paths through the states, `[batch]`.
#[track_caller]
fn total(emitted: &Tensor, skips: &Tensor, rows: &[Vec<usize>], lengths: &Lengths) -> Tensor {
    let (time, states) = (emitted.shape()[0], emitted.shape()[2]);
    let first = Tensor::iota(states).lt(2);
    let mut alpha = first.select(emitted.at(0, 0), f64::NEG_INFINITY);
    let running = running(lengths.as_slice(), time);
    for t in 1..time {
        let skipped = skips.select(delayed(&alpha, 2), f64::NEG_INFINITY);
        let next = log_sum([alpha.clone(), delayed(&alpha, 1), skipped]) + emitted.at(0, t);
        alpha = match &running {
            Some(running) => running.at(0, t).select(next, alpha),
            None => next,
        };
    }
    let last = alpha.take_along_axis(-1, positions(rows.iter().map(|row| 2 * row.len())));
    let before = alpha.take_along_axis(-1, positions(rows.iter().map(|row| (2 * row.len()).saturating_sub(1))));
    let empty = flags(rows.iter().map(Vec::is_empty)).unsqueeze(-1);
    log_sum([last, empty.select(f64::NEG_INFINITY, before)]).squeeze(-1)
}

#[track_caller]
fn check(logits: &Tensor, targets: &Sequences, lengths: &Lengths, blank: usize) {
    let &[time, batch, classes] = logits.shape().sizes() else {
        panic!("ctc: logits {} must have three axes, [time, batch, classes]", logits.shape());
    };
    assert!(
        targets.classes() == classes,
        "ctc: logits {} have {classes} classes and the targets {}",
        logits.shape(),
        targets.classes()
    );
    let (sequences, steps) = (targets.len(), lengths.as_slice().len());
    assert!(
        sequences == batch && steps == batch,
        "ctc: logits {} hold {batch} examples, and there are {sequences} targets and {steps} lengths",
        logits.shape()
    );
    assert!(
        lengths.longest() == time,
        "ctc: logits {} have {time} steps and the lengths {}",
        logits.shape(),
        lengths.longest()
    );
    assert!(blank < classes, "ctc: the blank {blank} is none of {classes} classes");
    for (row, labels) in targets.rows().iter().enumerate() {
        let found = labels.iter().position(|&label| label == blank);
        assert!(
            found.is_none(),
            "ctc: the target of row {row} has the blank {blank} at position {}",
            found.unwrap_or(0)
        );
    }
}
