//! Models that make things.

use super::{Choice, Fork, Topic};

pub(super) const TOPIC: Topic = Topic {
    name: "generative",
    about: "pictures, sounds and texts that are made",
    opening: "Where an input leaves several answers open, squared error predicts their mean, and a mean of sharp pictures \
              is blurred. Closeness to the truth and a natural look cannot both be had: the use decides.",
    questions: &[
        Fork {
            question: "What is the result for?",
            choices: &[
                Choice {
                    answer: "to be measured, or judged by PSNR",
                    advice: "squared or absolute error, and accept the blur",
                    losses: &["squared_error", "absolute_error", "charbonnier", "ms_ssim_l1"],
                    reason: "The mean is closest to the truth on average, and nothing in it is made up.",
                    against: "It looks less real than any of the answers.",
                    experiment: "Compare the sharpness of the output with that of the truth: below it, answers were \
                                 averaged.",
                    command: None,
                    rules: &["MIN230"],
                },
                Choice {
                    answer: "to be looked at",
                    advice: "a perceptual loss, an adversary, diffusion or flow matching",
                    losses: &[
                        "perceptual",
                        "lpips",
                        "non_saturating_generator",
                        "denoising_score_matching",
                        "flow_matching",
                    ],
                    reason: "They reward an answer that looks like the others instead of the mean of all.",
                    against: "Details are made up. Where somebody measures in the picture, that is worse than blur.",
                    experiment: "Show people pairs; and look at how much the squared error grew for it.",
                    command: None,
                    rules: &["MIN230"],
                },
                Choice {
                    answer: "for its probability: compression, finding what is odd",
                    advice: "a likelihood, or its bound (ELBO)",
                    losses: &["negative_elbo", "importance_weighted_elbo", "discretised_logistic_mixture_nll"],
                    reason: "Only a likelihood can be compared between models, in bits.",
                    against: "A good likelihood and good samples are different things: either can come without the other.",
                    experiment: "Compare bits on data that were kept back.",
                    command: None,
                    rules: &[],
                },
                Choice {
                    answer: "for the code: a description in few numbers",
                    advice: "a variational autoencoder, its variance learnt",
                    losses: &["negative_elbo", "gaussian_nll_log_variance", "beta_vae", "vector_quantisation"],
                    reason: "The weight between closeness and code is the decoder's variance: learnt, it needs no tuning.",
                    against: "A beta above 1 gives a plainer code and a blurred result.",
                    experiment: "Predict something else from the code, with a linear model.",
                    command: None,
                    rules: &["MIN220"],
                },
            ],
        },
        Fork {
            question: "What goes wrong?",
            choices: &[
                Choice {
                    answer: "the autoencoder ignores its code: the KL term is 0",
                    advice: "sum over pixels or learn the variance, then beta",
                    losses: &["negative_elbo", "beta_vae", "free_bits_elbo"],
                    reason: "Averaging the squared error over pixels beside a summed KL term declares nearly everything \
                             noise: an empty code is then the best answer.",
                    against: "A powerful decoder of text ignores its code for another reason: let the weight of the KL \
                              term grow slowly.",
                    experiment: "Count the eigenvalues of the data's covariance above the variance: so many units can be \
                                 active.",
                    command: None,
                    rules: &["MIN220"],
                },
                Choice {
                    answer: "adversarial training swings or collapses",
                    advice: "a penalty on the discriminator's gradient",
                    losses: &["r1_penalty", "gradient_penalty", "hinge_discriminator", "wasserstein_critic"],
                    reason: "It keeps the discriminator smooth, so that the generator gets a slope to follow.",
                    against: "It costs a second derivative in each step.",
                    experiment: "Train twice the time with and without: the penalty must not only delay.",
                    command: None,
                    rules: &[],
                },
            ],
        },
    ],
    next: None,
};
