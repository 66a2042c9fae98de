//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const ESTIMATE: Input = real("estimate", "[…, time]");
const SIGNAL: Input = real("target", "[…, time]");
const PATH: Input = real("prediction", "[batch, steps, dimensions]");
const OTHER_PATH: Input = real("target", "[batch, others, dimensions]");

/// The lengths given under a name, or all steps.
fn lengths(given: &Given, name: &str, batch: usize, longest: usize) -> Vec<usize> {
    let whole = |lengths: &Tensor| lengths.to_vec::<i64>().into_iter().map(|length| length as usize).collect();
    given.optional(name).map_or_else(|| vec![longest; batch], whole)
}

/// The sequences given as `targets` and `target_lengths`.
fn targets(given: &Given, classes: usize) -> Sequences {
    let targets = given.tensor("targets");
    let lengths = lengths(given, "target_lengths", targets.shape()[0], targets.shape()[1]);
    Sequences::padded(targets, &lengths, classes).unwrap_or_else(|error| panic!("targets: {error}"))
}

fn steps(given: &Given, batch: usize, time: usize) -> Lengths {
    let lengths = lengths(given, "lengths", batch, time);
    Lengths::new(lengths, time).unwrap_or_else(|error| panic!("lengths: {error}"))
}

/// Transcripts without class 0 of at most 2 labels of 3 classes, for 2 examples of at most 4 steps.
fn transcripts(rng: &mut Rng) -> Arguments {
    let labels = (0..4).map(|_| 1 + rng.below(2) as i64).collect::<Vec<i64>>();
    Arguments::new()
        .tensor("targets", Tensor::from_vec(labels, [2, 2]))
        .tensor("target_lengths", Tensor::from([2i64, 1]))
        .tensor("lengths", Tensor::from([4i64, 3]))
}

/// Two sequences of different lengths.
fn paths(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let (prediction, target) = (normal(&[2, 3, 2], &mut rng), normal(&[2, 4, 2], &mut rng));
    Arguments::new().tensor("prediction", prediction).tensor("target", target)
}

/// Standard normal numbers.
fn normal(shape: &[usize], rng: &mut Rng) -> Tensor {
    let count = shape.iter().product();
    Tensor::from_vec((0..count).map(|_| rng.normal()).collect::<Vec<f64>>(), shape.to_vec())
}

/// Signals with a beat every four samples, whose spectrum is nowhere near 0.
fn beats(batch: usize, samples: usize, loud: f64, rng: &mut Rng) -> Tensor {
    let beat = Tensor::from((0..samples).map(|n| if n % 4 == 0 { loud } else { 0.0 }).collect::<Vec<f64>>());
    (beat + 0.2 * normal(&[batch, samples], rng)).computed().detach()
}

/// Estimates that resemble their targets.
fn estimates(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let target = normal(&[3, 6], &mut rng);
    let estimate = &target + 0.5 * normal(&[3, 6], &mut rng);
    Arguments::new().tensor("estimate", estimate.computed().detach()).tensor("target", target)
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "ctc",
        rows: &["CTC"],
        tier: 1,
        aliases: &[("PyTorch", "CTCLoss"), ("PyTorch", "ctc_loss"), ("Keras", "CTC")],
        inputs: &[
            real("logits", "[time, batch, classes]"),
            index("targets", "[batch, labels]", "classes"),
            length("lengths", "[batch]", "time").optional(),
            length("target_lengths", "[batch]", "labels").optional(),
        ],
        parameters: &[integer("blank", 0, 0), flag("zero_infinity", false)],
        output: "[batch]",
        compute: |given| {
            let logits = given.tensor("logits");
            let &[time, batch, classes] = logits.shape().sizes() else { unreachable!("the shape is checked") };
            let options = CtcOptions { blank: given.integer("blank"), zero_infinity: given.flag("zero_infinity") };
            ctc(logits, &targets(given, classes), &steps(given, batch, time), options)
        },
        average: Some(|given, loss| targets(given, given.tensor("logits").shape()[2]).mean(loss)),
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            transcripts(&mut rng).tensor("logits", normal(&[4, 2, 3], &mut rng)).number("blank", 0.0)
        }),
        latex: Some(
            r"\ell = -\ln \sum_{\pi : \mathcal{B}(\pi) = y} \prod_t p_{t, \pi_t}, \quad p = \operatorname{softmax}(z)",
        ),
        ..Entry::of(include_str!("ctc.rs"))
    },
    Entry {
        name: "rnn_t",
        rows: &["RNN-T (transducer)"],
        tier: 2,
        aliases: &[("Burn", "RNNTLoss"), ("torchaudio", "rnnt_loss")],
        inputs: &[
            real("logits", "[batch, time, labels + 1, classes]"),
            index("targets", "[batch, labels]", "classes"),
            length("lengths", "[batch]", "time").optional(),
            length("target_lengths", "[batch]", "labels").optional(),
        ],
        parameters: &[integer("blank", 0, 0)],
        output: "[batch]",
        compute: |given| {
            let logits = given.tensor("logits");
            let &[batch, time, _, classes] = logits.shape().sizes() else { unreachable!("the shape is checked") };
            rnn_t(logits, &targets(given, classes), &steps(given, batch, time), given.integer("blank"))
        },
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            transcripts(&mut rng).tensor("logits", normal(&[2, 4, 3, 3], &mut rng)).number("blank", 0.0)
        }),
        latex: Some(
            r"\ell = -\left(\alpha_{T-1, U} + \ln p_{T-1, U, \varnothing}\right), \quad \alpha_{t, u} = \ln\left(e^{\alpha_{t-1, u}} p_{t-1, u, \varnothing} + e^{\alpha_{t, u-1}} p_{t, u-1, y_u}\right)",
        ),
        ..Entry::of(include_str!("rnn_t.rs"))
    },
    Entry {
        name: "linear_chain_crf",
        rows: &["Linear-chain CRF NLL"],
        tier: 3,
        aliases: &[("pytorch-crf", "CRF")],
        inputs: &[
            real("emissions", "[batch, time, classes]"),
            index("targets", "[batch, time]", "classes"),
            real("transitions", "[classes, classes]"),
            real("start", "[classes]"),
            real("end", "[classes]"),
            length("target_lengths", "[batch]", "time").optional(),
        ],
        output: "[batch]",
        compute: |given| {
            let emissions = given.tensor("emissions");
            let targets = targets(given, emissions.shape()[2]);
            let [transitions, start, end] = ["transitions", "start", "end"].map(|name| given.tensor(name));
            linear_chain_crf(emissions, &targets, transitions, start, end)
        },
        latex: Some(
            r"\ell = \ln \sum_{y'} e^{s(y')} - s(y), \quad s(y) = a_{y_1} + \sum_t e_{t, y_t} + \sum_{t > 1} w_{y_{t-1}, y_t} + b_{y_T}",
        ),
        ..Entry::of(include_str!("crf.rs"))
    },
    Entry {
        name: "unlikelihood",
        rows: &["Unlikelihood / label-smoothed seq / MRT"],
        tier: 3,
        aliases: &[("fairseq", "UnlikelihoodLoss")],
        inputs: &[real("logits", "[…, classes]"), mask("unwanted", "[…, classes]")],
        output: "[…]",
        compute: |given| unlikelihood(given.tensor("logits"), given.tensor("unwanted")),
        ..Entry::of(include_str!("unlikelihood.rs"))
    },
    Entry {
        name: "soft_dtw",
        rows: &["Soft-DTW (and divergence)"],
        tier: 3,
        aliases: &[("tslearn", "SoftDTW")],
        inputs: &[PATH, OTHER_PATH],
        parameters: &[number("gamma", 1.0).above(0.0)],
        output: "[batch]",
        compute: |given| soft_dtw(given.tensor("prediction"), given.tensor("target"), given.number("gamma")),
        draw: Some(paths),
        latex: Some(
            r"\ell = r_{N, M}, \quad r_{i, j} = \lVert x_i - y_j \rVert^2 - \gamma \ln\left(e^{-r_{i-1, j} / \gamma} + e^{-r_{i, j-1} / \gamma} + e^{-r_{i-1, j-1} / \gamma}\right)",
        ),
        ..Entry::of(include_str!("soft_dtw.rs"))
    },
    Entry {
        name: "soft_dtw_divergence",
        rows: &["Soft-DTW (and divergence)"],
        tier: 3,
        aliases: &[("usual", "SoftDTWDivergence")],
        inputs: &[PATH, OTHER_PATH],
        parameters: &[number("gamma", 1.0).above(0.0)],
        output: "[batch]",
        compute: |given| soft_dtw_divergence(given.tensor("prediction"), given.tensor("target"), given.number("gamma")),
        draw: Some(paths),
        latex: Some(r"\ell = d_\gamma(x, y) - \tfrac{1}{2} d_\gamma(x, x) - \tfrac{1}{2} d_\gamma(y, y)"),
        ..Entry::of(include_str!("soft_dtw.rs"))
    },
    Entry {
        name: "si_sdr",
        rows: &["Permutation-invariant (PIT) wrapper, SI-SDR, SDR"],
        tier: 3,
        aliases: &[("torchmetrics", "scale_invariant_signal_distortion_ratio"), ("usual", "SI-SDR")],
        inputs: &[ESTIMATE, SIGNAL],
        parameters: &[flag("zero_mean", false)],
        output: "[…]",
        compute: |given| si_sdr(given.tensor("estimate"), given.tensor("target"), given.flag("zero_mean")),
        draw: Some(estimates),
        ..Entry::of(include_str!("signal_distortion.rs"))
    },
    Entry {
        name: "sdr",
        rows: &["Permutation-invariant (PIT) wrapper, SI-SDR, SDR"],
        tier: 3,
        aliases: &[("torchmetrics", "signal_noise_ratio"), ("usual", "SNR")],
        inputs: &[ESTIMATE, SIGNAL],
        parameters: &[flag("zero_mean", false)],
        output: "[…]",
        compute: |given| sdr(given.tensor("estimate"), given.tensor("target"), given.flag("zero_mean")),
        draw: Some(estimates),
        ..Entry::of(include_str!("signal_distortion.rs"))
    },
    Entry {
        name: "permutation_invariant",
        rows: &["Permutation-invariant (PIT) wrapper, SI-SDR, SDR"],
        tier: 3,
        aliases: &[("torchmetrics", "permutation_invariant_training"), ("usual", "PIT")],
        inputs: &[real("losses", "[batch, sources, sources]")],
        output: "[batch]",
        compute: |given| permutation_invariant(given.tensor("losses")),
        latex: Some(r"\ell = \min_{\pi} \frac{1}{N} \sum_i \ell_{i, \pi(i)}"),
        ..Entry::of(include_str!("permutation.rs"))
    },
    Entry {
        name: "multi_resolution_stft",
        rows: &["STFT / multi-resolution spectral / mel loss"],
        tier: 3,
        aliases: &[("auraloss", "MultiResolutionSTFTLoss")],
        inputs: &[real("prediction", "[batch, samples]"), real("target", "[batch, samples]")],
        parameters: &[
            numbers("sizes", &[1024.0, 2048.0, 512.0]),
            numbers("hops", &[120.0, 240.0, 50.0]),
            numbers("windows", &[600.0, 1200.0, 240.0]),
            number("floor", 1e-7).above(0.0),
        ],
        output: "[batch]",
        compute: |given| {
            let [sizes, hops, windows] = ["sizes", "hops", "windows"].map(|name| given.numbers(name));
            assert!(
                sizes.len() == hops.len() && sizes.len() == windows.len(),
                "multi_resolution_stft: {} sizes, {} hops and {} windows",
                sizes.len(),
                hops.len(),
                windows.len()
            );
            let resolution =
                |i: usize| Resolution { size: sizes[i] as usize, hop: hops[i] as usize, window: windows[i] as usize };
            let resolutions = (0..sizes.len()).map(resolution).collect();
            let options = StftOptions { resolutions, floor: given.number("floor") };
            multi_resolution_stft(given.tensor("prediction"), given.tensor("target"), &options)
        },
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            Arguments::new()
                .tensor("prediction", beats(2, 9, 3.0, &mut rng))
                .tensor("target", beats(2, 9, 2.0, &mut rng))
                .value("sizes", Value::Numbers(vec![4.0]))
                .value("hops", Value::Numbers(vec![4.0]))
                .value("windows", Value::Numbers(vec![4.0]))
        }),
        latex: Some(
            r"\ell = \frac{1}{R} \sum_r \left(\frac{\lVert T_r - P_r \rVert_F}{\lVert T_r \rVert_F} + \frac{1}{N_r} \lVert \ln T_r - \ln P_r \rVert_1\right)",
        ),
        ..Entry::of(include_str!("stft.rs"))
    },
];
