//! Losses of sequences: paths, edges of feasibility, laws.

mod common;

use common::{normal, panic_of, values};
use minimand_loss::Labels;
use minimand_loss::{
    CtcOptions, Lengths, Resolution, SequenceError, Sequences, StftOptions, cross_entropy, ctc, linear_chain_crf,
    multi_resolution_stft, permutation_invariant, rnn_t, sdr, si_sdr, soft_dtw, soft_dtw_divergence, unlikelihood,
};
use minimand_tensor::{DType, Tensor};

fn f32s(x: &Tensor) -> Tensor {
    x.cast(DType::F32).computed().detach()
}

#[track_caller]
fn never_nan(loss: &Tensor, inputs: &[&Tensor]) {
    let all = std::iter::once(loss.clone()).chain(minimand_tensor::grad(&loss.sum(), inputs.iter().copied()));
    for (which, tensor) in all.enumerate() {
        let numbers = values(&tensor);
        assert!(numbers.iter().all(|n| !n.is_nan()), "{which}: {numbers:?}");
    }
}

#[test]
fn ctc_sums_every_path() {
    // Three steps, blank and two letters: all 27 paths, collapsed by hand.
    let logits = normal(1, [3, 1, 3]);
    let p: Vec<f64> = values(&logits.softmax(-1));
    let collapse = |path: [usize; 3]| {
        let mut merged = path.to_vec();
        merged.dedup();
        merged.retain(|&class| class != 0);
        merged
    };
    for transcript in [vec![], vec![1], vec![1, 2], vec![2, 2], vec![1, 2, 1], vec![1, 1, 1]] {
        let mut likelihood = 0.0;
        for path in 0..27 {
            let path = [path / 9, path / 3 % 3, path % 3];
            if collapse(path) == transcript {
                likelihood += path.iter().enumerate().map(|(t, &class)| p[3 * t + class]).product::<f64>();
            }
        }
        let targets = Sequences::new(std::slice::from_ref(&transcript), 3).unwrap();
        let loss = ctc(&logits, &targets, &Lengths::full(1, 3), CtcOptions::default()).sum().item();
        let close = loss == -likelihood.ln() || (loss + likelihood.ln()).abs() < 1e-12;
        assert!(close, "{transcript:?}: {loss} instead of {}", -likelihood.ln());
    }
}

#[test]
fn trap_16_ctc_of_impossible_transcripts() {
    let logits = normal(2, [3, 3, 3]);
    // Three labels and a repeat need four steps; the second fits; the third needs one step more than it has.
    let targets = Sequences::new([vec![1, 1, 2], vec![1, 2], vec![1, 2]], 3).unwrap();
    let lengths = Lengths::new([3, 3, 1], 3).unwrap();
    for (zero_infinity, expected) in [(false, f64::INFINITY), (true, 0.0)] {
        let loss = ctc(&logits, &targets, &lengths, CtcOptions { zero_infinity, ..Default::default() });
        let found = values(&loss);
        assert_eq!((found[0], found[2]), (expected, expected));
        assert!(found[1].is_finite() && found[1] > 0.0);
        let gradient = loss.sum().grad(&logits);
        assert_eq!(values(&gradient.at(1, 0).abs().sum()), [0.0]);
        assert_eq!(values(&gradient.at(1, 2).abs().sum()), [0.0]);
        assert!(gradient.at(1, 1).abs().sum().item() > 0.1);
    }
}

#[test]
fn ctc_is_legal_without_labels_and_without_steps() {
    let logits = normal(3, [2, 3, 3]);
    let targets = Sequences::new([vec![], vec![], vec![1]], 3).unwrap();
    let lengths = Lengths::new([2, 0, 0], 2).unwrap();
    let loss = values(&ctc(&logits, &targets, &lengths, CtcOptions::default()));
    let blanks = values(&logits.log_softmax(-1).at(-1, 0).at(1, 0).sum());
    assert!((loss[0] + blanks[0]).abs() < 1e-14);
    assert_eq!(loss[1..], [0.0, f64::INFINITY]);
    let nothing = Tensor::zeros([0, 2, 3]);
    let targets = Sequences::new([vec![], vec![1]], 3).unwrap();
    let loss = ctc(&nothing, &targets, &Lengths::full(2, 0), CtcOptions::default());
    assert_eq!(values(&loss), [0.0, f64::INFINITY]);
}

#[test]
fn ctc_is_finite_at_extremes_and_with_forbidden_classes() {
    let sharp = f32s(&(normal(4, [6, 2, 4]) * 1e4));
    let targets = Sequences::new([vec![1, 2, 3], vec![2, 2]], 4).unwrap();
    let loss = ctc(&sharp, &targets, &Lengths::full(2, 6), CtcOptions::default());
    assert_eq!(loss.dtype(), DType::F32);
    never_nan(&loss, &[&sharp]);
    assert!(values(&loss).iter().all(|loss| loss.is_finite()));
    // A class that can never be emitted: its transcripts are impossible, the others unharmed.
    let forbidden = Tensor::from([0.0, 0.0, f64::NEG_INFINITY, 0.0]);
    let logits = (normal(5, [6, 2, 4]) + forbidden).computed().detach();
    let targets = Sequences::new([vec![1, 3], vec![2, 1]], 4).unwrap();
    let loss = ctc(&logits, &targets, &Lengths::full(2, 6), CtcOptions::default());
    never_nan(&loss, &[&logits]);
    assert!(values(&loss)[0].is_finite());
    assert_eq!(values(&loss)[1], f64::INFINITY);
}

#[test]
fn ctc_gradient_is_probability_less_posterior() {
    let logits = normal(6, [5, 2, 4]);
    let targets = Sequences::new([vec![1, 2], vec![3]], 4).unwrap();
    let loss = ctc(&logits, &targets, &Lengths::new([5, 3], 5).unwrap(), CtcOptions::default());
    let gradient = loss.sum().grad(&logits);
    // Posteriors sum to 1 at every step in use, and so does softmax: the gradient sums to 0; beyond the length it is 0.
    assert!(values(&gradient.sum_axis(-1)).iter().all(|sum| sum.abs() < 1e-12));
    assert_eq!(values(&gradient.at(1, 1).slice(0, 3..).abs().sum()), [0.0]);
    // Normalised already: nothing changes.
    let normalised = logits.log_softmax(-1).computed().detach();
    let again = ctc(&normalised, &targets, &Lengths::new([5, 3], 5).unwrap(), CtcOptions::default());
    common::assert_close("gradient", &values(&again.sum().grad(&normalised)), &values(&gradient));
}

#[test]
fn the_graph_of_ctc_is_linear_in_time() {
    let count = |time: usize| {
        let logits = Tensor::zeros([time, 1, 3]);
        let targets = Sequences::new([[1, 2]], 3).unwrap();
        let loss = ctc(&logits, &targets, &Lengths::full(1, time), CtcOptions::default()).sum();
        loss.grad(&logits).sum().explain_dot().lines().count()
    };
    let (first, second, third) = (count(10), count(20), count(30));
    assert_eq!(third - second, second - first);
}

#[test]
fn sequences_name_what_is_wrong() {
    let refused = |rows: &[Vec<f64>]| Sequences::new(rows, 3).unwrap_err();
    assert_eq!(refused(&[vec![0.0], vec![1.0, 0.5]]), SequenceError::NotWhole { row: 1, position: 1, value: 0.5 });
    assert_eq!(refused(&[vec![0.0, 3.0]]), SequenceError::OutOfRange { row: 0, position: 1, value: 3, classes: 3 });
    let rectangle = Tensor::from([[1i64, 2], [0, 9]]);
    assert_eq!(Sequences::padded(&rectangle, &[2], 3).unwrap_err(), SequenceError::Count { rows: 2, lengths: 1 });
    assert_eq!(
        Sequences::padded(&rectangle, &[2, 3], 3).unwrap_err(),
        SequenceError::TooLong { row: 1, length: 3, longest: 2 }
    );
    let sequences = Sequences::padded(&rectangle, &[2, 1], 3).unwrap();
    assert_eq!(sequences.rows(), [vec![1, 2], vec![0]]);
    assert_eq!(
        sequences.without(0).unwrap_err().to_string(),
        "row 1, position 0: the label is 0, which no sequence may contain here"
    );
}

#[test]
fn wrong_shapes_panic_at_the_callers_line() {
    let targets = Sequences::new([[1, 0]], 3).unwrap();
    let full = Lengths::full(1, 4);
    let panic = panic_of(|| ctc(&Tensor::zeros([4, 1, 3]), &targets, &full, CtcOptions::default()));
    assert_eq!(panic.message, "ctc: the target of row 0 has the blank 0 at position 1");
    assert!(panic.file.ends_with("sequence.rs"));
    let panic = panic_of(|| ctc(&Tensor::zeros([4, 2, 3]), &targets, &full, CtcOptions::default()));
    assert_eq!(panic.message, "ctc: logits [4, 2, 3] hold 2 examples, and there are 1 targets and 1 lengths");
    let panic = panic_of(|| rnn_t(&Tensor::zeros([1, 4, 2, 3]), &targets, &full, 2));
    assert_eq!(panic.message, "rnn_t: logits [1, 4, 2, 3] do not fit targets with room for 2 labels of 3 classes");
    assert!(panic.file.ends_with("sequence.rs"));
    let panic = panic_of(|| si_sdr(&Tensor::zeros([3]), &Tensor::zeros([4]), false));
    assert_eq!(panic.message, "si_sdr: estimate [3] and target [4] must have the same shape");
}

#[test]
fn rnn_t_without_labels_is_silence() {
    let logits = normal(7, [2, 3, 1, 4]);
    let targets = Sequences::new::<i64, _>([vec![], vec![]], 4).unwrap();
    let loss = rnn_t(&logits, &targets, &Lengths::new([3, 0], 3).unwrap(), 0);
    let silence = values(&logits.log_softmax(-1).at(-1, 0).at(0, 0).sum());
    common::assert_close("loss", &values(&loss), &[-silence[0], 0.0]);
    let sharp = f32s(&(normal(8, [2, 3, 3, 4]) * 1e4));
    let targets = Sequences::new([vec![1, 2], vec![3]], 4).unwrap();
    let loss = rnn_t(&sharp, &targets, &Lengths::new([3, 0], 3).unwrap(), 0);
    never_nan(&loss, &[&sharp]);
    assert_eq!(values(&loss)[1], f64::INFINITY);
    assert_eq!(values(&loss.sum().grad(&sharp).at(0, 1).abs().sum()), [0.0]);
}

#[test]
fn a_chain_without_transitions_is_independent() {
    let emissions = normal(9, [1, 4, 3]);
    let none = Tensor::zeros([3]);
    let targets = Sequences::new([[2, 0, 1, 1]], 3).unwrap();
    let loss = linear_chain_crf(&emissions, &targets, &Tensor::zeros([3, 3]), &none, &none);
    let apart = cross_entropy(&emissions.at(0, 0), &Labels::new([2, 0, 1, 1], 3).unwrap()).sum();
    common::assert_close("loss", &values(&loss), &values(&apart));
}

#[test]
fn a_chain_with_forbidden_transitions_is_never_nan() {
    let emissions = normal(10, [3, 3, 2]);
    let none = Tensor::from([0.0, 0.0]);
    let transitions = Tensor::from([[0.0, f64::NEG_INFINITY], [0.0, 0.0]]);
    let targets = Sequences::padded(Tensor::from([[0i64, 0, 0], [0, 1, 0], [0, 0, 0]]), &[3, 3, 0], 2).unwrap();
    let loss = linear_chain_crf(&emissions, &targets, &transitions, &none, &none);
    never_nan(&loss, &[&emissions, &transitions, &none]);
    let found = values(&loss);
    assert!(found[0].is_finite() && found[1] == f64::INFINITY && found[2] == 0.0, "{found:?}");
    assert_eq!(values(&loss.sum().grad(&emissions).slice(0, 1..).abs().sum()), [0.0]);
}

#[test]
fn soft_dtw_tends_to_the_best_alignment_and_its_divergence_to_zero() {
    let (x, y) = (normal(11, [2, 4, 2]), normal(12, [2, 5, 2]));
    let sharp = values(&soft_dtw(&x, &y, 1e-4));
    let costs = x.pairwise_squared_distances(&y);
    for (example, &soft) in sharp.iter().enumerate() {
        let cost = values(&costs.at(0, example));
        let mut best = [[f64::INFINITY; 6]; 5];
        best[0][0] = 0.0;
        for i in 1..5 {
            for j in 1..6 {
                let least = best[i - 1][j].min(best[i][j - 1]).min(best[i - 1][j - 1]);
                best[i][j] = cost[(i - 1) * 5 + j - 1] + least;
            }
        }
        assert!((soft - best[4][5]).abs() < 1e-3);
    }
    let same = soft_dtw_divergence(&x, &x.clone(), 1.0);
    assert!(values(&same).iter().all(|loss| loss.abs() < 1e-12));
    assert!(values(&soft_dtw_divergence(&x, &y, 1.0)).iter().all(|&loss| loss > 0.0));
    let far = f32s(&(x * 1e4));
    let loss = soft_dtw(&far, &f32s(&y), 0.01);
    never_nan(&loss, &[&far]);
    let loss = soft_dtw_divergence(&far, &f32s(&y), 0.01);
    never_nan(&loss, &[&far]);
    let panic = panic_of(|| soft_dtw(&far, &far, 0.0));
    assert_eq!(panic.message, "soft_dtw: gamma is 0 and must be greater than 0");
}

#[test]
fn the_mean_of_transcripts_divides_by_their_lengths() {
    // torch.nn.functional.ctc_loss of PyTorch 2.15 with reduction="mean": zeros as logits, four steps, three classes.
    let logits = Tensor::zeros([4, 2, 3]).cast(DType::F64);
    let targets = Sequences::new([vec![1, 2], vec![]], 3).unwrap();
    let loss = ctc(&logits, &targets, &Lengths::full(2, 4), CtcOptions::default());
    assert!((targets.mean(&loss).item() - 2.618824315728777).abs() < 1e-12);
}

#[test]
fn scale_does_not_matter_to_si_sdr_and_silence_is_finite() {
    let (estimate, target) = (normal(13, [3, 8]), normal(14, [3, 8]));
    let (once, thrice) = (si_sdr(&estimate, &target, true), si_sdr(&(3.0 * &estimate), &target, true));
    common::assert_close_within("scaled", &values(&once), &values(&thrice), 1e-12, 1e-12);
    let silence = f32s(&Tensor::zeros([3, 8]));
    for (a, b) in [(&silence, &f32s(&target)), (&f32s(&estimate), &silence), (&silence, &silence)] {
        for loss in [si_sdr(a, b, false), sdr(a, b, false)] {
            never_nan(&loss, &[a, b]);
            assert!(values(&loss).iter().all(|loss| loss.is_finite()));
        }
    }
    let perfect = f32s(&target);
    let loss = sdr(&perfect, &perfect.clone(), false);
    assert!(values(&loss).iter().all(|&loss| loss < -60.0));
}

#[test]
fn the_order_of_outputs_does_not_matter() {
    let losses = normal(15, [2, 4, 4]);
    let swapped = losses.index_select(1, [2, 0, 3, 1]);
    common::assert_close("loss", &values(&permutation_invariant(&losses)), &values(&permutation_invariant(&swapped)));
    // All assignments equally good: each shares.
    let level = Tensor::ones([1, 2, 2]);
    assert_eq!(values(&permutation_invariant(&level).sum().grad(&level)), [0.25; 4]);
}

#[test]
fn equal_spectra_cost_nothing_and_silence_is_finite() {
    let x = normal(16, [2, 40]);
    let options = StftOptions { resolutions: vec![Resolution { size: 8, hop: 3, window: 6 }], ..Default::default() };
    let loss = multi_resolution_stft(&x, &x.clone(), &options);
    assert_eq!(values(&loss), [0.0, 0.0]);
    never_nan(&loss, &[&x]);
    let silence = f32s(&Tensor::zeros([2, 40]));
    for (a, b) in [(&silence, &f32s(&x)), (&f32s(&x), &silence), (&silence, &silence)] {
        let loss = multi_resolution_stft(a, b, &options);
        never_nan(&loss, &[a, b]);
        assert!(values(&loss).iter().all(|loss| loss.is_finite()));
    }
    assert!(
        values(&multi_resolution_stft(&normal(17, [1, 1100]), &normal(18, [1, 1100]), &StftOptions::default()))[0]
            > 0.0
    );
}

#[test]
fn unlikelihood_is_linear_where_the_probability_rounds_to_one() {
    let logits = f32s(&Tensor::from([[1e4, 0.0, 0.0], [0.0, 0.0, f64::NEG_INFINITY]]));
    let unwanted = Tensor::from([[true, false, false], [false, false, true]]);
    let loss = unlikelihood(&logits, &unwanted);
    assert!((values(&loss)[0] - 9999.307).abs() < 1e-2 && values(&loss)[1] == 0.0, "{loss}");
    let gradient = values(&loss.sum().grad(&logits));
    assert_eq!(gradient, [1.0, -0.5, -0.5, 0.0, 0.0, 0.0]);
}
