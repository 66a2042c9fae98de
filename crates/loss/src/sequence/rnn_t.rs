//! RNN-T: a transcript without an alignment, each label knowing those before it.

use minimand_tensor::Tensor;

use super::recursion::{delayed, diagonals, flags, inside, log_sum, positions, running};
use super::sequences::{Lengths, Sequences};

/// Negative log-likelihood of a transcript under a transducer, summed over all ways of emitting its labels between the time steps.
///
/// ```text
/// ℓ = −(α(T − 1, U) + ln p(T − 1, U, blank))
/// α(t, u) = ln(exp(α(t − 1, u)) p(t − 1, u, blank) + exp(α(t, u − 1)) p(t, u − 1, yᵤ))
/// p = softmax(logits)
/// ```
///
/// # Shapes
/// `logits` are `[batch, time, labels + 1, classes]`, those of the joint network for every step and every number of labels emitted so far;
/// `targets` hold one [sequence](Sequences) per example with room for `labels`, without the class `blank`; `lengths` the time steps that each
/// example [uses](Lengths). The loss is `[batch]`. Other shapes panic.
///
/// # Gradient
/// By the logits: `γ(t, u) p(t, u, k) − γ(t, u, k)`, with the posteriors that the path passes `(t, u)`, and that it emits k there. Derived
/// through the recursion. 0 outside the lattice of an example.
///
/// # Estimates
/// The **distribution of transcripts**, each label given the input and the labels before it: the mean is the cross-entropy of `p(transcript
/// | input)`. From 0 to ∞.
///
/// # Stability
/// The recursion runs over the diagonals of the lattice in log space, `time + labels` steps in all; the border is -∞ with gradient 0. A
/// transcript of probability 0, or with labels but no step, has loss ∞ and gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{Lengths, SequenceError, Sequences, rnn_t};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::zeros([1, 2, 2, 2]); // two steps, one label, blank and one letter, all as likely
/// let targets = Sequences::new([[1]], 2)?.without(0)?;
/// let loss = rnn_t(&logits, &targets, &Lengths::full(1, 2), 0);
/// assert_eq!(format!("{loss:.4}"), "[1.3863]"); // two paths of three emissions: ln(8/2)
/// let gradient = loss.sum().grad(&logits).reshape([4, 2]);
/// assert_eq!(format!("{gradient:.2}"), "[[0.00, 0.00],\n [-0.25, 0.25],\n [0.25, -0.25],\n [-0.50, 0.50]]");
/// # Ok::<(), SequenceError>(())
/// ```
///
/// # When to use
/// For speech recognition while it is being spoken: the predictor is a language model inside, and decoding goes step by step. It misleads
/// about cost: the logits alone are batch × time × labels × classes numbers, so pool the time axis first. As with CTC, the times of its
/// emissions lag; losses grow with the transcript.
///
/// # Reference
/// Graves, *Sequence Transduction with Recurrent Neural Networks*, 2012, equations 16 to 18. Usual: blank 0 in Burn, the last class in
/// torchaudio, whose `clamp` of the gradient is left out here.
///
/// # See also
/// [`ctc`](crate::ctc), where labels are independent given the input.
#[doc(alias = "RNNTLoss")]
#[doc(alias = "rnnt_loss")]
#[track_caller]
pub fn rnn_t(logits: &Tensor, targets: &Sequences, lengths: &Lengths, blank: usize) -> Tensor {
    check(logits, targets, lengths, blank);
    let (batch, time, width) = (logits.shape()[0], logits.shape()[1], logits.shape()[2]);
    let (rows, steps) = (targets.rows(), lengths.as_slice());
    if time == 0 {
        let impossible = flags(rows.iter().map(|row| !row.is_empty()));
        return impossible.select(f64::INFINITY, logits.sum_axis([1, 2, 3]));
    }
    let log_p = logits.log_softmax(-1);
    let silent = log_p.at(-1, blank);
    let index = targets.index().reshape([batch, 1, width - 1, 1]);
    let spoken = log_p.slice(2, ..width - 1).take_along_axis(-1, &index).squeeze(-1).pad(-1, 0, 1);
    let (silences, labels) = (diagonals(&silent.transpose()), diagonals(&spoken.transpose()));
    let inside = inside(width, time);

    let ends: Vec<usize> = rows.iter().zip(steps).map(|(row, &steps)| (row.len() + steps).max(1)).collect();
    let running = running(&ends, width + time - 1);
    let first = Tensor::iota(width).eq(0i64);
    let mut alpha = first.select(silent.at(1, 0).zeros_like(), f64::NEG_INFINITY);
    for diagonal in 1..width + time - 1 {
        let waited = &alpha + silences.at(0, diagonal - 1);
        let spoke = delayed(&(&alpha + labels.at(0, diagonal - 1)), 1);
        let next = inside.at(0, diagonal).select(log_sum([waited, spoke]), f64::NEG_INFINITY);
        alpha = match &running {
            Some(running) => running.at(0, diagonal).select(next, alpha),
            None => next,
        };
    }
    let reached = alpha.take_along_axis(-1, positions(rows.iter().map(Vec::len)));
    let corner = rows.iter().zip(steps).map(|(row, &steps)| steps.saturating_sub(1) * width + row.len());
    let silence = silent.reshape([batch, time * width]).take_along_axis(-1, positions(corner));
    let total = (reached + silence).squeeze(-1);

    let nothing = flags(steps.iter().map(|&steps| steps == 0));
    let total = nothing.select(0, total);
    let too_short = flags(rows.iter().zip(steps).map(|(row, &steps)| steps == 0 && !row.is_empty()));
    let impossible = too_short | total.eq(f64::NEG_INFINITY);
    impossible.select(f64::INFINITY, -total)
}

#[track_caller]
fn check(logits: &Tensor, targets: &Sequences, lengths: &Lengths, blank: usize) {
    let &[batch, time, width, classes] = logits.shape().sizes() else {
        panic!("rnn_t: logits {} must have four axes, [batch, time, labels + 1, classes]", logits.shape());
    };
    assert!(
        targets.longest() + 1 == width && targets.classes() == classes,
        "rnn_t: logits {} do not fit targets with room for {} labels of {} classes",
        logits.shape(),
        targets.longest(),
        targets.classes()
    );
    let (sequences, steps) = (targets.len(), lengths.as_slice().len());
    assert!(
        sequences == batch && steps == batch,
        "rnn_t: logits {} hold {batch} examples, and there are {sequences} targets and {steps} lengths",
        logits.shape()
    );
    assert!(
        lengths.longest() == time,
        "rnn_t: logits {} have {time} steps and the lengths {}",
        logits.shape(),
        lengths.longest()
    );
    assert!(blank < classes, "rnn_t: the blank {blank} is none of {classes} classes");
    for (row, labels) in targets.rows().iter().enumerate() {
        let found = labels.iter().position(|&label| label == blank);
        assert!(
            found.is_none(),
            "rnn_t: the target of row {row} has the blank {blank} at position {}",
            found.unwrap_or(0)
        );
    }
}
