//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const PICTURE: &str = "[batch, channels, height, width]";
const VOLUME: &str = "[batch, channels, depth, height, width]";
const PREDICTION: Input = real("prediction", PICTURE);
const TARGET: Input = real("target", PICTURE);

fn both(given: &Given) -> (&Tensor, &Tensor) {
    (given.tensor("prediction"), given.tensor("target"))
}

fn ssim_options(given: &Given) -> SsimOptions {
    SsimOptions {
        window_size: given.integer("window_size"),
        sigma: given.number("sigma"),
        max_value: given.number("max_value"),
        padding: if given.choice("padding") == "valid" { SsimPadding::Valid } else { SsimPadding::Same },
        k1: given.number("k1"),
        k2: given.number("k2"),
    }
}

fn histogram_options(given: &Given) -> HistogramOptions {
    HistogramOptions {
        bins: given.integer("bins"),
        window_radius: given.number("window_radius"),
        kernel: match given.choice("kernel") {
            "rectangular" => HistogramKernel::Rectangular,
            "truncated_gaussian" => HistogramKernel::TruncatedGaussian,
            _ => HistogramKernel::Xu,
        },
    }
}

const SSIM_PARAMETERS: &[Parameter] = &[
    integer("window_size", 11, 1),
    number("sigma", 1.5).above(0.0),
    number("max_value", 1.0).above(0.0),
    choice("padding", "same", &["same", "valid"]),
    number("k1", 0.01).at_least(0.0),
    number("k2", 0.03).at_least(0.0),
];

const HISTOGRAM_PARAMETERS: &[Parameter] = &[
    integer("bins", 64, 2),
    number("window_radius", 1.0).above(0.0),
    choice("kernel", "xu", &["xu", "truncated_gaussian", "rectangular"]),
];

/// Numbers in random order, a fifth apart, so that no two are near each other.
fn spread(shape: &[usize], from: f64, rng: &mut Rng) -> Tensor {
    let order = rng.permutation(shape.iter().product());
    Tensor::from_vec(order.into_iter().map(|n| from + 0.2 * n as f64).collect::<Vec<f64>>(), shape.to_vec())
}

/// Two pictures that resemble each other, values about 0 to 1.
fn similar(shape: &[usize], seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let count: usize = shape.iter().product();
    let target: Vec<f64> = (0..count).map(|_| rng.uniform()).collect();
    let prediction: Vec<f64> = target.iter().map(|target| target + 0.2 + 0.1 * rng.uniform()).collect();
    Arguments::new()
        .tensor("prediction", Tensor::from_vec(prediction, shape.to_vec()))
        .tensor("target", Tensor::from_vec(target, shape.to_vec()))
}

/// Features in directions of which none is the same in both.
fn at_angles(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed + 21);
    let mut features = |count: usize, first: f64| {
        let angles = (0..count).map(|k| first + 6.0 * k as f64 / count as f64 + 0.1 * rng.uniform());
        let numbers = angles.flat_map(|angle| [2.0 * angle.cos(), 2.0 * angle.sin()]).collect::<Vec<f64>>();
        Tensor::from_vec(numbers, [1, count, 2])
    };
    Arguments::new().tensor("prediction", features(3, 0.4)).tensor("target", features(4, 0.0))
}

/// Two signals none of whose samples but the ends lie near the middle or the edge of one of 5 bins.
fn binned(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let mut signal = || {
        let inner = (0..7).map(|_| rng.below(4) as f64 + [0.2, 0.3, 0.7, 0.8][rng.below(4)]);
        let samples: Vec<f64> = inner.chain([0.0, 4.0]).collect();
        Tensor::from(rng.permutation(9).into_iter().map(|n| samples[n]).collect::<Vec<f64>>()).unsqueeze(0)
    };
    let (prediction, target) = (signal().computed().detach(), signal().computed().detach());
    Arguments::new()
        .tensor("prediction", prediction)
        .tensor("target", target)
        .number("bins", 5.0)
        .number("window_radius", 1.0)
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "perceptual",
        rows: &["Perceptual (VGG feature) loss"],
        tier: 1,
        aliases: &[("usual", "VGGLoss"), ("MONAI", "PerceptualLoss")],
        inputs: &[PREDICTION, TARGET.fixed()],
        parameters: &[numbers("weights", &[1.0])],
        output: "[batch]",
        compute: |given| {
            let (prediction, target) = both(given);
            perceptual(std::slice::from_ref(prediction), std::slice::from_ref(target), given.numbers("weights"))
        },
        latex: Some(r"\ell = \sum_l w_l \frac{1}{C_l H_l W_l} \lVert \phi_l(x) - \phi_l(y) \rVert^2"),
        ..Entry::of(include_str!("perceptual.rs"))
    },
    Entry {
        name: "gram_matrix",
        rows: &["Gram-matrix style loss"],
        tier: 2,
        aliases: &[("Burn", "GramMatrixLoss"), ("usual", "StyleLoss")],
        inputs: &[PREDICTION, real("target", "[batch, channels, target_height, target_width]")],
        output: "[batch]",
        compute: |given| {
            let (prediction, target) = both(given);
            gram_matrix(prediction, target)
        },
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            Arguments::new()
                .tensor("prediction", spread(&[1, 2, 2, 2], -0.7, &mut rng))
                .tensor("target", spread(&[1, 2, 1, 3], -0.5, &mut rng))
        }),
        latex: Some(
            r"\ell = \frac{1}{4 C^2} \sum_{j, k} (G_{jk} - A_{jk})^2, \quad G = \tfrac{1}{N} F_x F_x^\top, \quad A = \tfrac{1}{N} F_y F_y^\top",
        ),
        ..Entry::of(include_str!("gram_matrix.rs"))
    },
    Entry {
        name: "psnr",
        rows: &["PSNR loss"],
        tier: 2,
        aliases: &[("Kornia", "psnr_loss"), ("Kornia", "PSNRLoss"), ("torchmetrics", "peak_signal_noise_ratio")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("max_value", 1.0).above(0.0), number("ceiling", 200.0)],
        output: "[batch]",
        compute: |given| {
            let (prediction, target) = both(given);
            let options = PsnrOptions { max_value: given.number("max_value"), ceiling: given.number("ceiling") };
            psnr(prediction, target, options)
        },
        ..Entry::of(include_str!("psnr.rs"))
    },
    Entry {
        name: "ssim",
        rows: &["SSIM"],
        tier: 2,
        aliases: &[
            ("Kornia", "ssim_loss"),
            ("Kornia", "SSIMLoss"),
            ("torchmetrics", "structural_similarity_index_measure"),
        ],
        inputs: &[PREDICTION, TARGET],
        parameters: SSIM_PARAMETERS,
        output: "[batch, channels, height, width]",
        compute: |given| {
            let (prediction, target) = both(given);
            ssim(prediction, target, ssim_options(given))
        },
        draw: Some(|seed| similar(&[1, 2, 3, 4], seed).number("window_size", 3.0)),
        latex: Some(
            r"\ell = \frac{1}{2} \left(1 - \frac{(2 \mu_x \mu_y + C_1)(2 \sigma_{xy} + C_2)}{(\mu_x^2 + \mu_y^2 + C_1)(\sigma_x^2 + \sigma_y^2 + C_2)}\right)",
        ),
        ..Entry::of(include_str!("ssim.rs"))
    },
    Entry {
        name: "ssim_3d",
        rows: &["SSIM-3D"],
        tier: 2,
        aliases: &[("Kornia", "ssim3d_loss"), ("Kornia", "SSIM3DLoss")],
        inputs: &[real("prediction", VOLUME), real("target", VOLUME)],
        parameters: SSIM_PARAMETERS,
        output: "[batch, channels, depth, height, width]",
        compute: |given| {
            let (prediction, target) = both(given);
            ssim_3d(prediction, target, ssim_options(given))
        },
        draw: Some(|seed| similar(&[1, 1, 2, 3, 3], seed).number("window_size", 3.0)),
        latex: Some(
            r"\ell = \frac{1}{2} \left(1 - \frac{(2 \mu_x \mu_y + C_1)(2 \sigma_{xy} + C_2)}{(\mu_x^2 + \mu_y^2 + C_1)(\sigma_x^2 + \sigma_y^2 + C_2)}\right)",
        ),
        ..Entry::of(include_str!("ssim.rs"))
    },
    Entry {
        name: "ms_ssim",
        rows: &["MS-SSIM (+L1)"],
        tier: 2,
        aliases: &[("torchmetrics", "multiscale_structural_similarity_index_measure"), ("usual", "MS-SSIM")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[
            numbers("weights", &[0.0448, 0.2856, 0.3001, 0.2363, 0.1333]),
            integer("window_size", 11, 1),
            number("sigma", 1.5).above(0.0),
            number("max_value", 1.0).above(0.0),
            number("k1", 0.01).at_least(0.0),
            number("k2", 0.03).at_least(0.0),
        ],
        output: "[batch]",
        compute: |given| {
            let (prediction, target) = both(given);
            let options = MsSsimOptions {
                weights: given.numbers("weights").to_vec(),
                window_size: given.integer("window_size"),
                sigma: given.number("sigma"),
                max_value: given.number("max_value"),
                k1: given.number("k1"),
                k2: given.number("k2"),
            };
            ms_ssim(prediction, target, &options)
        },
        draw: Some(|seed| {
            let weights = Value::Numbers(vec![0.4, 0.6]);
            similar(&[1, 1, 6, 7], seed).number("window_size", 3.0).value("weights", weights)
        }),
        latex: Some(r"\ell = 1 - (l_S c_S)^{w_S} \prod_{s < S} c_s^{w_s}"),
        ..Entry::of(include_str!("ms_ssim.rs"))
    },
    Entry {
        name: "ms_ssim_l1",
        rows: &["MS-SSIM (+L1)"],
        tier: 2,
        aliases: &[("Kornia", "MS_SSIMLoss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[
            numbers("sigmas", &[0.5, 1.0, 2.0, 4.0, 8.0]),
            number("max_value", 1.0).above(0.0),
            number("k1", 0.01).at_least(0.0),
            number("k2", 0.03).at_least(0.0),
            number("alpha", 0.025).at_least(0.0).at_most(1.0),
            number("compensation", 200.0),
        ],
        output: "[batch, height, width]",
        compute: |given| {
            let (prediction, target) = both(given);
            let options = MsSsimL1Options {
                sigmas: given.numbers("sigmas").to_vec(),
                max_value: given.number("max_value"),
                k1: given.number("k1"),
                k2: given.number("k2"),
                alpha: given.number("alpha"),
                compensation: given.number("compensation"),
            };
            ms_ssim_l1(prediction, target, &options)
        },
        draw: Some(|seed| similar(&[1, 2, 3, 3], seed).value("sigmas", Value::Numbers(vec![0.5, 1.0]))),
        latex: Some(
            r"\ell = \kappa \left(\alpha \left(1 - l_S \prod_s c_s\right) + (1 - \alpha) \frac{G_{\sigma_S} * \lvert x - y \rvert}{L}\right)",
        ),
        ..Entry::of(include_str!("ms_ssim.rs"))
    },
    Entry {
        name: "total_variation",
        rows: &["Total variation"],
        tier: 2,
        aliases: &[("Kornia", "TotalVariation")],
        inputs: &[real("image", "[…, height, width]")],
        output: "[…]",
        compute: |given| total_variation(given.tensor("image")),
        draw: Some(|seed| Arguments::new().tensor("image", spread(&[2, 3, 4], 0.0, &mut Rng::seed(seed)))),
        ..Entry::of(include_str!("total_variation.rs"))
    },
    Entry {
        name: "total_variation_isotropic",
        rows: &["Total variation"],
        tier: 2,
        aliases: &[("usual", "isotropic TV")],
        inputs: &[real("image", "[…, height, width]")],
        output: "[…]",
        compute: |given| total_variation_isotropic(given.tensor("image")),
        draw: Some(|seed| Arguments::new().tensor("image", spread(&[2, 3, 4], 0.0, &mut Rng::seed(seed)))),
        ..Entry::of(include_str!("total_variation.rs"))
    },
    Entry {
        name: "inverse_depth_smoothness",
        rows: &["Inverse-depth smoothness (edge-aware)"],
        tier: 2,
        aliases: &[("Kornia", "inverse_depth_smoothness_loss"), ("Kornia", "InverseDepthSmoothnessLoss")],
        inputs: &[real("inverse_depth", "[batch, maps, height, width]"), real("image", PICTURE)],
        output: "[batch]",
        compute: |given| inverse_depth_smoothness(given.tensor("inverse_depth"), given.tensor("image")),
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            Arguments::new()
                .tensor("inverse_depth", spread(&[2, 1, 3, 4], 0.0, &mut rng))
                .tensor("image", spread(&[2, 2, 3, 4], 0.0, &mut rng))
        }),
        latex: Some(
            r"\ell = \frac{1}{N_x} \sum \lvert \partial_x d \rvert e^{-\lVert \partial_x I \rVert} + \frac{1}{N_y} \sum \lvert \partial_y d \rvert e^{-\lVert \partial_y I \rVert}",
        ),
        ..Entry::of(include_str!("inverse_depth_smoothness.rs"))
    },
    Entry {
        name: "lpips",
        rows: &["LPIPS / DISTS"],
        tier: 3,
        aliases: &[("torchmetrics", "learned_perceptual_image_patch_similarity"), ("usual", "LPIPS")],
        inputs: &[PREDICTION, TARGET, non_negative("weights", "[channels]")],
        output: "[batch]",
        compute: |given| {
            let (prediction, target) = both(given);
            let [prediction, target] = [prediction, target].map(std::slice::from_ref);
            lpips(prediction, target, std::slice::from_ref(given.tensor("weights")))
        },
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            Arguments::new()
                .tensor("prediction", spread(&[2, 3, 1, 2], -1.1, &mut rng))
                .tensor("target", spread(&[2, 3, 1, 2], -0.9, &mut rng))
                .tensor("weights", spread(&[3], 0.1, &mut rng))
        }),
        latex: Some(
            r"\ell = \sum_l \frac{1}{H_l W_l} \sum_{h, w} \lVert \sqrt{w_l} \odot (\hat{\phi}_l(x)_{hw} - \hat{\phi}_l(y)_{hw}) \rVert^2",
        ),
        ..Entry::of(include_str!("perceptual.rs"))
    },
    Entry {
        name: "contextual",
        rows: &["Contextual (CX) loss"],
        tier: 3,
        aliases: &[("usual", "ContextualLoss")],
        inputs: &[real("prediction", "[batch, points, dimensions]"), real("target", "[batch, others, dimensions]")],
        parameters: &[number("bandwidth", 0.5).above(0.0), number("epsilon", 1e-5).above(0.0)],
        output: "[batch]",
        compute: |given| {
            let (prediction, target) = both(given);
            let options = ContextualOptions { bandwidth: given.number("bandwidth"), epsilon: given.number("epsilon") };
            contextual(prediction, target, options)
        },
        draw: Some(at_angles),
        ..Entry::of(include_str!("contextual.rs"))
    },
    Entry {
        name: "patch_nce",
        rows: &["PatchNCE (CUT)"],
        tier: 3,
        aliases: &[("CUT", "PatchNCELoss")],
        inputs: &[
            real("queries", "[batch, patches, dimensions]"),
            real("keys", "[batch, patches, dimensions]").fixed(),
        ],
        parameters: &[number("temperature", 0.07).above(0.0)],
        output: "[batch, patches]",
        compute: |given| patch_nce(given.tensor("queries"), given.tensor("keys"), given.number("temperature")),
        ..Entry::of(include_str!("patch_nce.rs"))
    },
    Entry {
        name: "gradient_difference",
        rows: &["Gradient-difference / edge / Sobel / Laplacian pyramid"],
        tier: 3,
        aliases: &[("usual", "GDL")],
        inputs: &[real("prediction", "[…, height, width]"), real("target", "[…, height, width]")],
        parameters: &[number("alpha", 1.0).at_least(1.0)],
        output: "[…]",
        compute: |given| {
            let (prediction, target) = both(given);
            gradient_difference(prediction, target, given.number("alpha"))
        },
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            // Neighbours of the prediction are multiples of 0.2 apart, those of the target halfway between.
            let checkers = (0..24).map(|n| 0.1 * ((n + n / 4) % 2) as f64).collect::<Vec<f64>>();
            let target = spread(&[2, 3, 4], 0.0, &mut rng) + Tensor::from_vec(checkers, [2, 3, 4]);
            Arguments::new()
                .tensor("prediction", spread(&[2, 3, 4], 0.0, &mut rng))
                .tensor("target", target.computed().detach())
                .number("alpha", 2.0)
        }),
        ..Entry::of(include_str!("edges.rs"))
    },
    Entry {
        name: "laplacian_pyramid",
        rows: &["Gradient-difference / edge / Sobel / Laplacian pyramid"],
        tier: 3,
        aliases: &[("usual", "LapLoss")],
        inputs: &[real("prediction", "[…, height, width]"), real("target", "[…, height, width]")],
        parameters: &[integer("levels", 3, 0)],
        output: "[…]",
        compute: |given| {
            let (prediction, target) = both(given);
            laplacian_pyramid(prediction, target, given.integer("levels"))
        },
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            Arguments::new()
                .tensor("prediction", spread(&[1, 3, 5], 7.0, &mut rng))
                .tensor("target", spread(&[1, 3, 5], 0.0, &mut rng))
                .number("levels", 1.0)
        }),
        latex: Some(
            r"\ell = \sum_{s < S} 4^s \lVert L_s(x) - L_s(y) \rVert_1 + 4^S \lVert G_S(x) - G_S(y) \rVert_1, \quad L_s = G_s - b * G_s",
        ),
        ..Entry::of(include_str!("edges.rs"))
    },
    Entry {
        name: "focal_frequency",
        rows: &["Focal frequency loss, FFT L1"],
        tier: 3,
        aliases: &[("usual", "FocalFrequencyLoss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("alpha", 1.0).at_least(0.0)],
        output: "[batch, channels, height, width]",
        compute: |given| {
            let (prediction, target) = both(given);
            focal_frequency(prediction, target, given.number("alpha"))
        },
        latex: Some(
            r"\ell = w \lvert F \rvert^2, \quad F = \frac{\operatorname{DFT}(x - y)}{\sqrt{H W}}, \quad w = \left(\frac{\lvert F \rvert}{\max \lvert F \rvert}\right)^\alpha",
        ),
        ..Entry::of(include_str!("focal_frequency.rs"))
    },
    Entry {
        name: "chamfer",
        rows: &["Chamfer distance"],
        tier: 3,
        aliases: &[("PyTorch3D", "chamfer_distance")],
        inputs: &[real("prediction", "[batch, points, dimensions]"), real("target", "[batch, others, dimensions]")],
        output: "[batch]",
        compute: |given| {
            let (prediction, target) = both(given);
            chamfer(prediction, target)
        },
        ..Entry::of(include_str!("chamfer.rs"))
    },
    Entry {
        name: "berhu",
        rows: &["BerHu (reverse Huber)"],
        tier: 3,
        aliases: &[("usual", "reverse Huber")],
        inputs: &[real("prediction", "[…]"), real("target", "[…]")],
        parameters: &[number("fraction", 0.2).above(0.0)],
        output: "[…]",
        compute: |given| {
            let (prediction, target) = both(given);
            berhu(prediction, target, given.number("fraction"))
        },
        latex: Some(
            r"\ell = \begin{cases} \lvert r \rvert & \lvert r \rvert \le c \\ \frac{r^2 + c^2}{2 c} & \text{else} \end{cases}, \quad c = \beta \max_i \lvert r_i \rvert",
        ),
        ..Entry::of(include_str!("berhu.rs"))
    },
    Entry {
        name: "mutual_information",
        rows: &["Mutual information / normalised MI (image registration)"],
        tier: 2,
        aliases: &[("Kornia", "mutual_information_loss"), ("Kornia", "MILossFromRef")],
        inputs: &[real("prediction", "[…, samples]"), real("target", "[…, samples]")],
        parameters: HISTOGRAM_PARAMETERS,
        output: "[…]",
        compute: |given| {
            let (prediction, target) = both(given);
            mutual_information(prediction, target, histogram_options(given))
        },
        draw: Some(binned),
        latex: Some(r"\ell = H(x, y) - H(x) - H(y), \quad p_{ij} \propto \sum_n k(i - x_n) k(j - y_n)"),
        ..Entry::of(include_str!("mutual_information.rs"))
    },
    Entry {
        name: "normalised_mutual_information",
        rows: &["Mutual information / normalised MI (image registration)"],
        tier: 2,
        aliases: &[("Kornia", "normalized_mutual_information_loss"), ("Kornia", "NMILossFromRef")],
        inputs: &[real("prediction", "[…, samples]"), real("target", "[…, samples]")],
        parameters: HISTOGRAM_PARAMETERS,
        output: "[…]",
        compute: |given| {
            let (prediction, target) = both(given);
            normalised_mutual_information(prediction, target, histogram_options(given))
        },
        draw: Some(binned),
        latex: Some(r"\ell = -\frac{H(x) + H(y)}{H(x, y)}, \quad p_{ij} \propto \sum_n k(i - x_n) k(j - y_n)"),
        ..Entry::of(include_str!("mutual_information.rs"))
    },
    Entry {
        name: "distortion",
        rows: &["Distortion loss (mip-NeRF 360)"],
        tier: 3,
        aliases: &[("usual", "distortion_loss"), ("multinerf", "lossfun_distortion")],
        inputs: &[non_negative("weights", "[rays, bins]"), real("edges", "[rays, bins + 1]")],
        output: "[rays]",
        compute: |given| distortion(given.tensor("weights"), given.tensor("edges")),
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            let mut positive = |shape: [usize; 2]| {
                let count = shape[0] * shape[1];
                Tensor::from_vec((0..count).map(|_| 0.1 + rng.uniform()).collect::<Vec<f64>>(), shape)
            };
            let (weights, widths) = (positive([3, 4]), positive([3, 5]));
            Arguments::new().tensor("weights", weights).tensor("edges", widths.cumulative_sum(1).computed().detach())
        }),
        ..Entry::of(include_str!("distortion.rs"))
    },
    Entry {
        name: "angular_error",
        rows: &["Colour: deltaE, angular error"],
        tier: 3,
        aliases: &[("usual", "recovery angular error")],
        inputs: &[real("prediction", "[…, 3]"), real("target", "[…, 3]")],
        output: "[…]",
        compute: |given| {
            let (prediction, target) = both(given);
            angular_error(prediction, target)
        },
        ..Entry::of(include_str!("angular_error.rs"))
    },
];
