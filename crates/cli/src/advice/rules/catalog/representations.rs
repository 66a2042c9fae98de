//! Rules of embeddings and of generative models, which the program explains and does not train.

use super::{RuleText, Scope::Beyond};
use crate::advice::document::Severity;

pub(super) const RULES: &[RuleText] = &[
    RuleText {
        code: "MIN210",
        title: "embeddings: begin with a classifier of normalised vectors",
        severity: Severity::Note,
        applies_to: Beyond("embeddings for classes that training has not seen"),
        trigger: "Items are to be compared by the distance of their embeddings, and the classes of the test are not \
                  those of training.",
        recommend: "Begin with normalised softmax or Proxy Anchor. Losses of pairs and triplets only under the same \
                    protocol: the same network, the same batch size, the same effort of tuning.",
        why: "Where earlier comparisons were made equal, most of the progress reported for metric losses vanished. \
              Proxies need no mining of pairs and are stable to train.",
        when_not: "With a few samples for each of very many classes there is no proxy worth learning: use batches made \
                   of whole classes with a triplet or supervised contrastive loss.",
        experiment: "Compare by MAP@R over at least four seeds, all losses tuned alike. Expect small differences.",
        command: None,
        losses: &["normalised_softmax", "proxy_anchor", "triplet_margin", "supcon", "multi_similarity"],
        references: &[
            "Musgrave, Belongie & Lim 2020: A metric learning reality check",
            "Boudiaf et al. 2020: A unifying mutual information view of metric learning: cross-entropy vs. pairwise losses",
            "Wang & Isola 2020: Understanding contrastive representation learning through alignment and uniformity on \
             the hypersphere",
        ],
    },
    RuleText {
        code: "MIN220",
        title: "an autoencoder that ignores its code",
        severity: Severity::Warning,
        applies_to: Beyond("variational autoencoders"),
        trigger: "Fewer eigenvalues of the data's covariance exceed the decoder's variance than the code has units. A \
                  squared error averaged over D pixels, beside a KL term that is summed, means a variance of D / 2.",
        recommend: "Sum the squared error over the pixels, or learn the decoder's variance. Then a beta below 1; free \
                    bits last.",
        why: "A unit of the code is worth its KL cost only if it explains more variance than the decoder takes for \
              noise. Averaging over pixels instead of summing declares nearly everything noise, and the code \
              collapses: no matter of optimisation, but the best answer to the loss as it was written.",
        when_not: "A powerful decoder of discrete data (text) ignores its code for another reason: let the weight of \
                   the KL term grow slowly.",
        experiment: "Count the units whose KL term is above 0.01 and compare with the number of eigenvalues above the \
                     variance.",
        command: None,
        losses: &["negative_elbo", "beta_vae", "free_bits_elbo", "gaussian_nll_log_variance"],
        references: &[
            "Lucas, Tucker, Grosse & Norouzi 2019: Don't blame the ELBO! A linear VAE perspective on posterior collapse",
            "Rybkin, Daniilidis & Levine 2021: Simple and effective VAE training with calibrated decoders",
            "arXiv 2510.01621: Posterior collapse as a phase transition in variational autoencoders",
            "Bowman et al. 2016: Generating sentences from a continuous space",
        ],
    },
    RuleText {
        code: "MIN230",
        title: "pictures: sharp or accurate, not both",
        severity: Severity::Advice,
        applies_to: Beyond("pictures made from an input that leaves several answers open"),
        trigger: "Inputs that are alike have outputs that differ by far more than noise, and the mean of those outputs \
                  is clearly less sharp than each of them.",
        recommend: "Decide what the picture is for. To be looked at: a perceptual or an adversarial loss. To be \
                    measured, or judged by PSNR: squared error, and accept the blur.",
        why: "Squared error predicts the mean of all plausible pictures, and a mean of sharp pictures is blurred. A \
              picture that looks real has to commit to one answer, and is then further from the truth on average. It \
              is a law, not a weakness of a loss.",
        when_not: "Where somebody measures in the picture, as in medicine, details that were made up are worse than \
                   blur.",
        experiment: "Take the mean of the outputs of similar inputs and the output of a single one: compare their \
                     sharpness and their squared error.",
        command: None,
        losses: &["squared_error", "perceptual", "lpips", "non_saturating_generator", "gradient_difference"],
        references: &[
            "Blau & Michaeli 2018: The perception-distortion tradeoff",
            "Johnson, Alahi & Fei-Fei 2016: Perceptual losses for real-time style transfer and super-resolution",
            "Mathieu, Couprie & LeCun 2016: Deep multi-scale video prediction beyond mean square error",
        ],
    },
];
