//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const PREDICTION: Input = real("prediction", "[…]");
const TARGET: Input = real("target", "[…]");

/// An estimate of a statistic of the target by the prediction itself.
const fn estimates(statistic: Statistic) -> Option<Estimate> {
    Some(Estimate { statistic, target: "target", prediction: "prediction", link: Link::Identity })
}

/// An input, its shape, and its numbers as a function of normal ones.
type Drawn<'a> = (&'a str, &'a [usize], fn(f64) -> f64);

/// Functions of normal numbers, away from where a difference quotient is too coarse for the loss.
fn drawn(seed: u64, inputs: &[Drawn]) -> Arguments {
    let mut rng = Rng::seed(seed);
    inputs.iter().fold(Arguments::new(), |arguments, &(name, shape, of)| {
        let numbers = (0..shape.iter().product()).map(|_| of(rng.normal())).collect::<Vec<f64>>();
        arguments.tensor(name, Tensor::from_vec(numbers, shape))
    })
}

/// Beyond ±2.
fn outside(x: f64) -> f64 {
    x.signum() * (2.0 + x.abs())
}

/// Within ±1.5, but not near 0.
fn inside(x: f64) -> f64 {
    x.signum() * (0.5 + x.abs().tanh())
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "squared_error",
        rows: &["MSE / L2 (squared error; optax l2_loss = half of it)"],
        tier: 1,
        aliases: &[
            ("PyTorch", "mse_loss"),
            ("PyTorch", "MSELoss"),
            ("Keras", "MeanSquaredError"),
            ("Keras", "mean_squared_error"),
            ("Optax", "l2_loss"),
        ],
        inputs: &[PREDICTION, TARGET],
        output: "[…]",
        estimates: estimates(Statistic::Mean),
        compute: |given| squared_error(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("squared_error.rs"))
    },
    Entry {
        name: "absolute_error",
        rows: &["MAE / L1"],
        tier: 1,
        aliases: &[
            ("PyTorch", "l1_loss"),
            ("PyTorch", "L1Loss"),
            ("Keras", "MeanAbsoluteError"),
            ("Keras", "mean_absolute_error"),
        ],
        inputs: &[PREDICTION, TARGET],
        output: "[…]",
        estimates: estimates(Statistic::Median),
        compute: |given| absolute_error(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("absolute_error.rs"))
    },
    Entry {
        name: "root_mean_squared_error",
        rows: &["RMSE"],
        tier: 2,
        aliases: &[("dfdx", "rmse_loss"), ("usual", "RMSE"), ("Keras", "RootMeanSquaredError")],
        inputs: &[real("prediction", "[…, n]"), real("target", "[…, n]")],
        output: "[…]",
        compute: |given| root_mean_squared_error(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("root_mean_squared_error.rs"))
    },
    Entry {
        name: "lp",
        rows: &["Lp loss"],
        tier: 2,
        aliases: &[("Burn", "LpLoss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("exponent", 1.5).above(0.0)],
        output: "[…]",
        compute: |given| lp(given.tensor("prediction"), given.tensor("target"), given.number("exponent")),
        ..Entry::of(include_str!("lp.rs"))
    },
    Entry {
        name: "huber",
        rows: &["Huber"],
        tier: 1,
        aliases: &[("PyTorch", "HuberLoss"), ("Optax", "huber_loss"), ("Keras", "Huber")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("delta", 1.0).above(0.0)],
        output: "[…]",
        compute: |given| huber(given.tensor("prediction"), given.tensor("target"), given.number("delta")),
        ..Entry::of(include_str!("huber.rs"))
    },
    Entry {
        name: "smooth_l1",
        rows: &["Smooth L1"],
        tier: 1,
        aliases: &[("PyTorch", "smooth_l1_loss"), ("PyTorch", "SmoothL1Loss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("beta", 1.0).at_least(0.0)],
        output: "[…]",
        compute: |given| smooth_l1(given.tensor("prediction"), given.tensor("target"), given.number("beta")),
        ..Entry::of(include_str!("huber.rs"))
    },
    Entry {
        name: "log_cosh",
        rows: &["Log-cosh"],
        tier: 2,
        aliases: &[("Keras", "LogCosh"), ("MLX", "log_cosh_loss")],
        inputs: &[PREDICTION, TARGET],
        output: "[…]",
        compute: |given| log_cosh(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("log_cosh.rs"))
    },
    Entry {
        name: "charbonnier",
        rows: &["Charbonnier / pseudo-Huber"],
        tier: 2,
        aliases: &[("Kornia", "charbonnier_loss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("epsilon", 1e-3).above(0.0)],
        output: "[…]",
        compute: |given| charbonnier(given.tensor("prediction"), given.tensor("target"), given.number("epsilon")),
        draw: Some(|seed| drawn(seed, &[("prediction", &[6], outside), ("target", &[6], inside)])),
        ..Entry::of(include_str!("charbonnier.rs"))
    },
    Entry {
        name: "pseudo_huber",
        rows: &["Charbonnier / pseudo-Huber"],
        tier: 2,
        aliases: &[("XGBoost", "pseudohubererror"), ("usual", "PseudoHuberLoss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("delta", 1.0).above(0.0)],
        output: "[…]",
        compute: |given| pseudo_huber(given.tensor("prediction"), given.tensor("target"), given.number("delta")),
        ..Entry::of(include_str!("charbonnier.rs"))
    },
    Entry {
        name: "cauchy",
        rows: &["Cauchy / Lorentzian"],
        tier: 2,
        aliases: &[("Kornia", "cauchy_loss"), ("usual", "Lorentzian")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("scale", 1.0).above(0.0)],
        output: "[…]",
        compute: |given| cauchy(given.tensor("prediction"), given.tensor("target"), given.number("scale")),
        ..Entry::of(include_str!("redescending.rs"))
    },
    Entry {
        name: "geman_mcclure",
        rows: &["Geman-McClure"],
        tier: 2,
        aliases: &[("Kornia", "geman_mcclure_loss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("scale", 1.0).above(0.0)],
        output: "[…]",
        compute: |given| geman_mcclure(given.tensor("prediction"), given.tensor("target"), given.number("scale")),
        ..Entry::of(include_str!("redescending.rs"))
    },
    Entry {
        name: "welsch",
        rows: &["Welsch / Leclerc"],
        tier: 2,
        aliases: &[("Kornia", "welsch_loss"), ("usual", "leclerc"), ("usual", "correntropy")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("scale", 1.0).above(0.0)],
        output: "[…]",
        compute: |given| welsch(given.tensor("prediction"), given.tensor("target"), given.number("scale")),
        ..Entry::of(include_str!("redescending.rs"))
    },
    Entry {
        name: "tukey_biweight",
        rows: &["Tukey biweight"],
        tier: 3,
        aliases: &[("usual", "bisquare"), ("usual", "TukeyBiweight")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("scale", 4.685).above(0.0)],
        output: "[…]",
        compute: |given| tukey_biweight(given.tensor("prediction"), given.tensor("target"), given.number("scale")),
        ..Entry::of(include_str!("redescending.rs"))
    },
    Entry {
        name: "general_robust",
        rows: &["Barron general robust"],
        tier: 3,
        aliases: &[("Barron's code", "lossfun"), ("Barron's code", "AdaptiveLossFunction")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[
            number("alpha", 1.0).at_least(f64::NEG_INFINITY).below(f64::INFINITY),
            number("scale", 1.0).above(0.0),
        ],
        output: "[…]",
        compute: |given| {
            let options = GeneralRobustOptions { alpha: given.number("alpha"), scale: given.number("scale") };
            general_robust(given.tensor("prediction"), given.tensor("target"), options)
        },
        ..Entry::of(include_str!("general_robust.rs"))
    },
    Entry {
        name: "wing",
        rows: &["Wing loss"],
        tier: 2,
        aliases: &[("segmentation_models_pytorch", "wing_loss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("width", 5.0).above(0.0), number("curvature", 0.5).above(0.0)],
        output: "[…]",
        compute: |given| {
            let options = WingOptions { width: given.number("width"), curvature: given.number("curvature") };
            wing(given.tensor("prediction"), given.tensor("target"), options)
        },
        ..Entry::of(include_str!("wing.rs"))
    },
    Entry {
        name: "adaptive_wing",
        rows: &["Adaptive Wing (AWing)"],
        tier: 3,
        aliases: &[("usual", "AWing"), ("usual", "adaptive_wing_loss")],
        inputs: &[PREDICTION, unit("target", "[…]")],
        parameters: &[
            number("omega", 14.0).above(0.0),
            number("theta", 0.5).above(0.0),
            number("epsilon", 1.0).above(0.0),
            number("alpha", 2.1).above(1.0),
        ],
        output: "[…]",
        compute: |given| {
            let options = AdaptiveWingOptions {
                omega: given.number("omega"),
                theta: given.number("theta"),
                epsilon: given.number("epsilon"),
                alpha: given.number("alpha"),
            };
            adaptive_wing(given.tensor("prediction"), given.tensor("target"), options)
        },
        ..Entry::of(include_str!("wing.rs"))
    },
    Entry {
        name: "quantile",
        rows: &["Quantile (pinball)"],
        tier: 3,
        aliases: &[("scikit-learn", "pinball_loss"), ("usual", "pinball"), ("usual", "quantile_loss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("tau", 0.5).above(0.0).below(1.0)],
        output: "[…]",
        estimates: estimates(Statistic::Quantile("tau")),
        compute: |given| quantile(given.tensor("prediction"), given.tensor("target"), given.number("tau")),
        ..Entry::of(include_str!("quantile.rs"))
    },
    Entry {
        name: "quantiles",
        rows: &["Quantile (pinball)"],
        tier: 3,
        aliases: &[("scikit-learn", "pinball_loss"), ("usual", "quantile_loss")],
        inputs: &[real("prediction", "[…, quantiles]"), TARGET],
        parameters: &[numbers("taus", &[0.1, 0.5, 0.9])],
        output: "[…, quantiles]",
        compute: |given| quantiles(given.tensor("prediction"), given.tensor("target"), given.numbers("taus")),
        draw: Some(|seed| drawn(seed, &[("prediction", &[6, 3], |x| x), ("target", &[6], |x| x)])),
        ..Entry::of(include_str!("quantile.rs"))
    },
    Entry {
        name: "huberised_quantile",
        rows: &["Smooth / Huberised quantile (QR-DQN)"],
        tier: 3,
        aliases: &[("Dopamine", "quantile_huber_loss"), ("usual", "QuantileHuberLoss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("tau", 0.5).above(0.0).below(1.0), number("kappa", 1.0).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            huberised_quantile(
                given.tensor("prediction"),
                given.tensor("target"),
                given.number("tau"),
                given.number("kappa"),
            )
        },
        ..Entry::of(include_str!("asymmetric.rs"))
    },
    Entry {
        name: "expectile",
        rows: &["Expectile"],
        tier: 3,
        aliases: &[("usual", "asymmetric_least_squares")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("tau", 0.5).above(0.0).below(1.0)],
        output: "[…]",
        estimates: estimates(Statistic::Expectile("tau")),
        compute: |given| expectile(given.tensor("prediction"), given.tensor("target"), given.number("tau")),
        ..Entry::of(include_str!("asymmetric.rs"))
    },
    Entry {
        name: "epsilon_insensitive",
        rows: &["Epsilon-insensitive (SVR)"],
        tier: 3,
        aliases: &[("scikit-learn", "SVR"), ("scikit-learn", "EpsilonInsensitive")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("epsilon", 0.1).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            epsilon_insensitive(given.tensor("prediction"), given.tensor("target"), given.number("epsilon"))
        },
        ..Entry::of(include_str!("epsilon_insensitive.rs"))
    },
    Entry {
        name: "squared_epsilon_insensitive",
        rows: &["Epsilon-insensitive (SVR)"],
        tier: 3,
        aliases: &[("scikit-learn", "LinearSVR")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("epsilon", 0.1).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            squared_epsilon_insensitive(given.tensor("prediction"), given.tensor("target"), given.number("epsilon"))
        },
        ..Entry::of(include_str!("epsilon_insensitive.rs"))
    },
    Entry {
        name: "absolute_percentage_error",
        rows: &["MAPE"],
        tier: 2,
        aliases: &[
            ("Keras", "MeanAbsolutePercentageError"),
            ("Keras", "mean_absolute_percentage_error"),
            ("usual", "MAPE"),
        ],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("epsilon", 1e-7).above(0.0)],
        output: "[…]",
        estimates: estimates(Statistic::MedianOverSize),
        compute: |given| {
            absolute_percentage_error(given.tensor("prediction"), given.tensor("target"), given.number("epsilon"))
        },
        ..Entry::of(include_str!("percentage.rs"))
    },
    Entry {
        name: "symmetric_absolute_percentage_error",
        rows: &["sMAPE / WMAPE / MASE"],
        tier: 3,
        aliases: &[("torchmetrics", "SymmetricMeanAbsolutePercentageError"), ("usual", "SMAPE")],
        inputs: &[PREDICTION, TARGET],
        output: "[…]",
        compute: |given| symmetric_absolute_percentage_error(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("percentage.rs"))
    },
    Entry {
        name: "weighted_absolute_percentage_error",
        rows: &["sMAPE / WMAPE / MASE"],
        tier: 3,
        aliases: &[("torchmetrics", "WeightedMeanAbsolutePercentageError"), ("usual", "WMAPE"), ("usual", "WAPE")],
        inputs: &[real("prediction", "[…, time]"), real("target", "[…, time]")],
        output: "[…]",
        compute: |given| weighted_absolute_percentage_error(given.tensor("prediction"), given.tensor("target")),
        draw: Some(|seed| drawn(seed, &[("prediction", &[6, 4], outside), ("target", &[6, 4], inside)])),
        ..Entry::of(include_str!("percentage.rs"))
    },
    Entry {
        name: "absolute_scaled_error",
        rows: &["sMAPE / WMAPE / MASE"],
        tier: 3,
        aliases: &[("usual", "MASE")],
        inputs: &[real("prediction", "[…, horizon]"), real("target", "[…, horizon]"), real("history", "[…, time]")],
        parameters: &[integer("period", 1, 1)],
        output: "[…, horizon]",
        compute: |given| {
            absolute_scaled_error(
                given.tensor("prediction"),
                given.tensor("target"),
                given.tensor("history"),
                given.integer("period"),
            )
        },
        draw: Some(|seed| {
            drawn(
                seed,
                &[("prediction", &[6, 4], outside), ("target", &[6, 4], inside), ("history", &[6, 5], |x| 4.0 * x)],
            )
        }),
        ..Entry::of(include_str!("percentage.rs"))
    },
    Entry {
        name: "squared_logarithmic_error",
        rows: &["MSLE"],
        tier: 2,
        aliases: &[
            ("Keras", "MeanSquaredLogarithmicError"),
            ("scikit-learn", "mean_squared_log_error"),
            ("usual", "MSLE"),
        ],
        inputs: &[above("prediction", "[…]", -1.0), above("target", "[…]", -1.0)],
        output: "[…]",
        estimates: estimates(Statistic::ShiftedGeometricMean),
        compute: |given| squared_logarithmic_error(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("logarithmic.rs"))
    },
    Entry {
        name: "root_mean_squared_logarithmic_error",
        rows: &["RMSLE"],
        tier: 3,
        aliases: &[("usual", "RMSLE"), ("scikit-learn", "root_mean_squared_log_error")],
        inputs: &[above("prediction", "[…, n]", -1.0), above("target", "[…, n]", -1.0)],
        output: "[…]",
        compute: |given| root_mean_squared_logarithmic_error(given.tensor("prediction"), given.tensor("target")),
        draw: Some(|seed| {
            drawn(seed, &[("prediction", &[6, 4], |x| x.exp() - 0.7), ("target", &[6, 4], |x| x.exp() - 0.7)])
        }),
        ..Entry::of(include_str!("logarithmic.rs"))
    },
    Entry {
        name: "scale_invariant_log_error",
        rows: &["Log-MSE / scale-invariant (Eigen) depth"],
        tier: 3,
        aliases: &[("usual", "SILog"), ("usual", "ScaleInvariantLogLoss")],
        inputs: &[
            non_negative("prediction", "[…, pixels]"),
            non_negative("target", "[…, pixels]"),
            mask("mask", "[…, pixels]").optional(),
        ],
        parameters: &[number("lambda", 0.5).at_least(0.0).at_most(1.0)],
        output: "[…]",
        compute: |given| {
            let mask = given.optional("mask");
            scale_invariant_log_error(given.tensor("prediction"), given.tensor("target"), mask, given.number("lambda"))
        },
        draw: Some(|seed| {
            drawn(seed, &[("prediction", &[6, 4], |x| (0.5 * x).exp()), ("target", &[6, 4], |x| (0.5 * x).exp())])
        }),
        ..Entry::of(include_str!("scale_invariant_log_error.rs"))
    },
    Entry {
        name: "tweedie_deviance",
        rows: &["Tweedie deviance"],
        tier: 3,
        aliases: &[("torchmetrics", "TweedieDevianceScore"), ("scikit-learn", "mean_tweedie_deviance")],
        inputs: &[positive("prediction", "[…]"), non_negative("target", "[…]")],
        parameters: &[number("power", 1.5).at_least(0.0)],
        output: "[…]",
        estimates: estimates(Statistic::Mean),
        compute: |given| tweedie_deviance(given.tensor("prediction"), given.tensor("target"), given.number("power")),
        ..Entry::of(include_str!("deviance.rs"))
    },
    Entry {
        name: "tweedie_deviance_log_mean",
        rows: &["Tweedie deviance"],
        tier: 3,
        aliases: &[("XGBoost", "tweedie")],
        inputs: &[PREDICTION, non_negative("target", "[…]")],
        parameters: &[number("power", 1.5).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            tweedie_deviance_log_mean(given.tensor("prediction"), given.tensor("target"), given.number("power"))
        },
        estimates: Some(Estimate {
            statistic: Statistic::Mean,
            target: "target",
            prediction: "prediction",
            link: Link::Exponential,
        }),
        ..Entry::of(include_str!("deviance.rs"))
    },
    Entry {
        name: "gamma_deviance",
        rows: &["Gamma deviance / Gamma NLL"],
        tier: 3,
        aliases: &[("scikit-learn", "mean_gamma_deviance"), ("usual", "itakura_saito")],
        inputs: &[positive("prediction", "[…]"), positive("target", "[…]")],
        output: "[…]",
        estimates: estimates(Statistic::Mean),
        compute: |given| gamma_deviance(given.tensor("prediction"), given.tensor("target")),
        draw: Some(|seed| {
            drawn(seed, &[("prediction", &[6], |x| (0.5 * x).exp()), ("target", &[6], |x| (0.5 * x).exp())])
        }),
        ..Entry::of(include_str!("deviance.rs"))
    },
    Entry {
        name: "inverse_gaussian_deviance",
        rows: &["Inverse-Gaussian deviance"],
        tier: 3,
        aliases: &[("statsmodels", "InverseGaussian")],
        inputs: &[positive("prediction", "[…]"), positive("target", "[…]")],
        output: "[…]",
        estimates: estimates(Statistic::Mean),
        compute: |given| inverse_gaussian_deviance(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("deviance.rs"))
    },
    Entry {
        name: "cosine_distance",
        rows: &["Cosine similarity / cosine distance loss"],
        tier: 1,
        aliases: &[("PyTorch", "cosine_similarity"), ("Keras", "CosineSimilarity"), ("MLX", "cosine_similarity_loss")],
        inputs: &[real("prediction", "[…, dimension]"), real("target", "[…, dimension]")],
        output: "[…]",
        compute: |given| cosine_distance(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("cosine_distance.rs"))
    },
    Entry {
        name: "concordance",
        rows: &["Negative Pearson / concordance (CCC)"],
        tier: 3,
        aliases: &[("usual", "CCC"), ("torchmetrics", "ConcordanceCorrCoef")],
        inputs: &[real("prediction", "[…, time]"), real("target", "[…, time]")],
        output: "[…]",
        compute: |given| concordance(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("agreement.rs"))
    },
    Entry {
        name: "negative_pearson",
        rows: &["Negative Pearson / concordance (CCC)"],
        tier: 3,
        aliases: &[("usual", "NegPearson"), ("torchmetrics", "PearsonCorrCoef")],
        inputs: &[real("prediction", "[…, time]"), real("target", "[…, time]")],
        output: "[…]",
        compute: |given| negative_pearson(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("agreement.rs"))
    },
    Entry {
        name: "coefficient_of_determination",
        rows: &["R2 / NSE loss"],
        tier: 3,
        aliases: &[("torchmetrics", "R2Score"), ("scikit-learn", "r2_score"), ("usual", "NSE")],
        inputs: &[real("prediction", "[…, time]"), real("target", "[…, time]")],
        output: "[…]",
        compute: |given| coefficient_of_determination(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("agreement.rs"))
    },
];
